"""Entries about a pupil beside the cycle: the baseline on entry, the yearly report, moving between phases, health and adjustments."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.cycles import EvidenceSource
from app.domain.entries.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineTaken(Entry):
    """Skills and attainment were assessed when the pupil came, with what the setting before knew and a thought for disability."""

    type: ClassVar[str] = "baseline.taken"
    skills_and_attainment: str
    earlier_setting: EvidenceSource
    disability_considered: bool
    adjustments: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualReportGiven(Entry):
    """The head's report on a school year, named by the year it began in, was given to the people named."""

    type: ClassVar[str] = "annual_report.given"
    school_year: int
    given_to: tuple[UUID, ...]
    discussion_offered: bool


class Phase(StrEnum):
    """What a pupil moves on to."""

    PRIMARY = "primary"
    JUNIOR = "junior"
    MIDDLE = "middle"
    SECONDARY = "secondary"
    POST_16 = "post_16"
    BETWEEN_POST_16 = "between_post_16"
    ADULT_LIFE = "adult_life"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseMovePlanned(Entry):
    """How the pupil's move to the next phase on `moves_on` is prepared, and what parents and pupil agreed to have shared."""

    type: ClassVar[str] = "phase_move.planned"
    to: Phase
    moves_on: date
    preparation: str
    sharing_agreed_with_parents_on: date | None = None
    sharing_agreed_with_pupil_on: date | None = None
    shared_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseMoveExpected(Entry):
    """The pupil is to move to the next phase on `moves_on`."""

    type: ClassVar[str] = "phase_move.expected"
    to: Phase
    moves_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionMapped(Entry):
    """The pupil's extra provision was put on the school's provision map, with its yearly cost in pence where it was worked out."""

    type: ClassVar[str] = "provision.mapped"
    school_year: int
    cost_in_pence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceSummarised(Entry):
    """How many sessions there were from `begins_on` to the day of the entry, both inside, and how many of them the pupil attended."""

    type: ClassVar[str] = "attendance.summarised"
    begins_on: date
    sessions_possible: int
    sessions_attended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthcarePlanLinked(Entry):
    """The pupil's medical condition has an individual healthcare plan, kept beside this record under the reference given."""

    type: ClassVar[str] = "healthcare_plan.linked"
    reference: str
    review_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicalConditionNoted(Entry):
    """The school was told of a medical condition that needs support at school; the condition itself is not written here."""

    type: ClassVar[str] = "medical_condition.noted"
    told_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentMade(Entry):
    """A reasonable adjustment or auxiliary aid for a disability was made, or was considered and not made for the reason given."""

    type: ClassVar[str] = "adjustment.made"
    adjustment: str
    not_made_because: str | None = None
