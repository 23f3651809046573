"""Who may write which kind of entry: the kinds of author, and for staff the roles to which the law or the Code gives the step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.author import Author, AuthorKind
from app.domain.calendar import civil_day
from app.domain.codes import StaffRole
from app.domain.entries import (
    AssessmentMade,
    ConcernAnswered,
    ConcernRaised,
    ContactDescribed,
    DepartureExplained,
    DiscussionHeld,
    EhcAssessmentRequested,
    EhcPlanCeased,
    EhcPlanIssued,
    Entry,
    EntryWithdrawn,
    EvidenceReceived,
    EvidenceSubmitted,
    MeetingHeld,
    NeedImported,
    NeedsSet,
    PersonTold,
    PlanAgreed,
    ProgressChecked,
    PupilEnrolled,
    PupilLeft,
    ReviewDateMoved,
    ReviewHeld,
    SenDecided,
    SessionDelivered,
    StaffTold,
    StatusImported,
    SupportEnded,
    TeachingAdapted,
    TellingUndone,
    TransitionDecided,
)
from app.domain.record import Record
from app.domain.rule import Finding, Rule
from app.domain.rules.children_and_families_act_2014 import ASK_FOR_AN_EHC_NEEDS_ASSESSMENT
from app.domain.rules.code_of_practice_2015_graduated_approach import (
    AGREE_PLAN_WITH_PARENTS_AND_PUPIL,
    ANALYSE_NEEDS_FROM_ALL_SOURCES,
    END_SUPPORT_AT_A_REVIEW,
    LET_A_TEACHER_LEAD_THE_MEETING,
    LOG_DELIVERY,
    REVIEW_BY_THE_AGREED_DATE,
    REVIEW_EACH_OUTCOME_WITH_VIEWS,
    TELL_ALL_STAFF,
)
from app.domain.rules.code_of_practice_2015_identification import (
    ANSWER_A_PARENTS_CONCERN,
    GIVE_PARENTS_A_SHORT_NOTE,
    LET_A_NAMED_PERSON_DECIDE,
    LOOK_INTO_SLOW_PROGRESS,
    RECORD_AREAS_OF_NEED,
    TEACH_WELL_FIRST,
)
from app.domain.rules.records_and_privacy import LEAVE_A_TRAIL, RECORD_WHY_EVIDENCE_IS_SHARED
from app.domain.rules.transition_2014_2015 import KEEP_OLD_CODES_AS_HISTORY, RECORD_THE_TRANSITION_DECISION
from app.domain.school import School

EVERYBODY: Final = frozenset(StaffRole)
WITH_PUPILS: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO, StaffRole.HEAD, StaffRole.TEACHING_ASSISTANT})
DECIDERS: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO, StaffRole.HEAD})
TEACHER_OR_SENCO: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO})
SENCO_OR_HEAD: Final = frozenset({StaffRole.SENCO, StaffRole.HEAD})
ON_THE_ROLL: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO, StaffRole.HEAD, StaffRole.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Writers:
    """Who may write one kind of entry: staff with one of the roles on its day, and the other kinds of author named."""

    rule: Rule
    roles: frozenset[StaffRole]
    others: frozenset[AuthorKind] = frozenset()
    may_look_back: bool = False
    """Whether facts from before the author's time at the school may be written."""


_FAMILY: Final = frozenset({AuthorKind.CONTACT, AuthorKind.PUPIL})
_IMPORT: Final = frozenset({AuthorKind.IMPORT})
_CLIENT: Final = frozenset({AuthorKind.CLIENT})
_AUTHORITY: Final = frozenset({AuthorKind.AUTHORITY_OFFICER, AuthorKind.CLIENT})
_NOBODY: Final[frozenset[StaffRole]] = frozenset()

