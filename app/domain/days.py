"""Counting days as the law counts them. The kinds never mix: a count says which kind it is of, and some need a calendar to be counted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Final

from app.domain.calendar import add_months, school_year_of, weeks_after
from app.domain.entries import BankHolidaysLoaded, TermDated, TermName

A_DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
ORDER: Final = tuple(TermName)


class DayKind(StrEnum):
    """What a duty's time is counted in."""

    CALENDAR_DAYS = "calendar_days"
    WEEKS = "weeks"
    SCHOOL_DAYS = "school_days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Count:
    """A number of days, weeks or months of one kind."""

    number: int
    of: DayKind


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The day that a count leads to, or the calendars that would have to be loaded to tell; exactly one of the two is given."""

    day: date | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """The terms and bank holidays that a school has loaded; nothing about either is ever guessed."""

    terms: tuple[TermDated, ...] = ()
    bank_holidays: tuple[BankHolidaysLoaded, ...] = ()

    @cached_property
    def _holidays(self) -> Mapping[int, frozenset[date]]:
        return MappingProxyType({loaded.year: frozenset(loaded.days) for loaded in self.bank_holidays})

    def term(self, name: TermName, school_year: int) -> TermDated | None:
        """The term of a school year, which is named by the year it began in; None while it is not loaded."""
        found = (term for term in self.terms if term.term is name and school_year_of(term.first_on) == school_year)
        return next(found, None)

    def terms_in(self, school_year: int) -> tuple[TermDated, ...]:
        """The terms of a school year that are loaded, in their order."""
        return tuple(term for name in TermName if (term := self.term(name, school_year)))

    def missing_in(self, school_year: int) -> tuple[str, ...]:
        """Name the terms of a school year and the bank holidays of its two calendar years that are not loaded."""
        unset = (f"{name} term {school_year}/{school_year + 1}" for name in TermName if self.term(name, school_year) is None)
        unknown = (f"bank holidays {year}" for year in (school_year, school_year + 1) if year not in self._holidays)
        return (*unset, *unknown)

    def has_session(self, day: date) -> bool:
        """Whether pupils come to school on a day: in term, on a weekday, and neither closed nor a bank holiday."""
        is_in_term = any(_is_open(term, day) for term in self.terms_in(school_year_of(day)))
        return is_in_term and day.weekday() < SATURDAY and day not in self._holidays.get(day.year, frozenset())

    def is_working_day(self, day: date) -> bool:
        """Whether a day is neither at a weekend nor a bank holiday in England."""
        return day.weekday() < SATURDAY and day not in self._holidays.get(day.year, frozenset())

    def missing_for_sessions(self, day: date) -> Iterator[str]:
        """Name what must be loaded before it can be told whether a day has a session: the terms that it may lie in, and bank holidays."""
        year = school_year_of(day)
        terms = {name: term for name in TermName if (term := self.term(name, year))}
        if not any(term.first_on <= day <= term.last_on for term in terms.values()):
            over = max((ORDER.index(name) for name, term in terms.items() if term.last_on < day), default=-1)
            to_come = min((ORDER.index(name) for name, term in terms.items() if term.first_on > day), default=len(ORDER))
            yield from (f"{name} term {year}/{year + 1}" for name in ORDER[over + 1 : to_come])
        yield from self.missing_for_work(day)

    def missing_for_work(self, day: date) -> Iterator[str]:
        """Name the year whose bank holidays must be loaded before it can be told whether a day is a working day."""
        if day.year not in self._holidays:
            yield f"bank holidays {day.year}"


def _is_open(term: TermDated, day: date) -> bool:
    return term.first_on <= day <= term.last_on and not any(closed.first_on <= day <= closed.last_on for closed in term.closures)


def after(day: date, count: Count, calendar: Calendar) -> Reckoned:
    """Count on from a day, which is day 0: the last day of the time it begins, inside.

    School days and working days are counted one by one; where a calendar for them was not loaded, what is missing is named instead.
    """
    match count.of:
        case DayKind.CALENDAR_DAYS:
            return Reckoned(day + timedelta(days=count.number))
        case DayKind.WEEKS:
            return Reckoned(weeks_after(day, count.number))
        case DayKind.MONTHS:
            return Reckoned(add_months(day, count.number))
        case DayKind.SCHOOL_DAYS:
            return _counted(day, count.number, calendar.has_session, calendar.missing_for_sessions)
        case DayKind.WORKING_DAYS:
            return _counted(day, count.number, calendar.is_working_day, calendar.missing_for_work)


def beginning_with(day: date, days: int) -> date:
    """The last of so many calendar days of which this one is the first, as where a time begins with the day of service."""
    return day + timedelta(days=days - 1)


def next_working_day(day: date, calendar: Calendar) -> Reckoned:
    """The day itself if it is a working day, otherwise the first one after it."""
    return _counted(day - A_DAY, 1, calendar.is_working_day, calendar.missing_for_work)


def _counted(day: date, number: int, counts: Callable[[date], bool], missing: Callable[[date], Iterator[str]]) -> Reckoned:
    left, at = number, day
    while left > 0:
        at += A_DAY
        unknown = tuple(missing(at))
        if unknown:
            return Reckoned(None, unknown)
        left -= counts(at)
    return Reckoned(at)
