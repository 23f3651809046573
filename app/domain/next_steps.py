"""Which steps exist for a pupil on a day and which do not, and why: each step is asked, with an entry made for the purpose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.author import Author, AuthorKind
from app.domain.codes import StaffRole
from app.domain.decision import Decision
from app.domain.entries import Entry
from app.domain.on_roll import off_roll
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.steps import STEPS
from app.domain.trials import NOBODY, trials
from app.domain.writers import WRITERS, Writers


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """One step as it stands on a day: it exists unless there is a refusal. `entry` and `author` are those it was tried with."""

    kind: type[Entry]
    writers: Writers
    entry: Entry
    author: Author
    refusal: Finding | None

    @property
    def exists(self) -> bool:
        """Whether the step would be taken."""
        return self.refusal is None


def next_steps(record: Record, on: date) -> tuple[Possible, ...]:
    """Try every step on a record for a day; what comes of it depends on the facts that are then given, whether it exists does not."""
    return tuple(_tried(record, kind, on) for kind in STEPS)


def _tried(record: Record, kind: type[Entry], on: date) -> Possible:
    """Give the first trial that is accepted, or else the first that was refused: it refers to the newest entry that could be meant."""
    writers = WRITERS[kind]
    author = fitting_author(record, writers, on)
    staff = author.id if author.kind is AuthorKind.STAFF else _anybody(record, on)
    found = [_asked(record, entry, writers, author) for entry in trials(record, kind, on, staff)]
    return next((possible for possible in found if possible.exists), found[0])


def _asked(record: Record, entry: Entry, writers: Writers, author: Author) -> Possible:
    refusal = _away(record, entry) or _first(STEPS[type(entry)](record, entry, author))
    return Possible(kind=type(entry), writers=writers, entry=entry, author=author, refusal=refusal)


def _first(decision: Decision) -> Finding | None:
    return decision.findings[0] if decision.is_refused else None


def _away(record: Record, entry: Entry) -> Finding | None:
    """Say where the pupil is not on roll, which is asked of the entry's day before the step itself is."""
    if off_roll(record, entry) is None:
        return None
    return LEAVE_A_TRAIL.broken(entry=entry.type, on=str(entry.occurred_on), missing=("enrolment that stands on the day",))


def fitting_author(record: Record, writers: Writers, on: date) -> Author:
    """Name somebody who may write such an entry on a day; nobody at all where there is no such person, which the step then says."""
    return next(_fitting(record, writers, on), Author(kind=AuthorKind.STAFF, id=NOBODY))


def _fitting(record: Record, writers: Writers, on: date) -> Iterator[Author]:
    for role in sorted(writers.roles):
        yield from (Author(kind=AuthorKind.STAFF, id=person) for person in record.school.staff_with(role, on))
    if AuthorKind.IMPORT in writers.others:
        yield Author(kind=AuthorKind.IMPORT, id=_anybody(record, on))
    if AuthorKind.AUTHORITY_OFFICER in writers.others:
        yield Author(kind=AuthorKind.AUTHORITY_OFFICER, id=NOBODY)


def _anybody(record: Record, on: date) -> UUID:
    return next((person for role in StaffRole for person in record.school.staff_with(role, on)), NOBODY)
