"""Readiness over HTTP: what is missing is shown with who can mend it, with and without a request, and bars nothing."""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import TODAY, World, add_school, running

_urns = count(999_000)
UPN = "E999999925008"


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


@pytest.fixture
async def pupil(world: World) -> str:
    return await world.pupil(UPN)


async def found(world: World, pupil: str, **params: str) -> dict[str, dict[str, object]]:
    answer = await world.get(f"/pupils/{pupil}/readiness", **params)
    assert answer.status_code == 200, answer.text
    return {item["expectation"]["id"]: item for item in answer.json()["items"]}


async def test_profiles_are_open_to_all_and_tell_how_old_their_source_is(world: World) -> None:
    answer = await world.http.get("/v1/authority-profiles")
    profiles = {profile["id"]: profile for profile in answer.json()["items"]}
    assert set(profiles) == {"national", "tribunal", "cycles-and-costs", "borough-form-2018"}
    assert all(profile["source"]["written"] for profile in profiles.values())
    for id_, local in (("national", False), ("cycles-and-costs", True)):
        whole = (await world.http.get(f"/v1/authority-profiles/{id_}")).json()
        assert {item["local"] for item in whole["expectations"]} == {local}


async def test_what_is_missing_is_mended_by_the_step_that_brings_it(world: World, pupil: str) -> None:
    before = (await found(world, pupil, profile="cycles-and-costs"))["attendance-of-a-year"]
    assert (before["readiness"], before["mender"], before["mend_by"]) == ("missing", "office", "2026-04-13")
    taken = await world.taken(
        pupil, "attendance-summaries", author="office", begins_on="2025-09-01", sessions_possible=210, sessions_attended=199
    )
    after = (await found(world, pupil, profile="cycles-and-costs"))["attendance-of-a-year"]
    assert (after["readiness"], after["entries"]) == ("met", [taken["entries"][0]["number"]])
    assert (after["facts"]["possible"], after["facts"]["attended"]) == (210, 199)


@pytest.mark.parametrize(("possible", "attended", "status"), [(10, 10, 201), (10, 11, 409)])
async def test_nobody_attends_more_sessions_than_there_were(world: World, pupil: str, possible: int, attended: int, status: int) -> None:
    facts = {"begins_on": "2026-01-05", "sessions_possible": possible, "sessions_attended": attended}
    assert (await world.step(pupil, "attendance-summaries", author="office", **facts)).status_code == status


async def test_attendance_is_counted_from_a_day_that_is_not_after_its_last(world: World, pupil: str) -> None:
    facts = {"sessions_possible": 2, "sessions_attended": 2}
    one_day = await world.step(pupil, "attendance-summaries", author="office", begins_on=TODAY.isoformat(), **facts)
    backwards = await world.step(pupil, "attendance-summaries", author="office", begins_on="2026-03-03", **facts)
    assert (one_day.status_code, backwards.status_code) == (201, 409)


async def test_a_request_is_made_whatever_is_missing_and_has_its_own_readiness(world: World, pupil: str) -> None:
    contact = await world.contact(pupil)
    asked = {"author": {"id": str(world.people["senco"])}, "requester": "parent", "contact": contact}
    body = {**asked, "occurred_on": TODAY.isoformat(), "authority": "999", "reason": "No catch-up."}
    made = await world.post(f"/pupils/{pupil}/ehc-requests", body)
    assert made.status_code == 201, made.text
    (request,) = (await world.get(f"/pupils/{pupil}/ehc-requests")).json()["items"]
    answer = await world.get(f"/pupils/{pupil}/ehc-requests/{request['id']}/readiness")
    assert (answer.status_code, answer.json()["request"], answer.json()["profile"]) == (200, request["id"], "national/1")
    assert {item["readiness"] for item in answer.json()["items"]} == {"missing", "not_applicable"}
    other = await world.pupil("U999999925009")
    assert (await world.get(f"/pupils/{other}/ehc-requests/{request['id']}/readiness")).status_code == 404


async def test_the_day_it_is_wanted_by_is_the_callers(world: World, pupil: str) -> None:
    items = await found(world, pupil, wanted_by="2026-03-20")
    assert {item["mend_by"] for item in items.values() if item["readiness"] == "missing"} == {"2026-03-20"}


async def test_the_same_question_about_the_same_record_has_the_same_version(world: World, pupil: str) -> None:
    answer = await world.get(f"/pupils/{pupil}/readiness")
    path, tag = world.path(f"/pupils/{pupil}/readiness"), answer.headers["ETag"]
    again = await world.http.get(path, headers=world.headers(**{"If-None-Match": tag}))
    other = await world.http.get(f"{path}?profile=cycles-and-costs", headers=world.headers(**{"If-None-Match": tag}))
    assert (again.status_code, other.status_code) == (304, 200)


async def test_an_unknown_profile_is_refused_with_those_there_are(world: World, pupil: str) -> None:
    answer = await world.get(f"/pupils/{pupil}/readiness", profile="nowhere")
    assert answer.status_code == 422
    assert "cycles-and-costs" in answer.text


async def test_a_pupil_who_is_not_there_has_no_readiness(world: World) -> None:
    assert (await world.get(f"/pupils/{world.client_id}/readiness")).status_code == 404
