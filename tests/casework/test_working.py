"""One attempt after another: what is put off for how long, what is given up with which reason, and a lease that outlasts long work."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.casework import working
from app.casework.authors import ProofReader
from app.casework.taking import Casework, Means
from app.casework.working import TERMS, Held, HopelessError, attempt
from app.db import work
from app.db.embedded import DatabaseUrls
from app.db.session import SchoolSession, Sessions
from app.db.work import LeaseLostError, WorkKind
from tests.db.builders import MOMENT, make_school, pool_of


@dataclass
class Bench:
    """A school on which work is tried, at a moment that the test moves."""

    casework: Casework
    school: UUID
    server: asyncpg.Connection
    time: list[datetime]
    buried: list[str] = field(default_factory=list)

    async def bury(self, _session: SchoolSession, reason: str) -> None:
        self.buried.append(reason)

    async def row(self) -> asyncpg.Record:
        found = await self.server.fetchrow("select * from work where school_id = $1", self.school)
        assert found is not None
        return found


@pytest.fixture
async def bench(database: DatabaseUrls) -> AsyncIterator[Bench]:
    server, time = await asyncpg.connect(database.superuser), [MOMENT]
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        proofs = ProofReader(audience="tests", now=clock.now)
        means = Means(now=lambda: time[0], dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None)
        yield Bench(Casework(sessions, means), (await make_school(sessions)).id, server, time)
    await server.close()


async def break_off(_held: Held) -> None:
    raise ConnectionResetError


async def find_nothing(_held: Held) -> None:
    raise HopelessError


async def well(held: Held) -> str:
    async with held.casework.sessions.for_school(held.school_id) as session:
        await held.finish(session)
    return "done"


@pytest.mark.parametrize("kind", WorkKind)
async def test_what_breaks_off_is_tried_again_after_growing_waits_and_given_up_after_the_last(bench: Bench, kind: WorkKind) -> None:
    waits = TERMS[kind].waits
    assert list(waits) == sorted(waits)
    for n, wait in enumerate(waits, start=1):
        with pytest.raises(ConnectionResetError):
            await attempt(bench.casework, kind, bench.school, bench.school, break_off, burying=bench.bury)
        row = await bench.row()
        assert (row["state"], row["attempts"], row["held_by"], row["next_at"]) == ("waiting", n, None, bench.time[0] + wait)
        bench.time[0] += wait - timedelta(microseconds=1)
        assert await attempt(bench.casework, kind, bench.school, bench.school, well) is None
        bench.time[0] += timedelta(microseconds=1)
    assert bench.buried == []
    with pytest.raises(ConnectionResetError):
        await attempt(bench.casework, kind, bench.school, bench.school, break_off, burying=bench.bury)
    row = await bench.row()
    assert (row["state"], row["reason"], bench.buried) == ("dead", "exhausted", ["exhausted"])
    bench.time[0] += timedelta(days=9)
    assert await attempt(bench.casework, kind, bench.school, bench.school, well) is None


async def test_what_is_hopeless_is_given_up_at_once(bench: Bench) -> None:
    with pytest.raises(HopelessError):
        await attempt(bench.casework, WorkKind.BUNDLE, bench.school, bench.school, find_nothing, burying=bench.bury)
    row = await bench.row()
    assert (row["state"], row["reason"], row["attempts"], bench.buried) == ("dead", "gone", 1, ["gone"])


async def test_work_that_killed_its_worker_each_time_is_given_up_by_the_next(bench: Bench) -> None:
    """Each worker dies with the work in hand; nobody puts it off."""
    terms = TERMS[WorkKind.CLOCKS]
    for _ in range(terms.most_attempts):
        dying = asyncio.create_task(attempt(bench.casework, WorkKind.CLOCKS, bench.school, bench.school, for_ever, burying=bench.bury))
        await asyncio.sleep(0.05)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        assert (await bench.row())["state"] == "waiting"
        bench.time[0] += terms.lease
    assert await attempt(bench.casework, WorkKind.CLOCKS, bench.school, bench.school, well, burying=bench.bury) is None
    row = await bench.row()
    assert (row["state"], row["reason"], bench.buried) == ("dead", "interrupted", ["interrupted"])


async def for_ever(_held: Held) -> None:
    await asyncio.Event().wait()


async def test_a_lease_outlasts_work_that_takes_longer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease of a third of a second, and work of a whole one: nobody else gets it meanwhile."""
    short = replace(TERMS[WorkKind.IMPORT], lease=timedelta(seconds=0.3))
    monkeypatch.setattr(working, "TERMS", MappingProxyType({**TERMS, WorkKind.IMPORT: short}))
    object.__setattr__(bench.casework.means, "now", clock.now)

    async def slowly(held: Held) -> str:
        await asyncio.sleep(1.0)
        return await well(held)

    async def meanwhile() -> list[str | None]:
        found = []
        for _ in range(8):
            await asyncio.sleep(0.1)
            found.append(await attempt(bench.casework, WorkKind.IMPORT, bench.school, bench.school, well))
        return found

    done, others = await asyncio.gather(attempt(bench.casework, WorkKind.IMPORT, bench.school, bench.school, slowly), meanwhile())
    assert (done, others) == ("done", [None] * 8)
    assert (await bench.row())["attempts"] == 1


async def test_who_finds_the_lease_lost_gives_nothing_up_and_puts_nothing_off(bench: Bench) -> None:
    async def overtaken(held: Held) -> str:
        await bench.server.execute("update work set held_by = $2 where school_id = $1", bench.school, clock.new_id())
        return await well(held)

    with pytest.raises(LeaseLostError):
        await attempt(bench.casework, WorkKind.TOTALS, bench.school, bench.school, overtaken, burying=bench.bury)
    row = await bench.row()
    assert (row["state"], row["next_at"], bench.buried) == ("waiting", MOMENT + TERMS[WorkKind.TOTALS].lease, [])


async def test_a_broken_attempt_whose_work_is_anothers_by_now_puts_nothing_off(bench: Bench) -> None:
    async def overtaken(_held: Held) -> None:
        await bench.server.execute("update work set held_by = $2 where school_id = $1", bench.school, clock.new_id())
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await attempt(bench.casework, WorkKind.TOTALS, bench.school, bench.school, overtaken, burying=bench.bury)
    assert (await bench.row())["next_at"] == MOMENT + TERMS[WorkKind.TOTALS].lease


async def test_work_on_a_whole_school_that_is_safe_to_do_twice_ends_after_it_was_done(bench: Bench) -> None:
    did: list[UUID] = []

    async def do(school_id: UUID) -> None:
        did.append(school_id)
        assert (await bench.row())["held_by"] is not None

    await working.attempt_whole(bench.casework, WorkKind.NOTICES, do, bench.school)
    row = await bench.row()
    assert (did, row["state"], row["done_at"]) == ([bench.school], "done", MOMENT)
    async with bench.casework.sessions.for_school(bench.school) as session:
        assert not await work.ask_again(session, WorkKind.NOTICES, bench.school, now=MOMENT)
