"""Whoever waits for a ledger to move is woken by one look for all who wait, and by a slow one where the word was lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app import clock
from app.casework.lookout import Lookout
from app.db.embedded import DatabaseUrls
from app.db.feed import Place
from app.db.session import Sessions
from app.db.sweep import Sweep
from tests.db.builders import TestSchool, concern, make_school, pool_of, written

SOON_S = 2.0
WAITERS = 40


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
