"""A test ping: one signed attempt at an endpoint, made at once at its owner's wish; no number is given and no circuit hears of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson
import structlog

from app.casework.taking import Means
from app.db.session import Sessions
from app.webhooks.delivering.schedule import Outcome, Verdict, verdict
from app.webhooks.receiving.subscribing import MAILBOX, OfMailboxError, own_subscription
from app.webhooks.sending.adapters import Adapter
from app.webhooks.sending.attempt import SENTENCES, Answer, FailReason, Outgoing, SendFailedError
from app.webhooks.sending.egress import SENTENCES as REFUSED
from app.webhooks.sending.egress import Refusal
from app.webhooks.sending.signers import Signers
from app.webhooks.telling.events import JSON

SUBSCRIPTION_TEST: Final = "subscription.test"
"""The kind of what a ping sends; it is not subscribed to."""
_log = structlog.get_logger("app.webhooks.receiving.pinging")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """What came of a ping: the id it went out under, and what would be made of the like answer to a delivery, in a word and a sentence."""

    id: UUID
    outcome: str
    sentence: str
    status: int | None
    duration_ms: int
    answer: bytes | None = field(repr=False)


class Pinging:
    """Sends pings from the process that was asked for them."""

    def __init__(self, sessions: Sessions, means: Means, signers: Signers, adapter: Adapter) -> None:
        self._sessions = sessions
        self._means = means
        self._signers = signers
        self._adapter = adapter

    async def ping(self, client_id: UUID, subscription_id: UUID, admit: Callable[[UUID], None]) -> Pinged:
        """Send one now, to a paused or disabled endpoint too, and wait 15 seconds at most; `admit` is given the organisation and may raise.

        Raises SubscriptionUnknownError, OfMailboxError.
        """
        keys, id_, now = await self._signers.keys(), self._means.new_id(), self._means.now()
        async with self._sessions.shared() as session:
            found = await own_subscription(session, client_id, subscription_id)
            if found.kind == MAILBOX or found.url is None:
                raise OfMailboxError
            admit(found.organisation_id)
            signer = await self._signers.of(session, subscription_id, keys, now=now)
        body = _body(id_, subscription_id, now)
        headers = {"Content-Type": JSON, **signer.sign(str(id_), now, body)}
        pinged = _pinged(id_, await self._answer(Outgoing(url=found.url, headers=headers, body=body)))
        _log.info(
            "subscription.pinged",
            subscription=str(subscription_id),
            status=pinged.status,
            reason=pinged.outcome,
            duration_ms=pinged.duration_ms,
        )
        return pinged

    async def _answer(self, outgoing: Outgoing) -> Outcome:
        try:
            return await self._adapter.send(outgoing)
        except SendFailedError as failed:
            return failed


def _body(id_: UUID, subscription_id: UUID, now: datetime) -> bytes:
    at = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return orjson.dumps({"id": str(id_), "type": SUBSCRIPTION_TEST, "subscription": str(subscription_id), "at": at})


def _pinged(id_: UUID, answered: Outcome) -> Pinged:
    outcome, sentence = _made_of(answered)
    if isinstance(answered, SendFailedError):
        return Pinged(id=id_, outcome=outcome, sentence=sentence, status=None, duration_ms=answered.duration_ms, answer=None)
    a = answered
    return Pinged(id=id_, outcome=outcome, sentence=sentence, status=a.status, duration_ms=a.duration_ms, answer=a.body_cut)


def _made_of(answered: Outcome) -> tuple[str, str]:
    if isinstance(answered, SendFailedError):
        if answered.reason is FailReason.EGRESS and answered.detail is not None:
            return answered.detail, REFUSED[Refusal(answered.detail)]
        return answered.reason.value, SENTENCES[answered.reason]
    return ("accepted" if verdict(answered) is Verdict.ACCEPTED else "refused"), _sentence(answered)


def _sentence(answer: Answer) -> str:
    if verdict(answer) is Verdict.ACCEPTED:
        return "The receiver accepted it."
    if verdict(answer) is Verdict.GONE:
        return "The receiver answered 410; to a delivery, that would end the subscription."
    if 300 <= answer.status <= 399:
        return "The receiver redirects, and redirects are not followed: register the address that answers."
    return "The receiver refused it; a delivery would be tried again."
