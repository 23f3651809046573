"""Mailboxes: what waits in them at one school, leased for a while and receipted; and how a client that asks stands there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.deliveries import CLAIMED, Claimed
from app.db.grants import STANDS
from app.db.session import SchoolSession, Session


async def mailboxes(session: Session, organisation_id: UUID) -> list[UUID]:
    """List an organisation's mailboxes out of which anything is given at this moment."""
    rows = await session.connection.fetch(
        "select id from subscription where organisation_id = $1 and kind = 'mailbox' and state = 'active'", organisation_id
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """How a client stands at a school of its side: its own, or an authority's client, whose gate asks of each request whose it is; else
    what the school's grants allow it at this moment."""

    school_id: UUID
    organisation_id: UUID
    is_whole: bool
    scopes: list[str]


_FOOTINGS: Final = f"""
select d.school_id, o.id as organisation_id, o.kind = 'authority' or d.organisation_id = o.id as is_whole,
       array(select distinct s from client_grant g cross join lateral unnest(g.scopes) s
              where g.school_id = d.school_id and g.client_id = c.id and {STANDS}) as scopes
  from directory d
  join client c on c.id = $1 and c.revoked_at is null
  join organisation o on o.id = c.organisation_id and o.is_sandbox = d.is_sandbox
 where d.school_id = any($2::uuid[])
"""  # noqa: S608


async def footings(session: Session, client_id: UUID, school_ids: Sequence[UUID]) -> list[Footing]:
    """Tell how a client stands at some schools, leaving out those of the other side: sandbox and live never meet."""
    rows = await session.connection.fetch(_FOOTINGS, client_id, school_ids)
    return [Footing(**dict(row.items())) for row in rows]


async def named(session: Session, urns: Sequence[str]) -> dict[str, UUID]:
    """Give the ids of the schools that have these numbers."""
    rows = await session.connection.fetch("select urn, school_id from directory where urn = any($1::text[])", urns)
    return {row["urn"]: row["school_id"] for row in rows}


_DUE: Final = f"""
{CLAIMED} + 1 as attempt
  from delivery d join subscription s on s.id = d.subscription_id
 where d.school_id = $1 and d.state = 'waiting' and d.next_at <= $2 and d.subscription_id = any($3::uuid[])
   and d.event <> all($5::text[]) and s.kind = 'mailbox' and s.state = 'active'
   and not exists (select from delivery e
                    where e.school_id = $1 and e.subscription_id = d.subscription_id and e.pupil_id = d.pupil_id
                      and e.state = 'waiting' and e.reason is null and e.number < d.number offset 0)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A lease out of some mailboxes until a moment: so many at most, and none of some kinds of event."""

    mailbox_ids: Sequence[UUID]
    without: Sequence[str]
    now: datetime
    until: datetime
    limit: int


async def take(session: SchoolSession, taking: Taking) -> list[Claimed]:
    """Lease what has waited longest; a lease before without a receipt is written down as lapsed.

    An earlier delivery about the same pupil to the same mailbox that still waits, leased or not, holds a later one back.
    """
    t = taking
    rows = await session.connection.fetch(_DUE, session.school_id, t.now, t.mailbox_ids, t.limit, t.without)
    taken = [_claimed(dict(row.items())) for row in rows]
    ids = [each.id for each in taken]
    await session.connection.execute(_LAPSED, session.school_id, ids, t.now)
    await session.connection.execute(_TAKE, session.school_id, ids, t.until)
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
"""  # noqa: S608


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
