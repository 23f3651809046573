"""What authorities expect, as it goes over the wire: in as somebody loads it, out with its version and whoever loaded it."""

from datetime import date
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.shown.shapes import CivilDate, Day, In, Line, Moment, Out
from app.db.authority_profiles import Loaded
from app.domain.entries.contributions import ContributionKind
from app.domain.profile import PAPER_TYPES, Expectation, Looks, Mender, PageLimit, Papers, Profile, Quality, Source

MOST_EXPECTATIONS: Final = 100
AN_ORGANISATION: Final = "01932b4e-5f00-7000-8000-0000000000d1"
Id = Annotated[str, StringConstraints(max_length=200), Field(examples=["two-reviewed-cycles"])]
Sentence = Annotated[str, StringConstraints(max_length=300)]
ASKS = "At least two cycles of assess, plan, do and review, each reviewed"
TITLE = "Two reviewed cycles, a costed provision map, attendance and recent advice"
WRITTEN = "How old the source is, as far as it tells."
LEAST = "The least number, inside, of what is counted; of a cost, the pence."


class ExpectationIn(In):
    """One thing that is asked for. What is loaded is always local: nobody can make law of it."""

    id: Id
    asks: Line = Field(examples=[ASKS])
    looks: Looks = Field(description="What it is compared with in a record.", examples=["reviewed_cycles"])
    mender: Mender = Field(description="Who can bring it.", examples=["teacher"])
    local: bool = Field(default=True, description="true, or left out.", examples=[True])
    least: int | None = Field(default=None, description=LEAST, examples=[2])
    months: int | None = Field(default=None, description="The greatest age, inside.", examples=[None])

    def expectation(self) -> Expectation:
        """Give the expectation as the domain has it."""
        return Expectation(
            id=self.id,
            asks=self.asks,
            looks=self.looks,
            mender=self.mender,
            is_local=self.local,
            least=self.least,
            months=self.months,
        )


class SourceIn(In):
    """Where it comes from: what it is, how old, and the day it was last read."""

    title: Line = Field(examples=["Guidance on requests, on the authority's own pages"])
    written: Line = Field(description=WRITTEN, examples=["September 2014"])
    written_on: CivilDate | None = Field(default=None, description="The day, where the source tells it.", examples=["2014-09-15"])
    read_on: CivilDate
    secondary: bool = Field(default=False, description="Whether others tell of it, and it was not read itself.", examples=[False])
    unconfirmed: list[Sentence] = Field(
        default_factory=list, max_length=10, description="What is not certain, in sentences.", examples=[[]]
    )

    def source(self) -> Source:
        """Give the source as the domain has it."""
        return Source(
            title=self.title,
            written=self.written,
            written_on=self.written_on,
            read_on=self.read_on,
            is_secondary=self.secondary,
            unconfirmed=tuple(self.unconfirmed),
        )


class PageLimitIn(In):
    """How many pages each paper of a kind may have."""

    kind: ContributionKind = Field(examples=["specialists_report"])
    each: int = Field(description="Pages at most, the last inside.", examples=[15])


class PapersIn(In):
    """What papers are taken; null where nothing is said."""

    types: list[Annotated[str, StringConstraints(max_length=20)]] = Field(
        default_factory=lambda: ["pdf"], max_length=20, description=f"Some of {', '.join(PAPER_TYPES)}.", examples=[["pdf", "docx"]]
    )
    largest_file: int | None = Field(
        default=None, description="The largest file, in bytes; bundles are split under it.", examples=[10_000_000]
    )
    most_pages: int | None = Field(default=None, description="Pages of all papers together.", examples=[75])
    most_record_pages: int | None = Field(default=None, description="Pages of the document made from the record.", examples=[100])
    limits: list[PageLimitIn] = Field(default_factory=list, max_length=20)
    qualities: list[Quality] = Field(
        default_factory=list,
        max_length=20,
        description="What the document made from the record must be; searchable does not go with jpg or png among `types`.",
        examples=[["searchable"]],
    )

    def papers(self) -> Papers:
        """Give what is taken as the domain has it."""
        return Papers(
            types=tuple(self.types),
            largest_file=self.largest_file,
            most_pages=self.most_pages,
            most_record_pages=self.most_record_pages,
            limits=tuple(PageLimit(kind=limit.kind, each=limit.each) for limit in self.limits),
            qualities=tuple(self.qualities),
        )


class ProfileIn(In):
    """What an authority expects beside a request; loaded as the next version of its id."""

    id: Annotated[str, StringConstraints(max_length=200)] = Field(
        description="Small letters, digits and hyphens; yours for good once you have loaded it.", examples=["invented-borough"]
    )
    title: Line = Field(examples=[TITLE])
    since: CivilDate
    until: CivilDate | None = Field(default=None, description="The last day inside, where it ends.", examples=[None])
    authority: Annotated[str, StringConstraints(pattern="^[0-9]{3}$")] | None = Field(
        default=None, description="The authority it is of; only its own client may say so.", examples=["999"]
    )
    source: SourceIn
    expectations: list[ExpectationIn] = Field(max_length=MOST_EXPECTATIONS)
    papers: PapersIn = Field(default_factory=PapersIn)

    def profile(self) -> Profile:
        """Give the profile as the domain has it; the version is given when it is kept."""
        return Profile(
            id=self.id,
            version=1,
            title=self.title,
            since=self.since,
            until=self.until,
            authority=self.authority,
            source=self.source.source(),
            expectations=tuple(expectation.expectation() for expectation in self.expectations),
            papers=self.papers.papers(),
        )


