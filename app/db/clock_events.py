"""What the calendar alone makes worth telling: obligations that are due soon or overdue, owed a single time to each subscriber."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.db import deliveries
from app.db.deliveries import OBLIGATION_DUE_SOON, OBLIGATION_OVERDUE, Event
from app.db.obligations import STATE
from app.db.session import SchoolSession

KINDS: Final = (OBLIGATION_DUE_SOON, OBLIGATION_OVERDUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """An obligation whose last day is near, or has gone by, without its being met."""

    id: UUID
    pupil_id: UUID | None
    person_id: UUID | None
    rule: str
    occasion: str
    due: date
    event: str

    @property
    def once(self) -> str:
        """Name what is told a single time: this duty, on this occasion, with this last day; the words in it cannot be read back."""
        told = (self.pupil_id, self.rule, self.person_id, self.occasion, self.event, self.due)
        return sha256("\n".join(map(str, told)).encode()).hexdigest()

    @property
    def told(self) -> Event:
        """What is owed of it."""
        return Event(event=self.event, pupil_id=self.pupil_id, obligation_id=self.id, due=self.due, once=self.once)


# The list's own index is asked by the day that it sorts on; whoever has no last day is left out after that.
_CROSSED: Final = f"""
select id, pupil_id, person_id, rule, occasion, due,
       case when due < $2 then '{OBLIGATION_OVERDUE}' else '{OBLIGATION_DUE_SOON}' end as event
  from (select *, {STATE} as state from obligation
         where school_id = $1 and known_until is null and due is not null and who = any($3::text[])
           and coalesce(due, arises_on) between $4 and $5) as standing
 where state = 'broken' and due < $2 or state = 'due' and due >= $2
 order by due, id
"""  # noqa: S608
_SUBSCRIBERS: Final = """
select ss.subscription_id from school_subscription ss join subscription s on s.id = ss.subscription_id
 where ss.school_id = $1 and s.state <> 'ended' and s.events && $2::text[] order by 1
"""
_WANTED: Final = "select events from subscription where id = $1 and state <> 'ended'"
_TOLD: Final = "select once from delivery where school_id = $1 and subscription_id = $2 and once = any($3::text[])"
_ON_FILE: Final = "select id from pupil where school_id = $1 and id = any($2::uuid[]) and erased_by is null order by id for key share"
_COUNTER: Final = "select number from school_subscription where school_id = $1 and subscription_id = $2 for update"
_COUNT_ON: Final = "update school_subscription set number = $3 where school_id = $1 and subscription_id = $2"


async def subscribers(session: SchoolSession) -> list[UUID]:
    """List the subscriptions that hear of this school and wish to hear of its clocks."""
    return [row[0] for row in await session.connection.fetch(_SUBSCRIBERS, session.school_id, KINDS)]


async def crossed(session: SchoolSession, today: date, who: Sequence[str], *, since: date, soon: date) -> list[Crossed]:
    """List what is owed by some actors and unmet, due from `since` (inside) and gone by, or still open and due until `soon` (inside)."""
    rows = await session.connection.fetch(_CROSSED, session.school_id, today, who, since, soon)
    return [Crossed(**dict(row.items())) for row in rows]


async def owe_once(
    session: SchoolSession, subscription_id: UUID, events: Sequence[Crossed], *, new_id: Callable[[], UUID], now: datetime
) -> int:
    """Owe a subscription those of the events that it wishes for and was never told, in their order; tells how many.

    Who counts holds the counter until the transaction ends, so nothing is owed twice and no number is spent on what was told before.
    """
    wanted = await session.connection.fetchval(_WANTED, subscription_id) or ()
    new = await _untold(session, subscription_id, [event for event in events if event.event in wanted])
    new = await _of_pupils_on_file(session, new)
    if not new:
        return 0
    number = await session.connection.fetchval(_COUNTER, session.school_id, subscription_id)
    new = await _untold(session, subscription_id, new) if number is not None else []
    numbered = [(subscription_id, number + place, event.told) for place, event in enumerate(new, start=1)]
    await deliveries.write(session, numbered, new_id=new_id, now=now)
    if numbered:
        await session.connection.execute(_COUNT_ON, session.school_id, subscription_id, number + len(numbered))
    return len(numbered)


async def _untold(session: SchoolSession, subscription_id: UUID, events: Sequence[Crossed]) -> list[Crossed]:
    names = {event.once: event for event in events}
    told = {row[0] for row in await session.connection.fetch(_TOLD, session.school_id, subscription_id, list(names))}
    return [event for name, event in names.items() if name not in told]


async def _of_pupils_on_file(session: SchoolSession, events: Sequence[Crossed]) -> list[Crossed]:
    """Leave out pupils who were erased meanwhile, and let nobody erase the others before this is written."""
    pupils = {event.pupil_id for event in events if event.pupil_id is not None}
    found = {row[0] for row in await session.connection.fetch(_ON_FILE, session.school_id, list(pupils))} if pupils else set()
    return [event for event in events if event.pupil_id is None or event.pupil_id in found]


async def told_on(session: SchoolSession, day: date) -> None:
    """Note the day of the school's own clock on which all that was due soon or overdue was told."""
    await session.connection.execute("update school set clocks_told_on = $2 where school_id = $1", session.school_id, day)
