"""Grants: what a school lets another organisation's client do, for which purpose and until when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg

from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A school's leave for one client; `until` is the last day (inside), `granted_by` the member of staff."""

    id: UUID
    client_id: UUID
    scopes: tuple[str, ...]
    purpose: str
    until: date
    granted_by: UUID
    granted_at: datetime
    revoked_at: datetime | None = None


STANDS: Final = "g.revoked_at is null and g.until >= current_date"
"""For a statement: whether the grant `g` stands today, which it does on its last day too."""
_COLUMNS: Final = "id, client_id, scopes, purpose, until, granted_by, granted_at, revoked_at"


async def give(session: SchoolSession, grant: Grant) -> None:
    """Write a grant of this session's school."""
    await session.connection.execute(
        "insert into client_grant (id, school_id, client_id, scopes, purpose, until, granted_by, granted_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        grant.id,
        session.school_id,
        grant.client_id,
        list(grant.scopes),
        grant.purpose,
        grant.until,
        grant.granted_by,
        grant.granted_at,
    )


async def list_given(session: SchoolSession, *, before: UUID | None, limit: int) -> tuple[Grant, ...]:
    """Give at most `limit` of this school's grants, ended and revoked ones too, newest first, those older than `before`."""
    rows = await session.connection.fetch(
        f"select {_COLUMNS} from client_grant where school_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3",  # noqa: S608
        session.school_id,
        before,
        limit,
    )
    return tuple(_grant(row) for row in rows)


async def revoke(session: SchoolSession, grant_id: UUID, *, at: datetime) -> Grant | None:
    """End a grant of this school; None when it has no such grant. Done again, the first moment stands."""
    row = await session.connection.fetchrow(
        f"update client_grant set revoked_at = coalesce(revoked_at, $3) where school_id = $1 and id = $2 returning {_COLUMNS}",  # noqa: S608
        session.school_id,
        grant_id,
        at,
    )
    return None if row is None else _grant(row)


def _grant(row: asyncpg.Record) -> Grant:
    return Grant(**{**dict(row.items()), "scopes": tuple(row["scopes"])})
