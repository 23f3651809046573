"""Leasing out of mailboxes: what a push would have carried is asked for, and passes the same gate, one school to a transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from uuid import UUID

import structlog

from app.casework.taking import Casework, Opened
from app.db import deliveries, mailbox, subscriptions
from app.db.client_entrance import ClientEntrance, standing_of
from app.db.deliveries import SUBSCRIBABLE, Claimed, Finished, Withholding
from app.db.mailbox import Footing, Taking
from app.db.once import remembering
from app.db.session import SchoolSession
from app.db.sweep import Sweep, Waiting
from app.db.wake import Bell
from app.webhooks.delivering.gate import NEEDED, TO_DELIVER
from app.webhooks.delivering.preparing import prepare
from app.webhooks.delivering.schedule import MOST_ATTEMPTS, WAITS
from app.webhooks.delivering.withholding import withhold
from app.webhooks.receiving.subscribing import MAILBOX, SubscriptionUnknownError, organisation_of, own_subscription
from app.webhooks.telling.events import EventKind

MOST_SCHOOLS: Final = 32
"""So many schools are asked in one call; the next call begins at another."""
PATIENCE: Final = sum(WAITS, timedelta())
"""Nothing is given up earlier than this after it was first tried, however often it was leased meanwhile: about 75 hours."""
POLL_S: Final = 2.0
REST_S: Final = 0.2
_log = structlog.get_logger("app.webhooks.receiving.mailbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a client wants to lease: out of one mailbox or all of its organisation's, of some schools by number or of all."""

    entrance: ClientEntrance
    mailbox_id: UUID | None
    urns: Sequence[str] | None
    limit: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is leased, until when, and the JSON that a push would have carried."""

    claimed: Claimed
    urn: str
    until: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What a call leased, how many more wait that nobody has leased, and since when the one that waits longest could be."""

    items: tuple[Item, ...]
    waiting: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """The mailboxes asked for, and how much waits for them at the schools that are open to the client."""

    mailbox_ids: list[UUID]
    waiting: list[Waiting]


class Mailbox:
    """Leases out of the mailboxes of the caller's organisation; `events` is the table of whoever pushes."""

    def __init__(self, casework: Casework, sweep: Sweep, events: Mapping[str, EventKind]) -> None:
        self._casework = casework
        self._sessions = casework.sessions
        self._now = casework.means.now
        self._sweep = sweep
        self._events = events

    async def wait(self, asked: Asked, bell: Bell, seconds: float, is_gone: Callable[[], Awaitable[bool]]) -> Handed:
        """Lease, or wait for so long that there is something to lease; a caller who has gone meanwhile leases nothing more."""
        time = asyncio.get_running_loop().time
        end = time() + seconds
        with bell.heard() as ear:
            while True:
                ear.clear()
                handed = await self.lease(asked)
                left = end - time()
                if handed.items or left <= 0 or await is_gone():
                    return handed
                await _rung(ear, min(left, POLL_S))
                await asyncio.sleep(min(left, REST_S))

    async def lease(self, asked: Asked) -> Handed:
        """Lease at most `limit` items, with a fair share for each school that is asked; each counts as an attempt from here on.

        Raises SubscriptionUnknownError and the errors of `app.db.entrance`.
        """
        found = await self._open(asked)
        items: list[Item] = []
        visits = self._visits(found.waiting, asked.limit)
        for left, school_id in zip(range(len(visits), 0, -1), visits, strict=True):
            share = ceil((asked.limit - len(items)) / left)
            items += await self._of_school(asked, school_id, found.mailbox_ids, share)
        still = (await self._open(asked)).waiting if visits else found.waiting
        since = min((each.since for each in still), default=None)
        return Handed(items=tuple(items), waiting=sum(each.items for each in still), since=since)

    async def _open(self, asked: Asked) -> _Open:
        async with self._sessions.shared() as session:
            client_id = asked.entrance.client_id
            asked.entrance.admit(await standing_of(session.connection, client_id))
            ids = await mailbox.mailboxes(session, await organisation_of(session, client_id))
            if asked.mailbox_id is not None:
                if (await own_subscription(session, client_id, asked.mailbox_id)).kind != MAILBOX:
                    raise SubscriptionUnknownError
                ids = [asked.mailbox_id] if asked.mailbox_id in ids else []
            waiting = await self._sweep.in_mailboxes(ids, self._now()) if ids else []
            found = await mailbox.footings(session, client_id, [each.school_id for each in waiting])
            may = {footing.school_id for footing in found if _is_open(footing)}
            if asked.urns is not None:
                may &= set((await mailbox.named(session, asked.urns)).values())
        return _Open(mailbox_ids=ids, waiting=[each for each in waiting if each.school_id in may])

    def _visits(self, waiting: Sequence[Waiting], limit: int) -> list[UUID]:
        """Choose the schools that are asked, beginning anywhere; where little waits comes first, and leaves its share to the others."""
        ordered = sorted(waiting, key=lambda each: each.school_id)
        begin = int.from_bytes(self._casework.means.dice(4)) % max(1, len(ordered))
        chosen = (ordered[begin:] + ordered[:begin])[: min(MOST_SCHOOLS, limit)]
        return [each.school_id for each in sorted(chosen, key=lambda each: each.items)]

    async def _of_school(self, asked: Asked, school_id: UUID, mailbox_ids: Sequence[UUID], limit: int) -> list[Item]:
        """Count the attempts first, so that they stand whatever becomes of this process, and ask the gate in a second transaction.

        The second takes its locks in the order in which whoever takes a step does, pupils before deliveries.
        """
        now = self._now()
        until = now + timedelta(seconds=asked.seconds)
        async with self._sessions.for_school(school_id) as session:
            without = await _not_for(session, asked.entrance)
            taking = Taking(mailbox_ids=mailbox_ids, without=without, now=now, until=until, limit=limit)
            taken = await mailbox.take(session, taking)
        if not taken:
            return []
        async with self._sessions.for_school(school_id) as session:
            without = await _not_for(session, asked.entrance)
            opened = await self._casework.open(remembering(session))
            mine = sorted((claimed for claimed in taken if claimed.event not in without), key=_pupil)
            is_thin = not await _may_have_words(session, asked.entrance)
            made = [await self._item(session, opened, claimed, until, is_thin=is_thin) for claimed in mine]
        return sorted((item for item in made if item is not None), key=lambda item: (item.claimed.subscription_id, item.claimed.number))

    async def _item(self, session: SchoolSession, opened: Opened, claimed: Claimed, until: datetime, *, is_thin: bool) -> Item | None:
        """Make one item; a fault of ours is an attempt that failed, and keeps none of the others back.

        What is asked of the school for every item is read once; what is written down goes by what stands under the lock.
        """
        try:
            async with session.connection.transaction():
                body = await self._body(session, opened, claimed, is_thin=is_thin)
        except Exception as error:
            _log.error("mailbox.fault", delivery=str(claimed.id), attempt=claimed.attempt, exc_info=error)
            failed = await after_failing(session, claimed, "fault", now=self._now())
            await deliveries.finish(session, claimed, failed, now=self._now())
            return None
        stage = "ended" if body is None else "leased"
        _log.info(
            "mailbox.asked", delivery=str(claimed.id), subscription=str(claimed.subscription_id), attempt=claimed.attempt, stage=stage
        )
        return None if body is None else Item(claimed=claimed, urn=opened.now.urn, until=until, body=body)

    async def _body(self, session: SchoolSession, opened: Opened, claimed: Claimed, *, is_thin: bool) -> bytes | None:
        """Ask the gate and write what is handed out; None where nothing may be, or nobody took it in all the time there was."""
        now = self._now()
        if claimed.attempt - claimed.tried_before > MOST_ATTEMPTS and await _is_spent(session, claimed, now):
            spent = Finished(state="dead", outcome="lapsed", reason=claimed.reason or "exhausted")
            await deliveries.finish(session, claimed, spent, now=now)
            return None
        prepared = await prepare(self._casework, opened, claimed, self._events, now=now, is_thin=is_thin)
        if isinstance(prepared, Withholding):
            await withhold(self._casework, session, claimed, prepared)
            withheld = Finished(state="withheld", outcome="withheld", reason=prepared.value)
            await deliveries.finish(session, claimed, withheld, now=now)
            return None
        if prepared.withheld is not None and claimed.reason is None:
            await withhold(self._casework, session, claimed, prepared.withheld)
        if not isinstance(prepared.push.body, bytes):
            raise TypeError("a mailbox holds no files, and nobody can ask it for any")
        return prepared.push.body


