"""Takes up notices that were withheld for a time which is over by itself, such as the cooling-off after a changed address."""

from uuid import UUID

from app.casework.taking import Casework
from app.db import notices
from app.db.records import find_pupil, load_record


async def take_up_again(casework: Casework, school_id: UUID) -> None:
    """Look again at a school's notices whose day has come, one pupil to a transaction; it may run twice, late, or beside itself.

    What may be told now is owed to the subscribers anew, and what may still not be gets its next day, if there is one.
    """
    async with casework.sessions.for_school(school_id) as session:
        today = (await casework.open(session)).today
        pupils = await notices.pupils_to_look_at(session, today)
    for pupil in pupils:
        await _look_again(casework, school_id, pupil)
    if pupils:
        casework.means.wake()


async def _look_again(casework: Casework, school_id: UUID, pupil_id: UUID) -> None:
    async with casework.sessions.for_school(school_id) as session:
        if await find_pupil(session, pupil_id, lock=True) is None:
            return
        opened = await casework.open(session)
        record = await load_record(session, opened.school, pupil_id)
        await casework.announcing(opened).settle(record)
