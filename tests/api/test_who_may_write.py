"""Who may be named behind a write over HTTP: people with a role, on the day of writing too, and nobody made up on the spot."""

from collections.abc import AsyncIterator

import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

UPN = "F999999925001"


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


@pytest.mark.parametrize("kind", ["client", "authority_officer", "import"])
async def test_a_client_names_people_alone_as_authors(world: World, kind: str) -> None:
    """Otherwise a vendor's client could record a plan of the authority's, or a roll, with no human behind it."""
    pupil = await world.pupil(UPN)
    for author in ({"kind": kind, "id": str(clock.new_id())}, {"kind": kind, "id": str(world.client_id)}):
        answer = await world.step(pupil, "ehc-plans", author=author, authority="999")
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "/author/kind"
    assert (await world.get(f"/pupils/{pupil}/record")).json()["status"] == "N"


async def test_the_office_records_a_plan_that_the_authority_made_and_a_teacher_does_not(world: World) -> None:
    pupil = await world.pupil(UPN)
    assert (await world.step(pupil, "ehc-plans", author="teacher", authority="999")).status_code == 409
    assert (await world.step(pupil, "ehc-plans", author="office", authority="999")).status_code == 201


async def test_a_telling_in_person_needs_a_member_of_staff(world: World) -> None:
    """A duty to tell would else count as kept though nobody was told."""
    pupil = await world.pupil(UPN)
    mother = await world.contact(pupil)
    await world.taken(pupil, "teaching-adaptations", tried="Phonics in a small group", effect="Little change", author="teacher")
    await world.taken(pupil, "sen-decisions", **A_DECISION)
    notice = (await world.get("/notices")).json()["items"][0]["id"]
    body = {"occurred_on": "2026-03-02", "how": "in_person"}
    answers = {
        who: (await world.post(f"/notices/{notice}/tellings", {**body, "author": author})).status_code
        for who, author in {
            "client": {"kind": "client", "id": str(world.client_id)},
            "mother": {"kind": "contact", "id": mother},
            "assistant": {"id": str(world.people["assistant"])},
            "teacher": {"id": str(world.people["teacher"])},
        }.items()
    }
    assert answers == {"client": 422, "mother": 409, "assistant": 409, "teacher": 201}


A_DECISION = {
    "judgement": "K",
    "difficulty": "Reads far below age",
    "provision_beyond_ordinary": "Daily precision teaching",
    "reason": "No catch-up after a term of aimed teaching",
    "considered": ["Reading ages"],
    "parents_view": "Worried",
    "pupils_view": "Wants to read alone",
    "review_on": "2026-06-01",
}
