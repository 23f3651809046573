"""Who is given what out of a mailbox: by grants, scopes and sides, and each school its share."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from app import clock
from app.db.deliveries import OBLIGATION_OVERDUE, Event, owe
from app.db.embedded import DatabaseUrls
from app.webhooks.delivering.preparing import WITHHELD
from tests.webhooks.leasing import Taker, another, attempts, grant, opened, own, receipt_of, revoke, states, vendor, with_pupils
from tests.webhooks.telling import Telling, run_sql_with, telling


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@pytest.fixture
def taker(school: Telling) -> Taker:
    return own(school.world)


async def test_a_client_revoked_after_its_lease_gets_and_says_nothing_more(school: Telling, taker: Taker) -> None:
    colleague = await taker.colleague()
    await opened(school, taker)
    await school.decide()
    (item,) = await colleague.lease(seconds=10)
    await run_sql_with(school.database, "update client set revoked_at = now() where id = $1", colleague.client_id)
    assert (await colleague.ask()).status_code == 401
    assert (await colleague.send([receipt_of(item)])).status_code == 401
    school.clock.ahead = timedelta(seconds=10)
    assert [again["delivery"] for again in await taker.lease()] == [item["delivery"]]


async def test_a_scope_taken_away_is_missed_at_once(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await run_sql_with(school.database, "update client set scopes = '{notices:deliver}' where id = $1", taker.client_id)
    assert (await taker.ask()).status_code == 403


async def test_what_a_grant_opened_is_closed_with_it_and_the_other_school_goes_on(school: Telling) -> None:
    other, clients = await another(school), await vendor(school.world)
    mailbox = await clients.mailbox("notice.ready")
    given = [await grant(place.world, clients) for place in (school, other)]
    for place in (school, other):
        assert await place.attach(mailbox, "full") == 200
        await place.decide()
        await place.plan()
    both = await clients.lease()
    assert {item["school"] for item in both} == {school.world.urn, other.world.urn}
    await revoke(school.world, given[0])
    assert await clients.receipt(*both) == [("recorded", "delivered")] * 2, "what was leased has arrived"
    left = await clients.look()
    assert ([item["school"] for item in left["items"]], left["waiting"]) == ([other.world.urn], 0)
    assert await states(school) == [("delivered", None), ("waiting", None)]


async def test_a_client_without_the_schools_grant_leaves_the_items_to_one_that_has_it(school: Telling) -> None:
    granted = await vendor(school.world)
    ungranted = await granted.colleague()
    await grant(school.world, granted)
    await grant(school.world, ungranted, "records:read")
    await opened(school, granted)
    await school.decide()
    assert await ungranted.look() == {"items": [], "waiting": 0, "waiting_since": None}
    assert await attempts(school) == [[]]
    assert len(await granted.lease()) == 1


async def owe_an_obligation(school: Telling) -> None:
    """Owe word of an obligation that is not there, so that the bare number comes of it."""
    state = school.world.app.state
    async with state.sessions.for_school(school.world.school_id) as session:
        event = Event(event=OBLIGATION_OVERDUE, pupil_id=UUID(school.pupil), obligation_id=clock.new_id())
        await owe(session, [event], new_id=clock.new_id, now=school.clock())


async def test_what_needs_a_scope_that_a_colleague_has_waits_for_that_one(school: Telling) -> None:
    messenger = await vendor(school.world)
    planner = await messenger.colleague()
    await grant(school.world, messenger, "notices:deliver")
    given = await grant(school.world, planner, "obligations:read")
    await opened(school, messenger, "notice.ready", "obligation.overdue")
    await owe_an_obligation(school)
    await with_pupils(school, 1)
    for client, number in ((messenger, 2), (planner, 1)):
        items = await client.lease(seconds=10)
        assert [item["body"]["number"] for item in items] == [number]
    school.clock.ahead = timedelta(seconds=10)
    await revoke(school.world, given)
    assert await planner.lease() == []
    told = {item["body"]["number"]: item["body"]["type"] for item in await messenger.lease()}
    assert told == {1: WITHHELD, 2: "notice.ready"}, "where nobody may be told, the number still leaves no gap"


async def test_a_mailbox_that_another_organisation_opened_is_nobody_elses(school: Telling, taker: Taker) -> None:
    clients = await vendor(school.world)
    await grant(school.world, clients)
    mailbox = await opened(school, taker)
    await school.decide()
    assert await clients.lease() == []
    assert (await clients.ask(subscription=mailbox)).status_code == 404
    (item,) = await taker.lease()
    assert await clients.receipt(item) == [("not_found", None)]


async def paused(school: Telling, mailbox: str) -> None:
    await run_sql_with(school.database, "update subscription set state = 'paused' where id = $1", UUID(mailbox))


async def disabled(school: Telling, mailbox: str) -> None:
    await run_sql_with(school.database, "update subscription set state = 'disabled' where id = $1", UUID(mailbox))


@pytest.mark.parametrize("rest", [paused, disabled])
async def test_a_mailbox_at_rest_gives_nothing_and_keeps_all(
    school: Telling, taker: Taker, rest: Callable[[Telling, str], Awaitable[None]]
) -> None:
    mailbox = await opened(school, taker)
    await school.decide()
    await rest(school, mailbox)
    assert await taker.lease() == await taker.lease(subscription=mailbox) == []
    assert await states(school) == [("waiting", None)]
    await run_sql_with(school.database, "update subscription set state = 'active' where id = $1", UUID(mailbox))
    assert len(await taker.lease()) == 1


async def test_what_waits_in_a_mailbox_that_ended_is_withheld(school: Telling, taker: Taker) -> None:
    mailbox = await opened(school, taker)
    await school.decide()
    await run_sql_with(school.database, "update subscription set state = 'ended' where id = $1", UUID(mailbox))
    assert await taker.lease() == []
    assert (await taker.ask(subscription=mailbox)).status_code == 404
    await school.deliver()
    assert await states(school) == [("withheld", "subscription_not_active")]


async def test_sandbox_and_live_never_meet(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await run_sql_with(school.database, "update directory set is_sandbox = false where school_id = $1", school.world.school_id)
    assert await taker.look() == {"items": [], "waiting": 0, "waiting_since": None}
    await run_sql_with(school.database, "update directory set is_sandbox = true where school_id = $1", school.world.school_id)
    assert len(await taker.lease()) == 1


async def test_each_school_has_its_share(school: Telling) -> None:
    clients = await vendor(school.world)
    mailbox = await clients.mailbox("notice.ready")
    places = [school, await another(school), await another(school)]
    for place, count in zip(places, (5, 1, 4), strict=True):
        await grant(place.world, clients)
        assert await place.attach(mailbox, "thin") == 200
        await with_pupils(place, count)
    first = await clients.look(limit=6)
    assert sorted(Counter(item["school"] for item in first["items"]).values()) == [1, 2, 3]
    assert first["waiting"] == 4
    assert first["waiting_since"] is not None
    some = {(await clients.lease(limit=1, schools=[place.world.urn]))[0]["school"] for place in (places[0], places[2])}
    assert some == {places[0].world.urn, places[2].world.urn}


async def test_no_school_is_always_the_first(school: Telling) -> None:
    clients = await vendor(school.world)
    mailbox = await clients.mailbox("notice.ready")
    places = [school, await another(school), await another(school)]
    for place in places:
        await grant(place.world, clients)
        assert await place.attach(mailbox, "thin") == 200
        await place.decide()
    firsts = set()
    for _ in range(60):
        (item,) = await clients.lease(limit=1, seconds=10)
        firsts.add(item["school"])
        school.clock.ahead += timedelta(seconds=10)
    assert firsts == {place.world.urn for place in places}
