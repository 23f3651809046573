"""Submits evidence: chosen for a profile, searched for the names of other pupils, and frozen as it was when it was searched."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from app.casework import evidence
from app.casework.deciding import Taken
from app.casework.evidence import LookedAwayError, RequestUnknownError, last_told
from app.casework.profiles import profile_named
from app.casework.taking import Asked, Casework, PupilUnknownError, StepRefusedError
from app.db import ehc_requests, kept_files, pupils
from app.db.blobs import Blobs
from app.db.kept_files import Kept
from app.db.records import load_record
from app.documents.papers.paper_text import TextUnreadableError, text_of
from app.documents.record.left_out import goes_out
from app.domain.entries import EvidenceSubmitted, LeftOut, OthersNamed, Recorded
from app.domain.leaving_out import papers_left_in
from app.domain.others_named import OnRoll, Others, words_of
from app.domain.papers_going_out import PaperGoingOut
from app.domain.profile import Profile
from app.domain.record import Record
from app.domain.rules.data_protection import REVIEW_EXEMPTIONS_BEFORE_RELEASE
from app.domain.submission import waiver_of

TRIES: Final = 3
"""So often is a record searched anew that is written on meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """For which profile the evidence is put together, None for what fits its authority, and why others who are named go along.

    With `others_decided` the reason holds for these pupils alone.
    """

    profile: str | None = None
    others_named_because: str = ""
    others_decided: frozenset[UUID] | None = None

    def reason_for(self, named: frozenset[UUID]) -> str:
        """Why these pupils are named, empty where nobody decided that of all of them."""
        return self.others_named_because if self.others_decided is None or named <= self.others_decided else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is about to go out, as it was looked at: up to which number, for which profile, under which waiver, and who else is named."""

    number: int
    profile: Profile
    waiver: int | None
    roll: Sequence[OnRoll]
    own: Sequence[UUID]
    entries: Sequence[Recorded]
    left_out: Sequence[LeftOut]
    papers: Sequence[PaperGoingOut]
    files: Mapping[UUID, Kept]
    also_of_others: Sequence[tuple[UUID, UUID]]


async def submit(casework: Casework, blobs: Blobs, asked: Asked, entry: EvidenceSubmitted, wishes: Wishes) -> Taken:
    """Look at what goes out, then freeze exactly that; looked at anew while somebody writes on the record.

    Raises RequestUnknownError, LookedAwayError after three looks, ProfileUnknownError, and what `Casework.take` raises.
    """
    for tries_left in reversed(range(TRIES)):
        looked = await _look(casework, asked, entry, wishes)
        named = await asyncio.to_thread(_others_named, blobs, looked, wishes)
        whole = replace(entry, profile=looked.profile.name, others_named=named, waived_by=looked.waiver if asked.second is None else None)
        try:
            return await evidence.submit(casework, asked, whole, looked_at=looked.number, profile=looked.profile)
        except LookedAwayError:
            if not tries_left:
                raise
    raise AssertionError("the last look returns or raises")


async def _look(casework: Casework, asked: Asked, entry: EvidenceSubmitted, wishes: Wishes) -> Looked:
    async with casework.sessions.enter(asked.entrance, read_only=True) as session:
        opened = await casework.open(session)
        if not await pupils.exists(session, asked.pupil_id):
            raise PupilUnknownError
        request = await ehc_requests.find(session, asked.pupil_id, entry.request)
        if request is None:
            raise RequestUnknownError
        record = await load_record(session, opened.school, asked.pupil_id)
        _require_going_out(record, entry)
        own = await pupils.joined_to(session, asked.pupil_id)
        papers = papers_left_in(record, _omitted(entry))
        names = [going.paper.id for going in papers]
        return Looked(
            number=last_told(record),
            profile=await profile_named(
                session, wishes.profile, authority=request.authority, is_sandbox=opened.now.is_sandbox, on=opened.today
            ),
            waiver=waiver_of(record.school, entry),
            roll=await pupils.everybody(session),
            own=own,
            entries=tuple(recorded for recorded in record.known if goes_out(recorded.entry) and recorded.number not in _omitted(entry)),
            left_out=entry.left_out,
            papers=papers,
            files=await kept_files.of_papers(session, names),
            also_of_others=await kept_files.also_of_others(session, names, own),
        )


def _require_going_out(record: Record, entry: EvidenceSubmitted) -> None:
    """Raises StepRefusedError for what is to be left out and stays at the school anyway: a bundle that lists it could not be checked."""
    stays = {recorded.number for recorded in record.known if not goes_out(recorded.entry)}
    for number in sorted(stays & _omitted(entry)):
        cure = "do not name this one; entries of its kind stay at the school"
        raise StepRefusedError((REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(left_out=number, cure=cure),))


def _omitted(entry: EvidenceSubmitted) -> frozenset[int]:
    return frozenset(one.number for one in entry.left_out)


def _others_named(blobs: Blobs, looked: Looked, wishes: Wishes) -> OthersNamed | None:
    """Search every entry and every paper; blocks for as long as the papers take to read. One that cannot be searched counts as found."""
    others = Others(looked.roll, looked.own)
    in_entries = {recorded.number: _found(others, words_of(recorded.entry)) for recorded in looked.entries}
    # Why an entry was left out goes out in its place.
    in_entries |= {one.number: others.found_in(one.reason) for one in looked.left_out}
    in_papers, unread = dict[UUID, frozenset[UUID]](), set[UUID]()
    for going in looked.papers:
        try:
            in_papers[going.paper.id] = _found(others, _texts_of(blobs, looked, going))
        except TextUnreadableError:
            unread.add(going.paper.id)
    for paper, pupil in looked.also_of_others:
        in_papers[paper] = in_papers.get(paper, frozenset()) | {pupil}
    named = frozenset[UUID]().union(*in_entries.values(), *in_papers.values())
    if not named and not unread:
        return None
    return OthersNamed(
        pupils=tuple(sorted(named)),
        entries=tuple(number for number, found in in_entries.items() if found),
        papers=tuple(going.paper.id for going in looked.papers if going.paper.id in unread or in_papers[going.paper.id]),
        reason=wishes.reason_for(named),
    )


def _found(others: Others, texts: Iterable[str]) -> frozenset[UUID]:
    return frozenset[UUID]().union(*(others.found_in(text) for text in texts))


def _texts_of(blobs: Blobs, looked: Looked, going: PaperGoingOut) -> Iterable[str]:
    """The title of a paper, and what can be read in it; a picture has no words."""
    yield going.paper.title
    kept = looked.files.get(going.paper.id)
    if kept is not None:
        yield from text_of(going.paper.media_type, blobs.chunks(kept))
