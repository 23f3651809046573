"""The census over HTTP: who would fail which check on a census day, and the fragment with the numbers that only its makers may have."""

import itertools
from collections.abc import AsyncIterator

import pytest
from lxml import etree

from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.scopes import SCOPES
from tests.api.world import World, add_client, add_school, running, token_for
from tests.webhooks.telling import a_upn

_urns = itertools.count(999_001)

SPRING, SUMMER, AUTUMN = "2026-01-15", "2026-05-21", "2026-10-01"
DECIDED = {
    "judgement": "K",
    "difficulty": "Reads far below age",
    "provision_beyond_ordinary": "Daily precision teaching",
    "reason": "No catch-up after a term of aimed teaching",
    "considered": ["Reading ages"],
    "occurred_on": "2025-10-06",
}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[World]:
    """A mainstream school of 2 March 2026."""
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


async def on_support(school: World, *types: str, unit: bool | None = None, upn: str | None = None) -> str:
    """Put a pupil on SEN Support in October 2025 with these types and, where it is said, no place in a unit."""
    pupil = await school.pupil(upn or a_upn())
    await school.taken(pupil, "sen-decisions", **DECIDED)
    if types:
        ranked = [{"need_type": name, "rank": rank} for rank, name in enumerate(types, start=1)]
        await school.taken(pupil, "needs", needs=ranked, areas=["cognition_and_learning"], reason="Assessed.", occurred_on="2025-10-06")
    if unit is not None:
        await school.taken(pupil, "unit-placements", in_sen_unit=unit, in_resourced_provision=False, occurred_on="2025-10-06")
    return pupil


async def checks(school: World, **params: str) -> dict[str, object]:
    answer = await school.get("/census-checks", **params)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_the_checks_say_who_would_fail_what_and_how_many_in_all(school: World) -> None:
    bare = await on_support(school)
    whole = await on_support(school, "SLCN", unit=False)
    unplaced = await on_support(school, "SLCN")
    plain = await school.pupil(a_upn())
    found = await checks(school, on=SPRING)
    assert (found["season"], found["pupils_on_roll"], found["pupils_with_errors"]) == ("spring", 4, 2)
    told = {item["pupil"]: [error["error"] for error in item["errors"]] for item in found["items"]}
    assert told == {bare: ["2170", "2230", "2250"], unplaced: ["2230", "2250"]}
    assert found["totals"] == [{"error": "2170", "pupils": 1}, {"error": "2230", "pupils": 2}, {"error": "2250", "pupils": 2}]
    assert not {whole, plain} & set(told)
    (missing,) = [error["finding"] for item in found["items"] for error in item["errors"] if error["error"] == "2170"]
    assert missing["missing"] == ["type of need"] and missing["cure"]


@pytest.mark.parametrize(("on", "failing"), [(SPRING, 1), (SUMMER, 0), (AUTUMN, 0)])
async def test_types_are_asked_for_in_spring_alone(school: World, on: str, failing: int) -> None:
    await on_support(school)
    assert (await checks(school, on=on))["pupils_with_errors"] == failing


async def test_without_a_day_the_next_census_is_looked_at(school: World) -> None:
    """On 2 March 2026 that is the summer census, the third Thursday of May."""
    found = await checks(school)
    assert (found["on"], found["season"]) == (SUMMER, "summer")


@pytest.mark.parametrize("on", ["2026-01-14", "2026-01-16", "2014-05-15"])
async def test_a_day_without_a_census_is_refused_with_those_of_its_year(school: World, on: str) -> None:
    for route in ("/census-checks", "/census"):
        answer = await school.get(route, on=on)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "no_census_on_this_day")
    assert SPRING in (await school.get("/census", on="2026-01-14")).json()["errors"][0]["detail"]


async def test_who_left_is_not_returned_and_a_withdrawn_decision_never_was(school: World) -> None:
    leaver, kept = await on_support(school), await on_support(school)
    await school.taken(leaver, "departures-from-roll", reason="Moved house.", occurred_on="2026-01-14", author="head")
    assert {item["pupil"] for item in (await checks(school, on=SPRING))["items"]} == {kept}
    record = (await school.get(f"/pupils/{kept}/record")).json()
    (decision,) = [entry["number"] for entry in record["entries"] if entry["type"] == "sen.decided"]
    await school.taken(kept, "withdrawals", corrects=decision, reason="Written for another pupil.", occurred_on="2025-10-06")
    assert (await checks(school, on=SPRING))["items"] == []


