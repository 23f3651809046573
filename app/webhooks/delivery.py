"""One attempt at a delivery, from the claim to the record of what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from app.casework.taking import Casework
from app.db import deliveries, notices, subscriptions
from app.db.deliveries import Claimed, Finished
from app.db.records import find_pupil, load_record
from app.db.schools import school_now
from app.db.session import SchoolSession
from app.keys.webhook_keys import WebhookKey
from app.webhooks.attempt import FailReason, Outgoing, SendFailedError
from app.webhooks.events import EventKind, Push
from app.webhooks.gate import Withholding
from app.webhooks.preparing import prepare
from app.webhooks.schedule import MOST_ATTEMPTS, Outcome, Verdict, next_attempt, verdict
from app.webhooks.signers import Signers
from app.webhooks.signing import Signer
from app.webhooks.transport import Sender

LEASE: Final = timedelta(seconds=60)
SLACK: Final = timedelta(seconds=30)
_log = structlog.get_logger("app.webhooks.delivery")


@dataclass(frozen=True, slots=True)
class Ready:
    """An attempt that may be made, and how many seconds it may take; `withheld` when it tells no more than its number, and why."""

    outgoing: Outgoing
    deadline_s: float
    withheld: Withholding | None


class Deliverer:
    """Makes attempts; `dice` gives numbers from 0 to 1 for the jitter of retries."""

    def __init__(
        self, casework: Casework, sender: Sender, signers: Signers, events: Mapping[str, EventKind], *, dice: Callable[[], float]
    ) -> None:
        self._casework = casework
        self._sessions = casework.sessions
        self._now = casework.means.now
        self._sender = sender
        self._signers = signers
        self._events = events
        self._dice = dice

    async def claim(self, school_id: UUID, *, limit: int, without: Sequence[UUID], may_take: Callable[[Claimed], bool]) -> list[Claimed]:
        """Claim deliveries of a school for one attempt each, which counts from here whatever becomes of this process."""
        async with self._sessions.for_school(school_id) as session:
            now = self._now()
            found = await deliveries.due(session, now=now, without=without, limit=limit)
            taken = [each for each in found if may_take(each)]
            await deliveries.take(session, taken, now=now, until=now + LEASE)
        return taken

    async def deliver(self, claimed: Claimed) -> None:
        """Make the attempt and record it. A fault of ours counts as an attempt that failed, so no delivery is tried for ever."""
        withheld = None if claimed.reason is None else Withholding(claimed.reason)
        try:
            ready = await self._prepare(claimed)
            if ready is None:
                return
            withheld = ready.withheld
            answered: Outcome = await self._send(ready)
        except Exception as error:
            _log.error("delivery.fault", delivery=str(claimed.id), attempt=claimed.attempt, exc_info=error)
            answered = SendFailedError(FailReason.CLOSED, detail="fault")
        await self._record(claimed, self._came_to(claimed, answered, withheld))

    async def _send(self, ready: Ready) -> Outcome:
        try:
            return await self._sender.send(ready.outgoing, deadline_s=ready.deadline_s)
        except SendFailedError as failed:
            return failed

    async def _prepare(self, claimed: Claimed) -> Ready | None:
        """Ask the gate and write what is sent, in one transaction; None when there is nothing to send any more."""
        if claimed.attempt - claimed.tried_before > MOST_ATTEMPTS:
            await self._record(claimed, Finished(state="dead", outcome="interrupted", reason="exhausted"))
            return None
        kind = self._events.get(claimed.event)
        keys = await self._signers.keys()
        async with self._sessions.for_school(claimed.school_id) as session:
            until = self._now() + timedelta(seconds=kind.deadline_s if kind else 0) + SLACK
            if not await deliveries.hold(session, claimed, until=until):
                return None
            answered = await self._asked(session, claimed, keys)
            if isinstance(answered, Ready):
                return answered
            if answered is None:
                paused = Finished(state="waiting", outcome="paused", next_at=self._now())
                await deliveries.finish(session, claimed, paused, now=self._now())
            else:
                await deliveries.finish(session, claimed, _nothing_said(answered), now=self._now())
                await self._withhold(session, claimed, answered)
        return None

    async def _asked(self, session: SchoolSession, claimed: Claimed, keys: Sequence[WebhookKey]) -> Ready | Withholding | None:
        """Answer what is sent, why nothing is, or None when the endpoint was paused since the delivery was claimed."""
        subscription = await subscriptions.find(session, claimed.subscription_id)
        if subscription is not None and subscription.state == "paused":
            return None
        if subscription is None or subscription.state != "active":
            return Withholding.SUBSCRIPTION_NOT_ACTIVE
        prepared = await prepare(self._casework, await self._casework.open(session), claimed, self._events, now=self._now())
        if isinstance(prepared, Withholding):
            return prepared
        if prepared.withheld is not None and claimed.reason is None:
            await self._withhold(session, claimed, prepared.withheld)
        signer = await self._signers.of(session, claimed.subscription_id, keys, now=self._now())
        return Ready(self._signed(signer, claimed, prepared.push), prepared.deadline_s, prepared.withheld)

    def _signed(self, signer: Signer, claimed: Claimed, push: Push) -> Outgoing:
        if isinstance(push.body, bytes):
            signature = signer.sign(str(claimed.id), self._now(), push.body)
        elif push.sha256 is not None:
            signature = signer.sign_digest(str(claimed.id), self._now(), push.sha256)
        else:
            raise ValueError("a streamed body is signed by its digest, which it must bring")
        return Outgoing(url=claimed.url, headers={**push.headers, "Content-Type": push.content_type, **signature}, body=push.body)

    def _came_to(self, claimed: Claimed, answered: Outcome, withheld: Withholding | None) -> Finished:
        told = replace(_told(answered), reason=withheld)
        if verdict(answered) is Verdict.ACCEPTED:
            return replace(told, state="delivered" if withheld is None else "withheld")
        if verdict(answered) is Verdict.GONE:
            return replace(told, state="dead", reason="gone")
        at = next_attempt(claimed.attempt - claimed.tried_before, answered=answered, jitter=self._dice(), now=self._now())
        return replace(told, state="dead", reason="exhausted") if at is None else replace(told, next_at=at)

    async def _record(self, claimed: Claimed, came_to: Finished) -> None:
        async with self._sessions.for_school(claimed.school_id) as session:
            if not await deliveries.finish(session, claimed, came_to, now=self._now()):
                return
            if came_to.reason == "gone":
                await subscriptions.move(session, claimed.subscription_id, "ended")
            if claimed.notice_id is not None and came_to.state != "withheld":
                event = "announced" if came_to.state == "delivered" else "attempted"
                await notices.happened(session, claimed.notice_id, event, at=await self._school_time(session), remark=came_to.outcome)
        _note(claimed, came_to)

    async def _withhold(self, session: SchoolSession, claimed: Claimed, reason: Withholding) -> None:
        await deliveries.withhold(session, claimed, reason.value)
        if claimed.notice_id is not None:
            await withhold_notice(self._casework, session, claimed.notice_id, reason)
        _note(claimed, _nothing_said(reason))

    async def _school_time(self, session: SchoolSession) -> datetime:
        return (await school_now(session)).moment(self._now())


async def withhold_notice(casework: Casework, session: SchoolSession, notice_id: UUID, reason: Withholding) -> None:
    """Note on a notice that it was withheld, with what follows from that; the pupil is locked first, as by whoever takes a step."""
    notice = await notices.find(session, notice_id)
    if notice is None:
        return
    await find_pupil(session, notice.pupil_id, lock=True)
    opened = await casework.open(session)
    record = await load_record(session, opened.school, notice.pupil_id)
    await casework.announcing(opened).withhold(record, notice_id, reason.value)


def _nothing_said(reason: Withholding) -> Finished:
    return Finished(state="withheld", outcome="withheld", reason=reason.value)


def _told(answered: Outcome) -> Finished:
    if isinstance(answered, SendFailedError):
        return Finished(state="waiting", outcome=answered.detail or answered.reason.value, duration_ms=answered.duration_ms)
    outcome = "accepted" if verdict(answered) is Verdict.ACCEPTED else "refused"
    a = answered
    return Finished(state="waiting", outcome=outcome, status=a.status, duration_ms=a.duration_ms, answer=a.body_cut)


def _note(claimed: Claimed, came_to: Finished) -> None:
    _log.info(
        "delivery.attempted",
        delivery=str(claimed.id),
        subscription=str(claimed.subscription_id),
        attempt=claimed.attempt,
        stage=came_to.state,
        status=came_to.status,
        reason=came_to.reason or came_to.outcome,
        duration_ms=came_to.duration_ms,
    )
