"""Who must be sent which notice after a step; whether they may still have it is asked again whenever it is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.cooling_off import cooling_off
from app.domain.entries import Erased, Matter, PersonTold, Recorded
from app.domain.people import Person, is_past_school_age, people_to_tell
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.telling import ToBeTold, to_be_told


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeOwed:
    """One person to be told one matter about the entry of that number; `stage` gives nothing away.

    `due` is inside; None where the calendar by which it is counted is not loaded.
    """

    matter: Matter
    about: int
    person: Person
    rule: Rule
    due: date | None
    stage: str


class Barred(StrEnum):
    """Why a person may not be told of an entry."""

    NOT_TO_BE_TOLD = "not_to_be_told"
    LEFT = "left"
    ADDRESS_CHANGED = "address_changed"
    SUPERSEDED = "superseded"
    ERASED = "erased"

    @property
    def may_end(self) -> bool:
        """Whether the person may be told of it one day: what was corrected or erased never comes back."""
        return self not in (Barred.SUPERSEDED, Barred.ERASED)


def barred(record: Record, about: int, person: UUID, today: date) -> Barred | None:
    """Why a person may not be told of an entry on a day; None where they may.

    They may while the pupil is on roll, the entry stands, the right is there, and the way they are reached is not too new.
    """
    if record.left_on is not None and record.left_on <= today:
        return Barred.LEFT
    recorded = record.entry(about)
    if recorded is None:
        return Barred.SUPERSEDED
    if isinstance(recorded.entry, Erased):
        return Barred.ERASED
    if not people_to_tell(record, today).may_be_told(person):
        return Barred.NOT_TO_BE_TOLD
    return Barred.ADDRESS_CHANGED if cooling_off(record, person, today) else None


def look_again_on(record: Record, person: UUID, reason: Barred | None, today: date) -> date | None:
    """The day on which what is withheld for this reason is to be looked at again; None where no day would change anything by itself."""
    found = cooling_off(record, person, today) if reason is Barred.ADDRESS_CHANGED else None
    return None if found is None else found.look_again_on(today)


def owed_to_new_holder(record: Record, about: int, today: date) -> tuple[NoticeOwed, ...]:
    """Compose the notices about an entry for the young person, or who acts for them, where the rights passed before anybody was told.

    Who was told before that, as a parent, was told rightly, and nothing is told twice.
    """
    recorded = record.entry(about)
    if recorded is None or not is_past_school_age(record, today) or any(isinstance(r.entry, PersonTold) for r in record.tellings(about)):
        return ()
    return tuple(
        _notice(owed, about, person)
        for owed in _one_a_matter(to_be_told(record.school, recorded.entry))
        for person in people_to_tell(record, today).persons
        if barred(record, about, person.id, today) in (None, Barred.ADDRESS_CHANGED)
    )


def notices_owed(record: Record, added: Sequence[Recorded]) -> tuple[NoticeOwed, ...]:
    """Compose the notices after entries that were just added, from the record that holds them; one a person and matter.

    Persons are those told on the day of writing, or on the day of the entry if that is later; copies that were agreed to are among them.
    """
    return tuple(notice for recorded in added for notice in _about(record, recorded))


def _about(record: Record, recorded: Recorded) -> Iterator[NoticeOwed]:
    day = max(recorded.entry.occurred_on, recorded.recorded_at.date())
    for owed in _one_a_matter(to_be_told(record.school, recorded.entry)):
        for person in people_to_tell(record, day).with_copies:
            yield _notice(owed, recorded.number, person)


def _notice(owed: ToBeTold, about: int, person: Person) -> NoticeOwed:
    return NoticeOwed(matter=owed.matter, about=about, person=person, rule=owed.rule, due=owed.due, stage=owed.stage)


def _one_a_matter(owed: Iterable[ToBeTold]) -> Iterable[ToBeTold]:
    """Keep the first rule of each matter, which is the weightiest."""
    first: dict[Matter, ToBeTold] = {}
    for told in owed:
        first.setdefault(told.matter, told)
    return first.values()
