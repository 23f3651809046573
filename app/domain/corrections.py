"""Correcting an entry by another of its kind, and withdrawing one that should never have been made."""

from collections.abc import Callable
from typing import TypeVar

from app.domain.author import Author
from app.domain.contributions import contribution_of, left_hanging
from app.domain.cycle import PARTS
from app.domain.decision import Decision
from app.domain.entries import (
    AssessmentMade,
    ConcernAnswered,
    ConcernRaised,
    ContributionAsked,
    ContributionGiven,
    EhcAssessmentRequested,
    Entry,
    EntryWithdrawn,
    Erased,
    HoldPlaced,
    PlanAgreed,
    PupilEnrolled,
    Recorded,
    RecordMerged,
    ReviewHeld,
    SpecialistInvolved,
    StatusImported,
    SupportEnded,
)
from app.domain.moves import leads
from app.domain.periods import status_given_by
from app.domain.record import Record
from app.domain.request_course import NAMES_ITS_REQUEST, is_named, named_by
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.school import School
from app.domain.writers import SENCO_OR_HEAD

W = TypeVar("W", Record, School)
E = TypeVar("E", bound=Entry)
LIFT_IT = "lift the hold by the step that there is for it"
PART_THEM = "part the two records by the step that there is for it"


def may_correct(record: Record | School, number: int, entry: Entry) -> Finding | None:
    """Refuse to correct what does not stand in this record (a pupil's or the school's), another kind or cycle, or a withdrawal."""
    target = record.entry(number)
    if target is None or isinstance(target.entry, EntryWithdrawn | Erased):
        return LEAVE_A_TRAIL.broken(number=number, missing=("standing entry of that number in this record",))
    if isinstance(target.entry, RecordMerged):
        return LEAVE_A_TRAIL.broken(number=number, cure=PART_THEM)
    if type(target.entry) is not type(entry):
        return LEAVE_A_TRAIL.broken(number=number, was=target.entry.type, would_be=entry.type, cure="correct an entry by one of its kind")
    if isinstance(target.entry, PARTS) and isinstance(entry, PARTS) and target.entry.cycle != entry.cycle:
        return LEAVE_A_TRAIL.broken(number=number, cycle=target.entry.cycle, would_be=entry.cycle, cure="keep the cycle, or withdraw")
    if contribution_of(target.entry) != contribution_of(entry):
        return LEAVE_A_TRAIL.broken(number=number, cure="keep the contribution, or withdraw")
    return None


def decided(whole: W, corrects: int | None, step: Callable[[W, E, Author], Decision], entry: E, by: Author) -> tuple[W, Decision]:
    """Decide a step, a correction as if the corrected entry had never been; gives what it was decided on with the answer."""
    if corrects is None or isinstance(entry, EntryWithdrawn):
        return whole, step(whole, entry, by)
    refusal = may_correct(whole, corrects, entry)
    if refusal is not None:
        return whole, Decision.refused(refusal)
    before = whole.without(corrects)
    return before, step(before, entry, by)


def withdraw_entry(record: Record, entry: EntryWithdrawn, by: Author, *, number: int) -> Decision:
    """Withdraw an entry made in error: whoever wrote it, the SENCO or the head may, unless a later entry rests on it."""
    refusal = role_refusal(record, entry, by)
    target = record.entry(number)
    if target is None or isinstance(target.entry, EntryWithdrawn | Erased):
        refusal = refusal or LEAVE_A_TRAIL.broken(number=number, missing=("standing entry of that number in this record",))
    if refusal or target is None:
        return Decision.refused(*(refusal,) if refusal else ())
    refusal = _needs_two(target) or _not_theirs(record, target, entry, by) or _rested_upon(record, target)
    return Decision.refused(refusal) if refusal else Decision.taken(entry, findings=(LEAVE_A_TRAIL.kept(number=number),))


def _needs_two(target: Recorded) -> Finding | None:
    """What a second person confirms when it ends is not ended by one alone: two joined records, and a hold."""
    cures = {RecordMerged: PART_THEM, HoldPlaced: LIFT_IT}
    cure = cures.get(type(target.entry))
    return None if cure is None else LEAVE_A_TRAIL.broken(number=target.number, cure=cure)


def _not_theirs(record: Record, target: Recorded, entry: EntryWithdrawn, by: Author) -> Finding | None:
    if by.id == target.author.id or record.school.roles_of(by.id, entry.occurred_on) & SENCO_OR_HEAD:
        return None
    return LEAVE_A_TRAIL.broken(number=target.number, needs="its author, senco or head", missing=("role on the day",))


def _rested_upon(record: Record, target: Recorded) -> Finding | None:
    leaning = next((later for later in record.entries if later.number != target.number and _rests_on(record, later, target)), None)
    remaining = record.without(target.number)
    leaning = leaning or _broken_move(remaining, target) or left_hanging(remaining, target)
    if leaning is None:
        return None
    cure = f"withdraw entry {leaning.number} first, or correct this one"
    return LEAVE_A_TRAIL.broken(number=target.number, rested_upon_by=leaning.number, entry=leaning.entry.type, cure=cure)


def _rests_on(record: Record, later: Recorded, target: Recorded) -> bool:
    match later.entry, target.entry:
        case ConcernAnswered(concern=number), ConcernRaised():
            return number == target.number
        case SupportEnded(review=number), ReviewHeld():
            return number == target.number
        case part, EhcAssessmentRequested(request=asked) if isinstance(part, NAMES_ITS_REQUEST):
            return part.request == asked
        case (ContributionAsked() | ContributionGiven()) as part, (EhcAssessmentRequested() | SpecialistInvolved()) as named:
            return _contributes_to(record, part, target, named)
        case part, PlanAgreed(cycle=cycle) if isinstance(part, PARTS) and not isinstance(part, AssessmentMade):
            return part.cycle == cycle
        case _, PupilEnrolled():
            return len(record.all(PupilEnrolled)) == 1
        case part, _:
            return named_by(part) == target.number


def _contributes_to(
    record: Record, part: ContributionAsked | ContributionGiven, target: Recorded, named: EhcAssessmentRequested | SpecialistInvolved
) -> bool:
    if isinstance(named, EhcAssessmentRequested):
        return isinstance(part, ContributionAsked) and part.request == named.request
    return part.contributor.involvement is not None and is_named(record, part.contributor.involvement, target)


def _broken_move(remaining: Record, target: Recorded) -> Recorded | None:
    """Find the next status entry that could not follow once the target is gone; statuses decided elsewhere always load."""
    if status_given_by(target.entry) is None:
        return None
    later = (r for r in remaining.entries if (r.entry.occurred_on, r.number) > (target.entry.occurred_on, target.number))
    following = next((r for r in later if status_given_by(r.entry) is not None), None)
    if following is None:
        return None
    before = remaining.without(following.number).status_on(following.entry.occurred_on)
    to = status_given_by(following.entry)
    imported = isinstance(following.entry, StatusImported)
    return None if to is None or imported or leads(before, to, type(following.entry), remaining.school.programmes) else following
