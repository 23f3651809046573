"""The yearly review of an EHC plan, what follows from it, and moves between phases."""

from typing import ClassVar

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import CivilDate
from app.domain import annual_reviews
from app.domain.entries import (
    AnnualReviewDecided,
    AnnualReviewHeld,
    AnnualReviewReported,
    EhcPlanAmended,
    Entry,
    Phase,
    PhaseMoveExpected,
    Recommendation,
)
from app.domain.step import write_down

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["EHC plans"], route_class=StepRoute)
A_MEETING = Field(ge=1, description="The ledger number of the review meeting's entry.", examples=[212])


class AnnualReviewIn(StepIn):
    """The meeting of a plan's review."""

    kind: ClassVar[type[Entry]] = AnnualReviewHeld

    papers_sent_on: CivilDate | None = Field(default=None, description="When the papers went out to all who were invited.")
    pupil_took_part: bool = Field(examples=[True])
    parents_took_part: bool = Field(examples=[True])
    recommendation: Recommendation = Field(examples=["amend"])


class AnnualReviewReportIn(StepIn):
    """The report went to all who were invited and to the authority."""

    kind: ClassVar[type[Entry]] = AnnualReviewReported

    review: int = A_MEETING


class AnnualReviewDecisionIn(StepIn):
    """What the authority decided after a review, and whether its proposed changes came with the notice."""

    kind: ClassVar[type[Entry]] = AnnualReviewDecided

    review: int = A_MEETING
    decision: Recommendation = Field(examples=["amend"])
    changes_sent_with_notice: bool = Field(default=False, examples=[True])


class PlanAmendmentIn(StepIn):
    """An amended plan, after a review or for a move of phase."""

    kind: ClassVar[type[Entry]] = EhcPlanAmended

    review: int | None = Field(default=None, ge=1, description="The review's meeting by ledger number, if one led to it.", examples=[212])
    names_setting_for_next_phase: bool = Field(default=False, examples=[False])


class PhaseMoveIn(StepIn):
    """A move to the next phase that is to come."""

    kind: ClassVar[type[Entry]] = PhaseMoveExpected

    to: Phase = Field(examples=["secondary"])
    moves_on: CivilDate


@router.post("/annual-reviews", status_code=201, openapi_extra=STEP)
async def hold_annual_review(call: RecordStep, body: AnnualReviewIn) -> StepOut:
    """Record the meeting of a plan's review."""
    return await call.take(body, annual_reviews.hold_annual_review)


@router.post("/annual-review-reports", status_code=201, openapi_extra=STEP)
async def report_annual_review(call: RecordStep, body: AnnualReviewReportIn) -> StepOut:
    """Record that the report of a review was sent."""
    return await call.take(body, annual_reviews.report_annual_review)


@router.post("/annual-review-decisions", status_code=201, openapi_extra=STEP)
async def decide_annual_review(call: RecordStep, body: AnnualReviewDecisionIn) -> StepOut:
    """Record what the authority decided after a review."""
    return await call.take(body, annual_reviews.decide_annual_review)


@router.post("/ehc-plan-amendments", status_code=201, openapi_extra=STEP)
async def amend_ehc_plan(call: RecordStep, body: PlanAmendmentIn) -> StepOut:
    """Record an amended plan."""
    return await call.take(body, annual_reviews.amend_ehc_plan)


@router.post("/phase-moves", status_code=201, openapi_extra=STEP)
async def expect_phase_move(call: RecordStep, body: PhaseMoveIn) -> StepOut:
    """Say that the pupil is to move to the next phase; with a plan, the authority's day for it follows."""
    return await call.take(body, write_down)
