"""A life as a stamp: the rows it leaves in the tables, worked out once, and printed for as many pupils as a country needs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random
from typing import Final
from uuid import UUID

from app.casework.taking import horizon_of
from app.db.chain import canonical
from app.db.codec import body_of
from app.db.obligations import CONTENT, changes_between
from app.db.records import summary_of
from app.domain.author import Author, AuthorKind
from app.domain.codes import SchoolType, StaffRole
from app.domain.entries import Entry, Recorded, RoleGiven, SchoolDescribed
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rules import RULES_VERSION
from app.domain.school import School
from bench.england import draw_need
from bench.lives import (
    HAVE_TWO_PARENTS,
    LOADED_FROM_A_ROLL,
    Life,
    People,
    a_life_loaded_from_a_roll,
    a_life_on_support,
    a_life_with_a_plan,
)

STAFF: Final = {
    StaffRole.TEACHER: UUID(int=0x999_0001),
    StaffRole.SENCO: UUID(int=0x999_0002),
    StaffRole.TEACHING_ASSISTANT: UUID(int=0x999_0003),
}
BY: Final = Author(kind=AuthorKind.STAFF, id=STAFF[StaffRole.SENCO])
SINCE: Final = date(2014, 9, 1)
OWNER: Final = "0a0a0a0a-0a0a-7a0a-8a0a-0a0a0a0a"
"""Stands for the pupil in every id that is the pupil's own; four more digits tell those apart."""
SCHOOL: Final = "0b0b0b0b-0b0b-7b0b-8b0b-0b0b0b0b0b0b"
FIRST: Final = 4_000_000_000_000_001
"""The number of a life's first entry while it is worked out, so great that its numbers are found again in any text."""
_NUMBER: Final = re.compile(r"40000000000(\d{5})")
NEEDLESS: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n"})


def own_id(number: int) -> UUID:
    """Give one of the ids that belong to the pupil of a stamp."""
    return UUID(f"{OWNER}{number:04x}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Text with places for the school, the pupil and ledger numbers, which it counts from a pupil's first."""

    text: str
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Stamp":
        """Find the numbers in a text."""
        numbers = tuple(int(found) - 1 for found in _NUMBER.findall(text))
        return cls(_NUMBER.sub("%d", text.replace("%", "%%")), numbers)

    def print(self, school: str, owner: str, first: int) -> str:
        """Print for one pupil, whose entries are numbered from `first` on."""
        return (self.text % tuple(map(first.__add__, self.numbers))).replace(OWNER, owner).replace(SCHOOL, school)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of a life: what the header says, and the stamp of the body."""

    type: str
    occurred_on: date
    body: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """All that a life leaves: columns of the pupil's row, entries, and obligation rows, of which `current` are known now."""

    record: Record
    standing: Stamp
    lines: tuple[Line, ...]
    obligations: Stamp
    rows: int
    current: int


def a_school(school_type: SchoolType) -> School:
    """A school of that type with one of each role; its entries have the numbers from 1 on."""
    return School.fold(Recorded(number=n, recorded_at=_moment(SINCE), author=BY, entry=e) for n, e in enumerate(opening_of(school_type), 1))


def opening_of(school_type: SchoolType) -> list[Entry]:
    """The entries every school of the country begins with."""
    described = SchoolDescribed(occurred_on=SINCE, school_type=school_type, authority="999", record_begins_on=SINCE)
    return [described, *(RoleGiven(occurred_on=SINCE, staff=person, role=role) for role, person in STAFF.items())]


def press(school: School, dice: Random, today: date, *, with_plan: bool) -> Pressed:
    """Invent a life at this school and work out what it leaves, version by version of what was known."""
    on_support = a_life_loaded_from_a_roll if dice.random() < LOADED_FROM_A_ROLL else a_life_on_support
    parents = (own_id(1), own_id(2)) if dice.random() < HAVE_TWO_PARENTS else (own_id(1),)
    teacher, senco, assistant = STAFF.values()
    people = People(pupil=own_id(0), parents=parents, teacher=teacher, senco=senco, assistant=assistant)
    invent = a_life_with_a_plan if with_plan else on_support
    return _pressed(school, invent(dice, people, draw_need(dice, with_plan=with_plan), today))


def _pressed(school: School, life: Life) -> Pressed:
    recorded = [
        Recorded(number=n, recorded_at=_moment(life.today), author=BY, entry=entry, pupil=life.people.pupil)
        for n, entry in enumerate(life.entries(FIRST), start=FIRST)
    ]
    record = Record.fold(school, recorded, life.people.pupil)
    rows = _versions(school, recorded, record.pupil, horizon_of(life.today))
    born = record.date_of_birth or life.today
    pupil = (SCHOOL, record.pupil, born, recorded[-1].number, record.status.value, record.status_since, canonical(summary_of(record)))
    return Pressed(
        record=record,
        standing=Stamp.of(copy_line(pupil)),
        lines=tuple(Line(type=r.entry.type, occurred_on=r.entry.occurred_on, body=_body(r.entry)) for r in recorded),
        obligations=Stamp.of("".join(f"{copy_line(row)}\n" for row in rows)),
        rows=len(rows),
        current=sum(row[-1] is None for row in rows),
    )


def _body(entry: Entry) -> Stamp:
    return Stamp.of(canonical(body_of(entry)).decode())


OBLIGATION: Final = ("school_id", "pupil_id", "rules_version", "id", *CONTENT, "known_from", "known_until")


def _versions(school: School, recorded: Sequence[Recorded], pupil: UUID, horizon: date) -> list[tuple[object, ...]]:
    """Derive after each entry, and note from which number to which each row was known, in the order of `OBLIGATION`."""
    known: dict[str, list[object]] = {}
    standing: dict[str, list[object]] = {}
    for place in range(1, len(recorded) + 1):
        number = recorded[place - 1].number
        derived = obligations(Record.fold(school, recorded[:place], pupil), until=horizon)
        changes = changes_between([[row[0], *row[1:-2]] for row in standing.values()], derived)  # type: ignore[misc]
        for closed in changes.closed:
            standing.pop(closed)[-1] = number
        for facts in changes.opened:
            id_ = str(own_id(0x100 + len(known)))
            known[id_] = standing[id_] = [id_, *facts, number, None]
    return [(SCHOOL, pupil, RULES_VERSION, *row) for row in known.values()]


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def copy_line(values: Iterable[object]) -> str:
    """Write a row as COPY reads it, without the line's end."""
    return "\t".join(map(_copied, values))


def _copied(value: object) -> str:
    match value:
        case None:
            return r"\N"
        case bytes():
            return value.decode().translate(NEEDLESS)
        case list() | tuple():
            return "{" + ",".join(f'"{item}"' for item in value) + "}"
        case _:
            return str(value).translate(NEEDLESS)
