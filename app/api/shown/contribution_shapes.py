"""The shapes of contributions: who contributes, what is asked and given, and where each stands."""

from typing import ClassVar, Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.api.ehc_requests import A_REQUEST
from app.api.manners.steps import A_PERSON, StepIn
from app.api.shown.shapes import CivilDate, Day, In, Line, Out, Words, refusal
from app.domain.contributions import Contribution, ContributionState
from app.domain.entries import (
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    Entry,
    PaperNamed,
)

A_CONTRIBUTION: Final = "01932b4e-5f00-7000-8000-0000000000d4"
A_PAPER: Final = "01932b4e-5f00-7000-8000-0000000000e5"
A_HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MOST_PAPERS: Final = 50
KIND = Field(description="What it is; some kinds are one person's own, such as a parent's view.", examples=["parents_view"])
REQUEST = Field(default=None, description="The EHC request that it is for, where there is one yet.", examples=[None])


class ContributorIn(In):
    """Who contributes: staff and contacts with `person`, a specialist with `involvement`, the pupil with neither."""

    kind: ContributorKind = Field(examples=["contact"])
    person: UUID | None = Field(default=None, description="The member of staff or the contact, by id.", examples=[A_PERSON])
    involvement: int | None = Field(
        default=None, ge=1, description="The ledger number of the entry that involved the specialist.", examples=[None]
    )

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        named = (self.person is not None, self.involvement is not None)
        person = self.kind in (ContributorKind.STAFF, ContributorKind.CONTACT)
        if named != (person, self.kind is ContributorKind.SPECIALIST):
            raise refusal("contributor_unclear", "Name staff and contacts by person, a specialist by involvement, the pupil by neither.")
        return self

    def contributor(self) -> Contributor:
        """Give who is meant."""
        return Contributor(kind=self.kind, person=self.person, involvement=self.involvement)


A_CONTRIBUTOR: Final = {"kind": "contact", "person": A_PERSON, "involvement": None}


class _AskIn(StepIn):
    """What is asked for, and by when."""

    kind: ClassVar[type[Entry]] = ContributionAsked

    asks: Words = Field(examples=["How is it at home?"])
    due: CivilDate = Field(description="The last day, inside.", examples=["2026-03-20"])
    request: UUID | None = REQUEST

    def asking(self, contribution: UUID, kind: ContributionKind, contributor: Contributor) -> ContributionAsked:
        """Build the entry about the contribution with this id."""
        return ContributionAsked(
            occurred_on=self.occurred_on,
            contribution=contribution,
            kind=kind,
            contributor=contributor,
            asks=self.asks,
            due=self.due,
            request=self.request,
        )


class AskingAgainIn(_AskIn):
    """Somebody is asked again, for what is pending or was declined."""


class AskingIn(_AskIn):
    """Somebody is asked to contribute by a day."""

    what: ContributionKind = KIND
    contributor: ContributorIn = Field(examples=[A_CONTRIBUTOR])


