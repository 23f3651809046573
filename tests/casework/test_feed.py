"""Whoever waits for the feed is told soon after a commit, of nothing that was taken back meanwhile, and pages are shared out fairly."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.casework.feed import PORTION, Moved, in_turn, shares_of
from app.db.embedded import DatabaseUrls
from app.db.feed import Place
from tests.api.readers import Reader, add_reader, grant, numbers, revoke
from tests.api.world import World, add_school, running

SOON_S = 2.0
_urns = itertools.count(999_801)


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
