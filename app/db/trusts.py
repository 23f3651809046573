"""Which schools belong to which trust, from a day until a day, both inside."""

from datetime import date
from typing import Final
from uuid import UUID

from app.db.session import Session

_JOIN: Final = """
insert into trust_membership (trust_id, school_id, since)
select $1, $2, $3
 where not exists (select from trust_membership m where m.school_id = $2 and (m.until is null or m.until >= $3))
returning true
"""
_LEAVE: Final = """
update trust_membership set until = $3 where trust_id = $1 and school_id = $2 and until is null and since <= $3 returning true
"""


async def join(session: Session, trust: UUID, school_id: UUID, *, since: date) -> bool:
    """Put a school into a trust from a day on; False while it is, or on that day or later was, in this or another."""
    return bool(await session.connection.fetchval(_JOIN, trust, school_id, since))


async def leave(session: Session, trust: UUID, school_id: UUID, *, until: date) -> bool:
    """End a school's membership with a day, which is the last inside; False when it is no member by then."""
    return bool(await session.connection.fetchval(_LEAVE, trust, school_id, until))
