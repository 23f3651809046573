"""Beside the cycle: the yearly report, plans for a move of phase, the provision map, healthcare plans and adjustments."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import A_PERSON, STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import FIRST_YEAR, LAST_YEAR, CivilDate, Line, Words
from app.domain import reports
from app.domain.entries import (
    AdjustmentMade,
    AnnualReportGiven,
    AttendanceSummarised,
    Entry,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    Phase,
    PhaseMovePlanned,
    ProvisionMapped,
)
from app.domain.step import write_down

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Reports"], route_class=StepRoute)
SCHOOL_YEAR = Field(ge=FIRST_YEAR, le=LAST_YEAR, description="The year in which the school year began.", examples=[2025])


class AnnualReportIn(StepIn):
    """The head's report on a school year was given."""

    kind: ClassVar[type[Entry]] = AnnualReportGiven

    school_year: int = SCHOOL_YEAR
    given_to: list[UUID] = Field(min_length=1, max_length=50, description="Contacts, or the pupil, by id.", examples=[[A_PERSON]])
    discussion_offered: bool = Field(examples=[True])


class PhaseMovePlanIn(StepIn):
    """How a move to the next phase is prepared, and what was agreed to be shared."""

    kind: ClassVar[type[Entry]] = PhaseMovePlanned

    to: Phase = Field(examples=["secondary"])
    moves_on: CivilDate
    preparation: Words
    sharing_agreed_with_parents_on: CivilDate | None = None
    sharing_agreed_with_pupil_on: CivilDate | None = None
    shared_on: CivilDate | None = None


class ProvisionMapIn(StepIn):
    """A pupil's extra provision was put on the school's provision map."""

    kind: ClassVar[type[Entry]] = ProvisionMapped

    school_year: int = SCHOOL_YEAR
    cost_in_pence: int | None = Field(default=None, ge=0, le=100_000_000, description="A year's cost, if worked out.", examples=[240000])


class AttendanceIn(StepIn):
    """How many sessions there were up to `occurred_on`, and how many the pupil attended."""

    kind: ClassVar[type[Entry]] = AttendanceSummarised

    begins_on: CivilDate = Field(description="The first day counted; `occurred_on` is the last.")
    sessions_possible: int = Field(ge=1, le=2_000, description="Half-days on which the pupil could attend.", examples=[380])
    sessions_attended: int = Field(ge=0, le=2_000, examples=[361])


class MedicalConditionIn(StepIn):
    """The school was told of a medical condition that needs support at school; which one is not written here."""

    kind: ClassVar[type[Entry]] = MedicalConditionNoted

    told_by: UUID | None = Field(default=None, description="The contact who told it, by id.", examples=[A_PERSON])


class HealthcarePlanIn(StepIn):
    """An individual healthcare plan is kept beside this record."""

    kind: ClassVar[type[Entry]] = HealthcarePlanLinked

    reference: Line = Field(description="Where it is kept; not what it says.", examples=["medical file 12"])
    review_on: CivilDate | None = None


class AdjustmentIn(StepIn):
    """A reasonable adjustment for a disability was made, or considered and not made."""

    kind: ClassVar[type[Entry]] = AdjustmentMade

    adjustment: Words
    not_made_because: Words | None = Field(default=None, examples=[None])


@router.post("/annual-reports", status_code=201, openapi_extra=STEP)
async def give_annual_report(call: RecordStep, body: AnnualReportIn) -> StepOut:
    """Record that the yearly report was given, and to whom."""
    return await call.take(body, reports.give_annual_report)


@router.post("/phase-move-plans", status_code=201, openapi_extra=STEP)
async def plan_phase_move(call: RecordStep, body: PhaseMovePlanIn) -> StepOut:
    """Plan a move to the next phase."""
    return await call.take(body, reports.plan_phase_move)


@router.post("/provision-maps", status_code=201, openapi_extra=STEP)
async def map_provision(call: RecordStep, body: ProvisionMapIn) -> StepOut:
    """Record that the pupil's provision is on the map; nobody has to."""
    return await call.take(body, reports.map_provision)


@router.post("/attendance-summaries", status_code=201, openapi_extra=STEP)
async def summarise_attendance(call: RecordStep, body: AttendanceIn) -> StepOut:
    """Record how many sessions the pupil attended of those there were, for whoever asks for a year's attendance."""
    return await call.take(body, reports.summarise_attendance)


@router.post("/medical-conditions", status_code=201, openapi_extra=STEP)
async def note_medical_condition(call: RecordStep, body: MedicalConditionIn) -> StepOut:
    """Note that a medical condition needs support at school."""
    return await call.take(body, write_down)


@router.post("/healthcare-plans", status_code=201, openapi_extra=STEP)
async def link_healthcare_plan(call: RecordStep, body: HealthcarePlanIn) -> StepOut:
    """Link a healthcare plan to the record."""
    return await call.take(body, write_down)


@router.post("/adjustments", status_code=201, openapi_extra=STEP)
async def make_adjustment(call: RecordStep, body: AdjustmentIn) -> StepOut:
    """Record a reasonable adjustment, made or not."""
    return await call.take(body, reports.make_adjustment)
