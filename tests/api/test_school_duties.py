"""What the school itself owes, over HTTP: recorded, remarked on, and listed among what is owed."""

from collections.abc import AsyncIterator

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import TODAY, World, add_school, running

REPORT = {
    "address": "https://school.example/sen-report",
    "items": list(range(1, 14)),
    "disability_items": ["admission", "equal_treatment", "facilities", "accessibility_plan"],
    "links_to_local_offer": True,
    "in_plain_language": True,
    "covers_looked_after_pupils": True,
}


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


async def take(world: World, route: str, *, by: str = "head", status: int = 201, **facts: object) -> dict[str, object]:
    author = {"kind": "staff", "id": str(world.people[by])}
    answer = await world.post(f"/{route}", {"author": author, "occurred_on": TODAY.isoformat(), **facts})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def states(world: World, rule: str) -> set[str]:
    items = (await world.get("/obligations", rule=rule)).json()["items"]
    assert all(item["pupil"] is None for item in items)
    return {item["state"] for item in items}


async def test_each_duty_of_the_school_is_met_by_its_step(world: World) -> None:
    senco = str(world.people["senco"])
    await take(world, "information-reports", **REPORT)
    changed = await take(world, "reported-facts", item=4)
    await take(world, "information-reports", **REPORT)
    await take(world, "accessibility-plans", until="2029-03-01")
    for policy in ("medical_conditions", "data_protection_impact_assessment", "appropriate_policy_document"):
        await take(world, "policies", policy=policy)
    await take(world, "sencos", staff=senco, basis="qualified_teacher", became_senco_on="2025-09-01")
    await take(world, "senco-qualifications", staff=senco, award="professional_qualification", began_on="2025-09-01")
    await take(world, "senco-roles", functions=["Oversees the SEN policy"], on_leadership_team=True, tells_parents_early=True)
    await take(world, "notional-budgets", year=2025)
    await take(world, "census-returns", census_on="2026-01-15")
    complaint = await take(world, "complaints", answer_by="2026-03-30")
    await take(world, "complaint-answers", complaint=complaint["ledger_number"])
    asked = await take(world, "authority-requests", authority="999", answer_by="2026-03-30")
    await take(world, "authority-answers", asked=asked["ledger_number"])
    assert changed["entries"][0]["type"] == "reported_fact.changed"  # type: ignore[index]
    for rule in (
        "update-the-report-after-a-change",
        "name-the-ground-a-senco-serves-on",
        "qualify-as-senco-within-three-years",
        "answer-complaints-about-provision",
        "co-operate-with-the-authority",
    ):
        assert await states(world, rule) >= {"kept"}, rule
    assert await states(world, "have-an-accessibility-plan") == {"kept_late"}


async def test_a_report_that_lacks_items_is_taken_and_told_what_it_lacks(world: World) -> None:
    taken = await take(world, "information-reports", **{**REPORT, "items": list(range(2, 14))})
    broken = {finding["rule"]: finding["missing"] for finding in taken["findings"] if not finding["kept"]}  # type: ignore[attr-defined]
    assert broken == {"cover-every-item-of-the-report": ["item 1"]}


async def test_an_answer_to_no_complaint_and_a_report_by_a_teacher_are_refused(world: World) -> None:
    answer = await take(world, "complaint-answers", complaint=1, status=409)
    report = await take(world, "information-reports", by="teacher", status=409, **REPORT)
    assert answer["findings"][0]["rule"] == "answer-complaints-about-provision"  # type: ignore[index]
    assert report["findings"][0]["rule"] == "publish-an-information-report"  # type: ignore[index]
