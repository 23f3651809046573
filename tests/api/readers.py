"""Somebody who reads the feed over HTTP, with a grant of a school or without."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx
from fastapi import FastAPI

from app import clock
from app.db import grants
from app.db.grants import Grant
from app.db.organisations import OrganisationKind
from tests.api.world import NOW, World, add_client, token_for

READS = frozenset({"records:read"})
GUIDE = Path(__file__).parents[2] / "docs" / "feed.md"


@dataclass
class Reader:
    """A client, and what it reads."""

    http: httpx.AsyncClient
    client_id: UUID
    token: str

    async def get(self, path: str = "/v1/changes", **params: object) -> httpx.Response:
        return await self.http.get(path, params=params, headers={"Authorization": f"Bearer {self.token}"})

    async def page(self, path: str = "/v1/changes", **params: object) -> dict:
        answer = await self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def all(self, **params: object) -> tuple[list[dict], str]:
        """Read on until nothing follows; gives the items and the last cursor."""
        page = await self.page(**params)
        items = page["items"]
        params.pop("start", None)
        while page["has_more"]:
            page = await self.page(**{**params, "cursor": page["next"]})
            items += page["items"]
        return items, page["next"]


async def add_reader(app: FastAPI, http: httpx.AsyncClient, *, sandbox: bool = True) -> Reader:
    """Make a vendor's client that may ask for records and has no grant yet."""
    _, client_id = await add_client(app, OrganisationKind.VENDOR, scopes=READS, sandbox=sandbox)
    return Reader(http, client_id, await token_for(app, client_id, READS))


async def own_reader(world: World) -> Reader:
    """The school's own client."""
    return Reader(world.http, world.client_id, await token_for(world.app, world.client_id, READS))


async def grant(world: World, reader: Reader, *scopes: str, until: date = date(2100, 1, 1)) -> UUID:
    """Let a reader in at a school; gives the id of the grant."""
    given = Grant(
        id=clock.new_id(),
        client_id=reader.client_id,
        scopes=scopes or tuple(READS),
        purpose="A mirror.",
        until=until,
        granted_by=world.people["head"],
        granted_at=NOW,
    )
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await grants.give(session, given)
    return given.id


async def revoke(world: World, grant_id: UUID) -> None:
    """Take a grant back."""
    async with world.app.state.sessions.for_school(world.school_id) as session:
        assert await grants.revoke(session, grant_id, at=NOW) is not None


def numbers(items: list[dict], world: World) -> list[int]:
    """The numbers of one school's items, as they came."""
    return [item["header"]["number"] for item in items if item["urn"] == world.urn]


def mirror_of(school: UUID) -> object:
    """The mirror that the guide shows, made from the very lines that stand there."""
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    return names["Mirror"](str(school))
