"""An erasure takes away what an entry says and nothing else: the chain still verifies, and what hung on the entry is not known."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg
import pytest

from app import clock
from app.casework.authors import ProofReader
from app.casework.erasure import ErasureRefusedError, Wanted, erase_entry
from app.casework.rederivation import rederive
from app.casework.taking import Casework, Means, Work
from app.db.embedded import DatabaseUrls
from app.db.erasure import erase
from app.db.ledger import linked_after, lock_head
from app.db.records import find_pupil, load_record
from app.db.session import Sessions
from app.db.verify_ledger import Verdict, verify_ledger
from app.domain.entries import (
    OF_PUPILS,
    ConcernAnswered,
    Entry,
    EntryErased,
    Erased,
    HoldLifted,
    HoldPlaced,
    RecordMerged,
    kinds_of,
)
from app.domain.record import Record
from app.keys.heads import HeadStatement
from tests.db.builders import DAY, MOMENT, TestSchool, concern, draft, make_school, pool_of, write, written
from tests.domain.builders import sen_decided
from tests.planting import WORD, planted, tables_with

REASON = "A court order of 1 March 2026."
NOW = MOMENT + timedelta(days=1)


@dataclass(frozen=True)
class Office:
    """What the tests act through."""

    sessions: Sessions
    casework: Casework
    erasure: asyncpg.Connection
    database: DatabaseUrls

    async def record(self, school: TestSchool) -> Record:
        async with self.sessions.for_school(school.id) as session:
            return await load_record(session, (await self.casework.open(session)).school, school.pupils[0])

    async def store(self, school: TestSchool, *entries: Entry) -> None:
        """Store entries about the first pupil with all that follows from them."""
        async with self.sessions.for_school(school.id) as session:
            await find_pupil(session, school.pupils[0], lock=True)
            opened = await self.casework.open(session)
            before = await load_record(session, opened.school, school.pupils[0])
            await self.casework.store(opened, [Work(drafts=tuple(draft(school, entry) for entry in entries), before=before)])

    async def erase(self, school: TestSchool, number: int) -> bool:
        wanted = Wanted(school_id=school.id, number=number, reason=REASON, by=school.staff)
        return await erase_entry(self.casework, self.erasure, wanted)

    async def rows(self, school: TestSchool, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with self.sessions.for_school(school.id, read_only=True) as session:
            return await session.connection.fetch(query, school.id, *arguments)

    async def verdict(self, school: TestSchool, signed: HeadStatement | None = None) -> Verdict:
        connection = await asyncpg.connect(self.database.app)
        try:
            return await verify_ledger(connection, school.id, signed=signed)
        finally:
            await connection.close()


@pytest.fixture
async def office(database) -> AsyncIterator[Office]:
    connection = await asyncpg.connect(database.erasure)
    async with pool_of(database.app) as pool:
        proofs = ProofReader(audience="http://127.0.0.1:8000", now=lambda: NOW)
        means = Means(now=lambda: NOW, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None)
        sessions = Sessions(pool)
        yield Office(sessions, Casework(sessions, means), connection, database)
    await connection.close()


@pytest.fixture
async def school(office) -> TestSchool:
    """Entries 1 to 5 begin the school; 6 is a concern and 7 the answer to it."""
    school = await make_school(office.sessions, pupils=2)
    answer = ConcernAnswered(occurred_on=DAY, concern=6, answer="We see it too.")
    await office.store(school, concern("Words that must go."), answer)
    return school


ENTRY = "select * from entry where school_id = $1 and number = $2"


async def test_body_and_salt_go_and_every_other_byte_stays(office, school):
    [before] = await office.rows(school, ENTRY, 6)
    assert await office.erase(school, 6) is True
    [after] = await office.rows(school, ENTRY, 6)
    assert (after["body"], after["salt"]) == (None, None)
    kept = [column for column in dict(before.items()) if column not in ("body", "salt")]
    assert [after[column] for column in kept] == [before[column] for column in kept]


async def test_the_words_are_nowhere_in_the_database_afterwards(office, school):
    await office.erase(school, 6)
    connection = await asyncpg.connect(office.database.superuser)
    found = await tables_with(connection, "Words that must go.", school=school.id)
    await connection.close()
    assert found == set()


EVERY_KIND = [kind for module in OF_PUPILS for kind in kinds_of(module)]


async def test_whatever_kind_of_entry_it_is_its_words_are_nowhere_afterwards(office, school):
    """Joinings of records are parted instead, and a hold is lifted first; both stay as long as the pupil is not erased."""
    kinds = [kind for kind in EVERY_KIND if kind not in (RecordMerged, HoldPlaced)]
    recorded = await written(office.sessions, school, *(planted(kind, school.staff) for kind in kinds))
    connection = await asyncpg.connect(office.database.superuser)
    assert "entry.body" in await tables_with(connection, WORD, school=school.id)
    for one in recorded:
        assert await office.erase(school, one.number) is True
    assert await tables_with(connection, WORD, school=school.id) == set()
    await connection.close()
    assert (await office.verdict(school)).fault is None


async def test_an_entry_of_a_record_on_hold_is_not_erased_and_neither_is_what_joins_two_records(office, school):
    await office.store(school, HoldPlaced(occurred_on=DAY, reason="A claim was made."))
    for number in (6, 8):
        with pytest.raises(ErasureRefusedError, match="on hold"):
            await office.erase(school, number)
    await office.store(school, HoldLifted(occurred_on=DAY, hold=8, reason="Settled.", confirmed_by=school.staff))
    assert await office.erase(school, 6) is True
    await written(office.sessions, school, planted(RecordMerged, school.pupils[1]))
    with pytest.raises(ErasureRefusedError, match="part the records first"):
        await office.erase(school, (await office.verdict(school)).number)


async def test_the_chain_still_verifies_and_agrees_with_a_head_signed_before(office, school):
    before = await office.verdict(school)
    signed = HeadStatement(school=school.id, epoch=before.epoch, number=before.number, link=before.link)
    await office.erase(school, 6)
    verdict = await office.verdict(school, signed)
    assert (verdict.fault, verdict.number) == (None, before.number + 1)


async def test_the_erasure_is_itself_an_entry_with_reason_author_and_moment(office, school):
    await office.erase(school, 6)
    recorded = (await office.record(school)).known[-1]
    assert recorded.entry == EntryErased(occurred_on=date(2026, 3, 3), number=6, reason=REASON)
    assert (recorded.author, recorded.recorded_at, recorded.number) == (school.author, NOW + timedelta(microseconds=2), 8)


async def test_an_erased_entry_folds_as_erased_with_its_kind_and_day(office, school):
    await office.erase(school, 6)
    erased = (await office.record(school)).entry(6)
    assert erased.entry == Erased(occurred_on=DAY, erased_type="concern.raised")
    assert erased.author == school.author


OWED = """
select known_from, known_until, met_by, missing from obligation
 where school_id = $1 and rule = 'answer-a-parents-concern' order by known_from
