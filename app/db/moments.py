"""Which ledger number was the last one at a moment, so that what was known then can be told again."""

from datetime import datetime

from app.db.schools import SchoolNow
from app.db.session import SchoolSession


class MomentAheadError(Exception):
    """What will be known at a moment that the school's clock has not reached cannot be told."""


async def number_at(session: SchoolSession, now: SchoolNow, shown: datetime, moment: datetime | None) -> int:
    """Resolve a moment to the last ledger number then (0 before the first); None means now. Raises MomentAheadError."""
    if moment is None:
        return now.number
    if moment > shown:
        raise MomentAheadError
    found = await session.connection.fetchval(
        "select max(number) from entry where school_id = $1 and recorded_at <= $2", session.school_id, moment
    )
    return found or 0
