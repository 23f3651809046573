"""Withholds what the gate refused, for whoever pushes, leases or hands out, and notes it on the notice."""

from uuid import UUID

from app.casework.taking import Casework
from app.db import deliveries, notices
from app.db.deliveries import Claimed, Withholding
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession


async def withhold(casework: Casework, session: SchoolSession, claimed: Claimed, reason: Withholding) -> None:
    """Withhold a delivery for good, and its notice with it; the pupil is locked before either, as by whoever erases."""
    if claimed.pupil_id is not None:
        await find_pupil(session, claimed.pupil_id, lock=True)
    await deliveries.withhold(session, claimed, reason.value)
    if claimed.notice_id is not None:
        await withhold_notice(casework, session, claimed.notice_id, reason)


async def withhold_notice(casework: Casework, session: SchoolSession, notice_id: UUID, reason: Withholding) -> None:
    """Note on a notice that it was withheld, with what follows from that; the pupil is locked first, as by whoever takes a step."""
    notice = await notices.find(session, notice_id)
    if notice is None:
        return
    await find_pupil(session, notice.pupil_id, lock=True)
    opened = await casework.open(session)
    record = await load_record(session, opened.school, notice.pupil_id)
    await casework.announcing(opened).withhold(record, notice_id, reason.value)
