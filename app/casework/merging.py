"""Joins two records that are of one child, and parts them again: one act on both, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from app.casework.authors import AuthorClaim
from app.casework.deciding import Taken, taken_of
from app.casework.taking import (
    Asked,
    Casework,
    Opened,
    PupilUnknownError,
    StepRefusedError,
    Work,
    require_bounds,
    require_on_roll,
    require_presence,
)
from app.casework.versions import version_of
from app.db import idempotency, merges
from app.db.ledger import Draft
from app.db.opening import MergedAwayError
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession
from app.domain.author import Author
from app.domain.entries import EhcAssessmentRequested, EntryWithdrawn, Recorded, RecordMerged
from app.domain.keeping import merge_record
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.second_person import second_person_refusal

STAYS: Final = "look through what was written since the two were joined: it stays with the record that was kept"


class EvidenceBeingMadeError(Exception):
    """A bundle about one of the two is being made from its record as it stood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two locked records: the one that goes on, and the one that is closed."""

    opened: Opened
    kept: Record
    other: Record


async def merge(casework: Casework, asked: Asked, entry: RecordMerged) -> Taken:
    """Join the record `entry.other` to that of `asked.pupil_id`, which goes on; the UPN and the name of the kept one stay.

    Raises PupilUnknownError, MergedAwayError, StepRefusedError, EvidenceBeingMadeError and what `Casework.take` raises.
    """
    async with casework.sessions.enter(asked.entrance, read_only=asked.dry_run) as session:
        if (before := await _asked_before(session, casework, asked)) is not None:
            return before
        pair = await _locked(casework, session, asked, entry.other)
        by = await _author(casework, pair.opened, asked)
        closing = RecordMerged(
            occurred_on=entry.occurred_on, other=asked.pupil_id, is_kept=False, reason=entry.reason, confirmed_by=entry.confirmed_by
        )
        findings = _weighed(pair, ((pair.other, closing), (pair.kept, entry)), by)
        if asked.dry_run:
            return Taken(would_append=(closing, entry), findings=findings)
        works = [
            Work(drafts=(_draft(closing, by, asked, entry.other),), before=pair.other),
            Work(drafts=(_draft(entry, by, asked, asked.pupil_id),), before=pair.kept, joined=pair.other.known),
        ]
        taken = await _stored(casework, pair, asked, works, findings)
        await merges.join(session, asked.pupil_id, entry.other)
    casework.means.wake()
    return taken


async def part(casework: Casework, asked: Asked, other: UUID, withdrawal: EntryWithdrawn) -> Taken:
    """Undo the joining of a record to that of `asked.pupil_id`: each has its own entries again. Raises as `merge` does."""
    async with casework.sessions.enter(asked.entrance, read_only=asked.dry_run) as session:
        if (before := await _asked_before(session, casework, asked)) is not None:
            return before
        pair = await _locked(casework, session, asked, other)
        by = await _author(casework, pair.opened, asked)
        halves = _halves(pair)
        _require_role(pair, halves[1], by, withdrawal)
        since = sum(r.number > halves[1].number and r.pupil == asked.pupil_id for r in pair.kept.known)
        findings = (LEAVE_A_TRAIL.broken(entries_since=since, cure=STAYS),) if since else ()
        if asked.dry_run:
            return Taken(would_append=(withdrawal, withdrawal), findings=findings)
        drafts = [_draft(withdrawal, by, asked, pupil, half.number) for half, pupil in zip(halves, (other, asked.pupil_id), strict=True)]
        works = [Work(drafts=(drafts[0],), before=pair.other), Work(drafts=(drafts[1],), before=pair.kept)]
        taken = await _stored(casework, pair, asked, works, findings)
        requests = [asking.request for _, asking in pair.other.each(EhcAssessmentRequested)]
        along = {recorded.pupil for recorded in pair.other.known} - {other, None}
        await merges.part(session, other, requests, [pupil for pupil in along if pupil is not None])
    casework.means.wake()
    return taken


async def _asked_before(session: SchoolSession, casework: Casework, asked: Asked) -> Taken | None:
    """Give the answer again that was given under the same key."""
    kept = None if asked.key is None or asked.dry_run else await idempotency.find(session, asked.key)
    if kept is None:
        return None
    numbers = frozenset(idempotency.numbers(kept))
    opened = await casework.open(session)
    record = await load_record(session, opened.school, asked.pupil_id)
    recorded = tuple(r for r in record.known if r.number in numbers)
    return taken_of(recorded, (), version_of(record), idempotency.references(kept))


async def _locked(casework: Casework, session: SchoolSession, asked: Asked, other: UUID) -> _Pair:
    if asked.pupil_id == other:
        raise StepRefusedError((LEAVE_A_TRAIL.broken(missing=("another pupil's record",)),))
    for pupil in sorted((asked.pupil_id, other)):
        if await find_pupil(session, pupil, lock=not asked.dry_run) is None:
            raise PupilUnknownError
    opened = await casework.open(session)
    kept, closed = [await load_record(session, opened.school, pupil) for pupil in (asked.pupil_id, other)]
    if kept.merged_into is not None:
        raise MergedAwayError(kept.merged_into)
    if await merges.has_bundle_waiting(session, (asked.pupil_id, other)):
        raise EvidenceBeingMadeError
    return _Pair(opened=opened, kept=kept, other=closed)


async def _author(casework: Casework, opened: Opened, asked: Asked) -> Author:
    """Give the author, once the second person is fit to confirm."""
    by = await _proved(casework, opened, asked.author, asked)
    require_presence(opened, by)
    if asked.second is not None:
        second = await _proved(casework, opened, asked.second, asked)
        refusal = second_person_refusal(opened.school, by, second, opened.moment)
        if refusal is not None:
            raise StepRefusedError((refusal,))
    return by


async def _proved(casework: Casework, opened: Opened, claim: AuthorClaim, asked: Asked) -> Author:
    return await casework.means.proofs.author(opened.session, claim, opened.identity_provider, is_dry=asked.dry_run)


def _weighed(pair: _Pair, halves: Sequence[tuple[Record, RecordMerged]], by: Author) -> tuple[Finding, ...]:
    """Take the step on both records in thought; cycles that both count from 1 are remarked on, since they are read as one."""
    for record, half in halves:
        require_bounds(pair.opened.today, record.date_of_birth, half.occurred_on)
        require_on_roll(record, half)
        decision = merge_record(record, half, by)
        if decision.is_refused:
            raise StepRefusedError(decision.findings)
    shared = {cycle.number for cycle in pair.kept.cycles} & {cycle.number for cycle in pair.other.cycles}
    if not shared:
        return ()
    cure = "number the cycles of one of the two anew, by correcting their entries"
    return (LEAVE_A_TRAIL.broken(cycles_in_both=len(shared), first=min(shared), cure=cure),)


def _halves(pair: _Pair) -> tuple[Recorded, Recorded]:
    """The two entries by which the records were joined: the closed one's, and the kept one's."""
    kept, other = pair.kept, pair.other
    ours = next((r for r, e in kept.each(RecordMerged) if e.is_kept and e.other == other.pupil and r.pupil == kept.pupil), None)
    theirs = next((r for r, e in other.each(RecordMerged) if not e.is_kept and e.other == kept.pupil), None)
    if ours is None or theirs is None:
        raise StepRefusedError((LEAVE_A_TRAIL.broken(missing=("joining of these two records",)),))
    return theirs, ours


def _require_role(pair: _Pair, half: Recorded, by: Author, withdrawal: EntryWithdrawn) -> None:
    """Let those part two records who may join them."""
    require_bounds(pair.opened.today, pair.kept.date_of_birth, withdrawal.occurred_on)
    refusal = role_refusal(pair.kept, replace(half.entry, occurred_on=withdrawal.occurred_on), by)
    if refusal is not None:
        raise StepRefusedError((refusal,))


def _draft(entry: RecordMerged | EntryWithdrawn, by: Author, asked: Asked, pupil: UUID, supersedes: int | None = None) -> Draft:
    return Draft(entry=entry, author=by, pupil_id=pupil, client_id=asked.entrance.client_id, supersedes=supersedes)


async def _stored(casework: Casework, pair: _Pair, asked: Asked, works: Sequence[Work], findings: Sequence[Finding]) -> Taken:
    recorded = await casework.store(pair.opened, works)
    references: Mapping[str, object] = {"pupil": pair.kept.pupil, "other": pair.other.pupil}
    if asked.key is not None:
        kept = idempotency.led_to(recorded, references)
        await idempotency.remember(pair.opened.session, asked.key, kept, at=casework.means.now())
    version = version_of(Record.fold(pair.kept.school, (*pair.kept.known, *pair.other.known, *recorded), pair.kept.pupil))
    return taken_of(recorded, findings, version, references)
