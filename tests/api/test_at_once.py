"""Two callers at once: one winner, no doubled entry, no lost one."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

UPN = "F999999925001"
_urns = count(999_000)


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


def a_concern(world: World, words: str = "Finds reading hard.") -> dict[str, object]:
    author = {"id": str(world.people["senco"])}
    return {"author": author, "occurred_on": "2026-03-02", "raised_by": "parent", "domain": "attainment", "words": words}


async def test_eight_requests_under_one_key_make_one_entry_and_get_one_answer(world: World) -> None:
    pupil = await world.pupil(UPN)
    same = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(world.post(f"/pupils/{pupil}/concerns", a_concern(world), same) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len((await world.get(f"/pupils/{pupil}/record")).json()["entries"]) == 2


async def test_eight_enrolments_under_one_key_put_one_pupil_on_roll(world: World) -> None:
    body = {"upn": UPN, "surname": "Example", "forename": "Ada", "date_of_birth": "2014-05-04", "occurred_on": "2025-09-01"}
    body |= {"author": {"id": str(world.people["head"])}}
    answers = await asyncio.gather(*(world.post("/pupils", body, {"Idempotency-Key": "one"}) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["references"]["pupil"] for answer in answers}) == 1


async def test_eight_enrolments_of_one_number_under_other_keys_put_one_pupil_on_roll(world: World) -> None:
    body = {"upn": UPN, "surname": "Example", "forename": "Ada", "date_of_birth": "2014-05-04", "occurred_on": "2025-09-01"}
    body |= {"author": {"id": str(world.people["head"])}}
    answers = await asyncio.gather(*(world.post("/pupils", body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


async def test_concurrent_steps_on_one_record_all_land_in_order(world: World) -> None:
    pupil = await world.pupil(UPN)
    answers = await asyncio.gather(*(world.post(f"/pupils/{pupil}/concerns", a_concern(world, f"Concern {n}")) for n in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    numbers = sorted(answer.json()["ledger_number"] for answer in answers)
    assert numbers == list(range(numbers[0], numbers[0] + 16))


async def test_of_two_steps_on_the_same_version_one_wins(world: World) -> None:
    pupil = await world.pupil(UPN)
    seen = (await world.http.get(world.path(f"/pupils/{pupil}/record"), headers=world.headers())).headers["etag"]
    answers = await asyncio.gather(*(world.post(f"/pupils/{pupil}/concerns", a_concern(world), {"If-Match": seen}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]
