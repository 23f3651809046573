"""Signed statements that may be used once: remembered until they expire."""

from datetime import datetime
from uuid import UUID

from app.db.session import Session


async def use(session: Session, whose: UUID, jti: str, expires_at: datetime) -> bool:
    """Use a statement; False when it was used before. `whose` is the client or school it speaks for."""
    await session.connection.execute(
        "delete from assertion where client_id = $1 and expires_at < $2::timestamptz - interval '1 day'", whose, expires_at
    )
    used = await session.connection.fetchval(
        "insert into assertion (client_id, jti, expires_at) values ($1, $2, $3) on conflict do nothing returning true",
        whose,
        jti,
        expires_at,
    )
    return bool(used)