"""


async def test_what_hung_on_it_is_not_known_from_the_erasure_on_and_stays_as_it_was_known_before(office, school):
    await office.erase(school, 7)
    before, after = [tuple(row) for row in await office.rows(school, OWED)]
    assert before == (7, 8, 7, [])
    assert after == (8, None, None, ["erased_entry"])


async def test_the_summary_follows(office, school):
    """The decision for SEN Support is gone, so the record no longer shows who decided it."""
    await office.store(school, sen_decided(DAY))
    status = "select status, last_number from pupil where school_id = $1 and last_number > 5"
    assert [tuple(row) for row in await office.rows(school, status)] == [("K", 8)]
    await office.erase(school, 8)
    record = await office.record(school)
    assert [tuple(row) for row in await office.rows(school, status)] == [(record.status.value, 9)]
    assert record.status.value != "K"


async def test_an_entry_of_the_school_itself_can_be_erased_and_moves_the_schools_own_number(office, school):
    assert await office.erase(school, 3) is True
    [head] = await office.rows(school, "select number, school_number from ledger_head where school_id = $1")
    assert tuple(head) == (8, 8)
    assert (await office.verdict(school)).fault is None


async def test_an_erased_entry_of_the_school_has_everything_derived_under_a_number_of_its_own(office, school):
    """Under an earlier run's number, the past would change that was known before the erasure."""
    assert await rederive(office.casework, school.id)
    await office.erase(school, 3)
    assert await rederive(office.casework, school.id)
    runs = "select number from entry where school_id = $1 and type = 'obligations.rederived' order by number"
    assert [row["number"] for row in await office.rows(school, runs)] == [8, 10]


async def test_asked_again_it_appends_nothing(office, school):
    await office.erase(school, 6)
    assert await office.erase(school, 6) is False
    assert (await office.verdict(school)).number == 8


async def test_an_erasure_cut_short_before_the_derivation_leaves_that_owed_and_is_finished_by_asking_again(office, school):
    entry = EntryErased(occurred_on=DAY, number=7, reason=REASON)
    async with office.sessions.for_school(school.id) as session:
        await session.connection.execute("update school set rules_version = 'some' where school_id = $1", school.id)
    await erase(office.erasure, school.id, 7, draft(school, entry), now=NOW, dice=clock.random_bytes)
    [row] = await office.rows(school, "select rules_version from school where school_id = $1")
    assert row["rules_version"] is None
    assert [row["missing"] for row in await office.rows(school, OWED)] == [[]]
    assert await office.erase(school, 7) is False
    assert [row["missing"] for row in await office.rows(school, OWED)] == [[], ["erased_entry"]]


