"""A restore begins a new epoch: the ledger goes on from the backup, and a head signed in the life that was lost is known as such."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest

from app import clock
from app.casework.authors import ProofReader
from app.casework.restoring import RestoringRefusedError, restore_epoch
from app.casework.taking import Casework, Means
from app.db.embedded import DatabaseUrls
from app.db.freezes import chain_to
from app.db.session import Sessions
from app.db.verify_ledger import Verdict, verify_ledger
from app.domain.author import Author, AuthorKind
from app.domain.entries import LedgerRestored
from app.keys.heads import HeadStatement
from tests.db.builders import MOMENT, TestSchool, concern, make_school, pool_of, written

WHY = "The disk failed; the backup of the evening before was put back."


@dataclass(frozen=True)
class Office:
    """What the tests act through."""

    sessions: Sessions
    casework: Casework
    database: DatabaseUrls

    async def head(self, school: TestSchool) -> HeadStatement:
        verdict = await self.verdict(school)
        return HeadStatement(school=school.id, epoch=verdict.epoch, number=verdict.number, link=verdict.link)

    async def verdict(self, school: TestSchool, signed: HeadStatement | None = None) -> Verdict:
        connection = await asyncpg.connect(self.database.app)
        try:
            return await verify_ledger(connection, school.id, signed=signed)
        finally:
            await connection.close()

    async def lose(self, school: TestSchool, after: int) -> None:
        """Put the database back to where it was after an entry, as a backup does."""
        server = await asyncpg.connect(self.database.superuser)
        await server.execute("delete from entry where school_id = $1 and number > $2", school.id, after)
        await server.execute(
            "update ledger_head h set number = e.number, link = e.link, recorded_at = e.recorded_at from entry e"
            " where h.school_id = $1 and e.school_id = $1 and e.number = $2", school.id, after,
        )  # fmt: skip
        await server.close()

    async def restore(self, school: TestSchool, reason: str = WHY):
        return await restore_epoch(self.casework, school.id, reason=reason, by=school.author)


@pytest.fixture
async def office(database: DatabaseUrls) -> AsyncIterator[Office]:
    now = MOMENT + timedelta(days=1)
    async with pool_of(database.app) as pool:
        proofs = ProofReader(audience="http://127.0.0.1:8000", now=lambda: now)
        means = Means(now=lambda: now, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None)
        sessions = Sessions(pool)
        yield Office(sessions, Casework(sessions, means), database)


async def five_then_lost(office: Office) -> tuple[TestSchool, HeadStatement, HeadStatement]:
    """A school with nine entries, a head signed at six and one at nine, of which the last three were lost."""
    school = await make_school(office.sessions)
    await written(office.sessions, school, concern("One."), concern("Two."))
    early = await office.head(school)
    await written(office.sessions, school, concern("Three."), concern("Four."), concern("Five."))
    late = await office.head(school)
    await office.lose(school, early.number)
    return school, early, late


async def test_the_restore_is_an_entry_and_the_head_is_of_the_next_epoch(office):
    school, early, _ = await five_then_lost(office)
    recorded = await office.restore(school)
    assert recorded.number == early.number + 1
    entry = recorded.entry
    assert isinstance(entry, LedgerRestored)
    assert (entry.epoch, entry.last_number, entry.reason) == (2, early.number, WHY)
    verdict = await office.verdict(school)
    assert (verdict.fault, verdict.epoch, verdict.number) == (None, 2, early.number + 1)


async def test_a_head_that_was_signed_before_what_was_lost_still_agrees(office):
    school, early, _ = await five_then_lost(office)
    await office.restore(school)
    await written(office.sessions, school, concern("Again."))
    assert (await office.verdict(school, early)).fault is None


async def test_a_head_that_was_signed_in_the_lost_life_is_known_as_of_another_epoch(office):
    """Though the new life has passed its number by, and though it is shorter."""
    school, early, late = await five_then_lost(office)
    await office.restore(school)
    shorter = await office.verdict(school, late)
    await written(office.sessions, school, *(concern(f"Again {n}.") for n in range(4)))
    longer = await office.verdict(school, late)
    for verdict in (shorter, longer):
        assert verdict.fault is not None
        assert f"of epoch 1, where the ledger is in epoch 2, says {late.number}" in verdict.fault
        assert f"ended at {early.number}" in verdict.fault


async def test_without_a_new_epoch_a_lost_tail_looks_like_a_broken_ledger(office):
    school, _, late = await five_then_lost(office)
    fault = (await office.verdict(school, late)).fault
    assert fault is not None
    assert "is missing" in fault


async def test_heads_of_the_new_life_agree_and_carry_its_epoch(office):
    school, _, _ = await five_then_lost(office)
    await office.restore(school)
    head = await office.head(school)
    await written(office.sessions, school, concern("Again."))
    assert (head.epoch, (await office.verdict(school, head)).fault) == (2, None)
    async with office.sessions.for_school(school.id, read_only=True) as session:
        assert (await chain_to(session, head.number)).epoch == 2


async def test_a_ledger_restored_twice_has_three_epochs(office):
    school, early, late = await five_then_lost(office)
    await office.restore(school)
    await office.restore(school)
    verdict = await office.verdict(school, early)
    assert (verdict.fault, verdict.epoch) == (None, 3)
    assert (await office.verdict(school, late)).fault is not None


@pytest.mark.parametrize("epoch", [1, 3])
async def test_a_head_whose_epoch_no_entry_tells_of_is_found_out(office, epoch):
    school, _, _ = await five_then_lost(office)
    await office.restore(school)
    server = await asyncpg.connect(office.database.superuser)
    await server.execute("update ledger_head set epoch = $2 where school_id = $1", school.id, epoch)
    await server.close()
    fault = (await office.verdict(school)).fault
    assert fault == f"The head is of epoch {epoch}, and by its entries the ledger is in 2."


async def test_a_restore_has_a_reason_and_somebody_who_answers_for_it(office):
    school, early, _ = await five_then_lost(office)
    with pytest.raises(RestoringRefusedError):
        await office.restore(school, " ")
    with pytest.raises(RestoringRefusedError):
        await restore_epoch(office.casework, school.id, reason=WHY, by=Author(kind=AuthorKind.STAFF, id=clock.new_id()))
    assert (await office.verdict(school)).number == early.number
