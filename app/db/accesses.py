"""Reads of children's papers: written before the papers are released, and digested into the ledger by the day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import rfc8785

from app.db.session import SchoolSession

DOWNLOAD_LEASE: Final = timedelta(minutes=10)
"""Byte ranges fetched within so long of each other are one download."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One read by a client, or a push to a subscription, whose id then stands as the client's; `at` is the world's time, never a
    sandbox clock's, and `person` whatever the client calls who reads."""

    id: UUID
    pupil_id: UUID
    client_id: UUID
    purpose: str
    at: datetime
    request_id: UUID | None = None
    person: str | None = None


async def note(session: SchoolSession, access: Access) -> None:
    """Write a read down; the caller commits before it lets the papers out."""
    a = access
    await session.connection.execute(
        "insert into access (school_id, id, pupil_id, request_id, client_id, person, purpose, first_at, last_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        session.school_id,
        a.id,
        a.pupil_id,
        a.request_id,
        a.client_id,
        a.person,
        a.purpose,
        a.at,
    )


_GO_ON: Final = """
update access set last_at = $7
 where school_id = $1 and pupil_id = $2 and request_id is not distinct from $3 and client_id = $4 and purpose = $5
   and person is not distinct from $6 and last_at > $8
returning id
"""


async def note_download(session: SchoolSession, access: Access) -> None:
    """Write a download down once, however many byte ranges it takes; the caller holds the lock of the request, or of the pupil,
    and commits first."""
    a = access
    known = (a.pupil_id, a.request_id, a.client_id, a.purpose, a.person, a.at, a.at - DOWNLOAD_LEASE)
    if await session.connection.fetchval(_GO_ON, session.school_id, *known) is None:
        await note(session, access)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Who looked, by organisation and client where a client asked; `client` is None for a push."""

    id: UUID
    request_id: UUID | None
    organisation: str | None
    client: str | None
    person: str | None
    purpose: str
    first_at: datetime
    last_at: datetime


_LOOKED: Final = """
select a.id, a.request_id, coalesce(o.name, p.name) as organisation, c.name as client, a.person, a.purpose, a.first_at, a.last_at
  from access a
  left join client c on c.id = a.client_id left join organisation o on o.id = c.organisation_id
  left join subscription s on s.id = a.client_id left join organisation p on p.id = s.organisation_id
 where a.school_id = $1
   and a.pupil_id = any($2::uuid || array(select p.id from pupil p where p.school_id = $1 and p.merged_into = $2::uuid))
   and ($3::uuid is null or a.request_id = $3) and ($4::uuid is null or a.id > $4)
 order by a.id limit $5
"""


async def of_pupil(
    session: SchoolSession, pupil_id: UUID, *, request_id: UUID | None = None, after: UUID | None = None, limit: int
) -> list[Looked]:
    """List who looked at a pupil's papers, or at those of one request, in order."""
    rows = await session.connection.fetch(_LOOKED, session.school_id, pupil_id, request_id, after, limit)
    return [Looked(**dict(row.items())) for row in rows]


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
