"""Gives who asked for it the copy of a pupil's record: once it was looked through, while they may have it, the look written down."""

from dataclasses import dataclass
from uuid import UUID

from app.casework.taking import Casework, PupilUnknownError, StepRefusedError
from app.db import accesses
from app.db.accesses import Access
from app.db.entrance import Entrance
from app.db.opening import MergedAwayError
from app.db.records import PupilRef, find_pupil, load_record
from app.domain.access_exports import ReleasedEntry, export_refusal, released
from app.domain.entries import AccessAsked
from app.domain.purposes import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A record as it is released: who it is about, and every entry, those held back by number and exemption alone."""

    pupil: PupilRef
    asked: AccessAsked
    entries: tuple[ReleasedEntry, ...]
    up_to: int


async def export(casework: Casework, entrance: Entrance, pupil_id: UUID, number: int, person: str | None) -> Export:
    """Release the record for the request of that number; the look is committed before anything is given out.

    Raises PupilUnknownError, StepRefusedError, MergedAwayError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance) as session:
        opened = await casework.open(session)
        pupil = await find_pupil(session, pupil_id)
        if pupil is None:
            raise PupilUnknownError
        record = await load_record(session, opened.school, pupil_id)
        if record.merged_into is not None:
            raise MergedAwayError(record.merged_into)
        asked, refusal = export_refusal(record, number, opened.today)
        if refusal is not None or asked is None:
            raise StepRefusedError((refusal,) if refusal else ())
        access = Access(
            id=casework.means.new_id(),
            pupil_id=pupil_id,
            client_id=entrance.client_id,
            purpose=Purpose.ACCESS_REQUEST.value,
            at=casework.means.now(),
            person=person,
        )
        await accesses.note(session, access)
    return Export(pupil=pupil, asked=asked, entries=released(record, number), up_to=opened.now.number)
