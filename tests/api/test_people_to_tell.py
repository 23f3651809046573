"""Capacity, care, home and sharing over HTTP, and the one answer to who is told and who is not."""

import itertools
from collections.abc import AsyncIterator

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running
from tests.webhooks.telling import a_upn

_urns = itertools.count(999_850)
A_CHILD, OF_SIXTEEN, A_YOUNG_PERSON = "2014-05-04", "2009-09-01", "2008-05-04"
LAST_DAY, DAY_AFTER = "2026-06-26", "2026-06-27"


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


async def told(world: World, pupil: str, **asked: str) -> dict[str, str]:
    answer = await world.get(f"/pupils/{pupil}/people-to-tell", **asked)
    assert answer.status_code == 200, answer.text
    return {row["person"]: row["basis"] for row in answer.json()["told"]}


async def withheld(world: World, pupil: str, **asked: str) -> dict[str, tuple[str, bool]]:
    rows = (await world.get(f"/pupils/{pupil}/people-to-tell", **asked)).json()["withheld"]
    return {row["person"]: (row["reason"], row["asks"]) for row in rows}


async def test_the_rights_pass_the_day_after_the_leaving_date_and_not_on_the_sixteenth_birthday(world: World) -> None:
    """Education Act 1996, section 8(3): born on 1 September 2009, sixteen in 2025, a young person in June 2026."""
    pupil = await world.pupil(a_upn(), born=OF_SIXTEEN)
    mother = await world.contact(pupil)
    before, after = [(await world.get(f"/pupils/{pupil}/people-to-tell", on=day)).json() for day in (LAST_DAY, DAY_AFTER)]
    assert (before["rights_are_with"], after["rights_are_with"]) == ("parents", "young_person")
    assert before["compulsory_school_age"] == {"begins_on": "2014-12-31", "ends_on": LAST_DAY}
    assert await told(world, pupil, on=LAST_DAY) == {mother: "responsibility"}
    assert await told(world, pupil, on=DAY_AFTER) == {pupil: "own_right"}
    assert await withheld(world, pupil, on=DAY_AFTER) == {mother: ("young_person_holds_the_rights", False)}


async def test_a_parent_by_birth_alone_is_told_unless_restricted_and_somebody_without_any_basis_is_not(world: World) -> None:
    """Education Act 1996, section 576."""
    pupil = await world.pupil(a_upn(), born=A_CHILD)
    neither = {"parental_responsibility": False, "has_care": False}
    father = await world.contact(pupil, "Gus Specimen", relationship="father", natural_parent=True, **neither)
    friend = await world.contact(pupil, "Gil Specimen", relationship="family friend", **neither)
    assert await told(world, pupil) == {father: "birth"}
    assert await withheld(world, pupil) == {friend: ("not_a_parent", False)}
    facts = {"relationship": "father", "natural_parent": True, **neither}
    order = {"contact_restricted": True, "restriction_basis": "Order of the court"}
    await world.taken(pupil, f"contacts/{father}/facts", **facts, **order)
    assert await told(world, pupil) == {}
    assert (await withheld(world, pupil))[father] == ("contact_restricted", True)
    shown = (await world.get(f"/pupils/{pupil}/record")).json()["contacts"]
    assert {contact["contact"]: contact["natural_parent"] for contact in shown} == {father: True, friend: False}


async def test_who_lacks_capacity_is_represented_or_else_the_parents_act(world: World) -> None:
    pupil = await world.pupil(a_upn(), born=A_YOUNG_PERSON)
    mother, aunt = await world.contact(pupil), await world.contact(pupil, "Gil Specimen", parental_responsibility=False, has_care=False)
    basis = "Best interests meeting"
    await world.taken(pupil, "capacity", has_capacity=False, basis=basis)
    assert await told(world, pupil) == {mother: "responsibility"}
    assert (await withheld(world, pupil))[pupil] == ("lacks_capacity", False)
    await world.taken(pupil, "capacity", has_capacity=False, representative=aunt, basis=basis)
    answer = (await world.get(f"/pupils/{pupil}/people-to-tell")).json()
    assert (answer["rights_are_with"], answer["representative"]) == ("representative", aunt)
    assert await told(world, pupil) == {aunt: "represents"}
    await world.taken(pupil, "capacity", has_capacity=True, basis=basis)
    assert await told(world, pupil) == {pupil: "own_right"}


