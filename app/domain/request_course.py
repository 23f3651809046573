"""What became of one request for an EHC needs assessment: its receipt, what was decided, the drafts and the plan."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    AuthorityDecided,
    AuthorityDecision,
    ContactDetailsConfirmed,
    DraftPlanServed,
    EhcAssessmentRequested,
    EhcPlanIssued,
    EhcRequestWithdrawn,
    Entry,
    EvidenceReceived,
    EvidenceSubmitted,
    ExceptionClaimed,
    MediationCertified,
    PlacementAnswered,
    Recorded,
)
from app.domain.record import Record
from app.domain.request_moves import BEGINS_AS, Deed, Stage, deed_of, walk
from app.domain.rule import Finding, Rule

NAMES_ITS_REQUEST: Final = (
    EvidenceSubmitted,
    EvidenceReceived,
    AuthorityConsulted,
    AuthorityDecided,
    DraftPlanServed,
    AdviceAsked,
    ExceptionClaimed,
    EhcPlanIssued,
    EhcRequestWithdrawn,
)
OF_THE_AUTHORITY: Final = (AuthorityConsulted, AuthorityDecided, DraftPlanServed, ExceptionClaimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A request and what names it or hangs on it, in order of effect; `received_on` is the day its weeks run from, day 0."""

    number: int
    asked: EhcAssessmentRequested
    received_on: date | None
    steps: tuple[Recorded, ...]

    def first(self, *kinds: type[Entry], decided: AuthorityDecision | None = None) -> Recorded | None:
        """The first of its steps of one of these kinds, and, where a decision is named, with that decision."""
        found = (step for step in self.steps if isinstance(step.entry, kinds))
        return next((step for step in found if decided is None or _decision_of(step.entry) is decided), None)

    @property
    def has_word_of_the_authority(self) -> bool:
        """Whether anything shows here what the authority did; until then its silence in this record tells nothing."""
        return any(isinstance(step.entry, OF_THE_AUTHORITY) or _is_its_own_receipt(step.entry) for step in self.steps)

    @property
    def stage(self) -> Stage:
        """How far it has come, by the table in `app.domain.request_moves`."""
        return self._walked(self._moving())[0]

    @property
    def withdrawn(self) -> Recorded | None:
        """The entry that took the request back, where it was taken back."""
        return self.first(EhcRequestWithdrawn) if self.stage is Stage.WITHDRAWN else None

    def out_of_turn(self, entry: Entry) -> Recorded | Entry | None:
        """What leads nowhere once an entry that names this request is added: the entry itself, or a later one that it comes before."""
        deed, moving = deed_of(entry), self._moving()
        if deed is None:
            return None
        already = self._walked(moving)[1]
        place = sum(step.entry.occurred_on <= entry.occurred_on for step, _ in moving)
        _, idle = self._walked([*moving[:place], (entry, deed), *moving[place:]])
        return next((one for one in idle if one not in already), None)

    def _walked(self, moving: Iterable[tuple[Recorded | Entry, Deed]]) -> tuple[Stage, tuple[Recorded | Entry, ...]]:
        return walk(BEGINS_AS[self.asked.requester], moving)

    def _moving(self) -> list[tuple[Recorded, Deed]]:
        return [(step, deed) for step in self.steps if (deed := self._deed(step.entry)) is not None]

    def _deed(self, entry: Entry) -> Deed | None:
        if isinstance(entry, AppealDecided):
            return Deed.APPEAL_ALLOWED if entry.allowed and self._was_not_assessed(entry) else None
        return deed_of(entry)

    def _was_not_assessed(self, decided: AppealDecided) -> bool:
        appeal = next((step.entry for step in self.steps if step.number == decided.appeal), None)
        about = appeal.about if isinstance(appeal, AppealLodged) else None
        return any(step.number == about and _decision_of(step.entry) is AuthorityDecision.NOT_ASSESS for step in self.steps)