@pytest.mark.parametrize(
    ("number", "by", "why"),
    [
        (99, None, "the school's ledger has no entry 99"),
        (8, None, "entry 8 is itself an erasure, which stays"),
        (6, "stranger", "an erasure is the head's, the SENCO's or an administrator's of the school today"),
    ],
)
async def test_what_cannot_be_erased_is_refused_and_changes_nothing(office, school, number, by, why):
    await office.erase(school, 7)
    before = await office.verdict(school)
    wanted = Wanted(school_id=school.id, number=number, reason=REASON, by=clock.new_id() if by else school.staff)
    with pytest.raises(ErasureRefusedError) as refused:
        await erase_entry(office.casework, office.erasure, wanted)
    assert str(refused.value) == why
    assert await office.verdict(school) == before


@pytest.mark.parametrize("role", ["app", "sweep"])
@pytest.mark.parametrize("call", ["erasure_lock_head('{school}', null)", "erase_entry('{school}', 6, null)"])
async def test_no_other_role_may_erase(office, school, role, call):
    connection = await asyncpg.connect(getattr(office.database, role))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(f"select {call.format(school=school.id)}")
    await connection.close()


@pytest.mark.parametrize("role", ["app", "sweep", "erasure"])
@pytest.mark.parametrize("change", ["update entry set body = null", "delete from entry", "update ledger_head set link = ''"])
async def test_no_role_changes_an_entry_itself(office, school, role, change):
    connection = await asyncpg.connect(getattr(office.database, role))
    async with connection.transaction():
        await connection.execute("select app_set_school($1)", clock.new_id())
        if (role, change.split()[1]) == ("app", "ledger_head"):
            assert await connection.execute(change) == "UPDATE 0"
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(change)
    await connection.close()


WRONG = [
    ("type", "'concern.raised'", "22023"),
    ("school_id", "gen_random_uuid()", "22023"),
    ("number", "10", "40001"),
    ("number", "7", "40001"),
    ("pupil_id", "null", "P0002"),
    ("pupil_id", "(select id from pupil where school_id = '{school}' and last_number = 5)", "P0002"),
]


@pytest.mark.parametrize(("column", "value", "state"), WRONG)
async def test_the_function_takes_no_other_entry_than_the_next_and_its_own(office, school, column, value, state):
    """Called straight, by somebody who holds the erasure role's password: what it appends must fit, or nothing is erased."""
    before = await office.verdict(school)
    connection = await asyncpg.connect(office.database.superuser)
    new = await next_erasure(office, school)
    with pytest.raises(asyncpg.PostgresError) as refused:
        async with connection.transaction():
            await connection.execute("create temporary table fitting (like entry) on commit drop")
            await connection.execute("insert into fitting select ($1::entry).*", new)
            await connection.execute(f"update fitting set {column} = {value.format(school=school.id)}")
            await connection.execute("select erase_entry($1, 6, f::text::entry) from fitting f", school.id)
    await connection.close()
    assert refused.value.sqlstate == state
    assert await office.verdict(school) == before


async def next_erasure(office: Office, school: TestSchool) -> tuple[object, ...]:
    """The row that an erasure of entry 6 would append next."""
    async with office.sessions.for_school(school.id) as session:
        entry = EntryErased(occurred_on=DAY, number=6, reason=REASON)
        (linked,) = linked_after(await lock_head(session), school.id, [draft(school, entry)], now=NOW, dice=clock.random_bytes)
    return (school.id, *linked.row)


async def test_the_function_takes_the_entry_that_fits(office, school):
    await office.erasure.execute("select erase_entry($1, 6, $2)", school.id, await next_erasure(office, school))
    assert (await office.verdict(school)).fault is None
    assert (await office.verdict(school)).number == 8


async def test_erasures_and_writers_at_once_neither_block_each_other_nor_leave_a_gap(office, school):
    """Both lock the pupil before the head; the other way round they would wait for each other until one is broken off."""
    await office.store(school, *(concern(f"Concern {n}.") for n in range(8)))
    numbers = range(8, 16)
    locks = asyncio.Lock()

    async def erase_one(number: int) -> None:
        async with locks:
            await office.erase(school, number)

    await asyncio.wait_for(asyncio.gather(*(erase_one(n) for n in numbers), *(office.store(school, concern("More.")) for _ in numbers)), 30)
    verdict = await office.verdict(school)
    assert (verdict.fault, verdict.number) == (None, 15 + 8 + 8)
    erased = await office.rows(school, "select number from entry where school_id = $1 and body is null order by number")
    assert [row["number"] for row in erased] == list(numbers)


async def test_a_writer_that_holds_the_pupil_is_waited_for(office, school):
    """With the head locked first, this would be a deadlock: the writer holds the pupil and goes on to the head."""
    async with office.sessions.for_school(school.id) as session:
        await find_pupil(session, school.pupils[0], lock=True)
        erasing = asyncio.create_task(office.erase(school, 6))
        await asyncio.sleep(0.2)
        assert not erasing.done()
        [recorded] = await write(session, draft(school))
    assert await asyncio.wait_for(erasing, 10) is True
    assert recorded.number == 8
    assert (await office.verdict(school)).number == 9
