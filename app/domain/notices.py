"""Who must be sent which notice after a step; whether they may still have it is asked again whenever it is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.entries import Erased, Matter, PersonTold, Recorded
from app.domain.people import Person, PersonKind, RightHolder, people_to_tell, right_holder
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.telling import ToBeTold, to_be_told


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeOwed:
    """One person to be told one matter about the entry of that number by `due`, inside; `stage` gives nothing away."""

    matter: Matter
    about: int
    person: Person
    rule: Rule
    due: date
    stage: str


class Barred(StrEnum):
    """Why a person may not be told of an entry; the first two may end."""

    NOT_TO_BE_TOLD = "not_to_be_told"
    LEFT = "left"
    SUPERSEDED = "superseded"
    ERASED = "erased"


def barred(record: Record, about: int, person: UUID, today: date) -> Barred | None:
    """Why a person may not be told of an entry on a day; None where they may: on roll, the entry stands, the right is there."""
    if record.left_on is not None and record.left_on <= today:
        return Barred.LEFT
    recorded = record.entry(about)
    if recorded is None:
        return Barred.SUPERSEDED
    if isinstance(recorded.entry, Erased):
        return Barred.ERASED
    return None if person in {told.id for told in people_to_tell(record, today).persons} else Barred.NOT_TO_BE_TOLD


def owed_to_young_person(record: Record, about: int, today: date) -> tuple[NoticeOwed, ...]:
    """Compose the notices about an entry for the young person to whom the rights passed before anybody was told of it.

    Who was told before that, as a parent, was told rightly, and nothing is told twice.
    """
    recorded = record.entry(about)
    is_theirs = right_holder(record, today) is RightHolder.YOUNG_PERSON and barred(record, about, record.pupil, today) is None
    if recorded is None or not is_theirs or any(isinstance(told.entry, PersonTold) for told in record.tellings(about)):
        return ()
    themselves = Person(record.pupil, PersonKind.PUPIL)
    return tuple(
        NoticeOwed(matter=owed.matter, about=about, person=themselves, rule=owed.rule, due=owed.due, stage=owed.stage)
        for owed in _one_a_matter(to_be_told(record.school, recorded.entry))
    )


def notices_owed(record: Record, added: Sequence[Recorded]) -> tuple[NoticeOwed, ...]:
    """Compose the notices after entries that were just added, from the record that holds them; one a person and matter.

    Persons are those to be told on the day of writing, or on the day of the entry if that is later.
    """
    return tuple(notice for recorded in added for notice in _about(record, recorded))


def _about(record: Record, recorded: Recorded) -> Iterator[NoticeOwed]:
    day = max(recorded.entry.occurred_on, recorded.recorded_at.date())
    for owed in _one_a_matter(to_be_told(record.school, recorded.entry)):
        for person in people_to_tell(record, day).persons:
            yield NoticeOwed(matter=owed.matter, about=recorded.number, person=person, rule=owed.rule, due=owed.due, stage=owed.stage)


def _one_a_matter(owed: Iterable[ToBeTold]) -> Iterable[ToBeTold]:
    """Keep the first rule of each matter, which is the weightiest."""
    first: dict[Matter, ToBeTold] = {}
    for told in owed:
        first.setdefault(told.matter, told)
    return first.values()
