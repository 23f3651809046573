"""Asks the gate for deliveries that were claimed and signs what is sent: all of a school's in one transaction, shortly before sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from app.casework.taking import Casework, Opened
from app.db import circuits, claiming, deliveries, notices, subscriptions
from app.db.deliveries import Claimed, Finished, Withholding
from app.db.once import keep, remembering
from app.db.records import load_record, rows_of_records
from app.db.schools import recorded_from
from app.db.session import SchoolSession
from app.domain.record import Record
from app.keys.webhook_keys import WebhookKey
from app.webhooks.delivering.preparing import Prepared, prepare
from app.webhooks.delivering.recording import Came, note
from app.webhooks.delivering.schedule import MOST_ATTEMPTS
from app.webhooks.delivering.withholding import withhold
from app.webhooks.sending.attempt import FailReason, Outgoing, SendFailedError
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.signing import Signer
from app.webhooks.sending.transport import DEADLINE_S
from app.webhooks.telling.events import EventKind, Push

SLACK: Final = timedelta(seconds=30)
_log = structlog.get_logger("app.webhooks.delivering.readying")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An attempt that may be made, and how many seconds it may take; `withheld` when it tells no more than its number, and why."""

    claimed: Claimed
    outgoing: Outgoing
    deadline_s: float
    withheld: Withholding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readied:
    """What may be sent, and what came of the rest for which an attempt has to be recorded still."""

    ready: list[Ready]
    came: list[Came]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A transaction in which deliveries of one school are made ready, and our keys that sign."""

    opened: Opened
    keys: Sequence[WebhookKey]
    now: datetime
    signers: dict[UUID, Signer] = field(default_factory=dict)

    @property
    def session(self) -> SchoolSession:
        return self.opened.session


class Readying:
    """Makes ready what was claimed; `events` is the table of all kinds."""

    def __init__(self, casework: Casework, signers: Signers, events: Mapping[str, EventKind]) -> None:
        self._casework = casework
        self._signers = signers
        self._events = events
        self._now = casework.means.now

    async def ready(self, claimed: Sequence[Claimed]) -> Readied:
        """Make ready deliveries of one school. What takes locks goes by itself, so that nobody waits for two locks in another order."""
        came = [Came(each, None) for each in claimed if each.attempt - each.tried_before > MOST_ATTEMPTS]
        left = [each for each in claimed if each.attempt - each.tried_before <= MOST_ATTEMPTS]
        ready, alone = await self._together([each for each in left if each.request_id is None])
        for each in [*alone, *(each for each in left if each.request_id is not None)]:
            try:
                ready += await self._transact([each], is_alone=True)
            except Exception as error:
                _log.error("delivery.fault", delivery=str(each.id), attempt=each.attempt, exc_info=error)
                came.append(Came(each, SendFailedError(FailReason.FAULT), withheld=each.reason))
        return Readied(ready=ready, came=came)

    async def _together(self, claimed: list[Claimed]) -> tuple[list[Ready], list[Claimed]]:
        """Make ready many at once, and give those that want a transaction of their own: all of them if one cannot be made ready."""
        if len(claimed) <= 1:
            return [], claimed
        try:
            ready = await self._transact(claimed, is_alone=False)
        except Exception as error:
            _log.info("delivery.one_by_one", count=len(claimed), reason=type(error).__name__)
            return [], claimed
        done = {each.claimed.id for each in ready}
        return ready, [each for each in claimed if each.id not in done]

    async def _transact(self, claimed: Sequence[Claimed], *, is_alone: bool) -> list[Ready]:
        keys, now = await self._signers.keys(), self._now()
        async with self._casework.sessions.for_school(claimed[0].school_id) as session:
            held = await self._hold(session, claimed, now)
            turn = _Turn(opened=await self._casework.open(session if is_alone else remembering(session)), keys=keys, now=now)
            if not is_alone:
                await _read_ahead(turn.opened, held)
            found = [await self._one(turn, each, is_alone=is_alone) for each in sorted(held, key=_by_notice)]
        return [each for each in found if each is not None]

    async def _hold(self, session: SchoolSession, claimed: Sequence[Claimed], now: datetime) -> list[Claimed]:
        until = {each: now + timedelta(seconds=self._deadline_s(each)) + SLACK for each in claimed}
        held = await claiming.hold(session, until, now=now)
        probes = [each for each in claimed if each.is_probe and each.id in held and self._deadline_s(each) > DEADLINE_S]
        for each in probes:
            await circuits.hold_probe(session, each.subscription_id, until[each])
        return [each for each in claimed if each.id in held]

    def _deadline_s(self, claimed: Claimed) -> float:
        kind = self._events.get(claimed.event)
        return DEADLINE_S if kind is None else kind.deadline_s

    async def _one(self, turn: _Turn, claimed: Claimed, *, is_alone: bool) -> Ready | None:
        """Make one ready. None where nothing is sent, which is written down here, but only in a transaction of its own."""
        answered = await self._asked(turn, claimed)
        if isinstance(answered, Prepared):
            if answered.withheld is None or claimed.reason is not None:
                return await self._signed(turn, claimed, answered)
            if is_alone:
                await self._withhold(turn.session, claimed, answered.withheld)
                return await self._signed(turn, claimed, answered)
        elif is_alone:
            await self._give_up(turn, claimed, answered)
        return None

    async def _asked(self, turn: _Turn, claimed: Claimed) -> Prepared | Withholding | None:
        """Answer what is sent, why nothing is, or None when the endpoint was paused, disabled or moved since the delivery was claimed."""
        subscription = await subscriptions.find(turn.session, claimed.subscription_id)
        if subscription is None or subscription.state == "ended":
            return Withholding.SUBSCRIPTION_NOT_ACTIVE
        stopped = subscription.state == "paused" or (subscription.state == "disabled" and not claimed.is_probe)
        if stopped or subscription.url != claimed.url:
            return None
        return await prepare(self._casework, turn.opened, claimed, self._events, now=turn.now)

    async def _give_up(self, turn: _Turn, claimed: Claimed, withheld: Withholding | None) -> None:
        """Put back what waits for its endpoint, as if it had not been claimed; withhold without a word what it may hear nothing of."""
        if withheld is None:
            kept = Finished(state="waiting", outcome="put_back", reason=claimed.reason, next_at=turn.now, counts=False)
            await deliveries.finish(turn.session, claimed, kept, now=turn.now)
            return
        silent = Finished(state="withheld", outcome="withheld", reason=withheld.value)
        await self._withhold(turn.session, claimed, withheld)
        await deliveries.finish(turn.session, claimed, silent, now=turn.now)

    async def _withhold(self, session: SchoolSession, claimed: Claimed, reason: Withholding) -> None:
        await withhold(self._casework, session, claimed, reason)
        note(claimed, Finished(state="withheld", outcome="withheld", reason=reason.value))

    async def _signed(self, turn: _Turn, claimed: Claimed, prepared: Prepared) -> Ready:
        signer = turn.signers.get(claimed.subscription_id)
        if signer is None:
            signer = await self._signers.of(turn.session, claimed.subscription_id, turn.keys, now=turn.now)
            turn.signers[claimed.subscription_id] = signer
        outgoing = _outgoing(signer, claimed, prepared.push, turn.now)
        return Ready(claimed=claimed, outgoing=outgoing, deadline_s=prepared.deadline_s, withheld=prepared.withheld)


def _by_notice(claimed: Claimed) -> str:
    """Notices are locked in the order of their ids."""
    return str(claimed.notice_id)


def _outgoing(signer: Signer, claimed: Claimed, push: Push, now: datetime) -> Outgoing:
    if isinstance(push.body, bytes):
        signature = signer.sign(str(claimed.id), now, push.body)
    elif push.sha256 is not None:
        signature = signer.sign_digest(str(claimed.id), now, push.sha256)
    else:
        raise ValueError("a streamed body is signed by its digest, which it must bring")
    return Outgoing(url=claimed.url, headers={**push.headers, "Content-Type": push.content_type, **signature}, body=push.body)


async def _read_ahead(opened: Opened, claimed: Sequence[Claimed]) -> None:
    """Read the notices and fold the records of many deliveries in few statements, each once, for the gate to find."""
    session = opened.session
    for notice in await notices.find_all(session, [each.notice_id for each in claimed if each.notice_id is not None]):
        keep(session, notices.find, (notice.id,), notice)
    pupils = list({each.pupil_id for each in claimed if each.pupil_id is not None})
    for pupil, rows in (await rows_of_records(session, pupils)).items():
        keep(session, load_record, (pupil,), Record.fold(opened.school, map(recorded_from, rows), pupil))
