from datetime import date, timedelta

import pytest

from app.domain.entries import (
    BaselineTaken,
    DayUnit,
    Domain,
    EvidenceSource,
    ProgressChecked,
    SettingChanged,
    SettingName,
)
from app.domain.obligation import State
from app.domain.obligations import obligations
from app.domain.rules.code_of_practice_2015.identification import ASSESS_ALL_PUPILS_REGULARLY, TAKE_A_BASELINE_ON_ENTRY
from tests.domain.builders import a_record, a_school, enrolled

CAME = date(2025, 9, 3)
CHOSE = date(2025, 9, 1)


def baseline(on: date) -> BaselineTaken:
    return BaselineTaken(
        occurred_on=on, skills_and_attainment="Counts to ten.", earlier_setting=EvidenceSource(says="Quick."), disability_considered=True
    )


def check(on: date) -> ProgressChecked:
    return ProgressChecked(occurred_on=on, domain=Domain.ATTAINMENT, measure="Reading age", measurements=(), comment="As expected.")


def every(days: int, on: date = CHOSE, unit: DayUnit = DayUnit.CALENDAR_DAYS) -> SettingChanged:
    return SettingChanged(occurred_on=on, setting=SettingName.CHECK_PROGRESS_WITHIN_DAYS, value=days, unit=unit)


def owed(record, rule, until=date(2026, 8, 31)):
    return [found for found in obligations(record, until=until) if found.rule is rule]


@pytest.mark.parametrize(("taken_after", "state"), [(42, State.KEPT), (43, State.KEPT_LATE), (None, State.BROKEN)])
def test_a_baseline_is_taken_within_the_schools_days_of_coming(taken_after: int | None, state: State) -> None:
    """Code of Practice 6.16, which names no number of days."""
    taken = () if taken_after is None else (baseline(CAME + timedelta(days=taken_after)),)
    (found,) = owed(a_record(enrolled(on=CAME), *taken), TAKE_A_BASELINE_ON_ENTRY)
    assert found.state_on(CAME + timedelta(days=43)) is state


def test_a_pupil_who_comes_back_is_assessed_again() -> None:
    record = a_record(enrolled(on=date(2024, 9, 3)), baseline(date(2024, 9, 10)), enrolled(on=CAME))
    first, second = owed(record, TAKE_A_BASELINE_ON_ENTRY)
    assert (first.state_on(CAME), second.state_on(CAME)) == (State.KEPT, State.DUE)


def test_nothing_is_counted_until_the_school_says_how_often_progress_is_checked() -> None:
    """Code of Practice 6.17 says regularly, and no more."""
    assert owed(a_record(enrolled(on=CAME)), ASSESS_ALL_PUPILS_REGULARLY) == []
    assert owed(a_record(enrolled(on=CAME), school=a_school(every(0))), ASSESS_ALL_PUPILS_REGULARLY) == []


@pytest.mark.parametrize(("checked_after", "state"), [(90, State.KEPT), (91, State.BROKEN)])
def test_progress_is_checked_within_the_days_chosen_from_the_day_of_coming(checked_after: int, state: State) -> None:
    record = a_record(enrolled(on=CAME), check(CAME + timedelta(days=checked_after)), school=a_school(every(90)))
    first = owed(record, ASSESS_ALL_PUPILS_REGULARLY)[0]
    assert (first.arises_on, first.due) == (CAME, CAME + timedelta(days=90))
    assert first.state_on(CAME + timedelta(days=91)) is state


def test_the_next_check_counts_from_the_last_one_or_from_the_day_that_was_missed() -> None:
    checked = CAME + timedelta(days=30)
    record = a_record(enrolled(on=CAME), check(checked), school=a_school(every(90)))
    days = [(found.arises_on, found.due) for found in owed(record, ASSESS_ALL_PUPILS_REGULARLY, until=date(2026, 3, 31))]
    second = checked + timedelta(days=90)
    assert days == [(CAME, CAME + timedelta(days=90)), (checked, second), (second, second + timedelta(days=90))]


def test_days_in_term_cannot_be_counted_without_the_terms() -> None:
    record = a_record(enrolled(on=CAME), school=a_school(every(60, unit=DayUnit.SCHOOL_DAYS)))
    (found,) = owed(record, ASSESS_ALL_PUPILS_REGULARLY)
    assert found.state_on(CAME) is State.NOT_KNOWN
    assert "autumn term 2025/2026" in found.missing
