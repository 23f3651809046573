"""The people whom an entry names: staff whom the school ever gave a role, and contacts of this very pupil."""

from collections.abc import Iterator
from uuid import UUID

from app.domain.entries import (
    AssessmentMade,
    ConcernRaised,
    ContactDescribed,
    ContributionAsked,
    ContributionGiven,
    ContributorKind,
    EhcAssessmentRequested,
    Entry,
    MeetingHeld,
    PlanAgreed,
    SessionDelivered,
    StaffTold,
    TransitionDecided,
)
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL


def stranger_refusal(record: Record, entry: Entry) -> Finding | None:
    """Refuse an entry that names as staff somebody without a role here, ever, or as a contact somebody not in this pupil's record."""
    strangers = {person for person in staff_named_by(entry) if record.school.known_since(person) is None}
    if strangers:
        cure = "add the member of staff with the role they hold first"
        return LEAVE_A_TRAIL.broken(entry=entry.type, strangers=len(strangers), missing=("member of staff",), cure=cure)
    contact = entry.contact if isinstance(entry, ConcernRaised | EhcAssessmentRequested) else None
    if contact is not None and all(known.contact != contact for _, known in record.each(ContactDescribed)):
        return LEAVE_A_TRAIL.broken(entry=entry.type, strangers=1, missing=("contact",), cure="describe the contact first")
    return None


def staff_named_by(entry: Entry) -> Iterator[UUID]:
    """Name everybody on the staff whom an entry speaks of, its author apart; some may come twice."""
    match entry:
        case AssessmentMade():
            yield entry.teacher
            yield from () if entry.senco is None else (entry.senco,)
        case PlanAgreed():
            yield entry.responsible_teacher
            yield from (person for item in entry.provision for person in (item.delivered_by, item.accountable_teacher))
        case SessionDelivered():
            yield entry.delivered_by
        case StaffTold():
            yield from entry.staff
        case MeetingHeld():
            yield entry.led_by
        case TransitionDecided():
            yield from entry.reviewers
        case ContributionAsked() | ContributionGiven() if entry.contributor.kind is ContributorKind.STAFF:
            yield from () if entry.contributor.person is None else (entry.contributor.person,)