class ExpectationOut(Out):
    """One thing that a profile asks for; `local` where it is an authority's own wish and no guidance for all."""

    id: str = Field(examples=["two-reviewed-cycles"])
    asks: str = Field(examples=[ASKS])
    looks: Looks = Field(description="What it is compared with in a record.", examples=["reviewed_cycles"])
    mender: Mender = Field(description="Who can bring it.", examples=["teacher"])
    local: bool = Field(examples=[True])
    least: int | None = Field(description=LEAST, examples=[2])
    months: int | None = Field(description="The greatest age, inside.", examples=[None])

    @classmethod
    def of(cls, expectation: Expectation) -> Self:
        """Write an expectation for the wire."""
        e = expectation
        return cls(id=e.id, asks=e.asks, looks=e.looks, mender=e.mender, local=e.is_local, least=e.least, months=e.months)


class SourceOut(Out):
    """Where a profile comes from, and how old that is."""

    title: str = Field(examples=["Public guidance of several authorities"])
    written: str = Field(description=WRITTEN, examples=["2014 to 2018, mostly undated copies"])
    written_on: Day | None
    months_old: int | None = Field(description="Whole months since it was written, today; null where no day is known.", examples=[94])
    read_on: Day
    secondary: bool = Field(description="Whether others tell of it, and it was not read itself.", examples=[False])
    unconfirmed: list[str] = Field(description="What is not certain, in sentences.", examples=[[]])

    @classmethod
    def of(cls, source: Source, today: date) -> Self:
        """Write a source for the wire, with its age."""
        return cls(
            title=source.title,
            written=source.written,
            written_on=source.written_on,
            months_old=None if source.written_on is None else months_between(source.written_on, today),
            read_on=source.read_on,
            secondary=source.is_secondary,
            unconfirmed=list(source.unconfirmed),
        )


class PageLimitOut(Out):
    """How many pages each paper of a kind may have."""

    kind: ContributionKind = Field(examples=["specialists_report"])
    each: int = Field(examples=[15])


class PapersOut(Out):
    """What papers are taken; null where nothing is said."""

    types: list[str] = Field(examples=[["pdf", "docx"]])
    largest_file: int | None = Field(description="In bytes.", examples=[10_000_000])
    most_pages: int | None = Field(description="Of all papers together.", examples=[None])
    most_record_pages: int | None = Field(description="Of the document made from the record.", examples=[None])
    limits: list[PageLimitOut]
    qualities: list[Quality] = Field(examples=[[]])

    @classmethod
    def of(cls, papers: Papers) -> Self:
        """Write what is taken for the wire."""
        return cls(
            types=list(papers.types),
            largest_file=papers.largest_file,
            most_pages=papers.most_pages,
            most_record_pages=papers.most_record_pages,
            limits=[PageLimitOut(kind=limit.kind, each=limit.each) for limit in papers.limits],
            qualities=list(papers.qualities),
        )


class LoadedByOut(Out):
    """Who loaded a version, and when."""

    organisation: UUID = Field(examples=[AN_ORGANISATION])
    name: str = Field(examples=["Invented Borough"])
    at: Moment


class ListedProfileOut(Out):
    """A profile as a list has it: in its newest version, with its source and the source's age, and without all that it asks for."""

    id: str = Field(examples=["cycles-and-costs"])
    version: int = Field(examples=[1])
    title: str = Field(examples=[TITLE])
    since: Day
    until: Day | None
    authority: str | None = Field(description="The authority that loaded it as its own.", examples=[None])
    national: bool = Field(description="Whether it holds for every authority.", examples=[False])
    source: SourceOut
    loaded_by: LoadedByOut | None = Field(description="null for one that comes with the software.")

    @classmethod
    def of(cls, found: Profile | Loaded, today: date) -> Self:
        """Write a profile for a list, shipped or loaded."""
        return cls(**_facts(found, today))


class ProfileOut(ListedProfileOut):
    """What an authority, or every authority, expects beside a request: in one version, with its source and the source's age."""

    expectations: list[ExpectationOut]
    papers: PapersOut

    @classmethod
    def of(cls, found: Profile | Loaded, today: date) -> Self:
        """Write a profile for the wire, shipped or loaded."""
        p = found if isinstance(found, Profile) else found.profile
        asked = [ExpectationOut.of(expectation) for expectation in p.expectations]
        return cls(**_facts(found, today), expectations=asked, papers=PapersOut.of(p.papers))


def _facts(found: Profile | Loaded, today: date) -> dict[str, object]:
    p, by = (found, None) if isinstance(found, Profile) else (found.profile, found)
    return {
        "id": p.id,
        "version": p.version,
        "title": p.title,
        "since": p.since,
        "until": p.until,
        "authority": p.authority,
        "national": p.is_national,
        "source": SourceOut.of(p.source, today),
        "loaded_by": None if by is None else LoadedByOut(organisation=by.organisation_id, name=by.organisation, at=by.loaded_at),
    }


def months_between(earlier: date, later: date) -> int:
    """Whole months from one day to another, 0 where it is not later."""
    return max(0, (later.year - earlier.year) * 12 + later.month - earlier.month - (later.day < earlier.day))
