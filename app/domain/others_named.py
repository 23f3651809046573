"""Other pupils of the school whose names or numbers stand in what is about to leave it, wherever they are written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Final
from uuid import UUID

from app.domain.entries import Entry

WORDS_BETWEEN: Final = 3
"""So many words may stand between a forename and its surname, for middle names."""
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRoll:
    """A pupil by name and number, as the roll has them."""

    id: UUID
    surname: str
    forename: str
    upn: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in folded words: the first forename, and the surname whole."""

    forename: str
    surname: tuple[str, ...]


class Others:
    """The other pupils of a roll, to be looked for in texts; whoever is called just as the pupils themselves are cannot be told apart.

    A forename alone is not looked for: many share it. The first forename and the whole surname are, in either order, as words.
    """

    def __init__(self, roll: Iterable[OnRoll], own: Iterable[UUID]) -> None:
        everybody, own = tuple(roll), frozenset(own)
        ours = {_name_of(one) for one in everybody if one.id in own}
        self._by_surname: dict[str, list[tuple[_Name, UUID]]] = {}
        self._by_number: dict[str, UUID] = {}
        for one in everybody:
            name = _name_of(one)
            if one.id not in own:
                self._by_number[one.upn.casefold()] = one.id
                if name is not None and name not in ours:
                    self._by_surname.setdefault(name.surname[0], []).append((name, one.id))

    def found_in(self, text: str) -> frozenset[UUID]:
        """Tell which of them a text names."""
        words = _words(text)
        return frozenset(pupil for place, word in enumerate(words) for pupil in self._found_at(words, place, word))

    def _found_at(self, words: list[str], place: int, word: str) -> Iterator[UUID]:
        if word in self._by_number:
            yield self._by_number[word]
        for name, pupil in self._by_surname.get(word, ()):
            end = place + len(name.surname)
            around = words[max(0, place - 1 - WORDS_BETWEEN) : place] + words[end : end + 1]
            if tuple(words[place:end]) == name.surname and name.forename in around:
                yield pupil


def words_of(entry: Entry) -> Iterator[str]:
    """Give every text that an entry holds, its codes left out."""
    return _texts(entry)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    inside: Iterable[object] = value if isinstance(value, tuple) else ()
    if is_dataclass(value):
        inside = (getattr(value, one.name) for one in fields(value))
    for inner in inside:
        yield from _texts(inner)


def _name_of(one: OnRoll) -> _Name | None:
    """A name that has no word for one of its halves cannot be looked for."""
    forename, surname = _words(one.forename), _words(one.surname)
    return _Name(forename[0], tuple(surname)) if forename and surname else None


def _words(text: str) -> list[str]:
    """The words of a text, without case and accents; what joins the halves of a name parts words too."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return _WORD.findall(plain.casefold())
