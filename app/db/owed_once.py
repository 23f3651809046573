"""What is owed to one subscription a single time: the names of what it was told are kept with the deliveries."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db import deliveries
from app.db.deliveries import Event
from app.db.session import SchoolSession

_WANTED: Final = "select events from subscription where id = $1 and state <> 'ended'"
_TOLD: Final = "select once from delivery where school_id = $1 and subscription_id = $2 and once = any($3::text[])"
_ON_FILE: Final = "select id from pupil where school_id = $1 and id = any($2::uuid[]) and erased_by is null order by id for key share"
_COUNTER: Final = "select number from school_subscription where school_id = $1 and subscription_id = $2 for update"
_COUNT_ON: Final = "update school_subscription set number = $3 where school_id = $1 and subscription_id = $2"


async def owe_once(
    session: SchoolSession, subscription_id: UUID, events: Sequence[Event], *, new_id: Callable[[], UUID], now: datetime
) -> int:
    """Owe a subscription those of the events, each with its name, that it wishes for and was never told, in their order; tells how many.

    Who counts holds the counter until the transaction ends, so nothing is owed twice and no number is spent on what was told before.
    """
    wanted = await session.connection.fetchval(_WANTED, subscription_id) or ()
    new = await _untold(session, subscription_id, [event for event in events if event.event in wanted])
    new = await _of_pupils_on_file(session, new)
    if not new:
        return 0
    number = await session.connection.fetchval(_COUNTER, session.school_id, subscription_id)
    new = await _untold(session, subscription_id, new) if number is not None else []
    numbered = [(subscription_id, number + place, event) for place, event in enumerate(new, start=1)]
    await deliveries.write(session, numbered, new_id=new_id, now=now)
    if numbered:
        await session.connection.execute(_COUNT_ON, session.school_id, subscription_id, number + len(numbered))
    return len(numbered)


async def _untold(session: SchoolSession, subscription_id: UUID, events: Sequence[Event]) -> list[Event]:
    names = {event.once: event for event in events}
    told = {row[0] for row in await session.connection.fetch(_TOLD, session.school_id, subscription_id, list(names))}
    return [event for name, event in names.items() if name not in told]


async def _of_pupils_on_file(session: SchoolSession, events: Sequence[Event]) -> list[Event]:
    """Leave out pupils who were erased meanwhile, and let nobody erase the others before this is written."""
    pupils = {event.pupil_id for event in events if event.pupil_id is not None}
    found = {row[0] for row in await session.connection.fetch(_ON_FILE, session.school_id, list(pupils))} if pupils else set()
    return [event for event in events if event.pupil_id is None or event.pupil_id in found]
