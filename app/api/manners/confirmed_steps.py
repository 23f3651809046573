"""Steps that a second member of staff confirms: the body that names them, and the way such a step is taken."""

from typing import TypeVar, cast

from pydantic import Field

from app.api.ehc_requests import SecondPersonIn
from app.api.manners.steps import A_PERSON, StepCall, StepIn, StepOut, shown
from app.casework.deciding import Step
from app.casework.taking import Asked
from app.db.codec import entry_of
from app.domain.entries import Entry

E = TypeVar("E", bound=Entry)


class ConfirmedStepIn(StepIn):
    """A step that another member of staff confirms."""

    confirmed_by: SecondPersonIn = Field(examples=[{"id": A_PERSON}])

    def entry(self) -> Entry:
        """Build the entry, with who confirmed it."""
        facts = self.model_dump(exclude={"author", "corrects", "confirmed_by"})
        return entry_of(self.kind, {**facts, "confirmed_by": self.confirmed_by.id})


def asked_of(call: StepCall, body: ConfirmedStepIn) -> Asked:
    """Say what a client asks for, with both people."""
    return Asked(
        entrance=call.entrance,
        pupil_id=call.pupil_id,
        author=body.author.claim(),
        second=body.confirmed_by.claim(),
        key=call.key,
        if_match=call.if_match,
        corrects=body.corrects,
        dry_run=call.dry_run,
    )


async def take_confirmed(call: StepCall, body: ConfirmedStepIn, step: Step[E]) -> StepOut:
    """Take a step that a second person confirms."""
    taken = await call.casework.take(asked_of(call, body), step, cast("E", body.entry()))
    return shown(call.response, taken, dry_run=call.dry_run)
