"""Makes the bundle of a frozen record: gathered from the ledger, written to a file, named by its row, and announced to the authority."""

import asyncio
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog

from app.casework.authors import ITSELF
from app.casework.evidence import announce
from app.casework.keyring import Keyring
from app.casework.taking import Casework, Opened, Work
from app.casework.working import Held, HopelessError, attempt
from app.db import bundles, ehc_requests, kept_files
from app.db.blobs import Blobs
from app.db.bundles import Chain, Part, Ready, Wanted
from app.db.deliveries import EVIDENCE_BUNDLE, EVIDENCE_READY, Event
from app.db.ehc_requests import EhcRequest
from app.db.kept_files import Kept
from app.db.ledger import Draft
from app.db.records import PupilRef, find_pupil, load_record
from app.db.session import SchoolSession
from app.db.work import WorkKind
from app.documents.bag import write_bundle
from app.documents.bag_names import BUNDLE_TYP
from app.documents.frozen import FrozenEntry, FrozenPupil, FrozenRecord, FrozenSchool, SignedHead
from app.documents.left_out import goes_out
from app.domain.author import Author, AuthorKind
from app.domain.ehc import receive_evidence
from app.domain.entries import EvidenceReceived, EvidenceSubmitted, Recorded, Requester
from app.domain.record import Record
from app.domain.request_course import course_of
from app.keys.heads import HeadStatement, sign_head
from app.keys.jwks import KeyUse, PrivateKey
from app.keys.jws import sign_detached

_log = structlog.get_logger("app.documents.bundling")


class FreezeGoneError(HopelessError):
    """What was frozen is no longer there to be made a bundle of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A claimed bundle's record as it stands in this transaction."""

    opened: Opened
    pupil: PupilRef
    request: EhcRequest
    record: Record
    submission: Recorded


