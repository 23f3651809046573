"""A school's pupils as they would be returned on a census day, each with the checks that would fail."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.casework.taking import Casework, Opened
from app.db import accesses
from app.db.accesses import Access
from app.db.census import Rolled, rolled
from app.domain.census import CensusError, Return, census_errors, is_on_roll, return_of
from app.domain.purposes import CENSUS
from app.domain.school import School


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A pupil on the roll of a census day."""

    pupil: Rolled
    returned: Return
    errors: tuple[CensusError, ...]


async def count_roll(opened: Opened, on: date) -> list[Counted]:
    """Draw up the whole roll of a day by what is known now, in the order of the pupils' ids; folded beside the event loop."""
    pupils = await rolled(opened.session)
    return await asyncio.to_thread(_counted, opened.school, pupils, on)


def _counted(school: School, pupils: Sequence[Rolled], on: date) -> list[Counted]:
    records = ((pupil, pupil.record(school)) for pupil in pupils)
    return [
        Counted(pupil=pupil, returned=return_of(record, on), errors=census_errors(record, on))
        for pupil, record in records
        if is_on_roll(record, on)
    ]


async def note_reads(casework: Casework, opened: Opened, counted: Sequence[Counted], client_id: UUID) -> None:
    """Write down that these pupils' numbers were read for the census; the caller commits before they go out."""
    for one in counted:
        await accesses.note(
            opened.session,
            Access(id=casework.means.new_id(), pupil_id=one.pupil.id, client_id=client_id, purpose=CENSUS, at=casework.means.now()),
        )
