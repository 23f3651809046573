"""A small API over a real database for tests of who calls, with schools and clients made as the service makes them."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request

from app import clock
from app.api import grants, tokens
from app.api.manners import problems
from app.api.manners.body import StrictRoute
from app.api.manners.budgets import IMPORTS, READS, REQUESTS, WRITES, Budget, Budgets
from app.api.manners.callers import ENTRANCE_PROBLEMS, Caller, Callers, needs, needs_authority, needs_client
from app.api.manners.pages import Cursors
from app.api.manners.throttle import SecretChecker
from app.api.tokens import Issuer
from app.casework.authors import ProofReader
from app.casework.keyring import Keyring
from app.casework.registration import Opening, Registered, Registry
from app.casework.taking import Casework, Means
from app.db.client_entrance import AuthorityEntrance
from app.db.entrance import Entrance
from app.db.organisations import Organisation, OrganisationKind
from app.db.session import Sessions, open_pool
from app.domain.codes import SchoolType, StaffRole
from app.keys.sealing import Sealer

GENEROUS = {kind: Budget(rate=1000, burst=1000) for kind in (READS, WRITES, IMPORTS, REQUESTS)}
ISSUER = "https://graduated.example"
SEALING_KEY = bytes(range(32))
SINCE = date(2012, 9, 1)
_sandboxes = itertools.count(999_100)
_live = itertools.count(100_100)


@dataclass
class MovableClock:
    """The world's clock, moved on or stopped by a test."""

    ahead: timedelta = field(default_factory=timedelta)
    stopped: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stopped or datetime.now(UTC)) + self.ahead


@dataclass(frozen=True, kw_only=True)
class ASchool:
    """A school with its organisation and its head."""

    organisation: Organisation
    urn: str
    id: UUID
    head: UUID


@dataclass(frozen=True, kw_only=True)
class World:
    """The API, the way to call it, and what stands behind it."""

    app: FastAPI
    http: httpx.AsyncClient
    sessions: Sessions
    keyring: Keyring
    registry: Registry
    sealer: Sealer
    clock: MovableClock

    async def organisation(self, kind: OrganisationKind, *, authority: str | None = None, is_sandbox: bool = True) -> Organisation:
        async with self.sessions.shared() as session:
            return await self.registry.organisation(session, kind, "Invented Organisation", authority=authority, is_sandbox=is_sandbox)

    async def school(self, *, is_sandbox: bool = True) -> ASchool:
        owner = await self.organisation(OrganisationKind.SCHOOL, is_sandbox=is_sandbox)
        urn = str(next(_sandboxes if is_sandbox else _live))
        opening = Opening(
            organisation=owner,
            urn=urn,
            name="Invented Primary",
            authority="999" if is_sandbox else "123",
            school_type=SchoolType.MAINTAINED_MAINSTREAM,
            since=SINCE,
            record_begins_on=SINCE,
        )
        async with self.sessions.shared() as session:
            opened = await self.registry.school(session, opening)
            head = await self.registry.appoint(opened, "Helen Madeup", [StaffRole.HEAD], since=SINCE)
        return ASchool(organisation=owner, urn=urn, id=opened.school_id, head=head)

    async def client(self, owner: Organisation, *scopes: str, jwks: bytes | None = None) -> Registered:
        async with self.sessions.shared() as session:
            return await self.registry.client(session, owner, "Invented client", scopes, jwks=jwks)

    async def ask(self, client: Registered, **form: str) -> httpx.Response:
        auth = (str(client.id), client.secret or "")
        return await self.http.post("/oauth2/token", data={"grant_type": "client_credentials", **form}, auth=auth)

    async def bearer(self, client: Registered, **form: str) -> dict[str, str]:
        answer = await self.ask(client, **form)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


doors = APIRouter(route_class=StrictRoute)


@doors.get("/v1/schools/{urn}/pupils")
async def read_pupils(request: Request, entrance: Annotated[Entrance, Depends(needs("records:read"))]) -> dict[str, str]:
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        return {"school": str(session.school_id)}


@doors.post("/v1/schools/{urn}/staff")
async def add_staff(request: Request, entrance: Annotated[Entrance, Depends(needs("staff:write", own_only=True))]) -> dict[str, bool]:
    async with request.app.state.sessions.enter(entrance) as session:
        return {"own": session.is_own}


@doors.get("/v1/local-authorities/{code}/requests")
async def read_requests(
    request: Request, entrance: Annotated[AuthorityEntrance, Depends(needs_authority("evidence:take"))]
) -> dict[str, str]:
    async with request.app.state.sessions.enter_authority(entrance) as session:
        return {"authority": session.authority}


@doors.get("/v1/rules")
async def read_rules(caller: Annotated[Caller, Depends(needs_client("subscriptions:write"))]) -> dict[str, str]:
    return {"client": str(caller.client_id)}


@asynccontextmanager
async def a_world(url: str) -> AsyncIterator[World]:
    """Open everything on one database; buckets, keys and caches are as fresh as in a process that just started."""
    moved, pool, checker = MovableClock(), await open_pool(url, size=4), SecretChecker()
    sessions, sealer = Sessions(pool), Sealer(SEALING_KEY, random_bytes=clock.random_bytes)
    keyring = Keyring(sessions, sealer, moved)
    means = Means(
        now=moved, dice=clock.random_bytes, new_id=clock.new_id, proofs=ProofReader(audience=ISSUER, now=moved), wake=lambda: None
    )
    casework = Casework(sessions, means)
    app = FastAPI()
    for router in (tokens.router, grants.router, doors):
        app.include_router(router)
    problems.install(app, ENTRANCE_PROBLEMS)
    app.state.sessions, app.state.casework, app.state.cursors = sessions, casework, Cursors(SEALING_KEY)
    app.state.callers = Callers(sessions, keyring, Budgets(GENEROUS, moved), issuer=ISSUER, now=moved)
    app.state.issuer = Issuer(sessions=sessions, keyring=keyring, checker=checker, address=ISSUER, now=moved, new_id=clock.new_id)
    try:
        await keyring.start()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://local") as http:
            registry = Registry(casework)
            yield World(app=app, http=http, sessions=sessions, keyring=keyring, registry=registry, sealer=sealer, clock=moved)
    finally:
        checker.close()
        await pool.close()
