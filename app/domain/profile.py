"""What an authority says it expects beside a request: data, versioned and dated; local unless it repeats national guidance, never a bar."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


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
    """What is expected, in one version, from a day on."""

    id: str
    version: int
    title: str
    since: date
    source: Source
    expectations: tuple[Expectation, ...] = ()
    papers: Papers = field(default_factory=Papers)
    until: date | None = None

    @property
    def name(self) -> str:
        """The profile with its version, as a bundle names it."""
        return f"{self.id}/{self.version}"
