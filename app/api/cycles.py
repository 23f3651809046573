"""Assess, plan, do, review, and the end of SEN Support."""

from typing import ClassVar, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, model_validator

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import A_PERSON, STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import CivilDate, In, Words, refusal
from app.domain import cycles
from app.domain.codes import PlanType
from app.domain.entries import (
    AssessmentMade,
    Entry,
    Impact,
    NextStep,
    PlanAgreed,
    ReviewDateMoved,
    ReviewHeld,
    SessionDelivered,
    StaffTold,
    SupportEnded,
)

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Assess, plan, do, review"], route_class=StepRoute)


class SourceIn(In):
    """What a source said, or why it could not be had: one of the two."""

    says: Words | None = None
    missing_because: Words | None = Field(default=None, examples=[None])

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.says is None) == (self.missing_because is None):
            raise refusal("one_of_two", "Give either says or missing_because.")
        return self


class ConsultedIn(In):
    """The day somebody was consulted, or why not: one of the two."""

    on: CivilDate | None = None
    not_because: Words | None = Field(default=None, examples=[None])

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.on is None) == (self.not_because is None):
            raise refusal("one_of_two", "Give either on or not_because.")
        return self


CYCLE = Field(ge=1, le=999, description="The number of the cycle, from 1.", examples=[1])


class AssessmentIn(StepIn):
    """A clear analysis of needs, from all sources."""

    kind: ClassVar[type[Entry]] = AssessmentMade

    cycle: int = CYCLE
    teacher: UUID = Field(examples=[A_PERSON])
    senco: UUID | None = Field(default=None, examples=[A_PERSON])
    teachers_assessment: SourceIn
    progress_and_attainment: SourceIn
    parents_view: SourceIn
    pupils_view: SourceIn
    outside_advice: SourceIn | None = None
    analysis: Words


class OutcomeIn(In):
    """What shall be different for the pupil; numbered within the plan from 1."""

    number: int = Field(ge=1, le=99, examples=[1])
    text: Words
    measure: Words
    target_on: CivilDate
    expected_impact: Words


class ProvisionIn(In):
    """Support beyond the ordinary, serving outcomes of the plan; numbered within the plan from 1."""

    number: int = Field(ge=1, le=99, examples=[1])
    support: Words
    outcomes: list[int] = Field(max_length=99, examples=[[1]])
    sessions_per_week: int = Field(ge=0, le=100, examples=[3])
    minutes_per_session: int = Field(ge=0, le=600, examples=[20])
    delivered_by: UUID = Field(examples=[A_PERSON])
    accountable_teacher: UUID = Field(examples=[A_PERSON])
    evidence: Words | None = None
    training: Words | None = None


class PlanIn(StepIn):
    """What will be done in a cycle, for which outcomes, until which review."""

    kind: ClassVar[type[Entry]] = PlanAgreed

    cycle: int = CYCLE
    outcomes: list[OutcomeIn] = Field(max_length=30)
    provision: list[ProvisionIn] = Field(max_length=60)
    adjustments: Words | None = None
    teaching_strategies: Words | None = None
    review_on: CivilDate
    responsible_teacher: UUID = Field(examples=[A_PERSON])
    parents_consulted: ConsultedIn
    pupil_consulted: ConsultedIn
    home_contribution: Words | None = None
    plan_type: PlanType = Field(
        default=PlanType.SEN_SUPPORT,
        description="`isp_local` where the school's own form has that name; `isp_statutory` is kept for law to come.",
        examples=["sen_support"],
    )


class ReviewDateIn(StepIn):
    """A review date agreed anew with the parents."""

    kind: ClassVar[type[Entry]] = ReviewDateMoved

    cycle: int = CYCLE
    review_on: CivilDate
    agreed_with_parents_on: CivilDate
    reason: Words


class StaffBriefingIn(StepIn):
    """Which staff were told needs, outcomes, support and strategies of a plan."""

    kind: ClassVar[type[Entry]] = StaffTold

    cycle: int = CYCLE
    staff: list[UUID] = Field(min_length=1, max_length=200, examples=[[A_PERSON]])


class SessionIn(StepIn):
    """A session of a plan's provision, held or not."""

    kind: ClassVar[type[Entry]] = SessionDelivered

    cycle: int = CYCLE
    provision: int = Field(ge=1, le=99, examples=[1])
    delivered_by: UUID = Field(examples=[A_PERSON])
    minutes: int = Field(ge=0, le=600, examples=[20])
    took_place: bool = Field(examples=[True])
    remark: Words | None = None


class RatingIn(In):
    """What became of one outcome, with the evidence."""

    outcome: int = Field(ge=1, le=99, examples=[1])
    impact: Impact = Field(examples=["good_progress"])
    evidence: Words


class ReviewIn(StepIn):
    """What the support achieved, by outcome, with the views of parents and pupil, and what follows."""

    kind: ClassVar[type[Entry]] = ReviewHeld

    cycle: int = CYCLE
    ratings: list[RatingIn] = Field(max_length=30)
    quality_of_support: Words
    parents_view: SourceIn
    pupils_view: SourceIn
    next_step: NextStep = Field(examples=["continue"])
    next_step_reason: Words


class SupportEndIn(StepIn):
    """The end of SEN Support, found at a review."""

    kind: ClassVar[type[Entry]] = SupportEnded

    review: int = Field(ge=1, description="The ledger number of the review.", examples=[230])
    reason: Words
    parents_consulted: ConsultedIn
    pupil_consulted: ConsultedIn
    monitor_on: CivilDate


@router.post("/assessments", status_code=201, openapi_extra=STEP)
async def make_assessment(call: RecordStep, body: AssessmentIn) -> StepOut:
    """Assess: record the analysis that opens a cycle (Code of Practice 6.45)."""
    return await call.take(body, cycles.make_assessment)


@router.post("/plans", status_code=201, openapi_extra=STEP)
async def agree_plan(call: RecordStep, body: PlanIn) -> StepOut:
    """Plan: record what was agreed with parents and pupil; the parents are told (Code of Practice 6.48)."""
    return await call.take(body, cycles.agree_plan)


@router.post("/review-dates", status_code=201, openapi_extra=STEP)
async def move_review_date(call: RecordStep, body: ReviewDateIn) -> StepOut:
    """Move the review of a plan to another day, as agreed with the parents."""
    return await call.take(body, cycles.move_review_date)


@router.post("/staff-briefings", status_code=201, openapi_extra=STEP)
async def tell_staff(call: RecordStep, body: StaffBriefingIn) -> StepOut:
    """Record which staff were told of the plan (Code of Practice 6.49)."""
    return await call.take(body, cycles.tell_staff)


@router.post("/sessions", status_code=201, openapi_extra=STEP)
async def deliver_session(call: RecordStep, body: SessionIn) -> StepOut:
    """Do: record a session of the plan's provision (Code of Practice 6.52)."""
    return await call.take(body, cycles.deliver_session)


@router.post("/reviews", status_code=201, openapi_extra=STEP)
async def hold_review(call: RecordStep, body: ReviewIn) -> StepOut:
    """Review: record what the support achieved and what follows; the parents are told (Code of Practice 6.53 to 6.55)."""
    return await call.take(body, cycles.hold_review)


@router.post("/support-ends", status_code=201, openapi_extra=STEP)
async def end_support(call: RecordStep, body: SupportEndIn) -> StepOut:
    """End SEN Support after a review that found the ordinary offer enough."""
    return await call.take(body, cycles.end_support)
