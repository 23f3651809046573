"""Writes that were asked for under a key, so that asking again gives the same answer and does nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.db.chain import Json
from app.db.session import SchoolSession
from app.domain.entries import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A client's key for one request on one route; `digest` is SHA-256 over what was asked."""

    client_id: UUID
    route: str
    key: str
    digest: bytes


class KeyReusedError(Exception):
    """The key was used before for a different request."""


LedTo = dict[str, Json]


def led_to(recorded: Sequence[Recorded], references: Mapping[str, object]) -> LedTo:
    """Keep of a write no more than where to find it again: ledger numbers, and ids by name."""
    return {"numbers": [r.number for r in recorded], "references": {name: str(value) for name, value in references.items()}}


def numbers(kept: LedTo) -> list[int]:
    """Give the ledger numbers that a write was given."""
    listed = kept["numbers"]
    return [number for number in listed if isinstance(number, int)] if isinstance(listed, list) else []


def references(kept: LedTo) -> dict[str, str]:
    """Give the ids that a write made, by name."""
    named = kept["references"]
    return {name: str(value) for name, value in named.items()} if isinstance(named, dict) else {}


def is_same_key(error: asyncpg.UniqueViolationError) -> bool:
    """Whether a unique violation means that another request came first under the same key."""
    return "pk_idempotency" in str(error)


async def find(session: SchoolSession, key: Key) -> LedTo | None:
    """Give what an earlier request under this key led to; raises KeyReusedError when that request was another."""
    row = await session.connection.fetchrow(
        "select request_digest, led_to from idempotency where school_id = $1 and client_id = $2 and route = $3 and key = $4",
        session.school_id,
        key.client_id,
        key.route,
        key.key,
    )
    return None if row is None else led_to_by(key, row["request_digest"], row["led_to"])


def led_to_by(key: Key, digest: bytes, kept: LedTo) -> LedTo:
    """Give what a request with this digest led to if it is the very one; raises KeyReusedError when it was another."""
    if digest != key.digest:
        raise KeyReusedError
    return kept


def row_of(school: UUID, key: Key, kept: LedTo, *, at: datetime) -> dict[str, object]:
    """Give the row that keeps what a request led to."""
    named = {"client_id": key.client_id, "route": key.route, "key": key.key, "request_digest": key.digest}
    return {"school_id": school, **named, "led_to": kept, "at": at}


async def remember(session: SchoolSession, key: Key, kept: LedTo, *, at: datetime) -> None:
    """Keep what a request led to, in the write's own transaction; of two at once the second fails as a unique violation."""
    await session.connection.execute(
        "insert into idempotency (school_id, client_id, route, key, request_digest, led_to, at) values ($1, $2, $3, $4, $5, $6, $7)",
        session.school_id,
        key.client_id,
        key.route,
        key.key,
        key.digest,
        kept,
        at,
    )


async def forget_before(session: SchoolSession, moment: datetime) -> None:
    """Drop this school's keys from before a moment."""
    await session.connection.execute("delete from idempotency where school_id = $1 and at < $2", session.school_id, moment)
