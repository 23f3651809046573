"""Requests for an EHC needs assessment: made, their evidence frozen and submitted, and its receipt recorded for the authority."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID, uuid5

import asyncpg

from app.casework.taking import TRIES, Asked, Casework, StepRefusedError, Taken, Work, require_bounds
from app.db import bundles, ehc_requests, idempotency
from app.db.bundles import NewBundle
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.ehc_requests import NewRequest, Sent
from app.db.idempotency import Key
from app.db.ledger import Draft
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession
from app.domain import ehc
from app.domain.author import Author, AuthorKind
from app.domain.decision import Decision
from app.domain.entries import EhcAssessmentRequested, EvidenceReceived, EvidenceSubmitted, Recorded
from app.domain.record import Record
from app.domain.rules.records_and_privacy import RECORD_WHY_EVIDENCE_IS_SHARED

OFFICERS: Final = UUID("0f6f3c3e-7a43-5d0c-9c53-9a9b1d0f9990")
"""The name space in which an authority's own reference of an officer becomes the id of an author."""


class RequestUnknownError(Exception):
    """There is no such request here that the caller may see, or it has no bundle yet."""


class DigestDiffersError(Exception):
    """A receipt names other bytes than those of the bundle."""


class ReasonMissingError(Exception):
    """A receipt names another day than the deemed one and gives no reason."""

    def __init__(self, deemed_on: date) -> None:
        super().__init__("reason missing")
        self.deemed_on = deemed_on


async def ask(casework: Casework, asked: Asked, entry: EhcAssessmentRequested) -> Taken:
    """Make a request; `references` names it. Raises what `Casework.take` raises."""

    async def alongside(session: SchoolSession, _: tuple[Recorded, ...]) -> Mapping[str, object]:
        new = NewRequest(
            id=entry.request,
            pupil_id=asked.pupil_id,
            authority=entry.authority,
            requester=entry.requester.value,
            requested_on=entry.occurred_on,
        )
        await ehc_requests.insert(session, new)
        return {"request": entry.request}

    return await casework.take(asked, ehc.request_ehc_assessment, entry, alongside=alongside)


