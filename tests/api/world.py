"""An invented school with people in it, behind the whole API, called over HTTP without a network."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from app import clock
from app.casework.taking import Work
from app.db import organisations, staff
from app.db.embedded import DatabaseUrls
from app.db.ledger import Draft
from app.db.organisations import NewClient, Organisation, OrganisationKind
from app.db.schools import NewSchool, create_school
from app.db.scopes import SCOPES
from app.db.staff import StaffMember
from app.domain.author import Author, AuthorKind
from app.domain.codes import SchoolType, StaffRole
from app.domain.entries import RoleGiven, SchoolDescribed
from app.keys.claims import AccessClaims
from app.keys.jwks import KeyUse
from app.keys.jws import sign_access_token
from app.main import create_app
from app.settings import Settings
from tests.webhooks.scanning import look

ISSUER = "http://127.0.0.1:8000"
SECRETS_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_keys = itertools.count(1)


@dataclass
class World:
    """The API, one school of it, and the people there by name."""

    app: FastAPI
    http: httpx.AsyncClient
    urn: str
    school_id: UUID
    organisation_id: UUID
    client_id: UUID
    people: dict[str, UUID]
    token: str = ""

    def path(self, rest: str = "") -> str:
        return f"/v1/schools/{self.urn}{rest}"

    def headers(self, **extra: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": f"key-{next(_keys)}", **extra}

    async def get(self, rest: str, **params: str) -> httpx.Response:
        return await self.http.get(self.path(rest), params=params, headers=self.headers())

    async def post(self, rest: str, body: object, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
        return await self.http.post(self.path(rest), json=body, params=params, headers=self.headers(**(headers or {})))

    async def step(self, pupil: str, route: str, **facts: object) -> httpx.Response:
        """Take a step as the SENCO unless `author` says otherwise."""
        who = facts.pop("author", "senco")
        author = {"id": str(self.people[who])} if isinstance(who, str) else who
        return await self.post(f"/pupils/{pupil}/{route}", {"author": author, "occurred_on": TODAY.isoformat(), **facts})

    async def taken(self, pupil: str, route: str, **facts: object) -> dict[str, object]:
        """Take a step that must succeed."""
        answer = await self.step(pupil, route, **facts)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def pupil(self, upn: str, born: str = "2014-05-04", **facts: object) -> str:
        """Put a pupil on roll and give the id."""
        body = {"upn": upn, "surname": "Example", "forename": "Ada", "date_of_birth": born, "occurred_on": "2025-09-01"}
        answer = await self.post("/pupils", {**body, "author": {"id": str(self.people["head"])}, **facts})
        assert answer.status_code == 201, answer.text
        return answer.json()["references"]["pupil"]

    async def contact(self, pupil: str, name: str = "Gita Specimen", **facts: object) -> str:
        """Add a parent with responsibility and care, and give the id."""
        told = {"relationship": "mother", "parental_responsibility": True, "has_care": True, **facts}
        reached = {"name": name, "channel": "email", "email": "gita@specimen.example"}
        return (await self.taken(pupil, "contacts", reached=reached, **told))["references"]["contact"]


async def token_for(app: FastAPI, client_id: UUID, scopes: frozenset[str], *, lifetime: timedelta = timedelta(minutes=15)) -> str:
    """Sign a token as the token endpoint does."""
    now = app.state.issuer.now()
    claims = AccessClaims(
        iss=ISSUER,
        sub=str(client_id),
        client_id=str(client_id),
        aud=ISSUER,
        scope=scopes,
        iat=now,
        exp=now + lifetime,
        jti=str(clock.new_id()),
    )
    return sign_access_token(claims, await app.state.keyring.signing_key(KeyUse.TOKENS))


async def add_client(
    app: FastAPI, kind: OrganisationKind, *, scopes: frozenset[str] | None = None, authority: str | None = None, sandbox: bool = True
) -> tuple[UUID, UUID]:
    """Make an organisation with one client; gives both ids."""
    organisation = Organisation(id=clock.new_id(), kind=kind, name="Invented", authority=authority, is_sandbox=sandbox)
    client_id = clock.new_id()
    async with app.state.sessions.shared() as session:
        await organisations.create_organisation(session, organisation, at=NOW)
        new = NewClient(id=client_id, organisation_id=organisation.id, name="client", scopes=tuple(scopes or SCOPES))
        await organisations.create_client(session, new, at=NOW)
    return organisation.id, client_id


PEOPLE = {
    "head": (StaffRole.HEAD, StaffRole.TEACHER),
    "senco": (StaffRole.SENCO, StaffRole.TEACHER),
    "teacher": (StaffRole.TEACHER,),
    "assistant": (StaffRole.TEACHING_ASSISTANT,),
    "office": (StaffRole.ADMINISTRATOR,),
}


async def add_school(
    app: FastAPI, http: httpx.AsyncClient, urn: str, *, sandbox: bool = True, since: date = date(2012, 9, 1), at: datetime = NOW
) -> World:
    """Make a school with staff and a client of its own that holds every scope."""
    organisation_id, client_id = await add_client(app, OrganisationKind.SCHOOL, sandbox=sandbox)
    school_id, casework = clock.new_id(), app.state.casework
    new = NewSchool(id=school_id, urn=urn, name="Invented School", authority="999", organisation_id=organisation_id, is_sandbox=sandbox)
    people = {name: clock.new_id() for name in PEOPLE}
    author = Author(kind=AuthorKind.CLIENT, id=client_id)
    entries = [SchoolDescribed(occurred_on=since, school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=since)]
    entries += [RoleGiven(occurred_on=since, staff=people[name], role=role) for name, roles in PEOPLE.items() for role in roles]
    async with app.state.sessions.shared() as session:
        school = await create_school(session, new, at=at)
        for name, id_ in people.items():
            await staff.insert(school, StaffMember(id=id_, name=f"{name.title()} Placeholder"))
        await casework.store(
            await casework.open(school), [Work(drafts=tuple(Draft(entry=e, author=author, client_id=client_id) for e in entries))]
        )
    world = World(app=app, http=http, urn=urn, school_id=school_id, organisation_id=organisation_id, client_id=client_id, people=people)
    world.token = await token_for(app, client_id, frozenset(SCOPES))
    return world


@asynccontextmanager
async def running(
    database: DatabaseUrls, *, now: Callable[[], datetime] | None = lambda: NOW
) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """Run the API over a database; the clock stands still unless another is given, and None is the world's."""
    settings = Settings(database_url=database.app, database_sweep_url=database.sweep, secrets_key=SecretStr(SECRETS_KEY), public_url=ISSUER)
    app = create_app(settings, now=now or clock.now)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    looked = {"response": [look]}
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=ISSUER, event_hooks=looked) as http:
        yield app, http
