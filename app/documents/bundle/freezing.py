"""Gathers a frozen record from the ledger, the roll and the store, with the proof that it stands in the school's chain."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from app.casework.keyring import Keyring
from app.casework.profiles import ProfileUnknownError, profile_named
from app.casework.taking import Casework, Opened
from app.casework.working import HopelessError
from app.db import bundles, ehc_requests, freezes, kept_files
from app.db.blobs import Blobs
from app.db.bundles import Wanted
from app.db.ehc_requests import EhcRequest
from app.db.freezes import Chain, LedgerEntry
from app.db.kept_files import Kept
from app.db.records import PupilRef, find_pupil, load_record
from app.db.session import SchoolSession
from app.documents.bundle.bag_files import PaperAlteredError
from app.documents.bundle.frozen import FrozenEntry, FrozenPaper, FrozenPupil, FrozenRecord, FrozenSchool, SignedHead
from app.documents.people.document import pupil_reference
from app.documents.record.contribution_sections import contributor_name
from app.documents.record.labels import Names
from app.documents.record.left_out import goes_out
from app.domain.calendar import civil_day
from app.domain.entries import EvidenceSubmitted, PaperRedacted, Recorded, Requester
from app.domain.leaving_out import leave_out, papers_left_in
from app.domain.papers_going_out import PaperGoingOut
from app.domain.profile import Profile
from app.domain.record import Record
from app.domain.request_course import course_of
from app.keys.heads import HeadStatement, sign_head
from app.keys.jwks import KeyUse


class FreezeGoneError(HopelessError):
    """What was frozen is no longer there to be made a bundle of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A wanted bundle's record as it stands in this transaction, later entries included, and the entry that submitted it."""

    opened: Opened
    pupil: PupilRef
    request: EhcRequest
    record: Record
    submission: Recorded
    sent: EvidenceSubmitted


