"""Import jobs as rows: waiting, ended with their results, forgotten, and seen by their own school alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.db import imports, rolls
from app.db.embedded import DatabaseUrls
from app.db.imports import NewJob, Result
from app.db.pupils import ContactDetails, NewPupil
from app.db.schools import SchoolRecords, school_now
from app.db.session import SchoolSession, Sessions
from app.domain.school import School
from tests.db.builders import BORN, MOMENT, TestSchool, make_school, pool_of

LEASED = MOMENT + timedelta(minutes=2)


@dataclass
class Office:
    """A school and the transactions to look at it."""

    sessions: Sessions
    school: TestSchool

    async def add(self, *, dry_run: bool = False) -> UUID:
        job_id = clock.new_id()
        new = NewJob(
            id=job_id,
            format="csv",
            is_dry_run=dry_run,
            sealed_file=b"sealed",
            file_digest="0" * 64,
            staff_id=self.school.staff,
            assurance="asserted",
            client_id=self.school.client,
        )
        async with self.sessions.for_school(self.school.id) as session:
            await imports.add(session, new, at=MOMENT)
        return job_id


@pytest.fixture
async def office(database: DatabaseUrls) -> AsyncIterator[Office]:
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        yield Office(sessions, await make_school(sessions))


def result(line: int = 1) -> Result:
    return Result(line=line, pointer=f"row {line}", outcome="added", cause="pupil-added", detail="Added.")


async def test_a_job_that_ended_keeps_what_it_came_to_and_lets_its_file_go(office: Office) -> None:
    job_id = await office.add()
    async with office.sessions.for_school(office.school.id) as session:
        waiting = await imports.find_waiting(session, job_id)
        await imports.finish(session, job_id, "done", {"pupils": 2}, [result(2), result(3)], at=LEASED)
        again = await imports.find_waiting(session, job_id)
        job = await imports.find(session, job_id, dry_runs_since=MOMENT)
        kept = await session.connection.fetchval("select sealed_file from import_job")
    assert waiting and (waiting.sealed_file, waiting.job.attempts, waiting.job.counts) == (b"sealed", 0, {})
    assert again is None
    assert job and (job.state, job.counts, job.finished_at, kept) == ("done", {"pupils": 2}, LEASED, None)


async def test_results_come_in_their_order_after_a_place(office: Office) -> None:
    job_id = await office.add()
    async with office.sessions.for_school(office.school.id) as session:
        await imports.finish(session, job_id, "done", {}, [result(line) for line in (2, 3, 5, 8)], at=LEASED)
        page = await imports.results(session, job_id, after=1, limit=2)
    assert [(numbered.sequence, numbered.result.line) for numbered in page] == [(2, 3), (3, 5)]


async def test_only_old_dry_runs_are_forgotten(office: Office) -> None:
    kept, dry = await office.add(), await office.add(dry_run=True)
    for job_id in (kept, dry):
        async with office.sessions.for_school(office.school.id) as session:
            await imports.finish(session, job_id, "done", {}, [result()], at=MOMENT)
    async with office.sessions.for_school(office.school.id) as session:
        await imports.forget_dry_runs(session, MOMENT)
        still = await imports.find(session, dry, dry_runs_since=MOMENT)
        await imports.forget_dry_runs(session, MOMENT + timedelta(seconds=1))
        left = [row["id"] for row in await session.connection.fetch("select id from import_job")]
        work = [row["subject"] for row in await session.connection.fetch("select subject from work")]
    assert still is not None and left == work == [kept]


async def test_another_school_does_not_see_a_job(office: Office) -> None:
    job_id = await office.add()
    other = await make_school(office.sessions)
    async with office.sessions.for_school(other.id) as session:
        assert await imports.find(session, job_id, dry_runs_since=MOMENT) is None
        assert await imports.find_waiting(session, job_id) is None


async def test_pupils_and_contacts_go_in_and_come_back_together(office: Office) -> None:
    new = [
        NewPupil(id=clock.new_id(), upn=f"A99912345600{n}", surname="Madeup", forename=f"Pupil {n}", date_of_birth=BORN) for n in range(3)
    ]
    contact = ContactDetails(
        id=clock.new_id(),
        pupil_id=new[1].id,
        name="Gita Madeup",
        channel="none",
        email=None,
        phone=None,
        address=None,
        language="en",
        format="text",
    )
    async with office.sessions.for_school(office.school.id) as session:
        await rolls.add_pupils(session, new)
        await rolls.add_contacts(session, [contact])
        held = await rolls.held_by_upn(session, await the_school(session), [n.upn for n in new[:2]], lock=True)
    assert set(held) == {new[0].upn, new[1].upn}
    assert held[new[1].upn].contacts == (contact,) and held[new[0].upn].contacts == ()
    assert held[new[0].upn].record.known == ()


async def the_school(session: SchoolSession) -> School:
    return await SchoolRecords().load(session, (await school_now(session)).school_number)
