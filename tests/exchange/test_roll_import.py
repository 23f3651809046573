"""Loading a roll: what becomes of each pupil, of a second reading of the same file, of files that cannot be, and of a worker that dies."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.casework.authors import ProofReader
from app.casework.taking import Casework, Means, Opened, Work
from app.casework.working import TERMS
from app.db import imports, work
from app.db.embedded import DatabaseUrls
from app.db.imports import Job, NewJob, Result
from app.db.ledger import Draft
from app.db.records import load_record
from app.db.schools import MOMENT, NewSchool, create_school
from app.db.session import Sessions
from app.db.verify_ledger import verify_ledger
from app.db.work import Claiming, LeaseLostError, WorkKind
from app.domain.author import Author, AuthorKind
from app.domain.codes import SchoolType, SenStatus, StaffRole
from app.domain.entries import Entry, PupilLeft, Recorded, RoleEnded, RoleGiven, SchoolDescribed, StatusImported
from app.domain.identifiers import check_letter
from app.domain.record import Record
from app.exchange.roll_import import RollImports
from app.exchange.roll_intake import sealed_about
from app.keys.sealing import KEY_BYTES, Sealer
from demo.make_roll import CTF_NAME
from tests.db.builders import pool_of

DEMO = (Path(__file__).parents[2] / "demo" / CTF_NAME).read_bytes()
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCHOOL_DAY = datetime(2014, 11, 3, 9, 0, tzinfo=UTC)
HEADER = "upn,surname,forename,date_of_birth,sex,sen_status,sen_status_from,need_1\n"
ADA = "X999999906001,Example,Ada,2001-10-09,F,A,2007-10-25,\n"
LEASE, MOST_ATTEMPTS = TERMS[WorkKind.IMPORT].lease, TERMS[WorkKind.IMPORT].most_attempts
_urns = count(999_400)


@dataclass
class Place:
    """A sandbox school on 3 November 2014 with one SENCO, and the worker's part that loads rolls there."""

    casework: Casework
    rolls: RollImports
    sealer: Sealer
    school: UUID
    urn: str
    senco: UUID
    client: UUID
    time: list[datetime] = field(default_factory=lambda: [NOW])

    @property
    def sessions(self) -> Sessions:
        return self.casework.sessions

    async def hand_in(self, content: bytes, *, file_format: str = "ctf", dry_run: bool = False) -> UUID:
        job_id = clock.new_id()
        new = NewJob(
            id=job_id,
            format=file_format,
            is_dry_run=dry_run,
            sealed_file=self.sealer.seal(content, about=sealed_about(job_id)),
            file_digest=sha256(content).hexdigest(),
            staff_id=self.senco,
            assurance="asserted",
            client_id=self.client,
        )
        async with self.sessions.for_school(self.school) as session:
            await imports.add(session, new, at=self.time[0])
        return job_id

    async def job(self, job_id: UUID) -> Job:
        async with self.sessions.for_school(self.school, read_only=True) as session:
            found = await imports.find(session, job_id, dry_runs_since=self.time[0] - timedelta(hours=24))
        assert found is not None
        return found

    async def results(self, job_id: UUID) -> list[Result]:
        async with self.sessions.for_school(self.school, read_only=True) as session:
            return [numbered.result for numbered in await imports.results(session, job_id, after=0, limit=10_000)]

    async def load(self, content: bytes | str, *, file_format: str = "ctf", dry_run: bool = False) -> tuple[Job, list[Result]]:
        """Hand a file in, do the job, and give it with its results."""
        job_id = await self.hand_in(content.encode() if isinstance(content, str) else content, file_format=file_format, dry_run=dry_run)
        await self.rolls.run(self.school, job_id)
        return await self.job(job_id), await self.results(job_id)

    async def load_csv(self, *rows: str, dry_run: bool = False) -> tuple[Job, list[Result]]:
        return await self.load(HEADER + "".join(rows), file_format="csv", dry_run=dry_run)

    async def records(self) -> dict[str, Record]:
        """Every record of the school by UPN."""
        async with self.sessions.for_school(self.school, read_only=True) as session:
            opened = await self.casework.open(session)
            pupils = await session.connection.fetch("select id, upn from pupil where school_id = $1", self.school)
            return {row["upn"]: await load_record(session, opened.school, row["id"]) for row in pupils}

    async def fetch(self, query: str) -> list[asyncpg.Record]:
        async with self.sessions.for_school(self.school, read_only=True) as session:
            return await session.connection.fetch(query)

    async def number(self) -> int:
        return (await self.fetch("select number from ledger_head"))[0][0]

    async def add(self, entry: Entry, record: Record | None = None) -> None:
        author = Author(kind=AuthorKind.STAFF, id=self.senco)
        async with self.sessions.for_school(self.school) as session:
            draft = Draft(entry=entry, author=author, pupil_id=record.pupil if record else None, client_id=self.client)
            await self.casework.store(await self.casework.open(session), [Work(drafts=(draft,), before=record)])


