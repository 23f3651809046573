"""What an authority says it expects beside a request: data, versioned and dated; local unless it repeats national guidance, never a bar."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final


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
    NOT_HELD_HERE = "not_held_here"


COUNTED: Final = frozenset({Looks.ATTAINMENT, Looks.REVIEWED_CYCLES, Looks.COST})
"""What is looked at in a number: measurements, cycles, pence a year."""
AGED: Final = frozenset({Looks.ATTAINMENT, Looks.RECENT_ADVICE, Looks.ATTENDANCE})
"""What must not be older than so many months."""


class Mender(StrEnum):
    """Who can bring what is missing."""

    TEACHER = "teacher"
    SENCO = "senco"
    PARENT = "parent"
    PUPIL = "pupil"
    SPECIALIST = "specialist"
    OFFICE = "office"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a profile comes from: what it is, when it was written as far as is known, and the day it was last read here."""

    title: str
    written: str
    written_on: date | None
    read_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What papers are taken: types by their ends, the largest file in bytes, and how many pages at most; None where nothing is said."""

    types: tuple[str, ...] = ("pdf",)
    largest_file: int | None = None
    most_pages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one authority expects, in one version, from a day on; `authority` is None for what belongs to no single one."""

    id: str
    version: int
    title: str
    since: date
    source: Source
    expectations: tuple[Expectation, ...] = ()
    papers: Papers = field(default_factory=Papers)
    authority: str | None = None
    until: date | None = None

    @property
    def name(self) -> str:
        """The profile with its version, as a bundle names it."""
        return f"{self.id}/{self.version}"


def contradictions(profile: Profile) -> Iterator[str]:
    """Say what in a profile cannot be meant; nothing for one that makes sense."""
    if profile.until is not None and profile.until < profile.since:
        yield "it ends before it begins"
    if profile.version < 1:
        yield "versions count from 1"
    if len({expectation.id for expectation in profile.expectations}) != len(profile.expectations):
        yield "two expectations have one id"
    if not profile.papers.types:
        yield "no type of paper is taken"
    for bound, name in ((profile.papers.largest_file, "largest file"), (profile.papers.most_pages, "number of pages")):
        if bound is not None and bound < 1:
            yield f"the {name} is not a positive number"
    for expectation in profile.expectations:
        yield from (f"{expectation.id}: {fault}" for fault in _faults(expectation))


def _faults(expectation: Expectation) -> Iterator[str]:
    for value, name, kinds in ((expectation.least, "least", COUNTED), (expectation.months, "months", AGED)):
        if value is not None and value < 1:
            yield f"{name} is not a positive number"
        if value is not None and expectation.looks not in kinds:
            yield f"{name} says nothing about {expectation.looks}"
    if expectation.least is None and expectation.looks in COUNTED:
        yield f"least is needed for {expectation.looks}"
    if expectation.months is None and expectation.looks in AGED - COUNTED:
        yield f"months is needed for {expectation.looks}"
