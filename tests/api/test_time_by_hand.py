"""What is answered of a school on a day, as known at a moment, is what folding the entries of that moment by hand gives.

The rows are those that the service stored as each entry was written; the hand has nothing but the entries.
"""

import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from app import clock
from app.casework.erasure import Wanted, erase_entry
from app.casework.rederivation import rederive
from app.casework.taking import Work
from app.db import staff
from app.db.embedded import DatabaseUrls
from app.db.ledger import Draft
from app.db.organisations import OrganisationKind
from app.db.records import find_pupil, load_record
from app.db.schools import NewSchool, create_school
from app.db.scopes import SCOPES
from app.db.staff import StaffMember
from app.domain.codes import StaffRole
from app.domain.entries import Recorded, RoleEnded
from app.domain.obligation import Obligation
from app.domain.obligations import obligations, school_obligations
from app.domain.record import Record
from app.domain.school import School
from tests.api.world import add_client, running, token_for
from tests.domain.builders import AS_SENCO, HEAD, PUPIL, SENCO, TEACHER, a_plan, sen_decided
from tests.histories import HOW_MANY, OPENS, Line, erased, next_line, opening

LINES, AT_ONCE = 14, 25
BEGINS = datetime.combine(OPENS, time(9), UTC)
_urns = itertools.count(100_001)
_INSERT = """
insert into pupil (school_id, id, upn, surname, forename, date_of_birth, last_number, status, summary)
values ($1, $2, 'A999000000001', 'Madeup', 'Pupil', '2010-05-04', 0, 'N', '{}')
"""


@dataclass
class Standing:
    """A clock that the history moves, as the service reads it."""

    moment: datetime = BEGINS

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Service:
    """The API over a database, the connection that may erase, and the clock."""

    app: FastAPI
    http: httpx.AsyncClient
    erasure: asyncpg.Connection
    clock: Standing


