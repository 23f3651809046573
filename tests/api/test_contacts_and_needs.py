"""Contacts as they are listed and changed, and the types of need as they are set, over HTTP."""

from collections.abc import AsyncIterator

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

UPN = "F999999925001"


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


async def test_contacts_are_listed_and_changed_under_the_version_that_was_seen(world: World) -> None:
    pupil = await world.pupil(UPN)
    gita = await world.contact(pupil)
    listed = await world.get(f"/pupils/{pupil}/contacts")
    assert listed.status_code == 200, listed.text
    (found,) = listed.json()["items"]
    assert (found["id"], found["name"], found["email"]) == (gita, "Gita Specimen", "gita@specimen.example")
    changed = {"name": "Gita Specimen", "channel": "post", "address": "2 Invented Road, Nowhere"}
    path = world.path(f"/pupils/{pupil}/contacts/{gita}")
    seen = await world.http.put(path, json=changed, headers=world.headers(**{"If-Match": found["version"]}))
    assert (seen.status_code, seen.json()["channel"]) == (200, "post")
    stale = await world.http.put(path, json=changed, headers=world.headers(**{"If-Match": found["version"]}))
    assert stale.status_code == 412


async def test_needs_are_set_by_the_senco_and_a_withdrawn_type_is_refused_with_its_source(world: World) -> None:
    pupil = await world.pupil(UPN)
    areas = ["communication_and_interaction"]
    await world.taken(pupil, "needs", needs=[{"need_type": "SLCN", "rank": 1}], areas=areas, reason="Assessed in February.")
    record = (await world.get(f"/pupils/{pupil}/record")).json()
    assert [(need["need_type"], need["rank"]) for need in record["needs"]] == [("SLCN", 1)]
    refused = await world.step(pupil, "needs", needs=[{"need_type": "BESD", "rank": 1}], areas=areas, reason="As it was.")
    assert refused.status_code == 409
    assert refused.json()["findings"][0]["citations"]


async def test_whoever_is_reached_by_email_has_an_email_address(world: World) -> None:
    pupil = await world.pupil(UPN)
    reached = {"name": "Gita Specimen", "channel": "email"}
    answer = await world.step(pupil, "contacts", reached=reached, relationship="mother", parental_responsibility=True, has_care=True)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("/reached/email", "missing")]
