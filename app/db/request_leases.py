"""Which requests an authority has still to deal with, and which of its clients holds one for a while, so that no two take the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.session import AuthoritySession, SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A request that waits to be dealt with and is leased to nobody; ids alone."""

    id: UUID
    school_id: UUID


# A request that came alone and has a receipt waits again once its evidence is there.
_WAITS: Final = """
  from ehc_request r
  left join bundle b on b.school_id = r.school_id and b.request_id = r.id and b.state = 'ready'
 where (r.leased_until is null or r.leased_until <= $1) and r.deemed_on is not null
   and ((r.state in ('requested', 'submitted') and r.receipt_reference is null) or (r.state = 'submitted' and b.id is not null))
"""
_DUE: Final = f"select r.id, r.school_id {_WAITS} order by r.deemed_on, r.id limit $2"
_HELD: Final = f"select r.id {_WAITS} and r.school_id = $2 and r.id = any($3::uuid[]) for update of r skip locked"
_TAKE: Final = "update ehc_request set leased_by = $3, leased_until = $4 where school_id = $1 and id = any($2::uuid[])"


async def due(session: AuthoritySession, *, now: datetime, limit: int) -> list[Due]:
    """List what waits longest by the day on which it was available to the authority; `now` is the world's time."""
    return [Due(**dict(row.items())) for row in await session.connection.fetch(_DUE, now, limit)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """To which client requests are leased, from now until a moment."""

    client_id: UUID
    now: datetime
    until: datetime


async def take(session: SchoolSession, request_ids: Sequence[UUID], lease: Lease) -> set[UUID]:
    """Lease those of a school's requests that wait still and that nobody is taking at this moment; gives their ids."""
    found = await session.connection.fetch(_HELD, lease.now, session.school_id, request_ids)
    taken = {row["id"] for row in found}
    await session.connection.execute(_TAKE, session.school_id, list(taken), lease.client_id, lease.until)
    return taken


async def give_back(session: SchoolSession, request_id: UUID, client_id: UUID) -> None:
    """End the lease that a client holds; where it holds none, nothing changes."""
    await session.connection.execute(
        "update ehc_request set leased_by = null, leased_until = null where school_id = $1 and id = $2 and leased_by = $3",
        session.school_id,
        request_id,
        client_id,
    )
