"""Notes on a notice that the gate refused it, for whoever pushes, hands out or shows it."""

from uuid import UUID

from app.casework.taking import Casework
from app.db import notices
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession
from app.webhooks.gate import Withholding


async def withhold_notice(casework: Casework, session: SchoolSession, notice_id: UUID, reason: Withholding) -> None:
    """Note on a notice that it was withheld, with what follows from that; the pupil is locked first, as by whoever takes a step."""
    notice = await notices.find(session, notice_id)
    if notice is None:
        return
    await find_pupil(session, notice.pupil_id, lock=True)
    opened = await casework.open(session)
    record = await load_record(session, opened.school, notice.pupil_id)
    await casework.announcing(opened).withhold(record, notice_id, reason.value)
