"""How all England stands on a day, school by school, and how one school does, beside bare aggregates with the best index for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import asyncpg

from app.db.compliance import totals_of
from app.db.embedded import DatabaseUrls
from app.db.obligations import STATE
from app.db.session import Sessions, open_pool
from app.db.sweep import Sweep
from bench.country import Made
from bench.times import Times, Way, in_turn

MOST: Final = 1.5
SCHOOLS_IN_A_ROUND: Final = 300
DAYS_BACK: Final = (0, 90, 365)
# The floor is the owner, to whom no policy applies, and knows no ledger numbers. Its index holds what it counts by and nothing else.
SAME_INDEX: Final = """
create index bench_same on obligation (school_id, rule)
 include (arises_on, opens_on, due, met_on, ended_on, excused_by, departed_by, force, missing) where known_until is null
"""
_STATE: Final = STATE.replace("$2", "$1")
SAME: Final = f"""
select school_id, rule, {_STATE} as state, count(*) from obligation
 where known_until is null and arises_on <= $1 group by school_id, rule, state
"""
DATES_INDEX: Final = """
create index bench_dates on obligation (school_id, rule) include (arises_on, due, met_on) where known_until is null
"""
DATES: Final = """
select school_id, rule, count(*) filter (where met_on <= due), count(*) filter (where met_on <= $1 and met_on > due),
       count(*) filter (where due < $1 and (met_on is null or met_on > $1)), count(*)
  from obligation where known_until is null and arises_on <= $1 group by school_id, rule
"""
ONE_SCHOOL: Final = f"""
select rule, {STATE} as state, count(*) from obligation
 where school_id = $1 and known_until is null and arises_on <= $2 group by rule, state
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Connections to ask on: the owner's, the sweep's and the application's, each one, so that a process stands for each."""

    made: Made
    owner: "asyncpg.Connection[asyncpg.Record]"
    sweep: Sweep
    sessions: Sessions
    pids: tuple[int, int, int]

    @property
    def days(self) -> list[date]:
        """The days asked for, each as often."""
        return [self.made.today - timedelta(days=back) for back in DAYS_BACK]


@asynccontextmanager
async def asking(urls: DatabaseUrls, made: Made) -> AsyncIterator[Asking]:
    """Connect as each role; every statement runs in one process alone, so that its processor time is all there is."""
    superuser = await asyncpg.connect(urls.superuser)
    for role in ("graduated_owner", "graduated_sweep", "graduated_app"):
        await superuser.execute(f"alter role {role} set max_parallel_workers_per_gather = 0")
    await superuser.close()
    owner = await asyncpg.connect(urls.owner)
    async with await open_pool(urls.sweep, size=1) as sweeping, await open_pool(urls.app, size=1) as acting:
        pids = (owner.get_server_pid(), await _pid(sweeping), await _pid(acting))
        yield Asking(made=made, owner=owner, sweep=Sweep(sweeping), sessions=Sessions(acting), pids=pids)
    await owner.close()


async def _pid(pool: "asyncpg.Pool[asyncpg.Record]") -> int:
    async with pool.acquire() as connection:
        return int(connection.get_server_pid())


async def of_all(asking: Asking) -> list[Times]:
    """Compare all England with the same counts made bare, and with counts of dates alone, which know no excuse and no missing fact."""
    rows = []
    for work, index, statement, most in (
        ("compliance of all schools, by rule and state", SAME_INDEX, SAME, MOST),
        ("the same beside kept, late, missed and all, from dates alone", DATES_INDEX, DATES, None),
    ):
        await asking.owner.execute(index)
        await asking.owner.execute("vacuum (analyze) obligation")

        async def floor(statement: str = statement) -> None:
            for day in asking.days:
                await asking.owner.fetch(statement, day)

        async def ours() -> None:
            for day in asking.days:
                await asking.sweep.compliance(day)

        taken = await in_turn(Way(work=floor, pids=asking.pids[:1]), Way(work=ours, pids=asking.pids[1:2]), rounds=3)
        rows.append(Times(work=work, floor=taken[0], ours=taken[1], most=most))
        await asking.owner.execute(f"drop index {index.split()[2]}")
    return rows


async def of_one(asking: Asking) -> Times:
    """Compare single schools, as one request asks, tenant set and policies on, with the bare aggregate over the school's rows."""
    schools = asking.made.schools[:: max(1, len(asking.made.schools) // SCHOOLS_IN_A_ROUND)]
    await asking.owner.execute(SAME_INDEX)
    await asking.owner.execute("vacuum (analyze) obligation")

    async def floor() -> None:
        for school in schools:
            await asking.owner.fetch(ONE_SCHOOL, school, asking.made.today)

    async def ours() -> None:
        for school in schools:
            async with asking.sessions.for_school(school, read_only=True) as session:
                await totals_of(session, day=asking.made.today, known_at=None)

    taken = await in_turn(Way(work=floor, pids=asking.pids[:1]), Way(work=ours, pids=asking.pids[2:]), rounds=3)
    await asking.owner.execute("drop index bench_same")
    return Times(work=f"compliance of one school, {len(schools)} times", floor=taken[0], ours=taken[1])


async def run(urls: DatabaseUrls, made: Made) -> list[Times]:
    """Measure on a country that was made in this database."""
    async with asking(urls, made) as ready:
        return [*await of_all(ready), await of_one(ready)]
