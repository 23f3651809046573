"""The mailbox over HTTP: its limits, what is refused, and what nobody is told."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app import clock
from app.api.manners.budgets import MOST_WAITING
from app.db.embedded import DatabaseUrls
from app.db.scopes import SCOPES
from tests.api.world import token_for
from tests.webhooks.leasing import Taker, opened, own, receipt_of
from tests.webhooks.telling import Telling, telling

A_RECEIPT = {"school": "999999", "delivery": "01932b4e-5f00-7000-8000-0000000000e5", "attempt": 1, "outcome": "accepted"}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@pytest.fixture
def taker(school: Telling) -> Taker:
    return own(school.world)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"limit": 0}, "/limit"),
        ({"limit": 101}, "/limit"),
        ({"limit": "10"}, "/limit"),
        ({"limit": 1.5}, "/limit"),
        ({"seconds": 9}, "/seconds"),
        ({"seconds": 901}, "/seconds"),
        ({"wait": -1}, "/wait"),
        ({"wait": 31}, "/wait"),
        ({"subscription": "mine"}, "/subscription"),
        ({"schools": []}, "/schools"),
        ({"schools": ["99999"]}, "/schools/0"),
        ({"schools": ["999999"] * 101}, "/schools"),
        ({"schools": "999999"}, "/schools"),
        ({"dry_run": True}, "/dry_run"),
    ],
)
async def test_a_lease_outside_its_limits_is_refused_and_pointed_at(taker: Taker, asked: dict[str, object], pointer: str) -> None:
    answer = await taker.ask(**asked)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("asked", [{"limit": 1}, {"limit": 100}, {"seconds": 10}, {"seconds": 900}, {}])
async def test_a_lease_at_its_limits_is_given(taker: Taker, asked: dict[str, object]) -> None:
    assert await taker.look(**asked) == {"items": [], "waiting": 0, "waiting_since": None}


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"outcome": "lost"}, "/receipts/0/outcome"),
        ({"attempt": 0}, "/receipts/0/attempt"),
        ({"attempt": 2**31}, "/receipts/0/attempt"),
        ({"attempt": "1"}, "/receipts/0/attempt"),
        ({"delivery": "1"}, "/receipts/0/delivery"),
        ({"school": "nowhere"}, "/receipts/0/school"),
        ({"remark": "two\nlines"}, "/receipts/0/remark"),
        ({"remark": "x" * 201}, "/receipts/0/remark"),
        ({"body": {}}, "/receipts/0/body"),
    ],
)
async def test_a_receipt_that_does_not_fit_is_refused_and_pointed_at(taker: Taker, changed: dict[str, object], pointer: str) -> None:
    answer = await taker.send([{**A_RECEIPT, **changed}])
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("count", [0, 101])
async def test_receipts_come_one_to_a_hundred_at_once(taker: Taker, count: int) -> None:
    assert (await taker.send([A_RECEIPT] * count)).status_code == 422


async def test_each_receipt_is_answered_by_itself_and_in_its_place(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    unknown = {**receipt_of(item), "delivery": str(clock.new_id())}
    elsewhere = {**receipt_of(item), "school": "999001"}
    never = {**receipt_of(item), "attempt": 2}
    answer = await taker.send([unknown, elsewhere, never, receipt_of(item), *[A_RECEIPT] * 96])
    assert answer.status_code == 200
    told = answer.json()["items"]
    assert [one["result"] for one in told] == ["not_found"] * 3 + ["recorded"] + ["not_found"] * 96
    assert [one["delivery"] for one in told[:4]] == [unknown["delivery"], *[item["delivery"]] * 3]
    assert [one["state"] for one in told[:4]] == [None, None, None, "delivered"]


async def test_a_school_or_mailbox_that_is_not_there_gives_nothing_away(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    assert await taker.look(schools=["999001"]) == {"items": [], "waiting": 0, "waiting_since": None}
    assert (await taker.ask(subscription=str(clock.new_id()))).status_code == 404
    assert len(await taker.lease(schools=["999001", school.world.urn])) == 1


async def test_an_endpoint_is_no_mailbox(school: Telling, taker: Taker) -> None:
    endpoint, _ = await school.subscribe(8999)
    await school.decide()
    assert (await taker.ask(subscription=endpoint)).status_code == 404
    assert await taker.lease() == []


async def test_the_scope_is_asked_for_by_name(school: Telling, taker: Taker) -> None:
    taker.token = await token_for(taker.app, taker.client_id, frozenset(SCOPES) - {"mailbox:take"})
    for answer in (await taker.ask(), await taker.send([A_RECEIPT])):
        assert answer.status_code == 403
        assert "mailbox:take" in answer.headers["www-authenticate"]


async def test_a_client_has_so_many_requests_waiting_and_is_answered_at_once_beyond_that(school: Telling, taker: Taker) -> None:
    cursor = (await taker.http.get("/v1/changes?start=now", headers=taker.headers)).json()["next"]
    changes = {"params": {"cursor": cursor, "wait": "5"}, "headers": taker.headers}
    polls = [asyncio.create_task(taker.ask(wait=5)) for _ in range(MOST_WAITING - 1)]
    polls.append(asyncio.create_task(taker.http.get("/v1/changes", **changes)))
    while taker.app.state.budgets._waiting.total() < MOST_WAITING:
        await asyncio.sleep(0.01)
    beyond = [await taker.ask(wait=5), await taker.http.get("/v1/changes", **changes)]
    assert [(answer.status_code, answer.json()["type"]) for answer in beyond] == [(429, "/problems/too-many-requests")] * 2
    assert (await taker.ask()).status_code == 200
    assert {answer.status_code for answer in await asyncio.gather(*polls)} == {200}
    assert (await taker.ask(wait=1)).status_code == 200


async def test_no_key_is_needed_and_none_is_remembered(school: Telling, taker: Taker) -> None:
    """Decisions 18 and 20: leases and receipts are safe to repeat by what they are."""
    await opened(school, taker)
    await school.decide()
    key = {"Idempotency-Key": "the-same"}
    answers = [await taker.http.post("/v1/mailbox/lease", json={}, headers={**taker.headers, **key}) for _ in range(2)]
    assert [len(answer.json()["items"]) for answer in answers] == [1, 0]
