"""Lets out children's papers: the gate is asked, and the look written down, before the first byte and before every further 8 MB."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from app.casework.evidence import RequestUnknownError
from app.casework.taking import Casework, PupilUnknownError
from app.db import accesses, bundles, ehc_requests
from app.db.accesses import Access
from app.db.blobs import LARGEST_RANGE, Blobs
from app.db.bundles import Ready
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.ehc_requests import Sent
from app.db.entrance import Entrance
from app.db.kept_files import Kept
from app.db.records import PupilRef, find_pupil, load_record
from app.db.session import SchoolSession
from app.domain.entries import EhcAssessmentRequested
from app.domain.purposes import AT_THE_PERSON, Purpose

Release = Callable[[], Awaitable[None]]
"""Asks the gate and commits the look; raises where nothing may be let out."""


class RequestWithdrawnError(RequestUnknownError):
    """The request was withdrawn, so nothing that was sent with it is let out any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which client wants to see the evidence of a request, for which purpose, and for whom by the authority's own reference."""

    entrance: AuthorityEntrance
    request_id: UUID
    purpose: Purpose
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One part of a bundle that is there to be let out."""

    sent: Sent
    file: Kept
    file_name: str


async def in_parts(casework: Casework, sent: Sent) -> Ready | None:
    """Give the bundle of a request in the parts of the edition that counts, None until it is made."""
    if sent.bundle_id is None:
        return None
    async with casework.sessions.for_school(sent.school_id, read_only=True) as session:
        return await bundles.find_ready(session, sent.bundle_id)


async def find(casework: Casework, entrance: AuthorityEntrance, request_id: UUID, number: int = 1) -> Held:
    """Find a part of the bundle of a request sent to the authority. Raises RequestUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter_authority(entrance) as session:
        sent = await ehc_requests.find_sent(session, request_id)
    ready = None if sent is None else await in_parts(casework, sent)
    part = None if ready is None else ready.part(number)
    if sent is None or ready is None or part is None:
        raise RequestUnknownError
    return Held(sent=sent, file=part.file, file_name=ready.file_name(number))


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
        await _require_standing(session, sent.id)
        pupil = await find_pupil(session, sent.pupil_id)
        opened = await casework.open(session)
        record = await load_record(session, opened.school, sent.pupil_id)
        asked = next((entry for _, entry in record.each(EhcAssessmentRequested) if entry.request == sent.id), None)
        if pupil is None or asked is None:
            raise RequestUnknownError
        await accesses.note(session, _access(casework, look, sent, looks_at=AT_THE_PERSON))
    return About(pupil=pupil, asked=asked, urn=sent.urn)


async def release(casework: Casework, look: Look, sent: Sent) -> None:
    """Ask the gate and write the look down, in one transaction that has ended when this returns; one row for each download.

    Raises RequestWithdrawnError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.for_school(sent.school_id) as session:
        look.entrance.admit(await standing_of(session.connection, look.entrance.client_id))
        await _require_standing(session, sent.id)
        await accesses.note_download(session, _access(casework, look, sent))


async def _require_standing(session: SchoolSession, request_id: UUID) -> None:
    """Lock the request, so that it is not withdrawn, and no second row of the same look begun, while this is written."""
    if not await ehc_requests.lock_standing(session, request_id):
        raise RequestWithdrawnError


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLook:
    """Which client of the school, or acting for it, reads a pupil's papers, why, and for whom by its own reference."""

    entrance: Entrance
    pupil_id: UUID
    purpose: Purpose
    person: str | None = None


async def release_paper(casework: Casework, look: PaperLook, stands: Callable[[SchoolSession], Awaitable[bool]]) -> None:
    """As `release`, for a paper of the school's own, which is let out while it `stands`.

    Raises PupilUnknownError where it does not, or the pupil is gone, and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(look.entrance) as session:
        if await find_pupil(session, look.pupil_id, lock=True) is None or not await stands(session):
            raise PupilUnknownError
        reading = Access(
            id=casework.means.new_id(),
            pupil_id=look.pupil_id,
            client_id=look.entrance.client_id,
            purpose=look.purpose.value,
            at=casework.means.now(),
            person=look.person,
        )
        await accesses.note_download(session, reading)


def _access(casework: Casework, look: Look, sent: Sent, *, looks_at: str = "") -> Access:
    return Access(
        id=casework.means.new_id(),
        pupil_id=sent.pupil_id,
        client_id=look.entrance.client_id,
        purpose=f"{look.purpose.value}{looks_at}",
        at=casework.means.now(),
        request_id=sent.id,
        person=look.person,
    )


async def pieces(blobs: Blobs, file: Kept, span: tuple[int, int], release: Release) -> AsyncIterator[bytes]:
    """Give `span` (first byte, number of bytes) of a file, releasing it anew for each 8 MB but the first, which is released already.

    Raises what `release` raises, between two of them, and BlobMissingError.
    """
    start, length = span
    for offset in range(start, start + length, LARGEST_RANGE):
        if offset > start:
            await release()
        async for chunk in blobs.read(file, offset, min(LARGEST_RANGE, start + length - offset)):
            yield chunk