@pytest.fixture
async def place(database: DatabaseUrls) -> AsyncIterator[Place]:
    async with pool_of(database.app) as pool:
        yield await make_place(Sessions(pool))


async def make_place(sessions: Sessions, urn: str | None = None) -> Place:
    time = [NOW]
    proofs = ProofReader(audience="http://127.0.0.1", now=clock.now)
    means = Means(now=lambda: time[0], dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None)
    casework, sealer = Casework(sessions, means), Sealer(bytes(KEY_BYTES), random_bytes=clock.random_bytes)
    school, senco, client, since = clock.new_id(), clock.new_id(), clock.new_id(), date(2012, 9, 1)
    urn = urn or str(next(_urns))
    ahead = (SCHOOL_DAY - NOW) // MOMENT
    new = NewSchool(id=school, urn=urn, name="Invented School", authority="999", organisation_id=client, is_sandbox=True, clock_ahead=ahead)
    entries: list[Entry] = [
        SchoolDescribed(occurred_on=since, school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=since),
        RoleGiven(occurred_on=since, staff=senco, role=StaffRole.SENCO),
    ]
    async with sessions.shared() as session:
        await session.connection.execute(
            "insert into organisation (id, kind, name, is_sandbox, created_at) values ($1, 'school', 'Invented', true, $2)", client, NOW
        )
        opened = await casework.open(await create_school(session, new, at=NOW))
        author = Author(kind=AuthorKind.CLIENT, id=client)
        await casework.store(opened, [Work(drafts=tuple(Draft(entry=e, author=author, client_id=client) for e in entries))])
    return Place(casework, RollImports(casework, sealer), sealer, school, urn, senco, client, time)


def demo_for(place: Place) -> bytes:
    """The demo file as if it were for this school."""
    return DEMO.replace(b"<URN>999999</URN>", f"<URN>{place.urn}</URN>".encode())


def outcomes(results: list[Result]) -> Counter[str]:
    return Counter(result.outcome for result in results)


def causes(results: list[Result]) -> set[str]:
    return {result.cause for result in results}


async def test_the_demo_roll_loads_with_fifteen_pupils_undecided_and_nobody_moved(place: Place) -> None:
    """Fifteen stand on A or P and wait for a person; the only pupils on K are those whom the file has on K."""
    job, results = await place.load(demo_for(place))
    assert (job.state, job.counts["added"], job.counts["undecided"], job.counts["failed"]) == ("done", 30, 15, 0)
    assert outcomes(results) == {"added": 30}
    records = await place.records()
    assert Counter(record.status.value for record in records.values()) == {"A": 9, "P": 6, "K": 3, "S": 2, "N": 10}
    undecided = await place.fetch("select summary, status from pupil where undecided_since is not null")
    assert len(undecided) == 15 and all(row["summary"]["undecided"]["came_from"] == row["status"] for row in undecided)
    assert all(isinstance(r.entry, StatusImported) for record in records.values() for r in record.all(StatusImported))


async def test_history_keeps_its_own_days_and_says_where_it_came_from(place: Place) -> None:
    job, _ = await place.load(demo_for(place))
    record = (await place.records())["K999999905010"]
    imported = [(recorded, entry) for recorded, entry in record.each(StatusImported)]
    assert [(entry.status.value, entry.occurred_on.isoformat()) for _, entry in imported] == [("A", "2006-10-09"), ("P", "2007-01-10")]
    assert all(entry.source.job == job.id and entry.source.file_digest == job.file_digest for _, entry in imported)
    assert DEMO.splitlines()[imported[0][1].source.line - 1].strip().startswith(b"<SEN>")
    assert {(r.author.kind, r.author.id) for r in record.known} == {(AuthorKind.IMPORT, place.senco)}
    assert record.enrolled_on == date(2014, 11, 3)
    assert record.contacts_on(date(2014, 11, 3))


