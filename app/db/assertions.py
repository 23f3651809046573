"""Signed statements that may be used once: remembered until they expire."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.db.session import Session

SLACK: Final = timedelta(days=1)
"""A statement stays remembered this long after it expired, so that no difference between clocks lets it be used twice."""


async def use(session: Session, whose: UUID, jti: str, expires_at: datetime) -> bool:
    """Use a statement; False when it was used before. `whose` is the client or school it speaks for."""
    used = await session.connection.fetchval(
        "insert into assertion (client_id, jti, expires_at) values ($1, $2, $3) on conflict do nothing returning true",
        whose,
        jti,
        expires_at,
    )
    return bool(used)


async def forget_expired(session: Session, now: datetime) -> None:
    """Drop the statements that expired a day ago or longer."""
    await session.connection.execute("delete from assertion where expires_at < $1", now - SLACK)
