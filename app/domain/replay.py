"""Entries taken one after the other as the steps they would have been: what stands, what is remarked, and what is refused."""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.author import Author, AuthorKind
from app.domain.choices import value_refusal
from app.domain.codes import StaffRole
from app.domain.corrections import decided, withdraw_entry
from app.domain.decision import Decision
from app.domain.entries import Entry, EntryWithdrawn, Recorded, RoleGiven, SettingChanged
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.school import School
from app.domain.step import SchoolSteps
from app.domain.steps import SCHOOL_STEPS, STEPS
from app.domain.writers import SCHOOL_WRITERS, WRITERS, Writers

UNNAMED: Final = UUID(int=0)
"""Whoever may have written an entry of which no author is told."""
LONG_AGO: Final = date(1900, 1, 1)
Watch = Callable[[], None]
"""Called before each entry and each duty; whoever waits for the answer may raise from it to end the work."""


def unwatched() -> None:
    """Let the work run to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry as somebody tells it. Without an author, whoever may write it is taken to have done so; without a moment, on its own day."""

    number: int
    entry: Entry
    supersedes: int | None = None
    recorded_at: datetime | None = None
    author: Author | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarked:
    """What was remarked on the step that added an entry, or under which rule it was refused."""

    number: int
    occurred_on: date
    findings: tuple[Finding, ...]
    of_the_school: bool = False
    is_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The record after all its steps, with what was said of each that is worth a word; refused entries are not in it."""

    record: Record
    remarks: tuple[Remarked, ...]


def replay(school: Sequence[Told], pupil: Sequence[Told], of: UUID, watch: Watch = unwatched) -> Replayed:
    """Take the steps of the school, then those of the pupil `of`, each in order of number.

    Entries that no step adds (roles and the like) are put down as they are; of a setting only its number is weighed.
    """
    known, of_school = _replay_school(school, watch)
    record, of_pupil = _replay_pupil(known, pupil, of, watch)
    return Replayed(record=record, remarks=(*of_school, *of_pupil))


def _replay_school(entries: Sequence[Told], watch: Watch) -> tuple[School, list[Remarked]]:
    school, remarks = School(), list[Remarked]()
    for told in _by_number(entries):
        watch()
        step = _STEPS_OF_SCHOOL.get(type(told.entry))
        if step is not None:
            author, seen = _author_of(told, school, SCHOOL_WRITERS)
            decision = step(seen, told.entry, author)
            remarks.extend(_remarked(told, decision, of_the_school=True))
            if decision.is_refused:
                continue
        school = School.fold((*school.known, _recorded(told, school, None)))
    return school, remarks


def _choose(school: School, entry: SettingChanged, by: Author) -> Decision:
    """Take what a school chose, whoever chose it, unless no school can choose it."""
    refusal = value_refusal(entry)
    return Decision.refused(refusal) if refusal else Decision.taken(entry)


_STEPS_OF_SCHOOL: Final[SchoolSteps] = MappingProxyType({**SCHOOL_STEPS, SettingChanged: _choose})


def _replay_pupil(school: School, entries: Sequence[Told], of: UUID, watch: Watch) -> tuple[Record, list[Remarked]]:
    record, known, remarks = Record(school, of), list[Recorded](), list[Remarked]()
    for told in _by_number(entries):
        watch()
        author, seen = _author_of(told, school, WRITERS)
        decision = _decided(record if seen is school else replace(record, school=seen), told, author)
        remarks.extend(_remarked(told, decision))
        if not decision.is_refused:
            insort(known, _recorded(told, school, of, author), key=_effect)
            record = Record(school, of, tuple(known))
    return record, remarks


def _decided(record: Record, told: Told, author: Author) -> Decision:
    withdraws = isinstance(told.entry, EntryWithdrawn)
    step = partial(withdraw_entry, number=told.supersedes or 0) if withdraws else STEPS.get(type(told.entry), _put_down)
    return decided(record, told.supersedes, step, told.entry, author)[1]


def _put_down(record: Record, entry: Entry, by: Author) -> Decision:
    return Decision.taken(entry)


def _effect(recorded: Recorded) -> tuple[date, int]:
    return recorded.entry.occurred_on, recorded.number


def _by_number(entries: Iterable[Told]) -> list[Told]:
    return sorted(entries, key=lambda told: told.number)


def _remarked(told: Told, decision: Decision, *, of_the_school: bool = False) -> Iterable[Remarked]:
    if decision.findings:
        yield Remarked(
            number=told.number,
            occurred_on=told.entry.occurred_on,
            findings=decision.findings,
            of_the_school=of_the_school,
            is_refused=decision.is_refused,
        )


def _recorded(told: Told, school: School, of: UUID | None, author: Author | None = None) -> Recorded:
    return Recorded(
        number=told.number,
        recorded_at=told.recorded_at or _afternoon(told.entry.occurred_on),
        author=author or told.author or _unnamed(AuthorKind.STAFF),
        entry=told.entry,
        pupil=of,
        supersedes=told.supersedes,
    )


def _afternoon(day: date) -> datetime:
    return datetime.combine(day, time(16), UTC)


def _unnamed(kind: AuthorKind) -> Author:
    return Author(kind=kind, id=UNNAMED)


def _author_of(told: Told, school: School, writers: Mapping[type[Entry], Writers]) -> tuple[Author, School]:
    """The author told; otherwise staff with a role for it on its day, or somebody unnamed to whom the school seen gives one."""
    allowed = writers.get(type(told.entry))
    if told.author is not None or allowed is None:
        return told.author or _unnamed(AuthorKind.STAFF), school
    if allowed.roles:
        roles = sorted(allowed.roles, key=lambda role: (role is not StaffRole.SENCO, role))
        staff = _staff_with(school, roles, told.entry.occurred_on)
        return (Author(kind=AuthorKind.STAFF, id=staff), school) if staff else _somebody(school, min(allowed.roles), AuthorKind.STAFF)
    return _somebody(school, StaffRole.ADMINISTRATOR, min(allowed.others))


def _staff_with(school: School, roles: Iterable[StaffRole], day: date) -> UUID | None:
    return next((staff for role in roles for staff in school.staff_with(role, day)), None)


def _somebody(school: School, role: StaffRole, kind: AuthorKind) -> tuple[Author, School]:
    given = RoleGiven(occurred_on=LONG_AGO, staff=UNNAMED, role=role)
    written = Recorded(number=0, recorded_at=_afternoon(LONG_AGO), author=_unnamed(AuthorKind.STAFF), entry=given)
    return _unnamed(kind), School.fold((*school.known, written))
