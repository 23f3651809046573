"""Deriving obligations anew after a change of rules, school by school, beside folding the same records and nothing more, on one core."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from app import clock
from app.casework.authors import ProofReader
from app.casework.rederivation import rederive
from app.casework.taking import Casework, Means, horizon_of
from app.db.embedded import DatabaseUrls
from app.db.records import rows_of_records, summary_of
from app.db.schools import recorded_from
from app.db.session import Sessions, open_pool
from app.domain.obligations import obligations
from app.domain.record import Record
from bench.country import Made
from bench.times import Taken, Times, Way, in_turn

LEAST: Final = 0.5
# As a change of rules leaves it: every third duty had another last day, and all were derived under rules of another version.
CHANGED_RULES: Final = (
    "update obligation set due = due + 1 where known_until is null and due is not null and get_byte(uuid_send(id), 15) % 3 = 0",
    "update school set rules_version = 'before'",
)


@asynccontextmanager
async def working(urls: DatabaseUrls) -> AsyncIterator[Casework]:
    """Casework as a worker has it, over a pool of its own."""
    async with await open_pool(urls.app, size=2) as pool:
        proofs = ProofReader(audience="bench", now=clock.now)
        means = Means(now=clock.now, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None)
        yield Casework(Sessions(pool), means)


async def fold(casework: Casework, school_id: UUID, *, with_duties: bool) -> None:
    """Read and fold all records of a school: where each pupil stands and, with duties, what is owed. Nothing is compared or written."""
    async with casework.sessions.for_school(school_id, read_only=True) as session:
        opened = await casework.open(session)
        pupils = [row["id"] for row in await session.connection.fetch("select id from pupil where school_id = $1", school_id)]
        for pupil, rows in (await rows_of_records(session, pupils)).items():
            record = Record.fold(opened.school, map(recorded_from, rows), pupil)
            summary_of(record)
            if with_duties:
                list(obligations(record, until=horizon_of(opened.today)))


async def run(urls: DatabaseUrls, made: Made, *, rounds: int = 3) -> list[Times]:
    """Measure on a country that was made in this database with its entries; floor and ours in turn, in this process."""
    work = f"obligations of {made.pupils:,} pupils derived anew, written where they changed"
    full = await _beside_folding(urls, made, rounds, with_duties=True)
    bare = await _beside_folding(urls, made, rounds, with_duties=False)
    return [
        Times(work=work, floor=full[0], ours=full[1], least=LEAST, is_rate=True),
        Times(work="the same beside folding status, needs and cycles alone", floor=bare[0], ours=bare[1], is_rate=True),
    ]


async def _beside_folding(urls: DatabaseUrls, made: Made, rounds: int, *, with_duties: bool) -> tuple[tuple[Taken, ...], tuple[Taken, ...]]:
    async with working(urls) as casework, await open_pool(urls.superuser, size=1) as superuser:

        async def floor() -> None:
            for school_id in made.schools:
                await fold(casework, school_id, with_duties=with_duties)

        async def ours() -> None:
            await _derive_all(casework, made.schools)

        async def changed() -> None:
            for statement in CHANGED_RULES:
                await superuser.execute(statement)

        ours_way = Way(work=ours, pids=(os.getpid(),), before=changed)
        return await in_turn(Way(work=floor, pids=(os.getpid(),)), ours_way, rounds=rounds)


async def _derive_all(casework: Casework, schools: Sequence[UUID]) -> None:
    for school_id in schools:
        if not await rederive(casework, school_id):
            raise AssertionError("a school was passed over")
