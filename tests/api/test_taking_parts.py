"""An authority takes a bundle in parts, goes on after a break, and is told when it was split anew meanwhile."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app.api.manners.byte_ranges import Wanted
from app.db import bundles
from app.db.embedded import DatabaseUrls
from app.domain.purposes import Purpose, Reader, purposes_of, words_of
from app.domain.set_digest import digest_of_parts
from tests.api.sending import Authority, asked, authority, hex_digest, maker, sending, submitted
from tests.api.world import NOW, World

UPN = "F999999925001"
SMALL = 20_000
_urns = itertools.count(999_260)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def made(world: World, county: Authority) -> tuple[str, str, UUID]:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil, authority=county.code)
    bundle = await submitted(world, pupil, request)
    assert await maker(world).make(world.school_id, bundle)
    return pupil, request, bundle


async def split(world: World, bundle: UUID) -> None:
    async with world.app.state.casework.sessions.for_school(world.school_id) as session:
        assert await bundles.split_anew(session, bundle, SMALL, NOW)
    assert await maker(world).make(world.school_id, bundle)


async def test_all_parts_together_are_the_bundle_that_a_receipt_names_and_one_look(world: World, county: Authority) -> None:
    pupil, request, bundle = await made(world, county)
    await split(world, bundle)
    shown = (await county.get(f"/{request}")).json()["bundle"]
    assert (shown["edition"], len(shown["parts"]) > 1) == (2, True)
    taken = [await county.part(request, part["number"]) for part in shown["parts"]]
    assert [(hex_digest(answer.content), len(answer.content)) for answer in taken] == [(p["digest"], p["size"]) for p in shown["parts"]]
    assert shown["digest"] == digest_of_parts([bytes.fromhex(part["digest"]) for part in shown["parts"]]).hex()
    assert shown["size"] == sum(part["size"] for part in shown["parts"])
    names = [answer.headers["content-disposition"] for answer in taken]
    assert names[0] == f'attachment; filename="request-{request}-1-of-{len(taken)}.zip"'
    assert len((await world.get(f"/pupils/{pupil}/accesses")).json()["items"]) == 1
    assert (await county.receipt(request, shown["parts"][0]["digest"])).status_code == 422
    assert (await county.receipt(request, shown["digest"])).status_code == 201


async def test_what_was_split_between_two_ranges_is_not_put_together_from_both(world: World, county: Authority) -> None:
    _, request, bundle = await made(world, county)
    first = await county.take(request, {"Range": "bytes=0-999"})
    before = first.headers["etag"]
    on = {"Range": "bytes=1000-1999"}
    assert (await county.take(request, {**on, "If-Match": before})).status_code == 206
    await split(world, bundle)
    stopped = await county.take(request, {**on, "If-Match": before})
    assert (stopped.status_code, stopped.json()["type"]) == (412, "/problems/precondition-failed")
    assert "take this one from its beginning" in stopped.json()["detail"]
    whole = await county.take(request, {**on, "If-Range": before})
    assert whole.status_code == 200
    assert whole.headers["etag"] == stopped.headers["etag"] == f'"{hex_digest(whole.content)}"' != before
    assert (await county.take(request, {**on, "If-Match": whole.headers["etag"]})).status_code == 206


async def test_a_receipt_may_name_the_edition_that_was_taken_before_the_split(world: World, county: Authority) -> None:
    _, request, bundle = await made(world, county)
    held = hex_digest((await county.take(request)).content)
    await split(world, bundle)
    told = await county.receipt(request, held)
    assert (told.status_code, told.json()["digest"]) == (201, held)


@pytest.mark.parametrize(("number", "status"), [(0, 422), (2, 404), (10_001, 422)])
async def test_a_part_that_is_not_there_is_no_look(world: World, county: Authority, number: int, status: int) -> None:
    pupil, request, _ = await made(world, county)
    assert (await county.part(request, number)).status_code == status
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == []


async def test_size_and_digest_are_read_from_the_request_and_not_by_head(world: World, county: Authority) -> None:
    _, request, _ = await made(world, county)
    path = f"/v1/local-authorities/{county.code}/requests/{request}/bundle/parts/1"
    answer = await world.http.head(path, params={"purpose": "tribunal"}, headers=county.headers())
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_there_is_no_bundle_in_one_piece_beside_its_parts(world: World, county: Authority) -> None:
    _, request, _ = await made(world, county)
    assert (await county.get(f"/{request}/bundle", purpose="tribunal")).status_code == 404


@pytest.mark.parametrize(
    ("if_match", "matches"), [(None, True), ("*", True), ('"a"', True), ('"b", "a"', True), ('"b"', False), ('W/"a"', False), ("", False)]
)
def test_a_file_is_the_one_that_is_wanted_by_a_strong_tag(if_match: str | None, matches: bool) -> None:
    assert Wanted(None, None, None, if_match).matches('"a"') is matches


@pytest.mark.parametrize(
    ("asked_for", "wants"),
    [(None, False), ("sha-256=1", True), ("sha-512=3, sha-256=10", True), ("sha-256 = 0", False), ("sha-512=9", False)],
)
def test_a_digest_of_the_range_is_made_where_it_is_asked_for_in_a_way_we_know(asked_for: str | None, wants: bool) -> None:
    assert Wanted(None, None, None, want_content_digest=asked_for).wants_content_digest is wants


def test_the_guide_names_the_purposes_that_an_authority_may_give() -> None:
    guide = " ".join(Path("docs/taking-evidence.md").read_text(encoding="utf-8").split())
    *first, last = [f"`{purpose.value}`" for purpose in purposes_of(Reader.AUTHORITY)]
    assert f"{', '.join(first)} or {last}." in guide
    assert words_of(Purpose.TRIBUNAL.value) in guide
