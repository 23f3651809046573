from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendar import (
    add_months,
    birthday,
    census_days,
    compulsory_school_age_begins,
    compulsory_school_age_ends,
    end_of_school_year,
    next_spring_census_after,
    school_leaving_date,
    school_year_of,
    start_of_school_year,
    weeks_after,
    young_person_from,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("born", "ends"),
    [
        (date(2007, 9, 23), date(2024, 6, 28)),
        (date(2009, 8, 31), date(2025, 6, 27)),
        (date(2009, 9, 1), date(2026, 6, 26)),
        (date(2010, 7, 15), date(2026, 6, 26)),
        (date(2008, 2, 29), date(2024, 6, 28)),
    ],
)
def test_compulsory_school_age_ends_on_the_last_friday_of_june_of_the_year_of_the_sixteenth_birthday(born, ends):
    """Education Act 1996 s. 8(3); a day of birth either side of 1 September makes a year's difference."""
    assert compulsory_school_age_ends(born) == ends
    assert young_person_from(born) == ends + timedelta(days=1)


@pytest.mark.parametrize(("year", "day"), [(2024, 28), (2025, 27), (2026, 26), (2027, 25), (2028, 30), (2029, 29), (2030, 28)])
def test_the_leaving_date_is_the_last_friday_in_june(year, day):
    assert school_leaving_date(year) == date(year, 6, day)


@pytest.mark.parametrize(
    ("born", "begins"),
    [
        (date(2019, 2, 10), date(2024, 3, 31)),
        (date(2019, 3, 31), date(2024, 3, 31)),
        (date(2019, 4, 1), date(2024, 8, 31)),
        (date(2019, 8, 31), date(2024, 8, 31)),
        (date(2019, 9, 1), date(2024, 12, 31)),
    ],
)
def test_compulsory_school_age_begins_on_the_prescribed_day_on_or_after_the_fifth_birthday(born, begins):
    assert compulsory_school_age_begins(born) == begins


def test_a_leap_day_birthday_falls_on_1_march_of_other_years():
    assert birthday(date(2008, 2, 29), 16) == date(2024, 2, 29)
    assert birthday(date(2008, 2, 29), 5) == date(2013, 3, 1)


@pytest.mark.parametrize(("day", "year"), [(date(2014, 8, 31), 2013), (date(2014, 9, 1), 2014), (date(2015, 8, 31), 2014)])
def test_a_school_year_runs_from_1_september_to_31_august(day, year):
    assert school_year_of(day) == year
    assert (start_of_school_year(day), end_of_school_year(day)) == (date(year, 9, 1), date(year + 1, 8, 31))


def test_the_weeks_of_an_assessment_count_the_day_of_receipt_as_day_0():
    received = date(2026, 1, 12)
    assert [weeks_after(received, n) for n in (6, 16, 20)] == [date(2026, 2, 23), date(2026, 5, 4), date(2026, 6, 1)]


def test_census_days_are_the_third_thursday_of_january_and_may_and_the_first_of_october():
    assert census_days(2025) == (date(2025, 1, 16), date(2025, 5, 15), date(2025, 10, 2))
    assert census_days(2026) == (date(2026, 1, 15), date(2026, 5, 21), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("day", "census"),
    [(date(2025, 1, 15), date(2025, 1, 16)), (date(2025, 1, 16), date(2026, 1, 15)), (date(2014, 11, 3), date(2015, 1, 15))],
)
def test_the_next_spring_census_is_later_than_the_day(day, census):
    assert next_spring_census_after(day) == census


def test_a_month_later_is_the_corresponding_date_or_the_last_day():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert add_months(date(2025, 12, 15), 12) == date(2026, 12, 15)


@given(DAYS)
def test_rights_never_pass_before_the_fifteenth_birthday_nor_after_the_seventeenth(born):
    assert birthday(born, 15) < young_person_from(born) <= birthday(born, 17)


@given(DAYS, st.integers(-60, 60))
def test_adding_months_moves_by_that_many_months(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
