"""Records what attempts came to, many of a school in one transaction: the deliveries, the proof of their notices, how endpoints do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

import structlog

from app.casework.pushing import Refusal, turned_away
from app.casework.taking import Casework
from app.db import circuits, claiming, deliveries, notices, subscriptions
from app.db.circuits import Circuit, Found
from app.db.deliveries import EVIDENCE_BUNDLE, SUBSCRIPTION_DISABLED, Claimed, Event, Finished
from app.db.schools import school_now
from app.db.session import SchoolSession
from app.domain.notice_ledger import Happening
from app.webhooks.delivering.circuit import after_failure, after_success
from app.webhooks.delivering.schedule import Outcome, Verdict, next_attempt, retry_after, verdict
from app.webhooks.sending.attempt import Answer, FailReason, SendFailedError

TURNED_AWAY: Final[Mapping[int, Refusal]] = MappingProxyType({413: Refusal.SIZE, 415: Refusal.TYPE})
"""By the answer's status; RFC 9110 15.5.14 and 15.5.16."""
_log = structlog.get_logger("app.webhooks.delivering.recording")


@dataclass(frozen=True, slots=True)
class Came:
    """What one attempt came to, None where none was left to make; `withheld` is why no more than the number went out."""

    claimed: Claimed
    answered: Outcome | None
    withheld: str | None = None

    @property
    def tells_of_endpoint(self) -> bool | None:
        """Whether the endpoint did well or failed; None where this says nothing of it."""
        if self.answered is None or (isinstance(self.answered, SendFailedError) and self.answered.reason is FailReason.FAULT):
            return None
        judged = verdict(self.answered)
        return None if judged is Verdict.GONE or self.turned_away is not None else judged is Verdict.ACCEPTED

    @property
    def turned_away(self) -> Refusal | None:
        """How a receiver that works well refused a part of a bundle, so that it would refuse it again; None for anything else."""
        is_part = self.claimed.event == EVIDENCE_BUNDLE and self.withheld is None
        return TURNED_AWAY.get(self.answered.status) if is_part and isinstance(self.answered, Answer) else None


