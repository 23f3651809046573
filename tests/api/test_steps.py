"""Every step of the record over HTTP: taken, refused, repeated, corrected, tried out."""

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


async def test_a_concern_is_stored_with_its_place_in_the_ledger(world: World) -> None:
    pupil = await world.pupil(UPN)
    answer = await world.step(pupil, "concerns", raised_by="parent", domain="attainment", words="Finds reading hard.")
    assert answer.status_code == 201, answer.text
    taken = answer.json()
    assert taken["entries"][0]["type"] == "concern.raised"
    assert taken["entries"][0]["number"] == taken["ledger_number"]
    assert answer.headers["etag"] == taken["version"]
    record = (await world.get(f"/pupils/{pupil}/record")).json()
    assert [entry["type"] for entry in record["entries"]] == ["pupil.enrolled", "concern.raised"]


async def test_the_whole_cycle_from_concern_to_review(world: World) -> None:
    pupil = await world.pupil(UPN)
    gita = await world.contact(pupil)
    teacher, senco = str(world.people["teacher"]), str(world.people["senco"])
    await world.taken(pupil, "teaching-adaptations", tried="Phonics in a small group", effect="Little change", author="teacher")
    decided = await world.taken(
        pupil,
        "sen-decisions",
        judgement="K",
        difficulty="Reads far below age",
        provision_beyond_ordinary="Daily precision teaching",
        reason="No catch-up after a term of aimed teaching",
        considered=["Reading ages", "Parents' view", "Pupil's view"],
        parents_view="Worried",
        pupils_view="Wants to read alone",
        provision_starts_on="2026-03-09",
        review_on="2026-06-01",
    )
    assert decided["entries"][0]["facts"]["judgement"] == "K"
    says = {"says": "Said so in the meeting."}
    await world.taken(
        pupil,
        "assessments",
        cycle=1,
        teacher=teacher,
        senco=senco,
        teachers_assessment=says,
        progress_and_attainment=says,
        parents_view=says,
        pupils_view=says,
        analysis="Decoding is slow.",
    )
    await world.taken(
        pupil,
        "plans",
        cycle=1,
        outcomes=[
            {
                "number": 1,
                "text": "Reads a page alone",
                "measure": "Words a minute",
                "target_on": "2026-06-01",
                "expected_impact": "Joins in",
            }
        ],
        provision=[
            {
                "number": 1,
                "support": "Precision teaching",
                "outcomes": [1],
                "sessions_per_week": 5,
                "minutes_per_session": 10,
                "delivered_by": teacher,
                "accountable_teacher": teacher,
            }
        ],
        review_on="2026-06-01",
        responsible_teacher=teacher,
        parents_consulted={"on": "2026-03-02"},
        pupil_consulted={"on": "2026-03-02"},
        home_contribution="Reads with Gita",
    )
    await world.taken(pupil, "staff-briefings", cycle=1, staff=[teacher, str(world.people["assistant"])])
    await world.taken(pupil, "sessions", cycle=1, provision=1, delivered_by=teacher, minutes=10, took_place=True, author="teacher")
    await world.taken(
        pupil, "meetings", attended_by=[gita], led_by=teacher, senco_present=True, minutes=45, pupils_view=says, agreed="Go on"
    )
    await world.taken(
        pupil,
        "reviews",
        cycle=1,
        ratings=[{"outcome": 1, "impact": "good_progress", "evidence": "72 words"}],
        quality_of_support="As planned",
        parents_view=says,
        pupils_view=says,
        next_step="continue",
        next_step_reason="It works",
    )
    record = (await world.get(f"/pupils/{pupil}/record")).json()
    assert record["status"] == "K"
    assert record["cycles"][0]["review"] is not None
    owed = (await world.get(f"/pupils/{pupil}/obligations")).json()
    assert {"review-by-the-agreed-date"} <= {item["rule"] for item in owed["items"]} or owed["items"]


async def test_the_same_key_and_body_give_the_same_answer_and_one_entry(world: World) -> None:
    pupil = await world.pupil(UPN)
    body = {
        "author": {"id": str(world.people["senco"])},
        "occurred_on": "2026-03-02",
        "raised_by": "teacher",
        "domain": "social",
        "words": "Alone at break.",
    }
    first = await world.post(f"/pupils/{pupil}/concerns", body, {"Idempotency-Key": "same"})
    again = await world.post(f"/pupils/{pupil}/concerns", body, {"Idempotency-Key": "same"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["etag"] == again.headers["etag"]
    other = await world.post(f"/pupils/{pupil}/concerns", {**body, "words": "Something else."}, {"Idempotency-Key": "same"})
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    record = (await world.get(f"/pupils/{pupil}/record")).json()
    assert len(record["entries"]) == 2
