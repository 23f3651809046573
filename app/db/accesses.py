"""Reads of children's papers: written before the papers are released, and digested into the ledger by the day."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import rfc8785

from app.db.session import SchoolSession

NOTICE: Final = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One read by a client; `at` is the world's time, never a sandbox clock's."""

    id: UUID
    pupil_id: UUID
    client_id: UUID
    purpose: str
    at: datetime
    request_id: UUID | None = None


async def note(session: SchoolSession, access: Access) -> None:
    """Write a read down; the caller commits before it lets the papers out."""
    a = access
    await session.connection.execute(
        "insert into access (school_id, id, pupil_id, request_id, client_id, purpose, first_at, last_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $7)",
        session.school_id,
        a.id,
        a.pupil_id,
        a.request_id,
        a.client_id,
        a.purpose,
        a.at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfAccesses:
    """The reads that began on one civil day, as a digest and their count."""

    day: date
    digest: str
    count: int


_ROWS = """
select (first_at at time zone 'Europe/London')::date as day, id, pupil_id, request_id, client_id, person, purpose, first_at
  from access
 where school_id = $1 and (first_at at time zone 'Europe/London')::date <= $3
   and ($2::date is null or (first_at at time zone 'Europe/London')::date > $2)
 order by first_at, id
"""
_FACTS: Final = ("id", "pupil_id", "request_id", "client_id", "person", "purpose")


async def days_between(session: SchoolSession, after: date | None, to: date) -> list[DayOfAccesses]:
    """Digest the reads of each day after one (not inside) up to another (inside): SHA-256 over RFC 8785 lists, one a line.

    The last moment of a read is left out, because a download may go on past midnight.
    """
    lines: dict[date, list[bytes]] = {}
    for row in await session.connection.fetch(_ROWS, session.school_id, after, to):
        facts = [None if row[name] is None else str(row[name]) for name in _FACTS]
        lines.setdefault(row["day"], []).append(rfc8785.dumps([*facts, row["first_at"].isoformat()]))
    return [DayOfAccesses(day=day, digest=sha256(b"\n".join(found)).hexdigest(), count=len(found)) for day, found in sorted(lines.items())]


async def digested_to(session: SchoolSession) -> date | None:
    """The last day whose reads stand in the ledger, None before the first."""
    day: date | None = await session.connection.fetchval("select accesses_digested_to from school where school_id = $1", session.school_id)
    return day


async def set_digested_to(session: SchoolSession, day: date) -> None:
    """Note to which day, inside, the reads stand in the ledger."""
    await session.connection.execute("update school set accesses_digested_to = $2 where school_id = $1", session.school_id, day)