async def submit(casework: Casework, asked: Asked, entry: EvidenceSubmitted) -> Taken:
    """Freeze the record as it stands for a request, confirmed by `asked.second`; the bundle is made afterwards.

    Raises RequestUnknownError and what `Casework.take` raises.
    """

    async def alongside(session: SchoolSession, recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
        authority = await ehc_requests.lock(session, entry.request)
        if authority is None:
            raise RequestUnknownError
        submission = recorded[0]
        new = NewBundle(
            id=casework.means.new_id(),
            request_id=entry.request,
            authority=authority,
            frozen_at=_frozen_at(submission),
            frozen_moment=submission.recorded_at,
        )
        if not await bundles.insert(session, new, now=casework.means.now()):
            raise StepRefusedError((RECORD_WHY_EVIDENCE_IS_SHARED.broken(cure="the evidence was frozen before; ask anew to send more"),))
        await ehc_requests.submitted(session, entry.request, at=submission.recorded_at)
        return {"request": entry.request, "bundle": new.id}

    return await casework.take(asked, freeze, entry, alongside=alongside)


def freeze(record: Record, entry: EvidenceSubmitted, by: Author) -> Decision:
    """Freeze at the last number that tells of this pupil or of the school. Raises RequestUnknownError."""
    if ehc.request_of(record, entry) is None:
        raise RequestUnknownError
    return ehc.submit_evidence(record, replace(entry, frozen_at=max(record.last_number, record.school.last_number)), by)


def _frozen_at(submission: Recorded) -> int:
    if not isinstance(submission.entry, EvidenceSubmitted):
        raise TypeError("a submission adds its own entry first")
    return submission.entry.frozen_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an authority says of a bundle that it has; without a day it is the deemed one. `officer` is the authority's own reference."""

    entrance: AuthorityEntrance
    key: Key
    request_id: UUID
    digest: bytes
    officer: str
    received_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A receipt as it was recorded, beside the day on which the evidence was deemed to be there."""

    request_id: UUID
    digest: bytes
    deemed_on: date
    received_on: date
    reason: str | None
    number: int


async def receive(casework: Casework, receipt: Receipt) -> Received:
    """Find the request as the authority, then record its receipt as a step of the school's record; under one key once.

    Raises RequestUnknownError, DigestDiffersError, ReasonMissingError, StepRefusedError, OccurredOutOfBoundsError, KeyReusedError and
    the errors of `app.db.entrance`.
    """
    entrance = receipt.entrance
    async with casework.sessions.enter_authority(entrance) as session:
        sent = await ehc_requests.find_sent(session, entrance.client_id, receipt.request_id)
    if sent is None or sent.digest is None or sent.deemed_on is None:
        raise RequestUnknownError
    for tries_left in reversed(range(TRIES)):
        try:
            async with casework.sessions.for_school(sent.school_id) as session:
                received = await _receive(casework, session, receipt, sent, sent.deemed_on)
            casework.means.wake()
            return received
        except asyncpg.UniqueViolationError as error:
            # Another receipt under the same key came first; asked again, its answer is ours too.
            if not tries_left or not idempotency.is_same_key(error):
                raise
    raise AssertionError("the last try returns or raises")


async def _receive(casework: Casework, session: SchoolSession, receipt: Receipt, sent: Sent, deemed_on: date) -> Received:
    receipt.entrance.admit(await standing_of(session.connection, receipt.entrance.client_id))
    await find_pupil(session, sent.pupil_id, lock=True)
    opened = await casework.open(session)
    whole = await load_record(session, opened.school, sent.pupil_id)
    kept = await idempotency.find(session, receipt.key)
    if kept is not None:
        numbers = idempotency.numbers(kept)
        return _shown(next(recorded for recorded in whole.known if recorded.number in numbers), deemed_on)
    entry = _entry_of(receipt, sent, deemed_on)
    require_bounds(opened.today, whole.date_of_birth, entry.occurred_on)
    officer = Author(kind=AuthorKind.AUTHORITY_OFFICER, id=uuid5(OFFICERS, f"{receipt.entrance.authority}/{receipt.officer}"))
    decision = ehc.receive_evidence(whole, entry, officer)
    if decision.is_refused:
        raise StepRefusedError(decision.findings)
    draft = Draft(entry=entry, author=officer, pupil_id=sent.pupil_id, client_id=receipt.entrance.client_id)
    recorded = await casework.store(opened, [Work(drafts=(draft,), before=whole)])
    await ehc_requests.received(session, sent.id, entry.occurred_on, reference=receipt.officer)
    led_to = idempotency.led_to(recorded, {"request": sent.id})
    await idempotency.remember(session, receipt.key, led_to, at=casework.means.now())
    return _shown(recorded[0], deemed_on)


def _entry_of(receipt: Receipt, sent: Sent, deemed_on: date) -> EvidenceReceived:
    if receipt.digest != sent.digest:
        raise DigestDiffersError
    day = receipt.received_on or deemed_on
    if day != deemed_on and receipt.reason is None:
        raise ReasonMissingError(deemed_on)
    return EvidenceReceived(occurred_on=day, request=sent.id, deemed=False, bundle_digest=receipt.digest.hex(), reason=receipt.reason)


def _shown(recorded: Recorded, deemed_on: date) -> Received:
    entry = recorded.entry
    if not isinstance(entry, EvidenceReceived) or entry.bundle_digest is None:
        raise TypeError("a receipt adds its own entry")
    return Received(
        request_id=entry.request,
        digest=bytes.fromhex(entry.bundle_digest),
        deemed_on=deemed_on,
        received_on=entry.occurred_on,
        reason=entry.reason,
        number=recorded.number,
    )