async def test_the_chain_verifies_after_an_import_and_the_file_is_gone(place: Place, database: DatabaseUrls) -> None:
    job, _ = await place.load(demo_for(place))
    connection = await asyncpg.connect(database.app)
    try:
        verdict = await verify_ledger(connection, place.school)
    finally:
        await connection.close()
    assert verdict.fault is None and verdict.number == 2 + job.counts["entries"]
    assert (await place.fetch("select sealed_file, finished_at from import_job"))[0]["sealed_file"] is None


async def test_a_decision_waits_as_an_obligation_for_each_undecided_pupil(place: Place) -> None:
    await place.load(demo_for(place))
    owed = await place.fetch("select count(distinct pupil_id) from obligation where rule = 'decide-each-school-action-pupil'")
    assert owed[0][0] >= 15
    assert (await place.fetch("select count(*) from notice"))[0][0] == 0


async def test_others_may_write_while_a_roll_is_loaded(place: Place) -> None:
    """Numbers that were foreseen are worked out again when somebody else came first."""
    job_id = await place.hand_in(demo_for(place))

    async def appoint() -> None:
        for _ in range(20):
            await place.add(RoleGiven(occurred_on=date(2014, 9, 1), staff=clock.new_id(), role=StaffRole.TEACHER))

    await asyncio.gather(place.rolls.run(place.school, job_id), appoint())
    job = await place.job(job_id)
    assert job.state == "done" and await place.number() == 2 + 20 + job.counts["entries"]
    astray = """
    select p.id from pupil p where p.last_number <> (select max(number) from entry e where e.school_id = p.school_id and e.pupil_id = p.id)
     union
    select o.pupil_id from obligation o join pupil p on p.school_id = o.school_id and p.id = o.pupil_id where o.known_from <> p.last_number
    """
    assert await place.fetch(astray) == []


async def test_the_same_file_again_changes_nothing_and_says_so(place: Place) -> None:
    first, _ = await place.load(demo_for(place))
    number = await place.number()
    again, results = await place.load(demo_for(place))
    assert first.counts["entries"] == number - 2
    assert (again.state, again.counts["unchanged"], again.counts["entries"]) == ("done", 30, 0)
    assert outcomes(results) == {"unchanged": 30} and await place.number() == number
    loads = await place.fetch("select number from entry where type = 'roll.imported'")
    assert len(loads) == 1


async def test_a_dry_run_says_the_same_and_stores_nothing(place: Place) -> None:
    job, results = await place.load(demo_for(place), dry_run=True)
    assert (job.state, job.counts["added"], job.counts["undecided"], job.counts["entries"]) == ("done", 30, 15, 0)
    assert all(result.pupil_id is None for result in results)
    assert await place.number() == 2 and await place.records() == {}


async def test_a_dry_run_is_gone_after_a_day(place: Place) -> None:
    job, _ = await place.load(demo_for(place), dry_run=True)
    async with place.sessions.for_school(place.school) as session:
        gone = await imports.find(session, job.id, dry_runs_since=NOW + timedelta(seconds=1))
        await imports.forget_dry_runs(session, NOW + timedelta(seconds=1))
    assert gone is None
    assert (await place.fetch("select count(*) from import_result"))[0][0] == 0
    assert (await place.fetch("select count(*) from import_job"))[0][0] == 0


async def test_a_status_that_differs_is_proposed_and_never_set(place: Place) -> None:
    await place.load_csv(ADA)
    number = await place.number()
    job, results = await place.load_csv(ADA, "X999999906001,Example,Ada,2001-10-09,F,K,2014-10-01,\n")
    assert (job.state, job.counts["differing"], job.counts["proposals"]) == ("done", 1, 1)
    assert [(r.outcome, r.cause) for r in results] == [("differing", "pupil-differing"), ("proposal", "status-differs")]
    assert all(result.pupil_id is not None for result in results)
    assert (await place.records())["X999999906001"].status is SenStatus.SCHOOL_ACTION and await place.number() == number


async def test_older_history_than_the_record_holds_is_proposed_too(place: Place) -> None:
    await place.load_csv(ADA)
    _, results = await place.load_csv("X999999906001,Example,Ada,2001-10-09,F,N,2006-09-04,\n", ADA)
    assert [(r.line, r.cause) for r in results] == [(2, "pupil-differing"), (2, "status-differs")]
    assert len((await place.records())["X999999906001"].statuses) == 1


async def test_a_need_that_differs_is_proposed(place: Place) -> None:
    await place.load_csv(ADA.replace("25,\n", "25,MLD\n"))
    again, _ = await place.load_csv(ADA.replace("25,\n", "25,MLD\n"))
    job, results = await place.load_csv(ADA.replace("25,\n", "25,SLCN\n"))
    assert (again.counts["unchanged"], job.counts["differing"]) == (1, 1) and "need-differs" in causes(results)
    (need,) = (await place.records())["X999999906001"].needs
    assert need.need_type.value == "MLD"


