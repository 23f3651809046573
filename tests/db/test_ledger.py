"""Numbers without gap or double, moments that only grow, and bytes that anyone can compute again."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

import asyncpg
import pytest

from app.db.ledger import Draft
from app.db.schools import recorded_from
from app.db.session import SchoolSession, Sessions
from app.db.verify_ledger import verify_ledger
from app.domain.codes import SchoolType
from app.domain.entries import SchoolDescribed
from tests.db.builders import DAY, MOMENT, TestSchool, concern, draft, make_school, pool_of, write, written

WRITERS = 64
MICROSECOND = timedelta(microseconds=1)


class OnPurposeError(Exception):
    """A writer that gives up after it has appended."""


@pytest.fixture
async def sessions(database) -> AsyncIterator[Sessions]:
    async with pool_of(database.app) as pool:
        yield Sessions(pool)


async def entries_of(sessions: Sessions, school: TestSchool) -> list[asyncpg.Record]:
    async with sessions.for_school(school.id, read_only=True) as session:
        return await session.connection.fetch("select * from entry where school_id = $1 order by number", school.id)


async def fault_in(database, school: TestSchool) -> str | None:
    connection = await asyncpg.connect(database.app)
    try:
        return (await verify_ledger(connection, school.id)).fault
    finally:
        await connection.close()


async def test_a_new_school_begins_at_one_and_goes_on_without_a_gap(sessions):
    school = await make_school(sessions, pupils=2)
    await written(sessions, school, concern(), concern())
    assert [row["number"] for row in await entries_of(sessions, school)] == [1, 2, 3, 4, 5, 6, 7]


async def test_the_bytes_are_those_of_the_published_format(sessions):
    """Computed here with the standard library alone, from the words of the format."""
    school = await make_school(sessions)
    [recorded] = await written(sessions, school, concern("Zahlen: 1.50, é, \u20ac"))
    *_, before, row = await entries_of(sessions, school)
    header = {
        "v": 1,
        "school": str(school.id),
        "number": 5,
        "pupil": str(school.pupils[0]),
        "type": "concern.raised",
        "occurred_on": "2026-03-02",
        "recorded_at": recorded.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "author": {"kind": "staff", "id": str(school.staff), "assurance": "asserted"},
        "client": str(school.client),
        "commitment": sha256(row["salt"] + row["body"].encode()).hexdigest(),
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = sha256(b"graduated/entry/1\n" + text).digest()
    assert len(row["salt"]) == 32
    assert row["digest"] == digest
    assert row["link"] == sha256(b"graduated/link/1\n" + before["link"] + digest).digest()


async def test_the_first_link_stands_on_the_schools_id(sessions):
    school = await make_school(sessions)
    first = (await entries_of(sessions, school))[0]
    start = sha256(str(school.id).encode()).digest()
    assert first["link"] == sha256(b"graduated/link/1\n" + start + first["digest"]).digest()


async def test_two_entries_that_say_the_same_commit_to_different_salts(sessions):
    school = await make_school(sessions)
    await written(sessions, school, concern("Same."), concern("Same."))
    *_, one, other = await entries_of(sessions, school)
    assert one["body"] == other["body"]
    assert one["salt"] != other["salt"]
    assert one["commitment"] != other["commitment"]


async def test_entries_come_back_as_they_were_recorded(sessions):
    school = await make_school(sessions)
    async with sessions.for_school(school.id) as session:
        recorded = await write(session, draft(school), draft(school, concern("Corrected."), supersedes=5))
        rows = await session.connection.fetch(
            "select number, recorded_at, author_kind, author_id, assurance, type, occurred_on, body, pupil_id, supersedes "
            "from entry where school_id = $1 and number > 4 order by number",
            school.id,
        )
    assert tuple(recorded_from(row) for row in rows) == recorded
    assert [r.supersedes for r in recorded] == [None, 5]


async def test_appending_nothing_leaves_the_head_where_it_was(sessions):
    school = await make_school(sessions)
    async with sessions.for_school(school.id) as session:
        assert await write(session) == ()
        assert await session.connection.fetchval("select number from ledger_head where school_id = $1", school.id) == 4


async def test_the_head_keeps_the_schools_own_last_number_apart(sessions):
    school = await make_school(sessions)
    async with sessions.for_school(school.id) as session:
        described = SchoolDescribed(occurred_on=DAY, school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=DAY)
        await write(session, draft(school), draft(school, described, None), draft(school))
        head = await session.connection.fetchrow("select number, school_number from ledger_head where school_id = $1", school.id)
    assert tuple(head) == (7, 6)


async def test_a_moment_is_the_clocks_when_the_clock_has_moved_on(sessions):
    school = await make_school(sessions)
    [recorded] = await written(sessions, school, concern(), now=MOMENT + timedelta(seconds=1))
    assert recorded.recorded_at == MOMENT + timedelta(seconds=1)


async def test_a_moment_is_a_microsecond_after_the_last_when_the_clock_stands_still_or_goes_back(sessions):
    school = await make_school(sessions)
    still, back, far_back = [(await written(sessions, school, concern(), now=now))[0] for now in clocks_that_go_back()]
    rows = await entries_of(sessions, school)
    last_of_start = rows[3]["recorded_at"]
    assert still.recorded_at == last_of_start + MICROSECOND
    assert back.recorded_at == last_of_start + 2 * MICROSECOND
    assert far_back.recorded_at == last_of_start + 3 * MICROSECOND
    assert rows == sorted(rows, key=lambda row: row["recorded_at"])


def clocks_that_go_back() -> list[datetime]:
    return [MOMENT, MOMENT - timedelta(hours=1), datetime(2014, 11, 3, tzinfo=UTC)]


async def test_entries_of_one_append_have_growing_moments_too(sessions):
    school = await make_school(sessions)
    async with sessions.for_school(school.id) as session:
        recorded = await write(session, *(draft(school) for _ in range(5)), now=MOMENT + timedelta(days=1))
    assert [r.recorded_at - recorded[0].recorded_at for r in recorded] == [n * MICROSECOND for n in range(5)]


async def test_two_writers_at_once_take_numbers_one_after_the_other(sessions):
    """The second waits for the head until the first has committed; so neither shares nor skips a number."""
    school = await make_school(sessions)
    first_has_appended, first_may_commit = asyncio.Event(), asyncio.Event()

    async def first() -> int:
        async with sessions.for_school(school.id) as session:
            [recorded] = await write(session, draft(school))
            first_has_appended.set()
            await first_may_commit.wait()
        return recorded.number

    async def second() -> int:
        await first_has_appended.wait()
        async with sessions.for_school(school.id) as session:
            asyncio.get_running_loop().call_later(0.05, first_may_commit.set)
            [recorded] = await write(session, draft(school))
            assert first_may_commit.is_set()
        return recorded.number

    assert await asyncio.wait_for(asyncio.gather(first(), second()), 10) == [5, 6]


async def test_a_writer_that_gives_up_gives_its_number_to_the_next(sessions):
    school = await make_school(sessions)
    with pytest.raises(OnPurposeError):
        async with sessions.for_school(school.id) as session:
            [lost] = await write(session, draft(school))
            raise OnPurposeError
    [kept] = await written(sessions, school, concern("Kept."))
    assert lost.number == kept.number == 5
    assert json.loads((await entries_of(sessions, school))[-1]["body"])["words"] == "Kept."


async def end_here(session: SchoolSession) -> None:
    """End the connection from the server's side, which is what a failover or an administrator does."""
    await session.connection.execute("select pg_terminate_backend(pg_backend_pid())")


