"""Deliveries: what is owed to the endpoints of others, written in the transaction that makes it owed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.session import SchoolSession

NOTICE_READY = "notice.ready"
EVIDENCE_READY = "evidence.ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that subscribers hear of; ids only, and only those the event is about."""

    event: str
    pupil_id: UUID
    notice_id: UUID | None = None
    request_id: UUID | None = None
    bundle_id: UUID | None = None


_NUMBERS = """
update school_subscription ss set number = ss.number + $3
  from subscription s
 where ss.school_id = $1 and s.id = ss.subscription_id and s.state <> 'ended' and $2 = any(s.events)
   and ($4::uuid is null or s.organisation_id = $4)
returning ss.subscription_id, ss.number
"""
_INSERT = """
insert into delivery
  (school_id, id, subscription_id, number, event, pupil_id, notice_id, request_id, bundle_id, state, attempts, next_at, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', 0, $10, $10)
"""


async def owe(session: SchoolSession, events: Sequence[Event], *, new_id: Callable[[], UUID], now: datetime, to: UUID | None = None) -> int:
    """Owe events of one kind to this school's subscribers of it, each with the subscription's next numbers; tells how many are owed.

    `now` is the world's time, since deliveries never follow a sandbox clock; `to` names one organisation where not all shall hear.
    """
    if not events:
        return 0
    numbered = await session.connection.fetch(_NUMBERS, session.school_id, events[0].event, len(events), to)
    rows = [
        (
            *(session.school_id, new_id(), found["subscription_id"], found["number"] - len(events) + 1 + i),
            *(event.event, event.pupil_id, event.notice_id, event.request_id, event.bundle_id, now),
        )
        for found in numbered
        for i, event in enumerate(events)
    ]
    await session.connection.executemany(_INSERT, rows)
    return len(rows)
