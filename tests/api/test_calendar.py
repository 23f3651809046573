"""The school's calendar over HTTP, and with it every step of the school itself: dry run, replay, versions, corrections, two at once."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

_urns = count(999_000)
UPN = "F999999925001"
AUTUMN = {"term": "autumn", "first_on": "2025-09-03", "last_on": "2025-12-19"}
SPRING = {"term": "spring", "first_on": "2026-01-05", "last_on": "2026-03-27"}
SUMMER = {"term": "summer", "first_on": "2026-04-13", "last_on": "2026-07-21"}
HALF_TERM = {"first_on": "2025-10-27", "last_on": "2025-10-31", "reason": "half-term"}
ENGLAND_2026 = [f"2026-{day}" for day in ("01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-26", "12-28")]


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


def written(world: World, facts: dict[str, object], who: str = "office", **more: object) -> dict[str, object]:
    return {"author": {"id": str(world.people[who])}, "occurred_on": "2026-03-02", **facts, **more}


async def load_whole_year(world: World) -> None:
    for term in (AUTUMN, SPRING, SUMMER):
        assert (await world.post("/terms", written(world, term))).status_code == 201
    for year in (2025, 2026):
        assert (await world.post("/bank-holidays", written(world, {"year": year}))).status_code == 201


async def test_the_calendar_shows_what_is_loaded_and_names_what_is_missing(world: World) -> None:
    nothing = (await world.get("/calendar")).json()
    assert (nothing["terms"], nothing["bank_holidays"]) == ([], [])
    assert nothing["missing"][0] == {
        "school_year": 2025,
        "missing": [*(f"{name} term 2025/2026" for name in ("autumn", "spring", "summer")), "bank holidays 2025", "bank holidays 2026"],
    }
    await load_whole_year(world)
    whole = (await world.get("/calendar")).json()
    assert [term["term"] for term in whole["terms"]] == ["autumn", "spring", "summer"]
    assert [year["missing"] == [] for year in whole["missing"]] == [True, False]
    assert whole["missing"][1]["missing"][-1] == "bank holidays 2027"


async def test_the_bank_holidays_of_england_are_looked_up_and_say_where(world: World) -> None:
    taken = (await world.post("/bank-holidays", written(world, {"year": 2026}))).json()
    assert taken["entries"][0]["facts"]["days"] == ENGLAND_2026
    (loaded,) = (await world.get("/calendar")).json()["bank_holidays"]
    assert loaded["source"].startswith("python-holidays 0.")
    assert loaded["entry"] == taken["ledger_number"]


async def test_a_bank_holiday_proclaimed_of_late_comes_in_by_a_correction(world: World) -> None:
    number = (await world.post("/bank-holidays", written(world, {"year": 2026}))).json()["ledger_number"]
    own = written(world, {"year": 2026, "days": [*ENGLAND_2026, "2026-06-15"]})
    assert (await world.post("/bank-holidays", own)).status_code == 409
    assert (await world.post("/bank-holidays", {**own, "corrects": number})).status_code == 201
    (loaded,) = (await world.get("/calendar")).json()["bank_holidays"]
    assert "2026-06-15" in loaded["days"]
    assert loaded["source"] == "given by the school"


async def test_a_term_that_overlaps_is_refused_with_its_rule_and_what_to_do(world: World) -> None:
    number = (await world.post("/terms", written(world, AUTUMN))).json()["ledger_number"]
    answer = await world.post("/terms", written(world, {**SPRING, "first_on": "2025-12-19"}))
    assert answer.status_code == 409
    (finding,) = answer.json()["findings"]
    assert finding["used"]["overlaps"] == number
    assert f"entry {number} (autumn term, 2025-09-03 to 2025-12-19)" in finding["cure"]
    assert finding["citations"]


async def test_a_day_in_the_schools_future_is_no_day_on_which_a_term_was_set(world: World) -> None:
    answer = await world.post("/terms", written(world, AUTUMN, occurred_on="2026-03-03"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/occurred_on"


async def test_only_staff_with_the_role_set_a_term(world: World) -> None:
    assert (await world.post("/terms", written(world, AUTUMN, "teacher"))).status_code == 409
    assert (await world.post("/terms", written(world, AUTUMN, "head"))).status_code == 201


async def test_a_dry_run_of_a_school_step_says_everything_and_stores_nothing(world: World) -> None:
    before = (await world.get("")).json()["ledger_number"]
    answer = await world.post("/terms", written(world, {**AUTUMN, "closures": [HALF_TERM]}), dry_run="true")
    assert answer.status_code == 200
    assert answer.json()["would_append"][0]["facts"]["closures"] == [HALF_TERM]
    assert answer.json()["entries"] == []
    assert (await world.get("")).json()["ledger_number"] == before
    assert (await world.post("/terms", written(world, {**AUTUMN, "last_on": "2025-09-02"}), dry_run="true")).status_code == 409


async def test_the_same_key_gives_the_same_answer_and_one_term(world: World) -> None:
    same = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(world.post("/terms", written(world, AUTUMN), same) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len((await world.get("/calendar")).json()["terms"]) == 1
    assert (await world.post("/terms", written(world, SPRING), same)).status_code == 422


async def test_of_two_who_set_one_term_at_once_one_is_refused(world: World) -> None:
    """Both would fit the calendar as each of them read it."""
    answers = await asyncio.gather(*(world.post("/terms", written(world, AUTUMN)) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


async def test_a_school_step_upon_an_older_version_is_refused(world: World) -> None:
    seen = (await world.get("/calendar")).headers["ETag"]
    first = await world.post("/terms", written(world, AUTUMN), {"If-Match": seen})
    assert first.status_code == 201
    assert first.headers["ETag"] == (await world.get("/calendar")).headers["ETag"] == (await world.get("")).headers["ETag"]
    late = await world.post("/terms", written(world, SPRING), {"If-Match": seen})
    assert late.status_code == 412
    assert late.headers["ETag"] == first.headers["ETag"]


async def test_a_term_is_corrected_by_another_version_of_itself_and_by_nothing_else(world: World) -> None:
    number = (await world.post("/terms", written(world, AUTUMN))).json()["ledger_number"]
    shorter = written(world, {**AUTUMN, "last_on": "2025-12-18"}, corrects=number)
    corrected = await world.post("/terms", shorter)
    assert corrected.json()["entries"][0]["supersedes"] == number
    (term,) = (await world.get("/calendar")).json()["terms"]
    assert (term["last_on"], term["entry"]) == ("2025-12-18", corrected.json()["ledger_number"])
    assert (await world.post("/terms", shorter)).status_code == 409
    assert (await world.post("/bank-holidays", written(world, {"year": 2026}, corrects=term["entry"]))).status_code == 409


async def test_days_are_chosen_in_school_days_once_the_calendar_is_there(world: World) -> None:
    chosen = written(world, {"setting": "tell_within_days", "value": 5, "unit": "school_days"}, "head")
    refused = await world.post("/settings", chosen)
    assert refused.status_code == 409
    assert refused.json()["findings"][0]["missing"][0] == "autumn term 2025/2026"
    await load_whole_year(world)
    assert (await world.post("/settings", chosen)).status_code == 201
    settings = (await world.get("")).json()["settings"]
    assert settings["tell_within_days"] == {"value": 5, "unit": "school_days", "default": 7, "is_law": False}
    assert settings["answer_concern_within_days"]["unit"] == "calendar_days"
    assert settings["asserted_second_person_accepted"]["unit"] == "yes_or_no"


async def test_a_choice_asked_again_under_its_key_is_answered_again(world: World) -> None:
    body, same = written(world, {"setting": "tell_within_days", "value": 5}, "head"), {"Idempotency-Key": "one"}
    first, again = await world.post("/settings", body, same), await world.post("/settings", body, same)
    assert (first.status_code, first.text) == (again.status_code, again.text)
    assert first.status_code == 201