WRITERS: Final[Mapping[type[Entry], Writers]] = MappingProxyType(
    {
        PupilEnrolled: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        PupilLeft: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        ContactDescribed: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        StatusImported: Writers(KEEP_OLD_CODES_AS_HISTORY, _NOBODY, _IMPORT),
        NeedImported: Writers(KEEP_OLD_CODES_AS_HISTORY, _NOBODY, _IMPORT),
        NeedsSet: Writers(RECORD_AREAS_OF_NEED, SENCO_OR_HEAD),
        ConcernRaised: Writers(ANSWER_A_PARENTS_CONCERN, EVERYBODY, _FAMILY),
        ConcernAnswered: Writers(ANSWER_A_PARENTS_CONCERN, DECIDERS),
        ProgressChecked: Writers(LOOK_INTO_SLOW_PROGRESS, DECIDERS),
        TeachingAdapted: Writers(TEACH_WELL_FIRST, DECIDERS),
        DiscussionHeld: Writers(GIVE_PARENTS_A_SHORT_NOTE, DECIDERS),
        SenDecided: Writers(LET_A_NAMED_PERSON_DECIDE, DECIDERS),
        TransitionDecided: Writers(RECORD_THE_TRANSITION_DECISION, SENCO_OR_HEAD),
        AssessmentMade: Writers(ANALYSE_NEEDS_FROM_ALL_SOURCES, TEACHER_OR_SENCO),
        PlanAgreed: Writers(AGREE_PLAN_WITH_PARENTS_AND_PUPIL, TEACHER_OR_SENCO),
        ReviewDateMoved: Writers(REVIEW_BY_THE_AGREED_DATE, TEACHER_OR_SENCO),
        StaffTold: Writers(TELL_ALL_STAFF, DECIDERS),
        SessionDelivered: Writers(LOG_DELIVERY, WITH_PUPILS),
        ReviewHeld: Writers(REVIEW_EACH_OUTCOME_WITH_VIEWS, TEACHER_OR_SENCO),
        MeetingHeld: Writers(LET_A_TEACHER_LEAD_THE_MEETING, DECIDERS),
        SupportEnded: Writers(END_SUPPORT_AT_A_REVIEW, DECIDERS),
        PersonTold: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _CLIENT),
        TellingUndone: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _CLIENT),
        EhcPlanIssued: Writers(LEAVE_A_TRAIL, SENCO_OR_HEAD | {StaffRole.ADMINISTRATOR}),
        EhcPlanCeased: Writers(LET_A_NAMED_PERSON_DECIDE, SENCO_OR_HEAD),
        EhcAssessmentRequested: Writers(ASK_FOR_AN_EHC_NEEDS_ASSESSMENT, DECIDERS, _FAMILY),
        EvidenceSubmitted: Writers(RECORD_WHY_EVIDENCE_IS_SHARED, SENCO_OR_HEAD),
        EvidenceReceived: Writers(LEAVE_A_TRAIL, SENCO_OR_HEAD, _AUTHORITY),
        EntryWithdrawn: Writers(LEAVE_A_TRAIL, EVERYBODY),
        DepartureExplained: Writers(LEAVE_A_TRAIL, SENCO_OR_HEAD),
    }
)


def role_refusal(record: Record, entry: Entry, by: Author) -> Finding | None:
    """Refuse an author to whom the step is not given on the entry's day, or who is nobody in this pupil's record."""
    writers = WRITERS.get(type(entry))
    if writers is None:
        return LEAVE_A_TRAIL.broken(entry=entry.type, missing=("step for this kind of entry",))
    if by.kind is AuthorKind.STAFF:
        return _staff_refusal(record, entry, by, writers)
    if by.kind not in writers.others:
        return writers.rule.broken(entry=entry.type, author_kind=by.kind, cure="let a member of staff with the role take the step")
    if not _is_in_the_record(record, entry, by):
        return writers.rule.broken(entry=entry.type, author_kind=by.kind, missing=("author in the record",))
    return None


def presence_refusal(school: School, by: Author, today: date) -> Finding | None:
    """Refuse staff, and whoever ran an import, without any role here on the day of writing, whatever day they write of."""
    if by.kind not in (AuthorKind.STAFF, AuthorKind.IMPORT) or school.roles_of(by.id, today):
        return None
    return LEAVE_A_TRAIL.broken(author_kind=by.kind, on=str(today), missing=("role on the day of writing",))


def late_role(record: Record, entry: Entry, by: Author) -> Finding | None:
    """Remark on staff whose role for this entry was written down only after the day they write of; facts of the roll are older."""
    writers = WRITERS.get(type(entry))
    if by.kind is not AuthorKind.STAFF or writers is None or writers.may_look_back:
        return None
    known = record.school.roles_known_since(by.id, writers.roles, entry.occurred_on)
    if known is None or civil_day(known) <= entry.occurred_on:
        return None
    facts = {"entry": entry.type, "on": str(entry.occurred_on), "role_known_since": str(civil_day(known))}
    return LEAVE_A_TRAIL.broken(**facts, cure="let somebody who was there confirm who held the role on the day")


def _staff_refusal(record: Record, entry: Entry, by: Author, writers: Writers) -> Finding | None:
    day = _day_of_authority(record, entry, by) if writers.may_look_back else entry.occurred_on
    if record.school.roles_of(by.id, day) & writers.roles:
        return None
    needed = " or ".join(sorted(writers.roles)) or AuthorKind.IMPORT
    return writers.rule.broken(entry=entry.type, author_kind=by.kind, needs=needed, on=str(day), missing=("role on the day",))


def _day_of_authority(record: Record, entry: Entry, by: Author) -> date:
    known = record.school.known_since(by.id)
    return max(entry.occurred_on, civil_day(known)) if known else entry.occurred_on


def _is_in_the_record(record: Record, entry: Entry, by: Author) -> bool:
    """Clients and officers are known outside the record; the person behind an import is staff, whatever the row's day."""
    match by.kind:
        case AuthorKind.CONTACT:
            return any(contact.contact == by.id for contact in record.contacts_on(entry.occurred_on))
        case AuthorKind.PUPIL:
            return by.id == record.pupil
        case AuthorKind.IMPORT:
            return record.school.known_since(by.id) is not None
        case _:
            return True
