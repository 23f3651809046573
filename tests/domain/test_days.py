"""Counting days: each boundary is shown by the last day that is inside and the first that is not, which is the day after it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.days import Calendar, Count, DayKind, after, beginning_with, next_working_day
from app.domain.entries import TermName
from tests.domain.calendars import AUTUMN, CALENDAR, HOLIDAYS_2025, HOLIDAYS_2026, SPRING, SUMMER

NONE = Calendar()
A_DAY = timedelta(days=1)
IN_2025 = st.dates(date(2025, 9, 3), date(2026, 7, 1))


def last_day(day: date, number: int, kind: DayKind, calendar: Calendar = NONE) -> date | None:
    return after(day, Count(number, kind), calendar).day


@pytest.mark.parametrize(
    ("weeks", "days", "last"),
    [(6, 42, date(2026, 2, 23)), (16, 112, date(2026, 5, 4)), (20, 140, date(2026, 6, 1))],
)
def test_the_weeks_of_an_assessment_are_42_112_and_140_days_from_the_day_of_receipt(weeks, days, last):
    """SEND Regulations 2014; the day of receipt, 12 January 2026, is day 0."""
    received = date(2026, 1, 12)
    assert last_day(received, weeks, DayKind.WEEKS) == last == received + timedelta(days=days)
    assert last_day(received, days, DayKind.CALENDAR_DAYS) == last


@pytest.mark.parametrize(("weeks", "days", "last"), [(4, 28, date(2026, 3, 30)), (12, 84, date(2026, 5, 25))])
def test_the_weeks_after_an_annual_review_are_28_and_84_days_from_the_meeting(weeks, days, last):
    """SEND Regulations 2014 regulations 20 and 22; the day of the meeting, 2 March 2026, is day 0."""
    met = date(2026, 3, 2)
    assert last_day(met, weeks, DayKind.WEEKS) == last == met + timedelta(days=days)


def test_fifteen_days_that_begin_with_the_day_of_service_end_fourteen_days_after_it():
    """SEND Regulations 2014 regulation 13: served on 2 March 2026, the 16th is the last day to comment."""
    served = date(2026, 3, 2)
    assert beginning_with(served, 15) == date(2026, 3, 16)
    assert beginning_with(served, 1) == served


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        (date(2026, 9, 3), date(2026, 10, 3)),
        (date(2025, 1, 31), date(2025, 2, 28)),
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2026, 3, 31), date(2026, 4, 30)),
        (date(2025, 12, 31), date(2026, 1, 31)),
        (date(2026, 2, 28), date(2026, 3, 28)),
    ],
)
def test_a_month_ends_on_the_corresponding_date_or_on_the_last_day_of_a_shorter_month(asked, ends):
    """Subject access: a request of 31 January is answered by the last day of February."""
    assert last_day(asked, 1, DayKind.MONTHS) == ends


@pytest.mark.parametrize(
    ("from_day", "last"),
    [
        pytest.param(date(2025, 9, 8), date(2025, 9, 29), id="three whole weeks"),
        pytest.param(date(2025, 9, 6), date(2025, 9, 26), id="from a Saturday: the Monday is the first"),
        pytest.param(date(2025, 10, 13), date(2025, 11, 10), id="across half-term"),
        pytest.param(date(2025, 10, 28), date(2025, 11, 21), id="from within half-term"),
        pytest.param(date(2026, 4, 20), date(2026, 5, 12), id="across the first bank holiday of May"),
        pytest.param(date(2025, 12, 12), date(2026, 1, 16), id="across the end of term and Christmas"),
    ],
)
def test_fifteen_school_days_are_fifteen_days_with_a_session_at_that_school(from_day, last):
    """Education (Pupil Information) Regulations 2005: weekends, closures, bank holidays and the days between terms are not counted."""
    assert last_day(from_day, 15, DayKind.SCHOOL_DAYS, CALENDAR) == last
    assert CALENDAR.has_session(last)
    assert sum(CALENDAR.has_session(from_day + n * A_DAY) for n in range(1, (last - from_day).days + 1)) == 15


def test_the_last_day_of_term_is_counted_and_then_the_next_term_must_be_known():
    """Two school days before the end of a term nothing beyond it is needed; with one more day the next term is named."""
    only_autumn = replace(CALENDAR, terms=(AUTUMN,))
    assert last_day(date(2025, 12, 17), 2, DayKind.SCHOOL_DAYS, only_autumn) == date(2025, 12, 19)
    short = after(date(2025, 12, 17), Count(3, DayKind.SCHOOL_DAYS), only_autumn)
    assert (short.day, short.missing) == (None, ("spring term 2025/2026", "summer term 2025/2026"))


def test_between_two_terms_only_the_one_that_may_lie_there_is_named():
    gap = replace(CALENDAR, terms=(AUTUMN, SUMMER))
    assert after(date(2025, 12, 19), Count(1, DayKind.SCHOOL_DAYS), gap).missing == ("spring term 2025/2026",)


def test_after_the_summer_term_the_next_school_year_must_be_known():
    beyond = after(date(2026, 7, 21), Count(1, DayKind.SCHOOL_DAYS), CALENDAR)
    assert beyond.missing == ("autumn term 2026/2027", "spring term 2026/2027", "summer term 2026/2027")


def test_a_day_before_the_first_term_that_is_loaded_has_no_session_only_if_no_term_can_lie_there():
    assert list(CALENDAR.missing_for_sessions(date(2025, 9, 2))) == []
    without_autumn = replace(CALENDAR, terms=(SPRING, SUMMER))
    assert list(without_autumn.missing_for_sessions(date(2025, 9, 2))) == ["autumn term 2025/2026"]


def test_without_the_bank_holidays_of_the_year_no_day_is_counted():
    unknown = replace(CALENDAR, bank_holidays=(HOLIDAYS_2025,))
    assert last_day(date(2025, 12, 29), 2, DayKind.WORKING_DAYS, unknown) == date(2025, 12, 31)
    assert after(date(2025, 12, 30), Count(2, DayKind.WORKING_DAYS), unknown).missing == ("bank holidays 2026",)
    assert after(date(2025, 12, 19), Count(1, DayKind.SCHOOL_DAYS), unknown).missing == ("bank holidays 2026",)


def test_working_days_leave_out_weekends_and_bank_holidays_and_nothing_else():
    """Half-term is worked; Good Friday and Easter Monday 2026 are not."""
    assert last_day(date(2025, 10, 24), 5, DayKind.WORKING_DAYS, CALENDAR) == date(2025, 10, 31)
    assert last_day(date(2026, 4, 1), 2, DayKind.WORKING_DAYS, CALENDAR) == date(2026, 4, 7)
    assert after(date(2026, 4, 1), Count(2, DayKind.WORKING_DAYS), NONE).missing == ("bank holidays 2026",)


@pytest.mark.parametrize(
    ("ends", "moved_to"),
    [
        (date(2026, 4, 2), date(2026, 4, 2)),
        (date(2026, 4, 3), date(2026, 4, 7)),
        (date(2026, 4, 4), date(2026, 4, 7)),
        (date(2025, 12, 31), date(2025, 12, 31)),
    ],
)
def test_a_time_that_ends_on_no_working_day_runs_to_the_next_one(ends, moved_to):
    assert next_working_day(ends, CALENDAR).day == moved_to


def test_what_a_school_year_lacks_is_named_term_by_term_and_year_by_year():
    assert CALENDAR.missing_in(2025) == ()
    assert replace(CALENDAR, terms=(AUTUMN, SPRING)).missing_in(2025) == ("summer term 2025/2026",)
    assert replace(CALENDAR, bank_holidays=(HOLIDAYS_2026,)).missing_in(2025) == ("bank holidays 2025",)
    assert NONE.missing_in(2025) == (*(f"{name} term 2025/2026" for name in TermName), "bank holidays 2025", "bank holidays 2026")


@given(IN_2025, st.integers(0, 10))
def test_a_count_of_school_days_is_never_guessed_and_never_ends_on_a_day_without_a_session(day, number):
    reckoned = after(day, Count(number, DayKind.SCHOOL_DAYS), CALENDAR)
    assert (reckoned.day is None) == bool(reckoned.missing)
    assert number == 0 or reckoned.day is None or CALENDAR.has_session(reckoned.day)
    assert reckoned.day is None or sum(CALENDAR.has_session(day + n * A_DAY) for n in range(1, (reckoned.day - day).days + 1)) == number