async def append_then(session: SchoolSession, drafts: list[Draft], ending: str) -> None:
    """Append, then end as told; whatever is not `well` must leave nothing."""
    await write(session, *drafts)
    if ending == "raises":
        raise OnPurposeError
    if ending == "statement fails":
        await session.connection.execute("insert into entry (school_id, number) values ($1, 1)", session.school_id)
    if ending == "cancelled":
        asyncio.current_task().cancel()
        await asyncio.sleep(0)
    if ending == "connection lost":
        await end_here(session)


ENDINGS = ("well", "raises", "well", "statement fails", "well", "cancelled", "well", "connection lost")


async def test_of_sixty_four_writers_at_once_each_acknowledged_entry_is_there_once_and_no_other(database):
    """Every second one is aborted after it has appended: by its own error, the database's, a cancellation, or a lost connection."""
    async with pool_of(database.app, WRITERS) as pool:
        sessions = Sessions(pool)
        school = await make_school(sessions, pupils=8)
        acknowledged: list[str] = []

        async def writer(n: int, turn: int) -> None:
            entries = [concern(f"writer {n} turn {turn} part {part}") for part in range(1 + n % 3)]
            async with sessions.for_school(school.id) as session:
                drafts = [draft(school, entry, n % 8) for entry in entries]
                before = await session.connection.fetchval("select count(*) from entry where school_id = $1", school.id)
                assert before >= 11
                await append_then(session, drafts, ENDINGS[(n + turn) % len(ENDINGS)])
            acknowledged.extend(entry.words for entry in entries)

        for turn in range(3):
            endings = await asyncio.wait_for(asyncio.gather(*(writer(n, turn) for n in range(WRITERS)), return_exceptions=True), 60)
            assert Counter(type(ending) for ending in endings) == {
                type(None): 32,
                OnPurposeError: 8,
                asyncpg.NotNullViolationError: 8,
                asyncio.CancelledError: 8,
                asyncpg.InterfaceError: 8,
            }
        rows = await entries_of(sessions, school)
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    stored = Counter(json.loads(row["body"])["words"] for row in rows[11:])
    assert stored == Counter(acknowledged)
    assert set(stored.values()) == {1}
    assert len(acknowledged) > 150
    assert all(earlier["recorded_at"] < later["recorded_at"] for earlier, later in pairwise(rows))
    assert await fault_in(database, school) is None