class BundleMaker:
    """Makes bundles, each in three steps: claimed and read, written without a transaction, handed over in another."""

    def __init__(self, casework: Casework, keyring: Keyring, blobs: Blobs) -> None:
        self._casework = casework
        self._keyring = keyring
        self._blobs = blobs

    async def make(self, school_id: UUID, bundle_id: UUID) -> bool:
        """Make a bundle that waits; False when somebody else has it or it failed, which is logged and tried again six times in all."""

        async def give_up(session: SchoolSession, _reason: str) -> None:
            await bundles.failed(session, bundle_id)

        try:
            return await attempt(self._casework, WorkKind.BUNDLE, school_id, bundle_id, self._make, burying=give_up) is True
        except Exception as error:
            _log.error("bundle.failed", school=str(school_id), bundle=str(bundle_id), exc_info=error)
            return False

    async def _make(self, held: Held) -> bool:
        async with self._casework.sessions.for_school(held.school_id) as session:
            wanted = await bundles.find_wanted(session, held.piece.subject)
            if wanted is None:
                await held.finish(session)
                return False
        await self._hand_over(held, wanted, await self._written(held.school_id, wanted))
        return True

    async def _written(self, school_id: UUID, wanted: Wanted) -> Ready:
        frozen = await self._frozen(school_id, wanted)
        key = await self._keyring.signing_key(KeyUse.BUNDLES)
        kept = await asyncio.to_thread(_write, self._blobs, (school_id, self._casework.means.new_id()), frozen, key)
        return Ready(
            id=wanted.id,
            request_id=wanted.request_id,
            pupil_id=wanted.pupil_id,
            edition=wanted.edition,
            digest=kept.digest,
            size=kept.size,
            parts=(Part(number=1, file=kept),),
        )

    async def _frozen(self, school_id: UUID, wanted: Wanted) -> FrozenRecord:
        async with self._casework.sessions.for_school(school_id, read_only=True) as session:
            standing = await self._standing(session, wanted)
            chain = await bundles.chain_to(session, wanted.frozen_at)
            entries = await bundles.entries_of(session, wanted.pupil_id, frozen_at=wanted.frozen_at)
            people = await bundles.people_of(session, wanted.pupil_id)
        head = await self._signed_head(school_id, wanted, chain)
        record = standing.record.known_at(wanted.frozen_at)
        shown = {recorded.number for recorded in record.known if goes_out(recorded.entry)}
        return FrozenRecord(
            request_id=wanted.request_id,
            requester=_requester(standing),
            requested_on=standing.request.requested_on,
            submitted_on=standing.submission.entry.occurred_on,
            frozen_at=wanted.frozen_at,
            frozen_moment=wanted.frozen_moment,
            school=_school(school_id, standing.opened),
            pupil=_pupil(standing.pupil),
            record=record,
            entries=tuple(FrozenEntry(number=e.number, header=e.header, salt=e.salt, body=e.body) for e in entries if e.number in shown),
            digests=chain.digests,
            head=SignedHead(number=wanted.frozen_at, link=chain.link, jws=head),
            people=people,
        )

    async def _signed_head(self, school_id: UUID, wanted: Wanted, chain: Chain) -> str:
        """Sign the head once and keep it, so that a bundle made anew has the same bytes but for its own signature."""
        if wanted.signed_head is not None:
            return wanted.signed_head
        head = HeadStatement(school=school_id, epoch=chain.epoch, number=wanted.frozen_at, link=chain.link)
        signed = sign_head(head, await self._keyring.signing_key(KeyUse.HEADS))
        async with self._casework.sessions.for_school(school_id) as session:
            return await bundles.keep_head(session, wanted.id, signed)

    async def _standing(self, session: SchoolSession, wanted: Wanted, *, lock: bool = False) -> Standing:
        pupil = await find_pupil(session, wanted.pupil_id, lock=lock)
        opened = await self._casework.open(session)
        record = await load_record(session, opened.school, wanted.pupil_id)
        request = await ehc_requests.find(session, wanted.pupil_id, wanted.request_id)
        submission = next((r for r, sent in record.each(EvidenceSubmitted) if sent.request == wanted.request_id), None)
        if pupil is None or request is None or submission is None:
            raise FreezeGoneError("the submission no longer stands")
        return Standing(opened=opened, pupil=pupil, request=request, record=record, submission=submission)

    async def _hand_over(self, held: Held, wanted: Wanted, ready: Ready) -> None:
        """Name the file, deem the evidence available today, and owe the word of it, all at once."""
        async with self._casework.sessions.for_school(held.school_id) as session:
            standing = await self._standing(session, wanted, lock=True)
            await held.finish(session)
            await self._deem(session, standing, ready)
            for part in ready.parts:
                await kept_files.keep(session, part.file, pupil_id=ready.pupil_id, at=self._casework.means.now())
            await bundles.made(session, ready, at=standing.opened.moment)
            await ehc_requests.deemed_received(session, ready.request_id, standing.opened.today)
            await self._announce(session, wanted, ready)
        self._casework.means.wake()

    async def _deem(self, session: SchoolSession, standing: Standing, ready: Ready) -> None:
        """The client through which the evidence was submitted is the author: nobody at the authority has said anything yet."""
        client_id = await bundles.client_behind(session, standing.submission.number)
        author = ITSELF if client_id is None else Author(kind=AuthorKind.CLIENT, id=client_id)
        opened, whole = standing.opened, standing.record
        entry = EvidenceReceived(occurred_on=opened.today, request=ready.request_id, deemed=True, bundle_digest=ready.digest.hex())
        if receive_evidence(whole, entry, author).is_refused:
            raise FreezeGoneError("the request no longer stands")
        draft = Draft(entry=entry, author=author, pupil_id=ready.pupil_id, client_id=client_id)
        await self._casework.store(opened, [Work(drafts=(draft,), before=whole)])

    async def _announce(self, session: SchoolSession, wanted: Wanted, ready: Ready) -> None:
        """Tell that the bundle is there, then owe its parts, in their order, to those who want them sent."""
        about = partial(Event, pupil_id=wanted.pupil_id, request_id=wanted.request_id, bundle_id=wanted.id)
        parts = [about(event=EVIDENCE_BUNDLE, edition=ready.edition, part=part.number) for part in ready.parts]
        await announce(session, self._casework.means, wanted.authority, [about(event=EVIDENCE_READY), *parts])


def _write(blobs: Blobs, name: tuple[UUID, UUID], frozen: FrozenRecord, key: PrivateKey) -> Kept:
    with blobs.putting(*name) as file:
        write_bundle(frozen, partial(sign_detached, key=key, typ=BUNDLE_TYP), file)
    return file.kept


def _school(school_id: UUID, opened: Opened) -> FrozenSchool:
    now = opened.now
    return FrozenSchool(id=school_id, urn=now.urn, name=now.name, authority=now.authority)


def _requester(standing: Standing) -> Requester:
    """Who asked by the record's own entry; the row says only with what the request travels."""
    course = course_of(standing.record, standing.request.id)
    return Requester(standing.request.requester) if course is None else course.asked.requester


def _pupil(pupil: PupilRef) -> FrozenPupil:
    """The reference is the end of our own id, which says nothing of the child."""
    return FrozenPupil(
        id=pupil.id,
        reference=f"P-{pupil.id.hex[-8:].upper()}",
        surname=pupil.surname,
        forename=pupil.forename,
        date_of_birth=pupil.date_of_birth,
        upn=pupil.upn,
    )