async def test_a_new_name_is_taken_without_an_entry(place: Place) -> None:
    await place.load_csv(ADA)
    number = await place.number()
    job, results = await place.load_csv(ADA.replace("Example", "Sample"))
    assert (job.counts["updated"], outcomes(results)) == (1, {"updated": 1}) and await place.number() == number
    assert (await place.fetch("select surname from pupil"))[0]["surname"] == "Sample"


async def test_another_date_of_birth_is_another_child_until_a_person_says_otherwise(place: Place) -> None:
    await place.load_csv(ADA)
    job, results = await place.load_csv(ADA.replace("2001-10-09", "2001-10-10").replace("Example", "Sample"))
    assert job.counts["differing"] == 1 and "date-of-birth-differs" in causes(results)
    assert (await place.fetch("select surname from pupil"))[0]["surname"] == "Example"


async def test_a_pupil_who_left_is_not_put_back_by_a_file(place: Place) -> None:
    await place.load_csv(ADA)
    record = (await place.records())["X999999906001"]
    await place.add(PupilLeft(occurred_on=date(2014, 11, 3), reason="Moved away"), record)
    _, results = await place.load_csv(ADA)
    assert causes(results) == {"pupil-differing", "pupil-has-left"}
    assert (await place.records())["X999999906001"].left_on == date(2014, 11, 3)


async def test_a_contact_who_is_described_otherwise_is_proposed(place: Place) -> None:
    await place.load(demo_for(place))
    changed = demo_for(place).replace(b"gita.example.1@", b"gita.other@", 1).replace(b"<Forename>Jamal<", b"<Forename>Omar<", 1)
    job, results = await place.load(changed)
    assert job.counts["proposals"] == 2 and {"contact-differs", "contact-not-held"} <= causes(results)
    assert not [row for row in await place.fetch("select email from contact") if row["email"] == "gita.other@example.invalid"]


async def test_a_contact_whose_responsibility_is_not_stated_is_told_nothing_and_warned_of(place: Place) -> None:
    silent = demo_for(place).replace(b"<Responsibility>true</Responsibility>", b"", 1)
    _, results = await place.load(silent)
    assert [r.cause for r in results if r.outcome == "warning"] == ["responsibility-not-stated"]


async def test_a_bad_file_stores_nothing_and_lists_every_problem(place: Place) -> None:
    job, results = await place.load_csv(
        ADA,
        "Y999999906001,Example,Ben,2001-10-09,F,A,2007-10-25,\n",
        "Y999999906021,Example,Cem,2002-07-17,M,A,2026-02-30,\n",
        "Y999999907022,Example,Dia,2002-12-27,F,N,2015-09-06,\n",
    )
    assert job.state == "failed" and job.counts["failed"] == 3 and await place.number() == 2
    assert [(r.line, r.outcome, r.cause) for r in results] == [
        (3, "error", "upn-letter"),
        (4, "error", "date-not-a-date"),
        (5, "error", "start-in-future"),
    ]
    assert await place.records() == {}


async def test_nothing_of_a_child_is_in_results(place: Place) -> None:
    _, results = await place.load_csv(ADA, "Y999999906001,Specimen,Ben,2001-10-09,F,A,2007-10-25,\n")
    told = " ".join(result.detail + result.pointer for result in results)
    assert told and not any(word in told for word in ("Example", "Specimen", "Ada", "Ben", "999999906001", "2001-10-09"))


