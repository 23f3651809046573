"""Deliveries: what is owed to the endpoints of others, written in the transaction that makes it owed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.db.session import SchoolSession

NOTICE_READY: Final = "notice.ready"
REQUEST_MADE: Final = "request.made"
REQUEST_WITHDRAWN: Final = "request.withdrawn"
REQUEST_OPENED: Final = "request.opened"
EVIDENCE_READY: Final = "evidence.ready"
EVIDENCE_BUNDLE: Final = "evidence.bundle"
OBLIGATION_DUE_SOON: Final = "obligation.due_soon"
OBLIGATION_OVERDUE: Final = "obligation.overdue"
SUBSCRIPTION_DISABLED: Final = "subscription.disabled"
SUBSCRIBABLE: Final = (
    *(NOTICE_READY, REQUEST_MADE, REQUEST_WITHDRAWN, REQUEST_OPENED, EVIDENCE_READY, EVIDENCE_BUNDLE),
    *(OBLIGATION_DUE_SOON, OBLIGATION_OVERDUE, SUBSCRIPTION_DISABLED),
)
"""Every kind of event that may be subscribed to."""


class Withholding(StrEnum):
    """Why something is not sent; for machines, and silent on what lies behind it."""

    SUBSCRIPTION_NOT_ACTIVE = "subscription_not_active"
    NOT_GRANTED = "not_granted"
    SCOPE_NOT_GRANTED = "scope_not_granted"
    NOT_WANTED = "not_wanted"
    NOT_TO_BE_TOLD = "not_to_be_told"
    LEFT = "left"
    ADDRESS_CHANGED = "address_changed"
    SUPERSEDED = "superseded"
    ERASED = "erased"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that subscribers hear of; ids only, and only those the event is about.

    A pupil's events reach a subscription in order; what is about no pupil waits for nothing. `once` names what is told a single time.
    """

    event: str
    pupil_id: UUID | None = None
    notice_id: UUID | None = None
    request_id: UUID | None = None
    bundle_id: UUID | None = None
    edition: int | None = None
    part: int | None = None
    obligation_id: UUID | None = None
    due: date | None = None
    disabled_id: UUID | None = None
    once: str | None = None


# Counters are locked in one order, so that two who owe at the same moment wait for each other and never lock each other out.
_NUMBERS = """
with wanted as (
  select ss.subscription_id from school_subscription ss join subscription s on s.id = ss.subscription_id
   where ss.school_id = $1 and s.state <> 'ended' and $2 = any(s.events)
     and ($4::uuid is null or s.organisation_id = $4) and s.id is distinct from $5
   order by ss.subscription_id for update of ss
)
update school_subscription ss set number = ss.number + $3
  from wanted w where ss.school_id = $1 and ss.subscription_id = w.subscription_id
returning ss.subscription_id, ss.number
"""
_INSERT = """
insert into delivery
  (school_id, id, subscription_id, number, event, pupil_id, notice_id, request_id, bundle_id, edition, part,
   obligation_id, due, disabled_id, once, state, attempts, tried_before, next_at, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'waiting', 0, 0, $16, $16)
"""
Numbered = tuple[UUID, int, Event]


async def owe(session: SchoolSession, events: Sequence[Event], *, new_id: Callable[[], UUID], now: datetime, to: UUID | None = None) -> int:
    """Owe events of one kind to this school's subscribers of it, each with the subscription's next numbers; tells how many are owed.

    `now` is the world's time, since deliveries never follow a sandbox clock; `to` names one organisation where not all shall hear.
    What is about an endpoint goes to others, never to itself.
    """
    if not events:
        return 0
    about = events[0].disabled_id
    counted = await session.connection.fetch(_NUMBERS, session.school_id, events[0].event, len(events), to, about)
    numbered = [
        (found["subscription_id"], found["number"] - len(events) + place, event)
        for found in counted
        for place, event in enumerate(events, start=1)
    ]
    await write(session, numbered, new_id=new_id, now=now)
    return len(numbered)


