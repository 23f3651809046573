"""A request that the authority received itself: it tells the school, which says whose it is; nobody learns of a child in between."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.db.embedded import DatabaseUrls
from tests.api.sending import DAY, OTHER, Authority, authority, maker, opened, prepared, sending, submitted
from tests.api.sending import word_of_a_request as said
from tests.api.world import World, add_school
from tests.webhooks.leasing import Taker, grant, own, vendor

UPN, OTHER_UPN = "F999999925001", "V999999925002"
RECEIVED, SIX_WEEKS_ON = "2026-03-03", "2026-04-14"
"""The day that the authority names unless told otherwise, and its last to decide."""
CHILD = {"surname": "Example", "forename": "Ada", "date_of_birth": "2014-05-04"}
_urns, _live_urns = itertools.count(999_900), itertools.count(100_900)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def tell(of: Authority, body: dict[str, object]) -> httpx.Response:
    return await of.world.http.post(f"/v1/local-authorities/{of.code}/openings", json=body, headers=of.headers())


async def listed(of: Authority, **params: str) -> list[dict[str, object]]:
    answer = await of.world.http.get(f"/v1/local-authorities/{of.code}/openings", params=params, headers=of.headers())
    return answer.json()["items"]


async def here(world: World, **params: str) -> list[dict[str, object]]:
    return (await world.get("/opened-requests", **params)).json()["items"]


async def link(world: World, opening: str, pupil: str, key: str | None = None, **facts: object) -> httpx.Response:
    body = {"author": {"id": str(world.people["senco"])}, "pupil": pupil, **facts}
    return await world.post(f"/opened-requests/{opening}/link", body, {"Idempotency-Key": key} if key else None)


async def rows(database: DatabaseUrls, opening: str) -> asyncpg.Record:
    connection = await asyncpg.connect(database.superuser)
    found = await connection.fetchrow("select * from opened_request where id = $1", opening)
    await connection.close()
    assert found is not None
    return found


async def test_the_school_says_whose_it_is_and_the_weeks_run_from_the_authoritys_day(world: World, county: Authority) -> None:
    """SEND Regulations 2014, regulation 5(1): six weeks from 3 March 2026, when the authority received it."""
    pupil = await world.pupil(UPN)
    opening = await opened(county, world)
    (waiting,) = await here(world)
    assert (waiting["id"], waiting["state"], waiting["about"]) == (opening, "waiting", {**CHILD, "upn": None})
    answer = await link(world, opening, pupil)
    assert answer.status_code == 201, answer.text
    assert [entry["type"] for entry in answer.json()["entries"]] == ["ehc_assessment.requested", "evidence.received"]
    assert [entry["author"]["kind"] for entry in answer.json()["entries"]] == ["staff", "authority_officer"]
    request = answer.json()["references"]["request"]
    shown = (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()
    assert (shown["state"], shown["deemed_on"], shown["received_on"], shown["received_deemed"]) == ("requested", RECEIVED, RECEIVED, False)
    assert (shown["course"]["stage"], shown["receipt_reference"]) == ("received", "officer-17")
    six = next(clock for clock in shown["course"]["clocks"] if clock["rule"] == "authority-decides-within-six-weeks")
    assert (six["began_on"], six["due"], six["state"]) == (RECEIVED, SIX_WEEKS_ON, "due")
    (told,) = await listed(county)
    assert (told["id"], told["state"], told["request"]) == (opening, "linked", request)


async def test_the_request_is_then_one_like_any_other(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = (await link(world, await opened(county, world), pupil)).json()["references"]["request"]
    (item,) = (await county.get()).json()["items"]
    assert (item["id"], item["received_on"]) == (request, RECEIVED)
    assert (await county.person(request)).json()["surname"] == "Example"
    assert await maker(world).make(world.school_id, await submitted(world, pupil, request))
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    assert (await county.take(request)).status_code == 200
    assert (await county.receipt(request, digest)).json()["received_on"] == RECEIVED
    shown = (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()
    assert shown["course"]["clocks"][0]["due"] == SIX_WEEKS_ON


async def test_a_parents_request_names_the_parent_and_travels_alone(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    mother = await world.contact(pupil)
    opening = await opened(county, world, requester="parent", received_on=DAY)
    without = await link(world, opening, pupil)
    assert (without.status_code, without.json()["findings"][0]["missing"]) == (409, ["contact who asks"])
    answer = await link(world, opening, pupil, contact=mother, reason="She wrote to the authority.")
    assert answer.status_code == 201, answer.text
    assert (await county.person(answer.json()["references"]["request"])).json()["reason"] == "She wrote to the authority."


@pytest.mark.parametrize("requester", ["school", "post_16_institution"])
async def test_a_college_is_one_that_asked_and_its_request_is_seen_before_its_evidence(
    world: World, county: Authority, requester: str
) -> None:
    pupil = await world.pupil(UPN)
    request = (await link(world, await opened(county, world, requester=requester), pupil)).json()["references"]["request"]
    assert (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()["requester"] == requester
    assert [item["id"] for item in (await county.get(state="requested")).json()["items"]] == [request]
    assert (await county.get(f"/{request}")).json()["course"]["stage"] == "received"


async def test_the_answer_is_the_same_whether_or_not_such_a_pupil_is_known(world: World, county: Authority) -> None:
    await world.pupil(UPN)
    answers = [
        await tell(county, said(world, reference=f"EHC-{n}", about={**CHILD, **child}))
        for n, child in enumerate(({"upn": UPN}, {"upn": OTHER_UPN}, {"surname": "Nobody", "forename": "Known"}))
    ]
    assert {answer.status_code for answer in answers} == {202}
    shapes = [{**answer.json(), "id": "", "reference": "", "opened_at": ""} for answer in answers]
    assert shapes[0] == shapes[1] == shapes[2]
    assert len({len(answer.content) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
    assert all(word not in answer.text for answer in answers for word in ("Example", "Ada", "Nobody", UPN, "2014-05-04"))


async def test_whom_it_is_about_lies_sealed_until_the_school_answers_and_then_nowhere(
    world: World, county: Authority, database: DatabaseUrls, capsys: pytest.CaptureFixture[str]
) -> None:
    pupil = await world.pupil(UPN)
    short = await opened(county, world, reference="EHC-1", about={**CHILD, "surname": "X"})
    long = await opened(county, world, reference="EHC-2", about={**CHILD, "surname": "Y" * 90})
    sealed = [(await rows(database, opening))["sealed_about"] for opening in (short, long)]
    assert b"Ada" not in sealed[0]
    assert len(sealed[0]) == len(sealed[1])
    assert (await link(world, short, pupil)).status_code == 201
    assert (await world.post(f"/opened-requests/{long}/not-ours", None)).status_code == 200
    for opening in (short, long):
        found = await rows(database, opening)
        assert found["sealed_about"] is None
        assert found["answered_at"] is not None
    assert [item["about"] for item in await here(world)] == [None, None]
    assert all(word not in "".join(capsys.readouterr()) for word in ("Ada", "YYYY", "2014-05-04"))


async def test_the_same_reference_is_the_same_opening_and_other_content_a_conflict(world: World, county: Authority) -> None:
    opening = await opened(county, world)
    assert await opened(county, world, officer="officer-18") == opening
    for change in ({"received_on": DAY}, {"requester": "parent"}, {"about": {**CHILD, "forename": "Eve"}}):
        answer = await tell(county, said(world, **change))
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "conflict"), change
    assert await opened(county, world, reference="EHC-2") != opening
    assert (await world.post(f"/opened-requests/{opening}/not-ours", None)).status_code == 200
    again = await tell(county, said(world))
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (202, opening, "not_ours")


async def test_ten_at_once_under_one_reference_are_one_opening(world: World, county: Authority) -> None:
    answers = await asyncio.gather(*(tell(county, said(world)) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == len(await here(world)) == 1


async def test_that_it_is_not_theirs_is_said_once_and_for_all(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    opening = await opened(county, world)
    for _ in range(2):
        answer = await world.post(f"/opened-requests/{opening}/not-ours", None)
        assert (answer.status_code, answer.json()["state"]) == (200, "not_ours")
    assert (await link(world, opening, pupil)).status_code == 409
    assert [(item["state"], item["request"]) for item in await listed(county, state="not_ours")] == [("not_ours", None)]
    linked = await opened(county, world, reference="EHC-2")
    assert (await link(world, linked, pupil)).status_code == 201
    assert (await world.post(f"/opened-requests/{linked}/not-ours", None)).status_code == 409
    assert await listed(county, state="waiting") == await here(world, state="waiting") == []


async def test_the_same_key_links_once_and_two_links_at_once_make_one_request(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    opening = await opened(county, world)
    body = {"author": {"id": str(world.people["senco"])}, "pupil": pupil}
    tried = await world.post(f"/opened-requests/{opening}/link", body, dry_run="true")
    assert [entry["type"] for entry in tried.json()["would_append"]] == ["ehc_assessment.requested", "evidence.received"]
    answers = await asyncio.gather(link(world, opening, pupil, "a"), link(world, opening, pupil, "b"), link(world, opening, pupil, "a"))
    assert sorted(answer.status_code for answer in answers) in ([201, 201, 409], [201, 409, 409])
    assert len((await world.get(f"/pupils/{pupil}/ehc-requests")).json()["items"]) == 1
    won = next(key for key, answer in zip("ab", answers, strict=False) if answer.status_code == 201)
    first = answers["ab".index(won)].json()
    assert (await link(world, opening, pupil, won)).json() == first
    assert len(first["entries"]) == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"received_on": "2026-03-06"}, "/received_on"),
        ({"requester": "somebody_else"}, "/requester"),
        ({"about": {**CHILD, "upn": "A999999925001"}}, "/about/upn"),
        ({"about": {"surname": "Example", "forename": "Ada"}}, "/about/date_of_birth"),
        ({"reference": ""}, "/reference"),
        ({"school": "99"}, "/school"),
    ],
)
async def test_what_does_not_fit_is_named_by_its_place_and_kept_nowhere(
    world: World, county: Authority, change: dict[str, object], pointer: str
) -> None:
    answer = await tell(county, said(world, **change))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert "Ada" not in answer.text
    assert await here(world) == []


async def test_a_day_before_the_pupil_came_is_refused_at_its_place(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    opening = await opened(county, world, received_on="2025-08-31")
    answer = await link(world, opening, pupil)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/pupil")
    at_the_first = await opened(county, world, reference="EHC-2", received_on="2025-09-01")
    assert (await link(world, at_the_first, pupil)).status_code == 201


async def test_no_school_and_no_authority_sees_what_is_anothers_nor_the_other_side(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    other_school = await prepared(await add_school(world.app, world.http, str(next(_urns))))
    theirs = await other_school.pupil(UPN)
    neighbour, live = await authority(world, code=OTHER), await authority(world, sandbox=False)
    opening = await opened(county, world)
    at_the_other = await opened(county, other_school)
    assert opening != at_the_other
    assert [item["id"] for item in await here(world)] == [opening]
    assert [item["id"] for item in await here(other_school)] == [at_the_other]
    assert (await link(other_school, opening, theirs)).status_code == 404
    assert (await link(world, opening, theirs)).status_code == 404
    assert (await other_school.post(f"/opened-requests/{opening}/not-ours", None)).status_code == 404
    assert await listed(neighbour) == await listed(live) == []
    assert (await tell(live, said(world))).status_code == (await tell(county, said(world, school="999998"))).status_code == 404
    mine = await opened(neighbour, world)
    assert mine not in (opening, at_the_other)
    requests = [
        (await link(world, opening, pupil)).json()["references"]["request"],
        (await link(other_school, at_the_other, theirs)).json()["references"]["request"],
    ]
    assert {item["request"] for item in await listed(county)} == set(requests)
    assert (await neighbour.get()).json()["items"] == []
    path = f"/v1/local-authorities/{county.code}/openings"
    assert (await world.http.post(path, json=said(world), headers=neighbour.headers())).status_code == 404


async def test_a_vendor_sees_names_with_records_read_and_answers_with_evidence_submit(world: World, county: Authority) -> None:
    opening = await opened(county, world)
    taker = await vendor(world)
    path = world.path("/opened-requests")
    assert (await world.http.get(path, headers=taker.headers)).status_code == 403
    await grant(world, taker, "evidence:submit")
    assert (await world.http.get(path, headers=taker.headers)).status_code == 403
    answered = await world.http.post(f"{path}/{opening}/not-ours", headers=taker.headers)
    assert (answered.status_code, "Ada" in answered.text) == (200, False)
    await grant(world, taker, "records:read")
    assert (await world.http.get(path, headers=taker.headers)).status_code == 200


async def test_the_school_hears_of_it_and_the_authority_of_the_answer(world: World, county: Authority) -> None:
    school, office = own(world), Taker(world.app, world.http, county.organisation_id, county.client_id, county.token)
    mailbox = await school.mailbox("request.opened")
    attached = await world.http.put(
        world.path(f"/subscriptions/{mailbox}"),
        json={"words": "thin", "chosen_by": {"id": str(world.people["head"])}},
        headers=world.headers(**{"If-Match": "*"}),
    )
    assert attached.status_code in (200, 201), attached.text
    await office.mailbox("request.made", "request.opened")
    pupil = await world.pupil(UPN)
    opening = await opened(county, world)
    await opened(county, world)
    (told,) = await school.lease()
    assert told["body"].items() >= {"type": "request.opened", "school": world.urn, "path": world.path("/opened-requests")}.items()
    assert set(told["body"]) == {"id", "type", "number", "school", "subscription", "path"}
    assert opening not in str(told)
    assert await office.lease() == []
    request = (await link(world, opening, pupil)).json()["references"]["request"]
    (made,) = await office.lease()
    assert (made["body"]["type"], made["body"]["request"]) == ("request.made", request)
