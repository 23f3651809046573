"""What is kept for a time only is gone after it, in every school, and not a moment earlier."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.casework.expiry import forget_used_statements, forget_what_ran_out
from app.casework.waiting import asking
from app.db import assertions, idempotency, imports, opened_requests
from app.db.embedded import DatabaseUrls
from app.db.idempotency import Key
from app.db.imports import NewJob
from app.db.opened_requests import NewOpening
from app.db.session import open_pool
from app.db.sweep import Sweep
from app.db.work import WorkKind
from tests.api.world import NOW, World, add_school, running

MOMENT = timedelta(microseconds=1)
_urns = itertools.count(999_731)


@dataclass
class Kept:
    """Two schools and the sweep over both; the clock stands at NOW."""

    mine: World
    other: World
    sweep: Sweep

    async def remember(self, school: World, age: timedelta) -> None:
        key = Key(client_id=school.client_id, route="steps", key=str(clock.new_id()), digest=b"digest")
        async with school.app.state.sessions.for_school(school.school_id) as session:
            await idempotency.remember(session, key, idempotency.led_to((), {}), at=NOW - age)

    async def dry_run(self, school: World, age: timedelta, *, dry: bool = True) -> UUID:
        new = NewJob(
            id=clock.new_id(),
            format="csv",
            is_dry_run=dry,
            sealed_file=b"sealed",
            file_digest="0" * 64,
            staff_id=school.people["head"],
            assurance="asserted",
            client_id=school.client_id,
        )
        async with school.app.state.sessions.for_school(school.school_id) as session:
            await imports.add(session, new, at=NOW - age)
            await imports.finish(session, new.id, "done", {}, [], at=NOW - age)
            await session.connection.execute("update work set state = 'done' where subject = $1", new.id)
        return new.id

    async def count(self, school: World, table: str) -> int:
        async with school.app.state.sessions.for_school(school.school_id) as session:
            return int(await session.connection.fetchval(f"select count(*) from {table}"))

    async def opening(self, school: World, age: timedelta) -> None:
        """An authority tells the school of a request that it received itself."""
        new = NewOpening(
            id=clock.new_id(),
            authority="999",
            reference=str(age),
            requester="parent",
            received_on=(NOW - age).date(),
            sealed_about=b"sealed",
            officer="officer-17",
            client_id=school.client_id,
            opened_at=NOW - age,
        )
        async with school.app.state.sessions.for_school(school.school_id) as session:
            assert await opened_requests.insert(session, new)

    async def openings(self, school: World) -> list[tuple[str, bool]]:
        async with school.app.state.sessions.for_school(school.school_id) as session:
            rows = await session.connection.fetch("select state, sealed_about is null from opened_request order by opened_at")
        return [tuple(row) for row in rows]

    async def ran_out(self) -> set[UUID]:
        found = await self.sweep.work(WorkKind.FORGETTING, asking(self.mine.app.state.casework))
        return {self.mine.school_id, self.other.school_id} & {school for school, _ in found}

    async def forget(self, school: World) -> None:
        await forget_what_ran_out(school.app.state.casework, school.school_id)


@pytest.fixture
async def kept(database: DatabaseUrls) -> AsyncIterator[Kept]:
    async with running(database) as (app, http), await open_pool(database.sweep, size=1) as sweeping:
        mine, other = [await add_school(app, http, str(next(_urns))) for _ in range(2)]
        yield Kept(mine, other, Sweep(sweeping))


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=7), 1), (timedelta(days=7) + MOMENT, 0)])
async def test_an_idempotency_key_is_remembered_for_seven_days(kept: Kept, age: timedelta, left: int) -> None:
    await kept.remember(kept.mine, age)
    await kept.remember(kept.other, timedelta(days=8))
    assert await kept.ran_out() == ({kept.other.school_id} if left else {kept.mine.school_id, kept.other.school_id})
    await kept.forget(kept.mine)
    assert await kept.count(kept.mine, "idempotency") == left
    assert await kept.count(kept.other, "idempotency") == 1


@pytest.mark.parametrize(("age", "left"), [(timedelta(hours=24), 1), (timedelta(hours=24) + MOMENT, 0)])
async def test_a_dry_run_is_kept_for_a_day_after_it_ended_and_a_real_import_for_good(kept: Kept, age: timedelta, left: int) -> None:
    await kept.dry_run(kept.mine, age)
    await kept.dry_run(kept.mine, timedelta(days=400), dry=False)
    assert await kept.ran_out() == (set() if left else {kept.mine.school_id})
    await kept.forget(kept.mine)
    assert await kept.count(kept.mine, "import_job") == left + 1
    assert await kept.ran_out() == set()


async def test_whom_a_school_is_asked_about_is_forgotten_after_twenty_weeks_without_an_answer(kept: Kept) -> None:
    weeks = timedelta(weeks=20)
    await kept.opening(kept.mine, weeks)
    assert await kept.ran_out() == set()
    await kept.opening(kept.mine, weeks + MOMENT)
    await kept.opening(kept.other, weeks + MOMENT)
    assert await kept.ran_out() == {kept.mine.school_id, kept.other.school_id}
    await kept.forget(kept.mine)
    assert await kept.openings(kept.mine) == [("unanswered", True), ("waiting", False)]
    assert await kept.openings(kept.other) == [("waiting", False)]
    assert await kept.ran_out() == {kept.other.school_id}


async def test_a_statement_is_remembered_for_a_day_after_it_expired_whoever_used_it(kept: Kept) -> None:
    whose = (kept.mine.client_id, kept.other.school_id)
    async with kept.mine.app.state.sessions.shared() as session:
        for who, expired in ((whose[0], timedelta(days=1)), (whose[1], timedelta(days=1) + MOMENT)):
            assert await assertions.use(session, who, "once", NOW - expired)
    await forget_used_statements(kept.mine.app.state.casework)
    async with kept.mine.app.state.sessions.shared() as session:
        assert not await assertions.use(session, whose[0], "once", NOW)
        assert await assertions.use(session, whose[1], "once", NOW)
