"""An endpoint that fails is left alone but for probes, its owner is told, and nothing that waits for it is lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from app.db.embedded import DatabaseUrls
from app.webhooks.delivering.circuit import DISABLED_AFTER, OPENS_AFTER
from app.webhooks.delivering.schedule import MOST_ATTEMPTS, WAITS
from tests.api.world import NOW
from tests.webhooks.receivers import Behaviour, answering, heard, receiving
from tests.webhooks.telling import Telling, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


def answering_now(says: list[bytes]) -> Behaviour:
    """Answer with what is the last of these at the moment, over one connection and the next."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await heard(reader)
            writer.write(says[-1])
            await writer.drain()

    return behave


async def decided(school: Telling, pupils: int) -> None:
    """Owe each endpoint word of so many pupils."""
    for _ in range(pupils):
        await school.with_pupil()
        await school.decide()


async def endpoint(school: Telling, subscription: str) -> asyncpg.Record:
    (row,) = await run_sql_with(
        school.database, "select state, failures, failing_since, probe_at, xmin::text from subscription where id = $1::uuid", subscription
    )
    return row


async def deliveries_of(school: Telling, subscription: str) -> list[asyncpg.Record]:
    return await run_sql_with(
        school.database,
        "select event, state, attempts, tried_before, reason, disabled_id from delivery where subscription_id = $1::uuid order by number",
        subscription,
    )


async def long_failing(school: Telling, subscription: str) -> None:
    """As if the endpoint had failed for so long that the next probe disables it."""
    await run_sql_with(
        school.database,
        "update subscription set failures = 20, failing_since = $2, probe_at = $3 where id = $1::uuid",
        subscription,
        NOW - DISABLED_AFTER,
        NOW,
    )


