"""Single values of a roll file turned into dates, codes and numbers, each failure put down with its place and none of its content."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.domain.codes import NeedType, SenStatus
from app.domain.identifiers import IdentifierError, IdentifierFault, Upn
from app.exchange.roll import RollProblem, Severity

UPN_GUIDE: Final = "Unique pupil numbers: guide for schools and local authorities (DfE, 2019)"
CODE_SETS: Final = "Common Basic Data Set (DfE)"

_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_RANK: Final = re.compile(r"[0-9]{1,3}")
_FIRST_YEAR: Final = 1980
_YEARS_AHEAD: Final = 25
_OLDEST_PUPIL: Final = 26
_YEAR_GROUPS: Final = frozenset(["E1", "E2", "N1", "N2", "R", "X", *map(str, range(1, 15))])
_FLAGS: Final = {"true": True, "1": True, "y": True, "yes": True, "false": False, "0": False, "n": False, "no": False}
_WRONG_NEEDS: Final = {"PLD": "use SPLD for a specific learning difficulty", "NSA*": "use NSA, without the asterisk"}
_UPN_FAULTS: Final = {
    IdentifierFault.UPN_LENGTH: "A UPN has 13 characters.",
    IdentifierFault.UPN_CHARACTERS: "A UPN is a letter, 11 digits, and a digit or letter; I, O and S are not used.",
    IdentifierFault.UPN_LETTER: "The first letter does not agree with the rest of the UPN; a character may be mistyped.",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it stood in the file, or the place where it was looked for; an absent value is empty."""

    text: str
    line: int
    pointer: str


