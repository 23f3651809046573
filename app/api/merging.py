"""Two records that are of one child: joined, and parted again where that was a mistake."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.body import StrictRoute
from app.api.manners.confirmed_steps import ConfirmedStepIn, asked_of
from app.api.manners.steps import A_PERSON, STEP, RecordStep, StepOut, shown
from app.api.shown.shapes import Words
from app.casework.merging import merge, part
from app.domain.entries import Entry, EntryWithdrawn, RecordMerged

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Keeping records"], route_class=StrictRoute)


class MergeIn(ConfirmedStepIn):
    """Another record was found to be of the same child; this one goes on and reads the other's entries along with its own."""

    kind: ClassVar[type[Entry]] = RecordMerged

    corrects: None = Field(default=None, description="Two records are parted, not corrected.", examples=[None])
    other: UUID = Field(description="The pupil whose record is closed.", examples=[A_PERSON])
    reason: Words

    def joining(self) -> RecordMerged:
        """Build the entry of the record that goes on."""
        return RecordMerged(
            occurred_on=self.occurred_on, other=self.other, is_kept=True, reason=self.reason, confirmed_by=self.confirmed_by.id
        )


class MergeEndIn(ConfirmedStepIn):
    """The two were not one child after all: each record has its own entries again."""

    kind: ClassVar[type[Entry]] = EntryWithdrawn

    corrects: None = Field(default=None, description="Nothing else is corrected by it.", examples=[None])
    other: UUID = Field(description="The pupil whose record was closed.", examples=[A_PERSON])
    reason: Words


@router.post("/merges", status_code=201, openapi_extra=STEP)
async def merge_records(call: RecordStep, body: MergeIn) -> StepOut:
    """Join another pupil's record to this one; a second person confirms it.

    The other takes no further step and answers with a pointer to this one; name, number and date of birth stay those of this pupil.
    """
    return shown(call.response, await merge(call.casework, asked_of(call, body), body.joining()), dry_run=call.dry_run)


@router.post("/merge-ends", status_code=201, openapi_extra=STEP)
async def part_records(call: RecordStep, body: MergeEndIn) -> StepOut:
    """Part two records that were joined; what was written since stays with this one."""
    withdrawal = EntryWithdrawn(occurred_on=body.occurred_on, reason=body.reason)
    return shown(call.response, await part(call.casework, asked_of(call, body), body.other, withdrawal), dry_run=call.dry_run)