async def test_an_endpoint_that_fails_eight_times_is_left_alone_but_for_one_probe_at_a_time(school: Telling) -> None:
    async with receiving(answering(BUSY)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await decided(school, 12)
        for claimed in await school.claim(limit=OPENS_AFTER):
            await school.deliverer.deliver(claimed)
        assert await school.claim() == []
        school.clock.ahead = timedelta(seconds=9)
        assert await school.claim() == []
        school.clock.ahead = timedelta(seconds=10)
        both = await asyncio.gather(school.claim(), school.claim())
        (probe,) = [claimed for found in both for claimed in found]
        assert probe.is_probe
        await school.deliverer.deliver(probe)
        assert (await endpoint(school, subscription))["probe_at"] == NOW + timedelta(seconds=30)
        assert await school.claim() == []
    assert sorted(d["attempts"] for d in await school.deliveries()) == [0] * 3 + [1] * 9


async def test_a_probe_whose_worker_died_is_followed_by_another(school: Telling) -> None:
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await decided(school, OPENS_AFTER)
        await school.deliver()
        school.clock.ahead = timedelta(seconds=10)
        assert len(await school.claim()) == 1
        school.clock.ahead = timedelta(seconds=69)
        assert await school.claim() == []
        school.clock.ahead = timedelta(seconds=70)
        assert len(await school.claim()) == 1


async def test_an_accepted_probe_lets_everything_go_that_waits(school: Telling) -> None:
    async with receiving(answering_now(says := [BUSY])) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await decided(school, OPENS_AFTER)
        await school.deliver()
        await run_sql_with(
            school.database,
            "update delivery set next_at = $2 where school_id = $1 and number > 1",
            school.world.school_id,
            NOW.replace(day=9),
        )
        says.append(OK)
        school.clock.ahead = timedelta(seconds=10)
        assert [d["state"] for d in await school.deliver()].count("delivered") == 1
        assert [d["state"] for d in await school.deliver()] == ["delivered"] * OPENS_AFTER
    row = await endpoint(school, subscription)
    assert (row["state"], row["failures"], row["failing_since"], row["probe_at"]) == ("active", 0, None, None)


async def test_what_a_healthy_endpoint_accepts_writes_nothing_on_its_subscription(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        before = await endpoint(school, subscription)
        await decided(school, 3)
        assert [d["state"] for d in await school.deliver()] == ["delivered"] * 3
    assert tuple(await endpoint(school, subscription)) == tuple(before)


async def mailbox_of_the_same(school: Telling) -> str:
    headers = school.world.headers()
    answer = await school.world.http.post(
        "/v1/subscriptions", json={"kind": "mailbox", "events": ["subscription.disabled", "notice.ready"]}, headers=headers
    )
    assert answer.status_code == 201, answer.text
    assert await school.attach(answer.json()["id"], "thin") == 200
    return str(answer.json()["id"])


async def test_after_long_failure_an_endpoint_is_disabled_and_its_owner_told_in_the_mailbox(school: Telling) -> None:
    async with receiving(answering(BUSY)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        other, _ = await school.subscribe(receiver.port)
        listens = "update subscription set events = '{notice.ready,subscription.disabled}' where id = $1::uuid"
        await run_sql_with(school.database, listens, subscription)
        mailbox = await mailbox_of_the_same(school)
        await decided(school, 1)
        await long_failing(school, subscription)
        await school.deliver()
    assert (await endpoint(school, subscription))["state"] == "disabled"
    told = [row for row in await deliveries_of(school, mailbox) if row["event"] == "subscription.disabled"]
    assert [(row["state"], str(row["disabled_id"])) for row in told] == [("waiting", subscription)]
    assert [row["event"] for row in await deliveries_of(school, subscription)] == ["notice.ready"]
    assert [row["event"] for row in await deliveries_of(school, other)] == ["notice.ready"]


async def test_a_disabled_endpoint_is_probed_each_hour_and_nothing_it_misses_is_counted_or_lost(school: Telling) -> None:
    async with receiving(answering_now(says := [BUSY])) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await decided(school, 2)
        await long_failing(school, subscription)
        hours = 2 * MOST_ATTEMPTS + 3
        for hour in range(hours):
            school.clock.ahead = timedelta(hours=hour)
            await school.deliver()
            assert await school.claim() == []
        rows = await deliveries_of(school, subscription)
        assert sum(row["attempts"] for row in rows) == hours
        assert {(row["state"], row["attempts"] - row["tried_before"]) for row in rows} == {("waiting", 0)}
        says.append(OK)
        school.clock.ahead = timedelta(hours=hours)
        await school.deliver()
        assert (await endpoint(school, subscription))["state"] == "active"
        await school.deliver()
    assert [row["state"] for row in await deliveries_of(school, subscription)] == ["delivered"] * 2


@pytest.mark.parametrize("state", ["paused", "disabled"])
async def test_what_was_claimed_before_the_endpoint_stopped_is_put_back_uncounted(school: Telling, state: str) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await decided(school, 2)
        claimed = await school.claim()
        await run_sql_with(school.database, "update subscription set state = $2 where id = $1::uuid", subscription, state)
        for each in claimed:
            await school.deliverer.deliver(each)
        assert receiver.connections == 0
        assert {(r["state"], r["attempts"] - r["tried_before"]) for r in await deliveries_of(school, subscription)} == {("waiting", 0)}
        await run_sql_with(school.database, "update subscription set state = 'active' where id = $1::uuid", subscription)
        assert [d["state"] for d in await school.deliver()] == ["delivered"] * 2


async def test_what_was_claimed_for_an_address_that_was_changed_since_goes_to_the_new_one(school: Telling) -> None:
    async with receiving(answering(OK)) as old, receiving(answering(OK)) as new:
        subscription, _ = await school.subscribe(old.port)
        await decided(school, 1)
        (claimed,) = await school.claim()
        url = f"http://127.0.0.1:{new.port}/hook"
        await run_sql_with(school.database, "update subscription set url = $2 where id = $1::uuid", subscription, url)
        await school.deliverer.deliver(claimed)
        assert [d["state"] for d in await school.deliver()] == ["delivered"]
        assert (old.connections, new.connections) == (0, 1)


def refusing(number: int) -> Behaviour:
    """Refuse the one event with this number for ever, and accept all others."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            _, _, body = await heard(reader)
            writer.write(BUSY if json.loads(body)["number"] == number else OK)
            await writer.drain()

    return behave


async def test_one_event_that_always_fails_dies_by_its_own_schedule_and_holds_up_nobody_for_long(school: Telling) -> None:
    async with receiving(refusing(1)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await decided(school, 1)
        for attempt, wait in enumerate((*WAITS, timedelta()), start=1):
            await school.deliver()
            await decided(school, 1)
            school.clock.ahead += timedelta(seconds=1)
            for _ in range(3):
                await school.deliver()
            rows = await deliveries_of(school, subscription)
            assert [row["state"] for row in rows[1:]] == ["delivered"] * attempt
            assert rows[0]["attempts"] == attempt
            school.clock.ahead += wait * 1.1
    assert (rows[0]["state"], rows[0]["reason"]) == ("dead", "exhausted")
    assert (await endpoint(school, subscription))["probe_at"] is None


async def test_one_event_that_fails_alone_opens_the_circuit_for_no_longer_than_to_the_next_event(school: Telling) -> None:
    async with receiving(refusing(1)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await decided(school, 1)
        for wait in WAITS[: OPENS_AFTER - 1]:
            await school.deliver()
            school.clock.ahead += wait * 1.1
        await school.deliver()
        assert (await endpoint(school, subscription))["probe_at"] is not None
        school.clock.ahead += timedelta(hours=1)
        await decided(school, 2)
        await school.deliver()
        await school.deliver()
        assert [row["state"] for row in await deliveries_of(school, subscription)] == ["waiting", "delivered", "delivered"]


async def test_a_fault_of_ours_is_no_failure_of_the_endpoint(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await run_sql_with(school.database, "update subscription set sealed_secrets = 'nonsense' where id = $1::uuid", subscription)
        before = await endpoint(school, subscription)
        await decided(school, OPENS_AFTER)
        await school.deliver()
        assert {d["log"][0]["outcome"] for d in await school.deliveries()} == {"fault"}
    assert tuple(await endpoint(school, subscription)) == tuple(before)


async def test_one_that_its_owner_sets_active_again_is_tried_at_once_and_then_everything_goes(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await decided(school, 2)
        await long_failing(school, subscription)
        await run_sql_with(
            school.database,
            "update subscription set state = 'disabled', probe_at = $2 where id = $1::uuid",
            subscription,
            NOW.replace(day=9),
        )
        assert await school.claim() == []
        headers = school.world.headers(**{"If-Match": "*"})
        answer = await school.world.http.patch(f"/v1/subscriptions/{subscription}", json={"state": "active"}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert sorted(d["state"] for d in await school.deliver()) == ["delivered", "waiting"]
        assert [d["state"] for d in await school.deliver()] == ["delivered"] * 2
