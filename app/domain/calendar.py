"""The days that duties count by: school years, compulsory school age, census days. Term dates are a school's own and not here."""

from calendar import FRIDAY, THURSDAY, monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

BIRTHDAYS: Final = 10_000
"""Of so many days the answers are kept: about as many as the pupils of a country were born on."""
_LONDON: Final = ZoneInfo("Europe/London")
_SCHOOL_YEAR_BEGINS: Final = (9, 1)
_CENSUS_DAYS: Final = ((1, 3), (5, 3), (10, 1))
"""Month and which Thursday of it: the third of January and of May, the first of October (census days, confirmed yearly by the DfE)."""
_PRESCRIBED_DAYS: Final = ((3, 31), (8, 31), (12, 31))
"""The days on which compulsory school age begins (Education Act 1996, section 8(2))."""


def school_year_of(day: date) -> int:
    """The year in which the school year of this day began; it runs from 1 September to 31 August."""
    return day.year if (day.month, day.day) >= _SCHOOL_YEAR_BEGINS else day.year - 1


def start_of_school_year(day: date) -> date:
    """The 1 September on or before a day."""
    return date(school_year_of(day), 9, 1)


def end_of_school_year(day: date) -> date:
    """The 31 August on or after a day."""
    return date(school_year_of(day) + 1, 8, 31)


def birthday(born: date, age: int) -> date:
    """The day on which somebody reaches an age; who was born on 29 February does so on 1 March where the year has none."""
    year = born.year + age
    if (born.month, born.day) == (2, 29) and monthrange(year, 2)[1] == 28:
        return date(year, 3, 1)
    return born.replace(year=year)


def school_leaving_date(year: int) -> date:
    """The last Friday in June of a year."""
    last = date(year, 6, 30)
    return last - timedelta(days=(last.weekday() - FRIDAY) % 7)


def compulsory_school_age_ends(born: date) -> date:
    """The last day of compulsory school age: the leaving date of the school year of the 16th birthday (Education Act 1996, s. 8(3))."""
    return school_leaving_date(school_year_of(birthday(born, 16)) + 1)


@lru_cache(maxsize=BIRTHDAYS)
def young_person_from(born: date) -> date:
    """The first day over compulsory school age, on which rights pass from the parents (Children and Families Act 2014, section 83(2))."""
    return compulsory_school_age_ends(born) + timedelta(days=1)


@lru_cache(maxsize=BIRTHDAYS)
def young_person_until(born: date) -> date:
    """The first day on which somebody is no longer under 25."""
    return birthday(born, 25)


def compulsory_school_age_begins(born: date) -> date:
    """The first prescribed day on or after the fifth birthday (Education Act 1996, section 8(2))."""
    fifth = birthday(born, 5)
    return next(day for month, last in _PRESCRIBED_DAYS if (day := date(fifth.year, month, last)) >= fifth)


def weeks_after(day: date, weeks: int) -> date:
    """The day that many times seven days later; the day itself is day 0."""
    return day + timedelta(weeks=weeks)


def add_months(day: date, months: int) -> date:
    """The corresponding date that many months on, or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def census_days(year: int) -> tuple[date, ...]:
    """The census days of a calendar year: spring, summer, autumn."""
    return tuple(_nth_thursday(year, month, nth) for month, nth in _CENSUS_DAYS)


def next_spring_census_after(day: date) -> date:
    """The first January census day later than a day."""
    this_year = census_days(day.year)[0]
    return this_year if this_year > day else census_days(day.year + 1)[0]


def next_census_on(day: date) -> date:
    """The first census day of any season that is not before a day."""
    return min(on for year in (day.year, day.year + 1) for on in census_days(year) if on >= day)


def _nth_thursday(year: int, month: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7, weeks=nth - 1)


def civil_day(moment: datetime) -> date:
    """The day that the calendar on an English wall shows at a moment."""
    return moment.astimezone(_LONDON).date()


def civil_moment(moment: datetime) -> datetime:
    """The day and time that an English wall shows at a moment."""
    return moment.astimezone(_LONDON)
