"""What was owed to endpoints, looked at: each attempt, what was answered to it, and by whom it may be seen."""

from collections.abc import AsyncIterator

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.test_redelivery import granted, log, look, resend, vendors
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
THANKS = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nthanks \xff"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


async def test_a_delivery_shows_each_attempt_with_what_was_answered_to_it(school: Telling) -> None:
    async with receiving(answering(THANKS)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
    looked = await look(school, logged["id"])
    assert {name: looked[name] for name in ("school", "subscription", "number", "event", "state", "attempts", "tried_before")} == {
        **{"school": school.world.urn, "subscription": subscription, "number": 1, "event": "notice.ready"},
        **{"state": "delivered", "attempts": 1, "tried_before": 0},
    }
    ((attempt,),) = (looked["log"],)
    assert (attempt["status"], attempt["outcome"], attempt["answer"]) == (200, "accepted", "thanks \ufffd")
    assert "answer" not in logged["log"][0]


async def test_what_was_answered_is_for_the_organisation_that_answered_alone(school: Telling) -> None:
    headers = await granted(school)
    async with receiving(answering(BUSY)) as receiver:
        await vendors(school, headers, receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
    seen = [(await look(school, logged["id"], by))["log"][0] for by in (headers, school.world.headers())]
    assert [(one["status"], one["answer"]) for one in seen] == [(503, "busy"), (503, None)]


async def test_a_client_under_a_grant_sees_what_its_own_organisation_was_owed_and_nothing_of_others(school: Telling) -> None:
    headers = await granted(school)
    async with receiving(answering(OK)) as receiver:
        ours, _ = await school.subscribe(receiver.port)
        theirs = await vendors(school, headers, receiver.port)
        await school.decide()
        await school.deliver()
    ids = {d["subscription"]: d["id"] for d in await log(school)}
    assert ids.keys() == {ours, theirs}
    for asked in ({}, {"subscription": ours}, {"state": "delivered"}):
        answer = await school.world.http.get(school.world.path("/deliveries"), params=asked, headers=headers)
        assert [d["subscription"] for d in answer.json()["items"]] == ([] if "subscription" in asked else [theirs])
    looked = [await school.world.http.get(school.world.path(f"/deliveries/{ids[each]}"), headers=headers) for each in (ours, theirs)]
    assert [answer.status_code for answer in looked] == [404, 200]


async def test_why_somebody_is_not_told_is_for_their_school_alone(school: Telling) -> None:
    headers = await granted(school)
    facts = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
    async with receiving(answering(OK)) as receiver:
        await vendors(school, headers, receiver.port)
        await school.decide()
        restriction = {"information_restricted": True, "restriction_basis": "Order of the court"}
        await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts, **restriction)
        (logged,) = await school.deliver()
    answer = await school.world.http.get(school.world.path("/deliveries"), headers=headers)
    looked, again = await look(school, logged["id"], headers), (await resend(school, logged["id"], headers)).json()
    assert [each["reason"] for each in (*answer.json()["items"], looked, again)] == ["withheld"] * 3
    assert [each["reason"] for each in (logged, await look(school, logged["id"]))] == ["not_to_be_told"] * 2


async def test_of_very_many_attempts_the_newest_are_shown(school: Telling) -> None:
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
    lapsed = (
        "insert into delivery_attempt (school_id, delivery_id, attempt, at, outcome, duration_ms)"
        " select school_id, delivery_id, attempt + i, at, 'lapsed', 0 from delivery_attempt, generate_series(1, 3000) i where school_id=$1"
    )
    await run_sql_with(school.database, lapsed, school.world.school_id)
    proof = await school.proof(str(logged["notice"]))
    shown = (await log(school))[0], await look(school, logged["id"]), proof["deliveries"][0]  # type: ignore[index]
    assert [[each["attempt"] for each in one["log"]] for one in shown] == [[*range(2952, 3002)]] * 3  # type: ignore[attr-defined]


async def test_the_log_is_filtered_by_state_event_and_number(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        one, _ = await school.subscribe(receiver.port)
        two, _ = await school.subscribe(receiver.port)
        await school.decide()
        await school.deliver()
        await school.plan()
    assert [(d["subscription"], d["number"]) for d in await log(school, state="waiting")] == [(one, 2), (two, 2)]
    assert [(d["subscription"], d["number"]) for d in await log(school, from_number="1", to_number="1")] == [(one, 1), (two, 1)]
    assert [(d["subscription"], d["number"]) for d in await log(school, subscription=two, from_number="2")] == [(two, 2)]
    assert await log(school, event="obligation.overdue") == []
    assert len(await log(school, event="notice.ready")) == 4
    for params in ({"state": "lost"}, {"event": "pupil.changed"}, {"from_number": "0"}):
        assert (await school.world.get("/deliveries", **params)).status_code == 422