async def standing_of(casework: Casework, session: SchoolSession, wanted: Wanted, *, lock: bool = False) -> Standing:
    """Read what a wanted bundle is about; with `lock` nobody else writes on the record meanwhile. Raises FreezeGoneError."""
    pupil = await find_pupil(session, wanted.pupil_id, lock=lock)
    opened = await casework.open(session)
    record = await load_record(session, opened.school, wanted.pupil_id)
    request = await ehc_requests.find(session, wanted.pupil_id, wanted.request_id)
    found = next(((one, sent) for one, sent in record.each(EvidenceSubmitted) if sent.request == wanted.request_id), None)
    if pupil is None or request is None or found is None:
        raise FreezeGoneError("the submission no longer stands")
    return Standing(opened=opened, pupil=pupil, request=request, record=record, submission=found[0], sent=found[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """What one transaction gives of a freeze."""

    standing: Standing
    chain: Chain
    entries: Sequence[LedgerEntry]
    people: Mapping[UUID, str]
    profile: Profile
    papers: Sequence[tuple[PaperGoingOut, Kept]]

    @property
    def left_out(self) -> frozenset[int]:
        return frozenset(one.number for one in self.standing.sent.left_out)


@dataclass(frozen=True, slots=True)
class Freezing:
    """What it takes to gather a freeze."""

    casework: Casework
    keyring: Keyring
    blobs: Blobs

    async def frozen(self, school_id: UUID, wanted: Wanted) -> FrozenRecord:
        """Gather what was frozen, but for the bytes of papers, which are read from the store when they are asked for.

        Raises FreezeGoneError, PaperAlteredError, and LedgerTamperedError of `app.db.freezes`.
        """
        async with self.casework.sessions.for_school(school_id, read_only=True) as session:
            gathered = await self._gathered(session, wanted)
        head = await self._signed_head(school_id, wanted, gathered.chain)
        standing, record = gathered.standing, gathered.standing.record.known_at(wanted.frozen_at)
        shown = {recorded.number for recorded in record.known if goes_out(recorded.entry)}
        return FrozenRecord(
            request_id=wanted.request_id,
            requester=_requester(standing),
            requested_on=standing.request.requested_on,
            submitted_on=standing.sent.occurred_on,
            frozen_at=wanted.frozen_at,
            frozen_moment=wanted.frozen_moment,
            school=_school(school_id, standing.opened),
            pupil=_pupil(standing.pupil),
            record=leave_out(record, gathered.left_out),
            entries=tuple(_entry(one, gathered.left_out) for one in gathered.entries if one.number in shown),
            digests=gathered.chain.digests,
            head=SignedHead(number=wanted.frozen_at, link=gathered.chain.link, jws=head),
            people=gathered.people,
            profile=gathered.profile,
            papers=self._papers(gathered, record),
            left_out=standing.sent.left_out,
        )

    async def _gathered(self, session: SchoolSession, wanted: Wanted) -> _Gathered:
        standing = await standing_of(self.casework, session, wanted)
        return _Gathered(
            standing=standing,
            chain=await freezes.chain_to(session, wanted.frozen_at),
            entries=await freezes.entries_of(session, wanted.pupil_id, frozen_at=wanted.frozen_at),
            people=await freezes.people_of(session, wanted.pupil_id),
            profile=await _profile(session, standing, wanted),
            papers=await _papers(session, standing, wanted),
        )

    async def _signed_head(self, school_id: UUID, wanted: Wanted, chain: Chain) -> str:
        """Sign the head once and keep it, so that a bundle made anew has the same bytes but for its own signature."""
        if wanted.signed_head is not None:
            return wanted.signed_head
        head = HeadStatement(school=school_id, epoch=chain.epoch, number=wanted.frozen_at, link=chain.link)
        signed = sign_head(head, await self.keyring.signing_key(KeyUse.HEADS))
        async with self.casework.sessions.for_school(school_id) as session:
            return await bundles.keep_head(session, wanted.id, signed)

    def _papers(self, gathered: _Gathered, record: Record) -> tuple[FrozenPaper, ...]:
        pupil = _pupil(gathered.standing.pupil)
        names = Names(gathered.people, pupil.id, pupil.name)
        seen = leave_out(record, gathered.left_out)
        return tuple(self._paper(going, kept, contributor_name(going.contributor, seen, names)) for going, kept in gathered.papers)

    def _paper(self, going: PaperGoingOut, kept: Kept, contributor: str) -> FrozenPaper:
        named = going.paper
        if (kept.digest.hex(), kept.size) != (named.sha256, named.size):
            raise PaperAlteredError(f"paper {named.id}")
        return FrozenPaper(
            id=named.id,
            entry=going.entry,
            kind=going.kind,
            contributor=contributor,
            title=named.title,
            given_on=going.given_on,
            media_type=named.media_type,
            sha256=kept.digest,
            size=kept.size,
            pages=named.pages,
            is_redacted=going.is_redacted,
            chunks=partial(self.blobs.chunks, kept),
        )


async def _profile(session: SchoolSession, standing: Standing, wanted: Wanted) -> Profile:
    on, is_sandbox = civil_day(wanted.frozen_moment), standing.opened.now.is_sandbox
    try:
        return await profile_named(session, wanted.profile, authority=wanted.authority, is_sandbox=is_sandbox, on=on)
    except ProfileUnknownError:
        raise FreezeGoneError("the profile is not there") from None


async def _papers(session: SchoolSession, standing: Standing, wanted: Wanted) -> list[tuple[PaperGoingOut, Kept]]:
    record = standing.record.known_at(wanted.frozen_at)
    going = papers_left_in(record, frozenset(one.number for one in standing.sent.left_out))
    if record.has_erased(PaperRedacted):
        going = _but_for(going, await freezes.blacked_out(session, wanted.pupil_id))
    kept = await kept_files.of_papers(session, [one.paper.id for one in going])
    if len(kept) != len(going):
        raise FreezeGoneError("a paper is not there")
    return [(one, kept[one.paper.id]) for one in going]


def _but_for(going: Sequence[PaperGoingOut], blacked_out: Collection[UUID]) -> tuple[PaperGoingOut, ...]:
    """Where it was erased what was blacked out, a paper that may be the one of before stays at the school."""
    return tuple(one for one in going if one.paper.id not in blacked_out)


def _entry(one: LedgerEntry, left_out: Collection[int]) -> FrozenEntry:
    gone = one.number in left_out
    return FrozenEntry(number=one.number, header=one.header, salt=None if gone else one.salt, body=None if gone else one.body)


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
        reference=pupil_reference(pupil.id),
        surname=pupil.surname,
        forename=pupil.forename,
        date_of_birth=pupil.date_of_birth,
        upn=pupil.upn,
        sex=pupil.sex,
    )
