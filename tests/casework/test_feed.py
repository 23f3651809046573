"""Whoever waits for the feed is woken by a commit, by one look for all who wait, and is told of nothing that was taken back meanwhile."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.casework.feed import PORTION, Moved, in_turn, shares_of
from app.casework.lookout import Lookout
from app.db.embedded import DatabaseUrls
from app.db.feed import Place
from app.db.session import Sessions
from app.db.sweep import Sweep
from tests.api.readers import Reader, add_reader, grant, numbers, revoke
from tests.api.world import World, add_school, running
from tests.db.builders import TestSchool, concern, make_school, pool_of, written

SOON_S = 2.0
WAITERS = 40
_urns = itertools.count(999_801)


@dataclass
class Watch:
    """Two schools whose ledgers can be looked at, and an ear that can be rung."""

    sessions: Sessions
    sweep: Sweep
    ear: asyncio.Event
    schools: tuple[TestSchool, ...]

    def known(self) -> dict:
        return {school.id: Place(1, 4) for school in self.schools}

    async def write(self, school: int = 0) -> None:
        await written(self.sessions, self.schools[school], concern())


@pytest.fixture
async def watch(database: DatabaseUrls) -> AsyncIterator[Watch]:
    async with pool_of(database.app) as pool, pool_of(database.sweep, 1) as sweeping:
        sessions = Sessions(pool)
        schools = tuple([await make_school(sessions) for _ in range(2)])
        yield Watch(sessions, Sweep(sweeping), asyncio.Event(), schools)


async def seconds_of(waiting) -> float:
    began = clock.monotonic()
    await waiting
    return clock.monotonic() - began


async def test_one_look_serves_all_who_wait_however_many_they_are(watch):
    lookout = Lookout(watch.sweep, watch.ear, look_s=60)
    waiting = [asyncio.create_task(lookout.until_moved(watch.known(), lookout.mark, 30)) for _ in range(WAITERS)]
    await asyncio.sleep(0.05)
    assert lookout.looks == 0
    await watch.write()
    watch.ear.set()
    await asyncio.wait_for(asyncio.gather(*waiting), SOON_S)
    assert lookout.looks == 1


async def test_who_waits_for_another_school_waits_on(watch):
    lookout = Lookout(watch.sweep, watch.ear, look_s=60)
    first, second = (school.id for school in watch.schools)
    of_second = asyncio.create_task(lookout.until_moved({second: Place(1, 4)}, lookout.mark, 30))
    of_first = asyncio.create_task(lookout.until_moved({first: Place(1, 4)}, lookout.mark, 30))
    await asyncio.sleep(0)
    await watch.write(0)
    watch.ear.set()
    await asyncio.wait_for(of_first, SOON_S)
    assert not of_second.done()
    await watch.write(1)
    watch.ear.set()
    await asyncio.wait_for(of_second, SOON_S)


async def test_a_wake_up_that_was_lost_is_made_good_by_a_slow_look(watch):
    lookout = Lookout(watch.sweep, watch.ear, look_s=0.2)
    waiting = asyncio.create_task(lookout.until_moved(watch.known(), lookout.mark, 30))
    await asyncio.sleep(0.05)
    await watch.write()
    await asyncio.wait_for(waiting, SOON_S)


async def test_a_ring_between_the_reading_and_the_waiting_is_not_missed(watch):
    lookout = Lookout(watch.sweep, watch.ear, look_s=60)
    other = asyncio.create_task(lookout.until_moved(watch.known(), lookout.mark, 30))
    mark = lookout.mark
    await asyncio.sleep(0)
    watch.ear.set()
    await asyncio.sleep(0.05)
    assert await seconds_of(lookout.until_moved(watch.known(), mark, 30)) < SOON_S
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)


async def test_nobody_looks_while_nobody_waits_and_the_next_to_wait_is_served(watch):
    lookout = Lookout(watch.sweep, watch.ear, look_s=60)
    assert await seconds_of(lookout.until_moved(watch.known(), lookout.mark, 0.1)) < SOON_S
    await watch.write()
    watch.ear.set()
    await asyncio.sleep(0.1)
    assert lookout.looks == 0
    assert await seconds_of(lookout.until_moved(watch.known(), lookout.mark, 30)) < SOON_S
    assert lookout.looks == 1


@dataclass
class Waiting:
    """A school over HTTP, and a reader that may wait."""

    world: World
    reader: Reader


@pytest.fixture
async def waiting(database: DatabaseUrls) -> AsyncIterator[Waiting]:
    async with running(database) as (app, http):
        world = await add_school(app, http, str(next(_urns)))
        yield Waiting(world, await add_reader(app, http))


async def test_a_long_poll_answers_soon_after_the_commit(waiting):
    await grant(waiting.world, waiting.reader)
    cursor = (await waiting.reader.page(start="now"))["next"]
    polls = [asyncio.create_task(waiting.reader.page(cursor=cursor, wait=30)) for _ in range(5)]
    await asyncio.sleep(0.3)
    assert not any(poll.done() for poll in polls)
    await waiting.world.pupil("F999999925001")
    for page in await asyncio.wait_for(asyncio.gather(*polls), SOON_S):
        assert len(numbers(page["items"], waiting.world)) == 1


async def test_a_wait_ends_with_an_empty_page_and_the_same_cursor(waiting):
    await grant(waiting.world, waiting.reader)
    cursor = (await waiting.reader.page(start="now"))["next"]
    began = clock.monotonic()
    page = await waiting.reader.page(cursor=cursor, wait=1)
    assert 1.0 <= clock.monotonic() - began < 1.0 + SOON_S
    assert (page["items"], page["next"], page["has_more"]) == ([], cursor, False)


async def test_what_is_revoked_while_somebody_waits_is_not_told(waiting):
    granted = await grant(waiting.world, waiting.reader)
    cursor = (await waiting.reader.page(start="now"))["next"]
    poll = asyncio.create_task(waiting.reader.page(cursor=cursor, wait=2))
    await asyncio.sleep(0.2)
    await revoke(waiting.world, granted)
    await waiting.world.pupil("F999999925001")
    assert (await poll)["items"] == []


@given(st.lists(st.integers(1, 500)), st.integers(1, 1000))
def test_a_page_is_shared_out_as_far_as_it_goes_and_nobody_gets_much_more_than_another(pending, limit):
    shares = shares_of(pending, limit)
    assert sum(shares) == min(limit, sum(pending))
    assert all(share <= there for share, there in zip(shares, pending, strict=True))
    unsated = [share for share, there in zip(shares, pending, strict=True) if share < there]
    assert not unsated or max(shares) - min(unsated) <= PORTION


def test_the_school_after_the_one_that_had_the_last_turn_is_the_next():
    moved = [Moved(urn, Place(1, 0), Place(1, 1)) for urn in ("999001", "999002", "999003")]
    assert [school.urn for school in in_turn(moved, "")] == ["999001", "999002", "999003"]
    assert [school.urn for school in in_turn(moved, "999002")] == ["999003", "999001", "999002"]
    assert [school.urn for school in in_turn(moved, "999003")] == ["999001", "999002", "999003"]
