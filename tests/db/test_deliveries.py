"""What is owed to several subscriptions at once, when others owe to the same at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.db import deliveries, subscriptions
from app.db.deliveries import NOTICE_READY, Event
from app.db.embedded import DatabaseUrls
from app.db.session import Sessions
from app.db.subscriptions import Subscription
from tests.db.builders import MOMENT, TestSchool, make_school, pool_of

EVENT = Event(event=NOTICE_READY)
_HELD = "select from school_subscription where subscription_id = $1 for update"
_IS_WAITED_FOR = "select exists (select from pg_locks where not granted)"


def a_mailbox(id_: UUID, school: TestSchool) -> Subscription:
    organisation, events = school.organisation, (NOTICE_READY,)
    return Subscription(id=id_, organisation_id=organisation, url=None, events=events, state="active", created_at=MOMENT, kind="mailbox")


async def two_mailboxes(sessions: Sessions, school: TestSchool) -> list[UUID]:
    """Two that hear of the school, in the order of their ids; the first lies behind the second in the table."""
    both = [a_mailbox(clock.new_id(), school) for _ in range(2)]
    async with sessions.for_school(school.id) as session:
        for each in both:
            await subscriptions.insert(session, each, None)
            await subscriptions.attach(session, each, words="thin", chosen_by=None)
        await subscriptions.attach(session, both[0], words="thin", chosen_by=school.staff)
    return [each.id for each in both]


@asynccontextmanager
async def held(database: DatabaseUrls, subscription: UUID) -> AsyncIterator[None]:
    """Hold one counter in another transaction."""
    connection = await asyncpg.connect(database.superuser)
    async with connection.transaction():
        await connection.execute(_HELD, subscription)
        yield
    await connection.close()


async def owe(sessions: Sessions, school: TestSchool) -> None:
    async with sessions.for_school(school.id) as session:
        assert await deliveries.owe(session, [EVENT], new_id=clock.new_id, now=MOMENT) == 2


async def test_whoever_waits_for_one_counter_holds_none_that_comes_after_it(database: DatabaseUrls) -> None:
    """Otherwise two who owe to the same subscriptions could each hold what the other waits for."""
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        school = await make_school(sessions)
        first, second = await two_mailboxes(sessions, school)
        looking = await asyncpg.connect(database.superuser)
        await looking.execute("analyze school_subscription, subscription")
        async with held(database, first):
            owing = asyncio.create_task(owe(sessions, school))
            async with asyncio.timeout(10):
                while not await looking.fetchval(_IS_WAITED_FOR):
                    await asyncio.sleep(0.01)
            try:
                await looking.execute(f"{_HELD} nowait", second)
            except asyncpg.LockNotAvailableError:
                pytest.fail("the second counter is held already")
        await owing
        await looking.close()
        async with sessions.for_school(school.id) as session:
            assert [each.number for each in await subscriptions.attached(session)] == [1, 1]
