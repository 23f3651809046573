"""Decides what a roll changes at a school, pupil by pupil; reads and writes nothing.

A pupil whom the school does not have comes on roll on the school's own today, for a file does not say when the pupil came. History loads
through the steps of the domain, with its own days. What a school already has is never changed by a file, save how a pupil is named and
grouped, which no rule reads; every other difference is a proposal that a person decides on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

from app.casework.deciding import Step
from app.db.imports import Result
from app.db.pupils import ContactDetails, NewPupil
from app.db.rolls import Held
from app.domain.author import Author
from app.domain.codes import SenStatus
from app.domain.entries import ContactDescribed, Entry, NeedImported, NeedsSet, PupilEnrolled, Recorded, Source, StatusImported
from app.domain.record import Record
from app.domain.roll import describe_contact, enrol_pupil, import_need, import_status
from app.domain.school import School
from app.exchange.roll import RollContact, RollNeed, RollPupil
from app.exchange.roll_comparison import Difference, Place, differences, is_named_differently

RELATIONSHIP_NOT_STATED: Final = "not stated"
E = TypeVar("E", bound=Entry)


class Outcome(StrEnum):
    """What became of a pupil (the first five) or of one row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DIFFERING = "differing"
    FAILED = "failed"
    PROPOSAL = "proposal"
    WARNING = "warning"
    ERROR = "error"


TOLD: Final[Mapping[Outcome, str]] = {
    Outcome.ADDED: "The pupil is new at this school and was added, with the history in the file.",
    Outcome.UPDATED: "The school has this pupil; what the record lacked, or how the pupil is named or grouped, was taken from the file.",
    Outcome.UNCHANGED: "The school has this pupil as the file does; nothing was added.",
    Outcome.DIFFERING: "The file differs from the record. The record stays as it is; each difference is listed for a person to decide.",
    Outcome.FAILED: "The pupil cannot come on roll as the file says, so nothing in the file was stored.",
}
UNDECIDED: Final = "The pupil is still on School Action or School Action Plus, and a person must decide about the move."


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """The import that a plan is for: school, day and moment on its clock, who ran it, and where ids come from."""

    school: School
    today: date
    moment: datetime
    author: Author
    job: UUID
    file_digest: str
    new_id: Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilPlan:
    """What is to be written for one pupil, and what is to be said; an unchanged pupil has no entries and no new names."""

    before: Record
    outcome: Outcome
    is_undecided: bool
    results: tuple[Result, ...]
    entries: tuple[Entry, ...] = ()
    new_pupil: NewPupil | None = None
    renamed: NewPupil | None = None
    contacts: tuple[ContactDetails, ...] = ()


@dataclass(slots=True)
class _Writing:
    """A record that grows as the steps are taken, so that each is decided on all that went before."""

    loading: Loading
    before: Record
    record: Record
    entries: list[Entry] = field(default_factory=list)
    contacts: list[ContactDetails] = field(default_factory=list)
    remarks: list[Result] = field(default_factory=list)

    def take(self, step: Step[E], entry: E, place: Place) -> bool:
        """Add what the step answers; a refusal becomes a proposal in the results."""
        decision = step(self.record, entry, self.loading.author)
        for added in decision.entries:
            self.entries.append(added)
            self.record = Record.fold(self.loading.school, (*self.record.known, self._recorded(added)), self.record.pupil)
        if decision.is_refused:
            finding = decision.findings[0]
            self.propose(Difference(place, finding.rule.id, f"Not loaded: {finding.cure or finding.rule.duty}."))
        return not decision.is_refused

    def propose(self, difference: Difference) -> None:
        self.remark(Outcome.PROPOSAL, difference)

    def remark(self, outcome: Outcome, about: Difference) -> None:
        line, pointer = about.place
        self.remarks.append(Result(line=line, pointer=pointer, outcome=outcome, cause=about.cause, detail=about.detail))

    def _recorded(self, entry: Entry) -> Recorded:
        number = max(self.record.last_number, self.loading.school.last_number) + 1
        return Recorded(
            number=number,
            recorded_at=self.loading.moment,
            author=self.loading.author,
            entry=entry,
            pupil=self.record.pupil,
            supersedes=None,
        )

    @property
    def has_proposals(self) -> bool:
        return any(remark.outcome == Outcome.PROPOSAL for remark in self.remarks)


def plan_roll(loading: Loading, pupils: Iterable[RollPupil], held: Mapping[str, Held]) -> list[PupilPlan]:
    """Decide for each pupil of a file, given those whom the school already has by UPN."""
    return [plan_pupil(loading, pupil, held.get(pupil.upn.value)) for pupil in pupils]


def plan_pupil(loading: Loading, pupil: RollPupil, held: Held | None) -> PupilPlan:
    """Decide what one pupil of a file changes."""
    return _newcomer(loading, pupil) if held is None else _known(loading, pupil, held)


def _newcomer(loading: Loading, pupil: RollPupil) -> PupilPlan:
    new = _as_named(loading.new_id(), pupil, pupil.year_group)
    before = Record.fold(loading.school, (), new.id)
    writing = _Writing(loading, before, before)
    enrolled = PupilEnrolled(occurred_on=loading.today, date_of_birth=pupil.date_of_birth, year_group=pupil.year_group)
    if not writing.take(enrol_pupil, enrolled, (pupil.line, pupil.pointer)):
        return _planned(writing, pupil, Outcome.FAILED)
    _load_contacts(writing, pupil)
    _load_statuses(writing, pupil)
    _load_needs(writing, pupil)
    return replace(_planned(writing, pupil, Outcome.ADDED), new_pupil=new)