async def write(session: SchoolSession, numbered: Sequence[Numbered], *, new_id: Callable[[], UUID], now: datetime) -> None:
    """Write what is owed: each event to a subscription, under a number that its counter gave in this very transaction."""
    rows = [
        (
            *(session.school_id, new_id(), subscription_id, number),
            *(event.event, event.pupil_id, event.notice_id, event.request_id, event.bundle_id, event.edition, event.part),
            *(event.obligation_id, event.due, event.disabled_id, event.once, now),
        )
        for subscription_id, number, event in numbered
    ]
    await session.connection.executemany(_INSERT, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery claimed for one attempt; `attempt` counts from 1, `url` and `organisation_id` are the subscription's.

    `tried_before` attempts do not count: they were made before it was last sent again, or while the endpoint was disabled. `reason` is
    why it is withheld, once it is: then its number alone is still told. A probe is the one attempt at a time at an endpoint that fails.
    """

    school_id: UUID
    id: UUID
    subscription_id: UUID
    organisation_id: UUID
    url: str
    number: int
    event: str
    pupil_id: UUID | None
    notice_id: UUID | None
    request_id: UUID | None
    bundle_id: UUID | None
    edition: int | None
    part: int | None
    obligation_id: UUID | None
    due: date | None
    disabled_id: UUID | None
    reason: str | None
    attempt: int
    tried_before: int
    created_at: datetime
    is_probe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What an attempt came to; `next_at` is set where the state stays `waiting`, and some attempts do not count."""

    state: str
    outcome: str
    reason: str | None = None
    next_at: datetime | None = None
    status: int | None = None
    duration_ms: int = 0
    answer: bytes | None = None
    counts: bool = True


CLAIMED: Final = """
select d.school_id, d.id, d.subscription_id, s.organisation_id, coalesce(s.url, '') as url, d.number, d.event, d.pupil_id, d.notice_id,
       d.request_id, d.bundle_id, d.edition, d.part,
       d.obligation_id, d.due, d.disabled_id, d.reason, d.tried_before, d.created_at, d.attempts"""
"""Begins a statement that reads what `Claimed` holds of a delivery `d` and its subscription `s`; `attempts` are those made so far."""


async def withhold(session: SchoolSession, claimed: Claimed, reason: str) -> None:
    """Say why a delivery is withheld, for good: from here on its number alone is told, and what comes after it waits no longer."""
    await session.connection.execute(
        "update delivery set reason = $3 where school_id = $1 and id = $2 and reason is null", session.school_id, claimed.id, reason
    )


_FINISH = """
with f as (
  select * from unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::int[], $10::int[], $11::bytea[],
                       $12::bool[]) as f (id, attempt, state, outcome, reason, next_at, status, duration_ms, answer, counts)
), logged as (
  insert into delivery_attempt (school_id, delivery_id, attempt, at, outcome, status, duration_ms, answer)
  select $1, f.id, f.attempt, $2, f.outcome, f.status, f.duration_ms, f.answer from f on conflict do nothing
)
update delivery d
   set state = f.state, reason = coalesce(d.reason, f.reason), next_at = coalesce(f.next_at, d.next_at),
       done_at = case when f.state <> 'waiting' then $2 end,
       tried_before = d.tried_before + case when f.counts then 0 else 1 end
  from f where d.school_id = $1 and d.id = any($3::uuid[]) and d.id = f.id and d.attempts = f.attempt and d.state = 'waiting'
returning d.id
"""
Ended = tuple[Claimed, Finished]


async def finish_all(session: SchoolSession, ended: Sequence[Ended], *, now: datetime) -> set[UUID]:
    """Record attempts and what they leave their deliveries at; gives those that were held still, for any other is somebody else's.

    Why one is withheld stays written on it, whatever becomes of its bare number.
    """
    said = [(c.id, c.attempt, f.state, f.outcome, f.reason, f.next_at, f.status, f.duration_ms, f.answer, f.counts) for c, f in ended]
    columns = [list(column) for column in zip(*said, strict=True)]
    return {row["id"] for row in await session.connection.fetch(_FINISH, session.school_id, now, *columns)} if said else set()


async def finish(session: SchoolSession, claimed: Claimed, came_to: Finished, *, now: datetime) -> bool:
    """Record one attempt; False when the lease ran out meanwhile and the delivery is somebody else's."""
    return bool(await finish_all(session, [(claimed, came_to)], now=now))