async def test_a_young_person_lets_somebody_know_and_no_longer_does(world: World) -> None:
    pupil = await world.pupil(a_upn(), born=A_YOUNG_PERSON)
    mother = await world.contact(pupil)
    themselves = {"kind": "pupil", "id": pupil}
    await world.taken(pupil, "sharing", contact=mother, agrees=True, author=themselves)
    rows = (await world.get(f"/pupils/{pupil}/people-to-tell")).json()["told"]
    assert [(row["person"], row["basis"], row["is_owed"]) for row in rows] == [(pupil, "own_right", True), (mother, "agreed", False)]
    await world.taken(pupil, "sharing", contact=mother, agrees=False, author=themselves)
    assert await told(world, pupil) == {pupil: "own_right"}


async def test_what_a_child_agrees_to_is_refused_with_the_day_from_which_it_is_theirs(world: World) -> None:
    pupil = await world.pupil(a_upn(), born=OF_SIXTEEN)
    mother = await world.contact(pupil)
    answer = await world.step(pupil, "sharing", contact=mother, agrees=True)
    assert answer.status_code == 409
    assert answer.json()["findings"][0]["used"]["theirs_from"] == DAY_AFTER


async def test_an_authority_that_shares_responsibility_is_told_through_the_social_worker(world: World) -> None:
    pupil = await world.pupil(a_upn(), born=A_CHILD)
    worker = await world.contact(pupil, "Gil Specimen", relationship="social worker", parental_responsibility=False, has_care=False)
    assert (await world.get(f"/pupils/{pupil}/people-to-tell")).json()["is_nobody"] is True
    taken = await world.taken(pupil, "care", is_looked_after=True, authority="999", author="office")
    assert [f["missing"] for f in taken["findings"]] == [["person with responsibility or care"]]
    await world.taken(pupil, "care", is_looked_after=True, authority="999", has_responsibility=True, social_worker=worker, author="office")
    await world.taken(pupil, "home", authority="998", author="office")
    answer = (await world.get(f"/pupils/{pupil}/people-to-tell")).json()
    assert (answer["is_nobody"], answer["looked_after_by"], answer["home_authority"]) == (False, "999", "998")
    assert await told(world, pupil) == {worker: "responsibility_of_the_authority"}
    await world.taken(pupil, "care", is_looked_after=False, author="office")
    assert await told(world, pupil) == {}


async def test_who_is_told_is_asked_as_it_was_known(world: World) -> None:
    pupil = await world.pupil(a_upn(), born=A_CHILD)
    mother = await world.contact(pupil)
    facts = {"relationship": "mother", "parental_responsibility": True, "has_care": True, "information_restricted": True}
    taken = await world.taken(pupil, f"contacts/{mother}/facts", **facts, restriction_basis="Order of the court")
    assert (await world.post("/clock", {"now": "2026-03-03T09:00:00Z"})).status_code == 200
    entries = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    before, after = (entry["recorded_at"] for entry in entries if entry["type"] == "contact.described")
    assert after == taken["entries"][0]["recorded_at"]
    assert await told(world, pupil) == await told(world, pupil, known_at=after) == {}
    assert await told(world, pupil, known_at=before) == {mother: "responsibility"}


@pytest.mark.parametrize("number", ["99", "9999", "abc", "٩٩٩"])
async def test_an_authority_has_three_digits(world: World, number: str) -> None:
    pupil = await world.pupil(a_upn(), born=A_CHILD)
    assert (await world.step(pupil, "home", authority=number, author="office")).status_code == 422


async def test_nobody_is_told_of_a_pupil_who_is_not_there(world: World) -> None:
    assert (await world.get("/pupils/01932b4e-5f00-7000-8000-0000000000a1/people-to-tell")).status_code == 404


async def test_a_changed_address_leaves_a_trace_that_does_not_repeat_it(world: World) -> None:
    pupil = await world.pupil(a_upn(), born=A_CHILD)
    mother = await world.contact(pupil)
    path, same = world.path(f"/pupils/{pupil}/contacts/{mother}"), {"name": "Gita Specimen", "channel": "email"}
    for email in ("gita@specimen.example", "moved@specimen.example"):
        answer = await world.http.put(path, json={**same, "email": email}, headers=world.headers(**{"If-Match": "*"}))
        assert answer.status_code == 200, answer.text
    entries = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    traces = [entry for entry in entries if entry["type"] == "contact_details.changed"]
    moved = {"contact": mother, "is_reached_otherwise": True}
    assert [(trace["facts"], trace["author"]["kind"]) for trace in traces] == [(moved, "client")]
