"""What is true of the pupil beside the record of needs: capacity, care, home, and whom the young person lets know."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import A_PERSON, STEP, RecordStep, StepIn, StepOut
from app.api.pupils import RollCall
from app.api.shown.shapes import Words
from app.domain import circumstances
from app.domain.entries import CapacityDecided, CareDescribed, Entry, HomeDescribed, SharingAgreed

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Circumstances"], route_class=StepRoute)
AUTHORITY_NUMBER = "^[0-9]{3}$"


class CapacityIn(StepIn):
    """Whether the young person has the capacity to exercise these rights; without a representative the parents act."""

    kind: ClassVar[type[Entry]] = CapacityDecided

    has_capacity: bool = Field(examples=[False])
    representative: UUID | None = Field(default=None, description="The contact who acts for the young person.", examples=[A_PERSON])
    basis: Words = Field(examples=["Best interests meeting of 3 July, led by the social worker"])


class CareIn(StepIn):
    """Whether an authority looks after the pupil from `occurred_on` on."""

    kind: ClassVar[type[Entry]] = CareDescribed

    is_looked_after: bool = Field(examples=[True])
    authority: str | None = Field(default=None, pattern=AUTHORITY_NUMBER, examples=["999"])
    has_responsibility: bool = Field(
        default=False, description="Whether the authority shares parental responsibility, as by a care order.", examples=[True]
    )
    social_worker: UUID | None = Field(
        default=None, description="The contact through whom an authority that shares responsibility is told.", examples=[A_PERSON]
    )


class HomeIn(StepIn):
    """In which authority's area the pupil lives from `occurred_on` on; it need not be the school's."""

    kind: ClassVar[type[Entry]] = HomeDescribed

    authority: str = Field(pattern=AUTHORITY_NUMBER, examples=["999"])


class SharingIn(StepIn):
    """Whether the young person lets a contact know what they are told themselves, from `occurred_on` on."""

    kind: ClassVar[type[Entry]] = SharingAgreed

    contact: UUID = Field(examples=[A_PERSON])
    agrees: bool = Field(examples=[True])


@router.post("/capacity", status_code=201, openapi_extra=STEP)
async def decide_capacity(call: RecordStep, body: CapacityIn) -> StepOut:
    """Record a decision about the young person's capacity, by which somebody else acts for them or no longer does."""
    return await call.take(body, circumstances.decide_capacity)


@router.post("/sharing", status_code=201, openapi_extra=STEP)
async def agree_sharing(call: RecordStep, body: SharingIn) -> StepOut:
    """Record that the young person lets a contact be told along with them, or no longer does."""
    return await call.take(body, circumstances.agree_sharing)


@router.post("/care", status_code=201, openapi_extra=STEP)
async def describe_care(call: RollCall, body: CareIn) -> StepOut:
    """Record that an authority looks after the pupil, or no longer does."""
    return await call.take(body, circumstances.describe_care)


@router.post("/home", status_code=201, openapi_extra=STEP)
async def describe_home(call: RollCall, body: HomeIn) -> StepOut:
    """Record in which authority's area the pupil lives; requests for an EHC needs assessment go to that authority."""
    return await call.take(body, circumstances.describe_home)
