"""Mending a record without losing what stood there: withdrawals, and reasons for departing from guidance."""

from functools import partial
from typing import ClassVar

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import Line, Words
from app.casework import withdrawing
from app.domain import corrections, departures
from app.domain.entries import DepartureExplained, Entry, EntryWithdrawn

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Corrections"], route_class=StepRoute)


class WithdrawalIn(StepIn):
    """An entry made in error; `corrects` names it, and nothing takes its place."""

    kind: ClassVar[type[Entry]] = EntryWithdrawn

    corrects: int = Field(ge=1, description="The number of the entry to withdraw.", examples=[212])
    reason: Words


class DepartureIn(StepIn):
    """Why the school departed from guidance on one occasion; a duty of statute cannot be cleared so."""

    kind: ClassVar[type[Entry]] = DepartureExplained

    rule: Line = Field(examples=["review-by-the-agreed-date"])
    occasion: Line = Field(description="The occasion, as the obligation names it.", examples=["1"])
    reason: Words


@router.post("/withdrawals", status_code=201, openapi_extra=STEP)
async def withdraw_entry(call: RecordStep, body: WithdrawalIn) -> StepOut:
    """Withdraw an entry that should never have been made; a request whose withdrawal is withdrawn stands again."""
    step = partial(corrections.withdraw_entry, number=body.corrects)
    return await call.take(body, step, alongside=partial(withdrawing.follow, call.casework, call.pupil_id))


@router.post("/departures", status_code=201, openapi_extra=STEP)
async def explain_departure(call: RecordStep, body: DepartureIn) -> StepOut:
    """Record, with an author, why guidance was departed from."""
    return await call.take(body, departures.explain_departure)
