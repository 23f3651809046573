"""Whatever is done to a ledger behind the service's back is found, and named by the number where it shows first."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from app.db.chain import next_link
from app.db.session import Sessions
from app.db.verify_ledger import Verdict, digest_of, verify_ledger
from app.keys.heads import HeadStatement
from tests.db.builders import TestSchool, concern, make_school, pool_of, written

LAST = 10


@pytest.fixture
async def app(database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.app)
    yield connection
    await connection.close()


@pytest.fixture
async def owner(database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def sessions(database) -> AsyncIterator[Sessions]:
    async with pool_of(database.app) as pool:
        yield Sessions(pool)


@pytest.fixture
async def school(sessions) -> TestSchool:
    """Ten entries: three of the school itself, an enrolment, six concerns."""
    school = await make_school(sessions)
    await written(sessions, school, *(concern(f"Concern {n}.") for n in range(6)))
    return school


def signed_of(verdict: Verdict) -> HeadStatement:
    """What the service would have vouched for when the chain was as the verdict found it."""
    return HeadStatement(school=verdict.school, epoch=verdict.epoch, number=verdict.number, link=verdict.link)


async def test_an_untouched_ledger_holds(app, school):
    verdict = await verify_ledger(app, school.id)
    assert (verdict.fault, verdict.number, verdict.epoch) == (None, LAST, 1)
    assert verdict.link == await app_link(app, school)


async def app_link(app: asyncpg.Connection, school: TestSchool) -> bytes:
    async with app.transaction():
        await app.execute("select app_set_school($1)", school.id)
        return await app.fetchval("select link from ledger_head where school_id = $1", school.id)


@pytest.mark.parametrize("batch", [1, 3, 10, 11])
async def test_the_size_of_the_batches_makes_no_difference(app, owner, school, batch):
    assert (await verify_ledger(app, school.id, batch=batch)).number == LAST
    await owner.execute("delete from entry where school_id = $1 and number = 4", school.id)
    assert (await verify_ledger(app, school.id, batch=batch)).fault == "Entry 4 is missing: after 3 comes 5."


HEADER, BODY = "Entry 6 was changed: its header does not give its digest.", "Entry 6 was changed: its body does not give its commitment."
AUTHOR = "Entry 6 was changed: its author is of no known kind."
LINK = "Entry 6 is not linked to the one before it."
CHANGES = [
    ("body = overlay(body placing 'X' from 30)", BODY),
    ("body = body || ' '", BODY),
    ("salt = set_byte(salt, 31, get_byte(salt, 31) # 1)", BODY),
    ("salt = null", "Entry 6 is half erased: body and salt go together."),
    ("body = null", "Entry 6 is half erased: body and salt go together."),
    ("body = null, salt = null", "Entry 6 has lost its body, and no entry says that it was erased."),
    ("supersedes = 5", "Entry 6 was changed: it supersedes another entry than its body says."),
    ("commitment = set_byte(commitment, 0, get_byte(commitment, 0) # 1)", HEADER),
    ("digest = set_byte(digest, 0, get_byte(digest, 0) # 1)", HEADER),
    ("link = set_byte(link, 0, get_byte(link, 0) # 1)", LINK),
    ("pupil_id = null", HEADER),
    ("type = 'concern.answered'", HEADER),
    ("occurred_on = occurred_on + 1", HEADER),
    ("recorded_at = recorded_at + interval '1 microsecond'", HEADER),
    ("author_kind = 'contact'", HEADER),
    ("author_kind = 'nobody'", AUTHOR),
    ("author_id = school_id", HEADER),
    ("assurance = 'proved'", HEADER),
    ("client_id = null", HEADER),
    ("number = -6", "Entry -6 has a number that no ledger gives."),
    ("number = 11", "Entry 6 is missing: after 5 comes 7."),
]


@pytest.mark.parametrize(("change", "fault"), CHANGES, ids=[change for change, _ in CHANGES])
async def test_a_changed_entry_is_named_by_its_number(app, owner, school, change, fault):
    changed = await owner.execute(f"update entry set {change} where school_id = $1 and number = 6", school.id)
    assert changed == "UPDATE 1"
    assert (await verify_ledger(app, school.id)).fault == fault


async def test_each_column_of_an_entry_but_the_schools_own_id_is_covered(owner):
    columns = await owner.fetch(
        "select column_name from information_schema.columns where table_name = 'entry' and column_name <> 'school_id'"
    )
    assert {column for [column] in columns} == {column for change, _ in CHANGES for column in re.findall(r"(\w+) =", change)}


async def test_the_first_of_two_wrongs_is_named(app, owner, school):
    await owner.execute("update entry set body = '{}' where school_id = $1 and number in (5, 8)", school.id)
    verdict = await verify_ledger(app, school.id)
    assert verdict.fault == BODY.replace("6", "5")
    assert verdict.number == 4


async def test_a_swapped_pair_is_found_at_the_first_of_the_two(app, owner, school):
    for was, becomes in ((6, 999), (7, 6), (999, 7)):
        await owner.execute("update entry set number = $3 where school_id = $1 and number = $2", school.id, was, becomes)
    assert (await verify_ledger(app, school.id)).fault == HEADER


async def test_a_deleted_entry_is_missed(app, owner, school):
    await owner.execute("delete from entry where school_id = $1 and number = 6", school.id)
    assert (await verify_ledger(app, school.id)).fault == "Entry 6 is missing: after 5 comes 7."


async def test_a_deleted_entry_is_missed_even_when_the_rest_moved_up(app, owner, school):
    await owner.execute("delete from entry where school_id = $1 and number = 6", school.id)
    for number in range(7, LAST + 1):
        await owner.execute("update entry set number = $2 - 1 where school_id = $1 and number = $2", school.id, number)
    assert (await verify_ledger(app, school.id)).fault == HEADER


async def test_a_cut_tail_is_found_by_the_head(app, owner, school):
    await owner.execute("delete from entry where school_id = $1 and number > 8", school.id)
    assert (await verify_ledger(app, school.id)).fault == "Entry 9 is missing: the chain ends at 8 and its head says 10."


async def test_an_emptied_ledger_is_found_by_the_head(app, owner, school):
    await owner.execute("delete from entry where school_id = $1", school.id)
    assert (await verify_ledger(app, school.id)).fault == "Entry 1 is missing: the chain ends at 0 and its head says 10."


CUT = """
update ledger_head h set number = e.number, link = e.link, recorded_at = e.recorded_at
  from entry e where h.school_id = $1 and e.school_id = $1 and e.number = 8