async def test_the_pages_of_the_checks_hold_every_failing_pupil_once(school: World) -> None:
    pupils = {await on_support(school) for _ in range(3)}
    first = await checks(school, on=SPRING, limit="2")
    second = await checks(school, on=SPRING, limit="2", cursor=first["next"])
    assert second["next"] is None
    seen = [item["pupil"] for page in (first, second) for item in page["items"]]
    assert len(seen) == 3 and set(seen) == pupils
    assert first["totals"] == second["totals"]


async def test_the_fragment_carries_the_number_and_the_checks_do_not(school: World) -> None:
    """DAT-02: a blind number goes to whoever makes the return, and into no list beside."""
    upn = a_upn()
    pupil = await on_support(school, "SLCN", "ASD", "HI", unit=False, upn=upn)
    (item,) = (await school.get("/census", on=SPRING)).json()["items"]
    assert (item["pupil"], item["upn"], item["provision"], item["errors"]) == (pupil, upn, "K", [])
    assert item["needs"] == [{"rank": 1, "type": "SLCN"}, {"rank": 2, "type": "ASD"}]
    assert upn not in (await school.get("/census-checks", on=SPRING)).text
    (outside,) = (await school.get("/census", on=AUTUMN)).json()["items"]
    assert (outside["needs"], outside["in_sen_unit"]) == (None, None)


async def test_the_fragment_is_the_censuss_own_xml_when_asked_for(school: World) -> None:
    upn = a_upn()
    await on_support(school, "SLCN", unit=True, upn=upn)
    for headers, params in (({"Accept": "application/xml"}, {}), ({}, {"format": "xml"})):
        path = school.path("/census")
        answer = await school.http.get(path, params={"on": SPRING, **params}, headers=school.headers(**headers))
        assert answer.headers["content-type"].startswith("application/xml")
        (pupil,) = etree.fromstring(answer.content)
        assert [pupil.findtext(f".//{name}") for name in ("UPN", "SENprovision", "SENtype", "SENunitIndicator")] == [upn, "K", "SLCN", "1"]


async def test_each_reading_of_the_fragment_is_written_down_and_the_checks_leave_none(school: World) -> None:
    pupil = await on_support(school)
    await checks(school, on=SPRING)
    assert (await school.get(f"/pupils/{pupil}/accesses")).json()["items"] == []
    await school.get("/census", on=SPRING)
    (access,) = (await school.get(f"/pupils/{pupil}/accesses")).json()["items"]
    assert access["purpose"] == "school-census"


async def test_a_vendor_needs_the_schools_grant_for_the_census_itself(school: World) -> None:
    """To read records is not to make the return; an authority's client can have neither here."""
    await on_support(school)
    _, vendor = await add_client(school.app, OrganisationKind.VENDOR)
    granted = {
        "client_id": str(vendor),
        "scopes": ["records:read"],
        "purpose": "Management system under contract",
        "until": "2099-07-31",
        "granted_by": str(school.people["head"]),
    }
    assert (await school.post("/grants", granted)).status_code == 201
    token = await token_for(school.app, vendor, frozenset(SCOPES))
    headers = {"Authorization": f"Bearer {token}"}
    assert (await school.http.get(school.path("/census-checks"), headers=headers)).status_code == 200
    assert (await school.http.get(school.path("/census"), headers=headers)).status_code == 403
    assert (await school.post("/grants", {**granted, "scopes": ["records:read", "census:read"]})).status_code == 201
    assert (await school.http.get(school.path("/census"), headers=headers)).status_code == 200
    _, officer = await add_client(school.app, OrganisationKind.AUTHORITY, authority="999")
    theirs = {"Authorization": f"Bearer {await token_for(school.app, officer, frozenset(SCOPES))}"}
    assert (await school.http.get(school.path("/census"), headers=theirs)).status_code == 403
