"""Import jobs as rows: claimed once, given back, ended once, and seen by their own school alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.db import imports, rolls
from app.db.embedded import DatabaseUrls
from app.db.imports import JobLostError, NewJob, Result
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

    async def claim(self, job_id: UUID, *, minutes: int = 0) -> imports.Claimed | None:
        now = MOMENT + timedelta(minutes=minutes)
        async with self.sessions.for_school(self.school.id) as session:
            return await imports.claim(session, job_id, now=now, lease_until=now + timedelta(minutes=2))


@pytest.fixture
async def office(database: DatabaseUrls) -> AsyncIterator[Office]:
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        yield Office(sessions, await make_school(sessions))


def result(line: int = 1) -> Result:
    return Result(line=line, pointer=f"row {line}", outcome="added", cause="pupil-added", detail="Added.")


async def test_of_two_workers_one_gets_the_job(office: Office) -> None:
    job_id = await office.add()
    claims = await asyncio.gather(office.claim(job_id), office.claim(job_id))
    (held,) = [claimed for claimed in claims if claimed]
    assert (held.sealed_file, held.job.attempts, held.job.counts) == (b"sealed", 1, {})


async def test_a_school_loads_one_roll_at_a_time(office: Office) -> None:
    first, second = await office.add(), await office.add()
    held = await office.claim(first)
    assert held and await office.claim(second) is None
    async with office.sessions.for_school(office.school.id) as session:
        await imports.finish(session, held.job, "done", {}, [], at=MOMENT)
    assert await office.claim(second) is not None


async def test_a_job_comes_free_when_its_lease_ends(office: Office) -> None:
    job_id = await office.add()
    await office.claim(job_id)
    assert await office.claim(job_id, minutes=1) is None
    again = await office.claim(job_id, minutes=2)
    assert again and again.job.attempts == 2


async def test_a_job_ends_once_and_its_file_goes(office: Office) -> None:
    job_id = await office.add()
    held = await office.claim(job_id)
    assert held is not None
    async with office.sessions.for_school(office.school.id) as session:
        await imports.finish(session, held.job, "done", {"pupils": 2}, [result(2), result(3)], at=LEASED)
    with pytest.raises(JobLostError):
        async with office.sessions.for_school(office.school.id) as session:
            await imports.finish(session, held.job, "failed", {}, [], at=LEASED)
    async with office.sessions.for_school(office.school.id, read_only=True) as session:
        job = await imports.find(session, job_id, dry_runs_since=MOMENT)
        kept = await session.connection.fetchval("select sealed_file from import_job")
    assert job and (job.state, job.counts, job.finished_at, kept) == ("done", {"pupils": 2}, LEASED, None)


async def test_results_come_in_their_order_after_a_place(office: Office) -> None:
    job_id = await office.add()
    held = await office.claim(job_id)
    assert held is not None
    async with office.sessions.for_school(office.school.id) as session:
        await imports.finish(session, held.job, "done", {}, [result(line) for line in (2, 3, 5, 8)], at=LEASED)
        page = await imports.results(session, job_id, after=1, limit=2)
    assert [(numbered.sequence, numbered.result.line) for numbered in page] == [(2, 3), (3, 5)]


async def test_a_job_that_is_put_off_waits_until_then(office: Office) -> None:
    job_id = await office.add()
    held = await office.claim(job_id)
    assert held is not None
    async with office.sessions.for_school(office.school.id) as session:
        await imports.put_off(session, held.job, MOMENT + timedelta(seconds=30))
    assert await office.claim(job_id) is None
    assert await office.claim(job_id, minutes=1) is not None


async def test_only_old_dry_runs_are_forgotten(office: Office) -> None:
    kept, dry = await office.add(), await office.add(dry_run=True)
    for job_id in (kept, dry):
        held = await office.claim(job_id)
        assert held is not None
        async with office.sessions.for_school(office.school.id) as session:
            await imports.finish(session, held.job, "done", {}, [result()], at=MOMENT)
    async with office.sessions.for_school(office.school.id) as session:
        await imports.forget_dry_runs(session, MOMENT)
        still = await imports.find(session, dry, dry_runs_since=MOMENT)
        await imports.forget_dry_runs(session, MOMENT + timedelta(seconds=1))
        left = [row["id"] for row in await session.connection.fetch("select id from import_job")]
    assert still is not None and left == [kept]


async def test_another_school_neither_sees_nor_claims_a_job(office: Office) -> None:
    job_id = await office.add()
    other = await make_school(office.sessions)
    async with office.sessions.for_school(other.id) as session:
        assert await imports.find(session, job_id, dry_runs_since=MOMENT) is None
        assert await imports.claim(session, job_id, now=MOMENT, lease_until=LEASED) is None
    assert await office.claim(job_id) is not None


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
