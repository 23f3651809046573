"""Entries of the graduated approach: assess, plan, do, review."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.codes import PlanType
from app.domain.entries.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSource:
    """What one source said, or why it could not be had; exactly one of the two is given."""

    says: str | None = None
    missing_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentMade(Entry):
    """A clear analysis of the pupil's needs, at the start of a cycle."""

    type: ClassVar[str] = "assessment.made"
    cycle: int
    teacher: UUID
    senco: UUID | None
    teachers_assessment: EvidenceSource
    progress_and_attainment: EvidenceSource
    parents_view: EvidenceSource
    pupils_view: EvidenceSource
    outside_advice: EvidenceSource | None = None
    analysis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What shall be different for the pupil, how it will be seen, and by when; numbered within its plan from 1."""

    number: int
    text: str
    measure: str
    target_on: date
    expected_impact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """Support beyond the ordinary, serving the outcomes named; numbered within its plan from 1."""

    number: int
    support: str
    outcomes: tuple[int, ...]
    sessions_per_week: int
    minutes_per_session: int
    delivered_by: UUID
    accountable_teacher: UUID
    evidence: str | None = None
    training: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """The day somebody was consulted, or why not; exactly one of the two is given."""

    on: date | None = None
    not_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAgreed(Entry):
    """What will be done in a cycle, for which outcomes, until which review."""

    type: ClassVar[str] = "plan.agreed"
    cycle: int
    outcomes: tuple[Outcome, ...]
    provision: tuple[Provision, ...]
    adjustments: str | None = None
    teaching_strategies: str | None = None
    review_on: date
    responsible_teacher: UUID
    parents_consulted: Consulted
    pupil_consulted: Consulted
    home_contribution: str | None = None
    plan_type: PlanType = PlanType.SEN_SUPPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDateMoved(Entry):
    """The plan's review date was agreed anew with the parents."""

    type: ClassVar[str] = "review_date.moved"
    cycle: int
    review_on: date
    agreed_with_parents_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffTold(Entry):
    """The staff named were told needs, outcomes, support and strategies of a plan."""

    type: ClassVar[str] = "staff.told"
    cycle: int
    staff: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDelivered(Entry):
    """A session of a plan's provision took place, or did not and why."""

    type: ClassVar[str] = "session.delivered"
    cycle: int
    provision: int
    delivered_by: UUID
    minutes: int
    took_place: bool
    remark: str | None = None


class Impact(StrEnum):
    """How far an outcome was reached."""

    ACHIEVED = "achieved"
    GOOD_PROGRESS = "good_progress"
    SOME_PROGRESS = "some_progress"
    LITTLE_OR_NO_PROGRESS = "little_or_no_progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRated:
    """What became of one outcome, with the evidence."""

    outcome: int
    impact: Impact
    evidence: str


class NextStep(StrEnum):
    """What a review decides."""

    CONTINUE = "continue"
    REVISE = "revise"
    INVOLVE_SPECIALIST = "involve_specialist"
    END_SUPPORT = "end_support"
    REQUEST_EHC_ASSESSMENT = "request_ehc_assessment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHeld(Entry):
    """A cycle closed with what the support achieved."""

    type: ClassVar[str] = "review.held"
    cycle: int
    ratings: tuple[OutcomeRated, ...]
    quality_of_support: str
    parents_view: EvidenceSource
    pupils_view: EvidenceSource
    next_step: NextStep
    next_step_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingHeld(Entry):
    """The school met, or offered to meet, the parents about outcomes, progress and support."""

    type: ClassVar[str] = "meeting.held"
    attended_by: tuple[UUID, ...]
    declined_by: tuple[UUID, ...] = ()
    led_by: UUID
    senco_present: bool
    minutes: int
    pupils_view: EvidenceSource
    agreed: str
    shared_with_staff_on: date | None = None
    given_to_parents_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportEnded(Entry):
    """SEN Support ended at a review, because the ordinary offer now meets the need."""

    type: ClassVar[str] = "support.ended"
    review: int
    reason: str
    parents_consulted: Consulted
    pupil_consulted: Consulted
    monitor_on: date
