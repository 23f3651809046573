"""A school that sends requests and evidence, authorities that may take them, and the maker of bundles, on loopback alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from app import clock
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.scopes import OF_AUTHORITIES
from app.documents.bundle.bundling import BundleMaker
from tests.api.world import World, add_client, add_school, running, token_for
from tests.db.stores import blobs_in

DAY = "2026-03-05"
OTHER = "998"
"""A second invented authority; there are ten, which all tests share."""


@dataclass
class Authority:
    """An authority's client."""

    world: World
    code: str
    organisation_id: UUID
    client_id: UUID
    token: str

    def headers(self, **extra: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(clock.new_id()), **extra}

    async def get(self, rest: str = "", code: str | None = None, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
        path = f"/v1/local-authorities/{code or self.code}/requests{rest}"
        return await self.world.http.get(path, params=params, headers=self.headers(**(headers or {})))

    async def take(self, request: str, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
        return await self.part(request, 1, headers, **params)

    async def part(self, request: str, number: int, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
        return await self.get(f"/{request}/bundle/parts/{number}", headers=headers, **{"purpose": "ehc-needs-assessment", **params})

    async def person(self, request: str, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
        return await self.get(f"/{request}/person", headers=headers, **{"purpose": "ehc-needs-assessment", **params})

    async def receipt(self, request: str, digest: str | None, key: str | None = None, **facts: object) -> httpx.Response:
        path = f"/v1/local-authorities/{self.code}/requests/{request}/receipts"
        headers = self.headers(**({"Idempotency-Key": key} if key else {}))
        return await self.world.http.post(path, json={"digest": digest, "officer": "officer-17", **facts}, headers=headers)


async def authority(world: World, code: str = "999", *, sandbox: bool = True) -> Authority:
    organisation, client = await add_client(
        world.app, OrganisationKind.AUTHORITY, authority=code, sandbox=sandbox, scopes=frozenset(OF_AUTHORITIES)
    )
    return Authority(world, code, organisation, client, await token_for(world.app, client, frozenset(OF_AUTHORITIES)))


@asynccontextmanager
async def sending(database: DatabaseUrls, folder: Path, urn: str) -> AsyncIterator[World]:
    """A school three days after its staff were first written down, so that they may be second persons; assertions are accepted."""
    await forget_earlier(database)
    async with running(database) as (app, http):
        app.state.blobs = blobs_in(folder / "blobs")
        yield await prepared(await add_school(app, http, urn))


async def forget_earlier(database: DatabaseUrls) -> None:
    """Give to an authority of no side what earlier tests sent, and its endpoints too."""
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("update opened_request set authority = '700', reference = id::text where authority like '99_'")
    for table in ("ehc_request", "bundle", "organisation"):
        await connection.execute(f"update {table} set authority = '700' where authority like '99_'")
    await connection.close()


async def prepared(world: World) -> World:
    moved = await world.post("/clock", {"now": f"{DAY}T09:00:00Z"})
    assert moved.status_code == 200, moved.text
    by = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    body = {**by, "occurred_on": DAY, "setting": "asserted_second_person_accepted", "value": 1}
    accepted = await world.post("/settings", body)
    assert accepted.status_code == 201, accepted.text
    return world


def maker(world: World) -> BundleMaker:
    return BundleMaker(world.app.state.casework, world.app.state.keyring, world.app.state.blobs)


async def asked(world: World, pupil: str, **facts: object) -> str:
    """Make a request by the school and give its id."""
    body = {"requester": "school", "authority": "999", "reason": "Support has not been enough.", "occurred_on": DAY, **facts}
    return (await world.taken(pupil, "ehc-requests", **body))["references"]["request"]


async def asked_by_parent(world: World, pupil: str, **facts: object) -> str:
    """Make a request by a parent in person and give its id."""
    mother = await world.contact(pupil)
    return await asked(world, pupil, author={"kind": "contact", "id": mother}, requester="parent", contact=mother, **facts)


def word_of_a_request(world: World, **facts: object) -> dict[str, object]:
    """What an authority says of a request that it received itself two days before."""
    about = {"surname": "Example", "forename": "Ada", "date_of_birth": "2014-05-04"}
    body = {"school": world.urn, "reference": "EHC-1", "requester": "school", "received_on": "2026-03-03", "officer": "officer-17"}
    return {**body, "about": about, **facts}


async def opened(county: Authority, world: World, **facts: object) -> str:
    """Tell a school of a request as its authority; gives the opening's id."""
    path = f"/v1/local-authorities/{county.code}/openings"
    answer = await world.http.post(path, json=word_of_a_request(world, **facts), headers=county.headers())
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def submission(world: World, by: str = "head") -> dict[str, object]:
    return {"occurred_on": DAY, "confirmed_by": {"id": str(world.people[by])}}


async def submitted(world: World, pupil: str, request: str) -> UUID:
    """Submit the evidence as the SENCO, confirmed by the head, and give the bundle's id."""
    taken = await world.taken(pupil, f"ehc-requests/{request}/submissions", **submission(world))
    return UUID(taken["references"]["bundle"])


async def sent(world: World, upn: str, **facts: object) -> tuple[str, str]:
    """Put a pupil on roll whose evidence is ready to be taken; gives pupil and request."""
    pupil = await world.pupil(upn)
    await world.taken(pupil, "concerns", raised_by="teacher", domain="attainment", words="Finds reading hard.")
    request = await asked(world, pupil, **facts)
    assert await maker(world).make(world.school_id, await submitted(world, pupil, request))
    return pupil, request


def hex_digest(content: bytes) -> str:
    return sha256(content).hexdigest()
