"""Entries as somebody else's system tells them: their kinds, their facts and their numbers, checked all at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from pydantic import Field, JsonValue

from app.api.manners.faults import MOST_FAULTS, Fault
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import A_PERSON
from app.api.shown.entry_facts import FactsRefusedError, entry_told
from app.api.shown.shapes import CivilDate, In, Instant
from app.domain.author import Author, AuthorKind
from app.domain.entries import OF_PUPILS, OF_THE_SCHOOL, Entry, kinds_of
from app.domain.replay import Told, Watch

KINDS_IN: Final[Mapping[str, Mapping[str, type[Entry]]]] = MappingProxyType(
    {
        "school": {kind.type: kind for module in OF_THE_SCHOOL for kind in kinds_of(module)},
        "record": {kind.type: kind for module in OF_PUPILS for kind in kinds_of(module)},
    }
)


class AuthorToldIn(In):
    """Who wrote an entry, by id."""

    kind: AuthorKind = Field(examples=["staff"])
    id: UUID = Field(examples=[A_PERSON])


class EntryToldIn(In):
    """An entry; the facts of each type are at `/docs/entries`, and its number is its place in the list unless given."""

    type: str = Field(max_length=100, examples=["pupil.enrolled"])
    occurred_on: CivilDate
    facts: dict[str, JsonValue] = Field(default={}, examples=[{"date_of_birth": "2008-06-30", "year_group": "1"}])
    number: int | None = Field(default=None, description="For every entry of a list or for none; they ascend.", examples=[1])
    supersedes: int | None = Field(default=None, description="The number of an earlier entry of the list.", examples=[None])
    recorded_at: Instant | None = Field(default=None, description="When it was written; else on its own day.", examples=[None])
    author: AuthorToldIn | None = Field(default=None, description="Else whoever may write it is taken to have done so.", examples=[None])


@dataclass(frozen=True, slots=True)
class Lists:
    """The two lists of a request."""

    school: Sequence[EntryToldIn]
    record: Sequence[EntryToldIn]

    def named(self) -> tuple[tuple[str, Sequence[EntryToldIn]], ...]:
        """Give each list with the name of its member."""
        return (("school", self.school), ("record", self.record))

    @property
    def is_numbered(self) -> bool:
        """Whether every entry has a number of its own."""
        return all(told.number is not None for _, listed in self.named() for told in listed)


@dataclass(frozen=True, slots=True)
class Read:
    """The two lists as the domain takes them."""

    school: tuple[Told, ...]
    record: tuple[Told, ...]
    is_numbered: bool


def read_entries(lists: Lists, watch: Watch) -> Read:
    """Read both lists; raises ApiError with everything that does not fit, at most 500 things."""
    faults: list[Fault] = []
    read = {name: tuple(_read(name, listed, faults, watch)) for name, listed in lists.named()}
    if faults:
        raise invalid(dict.fromkeys(faults[:MOST_FAULTS]))
    return Read(school=read["school"], record=read["record"], is_numbered=lists.is_numbered)


def as_known_at(read: Read, number: int | None) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """Give the school's and the pupil's entries that were written by that number; raises ApiError for one that nothing has yet."""
    if number is None:
        return read.school, read.record
    if not read.is_numbered:
        raise invalid([Fault("/known_at_number", "numbers_needed", "Every entry must have a number of its own to look back by.")])
    if number > max((told.number for told in (*read.school, *read.record)), default=0):
        raise ApiError("future-known-at", "No entry has this number yet.")
    return tuple(t for t in read.school if t.number <= number), tuple(t for t in read.record if t.number <= number)


def _read(name: str, listed: Sequence[EntryToldIn], faults: list[Fault], watch: Watch) -> Iterator[Told]:
    faults.extend(_number_faults(name, listed))
    numbers = {told.number if told.number is not None else place for place, told in enumerate(listed, start=1)}
    for place, told in enumerate(listed):
        watch()
        number = place + 1 if told.number is None else told.number
        if told.supersedes is not None and not (told.supersedes in numbers and told.supersedes < number):
            faults.append(Fault(f"/{name}/{place}/supersedes", "no_such_entry", "No earlier entry of the list has this number."))
        entry = _entry(name, place, told, faults)
        if entry is not None:
            author = None if told.author is None else Author(kind=told.author.kind, id=told.author.id)
            yield Told(number=number, entry=entry, supersedes=told.supersedes, recorded_at=told.recorded_at, author=author)


def _entry(name: str, place: int, told: EntryToldIn, faults: list[Fault]) -> Entry | None:
    kind = KINDS_IN[name].get(told.type)
    if kind is None:
        is_other = any(told.type in kinds for kinds in KINDS_IN.values())
        code, detail = ("wrong_list", "Entries of this kind stand in the other list.") if is_other else _UNKNOWN
        faults.append(Fault(f"/{name}/{place}/type", code, detail))
        return None
    try:
        return entry_told(kind, told.occurred_on, told.facts)
    except FactsRefusedError as error:
        faults.extend(Fault(f"/{name}/{place}/facts{f.pointer}", f.code, f.detail, f.rule, f.citation) for f in error.faults)
        return None


_UNKNOWN: Final = ("unknown_type", "There is no kind of entry of this type; /docs/entries lists them.")


def _number_faults(name: str, listed: Sequence[EntryToldIn]) -> Iterator[Fault]:
    given = [told.number for told in listed if told.number is not None]
    twice = {number for number, times in Counter(given).items() if times > 1}
    for place, told in enumerate(listed):
        if told.number is None and given:
            yield Fault(f"/{name}/{place}/number", "missing", "Give every entry of the list a number, or none.")
        elif told.number in twice:
            yield Fault(f"/{name}/{place}/number", "number_given_twice", "Another entry of the list has this number.")
