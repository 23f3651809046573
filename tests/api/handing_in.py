"""Hands in papers over HTTP and reads them back, for the tests."""

from datetime import timedelta

import httpx

from app import clock
from tests.api.world import TODAY, World

UPN, OTHER_UPN = "F999999925001", "V999999925002"


def file(content: bytes, name: str = "view", said: str = "application/octet-stream") -> tuple[str, tuple[str, bytes, str]]:
    return ("files", (name, content, said))


async def hand_in(world: World, pupil: str, *files: object, title: list[str] | None = None, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or world.token}"}
    data = None if title is None else {"title": title}
    return await world.http.post(world.path(f"/pupils/{pupil}/papers"), files=list(files), data=data, headers=headers)


async def kept(world: World, pupil: str, content: bytes, name: str = "view") -> dict[str, object]:
    """Hand in one paper that must be kept."""
    answer = await hand_in(world, pupil, file(content, name))
    assert answer.status_code == 201, answer.text
    return answer.json()["kept"][0]


async def take(world: World, pupil: str, paper: object, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
    path = world.path(f"/pupils/{pupil}/papers/{paper}/content")
    return await world.http.get(path, params={"purpose": "sen-support", **params}, headers=world.headers(**(headers or {})))


async def looks(world: World, pupil: str) -> list[dict[str, object]]:
    return (await world.get(f"/pupils/{pupil}/accesses")).json()["items"]


def stored(world: World) -> int:
    """How many files of this school lie in the store."""
    found = world.app.state.blobs.older_than(clock.now() + timedelta(days=1))
    return len(found.get(world.school_id, []))


async def redact(world: World, pupil: str, paper: object, headers: dict[str, str] | None = None, **facts: object) -> httpx.Response:
    """Black out the upper third of the first page as the SENCO unless the facts say otherwise."""
    params = {"dry_run": "true"} if facts.pop("dry_run", False) else {}
    who = world.people[str(facts.pop("author", "senco"))]
    page = {"page": 1, "boxes": [{"x": 0, "y": 0, "width": 1, "height": 0.3}]}
    body = {"author": {"id": str(who)}, "occurred_on": TODAY.isoformat(), "pages": [page], "reason": "It names another child.", **facts}
    return await world.post(f"/pupils/{pupil}/papers/{paper}/redactions", body, headers, **params)
