"""Specialists and what stands beside the cycle, over HTTP."""

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


async def states(world: World, pupil: str) -> dict[str, str]:
    items = (await world.get(f"/pupils/{pupil}/obligations")).json()["items"]
    return {item["rule"]: item["state"] for item in items}


async def test_a_specialist_is_involved_heard_and_shared(world: World) -> None:
    pupil = await world.pupil(UPN)
    involved = await world.taken(
        pupil,
        "specialists",
        profession="educational_psychologist",
        reason="Little progress.",
        parents_involved_on="2026-03-02",
        parents_agreed_on="2026-03-02",
    )
    advised = await world.taken(pupil, "specialist-advice", involvement=involved["ledger_number"], advice="Daily practice.")
    assert (await states(world, pupil))["share-what-the-specialist-said"] == "due"
    await world.taken(pupil, "specialist-advice-sharings", advice=advised["ledger_number"], with_parents=True, with_staff=True)
    assert (await states(world, pupil))["share-what-the-specialist-said"] == "kept"
    again = await world.step(pupil, "specialist-advice", involvement=advised["ledger_number"], advice="Daily practice.")
    assert again.status_code == 409
    assert again.json()["findings"][0]["missing"] == ["specialist involved by that day"]


async def test_what_stands_beside_the_cycle_is_written_and_remarked_on(world: World) -> None:
    pupil = await world.pupil(UPN)
    mother = await world.contact(pupil)
    report = await world.taken(pupil, "annual-reports", author="head", school_year=2025, given_to=[mother], discussion_offered=False)
    assert [finding["missing"] for finding in report["findings"]] == [["discussion_offered"]]
    await world.taken(pupil, "phase-move-plans", to="secondary", moves_on="2026-09-01", preparation="Two visits.")
    mapped = await world.taken(pupil, "provision-maps", school_year=2025, cost_in_pence=240_000)
    assert mapped["findings"][0]["missing"] == ["plan"]
    await world.taken(pupil, "medical-conditions", author="head")
    await world.taken(pupil, "healthcare-plans", author="head", reference="medical file 12")
    refused = await world.taken(pupil, "adjustments", adjustment="Larger print.", not_made_because="The printer is broken.")
    assert refused["findings"][0]["kept"] is False
    found = await states(world, pupil)
    assert found["report-to-parents-every-year"] == "not_known"
    assert "link-the-healthcare-plan" not in found
