"""Deriving a whole country anew: shared out between workers by school, and gone on with wherever a worker was killed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.casework.rederivation import rederive
from app.db.embedded import DatabaseUrls
from app.domain.rules import RULES_VERSION
from bench.country import Made, Size, invent
from bench.rederivation import CHANGED_RULES, working

PATIENCE = 60.0
KNOWN = """
select pupil_id, rule, person_id, occasion, due, met_on, missing::text from obligation where known_until is null and pupil_id is not null
"""
DONE = """
select count(*) from school s where rules_version = $1
   and not exists (select from work w where w.school_id = s.school_id and w.kind = 'obligations' and w.state = 'waiting')
"""
RUNS = "select school_id, count(*) as runs from entry where type = 'obligations.rederived' group by school_id"
TWICE = """
select count(*) from (select from obligation where known_until is null and pupil_id is not null
                       group by school_id, pupil_id, rule, person_id, occasion having count(*) > 1) as doubled
"""
Changed = tuple[Made, asyncpg.Connection, set[tuple[object, ...]]]


async def known(connection: asyncpg.Connection) -> set[tuple[object, ...]]:
    return {tuple(row) for row in await connection.fetch(KNOWN)}


@pytest.fixture
async def changed(database: DatabaseUrls) -> AsyncIterator[Changed]:
    """Some hundred pupils at a few schools, derived under rules that have changed since; and what is owed by today's."""
    connection = await asyncpg.connect(database.superuser)
    today: date = clock.now().date()
    made = await invent(database.superuser, Size(pupils=300, obligations=4000, entries=True, lives=2), today)
    owed = await known(connection)
    for statement in CHANGED_RULES:
        await connection.execute(statement)
    assert await known(connection) != owed
    yield made, connection, owed
    await connection.execute("truncate school cascade")
    await connection.close()


async def test_two_workers_share_the_schools_and_derive_each_of_them_once(database: DatabaseUrls, changed: Changed) -> None:
    """Both go through the same list at once; a lease keeps each from what the other does, and what is done is not done again."""
    made, connection, owed = changed
    async with working(database) as one, working(database) as other:

        async def derived_by(casework: object) -> set[UUID]:
            return {school for school in made.schools if await rederive(casework, school)}

        first, second = await asyncio.gather(derived_by(one), derived_by(other))
    assert first | second == set(made.schools)
    assert not first & second
    assert first
    assert second
    assert await known(connection) == owed
    assert {row["runs"] for row in await connection.fetch(RUNS)} == {1}
    assert await connection.fetchval(DONE, RULES_VERSION) == len(made.schools)


async def test_what_a_killed_worker_left_half_done_is_gone_on_with_under_the_same_entry(database: DatabaseUrls, changed: Changed) -> None:
    """Killed with signal 9 between the first pupils of the first school and the last of the last; nothing is lost, nothing doubled."""
    made, connection, owed = changed
    closed = await connection.fetchval("select count(*) from obligation where known_until is not null")

    async def has_begun() -> bool:
        return await connection.fetchval("select count(*) from obligation where known_until is not null") > closed

    worker = await a_worker(database)
    await until(has_begun)
    worker.kill()
    await worker.wait()
    assert await connection.fetchval(DONE, RULES_VERSION) < len(made.schools)
    assert await connection.fetchval(TWICE) == 0

    await connection.execute("update work set next_at = now() where kind = 'obligations' and held_by is not null")

    async def is_done() -> bool:
        return await connection.fetchval(DONE, RULES_VERSION) == len(made.schools)

    worker = await a_worker(database)
    await until(is_done)
    worker.kill()
    await worker.wait()
    assert await known(connection) == owed
    assert await connection.fetchval(TWICE) == 0
    assert {row["runs"] for row in await connection.fetch(RUNS)} == {1}


async def a_worker(database: DatabaseUrls) -> asyncio.subprocess.Process:
    """The real process on the test's database."""
    given = {"DATABASE_URL": database.app, "DATABASE_SWEEP_URL": database.sweep, "SECRETS_KEY": "A" * 43 + "="}
    program = [sys.executable, "-m", "app.worker"]
    return await asyncio.create_subprocess_exec(*program, env={**os.environ, **given}, stderr=asyncio.subprocess.DEVNULL)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.01)
