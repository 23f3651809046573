"""A school answers what an authority told it of: whose request it is, whose weeks run from the authority's day, or that it is nobody's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from app.casework.deciding import Taken
from app.casework.evidence import TRAVELS_AS, announce
from app.casework.official_steps import officer_in
from app.casework.taking import Asked, Casework
from app.db import ehc_requests, opened_requests
from app.db.deliveries import REQUEST_MADE, Event
from app.db.ehc_requests import NewRequest
from app.db.entrance import Entrance
from app.db.ledger import Draft
from app.db.opened_requests import LINKED, NOT_OURS, UNANSWERED, WAITING, Opening
from app.db.session import SchoolSession
from app.domain import ehc
from app.domain.entries import EhcAssessmentRequested, EvidenceReceived, Recorded, Requester


class OpeningUnknownError(Exception):
    """The school was told of nothing under that id."""


class AnsweredBeforeError(Exception):
    """The school has given another answer already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What the school adds of a request: its id, the parent who asked, where one did, and why, where that is known here."""

    opening_id: UUID
    request_id: UUID
    contact: UUID | None
    reason: str


async def link(casework: Casework, asked: Asked, said: Link) -> Taken:
    """Record the request under its pupil with the authority's own receipt, of the day that it named; under one key once.

    Raises OpeningUnknownError, AnsweredBeforeError and what `Casework.take` raises.
    """
    async with casework.sessions.enter(asked.entrance, read_only=True) as session:
        opening = await _found(session, said.opening_id)
    if asked.dry_run and opening.state != WAITING:
        raise AnsweredBeforeError
    entry = EhcAssessmentRequested(
        occurred_on=opening.received_on,
        request=said.request_id,
        authority=opening.authority,
        requester=Requester(opening.requester),
        contact=said.contact,
        reason=said.reason,
    )

    async def alongside(session: SchoolSession, recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
        if (await _found(session, opening.id, lock=True)).state != WAITING:
            raise AnsweredBeforeError
        await _keep(casework, session, asked.pupil_id, opening, entry)
        return {"request": entry.request}

    return await casework.take(_with_receipt(asked, opening, entry), ehc.request_ehc_assessment, entry, alongside=alongside)


async def not_ours(casework: Casework, entrance: Entrance, opening_id: UUID) -> Opening:
    """Say that the child is not a pupil here, and forget what was told of them; said again, nothing changes.

    Raises OpeningUnknownError, AnsweredBeforeError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance) as session:
        found = await _found(session, opening_id, lock=True)
        if found.state in (LINKED, UNANSWERED):
            raise AnsweredBeforeError
        if found.state != NOT_OURS:
            await opened_requests.answered(session, opening_id, NOT_OURS, at=casework.means.now())
        return await _found(session, opening_id)


def _with_receipt(asked: Asked, opening: Opening, entry: EhcAssessmentRequested) -> Asked:
    """The receipt is the authority's own word: its officer wrote it, through its client."""
    receipt = EvidenceReceived(
        occurred_on=opening.received_on,
        request=entry.request,
        deemed=False,
        bundle_digest=None,
        reason=f"The authority received it itself, under its reference {opening.reference}.",
    )
    officer = officer_in(opening.authority, opening.officer)
    word = Draft(entry=receipt, author=officer, pupil_id=asked.pupil_id, client_id=opening.client_id)
    return replace(asked, along=(word,))


async def _keep(casework: Casework, session: SchoolSession, pupil_id: UUID, opening: Opening, entry: EhcAssessmentRequested) -> None:
    new = NewRequest(
        id=entry.request,
        pupil_id=pupil_id,
        authority=opening.authority,
        requester=TRAVELS_AS.get(entry.requester, entry.requester).value,
        requested_on=entry.occurred_on,
        deemed_on=opening.received_on,
    )
    await ehc_requests.insert(session, new)
    await ehc_requests.received(session, new.id, opening.received_on, reference=opening.officer, has_evidence=False)
    at = casework.means.now()
    await opened_requests.answered(session, opening.id, LINKED, at=at, pupil_id=pupil_id, request_id=new.id)
    await announce(session, casework.means, opening.authority, [Event(event=REQUEST_MADE, pupil_id=pupil_id, request_id=new.id)])


async def _found(session: SchoolSession, opening_id: UUID, *, lock: bool = False) -> Opening:
    found = await opened_requests.find(session, opening_id, lock=lock)
    if found is None:
        raise OpeningUnknownError
    return found
