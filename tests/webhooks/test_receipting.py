"""What a client says of what it leased: counted once, however often it says so, and not once somebody else has the item."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.db.embedded import DatabaseUrls
from app.webhooks.delivering.schedule import MOST_ATTEMPTS
from tests.webhooks.leasing import Taker, attempts, opened, own, states
from tests.webhooks.telling import Telling, run_sql_with, telling


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@pytest.fixture
def taker(school: Telling) -> Taker:
    return own(school.world)


async def test_a_late_receipt_counts_while_nobody_else_has_leased_the_item(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease(seconds=10)
    school.clock.ahead = timedelta(hours=3)
    assert await taker.receipt(item) == [("recorded", "delivered")]
    assert await taker.lease() == []


async def test_a_late_receipt_does_not_count_once_somebody_else_has_it(school: Telling, taker: Taker) -> None:
    colleague = await taker.colleague()
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease(seconds=10)
    school.clock.ahead = timedelta(seconds=11)
    (theirs,) = await colleague.lease()
    assert await taker.receipt(item) == [("conflict", "waiting")]
    assert await colleague.receipt(theirs) == [("recorded", "delivered")]
    assert await taker.receipt(item) == [("conflict", "delivered")]
    assert await attempts(school) == [["lapsed", "accepted"]]


async def test_a_refused_item_comes_again_after_the_waits_of_a_push(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    for wait in (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5)):
        (item,) = await taker.lease()
        assert await taker.receipt(item, outcome="refused", remark="queue full") == [("recorded", "waiting")]
        school.clock.ahead += wait - timedelta(seconds=1)
        assert await taker.lease() == []
        school.clock.ahead += timedelta(seconds=1)
    assert await attempts(school) == [["refused"] * 3]
    kept = await run_sql_with(school.database, "select answer from delivery_attempt where school_id = $1", school.world.school_id)
    assert {bytes(row["answer"]) for row in kept} == {b"queue full"}
    (notice,) = await school.notices()
    assert [e["kind"] for e in (await school.proof(notice["id"]))["events"]][-3:] == ["attempted"] * 3


async def test_an_item_refused_for_good_is_dead_and_releases_the_next(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await school.plan()
    (item,) = await taker.lease()
    assert await taker.receipt(item, outcome="refused_for_good") == [("recorded", "dead")]
    assert (await states(school))[0] == ("dead", "refused")
    assert [item["body"]["number"] for item in await taker.lease()] == [2]


async def test_refusals_end_after_twelve_attempts_and_75_hours(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    ends = []
    for _ in range(MOST_ATTEMPTS):
        (item,) = await taker.lease()
        ends += await taker.receipt(item, outcome="refused")
        school.clock.ahead += timedelta(hours=23)
    assert ends == [("recorded", "waiting")] * (MOST_ATTEMPTS - 1) + [("recorded", "dead")]
    assert await states(school) == [("dead", "exhausted")]


async def test_a_client_that_keeps_crashing_loses_nothing_within_75_hours(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    for attempt in range(1, MOST_ATTEMPTS + 4):
        assert [item["attempt"] for item in await taker.lease(seconds=10)] == [attempt]
        school.clock.ahead += timedelta(seconds=10)
    (item,) = await taker.lease(seconds=10)
    assert await taker.receipt(item, outcome="refused") == [("recorded", "waiting")]
    school.clock.ahead += timedelta(hours=75)
    assert await taker.lease() == []
    assert await states(school) == [("dead", "exhausted")]


async def test_receipts_are_safe_to_repeat_and_the_first_word_stands(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    assert await taker.receipt(item, outcome="refused") == [("recorded", "waiting")]
    assert await taker.receipt(item, item, outcome="refused") == [("recorded", "waiting")] * 2
    assert await taker.receipt(item, outcome="accepted") == [("conflict", "waiting")]
    school.clock.ahead = timedelta(minutes=1)
    (again,) = await taker.lease()
    assert await taker.receipt(again, again) == [("recorded", "delivered")] * 2
    assert await taker.receipt(again) == [("recorded", "delivered")]
    assert await attempts(school) == [["refused", "accepted"]]
    (notice,) = await school.notices()
    assert [e["kind"] for e in (await school.proof(notice["id"]))["events"]].count("announced") == 1


async def test_what_is_sent_again_is_leased_anew_and_an_old_receipt_does_not_end_it(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    await taker.receipt(item)
    again = await school.world.post(f"/deliveries/{item['delivery']}/resends", {})
    assert again.status_code == 202, again.text
    assert await taker.receipt(item) == [("recorded", "waiting")]
    (second,) = await taker.lease()
    assert (second["delivery"], second["body"]["number"], second["attempt"]) == (item["delivery"], 1, 2)
    assert await taker.receipt(item) == [("recorded", "waiting")]
    assert await taker.receipt(second) == [("recorded", "delivered")]


async def test_what_ended_while_it_was_leased_takes_no_receipt(school: Telling, taker: Taker) -> None:
    """As when the pupil is erased meanwhile, which empties the delivery and ends it."""
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    erased = "update delivery set state = 'withheld', reason = 'erased', pupil_id = null, notice_id = null where school_id = $1"
    await run_sql_with(school.database, erased, school.world.school_id)
    assert await taker.receipt(item) == [("conflict", "withheld")]
    assert await states(school) == [("withheld", "erased")]
