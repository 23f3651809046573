"""Entries about requests to see a pupil's record: subject access, and a parent's right to the educational record."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.entry import Entry


class AccessRight(StrEnum):
    """Under which right somebody asks to see a record."""

    SUBJECT_ACCESS = "subject_access"
    EDUCATIONAL_RECORD = "educational_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAsked(Entry):
    """A person asked to see the pupil's record; the day is the day on which the school received it."""

    type: ClassVar[str] = "access.asked"
    right: AccessRight
    person: UUID
    in_writing: bool


class Awaited(StrEnum):
    """What an answer waits for while its clock stands still (Data (Use and Access) Act 2025, from 5 February 2026)."""

    IDENTITY = "identity"
    CLARIFICATION = "clarification"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPaused(Entry):
    """The school asked back, and the clock of a request stands still from this day on; `asked` is the number of the request's entry."""

    type: ClassVar[str] = "access.paused"
    asked: int
    awaited: Awaited


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessResumed(Entry):
    """What was awaited came in, and the clock goes on from this day."""

    type: ClassVar[str] = "access.resumed"
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessExtended(Entry):
    """A complex request was given up to two months more, and the person told why."""

    type: ClassVar[str] = "access.extended"
    asked: int
    months: int
    reason: str


class Exemption(StrEnum):
    """Why a passage may have to be withheld (Data Protection Act 2018, Schedules 2 to 4)."""

    SERIOUS_HARM_HEALTH = "serious_harm_health"
    SERIOUS_HARM_EDUCATION = "serious_harm_education"
    SERIOUS_HARM_SOCIAL_WORK = "serious_harm_social_work"
    CHILD_ABUSE = "child_abuse"
    EHC_PLAN = "ehc_plan"
    ANOTHER_PERSON = "another_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """An entry, by number, that falls under an exemption."""

    number: int
    exemption: Exemption


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionsReviewed(Entry):
    """A named person looked through the record before release and flagged what is to be withheld, if anything."""

    type: ClassVar[str] = "access.exemptions_reviewed"
    asked: int
    flagged: tuple[Flagged, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAnswered(Entry):
    """The record was released, or shown, to the person who asked, or it was refused for the reason given."""

    type: ClassVar[str] = "access.answered"
    asked: int
    refused_because: str | None = None
    export_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataComplaintMade(Entry):
    """A person complained of how the pupil's data are handled."""

    type: ClassVar[str] = "data_complaint.made"
    person: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DataComplaintAcknowledged(Entry):
    """The school acknowledged a complaint; `complaint` is the number of its entry."""

    type: ClassVar[str] = "data_complaint.acknowledged"
    complaint: int
