"""Meetings with parents."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.cycles import SourceIn
from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import A_PERSON, STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import CivilDate, Words
from app.domain import meetings
from app.domain.entries import Entry, MeetingHeld

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Meetings"], route_class=StepRoute)


class MeetingIn(StepIn):
    """A meeting with the parents about outcomes, progress and support; one that was offered and declined counts as offered."""

    kind: ClassVar[type[Entry]] = MeetingHeld

    attended_by: list[UUID] = Field(max_length=20, description="The contacts, or the young person, who came.", examples=[[A_PERSON]])
    declined_by: list[UUID] = Field(default=[], max_length=20, examples=[[]])
    led_by: UUID = Field(examples=[A_PERSON])
    senco_present: bool = Field(examples=[True])
    minutes: int = Field(ge=1, le=600, examples=[45])
    pupils_view: SourceIn
    agreed: Words
    shared_with_staff_on: CivilDate | None = None
    given_to_parents_on: CivilDate | None = None


@router.post("/meetings", status_code=201, openapi_extra=STEP)
async def hold_meeting(call: RecordStep, body: MeetingIn) -> StepOut:
    """Record a meeting with the parents: at least three a year (Code of Practice 6.65)."""
    return await call.take(body, meetings.hold_meeting)