class Recording:
    """Records attempts; `dice` gives numbers from 0 to 1 for the jitter of what is tried again."""

    def __init__(self, casework: Casework, *, dice: Callable[[], float]) -> None:
        self._casework = casework
        self._now = casework.means.now
        self._dice = dice

    async def record(self, came: Sequence[Came]) -> list[UUID]:
        """Record attempts at deliveries of one school; gives the endpoints that had failed and accept again."""
        if not came:
            return []
        now = self._now()
        async with self._casework.sessions.for_school(came[0].claimed.school_id) as session:
            reasons = await self._turned_away(session, came)
            before = await _circuits(session, came)
            after = {id_: self._after(id_, found.circuit, came, now) for id_, found in before.items()}
            ended = [(each.claimed, self._finished(each, after.get(each.claimed.subscription_id), reasons, now)) for each in came]
            done = await deliveries.finish_all(session, ended, now=now)
            kept = [(claimed, finished) for claimed, finished in ended if claimed.id in done]
            for subscription_id in {claimed.subscription_id for claimed, finished in kept if finished.reason == "gone"}:
                await subscriptions.move(session, subscription_id, "ended")
            await self._prove(session, kept, now)
            closed = await self._keep(session, before, after, now)
        for claimed, finished in kept:
            note(claimed, finished)
        return closed

    async def _turned_away(self, session: SchoolSession, came: Sequence[Came]) -> dict[UUID, str]:
        """Give up parts that would be refused again, with the reason of each; pupils are locked in the order of their ids, and first."""
        means, reasons = self._casework.means, dict[UUID, str]()
        for each in sorted(came, key=lambda each: str(each.claimed.pupil_id)):
            if each.turned_away is not None:
                reasons[each.claimed.id] = await turned_away(session, means, each.claimed, each.turned_away)
        if reasons:
            means.wake()
        return reasons

    def _after(self, subscription_id: UUID, circuit: Circuit, came: Sequence[Came], now: datetime) -> Circuit:
        for each in came:
            if each.claimed.subscription_id == subscription_id and each.tells_of_endpoint is not None:
                circuit = after_success(circuit) if each.tells_of_endpoint else self._failed(circuit, each, now)
        return circuit

    def _failed(self, circuit: Circuit, came: Came, now: datetime) -> Circuit:
        asked = retry_after(came.answered.retry_after, now) if isinstance(came.answered, Answer) else None
        return after_failure(circuit, is_probe=came.claimed.is_probe, now=now, jitter=self._dice(), asked=asked)

    def _finished(self, came: Came, circuit: Circuit | None, reasons: Mapping[UUID, str], now: datetime) -> Finished:
        if came.answered is None:
            return Finished(state="dead", outcome="interrupted", reason=came.claimed.reason or "exhausted")
        told, claimed = replace(_told(came.answered), reason=came.withheld), came.claimed
        if verdict(came.answered) is Verdict.ACCEPTED:
            return replace(told, state="delivered" if came.withheld is None else "withheld")
        if verdict(came.answered) is Verdict.GONE:
            return replace(told, state="dead", reason="gone")
        if claimed.id in reasons:
            return replace(told, state="dead", reason=reasons[claimed.id])
        if circuit is not None and circuit.is_disabled and came.tells_of_endpoint is False:
            return replace(told, next_at=now, counts=False)
        at = next_attempt(claimed.attempt - claimed.tried_before, answered=came.answered, jitter=self._dice(), now=now)
        return replace(told, state="dead", reason=came.withheld or "exhausted") if at is None else replace(told, next_at=at)

    async def _prove(self, session: SchoolSession, ended: Sequence[deliveries.Ended], now: datetime) -> None:
        told = [
            (claimed.notice_id, Happening.ANNOUNCED if finished.state == "delivered" else Happening.ATTEMPTED, finished.outcome)
            for claimed, finished in ended
            if claimed.notice_id is not None and finished.state != "withheld"
        ]
        if told:
            await notices.happened_to(session, told, at=(await school_now(session)).moment(now))

    async def _keep(self, session: SchoolSession, before: Mapping[UUID, Found], after: Mapping[UUID, Circuit], now: datetime) -> list[UUID]:
        """Keep the circuits that changed, and owe their owners word of those that were disabled."""
        closed = []
        for subscription_id, found in before.items():
            circuit = after[subscription_id]
            if circuit != found.circuit:
                await circuits.keep(session, subscription_id, circuit)
            if circuit.is_disabled and not found.circuit.is_disabled:
                await self._tell_owner(session, subscription_id, found.organisation_id, now)
            if found.circuit.is_open and not circuit.is_open:
                await claiming.hurry(session, subscription_id, now=now)
                closed.append(subscription_id)
        return closed

    async def _tell_owner(self, session: SchoolSession, subscription_id: UUID, organisation_id: UUID, now: datetime) -> None:
        """Tell the owner by another way: whatever else of theirs listens at this school, above all a mailbox."""
        _log.warning("endpoint.disabled", subscription=str(subscription_id))
        event = Event(event=SUBSCRIPTION_DISABLED, disabled_id=subscription_id)
        means = self._casework.means
        if await deliveries.owe(session, [event], new_id=means.new_id, now=now, to=organisation_id):
            means.wake()


async def _circuits(session: SchoolSession, came: Sequence[Came]) -> dict[UUID, Found]:
    failed = [each.claimed.subscription_id for each in came if each.tells_of_endpoint is False]
    accepted = [each.claimed.subscription_id for each in came if each.tells_of_endpoint]
    return await circuits.lock(session, failed=failed, accepted=accepted)


def _told(answered: Outcome) -> Finished:
    if isinstance(answered, SendFailedError):
        return Finished(state="waiting", outcome=answered.detail or answered.reason.value, duration_ms=answered.duration_ms)
    outcome = "accepted" if verdict(answered) is Verdict.ACCEPTED else "refused"
    a = answered
    return Finished(state="waiting", outcome=outcome, status=a.status, duration_ms=a.duration_ms, answer=a.body_cut)


def note(claimed: Claimed, came_to: Finished) -> None:
    """Log what an attempt came to, by ids alone."""
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
