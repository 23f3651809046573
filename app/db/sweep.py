"""What waits in all schools, asked as the role that sees ids, states and times and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from app.db.compliance import EVERYWHERE

_JOBS = "select school_id, id from import_job where state = 'waiting' and next_at <= $1"
_BUNDLES = "select school_id, id from bundle where state = 'waiting' and next_at <= $1"
_MAILBOXES = """
select school_id, count(*) as items, min(next_at) as since from delivery
 where state = 'waiting' and next_at <= $1 and subscription_id = any($2::uuid[]) group by school_id
"""
_DELIVERIES = "select school_id from delivery where state = 'waiting' and next_at <= $1 group by school_id"
# The horizon is the 31 August after the end of this school year, so it is too near once it is less than a year away.
_STALE = """
select school_id from school
 where (rules_version is distinct from $2 or horizon is null
        or horizon < (($1::timestamptz + clock_ahead * interval '1 microsecond') at time zone 'Europe/London')::date + interval '1 year')
   and (derive_lease_until is null or derive_lease_until <= $1::timestamptz)
"""
_UNDIGESTED = "select school_id from school where accesses_digested_to is null or accesses_digested_to < $1"
# A school's totals wait until what it owes is derived under the rules that hold, and are built once on each day of its own clock.
_UNCOUNTED = """
select school_id from school
 where rules_version = $2
   and (totals_built_on is null
        or totals_built_on < (($1::timestamptz + clock_ahead * interval '1 microsecond') at time zone 'Europe/London')::date)
"""
_RAN_OUT = """
select school_id from idempotency where at < $1
union select school_id from import_job where is_dry_run and finished_at < $2
"""


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

    async def deliveries(self, now: datetime) -> list[UUID]:
        """List the schools with deliveries whose time has come; `now` is the world's."""
        return await self._schools(_DELIVERIES, now)

    async def in_mailboxes(self, mailbox_ids: Sequence[UUID], now: datetime) -> list[Waiting]:
        """List the schools that have something for some mailboxes which nobody has leased; `now` is the world's."""
        return [Waiting(*row.values()) for row in await self._pool.fetch(_MAILBOXES, now, mailbox_ids)]

    async def import_jobs(self, now: datetime) -> list[tuple[UUID, UUID]]:
        """List the imports whose time has come, as school and id."""
        return [(row[0], row[1]) for row in await self._pool.fetch(_JOBS, now)]

    async def bundles(self, now: datetime) -> list[tuple[UUID, UUID]]:
        """List the bundles that are to be made, as school and id."""
        return [(row[0], row[1]) for row in await self._pool.fetch(_BUNDLES, now)]

    async def stale_obligations(self, now: datetime, rules_version: str) -> list[UUID]:
        """List the schools whose obligations were derived under other rules, or to a horizon that has come too near on their own clock."""
        return await self._schools(_STALE, now, rules_version)

    async def compliance(self, day: date) -> list[asyncpg.Record]:
        """Count the obligations of all schools, as known now, by school, rule and state at the end of a day."""
        counts: list[asyncpg.Record] = await self._pool.fetch(EVERYWHERE, day)
        return counts

    async def undigested_accesses(self, yesterday: date) -> list[UUID]:
        """List the schools whose reads of children's papers up to a day, inside, may not yet be in the ledger."""
        return await self._schools(_UNDIGESTED, yesterday)

    async def uncounted(self, now: datetime, rules_version: str) -> list[UUID]:
        """List the schools whose totals were not yet built on this day of their own clock."""
        return await self._schools(_UNCOUNTED, now, rules_version)

    async def ran_out(self, keys_before: datetime, dry_runs_before: datetime) -> list[UUID]:
        """List the schools that keep an idempotency key, or a dry run that ended, from before those moments."""
        return await self._schools(_RAN_OUT, keys_before, dry_runs_before)

    async def _schools(self, query: str, *arguments: object) -> list[UUID]:
        return [row[0] for row in await self._pool.fetch(query, *arguments)]
