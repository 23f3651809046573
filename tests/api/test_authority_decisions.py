"""What the authority did on a request, written down by either side; both see each clock, its state and what is missing."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from tests.api.sending import DAY, OTHER, Authority, asked, asked_by_parent, authority, maker, sending, submitted
from tests.api.world import World

UPN, OTHER_UPN = "F999999925001", "V999999925002"
SIX, SIXTEEN, TWENTY = "2026-04-16", "2026-06-25", "2026-07-23"
"""42, 112 and 140 days after 5 March 2026."""
WHOLE_LETTER = ["right_of_appeal", "time_limits", "mediation", "disagreement_resolution", "advice_services"]
ABSENT = {"ground": "absent_from_area", "from_on": "2026-03-05", "until_on": "2026-04-30", "evidence": "A letter."}
_urns = itertools.count(999_800)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def post(county: Authority, request: str, route: str, key: str | None = None, **facts: object) -> httpx.Response:
    path = f"/v1/local-authorities/{county.code}/requests/{request}/{route}"
    headers = county.headers(**({"Idempotency-Key": key} if key else {}))
    return await county.world.http.post(path, json={"officer": "officer-17", "occurred_on": DAY, **facts}, headers=headers)


async def course(world: World, pupil: str, request: str) -> dict[str, object]:
    answer = await world.get(f"/pupils/{pupil}/ehc-requests/{request}")
    assert answer.status_code == 200, answer.text
    return answer.json()["course"]


def clocks(shown: dict[str, object]) -> dict[str, tuple[str, str | None]]:
    return {one["rule"]: (one["due"], one["state"]) for one in shown["clocks"]}


async def test_both_sides_see_each_clock_and_what_is_missing(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    shown = await course(world, pupil, request)
    assert shown["stage"] == "submitted"
    assert clocks(shown) == {
        "authority-decides-within-six-weeks": (SIX, "not_known"),
        "authority-says-no-plan-within-sixteen-weeks": (SIXTEEN, "not_known"),
        "authority-sends-plan-within-twenty-weeks": (TWENTY, "not_known"),
    }
    assert {(tuple(one["missing"]), bool(one["cure"])) for one in shown["clocks"]} == {(("authority_decision",), True)}
    answer = await county.get(f"/{request}")
    assert answer.json()["course"] == shown
    for told in (pupil, "Example", "Ada", UPN):
        assert told not in answer.text
    await county.receipt(request, None)
    states = clocks(await course(world, pupil, request))
    assert states["authority-decides-within-six-weeks"] == (SIX, "due")
    assert states["authority-sends-plan-within-twenty-weeks"] == (TWENTY, "due")


async def test_the_authority_says_no_and_is_told_what_its_letter_lacks(world: World, county: Authority) -> None:
    """Regulation 5(3); the family may appeal until 5 May 2026, two months on."""
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    answer = await post(county, request, "decisions", decision="not_assess", reasons="Progress is good.", told_in_letter=WHOLE_LETTER[:3])
    assert answer.status_code == 201, answer.text
    told = answer.json()
    findings = {finding["rule"]: (finding["kept"], finding["missing"]) for finding in told["findings"]}
    lacking = ["disagreement_resolution in the letter", "advice_services in the letter"]
    assert findings["tell-in-a-refusal-what-can-be-done"] == (False, lacking)
    assert findings["assess-where-it-may-be-necessary"] == (True, [])
    assert pupil not in answer.text
    shown = (await county.get(f"/{request}")).json()["course"]
    assert (shown["stage"], clocks(shown)["authority-decides-within-six-weeks"]) == ("not_assessed", (SIX, "kept"))
    assert clocks(shown)["authority-sends-plan-within-twenty-weeks"] == (TWENTY, None)
    assert shown["appeals"] == [{"decision": told["ledger_number"], "decided_on": DAY, "until": "2026-05-05", "missing": []}]
    (entry,) = [one for one in shown["done"] if one["type"] == "authority.decided"]
    assert entry["number"] == told["ledger_number"]
    entries = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    assert [one["author"]["kind"] for one in entries if one["type"] == "authority.decided"] == ["authority_officer"]


async def test_every_step_of_the_authority_is_written_into_the_schools_record(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    offices = {"family_may_give_evidence": True, "notified": ["commissioning_body", "social_care", "head"]}
    refusal = {"decision": "not_assess", "reasons": "Progress is good.", "told_in_letter": WHOLE_LETTER}
    absent = {
        "clock": "six_weeks",
        "ground": "absent_from_area",
        "from_on": "2026-03-05",
        "until_on": "2026-04-30",
        "evidence": "A letter.",
    }
    for route, facts in (("consultations", offices), ("advice-requests", {}), ("exceptions", absent)):
        answer = await post(county, request, route, **facts)
        assert answer.status_code == 201, answer.text
    decision = (await post(county, request, "decisions", **refusal)).json()["ledger_number"]
    certificate = await post(county, request, "mediation-certificates", about=decision, mediated=False, answered_on=DAY)
    appeal = await post(county, request, "appeals", about=decision)
    assert (certificate.status_code, appeal.status_code) == (201, 201), certificate.text + appeal.text
    ended = await post(county, request, "appeal-decisions", appeal=appeal.json()["ledger_number"], allowed=True)
    assert ended.status_code == 201, ended.text
    assert (await course(world, pupil, request))["stage"] == "assessing"
    assert (await post(county, request, "draft-plans")).status_code == 201
    shown = await course(world, pupil, request)
    assert [one["type"] for one in shown["done"]][1:] == [
        "authority.consulted",
        "advice.asked",
        "exception.claimed",
        "authority.decided",
        "mediation.certified",
        "appeal.lodged",
        "appeal.decided",
        "draft_plan.served",
    ]
    assert shown["stage"] == "plan_drafted"
    assert clocks(shown)["give-advice-within-six-weeks"] == (SIX, "due")
    assert clocks(shown)["leave-fifteen-days-for-a-draft"] == ("2026-03-19", "due")


async def test_an_exception_of_the_authority_excuses_and_its_clock_of_advice_is_not_its_own(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    foreign = await post(county, request, "exceptions", clock="advice", **ABSENT)
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/clock")
    number = (await post(county, request, "exceptions", clock="six_weeks", **ABSENT)).json()["ledger_number"]
    (six, *_) = (await course(world, pupil, request))["clocks"]
    assert (six["rule"], six["state"], six["excused_by"]) == ("authority-decides-within-six-weeks", "excused", number)


async def test_an_authority_names_nothing_outside_its_request(world: World, county: Authority) -> None:
    """Neither another pupil's decision nor another request's is to be appealed under this one."""
    pupil, other = await world.pupil(UPN), await world.pupil(OTHER_UPN)
    request, foreign = await asked_by_parent(world, pupil), await asked_by_parent(world, other)
    refused = (await post(county, foreign, "decisions", decision="not_assess", reasons="No.")).json()["ledger_number"]
    for about in (refused, 1, 99_999):
        answer = await post(county, request, "appeals", about=about)
        assert (answer.status_code, answer.json()["findings"][0]["rule"]) == (409, "leave-a-trail"), answer.text
    assert (await post(county, foreign, "appeals", about=refused)).status_code == 201


async def test_no_other_authority_and_nobody_before_its_evidence_writes_on_a_request(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    other = await authority(world, code=OTHER)
    assert (await post(other, request, "decisions", decision="assess")).status_code == 404
    assert (await other.get(f"/{request}")).status_code == 404
    waiting = await asked(world, await world.pupil(OTHER_UPN))
    assert (await post(county, waiting, "decisions", decision="assess")).status_code == 404
    assert (await course(world, pupil, request))["stage"] == "submitted"


async def test_the_same_decision_twice_or_twice_at_once_is_one(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    answers = await asyncio.gather(*(post(county, request, "decisions", key="same", decision="not_assess") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await post(county, request, "decisions", key="same", decision="assess")
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    done = (await course(world, pupil, request))["done"]
    assert [one["type"] for one in done].count("authority.decided") == 1
    path = f"/v1/local-authorities/{county.code}/requests/{clock.new_id()}/decisions"
    headers = {name: value for name, value in county.headers().items() if name != "Idempotency-Key"}
    without = await world.http.post(path, json={"officer": "x", "occurred_on": DAY, "decision": "assess"}, headers=headers)
    assert without.json()["type"] == "/problems/idempotency-key-missing"


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"occurred_on": "2026-03-06"}, 422, "/occurred_on"),
        ({"occurred_on": "2026-03-04"}, 409, None),
        ({"decision": "maybe"}, 422, "/decision"),
        ({"officer": ""}, 422, "/officer"),
        ({"pupil": "x"}, 422, "/pupil"),
    ],
)
async def test_a_decision_that_does_not_fit_changes_nothing(
    world: World, county: Authority, change: dict[str, str], status: int, pointer: str | None
) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    answer = await post(county, request, "decisions", **{"decision": "assess", **change})
    assert answer.status_code == status, answer.text
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await course(world, pupil, request))["stage"] == "submitted"


async def test_the_school_writes_down_what_it_was_told_and_what_it_answered(world: World) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    step = {"occurred_on": DAY}
    told = await world.taken(pupil, "authority-decisions", request=request, decision="assess", **step)
    assert told["findings"] == []
    notified = {"family_may_give_evidence": True, "notified": ["head"]}
    consulted = await world.taken(pupil, "authority-consultations", request=request, **notified, **step)
    assert consulted["findings"][0]["missing"] == ["notice to commissioning_body", "notice to social_care"]
    wanted = (await world.taken(pupil, "advice-requests", request=request, **step))["ledger_number"]
    missed = {"ground": "missed_appointment", "from_on": DAY, "evidence": "A letter."}
    claim = await world.taken(pupil, "ehc-exceptions", clock="advice", asked=wanted, **missed, **step)
    assert [finding["kept"] for finding in claim["findings"]] == [True]
    await world.taken(pupil, "advice", asked=wanted, **step)
    placement = (await world.taken(pupil, "placement-consultations", authority="998", **step))["ledger_number"]
    await world.taken(pupil, "placement-answers", consultation=placement, can_meet_need=True, reason="It can.", **step)
    await world.taken(pupil, "draft-plans", request=request, **step)
    plan = await world.taken(pupil, "ehc-plans", authority="999", request=request, sections=["A"], sent_to=["family"], **step)
    assert {finding["rule"] for finding in plan["findings"]} == {"set-out-every-section", "send-the-plan-to-all-three"}
    number = plan["ledger_number"]
    await world.taken(pupil, "mediation-certificates", about=number, mediated=True, answered_on=DAY, mediated_on=DAY, **step)
    appeal = (await world.taken(pupil, "appeals", about=number, **step))["ledger_number"]
    await world.taken(pupil, "appeal-decisions", appeal=appeal, allowed=False, **step)
    shown = await course(world, pupil, request)
    assert shown["stage"] == "plan_final"
    assert clocks(shown) == {
        "authority-decides-within-six-weeks": (SIX, "kept"),
        "authority-says-no-plan-within-sixteen-weeks": (SIXTEEN, None),
        "authority-sends-plan-within-twenty-weeks": (TWENTY, "kept"),
        "give-advice-within-six-weeks": (SIX, "kept"),
        "leave-fifteen-days-for-a-draft": (DAY, "due"),
    }
    owed = {one["rule"]: one["state"] for one in (await world.get(f"/pupils/{pupil}/obligations")).json()["items"]}
    assert owed["answer-a-consultation-within-fifteen-days"] == "kept"


async def test_a_plan_before_the_fifteen_days_are_over_is_broken_on_the_day_after(world: World) -> None:
    """Regulation 13(1): served on 5 March 2026, the last of the days is 19 March."""
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    await world.taken(pupil, "draft-plans", request=request, occurred_on=DAY)
    await world.post("/clock", {"now": "2026-03-19T09:00:00Z"})
    await world.taken(pupil, "ehc-plans", authority="999", request=request, occurred_on="2026-03-19")
    assert clocks(await course(world, pupil, request))["leave-fifteen-days-for-a-draft"] == ("2026-03-18", "broken")


@pytest.mark.parametrize(
    ("route", "facts"),
    [
        ("authority-decisions", {"decision": "assess"}),
        ("draft-plans", {}),
        ("ehc-exceptions", {"clock": "six_weeks", "ground": "absent_from_area", "from_on": DAY, "evidence": "A letter."}),
    ],
)
async def test_a_step_on_a_request_that_is_not_there_is_refused_with_its_cure(world: World, route: str, facts: dict[str, str]) -> None:
    pupil = await world.pupil(UPN)
    answer = await world.step(pupil, route, request=str(clock.new_id()), occurred_on=DAY, **facts)
    assert (answer.status_code, answer.json()["findings"][0]["missing"]) == (409, ["request made by that day"])
    assert answer.json()["findings"][0]["cure"]


async def test_a_college_asks_as_a_school_does_and_notice_goes_nowhere(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    college = await asked(world, pupil, requester="post_16_institution")
    notice = await asked(world, pupil, requester="somebody_else", family_knows=True)
    listed = (await world.get(f"/pupils/{pupil}/ehc-requests")).json()["items"]
    assert [(one["id"], one["requester"], one["deemed_on"]) for one in listed] == [(college, "post_16_institution", None)]
    assert (await county.get()).json()["items"] == []
    assert (await world.get(f"/pupils/{pupil}/ehc-requests/{notice}")).status_code == 404
    assert (await post(county, notice, "decisions", decision="assess")).status_code == 404
    assert await maker(world).make(world.school_id, await submitted(world, pupil, college))
    assert (await county.person(college)).json()["requester"] == "post_16_institution"
    assert b"post_16_institution" in (await county.take(college)).content


@pytest.mark.parametrize("day", ["1990-01-01", "2014-05-03", "2014-05-04", "2026-03-04"])
async def test_no_day_that_an_authority_tries_tells_when_the_child_was_born_or_came(world: World, county: Authority, day: str) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    for answer in (
        await post(county, request, "decisions", decision="assess", occurred_on=day),
        await post(county, request, "draft-plans", occurred_on=day),
        await county.receipt(request, None, received_on=day, reason="Misread."),
    ):
        assert answer.status_code == 409, answer.text
        assert [finding["missing"] for finding in answer.json()["findings"]] == [["request made by that day"]]
