"""Other pupils of the school whose names or numbers stand in what is about to leave it, wherever they are written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from typing import Final
from uuid import UUID

from app.domain.entries import Entry

WORDS_BETWEEN: Final = 3
"""So many words may stand between a forename and its surname, for middle names."""
_NUMBER: Final = re.compile(r"(?<![^\W_])[A-Za-z](?:[ .\-/]?[0-9]){11}[ .\-/]?[0-9A-Za-z](?![^\W_])")
"""A unique pupil number, in one piece or in groups."""
_JOINS: Final = re.compile(r"[ .\-/]")
_WORD: Final = re.compile(r"[^\W_]+")
_BROKEN: Final = re.compile(r"(?<=\w)(?:[-\u2010\u2011]\s*\n\s*|[\u00ad\ufffe\ufffc\x02]\s*)(?=\w)")
"""Where a word goes on: over the end of a line, or after a sign that a reader of PDFs puts there."""
_SPELT_PLAINLY: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h"})
"""Letters that are no letter with an accent to Unicode, and are to whoever has no such keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRoll:
    """A pupil by name and number, as the roll has them."""

    id: UUID
    surname: str
    forename: str
    upn: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in folded words: the first forename, and the surname whole; either may be written as one word too (`closed`)."""

    forename: str
    surname: tuple[str, ...]
    closed: str = field(compare=False)

    def spelt(self) -> Iterator["_Name"]:
        """Give the name as it is looked for."""
        yield self
        if len(self.surname) > 1:
            yield replace(self, surname=("".join(self.surname),))


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
                    for spelt in name.spelt():
                        self._by_surname.setdefault(spelt.surname[0], []).append((spelt, one.id))

    def found_in(self, text: str) -> frozenset[UUID]:
        """Tell which of them a text names."""
        readings = {text, unbroken(text)}
        named = (pupil for one in readings for pupil in self._found_among(_words(one)))
        numbers = (_JOINS.sub("", number).casefold() for one in readings for number in _NUMBER.findall(one))
        return frozenset((*named, *(self._by_number[number] for number in numbers if number in self._by_number)))

    def _found_among(self, words: list[str]) -> Iterator[UUID]:
        for place, word in enumerate(words):
            yield from self._found_at(words, place, word)

    def _found_at(self, words: list[str], place: int, word: str) -> Iterator[UUID]:
        for name, pupil in self._by_surname.get(word, ()):
            end = place + len(name.surname)
            around = words[max(0, place - 1 - WORDS_BETWEEN) : place] + words[end : end + 1]
            if tuple(words[place:end]) == name.surname and (name.forename in around or name.closed in around):
                yield pupil


def unbroken(text: str) -> str:
    """Put words together that are broken over lines, or by signs that nobody sees."""
    whole = _BROKEN.sub("", text)
    return whole if whole.isascii() else "".join(one for one in whole if not _is_unseen(one))


def _is_unseen(letter: str) -> bool:
    """Format characters, such as those that join or turn letters; CGJ is a mark to Unicode and has no looks either."""
    return letter == "\u034f" or unicodedata.category(letter) == "Cf"


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
    return _Name(forename[0], tuple(surname), "".join(forename)) if forename and surname else None


def _words(text: str) -> list[str]:
    """The words of a text, without case and accents; what joins the halves of a name parts words too."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return _WORD.findall(plain.casefold().translate(_SPELT_PLAINLY))
