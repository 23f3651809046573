"""Many writers with all that follows from their entries: what is derived agrees with the record, whoever came in between."""

import asyncio
from collections import Counter

import asyncpg

from app import clock
from app.casework.authors import ProofReader
from app.casework.taking import Casework, Means, Work, horizon_of
from app.db import obligations
from app.db.records import find_pupil, load_record, summary_of
from app.db.session import Sessions
from app.db.verify_ledger import verify_ledger
from app.domain.entries import ConcernRaised
from app.domain.obligations import obligations as derive
from tests.db.builders import MOMENT, TestSchool, concern, draft, make_school, pool_of

WRITERS, PUPILS, TURNS = 64, 8, 2
ENDINGS = ("well", "well", "raises", "well", "well", "cancelled", "well", "connection lost")


class OnPurposeError(Exception):
    """A writer that gives up after everything was written."""


def casework_on(sessions: Sessions) -> Casework:
    proofs = ProofReader(audience="http://127.0.0.1:8000", now=lambda: MOMENT)
    return Casework(sessions, Means(now=lambda: MOMENT, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None))


async def store_concern(casework: Casework, school: TestSchool, pupil: int, entry: ConcernRaised, ending: str) -> int:
    """Store a concern as a step does, pupil first and head last, then end as told."""
    async with casework.sessions.for_school(school.id) as session:
        await find_pupil(session, school.pupils[pupil], lock=True)
        opened = await casework.open(session)
        before = await load_record(session, opened.school, school.pupils[pupil])
        [recorded] = await casework.store(opened, [Work(drafts=(draft(school, entry, pupil),), before=before)])
        if ending == "raises":
            raise OnPurposeError
        if ending == "cancelled":
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        if ending == "connection lost":
            await session.connection.execute("select pg_terminate_backend(pg_backend_pid())")
    return recorded.number


async def test_of_sixty_four_steps_at_once_each_that_was_acknowledged_is_there_with_what_follows_from_it(database):
    async with pool_of(database.app, WRITERS) as pool:
        casework = casework_on(Sessions(pool))
        school = await make_school(casework.sessions, pupils=PUPILS)
        acknowledged: dict[int, str] = {}

        async def writer(n: int, turn: int) -> None:
            words = f"writer {n} turn {turn}"
            number = await store_concern(casework, school, n % PUPILS, concern(words), ENDINGS[(n // PUPILS + turn) % len(ENDINGS)])
            assert number not in acknowledged
            acknowledged[number] = words

        for turn in range(TURNS):
            ended = await asyncio.wait_for(asyncio.gather(*(writer(n, turn) for n in range(WRITERS)), return_exceptions=True), 60)
            kinds = Counter(type(ending) for ending in ended)
            assert kinds == {type(None): 40, OnPurposeError: 8, asyncio.CancelledError: 8, asyncpg.InterfaceError: 8}

        async with casework.sessions.for_school(school.id, read_only=True) as session:
            stored = await session.connection.fetch(
                "select number, body::json ->> 'words' as words from entry where school_id = $1 and type = 'concern.raised'", school.id
            )
            opened = await casework.open(session)
            for pupil in school.pupils:
                await require_derived(casework, opened.school, session, pupil)
        async with pool.acquire() as connection:
            verdict = await verify_ledger(connection, school.id)
    assert {row["number"]: row["words"] for row in stored} == acknowledged
    assert len(acknowledged) == 40 * TURNS
    assert (verdict.fault, verdict.number) == (None, 3 + PUPILS + len(acknowledged))


async def require_derived(casework, school, session, pupil) -> None:
    """Obligations, summary and last number are those that folding the whole record gives now."""
    record = await load_record(session, school, pupil)
    standing = (await obligations.open_rows_of(session, [pupil]))[pupil]
    derived = list(derive(record, until=horizon_of(MOMENT.date())))
    row = await session.connection.fetchrow(
        "select last_number, summary from pupil where school_id = $1 and id = $2", session.school_id, pupil
    )
    assert not obligations.changes_between(standing, derived)
    assert len(derived) > 5
    assert (row["last_number"], row["summary"]) == (record.last_number, summary_of(record))
