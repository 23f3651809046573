"""A file that was harmed or is out of reach is let out to nobody: never a wrong byte, and an answer that is plainly not whole."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.types import Message

from app.db.embedded import DatabaseUrls
from tests.api.sending import Authority, authority, sending, sent
from tests.api.world import World
from tests.db.stores import blobs_out_of_reach, files_of

UPN = "F999999925001"
_urns = itertools.count(999_870)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


def flip(path: Path, place: int) -> None:
    harmed = bytearray(path.read_bytes())
    harmed[place] ^= 1
    path.write_bytes(harmed)


async def broken_off(world: World, county: Authority, request: str) -> tuple[bytes, bool]:
    """Take a bundle below the client library, which refuses an answer without an end; gives what came, and whether it came to an end."""
    path = f"/v1/local-authorities/{county.code}/requests/{request}/bundle/parts/1"
    headers = [(name.lower().encode(), value.encode()) for name, value in county.headers().items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"purpose=ehc-needs-assessment", "headers": headers}
    heard: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        heard.append(message)

    await world.app(scope, receive, send)
    assert heard[0]["status"] == 200
    return b"".join(message["body"] for message in heard[1:]), not heard[-1].get("more_body", False) and len(heard) > 1


@pytest.mark.parametrize("place", [0, -1])
async def test_an_answer_with_a_harmed_file_is_broken_off_before_a_wrong_byte(world: World, county: Authority, place: int) -> None:
    _, request = await sent(world, UPN, authority=county.code)
    (path,) = files_of(world.app.state.blobs)
    content = (await county.take(request)).content
    assert await broken_off(world, county, request) == (content, True)
    flip(path, place)
    came, has_ended = await broken_off(world, county, request)
    assert not has_ended
    assert len(came) < len(content)
    assert content.startswith(came)
    flip(path, place)
    assert (await county.take(request)).content == content


async def test_a_file_that_was_cut_off_is_for_the_host_to_mend(world: World, county: Authority) -> None:
    _, request = await sent(world, UPN, authority=county.code)
    (path,) = files_of(world.app.state.blobs)
    path.write_bytes(path.read_bytes()[:-1])
    answer = await county.take(request)
    assert (answer.status_code, answer.json()["act_by"]) == (503, "host")


async def test_a_store_out_of_reach_is_for_the_host_to_mend(world: World, county: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    _, request = await sent(world, UPN, authority=county.code)
    monkeypatch.setattr(world.app.state, "blobs", blobs_out_of_reach(monkeypatch))
    answer = await county.take(request)
    assert (answer.status_code, answer.json()["act_by"]) == (503, "host")
    assert "127.0.0.1" not in answer.text
