"""An authority says what it has, and from which day: a request alone, or its evidence too; recorded as a step of the school's record."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.casework.official_steps import find_held, officer_of, upon
from app.casework.taking import Casework, StepRefusedError, Work, require_bounds
from app.db import bundles, ehc_requests, idempotency
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.ehc_requests import Sent
from app.db.idempotency import Key
from app.db.ledger import Draft
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession
from app.domain import ehc
from app.domain.entries import EvidenceReceived, Recorded, Requester


class DigestDiffersError(Exception):
    """A receipt names other bytes than those of the bundle."""


class DigestMissingError(Exception):
    """A receipt of a school's own request, which came with its evidence, names no bytes."""


class ReasonMissingError(Exception):
    """A receipt names another day than the deemed one and gives no reason."""

    def __init__(self, deemed_on: date) -> None:
        super().__init__("reason missing")
        self.deemed_on = deemed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an authority says that it has, without a digest the request alone; without a day it is the one that counted so far.

    `officer` is the authority's own reference.
    """

    entrance: AuthorityEntrance
    key: Key
    request_id: UUID
    digest: bytes | None
    officer: str
    received_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A receipt as it was recorded, beside the day on which the request was deemed to be there."""

    request_id: UUID
    digest: bytes | None
    deemed_on: date
    received_on: date
    reason: str | None
    number: int


async def receive(casework: Casework, receipt: Receipt) -> Received:
    """Find the request as the authority, then record its receipt as a step of the school's record; under one key once.

    Raises RequestUnknownError, DigestDiffersError, DigestMissingError, ReasonMissingError, StepRefusedError, OccurredOutOfBoundsError,
    KeyReusedError and the errors of `app.db.entrance`.
    """
    sent, deemed_on = await find_held(casework, receipt.entrance, receipt.request_id)
    return await upon(casework, sent, lambda session: _receive(casework, session, receipt, sent, deemed_on))


async def _receive(casework: Casework, session: SchoolSession, receipt: Receipt, sent: Sent, deemed_on: date) -> Received:
    receipt.entrance.admit(await standing_of(session.connection, receipt.entrance.client_id))
    await find_pupil(session, sent.pupil_id, lock=True)
    opened = await casework.open(session)
    whole = await load_record(session, opened.school, sent.pupil_id)
    kept = await idempotency.find(session, receipt.key)
    if kept is not None:
        numbers = idempotency.numbers(kept)
        return _shown(next(recorded for recorded in whole.known if recorded.number in numbers), deemed_on)
    entry = _entry_of(receipt, sent, deemed_on, await _digests_of(session, sent))
    # As in `official_steps`: a day is held against the request's alone, and tells nothing of a birth.
    require_bounds(opened.today, None, entry.occurred_on)
    officer = officer_of(receipt.entrance, receipt.officer)
    decision = ehc.receive_evidence(whole, entry, officer)
    if decision.is_refused:
        raise StepRefusedError(decision.findings)
    draft = Draft(entry=entry, author=officer, pupil_id=sent.pupil_id, client_id=receipt.entrance.client_id)
    recorded = await casework.store(opened, [Work(drafts=(draft,), before=whole)])
    has_evidence = receipt.digest is not None
    await ehc_requests.received(session, sent.id, entry.occurred_on, reference=receipt.officer, has_evidence=has_evidence)
    led_to = idempotency.led_to(recorded, {"request": sent.id})
    await idempotency.remember(session, receipt.key, led_to, at=casework.means.now())
    return _shown(recorded[0], deemed_on)


async def _digests_of(session: SchoolSession, sent: Sent) -> frozenset[bytes]:
    """What a receipt may name: an authority may hold an edition that was split anew since."""
    return frozenset() if sent.bundle_id is None else await bundles.digests_of(session, sent.bundle_id)


def _entry_of(receipt: Receipt, sent: Sent, deemed_on: date, digests: frozenset[bytes]) -> EvidenceReceived:
    if receipt.digest is None and sent.requester == Requester.SCHOOL:
        raise DigestMissingError
    if receipt.digest is not None and receipt.digest not in digests:
        raise DigestDiffersError
    day = receipt.received_on or sent.received_on or deemed_on
    if day not in (deemed_on, sent.received_on) and receipt.reason is None:
        raise ReasonMissingError(deemed_on)
    digest = None if receipt.digest is None else receipt.digest.hex()
    return EvidenceReceived(occurred_on=day, request=sent.id, deemed=False, bundle_digest=digest, reason=receipt.reason)


def _shown(recorded: Recorded, deemed_on: date) -> Received:
    entry = recorded.entry
    if not isinstance(entry, EvidenceReceived):
        raise TypeError("a receipt adds its own entry")
    return Received(
        request_id=entry.request,
        digest=None if entry.bundle_digest is None else bytes.fromhex(entry.bundle_digest),
        deemed_on=deemed_on,
        received_on=entry.occurred_on,
        reason=entry.reason,
        number=recorded.number,
    )