"""


async def test_a_cut_tail_with_its_head_put_right_is_found_by_a_signed_head_alone(app, owner, school):
    signed = signed_of(await verify_ledger(app, school.id))
    await owner.execute(CUT, school.id)
    await owner.execute("delete from entry where school_id = $1 and number > 8", school.id)
    assert (await verify_ledger(app, school.id)).fault is None
    fault = (await verify_ledger(app, school.id, signed=signed)).fault
    assert fault == "Entry 9 is missing: the chain ends at 8 and the signed head of epoch 1 says 10."


async def test_a_tail_written_anew_is_found_by_a_signed_head_alone(app, owner, school, sessions):
    """The chain is cut and grown again to the same length; each link follows, so only what was signed tells."""
    signed = signed_of(await verify_ledger(app, school.id))
    await owner.execute(CUT, school.id)
    await owner.execute("delete from entry where school_id = $1 and number > 8", school.id)
    await written(sessions, school, concern("Another history."), concern("Another still."), concern("And more."))
    assert (await verify_ledger(app, school.id)).fault is None
    fault = (await verify_ledger(app, school.id, signed=signed)).fault
    assert fault == "Entry 10 has another link than the signed head vouches for."


async def test_a_ledger_that_has_grown_agrees_with_an_earlier_signed_head(app, school, sessions):
    signed = signed_of(await verify_ledger(app, school.id))
    await written(sessions, school, concern())
    verdict = await verify_ledger(app, school.id, signed=signed)
    assert (verdict.fault, verdict.number) == (None, LAST + 1)


async def test_a_signed_head_of_another_school_is_refused(app, school, sessions):
    signed = signed_of(await verify_ledger(app, school.id))
    other = await make_school(sessions)
    assert (await verify_ledger(app, other.id, signed=signed)).fault == "The signed head is of another school."


async def test_a_signed_head_of_a_later_epoch_is_not_this_ledgers(app, school):
    """A copy from before a restore was put in the place of the ledger that went on after it."""
    signed = replace(signed_of(await verify_ledger(app, school.id)), epoch=2)
    fault = (await verify_ledger(app, school.id, signed=signed)).fault
    assert fault == "The signed head of epoch 2, where the ledger is in epoch 1, is of a later life of the ledger than this one."


async def test_an_epoch_that_no_restore_began_is_found_out(app, owner, school):
    signed = signed_of(await verify_ledger(app, school.id))
    await owner.execute(CUT, school.id)
    await owner.execute("delete from entry where school_id = $1 and number > 8", school.id)
    await owner.execute("update ledger_head set epoch = 2 where school_id = $1", school.id)
    fault = (await verify_ledger(app, school.id, signed=signed)).fault
    assert fault == "The head is of epoch 2, and by its entries the ledger is in 1."


HEADS = [
    ("number = 11", "Entry 11 is missing: the chain ends at 10 and its head says 11."),
    ("number = 9", "Entry 10 lies beyond the head, which says 9."),
    ("link = set_byte(link, 0, get_byte(link, 0) # 1)", "The head has another link than entry 10, the last one."),
    ("recorded_at = recorded_at - interval '1 day'", "The head has another moment than entry 10, the last one."),
    ("school_number = 2", "The head names another entry than 3 as the school's own last."),
]


@pytest.mark.parametrize(("change", "fault"), HEADS, ids=[change for change, _ in HEADS])
async def test_a_changed_head_is_named(app, owner, school, change, fault):
    await owner.execute(f"update ledger_head set {change} where school_id = $1", school.id)
    assert (await verify_ledger(app, school.id)).fault == fault


async def test_a_ledger_without_its_head_is_named(app, owner, school):
    await owner.execute("delete from ledger_head where school_id = $1", school.id)
    assert (await verify_ledger(app, school.id)).fault == "The ledger has no head."


INSERT = """
insert into entry select school_id, $2, pupil_id, type, occurred_on, recorded_at + interval '1 microsecond', author_kind, author_id,
       assurance, client_id, supersedes, commitment, digest, link, salt, body from entry where school_id = $1 and number = 10
