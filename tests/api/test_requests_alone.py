"""A parent's or a young person's request travels alone: it is there for the authority at once, and its six weeks run from that day."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.sending import DAY, OTHER, Authority, asked, asked_by_parent, authority, maker, sending, sent, submitted
from tests.api.world import NOW, World, add_school

UPN = "F999999925001"
LATER = "2026-03-12"
SIX_WEEKS_ON = "2026-04-16"
_urns, _live_urns = itertools.count(999_500), itertools.count(100_500)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def standing(world: World, pupil: str, request: str) -> dict[str, object]:
    return (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()


async def days_of_decision(world: World, pupil: str) -> list[str]:
    owed = (await world.get(f"/pupils/{pupil}/obligations")).json()["items"]
    return [item["due"] for item in owed if item["rule"] == "authority-decides-within-six-weeks"]


async def evidence_a_week_later(world: World, pupil: str, request: str) -> None:
    await world.post("/clock", {"now": f"{LATER}T09:00:00Z"})
    assert await maker(world).make(world.school_id, await submitted(world, pupil, request))


async def test_a_parents_request_is_there_at_once_and_its_weeks_run(world: World, county: Authority) -> None:
    """SEND Regulations 2014, regulation 5(1): six weeks from the receipt of the request, 5 March 2026."""
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    answer = await county.get(state="requested")
    (item,) = answer.json()["items"]
    facts = {"state": "requested", "requested_on": DAY, "submitted_at": None, "deemed_on": DAY, "received_on": DAY, "bundle": None}
    assert item == {"id": request, "school": world.urn, **facts}
    assert pupil not in answer.text
    assert item.items() <= (await county.get(f"/{request}")).json().items()
    assert (await county.take(request)).status_code == 404
    shown = await standing(world, pupil, request)
    assert (shown["state"], shown["deemed_on"], shown["received_on"], shown["received_deemed"]) == ("requested", DAY, DAY, True)
    assert [(receipt["deemed"], receipt["received_on"], receipt["digest"]) for receipt in shown["receipts"]] == [(True, DAY, None)]
    assert await days_of_decision(world, pupil) == [SIX_WEEKS_ON]


async def test_what_was_written_down_later_was_available_on_the_day_it_was_written_down(world: World) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil, occurred_on="2026-03-03")
    shown = await standing(world, pupil, request)
    assert (shown["requested_on"], shown["deemed_on"], shown["received_on"]) == ("2026-03-03", DAY, DAY)


async def test_a_schools_own_request_runs_from_its_evidence(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    assert (await county.get()).json()["items"] == []
    assert await days_of_decision(world, pupil) == []
    await evidence_a_week_later(world, pupil, request)
    assert (await county.get(f"/{request}")).json()["deemed_on"] == LATER
    assert await days_of_decision(world, pupil) == ["2026-04-23"]


async def test_the_evidence_that_follows_does_not_start_the_weeks_anew(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    await evidence_a_week_later(world, pupil, request)
    shown = await standing(world, pupil, request)
    assert [receipt["received_on"] for receipt in shown["receipts"]] == [DAY, LATER]
    assert (shown["state"], shown["deemed_on"], shown["received_on"]) == ("submitted", DAY, DAY)
    assert await days_of_decision(world, pupil) == [SIX_WEEKS_ON]
    told = (await county.receipt(request, shown["bundle"]["digest"])).json()
    assert (told["deemed_on"], told["received_on"], told["digest"]) == (DAY, DAY, shown["bundle"]["digest"])
    assert (await standing(world, pupil, request))["state"] == "received"
    assert await days_of_decision(world, pupil) == [SIX_WEEKS_ON]


async def test_the_authority_names_another_day_for_the_request_alone_and_it_stays(world: World, county: Authority) -> None:
    await world.post("/clock", {"now": "2026-03-09T09:00:00Z"})
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    without = await county.receipt(request, None, received_on="2026-03-06")
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")
    named = (await county.receipt(request, None, received_on="2026-03-06", reason="She wrote to us as well.")).json()
    assert (named["digest"], named["deemed_on"], named["received_on"]) == (None, "2026-03-09", "2026-03-06")
    shown = await standing(world, pupil, request)
    assert (shown["state"], shown["deemed_on"], shown["received_on"]) == ("requested", "2026-03-09", "2026-03-06")
    assert await days_of_decision(world, pupil) == ["2026-04-17"]
    await evidence_a_week_later(world, pupil, request)
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    assert (await county.receipt(request, digest)).json()["received_on"] == "2026-03-06"
    assert await days_of_decision(world, pupil) == ["2026-04-17"]


async def test_a_receipt_names_the_bytes_that_there_are(world: World, county: Authority) -> None:
    _, ours = await sent(world, UPN)
    alone = await asked_by_parent(world, await world.pupil("V999999925002"))
    for answer in (await county.receipt(ours, None), await county.receipt(alone, "0" * 64)):
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/digest")


async def test_a_dry_run_shows_both_entries_and_sends_nothing(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    mother = await world.contact(pupil)
    body = {"author": {"id": str(world.people["senco"])}, "requester": "parent", "contact": mother, "authority": "999", "reason": "x"}
    tried = await world.post(f"/pupils/{pupil}/ehc-requests", {**body, "occurred_on": DAY}, dry_run="true")
    assert [entry["type"] for entry in tried.json()["would_append"]] == ["ehc_assessment.requested", "evidence.received"]
    assert (await county.get()).json()["items"] == []
    headers = {"Idempotency-Key": "once"}
    answers = [await world.post(f"/pupils/{pupil}/ehc-requests", {**body, "occurred_on": DAY}, headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await county.get()).json()["items"]) == 1


async def test_whom_it_is_about_is_told_by_itself_and_written_down(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil, reason="He works so hard.")
    answer = await county.person(request, {"Officer-Reference": "officer-17"})
    assert answer.json() == {
        "school": world.urn,
        "surname": "Example",
        "forename": "Ada",
        "personbirthdate": "2014-05-04",
        "upn": UPN,
        "requester": "parent",
        "requested_on": DAY,
        "reason": "He works so hard.",
    }
    (look,) = (await world.get(f"/pupils/{pupil}/accesses")).json()["items"]
    assert (look["request"], look["purpose"], look["person"]) == (request, "ehc-needs-assessment/person", "officer-17")
    assert (await county.person(request)).status_code == 200
    assert len((await standing(world, pupil, request))["accesses"]) == 2


async def test_nobody_else_is_told_whom_it_is_about(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    others = [await authority(world, code=OTHER), await authority(world, sandbox=False)]
    assert [(await other.person(request)).status_code for other in others] == [404, 404]
    for purpose in ({}, {"purpose": "curiosity"}):
        assert (await county.get(f"/{request}/person", **purpose)).status_code == 422
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = $2 where id = $1", county.client_id, NOW)
    assert (await county.person(request)).status_code == 401
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == []


@pytest.mark.parametrize(("sandbox", "code"), [(True, "330"), (True, "989"), (False, "999"), (False, "990"), (False, "899")])
async def test_a_request_names_an_authority_of_the_schools_own_side(world: World, sandbox: bool, code: str) -> None:
    school = world if sandbox else await add_school(world.app, world.http, str(next(_live_urns)), sandbox=False)
    day = {"occurred_on": "2026-03-02"}
    pupil = await school.pupil(UPN)
    answer = await school.step(pupil, "ehc-requests", requester="school", authority=code, reason="x", **day)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/authority")
    assert await asked(school, pupil, authority="990" if sandbox else "330", **day)


async def test_a_live_request_is_seen_by_the_live_authority_and_never_by_a_sandbox_of_its_number(world: World) -> None:
    live = await add_school(world.app, world.http, str(next(_live_urns)), sandbox=False)
    request = await asked_by_parent(live, await live.pupil(UPN), authority="330", occurred_on="2026-03-02")
    real, invented = await authority(world, code="330", sandbox=False), await authority(world, code="330")
    assert request in [item["id"] for item in (await real.get()).json()["items"]]
    assert (await real.person(request)).status_code == 200
    assert request not in (await invented.get()).text
    assert (await invented.person(request)).status_code == (await invented.get(f"/{request}")).status_code == 404


LAST_DAY_OF_THE_PARENTS, FIRST_DAY_OF_THEIR_OWN = "2025-06-27", "2025-06-28"


@pytest.mark.parametrize(("day", "parent", "young_person"), [(LAST_DAY_OF_THE_PARENTS, 201, 409), (FIRST_DAY_OF_THEIR_OWN, 409, 201)])
async def test_who_holds_the_right_on_the_day_asks(world: World, day: str, parent: int, young_person: int) -> None:
    """Education Act 1996, section 8: sixteen on 1 September 2024, of school age to the last Friday of June 2025, that day inside."""
    pupil = await world.pupil(UPN, born="2008-09-01", occurred_on="2023-09-01")
    mother = await world.contact(pupil, occurred_on="2023-09-01")
    body = {"authority": "999", "reason": "x", "occurred_on": day}
    by_her = {"author": {"kind": "contact", "id": mother}, "requester": "parent", "contact": mother}
    by_them = {"author": {"kind": "pupil", "id": pupil}, "requester": "young_person"}
    assert (await world.step(pupil, "ehc-requests", **by_her, **body)).status_code == parent
    assert (await world.step(pupil, "ehc-requests", **by_them, **body)).status_code == young_person
    assert (await world.step(pupil, "ehc-requests", requester="school", **body)).status_code == 201


@pytest.mark.parametrize("author", ["contact", "staff"])
async def test_somebody_without_responsibility_or_care_does_not_ask_whoever_writes_it_down(world: World, author: str) -> None:
    pupil = await world.pupil(UPN)
    aunt = await world.contact(pupil, relationship="aunt", parental_responsibility=False, has_care=False)
    by = {"kind": author, "id": aunt if author == "contact" else str(world.people["senco"])}
    answer = await world.step(pupil, "ehc-requests", author=by, requester="parent", contact=aunt, authority="999", reason="x")
    assert (answer.status_code, answer.json()["findings"][0]["rule"]) == (409, "ask-for-an-ehc-needs-assessment")
    carer = await world.contact(pupil, relationship="foster carer", parental_responsibility=False, has_care=True)
    assert await asked(world, pupil, author={"kind": "contact", "id": carer}, requester="parent", contact=carer)


async def test_a_young_persons_request_travels_alone_too(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN, born="2008-09-01")
    request = await asked(world, pupil, author={"kind": "pupil", "id": pupil}, requester="young_person")
    (item,) = (await county.get()).json()["items"]
    assert (item["id"], item["state"], item["deemed_on"]) == (request, "requested", DAY)
    assert (await county.person(request)).json()["requester"] == "young_person"


async def test_a_request_that_reached_the_authority_is_not_withdrawn_from_under_it(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    mother = await world.contact(pupil)
    taken = await world.taken(pupil, "ehc-requests", requester="parent", contact=mother, authority="999", reason="x", occurred_on=DAY)
    number = next(entry["number"] for entry in taken["entries"] if entry["type"] == "ehc_assessment.requested")
    answer = await world.step(pupil, "withdrawals", corrects=number, reason="Changed her mind.", occurred_on=DAY)
    assert (answer.status_code, len((await county.get()).json()["items"])) == (409, 1)
