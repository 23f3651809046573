"""The proof of a notice when several write to it at once."""

import asyncio
from datetime import date

from app import clock
from app.db import notices
from app.db.embedded import DatabaseUrls
from app.db.session import Sessions
from app.domain.entries import Matter
from app.domain.notice_ledger import Happening
from app.domain.notices import NoticeOwed
from app.domain.people import Person, PersonKind
from app.domain.rules.children_and_families_act_2014 import INFORM_PARENTS_OF_SEN_PROVISION
from tests.db.builders import MOMENT, make_school, pool_of

AT_ONCE = 8


async def test_events_that_happen_at_once_take_places_one_after_another(database: DatabaseUrls) -> None:
    async with pool_of(database.app, size=AT_ONCE) as pool:
        sessions = Sessions(pool)
        school = await make_school(sessions)
        owed = NoticeOwed(
            matter=Matter.SEN_PROVISION,
            about=4,
            person=Person(clock.new_id(), PersonKind.CONTACT),
            rule=INFORM_PARENTS_OF_SEN_PROVISION,
            due=date(2026, 3, 9),
            stage="decision",
        )
        async with sessions.for_school(school.id) as session:
            (notice,) = await notices.compose(session, [owed], school.pupils[0], new_id=clock.new_id, now=MOMENT)

        async def announce() -> None:
            async with sessions.for_school(school.id) as session:
                await notices.happened(session, notice, Happening.ANNOUNCED, at=MOMENT)
                await asyncio.sleep(0.01)

        await asyncio.gather(*(announce() for _ in range(AT_ONCE)))
        async with sessions.for_school(school.id) as session:
            events = await notices.events_of(session, notice)
    assert [event.sequence for event in events] == list(range(1, AT_ONCE + 2))
    assert [event.kind for event in events] == ["composed", *["announced"] * AT_ONCE]