def courses_of(record: Record) -> Iterator[Course]:
    """What became of each request of the record, in order of their days."""
    for recorded, asked in record.each(EhcAssessmentRequested):
        receipt = next(reversed(receipts_of(record, asked)), None)
        received_on = receipt[1].occurred_on if receipt else None
        steps = tuple(_with_what_hangs_on(record, tuple(_named(record, asked, received_on))))
        yield Course(number=recorded.number, asked=asked, received_on=received_on, steps=steps)


def course_of(record: Record, request: UUID) -> Course | None:
    """What became of the request with this id, None if the record has none."""
    return next((course for course in courses_of(record) if course.asked.request == request), None)


def leads_nowhere(course: Course, entry: Entry, rule: Rule) -> Finding | None:
    """Refuse, by a rule, what the table of stages does not hold on the entry's day, or what would leave a later entry without its way."""
    found = course.out_of_turn(entry)
    if found is None:
        return None
    if isinstance(found, Recorded):
        cure = f"entry {found.number} would no longer follow; withdraw it first"
        return rule.broken(by=found.entry.type, on=str(found.entry.occurred_on), cure=cure)
    if course.withdrawn is not None:
        on = str(course.withdrawn.entry.occurred_on)
        return rule.broken(stage=Stage.WITHDRAWN, withdrawn_on=on, by=entry.type, cure="ask anew; this request was taken back")
    cure = "write down what leads on from the stage of that day, or correct the entry that led to it"
    return rule.broken(stage=course.stage, by=entry.type, on=str(entry.occurred_on), cure=cure)


def receipts_of(record: Record, entry: EhcAssessmentRequested | EvidenceReceived) -> tuple[tuple[int, EvidenceReceived], ...]:
    """The receipts of one request with their numbers; the one that counts is last: the authority's own latest, else the first deemed.

    Evidence that comes after a request does not start its weeks anew.
    """
    found = [(recorded.number, received) for recorded, received in record.each(EvidenceReceived) if received.request == entry.request]
    return tuple(sorted(found, key=lambda receipt: (False, -receipt[0]) if receipt[1].deemed else (True, receipt[0])))


def is_named(record: Record, number: int, target: Recorded) -> bool:
    """Whether a number names an entry that stands, by its own number or by that of one it corrects."""
    if number == target.number:
        return True
    standing = record.standing_for(number)
    return standing is not None and standing.number == target.number


def _named(record: Record, asked: EhcAssessmentRequested, received_on: date | None) -> Iterator[Recorded]:
    """What names the request, and a plan that names none but came after its receipt."""
    for recorded in record.entries:
        entry = recorded.entry
        is_its_own = isinstance(entry, NAMES_ITS_REQUEST) and entry.request == asked.request
        is_unnamed_plan = isinstance(entry, EhcPlanIssued) and entry.request is None
        if is_its_own or (is_unnamed_plan and received_on is not None and entry.occurred_on >= received_on):
            yield recorded


def _with_what_hangs_on(record: Record, named: tuple[Recorded, ...]) -> Iterator[Recorded]:
    """The same with advice, certificates, appeals and exceptions that name one of them by its number, in order of effect."""
    belonging = {recorded.number for recorded in named}
    for recorded in record.entries:
        named_number = named_by(recorded.entry)
        target = None if named_number is None else record.standing_for(named_number)
        if target is not None and target.number in belonging:
            belonging.add(recorded.number)
        if recorded.number in belonging:
            yield recorded


def named_by(entry: Entry) -> int | None:
    """The number of the earlier entry that an entry of this noun is about, None where it is about none."""
    match entry:
        case AdviceGiven(asked=number) | MediationCertified(about=number) | AppealLodged(about=number) | AppealDecided(appeal=number):
            return number
        case PlacementAnswered(consultation=number):
            return number
        case ExceptionClaimed(asked=asked):
            return asked
        case ContactDetailsConfirmed(change=number):
            return number
        case _:
            return None


def _decision_of(entry: Entry) -> AuthorityDecision | None:
    return entry.decision if isinstance(entry, AuthorityDecided) else None


def _is_its_own_receipt(entry: Entry) -> bool:
    return isinstance(entry, EvidenceReceived) and not entry.deemed