@dataclass
class Story:
    """A school whose history is written into the service, and beside it in memory; `settled` are moments at which nothing was pending."""

    service: Service
    school_id: UUID
    client_id: UUID
    urn: str
    known: tuple[Recorded, ...] = ()
    settled: list[tuple[datetime, date, tuple[Recorded, ...]]] = field(default_factory=list)

    async def write(self, line: Line) -> None:
        casework = self.service.app.state.casework
        if line.erases is not None:
            wanted = Wanted(school_id=self.school_id, number=line.erases, reason="Asked for.", by=HEAD)
            assert await erase_entry(casework, self.service.erasure, wanted)
            self.known = erased(self.known, line.erases)
            return
        pupil = None if line.is_the_schools else PUPIL
        draft = Draft(entry=line.entry, author=AS_SENCO, pupil_id=pupil, client_id=self.client_id, supersedes=line.supersedes)
        async with casework.sessions.for_school(self.school_id) as session:
            if pupil is not None:
                await find_pupil(session, PUPIL, lock=True)
            opened = await casework.open(session)
            before = None if pupil is None else await load_record(session, opened.school, PUPIL)
            self.known += await casework.store(opened, [Work(drafts=(draft,), before=before, tells=False)])

    async def settle(self) -> None:
        """Note the moment of the last entry, the horizon then, and the ledger."""
        async with self.service.app.state.sessions.for_school(self.school_id, read_only=True) as session:
            row = await session.connection.fetchrow(
                "select e.recorded_at, s.horizon from entry e join school s using (school_id) where school_id = $1"
                " order by e.number desc limit 1",
                self.school_id,
            )
        self.settled.append((row["recorded_at"], row["horizon"], self.known))

    async def work(self) -> None:
        """Derive anew where the service itself asks a worker for it."""
        async with self.service.app.state.sessions.for_school(self.school_id, read_only=True) as session:
            asked = await session.connection.fetchval("select rules_version is null from school where school_id = $1", self.school_id)
        if asked:
            await self.rederive()

    async def rederive(self) -> None:
        await rederive(self.service.app.state.casework, self.school_id)

    async def counted(self, moment: datetime, day: date) -> Counter[tuple[str, str]]:
        token = await token_for(self.service.app, self.client_id, frozenset(SCOPES))
        answer = await self.service.http.get(
            f"/v1/schools/{self.urn}/compliance",
            params={"as_at": day.isoformat(), "known_at": moment.isoformat().replace("+00:00", "Z")},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200, answer.text
        return Counter({(rule["rule"], state["state"]): state["count"] for rule in answer.json()["rules"] for state in rule["states"]})


@pytest.fixture
async def service(database: DatabaseUrls) -> AsyncIterator[Service]:
    now = Standing()
    async with running(database, now=now) as (app, http):
        connection = await asyncpg.connect(database.erasure)
        try:
            yield Service(app=app, http=http, erasure=connection, clock=now)
        finally:
            await connection.close()


async def begin(service: Service, dice: Random) -> Story:
    """Make a school that is nobody's sandbox, for there are too few numbers of those, with a pupil and the opening of a history."""
    service.clock.moment = BEGINS
    organisation, client = await add_client(service.app, OrganisationKind.SCHOOL, sandbox=False)
    story = Story(service=service, school_id=clock.new_id(), client_id=client, urn=str(next(_urns)))
    new = NewSchool(id=story.school_id, urn=story.urn, name="Invented", authority="999", organisation_id=organisation, is_sandbox=False)
    async with service.app.state.sessions.shared() as session:
        school = await create_school(session, new, at=service.clock())
        for person in (HEAD, SENCO, TEACHER):
            await staff.insert(school, StaffMember(id=person, name="Ms Invented"))
        await school.connection.execute(_INSERT, story.school_id, PUPIL)
    for line in opening(dice):
        await story.write(line)
    await story.rederive()
    await story.settle()
    return story


async def lived(service: Service, dice: Random) -> Story:
    """Write a whole history, deriving anew whenever the service asks for it, and now and then besides."""
    story = await begin(service, dice)
    for _ in range(LINES):
        service.clock.moment += timedelta(days=dice.choice((0, 0, 1, 10, 60, 200)))
        line = next_line(dice, story.known, service.clock().date())
        await story.write(line)
        await (story.rederive() if dice.random() < 0.1 else story.work())
        await story.settle()
    service.clock.moment += timedelta(days=400)
    return story


def by_hand(ledger: tuple[Recorded, ...], day: date) -> Iterator[Obligation]:
    school = School.fold(ledger)
    yield from obligations(Record.fold(school, ledger, PUPIL), until=day)
    yield from school_obligations(school, until=day)


@pytest.mark.parametrize("first", range(0, HOW_MANY, AT_ONCE))
async def test_what_is_counted_on_a_day_as_known_at_a_moment_is_what_the_hand_gives(service: Service, first: int) -> None:
    """The history is over by then, corrected, erased and derived anew; each answer is still that of its own moment."""
    for seed in range(first, min(first + AT_ONCE, HOW_MANY)):
        dice = Random(seed)
        story = await lived(service, dice)
        for moment, horizon, ledger in story.settled:
            day = OPENS + timedelta(days=dice.randrange(-300, (horizon - OPENS).days + 1))
            found = Counter((owed.rule.id, str(state)) for owed in by_hand(ledger, day) if (state := owed.state_on(day)))
            assert await story.counted(moment, day) == found, f"history {seed}, {day}, as known at {moment}"


async def test_who_leaves_the_role_leaves_a_gap_that_is_counted_without_anything_written_of_the_pupil(service: Service) -> None:
    """A teacher's role ends, and each plan that names that teacher has nobody responsible from that day on."""
    story, ended_on = await begin(service, Random(3)), date(2014, 10, 1)
    ended = RoleEnded(occurred_on=ended_on, staff=TEACHER, role=StaffRole.TEACHER)
    service.clock.moment = datetime.combine(ended_on, time(9), UTC)
    for entry in (sen_decided(date(2014, 9, 8)), a_plan(date(2014, 9, 10), date(2015, 2, 1))):
        await story.write(Line(entry=entry))
    await story.settle()
    await story.write(Line(entry=ended, is_the_schools=True))
    await story.work()
    await story.settle()
    (before, *_), (after, *_) = story.settled[-2:]
    service.clock.moment += timedelta(days=1)
    gaps = [(await story.counted(moment, ended_on))["name-one-responsible-teacher", "broken"] for moment in (before, after)]
    assert gaps == [0, 1]
