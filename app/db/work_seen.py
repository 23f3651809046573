"""What is to be seen of work and deliveries: how much waits and since when, what is under way, and what was given up."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.session import SchoolSession
from app.db.work_waiting import COUNTED, UNWRITTEN, Asking

MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One kind of work: how many pieces wait, are under way and were given up, since when the oldest waits, and its most attempts.

    What is due and has no row yet waits too; nobody knows since when.
    """

    kind: str
    waiting: int
    running: int
    dead: int
    oldest_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One piece of work that is under way or was given up; `ended_at` and `reason` are of one that was given up."""

    kind: str
    subject: UUID
    state: str
    attempts: int
    created_at: datetime
    ended_at: datetime | None
    reason: str | None
    progress: dict[str, int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What is owed to one subscription by a school, and how its endpoint stands."""

    subscription_id: UUID
    kind: str
    state: str
    failures: int
    failing_since: datetime | None
    probe_at: datetime | None
    waiting: int
    dead: int
    oldest_at: datetime | None


RUNNING: Final = "w.state = 'waiting' and w.held_by is not null and w.next_at > $1"
COUNTS: Final = f"""
select kind, sum(waiting)::bigint as waiting, sum(running)::bigint as running, sum(dead)::bigint as dead, min(oldest_at) as oldest_at,
       max(attempts) as attempts
  from (select w.school_id, w.kind, count(*) filter (where w.state = 'waiting' and not ({RUNNING})) as waiting,
               count(*) filter (where {RUNNING}) as running, count(*) filter (where w.state = 'dead') as dead,
               min(w.created_at) filter (where w.state = 'waiting') as oldest_at,
               coalesce(max(w.attempts) filter (where w.state = 'waiting'), 0) as attempts
          from work w where w.state in ('waiting', 'dead') and {{whose}} group by w.school_id, w.kind) by_school
 group by kind
"""  # noqa: S608
_SHOWN: Final = f"""
select w.kind, w.subject, case when w.state = 'dead' then 'dead' else 'running' end as state, w.attempts, w.created_at,
       w.done_at as ended_at, w.reason, w.progress
  from work w where w.school_id = $2 and (w.state = 'dead' or {RUNNING}) order by w.created_at desc, w.kind, w.subject limit $3
"""  # noqa: S608
_OWED: Final = """
select ss.subscription_id, s.kind, s.state, s.failures, s.failing_since, s.probe_at, coalesce(d.waiting, 0) as waiting,
       coalesce(d.dead, 0) as dead, d.oldest_at
  from school_subscription ss join subscription s on s.id = ss.subscription_id
  left join (select subscription_id, count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'dead') as dead,
                    min(created_at) filter (where state = 'waiting') as oldest_at
               from delivery where school_id = $1 and state in ('waiting', 'dead') group by subscription_id) d
    on d.subscription_id = ss.subscription_id
 where ss.school_id = $1 order by ss.subscription_id
"""


async def counts_of(session: SchoolSession, asking: Asking) -> list[Count]:
    """Count a school's work by kind, in the order of the kinds; the world's times."""
    counted = await session.connection.fetch(COUNTS.format(whose="w.school_id = $2"), asking.now, session.school_id)
    school = f"${len(UNWRITTEN.names) + 1}"
    due = f"select kind, count from ({UNWRITTEN.statement}) due where school_id = {school}"  # noqa: S608
    unwritten = await session.connection.fetch(due, *UNWRITTEN.values(asking), session.school_id)
    return added([Count(**dict(row.items())) for row in counted], {row["kind"]: row["count"] for row in unwritten})


def added(counted: list[Count], unwritten: dict[str, int]) -> list[Count]:
    """Give every kind its count, with what waits and has no row yet."""
    found = {count.kind: count for count in counted}
    nothing = Count(kind="", waiting=0, running=0, dead=0, oldest_at=None, attempts=0)
    kinds = [*COUNTED, *sorted(found.keys() - set(COUNTED))]
    given = ((kind, found.get(kind, nothing), unwritten.get(kind, 0)) for kind in kinds)
    return [replace(count, kind=str(kind), waiting=count.waiting + more) for kind, count, more in given]


async def shown_of(session: SchoolSession, now: datetime) -> list[Shown]:
    """List a school's work that is under way or was given up, the newest first, a hundred at most."""
    rows = await session.connection.fetch(_SHOWN, now, session.school_id, MOST_SHOWN)
    return [Shown(**dict(row.items())) for row in rows]


async def owed_by(session: SchoolSession) -> list[Owed]:
    """List the subscriptions that hear of this school with what waits for each and what died."""
    return [Owed(**dict(row.items())) for row in await session.connection.fetch(_OWED, session.school_id)]
