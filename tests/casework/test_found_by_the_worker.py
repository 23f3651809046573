"""A worker finds and does each kind of work though nobody woke it and every row of work was lost."""

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg

from app.db.embedded import DatabaseUrls
from app.db.work import WorkKind
from tests.api.sending import asked, sending, submitted
from tests.api.test_work import hand_in
from tests.api.world import SECRETS_KEY, World

PATIENCE = 60.0
_urns = itertools.count(999_930)
# What each kind of work leaves behind once it is done.
DONE = {
    WorkKind.IMPORT: "select state <> 'waiting' and sealed_file is null from import_job where school_id = $1",
    WorkKind.BUNDLE: "select state = 'ready' from bundle where school_id = $1",
    WorkKind.OBLIGATIONS: "select rules_version <> 'lost' from school where school_id = $1",
    WorkKind.TOTALS: "select totals_built_on is not null from school where school_id = $1",
    WorkKind.ACCESSES: "select accesses_digested_to is not null from school where school_id = $1",
    WorkKind.CLOCKS: "select clocks_told_on is not null from school where school_id = $1",
    WorkKind.NOTICES: "select look_again_on is null from notice where school_id = $1",
    WorkKind.FORGETTING: "select count(*) = 0 from idempotency where school_id = $1",
}
LOST = (
    "delete from work where school_id = $1",
    "update school set rules_version = 'lost', totals_built_on = null, accesses_digested_to = null, clocks_told_on = null"
    " where school_id = $1",
    "update idempotency set at = '2020-01-01Z' where school_id = $1",
    "update notice set state = 'withheld', look_again_on = '2020-01-01' where school_id = $1",
)


async def everything(world: World) -> None:
    """A roll that was handed in, a bundle that was asked for, and a parent with a notice."""
    await hand_in(world)
    pupil = await world.pupil("F999999925001")
    await world.contact(pupil)
    await submitted(world, pupil, await asked(world, pupil))
    who = {"judgement": "K", "difficulty": "Reads far below age", "provision_beyond_ordinary": "Teaching", "reason": "No catch-up"}
    said = {"considered": ["Reading ages"], "parents_view": "Worried", "pupils_view": "Glad", "review_on": "2026-06-01"}
    await world.taken(pupil, "sen-decisions", **who, **said, provision_starts_on="2026-03-02")


@asynccontextmanager
async def a_worker(database: DatabaseUrls, folder: Path) -> AsyncIterator[None]:
    """The real process on the test's database."""
    given = {"DATABASE_URL": database.app, "DATABASE_SWEEP_URL": database.sweep, "SECRETS_KEY": SECRETS_KEY, "DATA_DIR": str(folder)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.worker", env={**os.environ, **given}, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def undone(server: asyncpg.Connection, school_id: UUID) -> list[WorkKind]:
    return [kind for kind, query in DONE.items() if not await server.fetchval(query, school_id)]


async def test_a_worker_does_all_that_waits_though_every_row_and_every_waking_was_lost(database: DatabaseUrls, tmp_path: Path) -> None:
    server = await asyncpg.connect(database.superuser)
    async with sending(database, tmp_path, str(next(_urns))) as world:
        await everything(world)
        for statement in LOST:
            await server.execute(statement, world.school_id)
        assert await undone(server, world.school_id) == list(WorkKind)
        async with a_worker(database, tmp_path), asyncio.timeout(PATIENCE):
            while await undone(server, world.school_id):
                await asyncio.sleep(0.2)
        rows = await server.fetch("select kind, state, attempts from work where school_id = $1", world.school_id)
    await server.close()
    assert {(row["kind"], row["state"], row["attempts"]) for row in rows} == {(kind.value, "done", 1) for kind in WorkKind}
