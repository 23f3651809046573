"""The six things that the Code of Practice, paragraph 9.14, has the authority look at, each with what the record holds on it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from app.documents.drawing.outline import Part, Section, Words, table
from app.documents.record.labels import counted, day, label
from app.domain.calendar import birthday
from app.domain.entries import (
    AdjustmentMade,
    AssessmentMade,
    BaselineTaken,
    ConcernRaised,
    ContributionGiven,
    ContributionKind,
    DiscussionHeld,
    Domain,
    Entry,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    MeetingHeld,
    NeedsSet,
    PhaseMovePlanned,
    PlanAgreed,
    ProgressChecked,
    ProvisionMapped,
    Recorded,
    ReviewHeld,
    SenDecided,
    SessionDelivered,
    SpecialistAdvised,
    SpecialistInvolved,
    StaffTold,
    TeachingAdapted,
    TransitionDecided,
)
from app.domain.readiness import ADULT_AGE
from app.domain.record import Record

WIDER: Final = frozenset({Domain.SOCIAL, Domain.EMOTIONAL, Domain.PHYSICAL, Domain.BEHAVIOUR, Domain.INDEPENDENCE})
KIND_NAMES: Final[dict[type[Entry], str]] = {
    AdjustmentMade: "Adjustment",
    AssessmentMade: "Assessment",
    BaselineTaken: "Baseline",
    ConcernRaised: "Concern",
    DiscussionHeld: "Early discussion",
    HealthcarePlanLinked: "Individual healthcare plan",
    MedicalConditionNoted: "Medical condition noted",
    MeetingHeld: "Meeting",
    NeedsSet: "Needs set",
    PhaseMovePlanned: "Move between phases prepared",
    PlanAgreed: "Plan",
    ProgressChecked: "Progress check",
    ProvisionMapped: "Provision map",
    ReviewHeld: "Review",
    SenDecided: "Decision",
    SessionDelivered: "Session",
    SpecialistAdvised: "Advice of a specialist",
    SpecialistInvolved: "Specialist involved",
    StaffTold: "Staff told",
    TeachingAdapted: "Teaching adapted",
    TransitionDecided: "Transition decision",
}


def evidence_section(record: Record, date_of_birth: date, on: date) -> Section:
    """Count and list what there is for each of the six on the day of the freeze; from the eighteenth birthday on the sixth applies."""
    entries = _as_they_count(record)
    parts = [_part(heading, [one for one in entries if belongs(one.entry)]) for heading, belongs in SIX[:5]]
    last, belongs = SIX[5]
    if on >= birthday(date_of_birth, ADULT_AGE):
        parts.append(_part(last, [one for one in entries if belongs(one.entry)]))
    else:
        parts.append(Part(last, (Words("Not applicable: the pupil is under 18."),)))
    return Section("evidence", "What the authority looks at (Code of Practice, paragraph 9.14)", tuple(parts))


def _as_they_count(record: Record) -> tuple[Recorded, ...]:
    """The entries, but of a contribution that was given again only what took its place."""
    last = {given.contribution: recorded.number for recorded, given in record.each(ContributionGiven)}
    return tuple(
        one for one in record.entries if not isinstance(one.entry, ContributionGiven) or last[one.entry.contribution] == one.number
    )


def _name(entry: Entry) -> str:
    return label(entry.kind) if isinstance(entry, ContributionGiven) else KIND_NAMES[type(entry)]


def _part(heading: str, found: Sequence[Recorded]) -> Part:
    if not found:
        return Part(heading, (Words("Nothing recorded."),))
    listed = [one for one in found if not isinstance(one.entry, SessionDelivered)]
    rows = [(day(one.entry.occurred_on), _name(one.entry), str(one.number)) for one in listed]
    sessions = len(found) - len(listed)
    more = f", of them {counted(sessions, 'session', 'sessions')} listed under the cycles" if sessions else ""
    return Part(heading, (Words(f"{counted(len(found), 'item', 'items')}{more}."), table(heading, ("Day", "What", "Entry"), rows)))


def _contributes(entry: Entry, *kinds: ContributionKind) -> bool:
    return isinstance(entry, ContributionGiven) and entry.kind in kinds


def _attainment(entry: Entry) -> bool:
    return _contributes(entry, ContributionKind.TEACHERS_REPORT) or isinstance(entry, BaselineTaken | ProgressChecked | ReviewHeld)


def _nature(entry: Entry) -> bool:
    if _contributes(entry, ContributionKind.TEACHERS_REPORT, ContributionKind.PARENTS_VIEW, ContributionKind.PUPILS_VIEW):
        return True
    return isinstance(entry, ConcernRaised | DiscussionHeld | SenDecided | TransitionDecided | NeedsSet | AssessmentMade)


def _action(entry: Entry) -> bool:
    if isinstance(entry, AdjustmentMade):
        return entry.not_made_because is None
    if _contributes(entry, ContributionKind.SENCOS_SUMMARY):
        return True
    return isinstance(
        entry, TeachingAdapted | PlanAgreed | SessionDelivered | StaffTold | MeetingHeld | SpecialistInvolved | PhaseMovePlanned
    )


def _much_support(entry: Entry) -> bool:
    return isinstance(entry, ReviewHeld | ProvisionMapped)


def _wider(entry: Entry) -> bool:
    if isinstance(entry, AssessmentMade):
        return entry.outside_advice is not None and entry.outside_advice.says is not None
    if _contributes(entry, ContributionKind.SPECIALISTS_REPORT):
        return True
    if isinstance(entry, SpecialistInvolved | SpecialistAdvised | HealthcarePlanLinked | MedicalConditionNoted):
        return True
    return isinstance(entry, ProgressChecked | ConcernRaised) and entry.domain in WIDER


def _more_time(entry: Entry) -> bool:
    return isinstance(entry, ReviewHeld | PlanAgreed | PhaseMovePlanned)


SIX: Final[tuple[tuple[str, Callable[[Entry], bool]], ...]] = (
    ("Attainment, milestones and rate of progress", _attainment),
    ("Nature, extent and context of the needs", _nature),
    ("Action already taken by the school", _action),
    ("Progress that came only through much additional support", _much_support),
    ("Physical, emotional and social development and health, and what others did", _wider),
    ("From 18: whether more time is needed in education", _more_time),
)
