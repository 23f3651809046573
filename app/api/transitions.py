"""The move from School Action and School Action Plus: one decision per pupil, and where the school stands."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.body import StrictRoute
from app.api.shapes import CivilDate, Words
from app.api.steps import A_PERSON, STEP, RecordStep, StepIn, StepOut
from app.domain import transitions
from app.domain.codes import SenStatus
from app.domain.entries import Entry, Judgement, TransitionDecided

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Transition"], route_class=StrictRoute)


class TransitionDecisionIn(StepIn):
    """A named person's individual decision about one pupil in a withdrawn category, with reasons."""

    kind: ClassVar[type[Entry]] = TransitionDecided

    programme: str = Field(pattern="^[a-z-]{1,40}$", examples=["school-action"])
    came_from: SenStatus = Field(examples=["A"])
    judgement: Judgement = Field(examples=["K"])
    reviewed_on: CivilDate
    reviewers: list[UUID] = Field(max_length=20, examples=[[A_PERSON]])
    needs_analysis: Words
    ordinarily_available: Words
    reason: Words
    pupils_view: Words | None = None
    pupils_view_missing_because: Words | None = None
    parents_view: Words | None = None
    parents_view_missing_because: Words | None = None
    provision_starts_on: CivilDate | None = None


@router.post("/pupils/{pupil_id}/transition-decisions", status_code=201, openapi_extra=STEP)
async def decide_transition(call: RecordStep, body: TransitionDecisionIn) -> StepOut:
    """Decide what follows a withdrawn category for one pupil: SEN Support or no special educational needs. There is no bulk form."""
    return await call.take(body, transitions.decide_transition)
