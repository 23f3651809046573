"""Writes that were asked for under a key, so that asking again gives the same answer and does nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A client's key for one request on one route; `digest` is SHA-256 over what was asked."""

    client_id: UUID
    route: str
    key: str
    digest: bytes


class KeyReusedError(Exception):
    """The key was used before for a different request."""


LedTo = dict[str, object]


async def find(session: SchoolSession, key: Key) -> LedTo | None:
    """Give what an earlier request under this key led to; raises KeyReusedError when that request was another."""
    row = await session.connection.fetchrow(
        "select request_digest, led_to from idempotency where school_id = $1 and client_id = $2 and route = $3 and key = $4",
        session.school_id,
        key.client_id,
        key.route,
        key.key,
    )
    if row is None:
        return None
    if row["request_digest"] != key.digest:
        raise KeyReusedError
    led_to: LedTo = row["led_to"]
    return led_to


async def remember(session: SchoolSession, key: Key, led_to: LedTo, *, at: datetime) -> None:
    """Keep what a request led to, in the write's own transaction; of two at once the second fails as a unique violation."""
    await session.connection.execute(
        "insert into idempotency (school_id, client_id, route, key, request_digest, led_to, at) values ($1, $2, $3, $4, $5, $6, $7)",
        session.school_id,
        key.client_id,
        key.route,
        key.key,
        key.digest,
        led_to,
        at,
    )


async def forget_before(session: SchoolSession, moment: datetime) -> None:
    """Drop this school's keys from before a moment."""
    await session.connection.execute("delete from idempotency where school_id = $1 and at < $2", session.school_id, moment)
