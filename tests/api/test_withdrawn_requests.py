"""A request that is taken back: nothing of it is let out any more, its authority hears of it, and an error can be put right."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.db.embedded import DatabaseUrls
from tests.api.sending import DAY, OTHER, Authority, asked, asked_by_parent, authority, maker, sending, sent, submitted
from tests.api.world import World
from tests.webhooks.leasing import Taker

UPN, OTHER_UPN = "F999999925001", "V999999925002"
_urns = itertools.count(999_820)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def withdraw(world: World, pupil: str, request: str, by: str = "senco", **facts: object) -> httpx.Response:
    said = {"author": {"id": str(world.people[by])}, "occurred_on": DAY, "reason": "We move away.", **facts}
    return await world.post(f"/pupils/{pupil}/ehc-requests/{request}/withdrawal", said)


async def shown(world: World, pupil: str, request: str) -> dict[str, object]:
    return (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()


def officer_of(county: Authority) -> Taker:
    return Taker(county.world.app, county.world.http, county.organisation_id, county.client_id, county.token)


async def heard(officer: Taker) -> list[str]:
    """What a mailbox gives out, with a receipt for each, until nothing is left."""
    told: list[str] = []
    while items := await officer.lease():
        told += [item["body"]["type"] for item in items]
        await officer.receipt(*items)
    return told


async def test_a_parent_takes_the_request_back_and_the_authority_sees_it_and_takes_nothing(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    assert await maker(world).make(world.school_id, await submitted(world, pupil, request))
    assert (await county.take(request)).status_code == 200
    assert (await withdraw(world, pupil, request)).status_code == 201
    here = await shown(world, pupil, request)
    assert (here["state"], here["course"]["stage"]) == ("withdrawn", "withdrawn")
    assert {clock["state"] for clock in here["course"]["clocks"]} == {None}
    (item,) = (await county.get(state="withdrawn")).json()["items"]
    assert (item["id"], item["state"]) == (request, "withdrawn")
    assert (await county.get(state="submitted")).json()["items"] == []
    assert (await county.get(f"/{request}")).json()["course"]["stage"] == "withdrawn"
    for answer in (await county.take(request), await county.take(request, {"Range": "bytes=0-9"}), await county.person(request)):
        assert answer.status_code == 410
        assert "Example" not in answer.text


async def test_nothing_is_received_decided_or_submitted_on_it(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN)
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    assert (await withdraw(world, pupil, request)).status_code == 201
    answer = await county.receipt(request, digest)
    assert (answer.status_code, answer.json()["findings"][0]["used"]["withdrawn_on"]) == (409, DAY)
    path = f"/v1/local-authorities/{county.code}/requests/{request}/decisions"
    body = {"occurred_on": DAY, "officer": "officer-17", "decision": "assess"}
    assert (await world.http.post(path, json=body, headers=county.headers())).status_code == 409
    again = await withdraw(world, pupil, request)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "step-refused")


async def test_a_schools_own_request_that_never_left_is_never_seen(world: World, county: Authority) -> None:
    officer = officer_of(county)
    await officer.mailbox("request.made", "request.withdrawn")
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    assert (await withdraw(world, pupil, request)).status_code == 201
    assert (await county.get()).json()["items"] == []
    assert (await county.get(f"/{request}")).status_code == 404
    assert await heard(officer) == []


@pytest.mark.parametrize(("by", "status"), [("teacher", 409), ("office", 409), ("senco", 201), ("head", 201)])
async def test_of_the_schools_own_the_senco_or_the_head_decides(world: World, by: str, status: int) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    assert (await withdraw(world, pupil, request, by)).status_code == status


async def test_who_asked_takes_it_back_in_person_and_nobody_elses(world: World) -> None:
    pupil = await world.pupil(UPN)
    mother, father = await world.contact(pupil), await world.contact(pupil, "Hari Specimen", relationship="father")
    as_mother = {"kind": "contact", "id": mother}
    request = await asked(world, pupil, author=as_mother, requester="parent", contact=mother)
    assert (await withdraw(world, pupil, request, author={"kind": "contact", "id": father})).status_code == 409
    assert (await withdraw(world, pupil, request, author=as_mother)).status_code == 201


async def test_an_unknown_request_and_anothers_pupil_are_not_found(world: World) -> None:
    pupil, other = await world.pupil(UPN), await world.pupil(OTHER_UPN)
    request = await asked(world, pupil)
    assert (await withdraw(world, other, request)).status_code == 404
    assert (await shown(world, pupil, request))["state"] == "requested"


async def test_the_same_key_withdraws_once_and_a_dry_run_never(world: World) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    path, body = f"/pupils/{pupil}/ehc-requests/{request}/withdrawal", {"author": {"id": str(world.people["senco"])}, "occurred_on": DAY}
    tried = await world.post(path, body, dry_run="true")
    assert [entry["type"] for entry in tried.json()["would_append"]] == ["ehc_assessment.withdrawn"]
    assert (await shown(world, pupil, request))["state"] == "requested"
    first, again = [await world.post(path, body, {"Idempotency-Key": "back"}) for _ in range(2)]
    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["references"] == {"request": request}


async def test_the_authority_is_told_of_both_and_of_the_error(world: World, county: Authority) -> None:
    officer, stranger = officer_of(county), officer_of(await authority(world, code=OTHER))
    for taker in (officer, stranger):
        await taker.mailbox("request.made", "request.withdrawn")
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    assert await heard(officer) == ["request.made"]
    taken = (await withdraw(world, pupil, request)).json()
    (told,) = await officer.lease()
    assert told["body"].items() >= {"type": "request.withdrawn", "request": request, "school": world.urn}.items()
    assert pupil not in str(told)
    await officer.receipt(told)
    await world.taken(pupil, "withdrawals", occurred_on=DAY, corrects=taken["ledger_number"], reason="It was another pupil's.")
    assert await heard(officer) == ["request.made"]
    assert (await shown(world, pupil, request))["state"] == "requested"
    assert (await county.person(request)).status_code == 200
    assert await heard(stranger) == []


async def test_word_of_a_request_that_is_overtaken_goes_out_as_a_number_alone(world: World, county: Authority) -> None:
    officer = officer_of(county)
    await officer.mailbox("request.made", "request.withdrawn")
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    await withdraw(world, pupil, request)
    assert await heard(officer) == ["delivery.withheld", "request.withdrawn"]


async def test_word_of_evidence_that_waits_is_withheld_too(world: World, county: Authority) -> None:
    officer = officer_of(county)
    await officer.mailbox("request.made", "request.withdrawn", "evidence.ready")
    pupil, request = await sent(world, UPN)
    await withdraw(world, pupil, request)
    assert await heard(officer) == ["delivery.withheld", "delivery.withheld", "request.withdrawn"]


async def test_evidence_that_was_being_made_is_made_after_all_once_the_request_stands_again(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    bundle = await submitted(world, pupil, request)
    taken = (await withdraw(world, pupil, request)).json()
    assert not await maker(world).make(world.school_id, bundle)
    assert (await shown(world, pupil, request))["bundle"]["state"] == "failed"
    await world.taken(pupil, "withdrawals", occurred_on=DAY, corrects=taken["ledger_number"], reason="It was another pupil's.")
    assert (await shown(world, pupil, request))["state"] == "submitted"
    assert await maker(world).make(world.school_id, bundle)
    assert (await county.take(request)).status_code == 200


async def test_a_received_request_that_stands_again_is_received(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN)
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    assert (await county.receipt(request, digest)).status_code == 201
    taken = (await withdraw(world, pupil, request)).json()
    assert (await shown(world, pupil, request))["state"] == "withdrawn"
    await world.taken(pupil, "withdrawals", occurred_on=DAY, corrects=taken["ledger_number"], reason="It was another pupil's.")
    here = await shown(world, pupil, request)
    assert (here["state"], here["course"]["stage"]) == ("received", "received")
    assert (await county.take(request)).status_code == 200


async def test_the_schools_list_is_told_apart_by_state(world: World) -> None:
    pupil = await world.pupil(UPN)
    first, second = await asked(world, pupil), await asked(world, pupil)
    assert (await withdraw(world, pupil, first)).status_code == 201
    by_state = {}
    for state in ("requested", "submitted", "withdrawn"):
        items = (await world.get(f"/pupils/{pupil}/ehc-requests", state=state)).json()["items"]
        by_state[state] = [item["id"] for item in items]
    assert by_state == {"requested": [second], "submitted": [], "withdrawn": [first]}
    assert (await world.get(f"/pupils/{pupil}/ehc-requests", state="refused")).status_code == 422


@pytest.mark.parametrize(("home", "is_remarked"), [("998", True), ("999", False)])
async def test_the_authority_of_another_area_may_be_asked_and_it_is_remarked_on(world: World, home: str, is_remarked: bool) -> None:
    """Children and Families Act 2014, sections 24 and 36(1): the authority in whose area the child lives, not the school's."""
    pupil = await world.pupil(UPN)
    await world.taken(pupil, "home", authority=home, occurred_on="2025-09-01")
    body = {"requester": "school", "authority": "999", "reason": "Not enough.", "occurred_on": DAY}
    found = (await world.taken(pupil, "ehc-requests", **body))["findings"]
    remarks = [finding["used"] for finding in found if not finding["kept"] and "home_authority" in finding["used"]]
    assert remarks == ([{"authority": "999", "home_authority": "998"}] if is_remarked else [])


@pytest.mark.parametrize("is_withdrawn", [True, False])
async def test_an_earlier_request_warns_and_bars_nothing_and_one_taken_back_not_even_that(world: World, is_withdrawn: bool) -> None:
    """Section 36(6): rows EHC-02 and EHC-21 are remarks."""
    pupil = await world.pupil(UPN)
    first = await asked(world, pupil)
    if is_withdrawn:
        await withdraw(world, pupil, first)
    body = {"requester": "school", "authority": "999", "reason": "Not enough.", "occurred_on": DAY}
    found = {finding["rule"]: finding["kept"] for finding in (await world.taken(pupil, "ehc-requests", **body))["findings"]}
    assert found["never-refuse-a-request"] is True
    assert found.get("weigh-an-earlier-assessment") is (None if is_withdrawn else False)
