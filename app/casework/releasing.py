"""Lets out to an authority whom a request is about, and its bundle: the gate is asked and the look written down before each 8 MB of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import UUID

from app.casework.evidence import RequestUnknownError
from app.casework.taking import Casework
from app.db import accesses, bundles, ehc_requests
from app.db.accesses import Access
from app.db.blobs import LARGEST_RANGE, Blobs
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.ehc_requests import Sent
from app.db.kept_files import Kept
from app.db.records import PupilRef, find_pupil, load_record
from app.domain.entries import EhcAssessmentRequested


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which client wants to see the evidence of a request, for which purpose, and for whom by the authority's own reference."""

    entrance: AuthorityEntrance
    request_id: UUID
    purpose: str
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One part of a bundle that is there to be let out."""

    sent: Sent
    file: Kept


async def find(casework: Casework, entrance: AuthorityEntrance, request_id: UUID, number: int = 1) -> Held:
    """Find a part of the bundle of a request sent to the authority. Raises RequestUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter_authority(entrance) as session:
        sent = await ehc_requests.find_sent(session, request_id)
    if sent is None or sent.bundle_id is None:
        raise RequestUnknownError
    async with casework.sessions.for_school(sent.school_id, read_only=True) as session:
        ready = await bundles.find_ready(session, sent.bundle_id)
    part = None if ready is None else ready.part(number)
    if part is None:
        raise RequestUnknownError
    return Held(sent=sent, file=part.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whom a request is about, and what whoever made it said."""

    pupil: PupilRef
    asked: EhcAssessmentRequested
    urn: str


async def about(casework: Casework, look: Look) -> About:
    """Tell whom a request is about once the look is committed, as one at the person alone and a row of its own.

    Raises RequestUnknownError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter_authority(look.entrance) as session:
        sent = await ehc_requests.find_sent(session, look.request_id)
    if sent is None:
        raise RequestUnknownError
    async with casework.sessions.for_school(sent.school_id) as session:
        look.entrance.admit(await standing_of(session.connection, look.entrance.client_id))
        pupil = await find_pupil(session, sent.pupil_id)
        opened = await casework.open(session)
        record = await load_record(session, opened.school, sent.pupil_id)
        asked = next((entry for _, entry in record.each(EhcAssessmentRequested) if entry.request == sent.id), None)
        if pupil is None or asked is None:
            raise RequestUnknownError
        await accesses.note(session, _access(casework, replace(look, purpose=f"{look.purpose}/person"), sent))
    return About(pupil=pupil, asked=asked, urn=sent.urn)


async def release(casework: Casework, look: Look, sent: Sent) -> None:
    """Ask the gate and write the look down, in one transaction that has ended when this returns; one row for each download."""
    async with casework.sessions.for_school(sent.school_id) as session:
        look.entrance.admit(await standing_of(session.connection, look.entrance.client_id))
        await ehc_requests.lock(session, sent.id)
        await accesses.note_download(session, _access(casework, look, sent))


def _access(casework: Casework, look: Look, sent: Sent) -> Access:
    return Access(
        id=casework.means.new_id(),
        pupil_id=sent.pupil_id,
        client_id=look.entrance.client_id,
        purpose=look.purpose,
        at=casework.means.now(),
        request_id=sent.id,
        person=look.person,
    )


async def pieces(casework: Casework, blobs: Blobs, look: Look, held: Held, span: tuple[int, int]) -> AsyncIterator[bytes]:
    """Give `span` (first byte, number of bytes) of a bundle whose first 8 MB are released; raises an EntranceError between two ranges."""
    start, length = span
    for offset in range(start, start + length, LARGEST_RANGE):
        if offset > start:
            await release(casework, look, held.sent)
        async for chunk in blobs.read(held.file, offset, min(LARGEST_RANGE, start + length - offset)):
            yield chunk