def _is_open(footing: Footing) -> bool:
    return footing.is_whole or not NEEDED.keys().isdisjoint(footing.scopes)


async def _not_for(session: SchoolSession, entrance: ClientEntrance) -> Sequence[str]:
    """Name the kinds of event that are not for this client here at this moment. Raises the errors of `app.db.entrance`.

    What needs a scope that another client of the organisation has waits for that one. Where none has it, anybody is handed the bare
    number, which is all that the gate lets out then.
    """
    entrance.admit(await standing_of(session.connection, entrance.client_id))
    found = next(iter(await mailbox.footings(session, entrance.client_id, [session.school_id])), None)
    if found is None or not _is_open(found):
        return SUBSCRIBABLE
    missing = [] if found.is_whole else [scope for scope in NEEDED if scope not in found.scopes]
    kept = [scope for scope in missing if await subscriptions.may_serve(session, found.organisation_id, scope)]
    return [event for scope in kept for event in NEEDED[scope]]


async def _may_have_words(session: SchoolSession, entrance: ClientEntrance) -> bool:
    """Whether this very client could fetch words, by its token and by what it was given; others of its organisation lease from it too."""
    standing = entrance.admit(await standing_of(session.connection, entrance.client_id))
    return TO_DELIVER in entrance.token_scopes and TO_DELIVER in standing.scopes


async def after_failing(session: SchoolSession, claimed: Claimed, outcome: str, *, now: datetime) -> Finished:
    """What an attempt leaves behind that the client refused, or we failed at: the waits of a push, and an end after twelve in 75 hours."""
    made = claimed.attempt - claimed.tried_before
    if made >= MOST_ATTEMPTS and await _is_spent(session, claimed, now):
        return Finished(state="dead", outcome=outcome, reason=claimed.reason or "exhausted")
    return Finished(state="waiting", outcome=outcome, reason=claimed.reason, next_at=now + WAITS[min(made, len(WAITS)) - 1])


async def _is_spent(session: SchoolSession, claimed: Claimed, now: datetime) -> bool:
    first = await mailbox.first_tried(session, claimed.id)
    return first is not None and now - first >= PATIENCE


def _pupil(claimed: Claimed) -> UUID:
    return claimed.pupil_id or UUID(int=0)


async def _rung(ear: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ear.wait()
    except TimeoutError:
        return
