"""Claiming deliveries that are pushed: so many for each endpoint, one probe at a time where it fails, under a lease that counts."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.db.circuits import IS_TRIED
from app.db.deliveries import CLAIMED, Claimed
from app.db.session import SchoolSession

# The offset keeps the planner from joining all that waits with all that waits: it looks behind each delivery along its pupil's index.
_CLAIM = f"""
with asked as (
  select a.subscription_id, f.is_probe, case when f.is_probe then 1 else a.most end as most
    from unnest($4::uuid[], $5::int[]) as a (subscription_id, most)
    join subscription s on s.id = a.subscription_id
   cross join lateral (select s.state <> 'ended' and s.probe_at is not null as is_probe) f
   where {IS_TRIED.format(now="$2")}
), picked as (
  select p.id, a.subscription_id, a.is_probe
    from asked a
   cross join lateral (
      select d.id from delivery d
       where d.school_id = $1 and d.subscription_id = a.subscription_id and d.state = 'waiting' and d.next_at <= $2
         and not exists (select from delivery e
                          where e.school_id = $1 and e.subscription_id = a.subscription_id and e.pupil_id = d.pupil_id
                            and e.state = 'waiting' and e.reason is null and e.number < d.number offset 0)
       order by d.next_at, d.number limit a.most
         for update skip locked) p
), probed as (
  update subscription s set probe_at = $3 from picked p
   where p.is_probe and s.id = p.subscription_id and s.probe_at <= $2 returning s.id
), chosen as (
  select p.id, p.is_probe from picked p where not p.is_probe or p.subscription_id in (select id from probed)
), interrupted as (
  insert into delivery_attempt (school_id, delivery_id, attempt, at, outcome, duration_ms)
  select $1, d.id, d.attempts, $2, 'interrupted', 0 from chosen c join delivery d on d.school_id = $1 and d.id = c.id
   where d.attempts > 0 on conflict do nothing
), taken as (
  update delivery d set attempts = d.attempts + 1, next_at = $3 from chosen c where d.school_id = $1 and d.id = c.id
  returning d.*, c.is_probe
)
{CLAIMED} as attempt, d.is_probe from taken d join subscription s on s.id = d.subscription_id order by d.number
"""  # noqa: S608
_HOLD = """
with asked as (select * from unnest($2::uuid[], $3::int[], $4::timestamptz[]) as a (id, attempt, until)),
held as (
  select a.* , d.next_at from asked a join delivery d on d.school_id = $1 and d.id = a.id
   where d.id = any($2::uuid[]) and d.attempts = a.attempt and d.state = 'waiting' and d.next_at > $5
), renewed as (
  update delivery d set next_at = h.until from held h
   where d.school_id = $1 and d.id = any($2::uuid[]) and d.id = h.id and d.attempts = h.attempt and d.state = 'waiting'
     and h.next_at < h.until
)
select id from held
"""
_HURRY = """
update delivery d set next_at = $3
 where d.school_id = $1 and d.subscription_id = $2 and d.state = 'waiting' and d.next_at > $3
   and exists (select from delivery_attempt a where a.school_id = $1 and a.delivery_id = d.id and a.attempt = d.attempts)
"""


async def claim(session: SchoolSession, most: Mapping[UUID, int], *, now: datetime, until: datetime) -> list[Claimed]:
    """Claim deliveries of this school for one attempt each, the longest due first, at most so many for each subscription named.

    The attempt is counted and the row leased until a moment; an earlier attempt without an outcome was interrupted. An earlier delivery
    about the same pupil to the same subscription that still waits holds a later one back. For an endpoint that fails only a probe is
    claimed, once its time has come, and `until` then keeps everybody else from probing it.
    """
    rows = await session.connection.fetch(_CLAIM, session.school_id, now, until, list(most), list(most.values()))
    return [Claimed(**dict(row.items())) for row in rows]


async def hold(session: SchoolSession, until: Mapping[Claimed, datetime], *, now: datetime) -> set[UUID]:
    """Renew leases where they end too early; gives those still held, for one that ran out is somebody else's to take, or done."""
    ids, attempts = [each.id for each in until], [each.attempt for each in until]
    rows = await session.connection.fetch(_HOLD, session.school_id, ids, attempts, list(until.values()), now)
    return {row["id"] for row in rows}


async def hurry(session: SchoolSession, subscription_id: UUID, *, now: datetime) -> None:
    """Let everything that waits for an endpoint go at once, but for attempts under way."""
    await session.connection.execute(_HURRY, session.school_id, subscription_id, now)
