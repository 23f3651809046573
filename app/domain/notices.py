"""Who must be sent which notice after a step; whether they may still have it is asked again whenever it is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.entries import Matter, Recorded
from app.domain.people import Person, people_to_tell
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
