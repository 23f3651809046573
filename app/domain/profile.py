"""What an authority says it expects beside a request: data, versioned and dated; local unless it repeats national guidance, never a bar."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.domain.calendar import add_months
from app.domain.entries.contributions import ContributionKind


class Looks(StrEnum):
    """What an expectation is compared with in a record."""

    ATTAINMENT = "attainment"
    WIDER_DEVELOPMENT = "wider_development"
    NEEDS = "needs"
    ACTION_TAKEN = "action_taken"
    REVIEWED_CYCLES = "reviewed_cycles"
    PROGRESS_AFTER_HELP = "progress_after_help"
    PARENTS_VIEW = "parents_view"
    PUPILS_VIEW = "pupils_view"
    RECENT_ADVICE = "recent_advice"
    PROVISION_MAP = "provision_map"
    COST = "cost"
    HEALTH = "health"
    CARE = "care"
    ATTENDANCE = "attendance"
    MORE_TIME = "more_time"
    NOT_HELD_HERE = "not_held_here"


class Mender(StrEnum):
    """Who can bring what is missing."""

    TEACHER = "teacher"
    SENCO = "senco"
    PARENT = "parent"
    PUPIL = "pupil"
    SPECIALIST = "specialist"
    OFFICE = "office"


PAPER_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pdf": "application/pdf",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "doc": "application/msword",
        "jpg": "image/jpeg",
        "png": "image/png",
        "txt": "text/plain",
    }
)
"""What a profile may say is taken, by the usual end of the name, with the media type; `doc` is taken by some, and never kept here."""


class Quality(StrEnum):
    """What the document that is put together for a profile must be like; ours always is."""

    SEARCHABLE = "searchable"
    PAGINATED = "paginated"
    INDEXED = "indexed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that is asked for. `least` is a number and `months` the greatest age, where that is looked at; both are inside."""

    id: str
    asks: str
    looks: Looks
    mender: Mender
    is_local: bool = True
    least: int | None = None
    months: int | None = None

    def allows(self, day: date, on: date) -> bool:
        """Whether what bears a day is not older on another day than is asked, the last day inside."""
        return day <= on and (self.months is None or on <= add_months(day, self.months))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a profile comes from: what it is, when it was written as far as is known, and the day it was last read here.

    It is secondary where others tell of it; `unconfirmed` says, in sentences, what no second source bears out.
    """

    title: str
    written: str
    written_on: date | None
    read_on: date
    is_secondary: bool = False
    unconfirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimit:
    """How many pages each paper of one kind of contribution may have, the last inside."""

    kind: ContributionKind
    each: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What papers are taken: types by their ends, the largest file in bytes, and pages at most; None where nothing is said.

    `most_pages` is for all papers together, `most_record_pages` for the document that is put together from the record, and `limits` for
    each paper by its kind. `qualities` are asked of that document.
    """

    types: tuple[str, ...] = ("pdf",)
    largest_file: int | None = None
    most_pages: int | None = None
    most_record_pages: int | None = None
    limits: tuple[PageLimit, ...] = ()
    qualities: tuple[Quality, ...] = ()

    def most_pages_of(self, kind: ContributionKind) -> int | None:
        """How many pages one paper of a kind may have, None where nothing is said of it."""
        return next((limit.each for limit in self.limits if limit.kind is kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is expected, in one version, from `since` to `until`, both inside.

    `authority` is the three-digit code of the one it is of, None where it is nobody's. A national one holds for every
    authority, and its expectations are not local; those of any other are.
    """

    id: str
    version: int
    title: str
    since: date
    source: Source
    expectations: tuple[Expectation, ...] = ()
    papers: Papers = field(default_factory=Papers)
    until: date | None = None
    authority: str | None = None
    is_national: bool = False

    @property
    def name(self) -> str:
        """The profile with its version, as a bundle names it."""
        return f"{self.id}/{self.version}"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What in a profile cannot be meant: where, as a JSON pointer into the form in which it is loaded, and a sentence."""

    pointer: str
    says: str


COUNTED: Final[Mapping[Looks, int]] = MappingProxyType({Looks.ATTAINMENT: 100, Looks.REVIEWED_CYCLES: 20, Looks.COST: 100_000_000})
"""What is looked at in a number (measurements, cycles, pence a year), with the most that can be meant."""
AGED: Final = frozenset({Looks.ATTAINMENT, Looks.RECENT_ADVICE, Looks.ATTENDANCE})
"""What must not be older than so many months."""
MOST_MONTHS: Final = 240
SMALLEST_CAP: Final = 100_000
"""In bytes: below it no page of ours fits with its fonts, and a bundle could not be split."""
LARGEST_CAP: Final = 1 << 40
MOST_PAGES: Final = 1_000_000
"""Above these nothing is limited; a number that JSON does not carry exactly could not be written into a bundle."""
_PICTURES: Final = frozenset({"jpg", "png"})
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
LONGEST_ID: Final = 60


def contradictions(profile: Profile) -> tuple[Contradiction, ...]:
    """Say what in a profile cannot be meant, all of it; nothing for one that makes sense."""
    return (*_of_the_whole(profile), *_of_source(profile.source), *_of_expectations(profile), *_of_papers(profile.papers))


def _of_the_whole(profile: Profile) -> Iterator[Contradiction]:
    if not is_well_formed(profile.id):
        yield Contradiction("/id", _ID_SENTENCE)
    if profile.version < 1:
        yield Contradiction("/version", "Versions count from 1.")
    if not profile.title.strip():
        yield Contradiction("/title", "A profile has a title.")
    if profile.until is not None and profile.until < profile.since:
        yield Contradiction("/until", "It ends before it begins.")
    if profile.is_national and profile.authority is not None:
        yield Contradiction("/authority", "What holds for every authority is not that of one.")


def _of_source(source: Source) -> Iterator[Contradiction]:
    for name in ("title", "written"):
        if not getattr(source, name).strip():
            yield Contradiction(f"/source/{name}", "A profile says where it comes from and how old that is.")
    if source.written_on is not None and source.written_on > source.read_on:
        yield Contradiction("/source/written_on", "The source was read before it was written.")


def _of_expectations(profile: Profile) -> Iterator[Contradiction]:
    times = Counter(expectation.id for expectation in profile.expectations)
    for place, expectation in enumerate(profile.expectations):
        at = f"/expectations/{place}"
        if times[expectation.id] > 1:
            yield Contradiction(f"{at}/id", "Two expectations have one id.")
        if not is_well_formed(expectation.id):
            yield Contradiction(f"{at}/id", _ID_SENTENCE)
        if not expectation.asks.strip():
            yield Contradiction(f"{at}/asks", "An expectation says what it asks for.")
        if expectation.is_local is profile.is_national:
            yield Contradiction(f"{at}/local", "An expectation is local, unless its profile holds for every authority.")
        yield from _of_bounds(expectation, at)


_BOUNDS: Final = MappingProxyType({"least": "number that is counted", "months": "greatest age"})


def _of_bounds(expectation: Expectation, at: str) -> Iterator[Contradiction]:
    looks = expectation.looks
    for name, value, most in (
        ("least", expectation.least, COUNTED.get(looks)),
        ("months", expectation.months, MOST_MONTHS if looks in AGED else None),
    ):
        if value is None:
            continue
        if most is None:
            yield Contradiction(f"{at}/{name}", f"{looks} has no {_BOUNDS[name]}; leave this out.")
        elif not 1 <= value <= most:
            yield Contradiction(f"{at}/{name}", f"This must be a number from 1 to {most}.")
    if expectation.least is None and looks in COUNTED:
        yield Contradiction(f"{at}/least", f"A number is needed for {looks}.")
    if expectation.months is None and looks in AGED and looks not in COUNTED:
        yield Contradiction(f"{at}/months", f"A greatest age is needed for {looks}.")


def _of_papers(papers: Papers) -> Iterator[Contradiction]:
    if not papers.types:
        yield Contradiction("/papers/types", "No type of paper is taken.")
    yield from (_unknown_type(place) for place, type_ in enumerate(papers.types) if type_ not in PAPER_TYPES)
    for name, listed in (("types", papers.types), ("qualities", papers.qualities), ("limits", [one.kind for one in papers.limits])):
        if len(set(listed)) != len(listed):
            yield Contradiction(f"/papers/{name}", "The same is said twice.")
    if Quality.SEARCHABLE in papers.qualities and _PICTURES & set(papers.types):
        yield Contradiction("/papers/types", "A picture cannot be searched: leave out jpg and png, or searchable under qualities.")
    if papers.largest_file is not None and not SMALLEST_CAP <= papers.largest_file <= LARGEST_CAP:
        yield Contradiction("/papers/largest_file", f"This must be from {SMALLEST_CAP} to {LARGEST_CAP} bytes.")
    yield from _of_pages(papers)


def _unknown_type(place: int) -> Contradiction:
    return Contradiction(f"/papers/types/{place}", f"There is no such type of paper; there are {', '.join(PAPER_TYPES)}.")


def _of_pages(papers: Papers) -> Iterator[Contradiction]:
    for name in ("most_pages", "most_record_pages"):
        bound: int | None = getattr(papers, name)
        if bound is not None and not 1 <= bound <= MOST_PAGES:
            yield Contradiction(f"/papers/{name}", f"This must be a number from 1 to {MOST_PAGES}.")
    for place, limit in enumerate(papers.limits):
        if not 1 <= limit.each <= MOST_PAGES:
            yield Contradiction(f"/papers/limits/{place}/each", f"This must be a number from 1 to {MOST_PAGES}.")
        elif papers.most_pages is not None and limit.each > papers.most_pages:
            yield Contradiction(f"/papers/limits/{place}/each", "One paper may not have more pages than all of them together.")


_ID_SENTENCE: Final = f"An id is of small letters, digits and hyphens, begins with a letter, and has at most {LONGEST_ID} characters."


def is_well_formed(name: str) -> bool:
    """Whether a name can be an id of a profile or an expectation."""
    return len(name) <= LONGEST_ID and _ID.fullmatch(name) is not None
