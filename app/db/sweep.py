"""What waits in all schools, asked as the role that sees ids, states and times and nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from app.db.circuits import IS_TRIED
from app.db.compliance import EVERYWHERE
from app.db.feed import Place
from app.db.work import WorkKind
from app.db.work_seen import COUNTS, Count, added
from app.db.work_waiting import UNWRITTEN, WAITING, Asking

_HEADS = "select school_id, epoch, number from ledger_head where school_id = any($1::uuid[])"
_MAILBOXES = """
select school_id, count(*) as items, min(next_at) as since from delivery
 where state = 'waiting' and next_at <= $1 and subscription_id = any($2::uuid[]) group by school_id
"""
# Steps from one school and subscription to the next along the index, so that it costs little however much waits for each of them.
_DELIVERIES = f"""
with recursive pair as (
  (select school_id, subscription_id from delivery where state = 'waiting' order by school_id, subscription_id limit 1)
  union all
  select n.school_id, n.subscription_id from pair p
   cross join lateral (select d.school_id, d.subscription_id from delivery d
                        where d.state = 'waiting' and (d.school_id, d.subscription_id) > (p.school_id, p.subscription_id)
                        order by d.school_id, d.subscription_id limit 1) n
)
select p.school_id, p.subscription_id from pair p join subscription s on s.id = p.subscription_id
 where {IS_TRIED.format(now="$1")}
   and exists (select from delivery d
                where d.state = 'waiting' and d.school_id = p.school_id and d.subscription_id = p.subscription_id and d.next_at <= $1)
"""  # noqa: S608
_WAITING_FOR = "select distinct school_id from delivery where state = 'waiting' and subscription_id = $1"

# What was delivered or withheld is history, which grows without end and is read in the log.
_STANDING = """
select state, sum(count)::bigint, min(oldest_at)
  from (select school_id, state, count(*) as count, min(created_at) as oldest_at from delivery
         where state = 'waiting' or state = 'dead' group by school_id, state) by_school
 group by state
"""
_SUBSCRIPTIONS = "select kind, state, count(*) as count from subscription group by kind, state order by kind, state"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries wait at a school, and since when the one has that waits longest."""

    school_id: UUID
    items: int
    since: datetime


class Sweep:
    """Finds work; whoever does it acts as the application, one school to a transaction."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def deliveries(self, now: datetime) -> list[tuple[UUID, UUID]]:
        """List where a delivery may be pushed whose time has come, as school and subscription; `now` is the world's."""
        return [(row[0], row[1]) for row in await self._pool.fetch(_DELIVERIES, now)]

    async def waiting_for(self, subscription_id: UUID) -> list[UUID]:
        """List the schools that have a delivery waiting for an endpoint."""
        return await self._schools(_WAITING_FOR, subscription_id)

    async def in_mailboxes(self, mailbox_ids: Sequence[UUID], now: datetime) -> list[Waiting]:
        """List the schools that have something for some mailboxes which nobody has leased; `now` is the world's."""
        return [Waiting(*row.values()) for row in await self._pool.fetch(_MAILBOXES, now, mailbox_ids)]

    async def heads(self, schools: Collection[UUID]) -> dict[UUID, Place]:
        """Tell where the ledgers of these schools end, in one look however many they are."""
        return {row[0]: Place(row[1], row[2]) for row in await self._pool.fetch(_HEADS, list(schools))}

    async def work(self, kind: WorkKind, asking: Asking) -> list[tuple[UUID, UUID]]:
        """List the pieces of a kind of work that may be taken now, as school and subject."""
        return [(row[0], row[1]) for row in await self._pool.fetch(WAITING[kind].statement, *WAITING[kind].values(asking))]

    async def counts(self, asking: Asking) -> list[Count]:
        """Count the work of all schools by kind."""
        counted = await self._pool.fetch(COUNTS.format(whose="true"), asking.now)
        due = f"select kind, sum(count)::bigint as count from ({UNWRITTEN.statement}) due group by kind"  # noqa: S608
        unwritten = await self._pool.fetch(due, *UNWRITTEN.values(asking))
        return added([Count(**dict(row.items())) for row in counted], {row["kind"]: row["count"] for row in unwritten})

    async def deliveries_standing(self) -> dict[str, tuple[int, datetime | None]]:
        """Count the deliveries of all schools that wait, and those that are dead, with the moment at which the oldest came to be owed."""
        return {row[0]: (row[1], row[2]) for row in await self._pool.fetch(_STANDING)}

    async def subscriptions(self) -> list[asyncpg.Record]:
        """Count all subscriptions by kind and state."""
        counts: list[asyncpg.Record] = await self._pool.fetch(_SUBSCRIPTIONS)
        return counts

    async def compliance(self, day: date) -> list[asyncpg.Record]:
        """Count the obligations of all schools, as known now, by school, rule and state at the end of a day."""
        counts: list[asyncpg.Record] = await self._pool.fetch(EVERYWHERE, day)
        return counts

    async def _schools(self, query: str, *arguments: object) -> list[UUID]:
        return [row[0] for row in await self._pool.fetch(query, *arguments)]
