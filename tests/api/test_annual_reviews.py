"""The yearly review of an EHC plan over HTTP, and the duties that follow from it."""

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


async def test_a_meeting_its_report_the_decision_and_the_amended_plan_meet_their_duties(world: World) -> None:
    pupil = await world.pupil(UPN)
    await world.taken(pupil, "ehc-plans", authority="999")
    held = await world.taken(
        pupil, "annual-reviews", papers_sent_on="2026-02-02", pupil_took_part=True, parents_took_part=True, recommendation="amend"
    )
    meeting = held["ledger_number"]
    await world.taken(pupil, "annual-review-reports", review=meeting)
    await world.taken(pupil, "annual-review-decisions", review=meeting, decision="amend", changes_sent_with_notice=True)
    await world.taken(pupil, "ehc-plan-amendments", review=meeting)
    await world.taken(pupil, "phase-moves", to="secondary", moves_on="2027-09-01")
    listed = (await world.get(f"/pupils/{pupil}/obligations")).json()["items"]
    states = {(item["rule"], item["state"]) for item in listed}
    assert {
        ("report-on-the-review-within-two-weeks", "kept"),
        ("decide-within-four-weeks-of-a-review", "kept"),
        ("send-the-amended-plan-within-twelve-weeks", "kept"),
        ("amend-the-plan-before-a-phase-move", "due"),
    } <= states


async def test_a_review_without_a_plan_and_a_report_without_a_meeting_are_refused(world: World) -> None:
    pupil = await world.pupil(UPN)
    review = await world.step(pupil, "annual-reviews", pupil_took_part=True, parents_took_part=True, recommendation="maintain")
    report = await world.step(pupil, "annual-review-reports", review=1)
    assert (review.status_code, report.status_code) == (409, 409)
    assert review.json()["findings"][0]["rule"] == "review-the-plan-every-year"
    assert report.json()["findings"][0]["missing"] == ["review meeting held by that day"]
