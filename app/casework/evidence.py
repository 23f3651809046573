"""Requests for an EHC needs assessment: made, seen by their authority, and their evidence frozen and submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.casework.deciding import Taken
from app.casework.taking import Asked, Casework, Means, StepRefusedError
from app.db import bundles, deliveries, ehc_requests
from app.db.bundles import NewBundle
from app.db.deliveries import REQUEST_MADE, Event
from app.db.ehc_requests import NewRequest
from app.db.schools import school_now
from app.db.session import SchoolSession
from app.domain import ehc
from app.domain.author import Author
from app.domain.authorities import is_addressable
from app.domain.calendar import civil_day
from app.domain.decision import Decision
from app.domain.entries import EhcAssessmentRequested, EvidenceReceived, EvidenceSubmitted, Recorded, Requester
from app.domain.profile import Profile
from app.domain.record import Record
from app.domain.rules.data_protection import LEAVE_A_TRAIL, RECORD_WHY_EVIDENCE_IS_SHARED

TRAVELS_AS: Final[Mapping[Requester, Requester]] = MappingProxyType({Requester.POST_16_INSTITUTION: Requester.SCHOOL})
"""A college's request travels as a school's does, with its evidence; who asked stands in the entry."""


class RequestUnknownError(Exception):
    """There is no such request here that the caller may see, or it has no bundle yet."""


class AuthorityNotAddressableError(Exception):
    """The authority named does not exist on the school's side: sandbox schools send to invented ones alone, live schools to real ones."""


async def ask(casework: Casework, asked: Asked, entry: EhcAssessmentRequested) -> Taken:
    """Make a request; `references` names it. A parent's or young person's is there for the authority as soon as this returns.

    Raises AuthorityNotAddressableError and what `Casework.take` raises.
    """
    async with casework.sessions.enter(asked.entrance, read_only=True) as session:
        now = await school_now(session)
    if not is_addressable(entry.authority, is_sandbox=now.is_sandbox):
        raise AuthorityNotAddressableError
    available_on = civil_day(now.moment(casework.means.now()))

    def step(record: Record, entry: EhcAssessmentRequested, by: Author) -> Decision:
        return ehc.send_ehc_request(record, entry, by, available_on)

    async def alongside(session: SchoolSession, recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
        if entry.requester is not Requester.SOMEBODY_ELSE:
            await _keep(session, casework.means, _new_request(asked.pupil_id, entry, recorded))
        return {"request": entry.request}

    return await casework.take(asked, step, entry, alongside=alongside)


def _new_request(pupil_id: UUID, entry: EhcAssessmentRequested, recorded: tuple[Recorded, ...]) -> NewRequest:
    return NewRequest(
        id=entry.request,
        pupil_id=pupil_id,
        authority=entry.authority,
        requester=TRAVELS_AS.get(entry.requester, entry.requester).value,
        requested_on=entry.occurred_on,
        deemed_on=next((r.entry.occurred_on for r in recorded if isinstance(r.entry, EvidenceReceived)), None),
    )


async def _keep(session: SchoolSession, means: Means, new: NewRequest) -> None:
    await ehc_requests.insert(session, new)
    if new.deemed_on is not None:
        await announce(session, means, new.authority, [Event(event=REQUEST_MADE, pupil_id=new.pupil_id, request_id=new.id)])


async def announce(session: SchoolSession, means: Means, authority: str, events: Sequence[Event]) -> None:
    """Owe events, in this order, to the endpoints of an authority that wish to hear of them and are of the school's side."""
    for organisation_id in await bundles.attach_authority(session, authority):
        for event in events:
            await deliveries.owe(session, [event], new_id=means.new_id, now=means.now(), to=organisation_id)


class LookedAwayError(Exception):
    """The record or the school moved on between the look at what goes out and its freeze."""


async def submit(casework: Casework, asked: Asked, entry: EvidenceSubmitted, *, looked_at: int, profile: Profile) -> Taken:
    """Freeze the record as it stood at ledger number `looked_at` for a request; its bundle is made later, in parts as `profile` takes them.

    `asked.second` confirmed it, or the school's waiver that the entry names. From here on the authority sees a request that the school
    itself made. Raises RequestUnknownError, LookedAwayError and what `Casework.take` raises.
    """

    async def alongside(session: SchoolSession, recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
        authority = await ehc_requests.lock(session, entry.request)
        if authority is None:
            raise RequestUnknownError
        submission = recorded[0]
        if _frozen_at(submission) != looked_at:
            raise LookedAwayError
        new = NewBundle(
            id=casework.means.new_id(),
            request_id=entry.request,
            authority=authority,
            frozen_at=_frozen_at(submission),
            frozen_moment=submission.recorded_at,
            profile=entry.profile,
            cap=profile.papers.largest_file,
        )
        if not await bundles.insert(session, new, now=casework.means.now()):
            raise StepRefusedError((RECORD_WHY_EVIDENCE_IS_SHARED.broken(cure="the evidence was frozen before; ask anew to send more"),))
        if await ehc_requests.submitted(session, entry.request, at=submission.recorded_at) == Requester.SCHOOL:
            made = Event(event=REQUEST_MADE, pupil_id=asked.pupil_id, request_id=entry.request)
            await announce(session, casework.means, authority, [made])
        return {"request": entry.request, "bundle": new.id}

    return await casework.take(asked, partial(freeze, profile=profile), entry, alongside=alongside)


def freeze(record: Record, entry: EvidenceSubmitted, by: Author, *, profile: Profile) -> Decision:
    """Freeze at the last number that tells of this pupil or of the school; not without a second person or a waiver.

    Raises RequestUnknownError.
    """
    if ehc.request_of(record, entry) is None:
        raise RequestUnknownError
    if entry.confirmed_by is None and entry.waived_by is None:
        return Decision.refused(LEAVE_A_TRAIL.broken(missing=("second person",)))
    return ehc.submit_evidence(record, replace(entry, frozen_at=last_told(record)), by, profile)


def last_told(record: Record) -> int:
    """The last number of the ledger that tells of this pupil or of the school."""
    return max(record.last_number, record.school.last_number)


def _frozen_at(submission: Recorded) -> int:
    if not isinstance(submission.entry, EvidenceSubmitted):
        raise TypeError("a submission adds its own entry first")
    return submission.entry.frozen_at
