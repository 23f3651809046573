"""Invented schools with staff and pupils, written straight into a database that the migrations built."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg

from app import clock
from app.db.ledger import Appending, Draft, append, linked_after, lock_head
from app.db.projections import projected
from app.db.schools import NewSchool, create_school
from app.db.session import SchoolSession, Sessions, open_pool
from app.domain.author import Author, AuthorKind
from app.domain.codes import SchoolType, StaffRole
from app.domain.entries import ConcernRaised, Domain, Entry, PupilEnrolled, Raiser, Recorded, RoleGiven, SchoolDescribed

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
BORN = date(2016, 5, 4)
_urns = itertools.count(999_001)
_upns = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class TestSchool:
    """A school with one member of staff (head and SENCO) and some pupils."""

    __test__ = False
    id: UUID
    urn: str
    organisation: UUID
    client: UUID
    staff: UUID
    pupils: tuple[UUID, ...]

    @property
    def author(self) -> Author:
        return Author(kind=AuthorKind.STAFF, id=self.staff)


@asynccontextmanager
async def pool_of(url: str, size: int = 4) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """A pool as the service opens it, closed at the end however the test went."""
    pool = await open_pool(url, size=size)
    try:
        yield pool
    finally:
        pool.terminate() if pool.is_closing() else await pool.close()


def concern(words: str = "Hard to follow in a group.", on: date = DAY) -> ConcernRaised:
    return ConcernRaised(occurred_on=on, raised_by=Raiser.PARENT, domain=Domain.COMMUNICATION, words=words)


def draft(school: TestSchool, entry: Entry | None = None, pupil: int | None = 0, supersedes: int | None = None) -> Draft:
    """An entry by the school's one member of staff; `pupil` counts the school's pupils from 0, None for the school itself."""
    pupil_id = None if pupil is None else school.pupils[pupil]
    return Draft(entry=entry or concern(), author=school.author, pupil_id=pupil_id, client_id=school.client, supersedes=supersedes)


async def write(session: SchoolSession, *drafts: Draft, now: datetime = MOMENT) -> tuple[Recorded, ...]:
    """Lock the head and append."""
    if not drafts:
        return ()
    head = await lock_head(session)
    linked = linked_after(head, session.school_id, drafts, now=now, dice=clock.random_bytes)
    nothing = projected(session.school_id, (), rules_version="none", new_id=clock.new_id)
    assert await append(session, Appending(head=head, linked=linked, projected=nothing))
    return tuple(i.recorded for i in linked)


async def written(sessions: Sessions, school: TestSchool, *entries: Entry, now: datetime = MOMENT) -> tuple[Recorded, ...]:
    """Append entries about the first pupil, each in a transaction of its own."""
    found: list[Recorded] = []
    for entry in entries:
        async with sessions.for_school(school.id) as session:
            found += await write(session, draft(school, entry), now=now)
    return tuple(found)


async def make_school(sessions: Sessions, *, pupils: int = 1, is_sandbox: bool = True, at: datetime = MOMENT) -> TestSchool:
    """Make a school, its organisation, a client, a member of staff and pupils; the ledger starts with 3 entries and one for each pupil."""
    school = TestSchool(
        id=clock.new_id(),
        urn=str(next(_urns)),
        organisation=clock.new_id(),
        client=clock.new_id(),
        staff=clock.new_id(),
        pupils=tuple(clock.new_id() for _ in range(pupils)),
    )
    new = NewSchool(
        id=school.id,
        urn=school.urn,
        name="Invented Primary",
        authority="999",
        organisation_id=school.organisation,
        is_sandbox=is_sandbox,
    )
    async with sessions.shared() as session:
        await _organisation(session.connection, school, is_sandbox, at)
        opened = await create_school(session, new, at=at)
        await _people(opened, school, at)
    return school


async def _organisation(connection: asyncpg.Connection, school: TestSchool, is_sandbox: bool, at: datetime) -> None:
    await connection.execute(
        "insert into organisation (id, kind, name, is_sandbox, created_at) values ($1, 'school', 'Invented Primary', $2, $3)",
        school.organisation,
        is_sandbox,
        at,
    )
    await connection.execute(
        "insert into client (id, organisation_id, name, scopes, created_at) values ($1, $2, 'Invented MIS', '{}', $3)",
        school.client,
        school.organisation,
        at,
    )


_PUPIL = """
insert into pupil (school_id, id, upn, surname, forename, date_of_birth, last_number, status, summary)
values ($1, $2, $3, 'Madeup', 'Pupil', $4, $5, 'N', '{}')
"""


async def _people(session: SchoolSession, school: TestSchool, at: datetime) -> None:
    await session.connection.execute("insert into staff (school_id, id, name) values ($1, $2, 'Ms Invented')", school.id, school.staff)
    first = 4
    for number, pupil in enumerate(school.pupils, start=first):
        await session.connection.execute(_PUPIL, school.id, pupil, f"A999{next(_upns):09d}", BORN, number)
    since = date(2020, 9, 1)
    opening: list[Draft] = [
        draft(
            school,
            SchoolDescribed(occurred_on=since, school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=since),
            None,
        ),
        draft(school, RoleGiven(occurred_on=since, staff=school.staff, role=StaffRole.HEAD), None),
        draft(school, RoleGiven(occurred_on=since, staff=school.staff, role=StaffRole.SENCO), None),
        *(draft(school, PupilEnrolled(occurred_on=since, date_of_birth=BORN), n) for n in range(len(school.pupils))),
    ]
    await write(session, *opening, now=at)