def _known(loading: Loading, pupil: RollPupil, held: Held) -> PupilPlan:
    record = held.record
    writing = _Writing(loading, record, record)
    found = list(differences(pupil, held, loading.today))
    if any(difference.is_about_whom for difference in found):
        return _told_only(writing, pupil, [difference for difference in found if difference.is_about_whom])
    for difference in found:
        writing.propose(difference)
    if pupil.contacts and not held.contacts:
        _load_contacts(writing, pupil)
    if not record.statuses:
        _load_statuses(writing, pupil)
    if not record.all(NeedImported) and not record.all(NeedsSet):
        _load_needs(writing, pupil)
    renamed = _as_named(record.pupil, pupil, pupil.year_group or held.pupil.year_group) if is_named_differently(pupil, held.pupil) else None
    return replace(_planned(writing, pupil, _outcome(writing, renamed)), renamed=renamed)


def _told_only(writing: _Writing, pupil: RollPupil, found: Iterable[Difference]) -> PupilPlan:
    for difference in found:
        writing.propose(difference)
    return _planned(writing, pupil, Outcome.DIFFERING)


def _outcome(writing: _Writing, renamed: NewPupil | None) -> Outcome:
    if writing.has_proposals:
        return Outcome.DIFFERING
    return Outcome.UPDATED if writing.entries or renamed else Outcome.UNCHANGED


def _planned(writing: _Writing, pupil: RollPupil, outcome: Outcome) -> PupilPlan:
    pupil_id = None if outcome is Outcome.FAILED else writing.record.pupil
    undecided = writing.record.open_withdrawn is not None and outcome is not Outcome.FAILED
    detail = f"{TOLD[outcome]} {UNDECIDED}" if undecided else TOLD[outcome]
    told = Result(line=pupil.line, pointer=pupil.pointer, outcome=outcome, cause=f"pupil-{outcome.value}", detail=detail)
    return PupilPlan(
        before=writing.before,
        outcome=outcome,
        is_undecided=undecided,
        results=tuple(replace(result, pupil_id=pupil_id) for result in (told, *writing.remarks)),
        entries=tuple(writing.entries),
        contacts=tuple(writing.contacts),
    )


def _load_contacts(writing: _Writing, pupil: RollPupil) -> None:
    for row in pupil.contacts:
        contact_id, place = writing.loading.new_id(), (row.line, row.pointer)
        described = ContactDescribed(
            occurred_on=writing.loading.today,
            contact=contact_id,
            relationship=row.relationship or RELATIONSHIP_NOT_STATED,
            parental_responsibility=row.parental_responsibility is True,
            has_care=False,
        )
        if not writing.take(describe_contact, described, place):
            continue
        writing.contacts.append(_contact(contact_id, writing.record.pupil, row))
        if row.parental_responsibility is None:
            unsaid = (
                "The file does not say whether this contact has parental responsibility, so nothing is told to them until a person does."
            )
            writing.remark(Outcome.WARNING, Difference(place, "responsibility-not-stated", unsaid))


def _load_statuses(writing: _Writing, pupil: RollPupil) -> None:
    for row in pupil.statuses:
        source = _source(writing.loading, row.line)
        writing.take(import_status, StatusImported(occurred_on=row.starts_on, status=row.status, source=source), (row.line, row.pointer))


def _load_needs(writing: _Writing, pupil: RollPupil) -> None:
    for row in pupil.needs:
        entry = NeedImported(
            occurred_on=_first_day(pupil, row, writing.loading.today),
            need_type=row.need_type,
            rank=row.rank,
            until=row.ends_on,
            source=_source(writing.loading, row.line),
        )
        writing.take(import_need, entry, (row.line, row.pointer))


def _first_day(pupil: RollPupil, need: RollNeed, today: date) -> date:
    """A need without a first day began, for all that the file says, when the pupil was first on the SEN register."""
    identified = next((row.starts_on for row in pupil.statuses if row.status is not SenStatus.NONE), today)
    return need.starts_on or min(identified, need.ends_on or today)


def _source(loading: Loading, line: int) -> Source:
    return Source(job=loading.job, file_digest=loading.file_digest, line=line)


def _as_named(pupil_id: UUID, pupil: RollPupil, year_group: str | None) -> NewPupil:
    return NewPupil(
        id=pupil_id,
        upn=pupil.upn.value,
        surname=pupil.surname,
        forename=pupil.forename,
        date_of_birth=pupil.date_of_birth,
        sex=pupil.sex,
        year_group=year_group,
    )


def _contact(contact_id: UUID, pupil_id: UUID, row: RollContact) -> ContactDetails:
    channels: Iterator[tuple[str, str | None]] = iter((("email", row.email), ("post", row.address), ("phone", row.phone)))
    return ContactDetails(
        id=contact_id,
        pupil_id=pupil_id,
        name=row.name,
        channel=next((name for name, way in channels if way), "none"),
        email=row.email,
        phone=row.phone,
        address=row.address,
        language="en",
        format="text",
    )
