"""What the local authority decided about a plan: an EHC plan issued, or a plan or statement ceased."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import CivilDate, Words
from app.domain import ehc
from app.domain.entries import EhcPlanCeased, EhcPlanIssued, Entry, Judgement, PlanRecipient, PlanSection

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["EHC plans"], route_class=StepRoute)
AUTHORITY = Field(pattern="^[0-9]{3}$", description="The authority's three-digit number.", examples=["999"])


class EhcPlanIn(StepIn):
    """A final EHC plan was made; for a pupil with a statement only once the transfer review is complete."""

    kind: ClassVar[type[Entry]] = EhcPlanIssued

    authority: str = AUTHORITY
    transfer_review_completed_on: CivilDate | None = None
    request: UUID | None = Field(default=None, description="The request it was made on, if that is known here.", examples=[None])
    sections: list[PlanSection] = Field(default=[], max_length=12, description="The sections it sets out.", examples=[["A", "B"]])
    sent_to: list[PlanRecipient] = Field(default=[], max_length=3, description="Whom it was sent to.", examples=[["family"]])


class EhcPlanEndIn(StepIn):
    """A plan or statement was ceased, and what the school decided for the pupil then."""

    kind: ClassVar[type[Entry]] = EhcPlanCeased

    authority: str = AUTHORITY
    judgement: Judgement = Field(examples=["K"])
    reason: Words


@router.post("/ehc-plans", status_code=201, openapi_extra=STEP)
async def issue_ehc_plan(call: RecordStep, body: EhcPlanIn) -> StepOut:
    """Record that the authority made an EHC plan."""
    return await call.take(body, ehc.issue_ehc_plan)


@router.post("/ehc-plan-ends", status_code=201, openapi_extra=STEP)
async def cease_ehc_plan(call: RecordStep, body: EhcPlanEndIn) -> StepOut:
    """Record that the authority ceased a plan or statement."""
    return await call.take(body, ehc.cease_ehc_plan)
