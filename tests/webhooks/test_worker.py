"""The worker loses nothing: not to kill -9, not to a notification that never came, not to a second worker or a slow endpoint."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import asyncpg
import pytest
from standardwebhooks.webhooks import Webhook

from app.casework.access_digest import digest_accesses
from app.casework.rederivation import rederive
from app.casework.taking import horizon_of
from app.casework.waiting import asking
from app.db import derivation
from app.db.embedded import DatabaseUrls
from app.db.wake import Bell, Waker, listen
from app.db.work import WorkKind
from app.domain.rules import RULES_VERSION
from app.settings import Settings
from app.worker import CannotWorkError, Kind, keep_at, work
from tests.api.world import NOW, SECRETS_KEY
from tests.webhooks.receivers import Behaviour, answering, heard, receiving
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling, until

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@asynccontextmanager
async def a_worker(database: DatabaseUrls) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real process on the test's database; killed at the end if it is still there."""
    given = {"DATABASE_URL": database.app, "DATABASE_SWEEP_URL": database.sweep, "SECRETS_KEY": SECRETS_KEY, "EGRESS_ALLOW": "127.0.0.0/8"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.worker", env={**os.environ, **given}, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def hanging(began: asyncio.Event) -> Behaviour:
    """Hear a request and never answer."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        began.set()
        await reader.read()

    return behave


async def states(school: Telling) -> list[tuple[object, object]]:
    return [(d["state"], d["attempts"]) for d in await school.deliveries()]


async def test_a_worker_killed_in_mid_delivery_loses_nothing_and_the_attempt_counts(school: Telling) -> None:
    began, arrived = asyncio.Event(), []
    async with receiving(hanging(began)) as receiver:
        _, secret = await school.subscribe(receiver.port)
        await school.decide()
        async with a_worker(school.database) as process:
            await asyncio.wait_for(began.wait(), 20)
            process.kill()
            assert await process.wait() < 0
        assert await states(school) == [("waiting", 1)]
        receiver.behaviour = answering(OK, arrived)
        await run_sql_with(school.database, "update delivery set next_at = created_at where school_id = $1", school.world.school_id)
        async with a_worker(school.database) as process:
            await until(lambda: _is(school, [("delivered", 2)]), 20)
            process.terminate()
            assert await process.wait() == 0
    ((_, headers, body),) = arrived
    (logged,) = await school.deliveries()
    assert [a["outcome"] for a in logged["log"]] == ["interrupted", "accepted"]
    assert Webhook(secret).verify(body, headers) == json.loads(body)
    assert headers["webhook-id"] == logged["id"]


async def test_a_worker_tells_nothing_of_whom_it_is_about(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        async with a_worker(school.database) as process:
            await until(lambda: _is(school, [("delivered", 1)]), 20)
            process.terminate()
            _, said = await process.communicate()
    lines = [json.loads(line) for line in said.decode().splitlines()]
    assert [line["delivery"] for line in lines if line["event"] == "delivery.attempted"] == [(await school.deliveries())[0]["id"]]
    assert not [line for line in lines if line["level"] == "error" or "dropped" in line]
    assert not [word for word in ("Ada", "Gita", "hook", school.pupil, school.parent) if word in said.decode()]


async def _is(school: Telling, wanted: list[tuple[object, object]]) -> bool:
    return await states(school) == wanted


async def test_two_workers_never_make_the_same_attempt(school: Telling) -> None:
    arrived: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(OK, arrived)) as receiver:
        await school.subscribe(receiver.port)
        for _ in range(12):
            await school.with_pupil()
            await school.decide()
        one, two = school.dispatcher(), school.dispatcher()
        while any(await asyncio.gather(one.turn(), two.turn())):
            await asyncio.gather(one.finish(), two.finish())
        await asyncio.gather(one.finish(), two.finish())
    ids = [headers["webhook-id"] for _, headers, _ in arrived]
    assert len(ids) == len(set(ids)) == 12
    assert await states(school) == [("delivered", 1)] * 12


async def test_a_slow_endpoint_delays_nobody_else(school: Telling) -> None:
    began = asyncio.Event()
    async with receiving(hanging(began)) as slow, receiving(answering(OK)) as quick:
        slowly, _ = await school.subscribe(slow.port)
        quickly, _ = await school.subscribe(quick.port)
        for _ in range(10):
            await school.with_pupil()
            await school.decide()
        dispatcher = school.dispatcher()

        async def all_quick_ones_arrived() -> bool:
            await dispatcher.turn()
            log = (await school.world.get("/deliveries", subscription=quickly)).json()["items"]
            return [d["state"] for d in log] == ["delivered"] * 10

        await until(all_quick_ones_arrived)
        log = (await school.world.get("/deliveries", subscription=slowly)).json()["items"]
        assert sorted(d["attempts"] for d in log) == [0] * 6 + [1] * 4
        assert slow.connections == 4
        for task in list(dispatcher._tasks):
            task.cancel()
        await dispatcher.finish()


async def test_what_nobody_was_woken_for_is_found_by_looking(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        dispatcher, bell = school.dispatcher(), Bell()
        loop = asyncio.create_task(keep_at(Kind(name="deliveries", turn=dispatcher.turn, poll_s=0.05), bell.ear()))
        await school.decide()
        await until(lambda: _is(school, [("delivered", 1)]))
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await dispatcher.finish()


async def test_a_waker_reaches_a_listener_at_most_once_in_a_while(database: DatabaseUrls) -> None:
    rung = 0
    ready = asyncio.Event()

    def ring() -> None:
        nonlocal rung
        rung += 1
        ready.set()

    waker = Waker(database.app)
    tasks = [asyncio.create_task(waker.run()), asyncio.create_task(listen(database.app, ring))]
    await asyncio.wait_for(ready.wait(), 10)
    ready.clear()
    for _ in range(200):
        waker.wake()
    await asyncio.wait_for(ready.wait(), 10)
    await asyncio.sleep(0.1)
    assert rung == 2
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_listener_that_lost_its_connection_listens_again(database: DatabaseUrls) -> None:
    ready = asyncio.Event()
    task = asyncio.create_task(listen(database.app, ready.set))
    await asyncio.wait_for(ready.wait(), 10)
    ready.clear()
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and datname = current_database()"
    await run_sql_with(database, cut)
    await asyncio.wait_for(ready.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_error_in_one_turn_does_not_end_the_work() -> None:
    turns = 0

    async def turn() -> bool:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise RuntimeError
        return False

    task = asyncio.create_task(keep_at(Kind(name="broken", turn=turn, poll_s=0.01), Bell().ear()))

    async def went_on() -> bool:
        return turns >= 3

    await until(went_on)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_a_worker_without_its_settings_says_which() -> None:
    with pytest.raises(CannotWorkError, match="DATABASE_SWEEP_URL"):
        await work(Settings(database_url="postgresql:///none", database_sweep_url=None), asyncio.Event())


async def test_the_worker_lets_go_of_what_ran_out(school: Telling) -> None:
    async def keys() -> int:
        ((count,),) = await run_sql_with(school.database, "select count(*) from idempotency where school_id = $1", school.world.school_id)
        return int(count)

    async def is_gone() -> bool:
        return await keys() == 0

    assert await keys() > 0
    await run_sql_with(school.database, "update idempotency set at = '2020-01-01Z' where school_id = $1", school.world.school_id)
    async with a_worker(school.database):
        await until(is_gone, 20)
    assert await keys() == 0


async def rows_of(school: Telling) -> list[tuple[object, ...]]:
    found = await run_sql_with(
        school.database,
        "select rule, occasion, known_from, known_until from obligation where school_id = $1 order by known_from, rule, occasion",
        school.world.school_id,
    )
    return [tuple(row) for row in found]


async def found(school: Telling, kind: WorkKind) -> bool:
    id_ = school.world.school_id
    return (id_, id_) in await school.sweep.work(kind, asking(school.world.app.state.casework))


async def the_school(school: Telling) -> asyncpg.Record:
    (row,) = await run_sql_with(school.database, "select horizon, rules_version from school where school_id = $1", school.world.school_id)
    return row


async def entries(school: Telling, kind: str) -> list[asyncpg.Record]:
    return await run_sql_with(
        school.database,
        "select number, occurred_on, body from entry where school_id = $1 and type = $2 order by number",
        school.world.school_id,
        kind,
    )


async def test_a_new_school_is_derived_once_and_then_left_alone(school: Telling) -> None:
    await school.decide()
    casework, id_ = school.world.app.state.casework, school.world.school_id
    before = await rows_of(school)
    assert await found(school, WorkKind.OBLIGATIONS)
    assert await rederive(casework, id_)
    assert tuple(await the_school(school)) == (horizon_of(NOW.date()), RULES_VERSION)
    assert not await found(school, WorkKind.OBLIGATIONS)
    assert len(await entries(school, "obligations.rederived")) == 1
    assert await rows_of(school) == before


async def test_what_is_owed_by_other_rules_is_closed_and_opened_under_the_number_of_the_run(school: Telling) -> None:
    await school.decide()
    id_ = school.world.school_id
    standing = len(await rows_of(school))
    await run_sql_with(school.database, "update obligation set due = due + 1, rules_version = 'old' where school_id = $1", id_)
    assert await rederive(school.world.app.state.casework, id_)
    ((number, _, body),) = await entries(school, "obligations.rederived")
    assert json.loads(body)["rules_version"] == RULES_VERSION
    rows = await rows_of(school)
    changed = [row for row in rows if row[3] is not None]
    assert {row[3] for row in changed} == {number}
    assert len([row for row in rows if row[3] is None]) == standing
    assert {row[2] for row in rows if row[3] is None and (row[0], row[1]) in {(c[0], c[1]) for c in changed}} == {number}


async def test_a_run_that_was_broken_off_goes_on_under_its_own_entry(school: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    casework, id_ = school.world.app.state.casework, school.world.school_id
    for _ in range(4):
        await school.world.pupil(a_upn())
    monkeypatch.setattr("app.casework.rederivation.BATCH", 2)
    taken = 0
    real = derivation.lock_pupils

    async def breaking_off(*arguments: object, **named: object) -> object:
        nonlocal taken
        taken += 1
        if taken == 2:
            raise ConnectionResetError
        return await real(*arguments, **named)

    with monkeypatch.context() as patch, pytest.raises(ConnectionResetError):
        patch.setattr(derivation, "lock_pupils", breaking_off)
        await rederive(casework, id_)
    assert not await rederive(casework, id_)
    school.clock.ahead = timedelta(seconds=61)
    assert await rederive(casework, id_)
    assert len(await entries(school, "obligations.rederived")) == 1
    assert (await the_school(school))["rules_version"] == RULES_VERSION


async def test_a_setting_changed_asks_for_another_run(school: Telling) -> None:
    casework, id_ = school.world.app.state.casework, school.world.school_id
    await rederive(casework, id_)
    body = {"setting": "tell_within_days", "value": 3, "occurred_on": "2026-03-02", "author": {"id": str(school.world.people["head"])}}
    assert (await school.world.post("/settings", body)).status_code == 201
    assert await found(school, WorkKind.OBLIGATIONS)
    assert await rederive(casework, id_)
    assert len(await entries(school, "obligations.rederived")) == 2


async def test_a_clock_moved_into_the_next_school_year_brings_the_horizon_along(school: Telling) -> None:
    casework, id_ = school.world.app.state.casework, school.world.school_id
    await rederive(casework, id_)
    for now, stale in (("2026-08-31T09:00:00Z", False), ("2026-09-01T09:00:00Z", True)):
        assert (await school.world.post("/clock", {"now": now})).status_code == 200
        assert (await found(school, WorkKind.OBLIGATIONS)) is stale
    assert await rederive(casework, id_)
    assert (await the_school(school))["horizon"] == date(2028, 8, 31)


async def test_a_setting_changed_during_a_run_asks_for_the_next(school: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    casework, id_ = school.world.app.state.casework, school.world.school_id
    body = {"setting": "tell_within_days", "value": 3, "occurred_on": "2026-03-02", "author": {"id": str(school.world.people["head"])}}
    real = derivation.lock_pupils

    async def meanwhile(*arguments: object, **named: object) -> object:
        assert (await school.world.post("/settings", body)).status_code == 201
        return await real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(derivation, "lock_pupils", meanwhile)
        await rederive(casework, id_)
    assert await found(school, WorkKind.OBLIGATIONS)
    await rederive(casework, id_)
    assert not await found(school, WorkKind.OBLIGATIONS)


async def test_a_days_reads_become_one_entry_of_the_next_day(school: Telling) -> None:
    casework, id_ = school.world.app.state.casework, school.world.school_id
    await school.decide()
    (notice,) = await school.notices()
    for _ in range(2):
        assert (await school.world.get(f"/notices/{notice['id']}/words")).status_code == 200
    assert await digest_accesses(casework, id_) == 0
    school.clock.ahead = timedelta(days=1)
    assert await found(school, WorkKind.ACCESSES)
    assert await digest_accesses(casework, id_) == 1
    assert await digest_accesses(casework, id_) == 0
    ((_, day, body),) = await entries(school, "accesses.digested")
    assert (day, json.loads(body)["count"]) == (NOW.date(), 2)
    assert not await found(school, WorkKind.ACCESSES)