"""


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (0, "Entry 0 has a number that no ledger gives."),
        (11, "Entry 11 was changed: its header does not give its digest."),
        (12, "Entry 11 is missing: after 10 comes 12."),
    ],
)
async def test_an_inserted_entry_is_named(app, owner, school, number, fault):
    await owner.execute(INSERT, school.id, number)
    assert (await verify_ledger(app, school.id)).fault == fault


async def test_an_inserted_entry_that_follows_in_every_byte_lies_beyond_the_head(app, owner, school, sessions):
    head = await owner.fetchrow("select * from ledger_head where school_id = $1", school.id)
    await written(sessions, school, concern("Forged."))
    await owner.execute(
        "update ledger_head set number = $2, link = $3, recorded_at = $4 where school_id = $1",
        school.id,
        head["number"],
        head["link"],
        head["recorded_at"],
    )
    assert (await verify_ledger(app, school.id)).fault == "Entry 11 lies beyond the head, which says 10."


async def test_a_header_changed_with_its_digest_breaks_the_link(app, owner, school):
    """Whoever recomputes the digest must recompute every later link as well."""
    await rewrite(owner, school, 6, relink=False)
    assert (await verify_ledger(app, school.id)).fault == LINK


async def test_a_header_changed_with_its_digest_and_link_breaks_the_next_entrys_link(app, owner, school):
    await rewrite(owner, school, 6, relink=True)
    assert (await verify_ledger(app, school.id)).fault == LINK.replace("6", "7")


async def rewrite(owner: asyncpg.Connection, school: TestSchool, number: int, *, relink: bool) -> None:
    """Put another entry's digest, made by the service's own code, where this one's was."""
    previous = await owner.fetchval("select link from entry where school_id = $1 and number = $2", school.id, number - 1)
    await owner.execute("update entry set assurance = 'proved' where school_id = $1 and number = $2", school.id, number)
    digest = digest_of(await owner.fetchrow("select * from entry where school_id = $1 and number = $2", school.id, number), school.id)
    link = next_link(previous, digest)
    change = "digest = $3, link = $4" if relink else "digest = $3, link = coalesce(link, $4)"
    await owner.execute(f"update entry set {change} where school_id = $1 and number = $2", school.id, number, digest, link)
