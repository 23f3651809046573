"""How long records are kept: holds, the pupils whose time is over, and the erasure of all that is held about one."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request

from app.api.ehc_requests import SecondPersonIn
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.confirmed_steps import ConfirmedStepIn, take_confirmed
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.steps import (
    A_PERSON,
    A_PUPIL,
    AN_ENTRY,
    STEP,
    AuthorIn,
    EntryOut,
    KeyHeader,
    PupilPath,
    RecordStep,
    StepIn,
    StepOut,
    key_of,
)
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import CivilDate, Day, FindingOut, In, Out, Words
from app.casework.pupil_erasure import PupilWanted, ask_for_erasure
from app.db import retention
from app.db.entrance import Entrance
from app.db.retention import Retained
from app.domain import keeping
from app.domain.entries import Entry, ErasureGround, HoldLifted, HoldPlaced

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Keeping records"], route_class=StrictRoute)
MayErase = Annotated[Entrance, Depends(needs("records:erase", own_only=True))]


class HoldIn(StepIn):
    """The record is needed for a claim, an inquiry or an appeal, and may not be erased while the hold stands."""

    kind: ClassVar[type[Entry]] = HoldPlaced

    reason: Words


class HoldEndIn(ConfirmedStepIn):
    """A hold that is needed no longer; another member of staff confirms it."""

    kind: ClassVar[type[Entry]] = HoldLifted

    hold: int = Field(ge=1, description="The ledger number of the hold.", examples=[212])
    reason: Words


class ErasureIn(In):
    """All that is held about a pupil shall go, on one ground, by the word of two people; the reason stays, so it names nobody."""

    author: AuthorIn = Field(examples=[{"kind": "staff", "id": A_PERSON}])
    confirmed_by: SecondPersonIn = Field(examples=[{"id": A_PUPIL}])
    ground: ErasureGround = Field(examples=["retention_ended"])
    reason: Words = Field(examples=["Kept for 31 years from birth, as the school's schedule says."])

    def wanted(self, pupil_id: UUID) -> PupilWanted:
        """Say who shall be erased and why."""
        return PupilWanted(pupil_id=pupil_id, ground=self.ground, reason=self.reason)


class ErasureOut(Out):
    """The school's own entry that says that a pupil was erased; `is_new` is false where that had been done before."""

    entry: EntryOut = Field(examples=[{**AN_ENTRY, "type": "pupil.erased"}])
    findings: list[FindingOut] = Field(default=[], examples=[[]])
    is_new: bool = Field(examples=[True])


class RetainedOut(Out):
    """A pupil who left, with the last day on which the file is kept; under a hold it is kept on."""

    pupil: UUID = Field(examples=[A_PUPIL])
    left_on: Day
    retained_until: Day
    held_by: int | None = Field(description="The ledger number of the oldest hold that stands.", examples=[None])

    @classmethod
    def of(cls, found: Retained) -> Self:
        """Write a pupil of the list for the wire."""
        return cls(pupil=found.id, left_on=found.left_on, retained_until=found.retained_until, held_by=found.held_by)


@router.post("/pupils/{pupil_id}/holds", status_code=201, openapi_extra=STEP)
async def place_hold(call: RecordStep, body: HoldIn) -> StepOut:
    """Place a hold on a record, by the SENCO or the head."""
    return await call.take(body, keeping.place_hold)


@router.post("/pupils/{pupil_id}/hold-ends", status_code=201, openapi_extra=STEP)
async def lift_hold(call: RecordStep, body: HoldEndIn) -> StepOut:
    """Lift a hold; a second person confirms it."""
    return await take_confirmed(call, body, keeping.lift_hold)


@router.get("/retention")
async def list_retention(
    request: Request,
    entrance: MayReadRecords,
    paging: PagingDep,
    before: Annotated[
        CivilDate | None,
        Query(description="Those kept until a day before this one; the school's today when left out.", examples=["2045-09-01"]),
    ] = None,
) -> Page[RetainedOut]:
    """List the pupils who left and whose file has been kept for its time, by the last day of it.

    That is 31 years from birth where there ever was a status of SEN and 25 otherwise, or what the school's settings say.
    """
    casework, after = request.app.state.casework, paging.after("retention")
    async with casework.sessions.enter(entrance, read_only=True) as session:
        today = (await casework.open(session)).today
        last = None if after is None else (date.fromisoformat(str(after[0])), UUID(str(after[1])))
        found = await retention.list_ended(session, before=before or today, after=last, limit=paging.fetch)
    return paging.page("retention", found, RetainedOut.of, key=lambda row: (row.retained_until.isoformat(), str(row.id)))


@router.post("/pupils/{pupil_id}/erasure", status_code=201, openapi_extra=may_answer("step-refused", "conflict", "unavailable"))
async def erase_pupil(request: Request, pupil_id: PupilPath, entrance: MayErase, body: ErasureIn, key: KeyHeader = None) -> ErasureOut:
    """Erase all that is held about a pupil, for good, on the word of two people; the places in the ledger remain and it still verifies.

    Never under a hold, and on the ground of its age only once the file has been kept for its time. Asked again, it answers with the
    erasure that was.
    """
    await key_of(request, entrance.client_id, key)
    casework, eraser = request.app.state.casework, request.app.state.eraser
    erased = await ask_for_erasure(casework, eraser, entrance, body.wanted(pupil_id), body.author.claim(), body.confirmed_by.claim())
    findings = [FindingOut.of(finding) for finding in erased.findings]
    return ErasureOut(entry=EntryOut.of(erased.recorded), findings=findings, is_new=erased.is_new)