class _GivenIn(StepIn):
    """What somebody gives: their words, their papers, or both."""

    kind: ClassVar[type[Entry]] = ContributionGiven

    words: Words | None = Field(default=None, description="In their own words, not summed up.", examples=["I like the quiet room."])
    papers: list[UUID] = Field(
        default=[], max_length=MOST_PAPERS, description="Papers handed in for this pupil before, by id, each once.", examples=[[A_PAPER]]
    )
    dated_on: CivilDate | None = Field(
        default=None, description="The day that a report itself bears, not after `occurred_on`: its age counts from there.", examples=[None]
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.words is None and not self.papers:
            raise refusal("nothing_given", "Give words, or papers, or both.")
        if len(set(self.papers)) < len(self.papers):
            raise refusal("paper_twice", "Name each paper once.")
        return self

    def giving(
        self, contribution: UUID, kind: ContributionKind, contributor: Contributor, papers: tuple[PaperNamed, ...]
    ) -> ContributionGiven:
        """Build the entry about the contribution with this id."""
        return ContributionGiven(
            occurred_on=self.occurred_on,
            contribution=contribution,
            kind=kind,
            contributor=contributor,
            words=self.words,
            papers=papers,
            dated_on=self.dated_on,
        )


class AnswerIn(_GivenIn):
    """Somebody gives what they were asked for, or gives anew what they gave."""


class UnaskedIn(_GivenIn):
    """Somebody contributes without having been asked."""

    what: ContributionKind = KIND
    contributor: ContributorIn = Field(examples=[A_CONTRIBUTOR])


class DecliningIn(StepIn):
    """Somebody who was asked will not contribute."""

    kind: ClassVar[type[Entry]] = ContributionDeclined

    reason: Words | None = Field(default=None, description="In their words, if they gave one; nobody has to.", examples=[None])

    def declining(self, contribution: UUID) -> ContributionDeclined:
        """Build the entry about the contribution with this id."""
        return ContributionDeclined(occurred_on=self.occurred_on, contribution=contribution, reason=self.reason)


class ContributorOut(Out):
    """Who contributes, by id."""

    kind: ContributorKind = Field(examples=["contact"])
    person: UUID | None = Field(examples=[A_PERSON])
    involvement: int | None = Field(examples=[None])

    @classmethod
    def of(cls, contributor: Contributor) -> Self:
        """Write who contributes for the wire."""
        return cls(kind=contributor.kind, person=contributor.person, involvement=contributor.involvement)


class PaperNamedOut(Out):
    """A paper as the entry names it."""

    id: UUID = Field(examples=[A_PAPER])
    title: Line = Field(examples=["Our view"])
    media_type: str = Field(description="By its content.", examples=["application/pdf"])
    sha256: str = Field(description="Of its bytes, in hex.", examples=[A_HASH])
    size: int = Field(description="In bytes.", examples=[48_211])
    pages: int | None = Field(examples=[2])

    @classmethod
    def of(cls, paper: PaperNamed) -> Self:
        """Write a paper for the wire."""
        p = paper
        return cls(id=p.id, title=p.title, media_type=p.media_type, sha256=p.sha256, size=p.size, pages=p.pages)


class ContributionOut(Out):
    """Where one contribution stands on the day asked about; `late` is pending after its last day."""

    id: UUID = Field(examples=[A_CONTRIBUTION])
    what: ContributionKind = Field(examples=["parents_view"])
    contributor: ContributorOut
    state: ContributionState = Field(examples=["pending"])
    is_late: bool = Field(description="Whether it was first given after the last day, or still is not.", examples=[False])
    due: Day | None = Field(description="The last day, inside; null where nobody asked for it.")
    request: UUID | None = Field(examples=[A_REQUEST])
    asked: int | None = Field(description="The ledger number of the newest asking.", examples=[214])
    asked_on: Day | None
    given: int | None = Field(description="The ledger number of what stands.", examples=[None])
    given_on: Day | None
    dated_on: Day | None = Field(description="The day that what was given bears itself, where it was told.")
    declined: int | None = Field(description="The ledger number of the declining.", examples=[None])
    declined_on: Day | None
    papers: list[PaperNamedOut]

    @classmethod
    def of(cls, found: Contribution) -> Self:
        """Write a contribution for the wire."""
        return cls(**facts_of(found))


class OneContributionOut(ContributionOut):
    """One contribution with all that was said."""

    asks: str | None = Field(examples=["How is it at home?"])
    words: str | None = Field(examples=["She reads to her brother."])
    reason: str | None = Field(description="Why it was declined.", examples=[None])

    @classmethod
    def of(cls, found: Contribution) -> Self:
        """Write a contribution with its words for the wire."""
        return cls(**facts_of(found), asks=found.asks, words=found.words, reason=found.reason)


def facts_of(found: Contribution) -> dict[str, object]:
    """Give what every shape of a contribution says."""
    return {
        "id": found.id,
        "what": found.kind,
        "contributor": ContributorOut.of(found.contributor),
        "state": found.state,
        "is_late": found.is_late,
        "due": found.due,
        "request": found.request,
        "asked": found.asked,
        "asked_on": found.asked_on,
        "given": found.given,
        "given_on": found.given_on,
        "dated_on": found.dated_on,
        "declined": found.declined,
        "declined_on": found.declined_on,
        "papers": [PaperNamedOut.of(paper) for paper in found.papers],
    }
