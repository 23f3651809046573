"""Capacity, care, birth and consent count at the moment of telling, whatever was true when it was decided that somebody be told."""

from collections.abc import AsyncIterator

import pytest

from app.db.embedded import DatabaseUrls
from tests.webhooks.receivers import answering, answering_in_turn, receiving
from tests.webhooks.telling import Telling, a_upn, is_bare, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
NEITHER = {"parental_responsibility": False, "has_care": False}
BASIS = {"basis": "Best interests meeting"}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


async def with_pupil(school: Telling, born: str, **facts: object) -> None:
    """A child of 2014, or a young person of 2008: compulsory school age ended in June 2024."""
    school.pupil = await school.world.pupil(a_upn(), born=born)
    school.parent = await school.world.contact(school.pupil, **facts)


async def take(school: Telling, route: str, **facts: object) -> None:
    await school.world.taken(school.pupil, route, **facts)


async def states(school: Telling) -> dict[object, object]:
    return {notice["person"]: notice["state"] for notice in await school.notices()}


async def attempt_twice(school: Telling, route: str, **facts: object) -> list[tuple[object, object]]:
    """Let the first attempt fail, change the facts, and try again; gives how each delivery stands then."""
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering_in_turn(BUSY, OK, into=heard)) as busy:
        await school.subscribe(busy.port)
        await school.decide()
        assert [d["state"] for d in await school.deliver()] == ["waiting"]
        await take(school, route, **facts)
        await run_sql_with(school.database, "update delivery set next_at = created_at where school_id = $1", school.world.school_id)
        attempted = await school.deliver()
    assert [is_bare(body) for *_, body in heard] == [False, True, *[False] * (len(heard) - 2)]
    return [(d["state"], d["reason"]) for d in attempted]


async def test_a_parent_by_birth_is_sent_it_and_no_more_once_the_child_is_adopted(school: Telling) -> None:
    await with_pupil(school, "2014-05-04", natural_parent=True, **NEITHER)
    route = f"contacts/{school.parent}/facts"
    assert await attempt_twice(school, route, relationship="father", **NEITHER) == [("withheld", "not_to_be_told")]
    assert await states(school) == {school.parent: "withheld"}
    await take(school, route, relationship="father", natural_parent=True, **NEITHER)
    assert await states(school) == {school.parent: "composed"}


async def test_a_social_worker_is_sent_it_while_the_authority_shares_responsibility(school: Telling) -> None:
    await with_pupil(school, "2014-05-04", relationship="social worker", **NEITHER)
    await take(school, "care", is_looked_after=True, authority="999", has_responsibility=True, social_worker=school.parent, author="office")
    assert await attempt_twice(school, "care", is_looked_after=False, author="office") == [("withheld", "not_to_be_told")]


async def test_the_notice_of_who_loses_capacity_goes_to_who_acts_for_them(school: Telling) -> None:
    await with_pupil(school, "2008-05-04")
    found = await attempt_twice(school, "capacity", has_capacity=False, representative=school.parent, **BASIS)
    assert found[0] == ("withheld", "not_to_be_told")
    assert await states(school) == {school.pupil: "withheld", school.parent: "composed"}


@pytest.mark.parametrize("has_representative", [True, False])
async def test_the_notice_of_a_representative_goes_back_to_who_has_capacity_again(school: Telling, has_representative: bool) -> None:
    await with_pupil(school, "2008-05-04")
    named = {"representative": school.parent} if has_representative else {}
    await take(school, "capacity", has_capacity=False, **named, **BASIS)
    found = await attempt_twice(school, "capacity", has_capacity=True, **BASIS)
    assert found[0] == ("withheld", "not_to_be_told")
    assert await states(school) == {school.parent: "withheld", school.pupil: "composed"}


async def test_a_copy_goes_out_only_while_the_young_person_agrees(school: Telling) -> None:
    await with_pupil(school, "2008-05-04")
    await take(school, "sharing", contact=school.parent, agrees=True)
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await take(school, "sharing", contact=school.parent, agrees=False)
        for _ in range(2):
            await school.deliver()
        assert sorted((d["state"], d["reason"]) for d in await school.deliveries()) == [
            ("delivered", None),
            ("withheld", "not_to_be_told"),
        ]
    assert sorted(is_bare(body) for *_, body in heard) == [False, True]
    assert await states(school) == {school.pupil: "composed", school.parent: "withheld"}


async def test_without_agreement_no_copy_is_ever_composed(school: Telling) -> None:
    await with_pupil(school, "2008-05-04")
    await school.decide()
    assert await states(school) == {school.pupil: "composed"}


async def test_the_words_of_a_copy_are_not_handed_out_once_the_agreement_is_taken_back(school: Telling) -> None:
    await with_pupil(school, "2008-05-04")
    await take(school, "sharing", contact=school.parent, agrees=True)
    await school.decide()
    copy = next(notice for notice in await school.notices() if notice["person"] == school.parent)
    assert (await school.world.get(f"/notices/{copy['id']}/words")).status_code == 200
    await take(school, "sharing", contact=school.parent, agrees=False)
    assert (await school.world.get(f"/notices/{copy['id']}/words")).status_code == 409


async def test_a_copy_is_owed_by_no_rule(school: Telling) -> None:
    await with_pupil(school, "2008-05-04")
    await take(school, "sharing", contact=school.parent, agrees=True)
    await school.decide()
    items = (await school.world.get(f"/pupils/{school.pupil}/obligations", rule="inform-parents-of-sen-provision")).json()["items"]
    assert [owed["person"] for owed in items] == [school.pupil]


async def test_what_was_delivered_once_is_not_sent_to_another_when_capacity_is_lost(school: Telling) -> None:
    await with_pupil(school, "2008-05-04")
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await school.deliver()
        (notice,) = await school.notices()
        assert (await school.world.post(f"/notices/{notice['id']}/reports", {"event": "delivered"})).status_code in (200, 201)
        await take(school, "capacity", has_capacity=False, representative=school.parent, **BASIS)
        await school.deliver()
    assert await states(school) == {school.pupil: "delivered"}
