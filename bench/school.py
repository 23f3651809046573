"""Invented schools to measure on: one vendor's client, granted access by each of them, and pupils with a short record."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from uuid import UUID

from fastapi import FastAPI

from app import clock
from app.casework.taking import Casework, Work
from app.db import grants, organisations, pupils, staff
from app.db.grants import Grant
from app.db.ledger import Draft
from app.db.organisations import NewClient, Organisation, OrganisationKind
from app.db.pupils import NewPupil
from app.db.schools import NewSchool, create_school
from app.db.scopes import SCOPES
from app.db.session import SchoolSession
from app.db.staff import StaffMember
from app.domain.author import Author, AuthorKind
from app.domain.codes import SchoolType, StaffRole
from app.domain.entries import ConcernRaised, ContactDescribed, Domain, Entry, PupilEnrolled, Raiser, RoleGiven, SchoolDescribed
from app.domain.record import Record
from app.keys.claims import AccessClaims
from app.keys.jwks import KeyUse
from app.keys.jws import sign_access_token

SINCE = date(2020, 9, 1)
BORN = date(2014, 5, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A pupil by the school's number and both ids, and a member of staff who may write there."""

    urn: str
    school_id: UUID
    pupil_id: UUID
    author: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """What the load is aimed at: each of floor and ours has schools to itself, and asks of the next school each time."""

    token: str
    places_of_floor: tuple[Place, ...]
    places_of_ours: tuple[Place, ...]


async def invent(app: FastAPI, *, schools: int, pupils_each: int, now: datetime, issuer: str) -> Invented:
    """Fill a running app's empty database and sign an hour's token."""
    client_id = await _vendor(app, now)
    by_school = [await _school(app, f"{999_000 + i}", client_id, pupils_each, now) for i in range(schools)]
    claims = AccessClaims(
        iss=issuer,
        sub=str(client_id),
        client_id=str(client_id),
        aud=issuer,
        scope=frozenset(SCOPES),
        iat=now,
        exp=now + timedelta(hours=1),
        jti=str(clock.new_id()),
    )
    token = sign_access_token(claims, await app.state.keyring.signing_key(KeyUse.TOKENS))
    return Invented(token=token, places_of_floor=_in_turn(by_school[::2]), places_of_ours=_in_turn(by_school[1::2]))


def _in_turn(by_school: list[list[Place]]) -> tuple[Place, ...]:
    return tuple(chain.from_iterable(zip(*by_school, strict=True)))


async def _vendor(app: FastAPI, now: datetime) -> UUID:
    vendor = Organisation(id=clock.new_id(), kind=OrganisationKind.VENDOR, name="Invented Software", authority=None, is_sandbox=True)
    client = NewClient(id=clock.new_id(), organisation_id=vendor.id, name="bench", scopes=tuple(SCOPES))
    async with app.state.sessions.shared() as session:
        await organisations.create_organisation(session, vendor, at=now)
        await organisations.create_client(session, client, at=now)
    return client.id


async def _school(app: FastAPI, urn: str, client_id: UUID, pupils_each: int, now: datetime) -> list[Place]:
    owner = Organisation(id=clock.new_id(), kind=OrganisationKind.SCHOOL, name="Invented School", authority=None, is_sandbox=True)
    new = NewSchool(id=clock.new_id(), urn=urn, name=owner.name, authority="999", organisation_id=owner.id, is_sandbox=True)
    head = StaffMember(id=clock.new_id(), name="Hedy Placeholder")
    roles = (StaffRole.HEAD, StaffRole.SENCO, StaffRole.TEACHER)
    entries: list[Entry] = [
        SchoolDescribed(occurred_on=SINCE, school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=SINCE),
        *(RoleGiven(occurred_on=SINCE, staff=head.id, role=role) for role in roles),
    ]
    async with app.state.sessions.shared() as shared:
        await organisations.create_organisation(shared, owner, at=now)
        session = await create_school(shared, new, at=now)
        await staff.insert(session, head)
        await grants.give(session, _grant(client_id, head.id, now))
        await _write(app.state.casework, session, [Work(drafts=drafts_of_staff(entries, head.id, None))])
    async with app.state.sessions.for_school(new.id) as session:
        ids = await _pupils(app.state.casework, session, head.id, pupils_each)
    return [Place(urn=urn, school_id=new.id, pupil_id=id_, author=head.id) for id_ in ids]


def _grant(client_id: UUID, head: UUID, now: datetime) -> Grant:
    return Grant(
        id=clock.new_id(),
        client_id=client_id,
        scopes=tuple(SCOPES),
        purpose="measuring",
        until=now.date() + timedelta(days=30),
        granted_by=head,
        granted_at=now,
    )


async def _pupils(casework: Casework, session: SchoolSession, head: UUID, count: int) -> list[UUID]:
    opened = await casework.open(session)
    works, ids = [], [clock.new_id() for _ in range(count)]
    for i, id_ in enumerate(ids):
        new = NewPupil(id=id_, upn=f"X999{i:09}", surname="Example", forename=f"Ada {i}", date_of_birth=BORN, sex="F", year_group="6")
        await pupils.insert(session, new)
        entries: list[Entry] = [PupilEnrolled(occurred_on=SINCE, date_of_birth=BORN, year_group="1"), _parent(), _parent(), _concern()]
        works.append(Work(drafts=drafts_of_staff(entries, head, id_), before=Record.fold(opened.school, (), id_), tells=False))
    await casework.store(opened, works)
    return ids


def _concern() -> ConcernRaised:
    return ConcernRaised(occurred_on=SINCE, raised_by=Raiser.PARENT, domain=Domain.ATTAINMENT, words="Finds reading hard.")


def _parent() -> ContactDescribed:
    return ContactDescribed(occurred_on=SINCE, contact=clock.new_id(), relationship="parent", parental_responsibility=True, has_care=True)


async def _write(casework: Casework, session: SchoolSession, works: list[Work]) -> None:
    await casework.store(await casework.open(session), works)


def drafts_of_staff(entries: list[Entry], author: UUID, pupil_id: UUID | None) -> tuple[Draft, ...]:
    """Draft entries that a member of staff writes about a pupil, or about the school."""
    by = Author(kind=AuthorKind.STAFF, id=author)
    return tuple(Draft(entry=entry, author=by, pupil_id=pupil_id) for entry in entries)
