"""A term is set once, within one school year, beside the others; what cannot be is refused with what to do instead."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.author import Author
from app.domain.choices import MEASURES, Measure, choice_refusal
from app.domain.entries import BankHolidaysLoaded, Closure, DayUnit, Entry, SettingChanged, SettingName, TermDated, TermName
from app.domain.rule import Finding
from app.domain.school import School
from app.domain.steps import SCHOOL_STEPS
from app.domain.terms import date_term, load_bank_holidays
from app.domain.writers import SCHOOL_WRITERS
from tests.domain.builders import A_SCHOOL, AS_CLIENT, AS_HEAD, AS_MOTHER, AS_SENCO, AS_TEACHER, CLERK, a_school, staff
from tests.domain.calendars import AUTUMN, DATED_ON, HOLIDAYS_2025, HOLIDAYS_2026, SPRING, SUMMER, WHOLE_YEAR

AS_OFFICE = staff(CLERK)


def refusal_of(school: School, entry: TermDated, by: Author = AS_OFFICE) -> Finding | None:
    decision = date_term(school, entry, by)
    assert decision.entries == (() if decision.is_refused else (entry,))
    return decision.findings[0] if decision.is_refused else None


def number_of(school: School, entry: Entry) -> int:
    return next(recorded.number for recorded in school.known if recorded.entry == entry)


@pytest.mark.parametrize("by", [AS_HEAD, AS_SENCO, AS_OFFICE])
def test_head_senco_and_office_set_the_terms(by):
    assert refusal_of(A_SCHOOL, AUTUMN, by) is None


@pytest.mark.parametrize("by", [AS_TEACHER, AS_MOTHER, AS_CLIENT])
def test_nobody_else_sets_a_term(by):
    refusal = refusal_of(A_SCHOOL, AUTUMN, by)
    assert refusal is not None
    assert refusal.cure


def test_the_three_terms_of_a_school_year_stand_beside_each_other():
    for term, others in ((AUTUMN, (SPRING, SUMMER)), (SPRING, (AUTUMN, SUMMER)), (SUMMER, (AUTUMN, SPRING))):
        assert refusal_of(a_school(*others), term) is None


def test_a_term_of_one_day_is_a_term_and_one_that_ends_before_it_begins_is_none():
    assert refusal_of(A_SCHOOL, replace(AUTUMN, last_on=AUTUMN.first_on, closures=())) is None
    refusal = refusal_of(A_SCHOOL, replace(AUTUMN, last_on=date(2025, 9, 2), closures=()))
    assert refusal is not None
    assert (refusal.used["term"], refusal.used["last_on"]) == ("autumn", "2025-09-02")


def test_a_term_ends_with_its_school_year_on_31_august_at_the_latest():
    assert refusal_of(A_SCHOOL, replace(SUMMER, last_on=date(2026, 8, 31))) is None
    refusal = refusal_of(A_SCHOOL, replace(SUMMER, last_on=date(2026, 9, 1)))
    assert refusal is not None
    assert "2026-08-31" in refusal.cure


def test_a_term_once_set_is_corrected_and_not_set_again():
    school = a_school(*WHOLE_YEAR)
    later = replace(SPRING, first_on=date(2026, 1, 6))
    refusal = refusal_of(school, later)
    assert refusal is not None
    assert refusal.used["set_by"] == number_of(school, SPRING)
    assert "spring term 2025/2026" in refusal.cure
    assert refusal_of(school.without(number_of(school, SPRING)), later) is None


def test_the_same_term_of_another_school_year_is_another_term():
    next_autumn = TermDated(occurred_on=DATED_ON, term=TermName.AUTUMN, first_on=date(2026, 9, 2), last_on=date(2026, 12, 18))
    assert refusal_of(a_school(*WHOLE_YEAR), next_autumn) is None


@pytest.mark.parametrize(("first_on", "is_refused"), [(date(2025, 12, 20), False), (date(2025, 12, 19), True)])
def test_no_two_terms_share_a_day(first_on, is_refused):
    school = a_school(AUTUMN)
    refusal = refusal_of(school, replace(SPRING, first_on=first_on))
    assert (refusal is not None) is is_refused
    if refusal is not None:
        assert refusal.used["overlaps"] == number_of(school, AUTUMN)
        assert "autumn term, 2025-09-03 to 2025-12-19" in refusal.cure


def test_terms_come_in_their_order_within_a_school_year():
    school = a_school(SPRING)
    refusal = refusal_of(school, replace(AUTUMN, first_on=date(2026, 4, 13), last_on=date(2026, 7, 21), closures=()))
    assert refusal is not None
    assert refusal.used["out_of_order_with"] == number_of(school, SPRING)


@pytest.mark.parametrize(
    ("first_on", "last_on", "is_refused"),
    [
        pytest.param(AUTUMN.first_on, AUTUMN.first_on, False, id="the first day of term"),
        pytest.param(date(2025, 9, 2), AUTUMN.first_on, True, id="from the day before the term"),
        pytest.param(AUTUMN.last_on, AUTUMN.last_on, False, id="the last day of term"),
        pytest.param(AUTUMN.last_on, date(2025, 12, 20), True, id="to the day after the term"),
        pytest.param(date(2025, 10, 31), date(2025, 10, 27), True, id="last before first"),
    ],
)
def test_a_closure_lies_within_its_term(first_on, last_on, is_refused):
    closed = Closure(first_on=first_on, last_on=last_on, reason="training")
    refusal = refusal_of(A_SCHOOL, replace(AUTUMN, closures=(closed,)))
    assert (refusal is not None) is is_refused
    if refusal is not None:
        assert refusal.used["closure"] == f"{first_on} to {last_on}"


@pytest.mark.parametrize(("first_on", "is_refused"), [(date(2025, 11, 1), False), (date(2025, 10, 31), True)])
def test_two_closures_share_no_day(first_on, is_refused):
    training = Closure(first_on=first_on, last_on=date(2025, 11, 3), reason="training")
    refusal = refusal_of(A_SCHOOL, replace(AUTUMN, closures=(training, *AUTUMN.closures)))
    assert (refusal is not None) is is_refused
    if refusal is not None:
        assert refusal.used["overlaps"] == "2025-10-27 to 2025-10-31"


def holidays_refusal(school: School, entry: BankHolidaysLoaded, by: Author = AS_OFFICE) -> Finding | None:
    decision = load_bank_holidays(school, entry, by)
    return decision.findings[0] if decision.is_refused else None


@pytest.mark.parametrize("by", [AS_OFFICE, AS_CLIENT])
def test_bank_holidays_are_loaded_by_the_office_or_by_its_program(by):
    assert holidays_refusal(A_SCHOOL, HOLIDAYS_2025, by) is None
    assert holidays_refusal(A_SCHOOL, HOLIDAYS_2025, AS_TEACHER) is not None


def test_a_year_has_one_list_of_bank_holidays_which_is_corrected():
    school = a_school(HOLIDAYS_2025)
    number = number_of(school, HOLIDAYS_2025)
    refusal = holidays_refusal(school, HOLIDAYS_2025)
    assert refusal is not None
    assert refusal.used["loaded_by"] == number
    assert holidays_refusal(school, HOLIDAYS_2026) is None
    assert holidays_refusal(school.without(number), HOLIDAYS_2025) is None


@pytest.mark.parametrize(
    ("days", "named"),
    [
        ((date(2025, 12, 31), date(2026, 1, 1)), "2026-01-01"),
        ((date(2024, 12, 31), date(2025, 1, 1)), "2024-12-31"),
        ((date(2025, 12, 25), date(2025, 12, 25)), "2025-12-25"),
    ],
)
def test_bank_holidays_lie_in_their_year_and_each_is_named_once(days, named):
    refusal = holidays_refusal(A_SCHOOL, replace(HOLIDAYS_2025, days=days))
    assert refusal is not None
    assert refusal.used["days"] == named


def test_a_year_without_any_bank_holiday_is_no_list():
    refusal = holidays_refusal(A_SCHOOL, replace(HOLIDAYS_2025, days=()))
    assert refusal is not None
    assert refusal.missing == ("bank holidays of the year",)


NOON = datetime(2025, 9, 10, 12, tzinfo=UTC)
IN_SCHOOL_DAYS = SettingChanged(occurred_on=NOON.date(), setting=SettingName.TELL_WITHIN_DAYS, value=5, unit=DayUnit.SCHOOL_DAYS)


@pytest.mark.parametrize("missing", range(len(WHOLE_YEAR)))
def test_days_are_counted_in_school_days_only_once_the_whole_calendar_of_the_year_is_there(missing):
    loaded = a_school(*WHOLE_YEAR)
    assert choice_refusal(loaded, IN_SCHOOL_DAYS, AS_HEAD, None, NOON) is None
    names = ("autumn term 2025/2026", "spring term 2025/2026", "summer term 2025/2026", "bank holidays 2025", "bank holidays 2026")
    refusal = choice_refusal(loaded.without(number_of(loaded, WHOLE_YEAR[missing])), IN_SCHOOL_DAYS, AS_HEAD, None, NOON)
    assert refusal is not None
    assert refusal.missing == (names[missing],)
    assert names[missing] in refusal.cure


def test_calendar_days_need_no_calendar():
    assert choice_refusal(A_SCHOOL, replace(IN_SCHOOL_DAYS, unit=DayUnit.CALENDAR_DAYS), AS_HEAD, None, NOON) is None


@pytest.mark.parametrize("setting", [name for name, measure in MEASURES.items() if measure is not Measure.DAYS])
def test_what_is_no_number_of_days_is_never_counted_in_school_days(setting):
    loaded = a_school(*WHOLE_YEAR)
    chosen = replace(IN_SCHOOL_DAYS, setting=setting, value=1)
    refusal = choice_refusal(loaded, chosen, AS_HEAD, None, NOON)
    assert refusal is not None
    assert MEASURES[setting] in refusal.cure


ANY_DAY = st.dates(date(2025, 1, 1), date(2027, 12, 31))
CLOSURES = st.lists(st.builds(Closure, first_on=ANY_DAY, last_on=ANY_DAY, reason=st.just("closed")), max_size=3).map(tuple)
TERMS = st.builds(TermDated, occurred_on=ANY_DAY, term=st.sampled_from(TermName), first_on=ANY_DAY, last_on=ANY_DAY, closures=CLOSURES)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TERMS, max_size=8))
def test_whatever_is_sent_the_calendar_never_has_two_terms_on_a_day(terms):
    school = A_SCHOOL
    for term in terms:
        if not date_term(school, term, AS_HEAD).is_refused:
            school = a_school(*school.calendar.terms, term)
    standing = sorted(school.calendar.terms, key=lambda term: term.first_on)
    assert all(earlier.last_on < later.first_on for earlier, later in pairwise(standing))
    found = [term for year in range(2024, 2029) for term in school.calendar.terms_in(year)]
    assert found == standing


def test_every_kind_of_entry_that_a_school_writes_has_a_step():
    assert set(SCHOOL_STEPS) == set(SCHOOL_WRITERS)


@pytest.mark.parametrize("count", [7, 8])
def test_a_list_of_fewer_bank_holidays_than_any_year_has_is_remarked_on(count):
    days = tuple(date(2026, 1, 1 + n) for n in range(count))
    decision = load_bank_holidays(A_SCHOOL, replace(HOLIDAYS_2026, days=days), AS_OFFICE)
    assert not decision.is_refused
    assert [finding.used["days"] for finding in decision.findings] == ([7] if count == 7 else [])
