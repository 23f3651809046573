"""Specialists: involving them, their advice, and sharing it."""

from typing import ClassVar

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import CivilDate, Words
from app.domain import specialists
from app.domain.entries import Entry, Profession, SpecialistAdviceShared, SpecialistAdvised, SpecialistInvolved

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Specialists"], route_class=StepRoute)


class SpecialistIn(StepIn):
    """The school turned to a specialist; the day is that of the contact."""

    kind: ClassVar[type[Entry]] = SpecialistInvolved

    profession: Profession = Field(examples=["educational_psychologist"])
    reason: Words
    is_already_involved: bool = Field(default=False, description="Whether the specialist knew the pupil already.", examples=[False])
    parents_involved_on: CivilDate | None = Field(default=None, description="When the parents took part in the decision.")
    parents_agreed_on: CivilDate | None = Field(default=None, description="When the parents agreed to the contact.")
    parents_not_involved_because: Words | None = Field(default=None, examples=[None])


class AdviceIn(StepIn):
    """What a specialist advised."""

    kind: ClassVar[type[Entry]] = SpecialistAdvised

    involvement: int = Field(ge=1, description="The ledger number of the entry that involved the specialist.", examples=[212])
    advice: Words
    shared_with_parents_on: CivilDate | None = None
    shared_with_staff_on: CivilDate | None = None


class AdviceSharingIn(StepIn):
    """Advice was shared later than it was written down."""

    kind: ClassVar[type[Entry]] = SpecialistAdviceShared

    advice: int = Field(ge=1, description="The ledger number of the advice.", examples=[214])
    with_parents: bool = Field(examples=[True])
    with_staff: bool = Field(examples=[True])


@router.post("/specialists", status_code=201, openapi_extra=STEP)
async def involve_specialist(call: RecordStep, body: SpecialistIn) -> StepOut:
    """Turn to a specialist, with the parents."""
    return await call.take(body, specialists.involve_specialist)


@router.post("/specialist-advice", status_code=201, openapi_extra=STEP)
async def hear_specialist(call: RecordStep, body: AdviceIn) -> StepOut:
    """Write down what a specialist advised."""
    return await call.take(body, specialists.hear_specialist)


@router.post("/specialist-advice-sharings", status_code=201, openapi_extra=STEP)
async def share_advice(call: RecordStep, body: AdviceSharingIn) -> StepOut:
    """Record with whom a specialist's advice was shared."""
    return await call.take(body, specialists.share_advice)
