"""Work as rows: claimed once under a lease, kept, ended, put off, given up, asked for again; and found whatever was lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.db import work
from app.db.embedded import DatabaseUrls
from app.db.session import Sessions
from app.db.sweep import Sweep
from app.db.work import AttemptsExhaustedError, Claiming, LeaseLostError, Piece, WorkKind
from app.db.work_waiting import Asking
from tests.db.builders import MOMENT, TestSchool, make_school, pool_of
from tests.db.rows import SCHOOL_TABLES, insert, row_of

LEASE = timedelta(minutes=2)
MOST = 3
HOLDING = "rules that hold"
ASKING = Asking(
    now=MOMENT,
    rules_version=HOLDING,
    yesterday=date(2026, 3, 1),
    keys_before=MOMENT - timedelta(days=7),
    dry_runs_before=MOMENT - timedelta(hours=24),
    openings_before=MOMENT - timedelta(weeks=20),
)


@dataclass
class Office:
    """A school, the transactions to work on it, and the sweep over all of them."""

    sessions: Sessions
    school: TestSchool
    sweep: Sweep
    server: asyncpg.Connection

    async def claim(self, kind: WorkKind, subject: UUID, after: timedelta = timedelta()) -> Piece | None:
        by = Claiming(held_by=clock.new_id(), now=MOMENT + after, until=MOMENT + after + LEASE, most_attempts=MOST)
        async with self.sessions.for_school(self.school.id) as session:
            return await work.claim(session, kind, subject, by)

    async def claimed(self, kind: WorkKind = WorkKind.TOTALS, subject: UUID | None = None) -> Piece:
        piece = await self.claim(kind, subject or self.school.id)
        assert piece is not None
        return piece

    async def row(self, kind: WorkKind, subject: UUID) -> asyncpg.Record:
        found = await self.server.fetchrow("select * from work where kind = $1 and subject = $2", kind, subject)
        assert found is not None
        return found

    async def finds(self, kind: WorkKind, subject: UUID, after: timedelta = timedelta()) -> bool:
        return (self.school.id, subject) in await self.sweep.work(kind, replace(ASKING, now=MOMENT + after))

    async def bury(self, kind: WorkKind, subject: UUID) -> None:
        async with self.sessions.for_school(self.school.id) as session:
            await work.bury(session, kind, subject, "exhausted", now=MOMENT)


@pytest.fixture
async def office(database: DatabaseUrls) -> AsyncIterator[Office]:
    server = await asyncpg.connect(database.superuser)
    async with pool_of(database.app) as pool, pool_of(database.sweep, size=1) as sweeping:
        sessions = Sessions(pool)
        yield Office(sessions, await make_school(sessions, is_sandbox=False), Sweep(sweeping), server)
    await server.close()


every_kind = pytest.mark.parametrize("kind", WorkKind)


@every_kind
async def test_of_several_workers_one_gets_the_piece_and_the_claim_counts(office: Office, kind: WorkKind) -> None:
    subject = clock.new_id()
    claims = await asyncio.gather(*(office.claim(kind, subject) for _ in range(4)))
    (piece,) = [claimed for claimed in claims if claimed]
    assert piece.attempt == 1
    row = await office.row(kind, subject)
    assert (row["state"], row["attempts"], row["held_by"], row["next_at"]) == ("waiting", 1, piece.held_by, MOMENT + LEASE)


@every_kind
async def test_a_piece_comes_free_when_its_lease_ends_and_the_crash_counted(office: Office, kind: WorkKind) -> None:
    subject = clock.new_id()
    assert await office.claim(kind, subject)
    assert await office.claim(kind, subject, LEASE - timedelta(microseconds=1)) is None
    again = await office.claim(kind, subject, LEASE)
    assert again and again.attempt == 2


@every_kind
async def test_what_crashed_every_time_is_claimed_no_more(office: Office, kind: WorkKind) -> None:
    subject = clock.new_id()
    for n in range(MOST):
        assert await office.claim(kind, subject, n * LEASE)
    with pytest.raises(AttemptsExhaustedError):
        await office.claim(kind, subject, MOST * LEASE)


async def test_who_lost_the_lease_keeps_ends_and_puts_off_nothing(office: Office) -> None:
    """Not even where the same number of attempts was made since, for the work was done meanwhile and came up again."""
    slow, id_ = await office.claimed(), office.school.id
    other = await office.claim(WorkKind.TOTALS, id_, LEASE)
    assert other is not None
    async with office.sessions.for_school(id_) as session:
        await work.finish(session, other, now=MOMENT)
    again = await office.claimed()
    assert again.attempt == slow.attempt
    before = await office.row(WorkKind.TOTALS, id_)
    for late in (
        lambda session: work.keep(session, slow, until=MOMENT + 9 * LEASE),
        lambda session: work.finish(session, slow, now=MOMENT),
        lambda session: work.put_off(session, slow, MOMENT),
        lambda session: work.require_held(session, slow),
    ):
        with pytest.raises(LeaseLostError):
            async with office.sessions.for_school(id_) as session:
                await late(session)
    assert await office.row(WorkKind.TOTALS, id_) == before


async def test_a_lease_is_renewed_and_says_how_far_the_work_has_come(office: Office) -> None:
    piece, id_ = await office.claimed(), office.school.id
    async with office.sessions.for_school(id_) as session:
        await work.keep(session, piece, until=MOMENT + 2 * LEASE, progress={"pupils": 50})
        await work.keep(session, piece, until=MOMENT + 3 * LEASE)
    row = await office.row(WorkKind.TOTALS, id_)
    assert (row["next_at"], row["progress"]) == (MOMENT + 3 * LEASE, '{"pupils": 50}')
    assert await office.claim(WorkKind.TOTALS, id_, 2 * LEASE) is None


async def test_what_is_put_off_is_nobodys_and_waits_until_then(office: Office) -> None:
    piece, id_ = await office.claimed(), office.school.id
    async with office.sessions.for_school(id_) as session:
        await work.put_off(session, piece, MOMENT + LEASE)
    assert (await office.row(WorkKind.TOTALS, id_))["held_by"] is None
    assert await office.claim(WorkKind.TOTALS, id_) is None
    again = await office.claim(WorkKind.TOTALS, id_, LEASE)
    assert again and again.attempt == 2


@every_kind
async def test_what_is_done_once_is_not_done_again_and_other_work_counts_from_the_start(office: Office, kind: WorkKind) -> None:
    subject = clock.new_id()
    await office.claim(kind, subject)
    piece = await office.claim(kind, subject, LEASE)
    assert piece and piece.attempt == 2
    async with office.sessions.for_school(office.school.id) as session:
        await work.finish(session, piece, now=MOMENT)
    again = await office.claim(kind, subject, 2 * LEASE)
    assert (None if again is None else again.attempt) == (None if kind in work.ONCE else 1)
    row = await office.row(kind, subject)
    assert (row["state"], row["done_at"]) == (("done", MOMENT) if kind in work.ONCE else ("waiting", None))


@every_kind
async def test_what_was_given_up_is_left_alone_until_it_is_asked_for_again(office: Office, kind: WorkKind) -> None:
    subject = clock.new_id()
    await office.claim(kind, subject)
    await office.bury(kind, subject)
    assert await office.claim(kind, subject, LEASE) is None
    row = await office.row(kind, subject)
    assert (row["state"], row["reason"], row["held_by"], row["done_at"]) == ("dead", "exhausted", None, MOMENT)
    async with office.sessions.for_school(office.school.id) as session:
        assert await work.ask_again(session, kind, subject, now=MOMENT)
        assert not await work.ask_again(session, kind, subject, now=MOMENT)
        await work.ask(session, kind, subject, now=MOMENT + LEASE)
    again = await office.claim(kind, subject)
    assert again and again.attempt == 1


async def test_a_school_loads_one_roll_at_a_time_and_several_of_anything_else(office: Office) -> None:
    first, second = clock.new_id(), clock.new_id()
    held = await office.claimed(WorkKind.IMPORT, first)
    assert await office.claim(WorkKind.IMPORT, second) is None
    assert await office.claim(WorkKind.BUNDLE, first) and await office.claim(WorkKind.BUNDLE, second)
    async with office.sessions.for_school(office.school.id) as session:
        await work.put_off(session, held, MOMENT + 9 * LEASE)
    assert await office.claim(WorkKind.IMPORT, second)


async def test_of_two_rolls_claimed_at_the_same_moment_one_at_most_is_taken(office: Office) -> None:
    subjects = [clock.new_id() for _ in range(4)]
    async with office.sessions.for_school(office.school.id) as session:
        for subject in subjects:
            await work.ask(session, WorkKind.IMPORT, subject, now=MOMENT)
    for _ in range(5):
        taken = await asyncio.gather(*(office.claim(WorkKind.IMPORT, subject) for subject in subjects))
        assert len([piece for piece in taken if piece]) <= 1
        if any(taken):
            break
    assert await office.server.fetchval("select count(*) from work where school_id = $1 and held_by is not null", office.school.id) == 1


async def test_a_roll_whose_row_another_transaction_has_locked_keeps_the_others_waiting(office: Office) -> None:
    """It might be claimed there at this moment."""
    first, second = clock.new_id(), clock.new_id()
    async with office.sessions.for_school(office.school.id) as session:
        for subject in (first, second):
            await work.ask(session, WorkKind.IMPORT, subject, now=MOMENT)
    async with office.sessions.for_school(office.school.id) as session:
        await session.connection.execute("select from work where subject = $1 for update", first)
        assert await office.claim(WorkKind.IMPORT, second) is None
    assert await office.claim(WorkKind.IMPORT, second)


async def test_another_school_neither_holds_nor_hinders_a_piece(office: Office) -> None:
    await office.claimed(WorkKind.IMPORT, subject := clock.new_id())
    other = await make_school(office.sessions)
    by = Claiming(held_by=clock.new_id(), now=MOMENT, until=MOMENT + LEASE, most_attempts=MOST)
    async with office.sessions.for_school(other.id) as session:
        assert await work.claim(session, WorkKind.IMPORT, subject, by)
    assert await office.claim(WorkKind.IMPORT, subject) is None


# What makes each kind of work due, in a school for which nothing else is.
PLAIN = (
    "update school set rules_version = $2, horizon = '2030-08-31', totals_built_on = '2026-03-02', clocks_told_on = '2026-03-02',"
    " accesses_digested_to = '2026-03-01' where school_id = $1"
)
DUE = {
    WorkKind.IMPORT: ("import_job", {}),
    WorkKind.BUNDLE: ("bundle", {}),
    WorkKind.OBLIGATIONS: ("school", {"rules_version": "others"}),
    WorkKind.TOTALS: ("school", {"totals_built_on": date(2026, 3, 1)}),
    WorkKind.ACCESSES: ("school", {"accesses_digested_to": date(2026, 2, 28)}),
    WorkKind.CLOCKS: ("school", {"clocks_told_on": None}),
    WorkKind.NOTICES: ("notice", {"look_again_on": date(2026, 3, 2)}),
    WorkKind.FORGETTING: ("idempotency", {"at": MOMENT - timedelta(days=8)}),
}


async def make_due(office: Office, kind: WorkKind) -> UUID:
    """Make a kind of work due without a row of work; gives its subject."""
    table, changes = DUE[kind]
    wanted = {table}
    while more := {key.column.table.name for name in wanted for key in SCHOOL_TABLES[name].foreign_keys} - wanted - {"school"}:
        wanted |= more
    for name, declared in SCHOOL_TABLES.items():
        if name in wanted - {"school"}:
            await insert(office.server, declared, office.school.id)
    for column, value in changes.items():
        await office.server.execute(f"update {table} set {column} = $2 where school_id = $1", office.school.id, value)
    is_once = kind in work.ONCE
    return row_of(SCHOOL_TABLES[table], office.school.id)["id"] if is_once else office.school.id  # type: ignore[return-value]


@every_kind
async def test_what_waits_is_found_though_nobody_was_woken_and_no_row_was_ever_written(office: Office, kind: WorkKind) -> None:
    await office.server.execute(PLAIN, office.school.id, HOLDING)
    assert [other for other in WorkKind if await office.finds(other, office.school.id)] == []
    subject = await make_due(office, kind)
    assert await office.finds(kind, subject)
    assert [other for other in WorkKind if other is not kind and await office.finds(other, office.school.id)] == []


@every_kind
async def test_what_is_held_put_off_or_given_up_is_not_found_however_due_it_is(office: Office, kind: WorkKind) -> None:
    await office.server.execute(PLAIN, office.school.id, HOLDING)
    subject = await make_due(office, kind)
    piece = await office.claimed(kind, subject)
    assert not await office.finds(kind, subject)
    assert await office.finds(kind, subject, LEASE)
    async with office.sessions.for_school(office.school.id) as session:
        await work.put_off(session, piece, MOMENT + LEASE / 2)
    assert not await office.finds(kind, subject)
    assert await office.finds(kind, subject, LEASE / 2)
    await office.bury(kind, subject)
    assert not await office.finds(kind, subject, LEASE)
    async with office.sessions.for_school(office.school.id) as session:
        await work.ask_again(session, kind, subject, now=MOMENT)
    assert await office.finds(kind, subject)


@every_kind
async def test_what_was_asked_for_is_found_by_its_row_alone(office: Office, kind: WorkKind) -> None:
    await office.server.execute(PLAIN, office.school.id, HOLDING)
    subject = clock.new_id()
    async with office.sessions.for_school(office.school.id) as session:
        await work.ask(session, kind, subject, now=MOMENT)
    assert await office.finds(kind, subject)
    assert not await office.finds(kind, subject, timedelta(microseconds=-1))


async def test_the_schools_own_clock_moves_what_comes_with_the_days_and_no_lease(office: Office) -> None:
    await office.server.execute(PLAIN, office.school.id, HOLDING)
    await office.claimed(WorkKind.TOTALS)
    a_day = 24 * 3600 * 1_000_000
    await office.server.execute("update school set clock_ahead = $2 where school_id = $1", office.school.id, a_day)
    assert await office.finds(WorkKind.CLOCKS, office.school.id)
    assert not await office.finds(WorkKind.TOTALS, office.school.id)
    assert await office.finds(WorkKind.TOTALS, office.school.id, LEASE)
