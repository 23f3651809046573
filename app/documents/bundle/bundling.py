"""Makes the bundle of a frozen record: gathered from the ledger, written to a file, named by its row, and announced to the authority."""

import asyncio
from dataclasses import replace
from functools import partial
from uuid import UUID

import structlog

from app.casework.authors import ITSELF
from app.casework.keyring import Keyring
from app.casework.pushing import announce_bundle
from app.casework.taking import Casework, Work
from app.casework.working import Held, attempt
from app.db import bundles, ehc_requests, freezes, kept_files
from app.db.blobs import Blobs
from app.db.bundles import Part, Ready, Wanted
from app.db.kept_files import Kept
from app.db.ledger import Draft
from app.db.session import SchoolSession
from app.db.work import WorkKind
from app.documents.bundle.bag import BagPart, Bundle, Sign, prepare, write_part
from app.documents.bundle.bag_names import BUNDLE_TYP
from app.documents.bundle.freezing import FreezeGoneError, Freezing, Standing, standing_of
from app.domain.author import Author, AuthorKind
from app.domain.ehc import receive_evidence
from app.domain.entries import EvidenceReceived
from app.domain.set_digest import digest_of_parts
from app.keys.jwks import KeyUse
from app.keys.jws import sign_detached

_log = structlog.get_logger("app.documents.bundle.bundling")


class BundleMaker:
    """Makes bundles, each in three steps: claimed and read, written without a transaction, handed over in another."""

    def __init__(self, casework: Casework, keyring: Keyring, blobs: Blobs) -> None:
        self._casework = casework
        self._keyring = keyring
        self._blobs = blobs
        self._freezing = Freezing(casework, keyring, blobs)

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
        frozen = await self._freezing.frozen(school_id, wanted)
        key, at = await self._keyring.signing_key(KeyUse.BUNDLES), self._casework.means.now()
        bundle = await asyncio.to_thread(prepare, frozen, wanted.cap)
        parts = []
        for part in bundle.parts:
            kept = await asyncio.to_thread(
                _write,
                self._blobs,
                (school_id, self._casework.means.new_id()),
                bundle,
                part,
                partial(sign_detached, key=key, typ=BUNDLE_TYP, at=at),
            )
            parts.append(Part(number=part.number, file=kept))
        return Ready(
            id=wanted.id,
            request_id=wanted.request_id,
            pupil_id=wanted.pupil_id,
            edition=wanted.edition,
            digest=digest_of_parts([part.file.digest for part in parts]),
            size=sum(part.file.size for part in parts),
            parts=tuple(parts),
        )

    async def _hand_over(self, held: Held, wanted: Wanted, ready: Ready) -> None:
        """Name the files and owe the word of them, all at once; what is made for the first time is deemed available today."""
        async with self._casework.sessions.for_school(held.school_id) as session:
            standing = await standing_of(self._casework, session, wanted, lock=True)
            await held.finish(session)
            if not wanted.was_made_before:
                await self._deem(session, standing, ready)
                await ehc_requests.deemed_received(session, ready.request_id, standing.opened.today)
            await bundles.made(session, await self._kept(session, ready), at=standing.opened.moment)
            await announce_bundle(session, self._casework.means, wanted.authority, ready)
        self._casework.means.wake()

    async def _kept(self, session: SchoolSession, ready: Ready) -> Ready:
        at = self._casework.means.now()
        files = [await kept_files.keep(session, part.file, pupil_id=ready.pupil_id, at=at) for part in ready.parts]
        return replace(ready, parts=tuple(replace(part, file=file) for part, file in zip(ready.parts, files, strict=True)))

    async def _deem(self, session: SchoolSession, standing: Standing, ready: Ready) -> None:
        """The client through which the evidence was submitted is the author: nobody at the authority has said anything yet."""
        client_id = await freezes.client_behind(session, standing.submission.number)
        author = ITSELF if client_id is None else Author(kind=AuthorKind.CLIENT, id=client_id)
        opened, whole = standing.opened, standing.record
        entry = EvidenceReceived(occurred_on=opened.today, request=ready.request_id, deemed=True, bundle_digest=ready.digest.hex())
        if receive_evidence(whole, entry, author).is_refused:
            raise FreezeGoneError("the request no longer stands")
        draft = Draft(entry=entry, author=author, pupil_id=ready.pupil_id, client_id=client_id)
        await self._casework.store(opened, [Work(drafts=(draft,), before=whole)])


def _write(blobs: Blobs, name: tuple[UUID, UUID], bundle: Bundle, part: BagPart, sign: Sign) -> Kept:
    with blobs.putting(*name) as file:
        write_part(bundle, part, sign, file)
    return file.kept
