"""Entries that say on which days the school is open: terms as the school sets them, bank holidays as they were looked up."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from app.domain.entries.entry import Entry


class TermName(StrEnum):
    """The three terms of a school year."""

    AUTUMN = "autumn"
    SPRING = "spring"
    SUMMER = "summer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Days within a term on which no pupil has a session, such as half-term; both days are inside."""

    first_on: date
    last_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDated(Entry):
    """The school set a term: the first and the last day with a session, both inside, and the days between on which it is closed."""

    type: ClassVar[str] = "term.dated"
    term: TermName
    first_on: date
    last_on: date
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BankHolidaysLoaded(Entry):
    """The bank holidays of one calendar year in England, and where they were looked up."""

    type: ClassVar[str] = "bank_holidays.loaded"
    year: int
    days: tuple[date, ...]
    source: str
