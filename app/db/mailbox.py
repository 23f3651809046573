"""Mailboxes: what waits in them at one school, leased for a while and receipted; and which clients may take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.deliveries import CLAIMED, Claimed
from app.db.session import SchoolSession, Session


async def mailboxes(session: Session, organisation_id: UUID) -> list[UUID]:
    """List an organisation's mailboxes out of which anything is given at this moment."""
    rows = await session.connection.fetch(
        "select id from subscription where organisation_id = $1 and kind = 'mailbox' and state = 'active'", organisation_id
    )
    return [row[0] for row in rows]


_OPEN: Final = """
select d.school_id
  from directory d
  join client c on c.id = $1 and c.revoked_at is null
  join organisation o on o.id = c.organisation_id and o.is_sandbox = d.is_sandbox
 where d.school_id = any($3::uuid[])
   and (o.kind = 'authority' or d.organisation_id = o.id
        or exists (select from client_grant g
                    where g.school_id = d.school_id and g.client_id = c.id and g.revoked_at is null and g.until >= current_date
                      and $2 = any(g.scopes)))
"""


async def open_to(session: Session, client_id: UUID, scope: str, school_ids: Sequence[UUID]) -> set[UUID]:
    """Of some schools, give those of the client's side that are its own or grant it the scope; to an authority's all are open, since its
    gate asks of each request whose it is."""
    rows = await session.connection.fetch(_OPEN, client_id, scope, school_ids)
    return {row[0] for row in rows}


async def named(session: Session, urns: Sequence[str]) -> dict[str, UUID]:
    """Give the ids of the schools that have these numbers."""
    rows = await session.connection.fetch("select urn, school_id from directory where urn = any($1::text[])", urns)
    return {row["urn"]: row["school_id"] for row in rows}


_DUE: Final = f"""
{CLAIMED} + 1 as attempt
  from delivery d join subscription s on s.id = d.subscription_id
 where d.school_id = $1 and d.state = 'waiting' and d.next_at <= $2 and d.subscription_id = any($3::uuid[])
   and s.kind = 'mailbox' and s.state = 'active'
   and not exists (select from delivery e
                    where e.school_id = $1 and e.subscription_id = d.subscription_id and e.pupil_id = d.pupil_id
                      and e.state = 'waiting' and e.reason is null and e.number < d.number)
 order by d.next_at, d.number limit $4
   for update of d skip locked
"""
_LAPSED: Final = """
insert into delivery_attempt (school_id, delivery_id, attempt, at, outcome, duration_ms)
select d.school_id, d.id, d.attempts, $3, 'lapsed', 0 from delivery d
 where d.school_id = $1 and d.id = any($2::uuid[]) and d.attempts > 0
on conflict do nothing
"""
_TAKE: Final = "update delivery set attempts = attempts + 1, next_at = $3 where school_id = $1 and id = any($2::uuid[])"


async def take(session: SchoolSession, mailbox_ids: Sequence[UUID], *, now: datetime, until: datetime, limit: int) -> list[Claimed]:
    """Lease what has waited longest in some mailboxes, until a moment; a lease before without a receipt is written down as lapsed.

    An earlier delivery about the same pupil to the same mailbox that still waits, leased or not, holds a later one back.
    """
    rows = await session.connection.fetch(_DUE, session.school_id, now, mailbox_ids, limit)
    taken = [_claimed(dict(row.items())) for row in rows]
    ids = [each.id for each in taken]
    await session.connection.execute(_LAPSED, session.school_id, ids, now)
    await session.connection.execute(_TAKE, session.school_id, ids, until)
    return taken


def _claimed(columns: dict[str, object]) -> Claimed:
    return Claimed(**columns)  # type: ignore[arg-type]  # the statement reads what the class holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiptable:
    """A delivery out of a mailbox as one of its attempts left it; `outcome` is what was said of that attempt, None so far."""

    claimed: Claimed
    state: str
    attempts: int
    outcome: str | None


_LEASED: Final = f"""
{CLAIMED}, $3::int as attempt, d.state,
       (select a.outcome from delivery_attempt a where a.school_id = $1 and a.delivery_id = d.id and a.attempt = $3) as outcome
  from delivery d join subscription s on s.id = d.subscription_id
 where d.school_id = $1 and d.id = $2 and s.kind = 'mailbox' and s.organisation_id = $4 and d.attempts >= $3
   for update of d
"""


async def leased(session: SchoolSession, delivery_id: UUID, *, attempt: int, organisation_id: UUID) -> Receiptable | None:
    """Lock a delivery that an organisation leased; None where it has none like that, or never so often."""
    row = await session.connection.fetchrow(_LEASED, session.school_id, delivery_id, attempt, organisation_id)
    if row is None:
        return None
    columns = dict(row.items())
    state, attempts, outcome = (columns.pop(name) for name in ("state", "attempts", "outcome"))
    return Receiptable(claimed=_claimed(columns), state=state, attempts=attempts, outcome=outcome)


async def first_tried(session: SchoolSession, delivery_id: UUID) -> datetime | None:
    """When the first attempt ended of those made since the delivery was last sent again; None before."""
    at: datetime | None = await session.connection.fetchval(
        "select min(a.at) from delivery_attempt a join delivery d on d.school_id = a.school_id and d.id = a.delivery_id"
        " where a.school_id = $1 and d.school_id = $1 and a.delivery_id = $2 and a.attempt > d.tried_before",
        session.school_id,
        delivery_id,
    )
    return at