@dataclass(slots=True)
class ProblemLog:
    """The problems found so far, at most `most` of them, so that a hostile file cannot fill the memory."""

    most: int
    found: list[RollProblem] = field(default_factory=list)

    def error(self, at: Cell, cause: str, detail: str, provision: str | None = None) -> None:
        """Put down something that keeps the file out."""
        self._add(RollProblem(at.line, at.pointer, cause, detail, Severity.ERROR, provision))

    def warning(self, at: Cell, cause: str, detail: str, provision: str | None = None) -> None:
        """Put down something that a person should look at, though the file may be loaded."""
        self._add(RollProblem(at.line, at.pointer, cause, detail, Severity.WARNING, provision))

    def by_line(self) -> tuple[RollProblem, ...]:
        """The problems from the top of the file to its end."""
        return tuple(sorted(self.found, key=lambda problem: problem.line))

    def _add(self, problem: RollProblem) -> None:
        if len(self.found) < self.most:
            self.found.append(problem)
        elif len(self.found) == self.most:
            cut = f"More than {self.most} problems were found; the rest are not listed."
            self.found.append(RollProblem(problem.line, problem.pointer, "too-many-problems", cut, Severity.ERROR))


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads cells as of one day, with nothing later than it, and puts what it cannot read into the log."""

    on: date
    log: ProblemLog
    longest: int

    def words(self, cell: Cell, missing: str | None = None) -> str | None:
        """Text with its spaces evened out; where `missing` names a cause, an empty cell is an error."""
        text = " ".join(cell.text.split())
        if _CONTROLS.search(text) or len(text) > self.longest:
            self.log.error(cell, "text-not-usable", f"This text has control characters or more than {self.longest} characters.")
            return None
        if not text and missing:
            self.log.error(cell, missing, "A value is required here.")
        return text or None

    def upn(self, cell: Cell) -> Upn | None:
        """A unique pupil number; one from an authority that is not on the list is a warning."""
        text = self.words(cell, missing="upn-missing")
        if text is None:
            return None
        try:
            upn = Upn.parse(text)
        except IdentifierError as error:
            self.log.error(cell, error.reason.value, _UPN_FAULTS[error.reason], UPN_GUIDE)
            return None
        if not upn.has_known_authority:
            self.log.warning(
                cell, "upn-authority-unknown", "The authority in this UPN is on no present list; it may be an old one.", UPN_GUIDE
            )
        return upn

    def day(self, cell: Cell) -> date | None:
        """An ISO day that can be in a pupil's record at all; an empty cell is None and no problem."""
        text = self.words(cell)
        if text is None:
            return None
        try:
            day = date.fromisoformat(text) if _ISO_DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            self.log.error(cell, "date-not-a-date", "A date is written as year-month-day, like 2014-09-01, and must exist.")
        elif not _FIRST_YEAR <= day.year <= self.on.year + _YEARS_AHEAD:
            self.log.error(cell, "date-out-of-range", "This year cannot stand in a pupil's record.")
            day = None
        return day

    def birth(self, cell: Cell) -> date | None:
        """A date of birth in the past, at most 26 calendar years back."""
        if not cell.text.strip():
            self.log.error(cell, "date-of-birth-missing", "A value is required here.")
            return None
        day = self.day(cell)
        if day is not None and not (day < self.on and self.on.year - day.year <= _OLDEST_PUPIL):
            self.log.error(cell, "date-of-birth-impossible", "Nobody born on this day can be a pupil now.")
            return None
        return day

    def start(self, cell: Cell, born_on: date | None) -> date | None:
        """A first day that is neither before the pupil's birth nor in the future; an empty cell is None and no problem."""
        day = self.day(cell)
        if day is None:
            return None
        if day > self.on:
            self.log.error(cell, "start-in-future", "This start date has not come yet.")
            return None
        if born_on is not None and day < born_on:
            self.log.error(cell, "start-before-birth", "This start date is before the pupil's date of birth.")
            return None
        return day

    def sex(self, cell: Cell) -> str | None:
        """M, F, or U from older files."""
        return self._one_of(cell, "sex", frozenset("MFU").__contains__, "Sex is M or F; older files may have U.")

    def year_group(self, cell: Cell) -> str | None:
        """A national curriculum year (E1, E2, N1, N2, R, 1 to 14) or X; an empty cell is None and no problem."""
        if not cell.text.strip():
            return None
        return self._one_of(cell, "year-group", _YEAR_GROUPS.__contains__, "A year group is E1, E2, N1, N2, R, 1 to 14, or X.")

    def status(self, cell: Cell) -> SenStatus | None:
        """A SEN status by its letter, whether or not it is still given."""
        letter = self._one_of(cell, "status", frozenset(SenStatus).__contains__, "SEN status is one of N, K, E and, in history, A, P, S.")
        return SenStatus(letter) if letter else None

    def need_type(self, cell: Cell) -> NeedType | None:
        """A type of need by its code; a code that some systems write wrongly is an error that says what to use."""
        hint = _WRONG_NEEDS.get(cell.text.strip().upper(), "use one of the codes of the school census")
        code = self._one_of(cell, "need-type", frozenset(NeedType).__contains__, f"This is no type of need: {hint}.")
        return NeedType(code) if code else None

    def rank(self, cell: Cell) -> int | None:
        """The order of a need, 1 to 99, 1 being the main one."""
        text = self.words(cell, missing="rank-missing")
        if text is None:
            return None
        if not _RANK.fullmatch(text) or not 1 <= int(text) <= 99:
            self.log.error(cell, "rank-out-of-range", "A rank is a number from 1 to 99.", "School census validation 2140")
            return None
        return int(text)

    def flag(self, cell: Cell) -> bool | None:
        """True or false, however the file writes it; an empty cell is None and no problem."""
        text = self.words(cell)
        if text is None:
            return None
        if text.lower() not in _FLAGS:
            self.log.error(cell, "flag-unknown", "This is true or false (or Y or N).")
        return _FLAGS.get(text.lower())

    def _one_of(self, cell: Cell, what: str, is_code: Callable[[str], bool], detail: str) -> str | None:
        text = self.words(cell, missing=f"{what}-missing")
        if text is None:
            return None
        if not is_code(text.upper()):
            self.log.error(cell, f"{what}-unknown", detail, CODE_SETS)
            return None
        return text.upper()
