"""What the calendar alone makes worth telling: obligations that are due soon or overdue, owed a single time to each subscriber."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import UUID

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


async def subscribers(session: SchoolSession) -> list[UUID]:
    """List the subscriptions that hear of this school and wish to hear of its clocks."""
    return [row[0] for row in await session.connection.fetch(_SUBSCRIBERS, session.school_id, KINDS)]


async def crossed(session: SchoolSession, today: date, who: Sequence[str], *, since: date, soon: date) -> list[Crossed]:
    """List what is owed by some actors and unmet, due from `since` (inside) and gone by, or still open and due until `soon` (inside)."""
    rows = await session.connection.fetch(_CROSSED, session.school_id, today, who, since, soon)
    return [Crossed(**dict(row.items())) for row in rows]


async def told_on(session: SchoolSession, day: date) -> None:
    """Note the day of the school's own clock on which all that was due soon or overdue was told."""
    await session.connection.execute("update school set clocks_told_on = $2 where school_id = $1", session.school_id, day)
