"""A dead, a trickling and a flooded endpoint delay nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from app.db.deliveries import Claimed
from app.db.embedded import DatabaseUrls
from app.db.wake import Bell
from app.webhooks.delivering.dispatch import Dispatcher
from app.webhooks.delivering.room import AT_ONCE, FEWEST_PER_CLAIM, FIRST, MOST, MOST_PER_CLAIM, Room
from app.worker import Kind, keep_at
from tests.api.world import NOW, add_school
from tests.webhooks.receivers import Behaviour, answering, heard, receiving
from tests.webhooks.telling import Telling, run_sql_with, telling, until

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
FLOOD = 2_000


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


async def dead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await heard(reader)
    await reader.read()


async def trickling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await heard(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(1)


def taking_time(seconds: float) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await heard(reader)
            await asyncio.sleep(seconds)
            writer.write(OK)
            await writer.drain()

    return behave


async def flooded(school: Telling, subscription: str, count: int) -> None:
    """Owe an endpoint so many more events, about no pupil, so that none waits for another."""
    await run_sql_with(
        school.database,
        """
        insert into delivery
          (school_id, id, subscription_id, number, event, notice_id, state, attempts, tried_before, next_at, created_at)
        select d.school_id, gen_random_uuid(), d.subscription_id, d.number + g, d.event, d.notice_id, 'waiting', 0, 0, d.next_at,
               d.created_at
          from generate_series(1, $2::int) g
          cross join (select * from delivery where subscription_id = $1::uuid order by number desc limit 1) d
        """,
        subscription,
        count,
    )
    await run_sql_with(
        school.database, "update school_subscription set number = number + $2 where subscription_id = $1::uuid", subscription, count
    )


async def states(school: Telling, subscription: str) -> dict[str, int]:
    rows = await run_sql_with(
        school.database, "select state, count(*) from delivery where subscription_id = $1::uuid group by state", subscription
    )
    return {row[0]: row[1] for row in rows}


@asynccontextmanager
async def at_work(school: Telling) -> AsyncIterator[Dispatcher]:
    """A worker's loop over the test's own deliverer."""
    bell = Bell()
    dispatcher = school.dispatcher(bell.ring)
    loop = asyncio.create_task(keep_at(Kind(name="deliveries", turn=dispatcher.turn, poll_s=0.2), bell.ear()))
    try:
        yield dispatcher
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        for task in list(dispatcher._tasks):
            task.cancel()
        await dispatcher.finish()


async def test_a_healthy_endpoint_is_served_while_others_are_dead_trickle_and_are_flooded(school: Telling) -> None:
    async with (
        receiving(dead) as one,
        receiving(trickling) as two,
        receiving(taking_time(0.05)) as three,
        receiving(answering(OK)) as four,
    ):
        (deadly, _), (slowly, _), (flood, _) = [await school.subscribe(each.port) for each in (one, two, three)]
        for _ in range(6):
            await school.with_pupil()
            await school.decide()
        await flooded(school, flood, FLOOD)
        async with at_work(school):

            async def is_busy() -> bool:
                return (await states(school, flood)).get("delivered", 0) > 20 and one.connections == two.connections == FIRST

            await until(is_busy, 60)
            healthy, _ = await school.subscribe(four.port)
            for _ in range(3):
                await school.with_pupil()
                await school.decide()

            async def has_arrived() -> bool:
                return await states(school, healthy) == {"delivered": 3}

            await until(has_arrived, 60)
            assert (await states(school, flood))["waiting"] > FLOOD / 4
            for bad, receiver in ((deadly, one), (slowly, two)):
                assert await states(school, bad) == {"waiting": 9}
                assert receiver.connections == FIRST


async def has_had(school: Telling, subscription: str, count: int) -> bool:
    sent = "select count(*) from delivery where subscription_id = $1::uuid and school_id = $2 and state = 'delivered'"
    (row,) = await run_sql_with(school.database, sent, subscription, school.world.school_id)
    return bool(row[0] >= count)


async def put_off_elsewhere(school: Telling, subscription: str, elsewhere: UUID) -> None:
    """Let the endpoint fail, and something wait for it at another school that was tried and is put off."""
    failing = "update subscription set failures = 20, failing_since = $2, probe_at = $2 where id = $1::uuid"
    await run_sql_with(school.database, failing, subscription, NOW)
    waits = """
    insert into delivery (school_id, id, subscription_id, number, event, state, attempts, tried_before, next_at, created_at)
    select $2::uuid, gen_random_uuid(), $1::uuid, 1, 'notice.ready', 'waiting', 1, 0, now() + interval '1 day', now() returning id
    """
    (row,) = await run_sql_with(school.database, waits, subscription, elsewhere)
    tried = (
        "insert into delivery_attempt (school_id, delivery_id, attempt, at, outcome, duration_ms) values ($1, $2, 1, now(), 'timeout', 0)"
    )
    await run_sql_with(school.database, tried, elsewhere, row["id"])


async def test_letting_go_elsewhere_what_waited_for_endpoints_that_accept_again_holds_up_nobodys_record(school: Telling) -> None:
    """Somebody holds what waits there, and a lock is waited for five seconds."""
    elsewhere = (await add_school(school.world.app, school.world.http, "999598")).school_id
    async with receiving(answering(OK)) as one, receiving(answering(OK)) as two, receiving(answering(OK)) as three:
        well, _ = await school.subscribe(three.port)
        connection = await asyncpg.connect(school.database.superuser)
        async with connection.transaction(), at_work(school):
            for receiver in (one, two):
                back, _ = await school.subscribe(receiver.port)
                await put_off_elsewhere(school, back, elsewhere)
                await connection.execute("select from delivery where school_id = $1 for update", elsewhere)
                await (await school.with_pupil()).decide()
                await until(partial(has_had, school, back, 1))
            await (await school.with_pupil()).decide()
            await until(partial(has_had, school, well, 3), 3.0)
        await connection.close()


async def test_what_one_endpoint_is_owed_takes_no_place_in_a_claim_from_another(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        flood, _ = await school.subscribe(receiver.port)
        await school.with_pupil()
        await school.decide()
        await flooded(school, flood, 200)
        healthy, _ = await school.subscribe(receiver.port)
        await school.with_pupil()
        await school.decide()
        claimed = await school.deliverer.claim(school.world.school_id, {UUID(flood): 5, UUID(healthy): 5})
    assert sorted(str(each.subscription_id) for each in claimed) == sorted([flood] * 5 + [healthy])


def claimed(room: Room, subscription: UUID, count: int) -> None:
    for _ in range(count):
        room.enter(subscription, f"https://{subscription}.example/hook")


def known(room: Room, *numbers: int) -> list[UUID]:
    ids = [UUID(int=number) for number in numbers]
    room.learn({id_: f"https://{id_}.example/hook" for id_ in ids})
    return ids


def accepted(room: Room, subscription: UUID, count: int) -> None:
    claimed(room, subscription, count)
    for _ in range(count):
        room.leave(f"https://{subscription}.example/hook", accepted=True)


def test_a_host_begins_with_a_few_and_is_let_more_as_it_accepts():
    room = Room()
    (one,) = known(room, 1)
    assert room.shares([one], {}) == {one: FIRST}
    accepted(room, one, FIRST)
    assert room.shares([one], {}) == {one: 2 * FIRST}
    for _ in range(5):
        accepted(room, one, FIRST)
    accepted(room, one, MOST)
    assert room.shares([one], {}) == {one: min(MOST, MOST_PER_CLAIM)}


def test_a_host_that_fails_is_let_fewer_but_never_none():
    room = Room()
    (one,) = known(room, 1)
    for _ in range(20):
        claimed(room, one, 1)
        room.leave(f"https://{one}.example/hook", accepted=False)
    assert room.shares([one], {}) == {one: 1}


def test_hosts_that_have_not_accepted_anything_share_one_half():
    room = Room()
    ids = known(room, *range(1, 200))
    doubtful, proven = ids[:-1], ids[-1]
    accepted(room, proven, 1)
    for id_ in doubtful:
        for each, count in room.shares([id_], {}).items():
            claimed(room, each, count)
    assert room.inside == AT_ONCE // 2
    assert room.shares([proven], {}) == {proven: FIRST + 1}


def test_one_school_with_many_endpoints_is_given_no_more_places_than_there_are():
    room = Room()
    ids = known(room, *range(1, 200))
    assert sum(room.shares(ids, {}).values()) == AT_ONCE // 2


def test_subscriptions_of_one_host_share_its_places_and_schools_that_wait_have_a_share_each():
    room = Room()
    one, two = UUID(int=1), UUID(int=2)
    room.learn({one: "https://shared.example/a", two: "https://Shared.example/b"})
    assert room.shares([one, two], {}) == {one: FIRST, two: 1}
    for _ in range(4 * MOST):
        room.enter(one, "https://shared.example/a")
        room.leave("https://shared.example/a", accepted=True)
    assert room.shares([one, two], {"shared.example": 100}) == {one: FEWEST_PER_CLAIM, two: FEWEST_PER_CLAIM}


def test_an_address_has_a_place_of_its_own_however_slow_its_neighbours_at_the_host_are():
    room = Room()
    slow, good = [UUID(int=number) for number in range(1, 20)], UUID(int=20)
    room.learn({**{each: f"https://shared.example/{each}" for each in slow}, good: "https://shared.example/good"})
    for each, count in room.shares(slow, {}).items():
        for _ in range(count):
            room.enter(each, f"https://shared.example/{each}")
    assert room.inside == FIRST + len(slow) - 1
    assert room.shares([*slow, good], {}) == {good: 1}
    room.enter(good, "https://shared.example/good")
    assert room.shares([*slow, good], {}) == {}
    room.leave("https://shared.example/good", accepted=True)
    assert room.shares([*slow, good], {}) == {good: 1}


async def test_slow_addresses_of_others_at_one_host_delay_no_other_address_there(school: Telling) -> None:
    good: list[bytes] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            path, _, body = await heard(reader)
            if "/slow" in path:
                await asyncio.sleep(30)
            good.append(body)
            writer.write(OK)
            await writer.drain()

    async with receiving(behave) as receiver:
        made = [(await school.subscribe(receiver.port))[0] for _ in range(7)]
        for place, subscription in enumerate(made[:-1]):
            url = f"http://127.0.0.1:{receiver.port}/slow{place}"
            await run_sql_with(school.database, "update subscription set url = $2 where id = $1::uuid", subscription, url)
        for _ in range(10):
            await school.with_pupil()
            await school.decide()
        async with at_work(school):

            async def arrived() -> bool:
                return len(good) == 10

            await until(arrived, seconds=8)


def test_what_waits_is_claimed_in_handfuls_once_half_of_a_hosts_places_are_free():
    room = Room()
    (one,) = known(room, 1)
    claimed(room, one, FIRST)
    url = f"https://{one}.example/hook"
    assert room.leave(url, accepted=None) is False
    assert room.shares([one], {}) == {}
    assert room.leave(url, accepted=None) is True
    assert room.shares([one], {}) == {one: FIRST // 2}


def test_an_endpoint_that_moved_is_counted_at_its_new_host():
    room = Room()
    (one,) = known(room, 1)
    room.enter(one, "https://moved.example/hook")
    assert room.hosts[one] == "moved.example"
    assert room.unknown([one, UUID(int=9)]) == [UUID(int=9)]


async def test_a_dispatcher_that_is_told_to_end_leaves_nothing_under_way(school: Telling) -> None:
    async with receiving(taking_time(0.2)) as receiver:
        await school.subscribe(receiver.port)
        for _ in range(2):
            await school.with_pupil()
            await school.decide()
        dispatcher = school.dispatcher()
        assert await dispatcher.turn()
        await dispatcher.finish()
    assert [d["state"] for d in await school.deliveries()] == ["delivered"] * 2
    assert dispatcher.room.inside == 0


async def test_what_was_claimed_is_let_go_of_when_it_cannot_be_made_ready(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.with_pupil()
        await school.decide()
        dispatcher = school.dispatcher()
        found: list[Claimed] = await school.claim()
        await run_sql_with(school.database, "update delivery set attempts = attempts + 1 where school_id = $1", school.world.school_id)
        dispatcher._begin(found)
        await dispatcher.finish()
        assert receiver.connections == 0
    assert dispatcher.room.inside == 0