@pytest.mark.parametrize(
    ("content", "file_format", "cause"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><CTfile>&b;</CTfile>', "ctf", "doctype-not-accepted"),
        (b"\xff\xfe" + (HEADER + ADA).encode("utf-16-le"), "csv", "encoding-wrong"),
        (b"{}", "ctf", "file-truncated"),
        ((HEADER + ADA + ADA.replace("A,2007-10-25", "P,2007-10-25")).encode(), "csv", "statuses-on-one-day"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_with_its_cause(place: Place, content: bytes, file_format: str, cause: str) -> None:
    job, results = await place.load(content, file_format=file_format)
    assert job.state == "failed" and cause in causes(results)


async def test_a_file_for_another_school_is_refused_and_one_from_another_is_told(place: Place) -> None:
    job, results = await place.load(DEMO)
    assert job.state == "failed" and "destination-is-another-school" in causes(results) and await place.number() == 2
    head, _, rest = demo_for(place).partition(place.urn.encode())
    job, results = await place.load(head + b"999998" + rest)
    assert job.state == "done" and [r.cause for r in results if r.outcome == "warning"] == ["source-is-another-school"]


async def test_an_unknown_authority_in_a_upn_is_only_a_warning(place: Place) -> None:
    _, results = await place.load_csv(ADA.replace("X999999906001", upn_of("000999906001")))
    assert outcomes(results) == {"added": 1, "warning": 1} and "upn-authority-unknown" in causes(results)


async def test_a_person_who_lost_their_role_loads_nothing(place: Place) -> None:
    job_id = await place.hand_in((HEADER + ADA).encode(), file_format="csv")
    await place.add(RoleEnded(occurred_on=date(2014, 11, 3), staff=place.senco, role=StaffRole.SENCO))
    await place.rolls.run(place.school, job_id)
    assert (await place.job(job_id)).state == "failed" and causes(await place.results(job_id)) == {"staff-without-role"}
    assert await place.records() == {}


async def test_an_import_that_breaks_off_leaves_nothing_and_is_tried_three_times(place: Place) -> None:
    """The connection is lost after everything was written and before it was committed."""
    job_id = await place.hand_in((HEADER + ADA).encode(), file_format="csv")
    broken = RollImports(_Breaking(place.casework.sessions, place.casework.means), place.sealer)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with pytest.raises(ConnectionResetError):
            await broken.run(place.school, job_id)
        assert await place.number() == 2 and await place.records() == {}
        assert (await place.job(job_id)).state == ("waiting" if attempt < MOST_ATTEMPTS else "failed")
        place.time[0] += timedelta(minutes=2)
    assert causes(await place.results(job_id)) == {"import-broke-off"}


async def claimed(place: Place, job_id: UUID) -> bool:
    """Whether another worker gets the job now."""
    by = Claiming(held_by=clock.new_id(), now=place.time[0], until=place.time[0] + LEASE, most_attempts=MOST_ATTEMPTS)
    async with place.sessions.for_school(place.school) as session:
        return await work.claim(session, WorkKind.IMPORT, job_id, by) is not None


async def test_a_job_whose_worker_died_is_taken_over_when_its_lease_ends(place: Place) -> None:
    job_id = await place.hand_in((HEADER + ADA).encode(), file_format="csv")
    assert await claimed(place, job_id)
    await place.rolls.run(place.school, job_id)
    assert (await place.job(job_id)).state == "waiting"
    place.time[0] += LEASE
    await place.rolls.run(place.school, job_id)
    done = await place.job(job_id)
    assert (done.state, done.attempts, done.counts["added"]) == ("done", 2, 1)


async def test_a_job_that_killed_three_workers_is_given_up(place: Place) -> None:
    job_id = await place.hand_in((HEADER + ADA).encode(), file_format="csv")
    for _ in range(MOST_ATTEMPTS):
        assert await claimed(place, job_id)
        place.time[0] += LEASE
    await place.rolls.run(place.school, job_id)
    assert (await place.job(job_id)).state == "failed" and causes(await place.results(job_id)) == {"import-broke-off"}


async def test_a_worker_whose_job_was_taken_over_stores_nothing(place: Place) -> None:
    """It slept past its lease; what it had written goes when it finds that the job is another's."""
    job_id = await place.hand_in((HEADER + ADA).encode(), file_format="csv")
    casework = _Asleep(place.casework.sessions, place.casework.means)
    casework.take_over = lambda: _claimed_by_another(place, job_id)
    asleep = RollImports(casework, place.sealer)
    with pytest.raises(LeaseLostError):
        await asleep.run(place.school, job_id)
    assert await place.records() == {} and await place.number() == 2
    assert (await place.job(job_id)).state == "waiting"


async def _claimed_by_another(place: Place, job_id: UUID) -> None:
    place.time[0] += LEASE
    assert await claimed(place, job_id)


class _Asleep(Casework):
    """Stores, and meanwhile somebody else takes the job."""

    take_over: Callable[[], Awaitable[None]]

    async def store(self, opened: Opened, works: Sequence[Work]) -> tuple[Recorded, ...]:
        stored = await super().store(opened, works)
        await self.take_over()
        return stored


class _Breaking(Casework):
    """Loses the connection once it has stored."""

    async def store(self, opened: Opened, works: Sequence[Work]) -> tuple[Recorded, ...]:
        await super().store(opened, works)
        raise ConnectionResetError


def upn_of(body: str) -> str:
    return check_letter(body) + body
