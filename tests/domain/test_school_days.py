"""A school may count its own days in school days: its calendar decides, and what that lacks is named and makes the duty not known."""

from datetime import date
from uuid import UUID

import pytest

from app.domain import identification, telling
from app.domain.entries import (
    ConcernAnswered,
    DayUnit,
    Entry,
    Matter,
    PersonTold,
    SettingChanged,
    SettingName,
    StaffTold,
    Telling,
)
from app.domain.notices import notices_owed
from app.domain.obligation import Obligation, State
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules.code_of_practice_2015 import graduated_approach as approach
from app.domain.rules.code_of_practice_2015 import identification as identified
from tests.domain.builders import (
    AS_CLIENT,
    AS_SENCO,
    ASSISTANT,
    FATHER,
    MOTHER,
    TEACHER,
    a_concern,
    a_contact,
    a_discussion,
    a_plan,
    a_record,
    a_school,
    enrolled,
    recorded,
    sen_decided,
)
from tests.domain.calendars import AUTUMN, HOLIDAYS_2025, HOLIDAYS_2026, SPRING, WHOLE_YEAR

NOTICE = UUID(int=0x700)
CHOSEN_ON = date(2025, 9, 1)
BEFORE_HALF_TERM = date(2025, 10, 22)
"""A Wednesday: the Thursday and Friday are two school days, then comes half-term, and 3, 4 and 5 November are the next three."""
LAST_OF_FIVE = date(2025, 11, 5)
ACROSS_HALF_TERM = [(LAST_OF_FIVE, State.KEPT), (date(2025, 11, 6), State.KEPT_LATE)]
AUTUMN_ALONE = (AUTUMN, HOLIDAYS_2025, HOLIDAYS_2026)
NEAR_THE_END = date(2025, 12, 15)
"""The Monday of the last week of term, in which four school days are left."""
NEEDS_THE_SPRING = ("spring term 2025/2026", "summer term 2025/2026")


def in_school_days(*calendar: Entry, setting: SettingName = SettingName.TELL_WITHIN_DAYS, value: int = 5, unit: str = "school_days"):
    chosen = SettingChanged(occurred_on=CHOSEN_ON, setting=setting, value=value, unit=DayUnit(unit))
    return a_school(*calendar, chosen)


def owed(record: Record, rule: Rule) -> Obligation:
    (found,) = [one for one in obligations(record, until=date(2027, 8, 31)) if one.rule is rule]
    return found


def told(on: date, person: UUID = MOTHER) -> PersonTold:
    return PersonTold(occurred_on=on, person=person, matter=Matter.SEN_PROVISION, about=3, notice=NOTICE, how=Telling.DELIVERED)


def decided(*entries: Entry, on: date, school) -> Record:
    """The mother known, and a decision for SEN Support whose number is 3."""
    return a_record(enrolled(), a_contact(MOTHER), sen_decided(on), *entries, school=school)


@pytest.mark.parametrize(("told_on", "state"), ACROSS_HALF_TERM)
def test_parents_are_told_within_five_days_with_a_session(told_on, state):
    duty = owed(decided(told(told_on), on=BEFORE_HALF_TERM, school=in_school_days(*WHOLE_YEAR)), act.INFORM_PARENTS_OF_SEN_PROVISION)
    assert (duty.due, duty.state_on(told_on)) == (LAST_OF_FIVE, state)


@pytest.mark.parametrize(("told_on", "state"), [(date(2025, 10, 27), State.KEPT), (date(2025, 10, 28), State.KEPT_LATE)])
def test_five_calendar_days_run_on_through_half_term(told_on, state):
    record = decided(told(told_on), on=BEFORE_HALF_TERM, school=in_school_days(unit="calendar_days"))
    assert owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION).state_on(told_on) is state


@pytest.mark.parametrize(("briefed_on", "state"), ACROSS_HALF_TERM)
def test_staff_are_told_within_five_days_with_a_session(briefed_on, state):
    briefed = StaffTold(occurred_on=briefed_on, cycle=1, staff=(TEACHER, ASSISTANT))
    plan = a_plan(BEFORE_HALF_TERM, date(2026, 2, 9))
    record = a_record(enrolled(), sen_decided(BEFORE_HALF_TERM), plan, briefed, school=in_school_days(*WHOLE_YEAR))
    assert owed(record, approach.TELL_ALL_STAFF).state_on(briefed_on) is state


@pytest.mark.parametrize(("given_on", "state"), ACROSS_HALF_TERM)
def test_the_short_note_is_given_within_five_days_with_a_session(given_on, state):
    talk = a_discussion(BEFORE_HALF_TERM, note_given_on=given_on)
    record = a_record(enrolled(), talk, school=in_school_days(*WHOLE_YEAR))
    assert owed(record, identified.GIVE_PARENTS_A_SHORT_NOTE).state_on(given_on) is state


def answer(on: date) -> ConcernAnswered:
    return ConcernAnswered(occurred_on=on, concern=2, answer="Looked at together.")


@pytest.mark.parametrize(("answered_on", "state"), ACROSS_HALF_TERM)
def test_a_concern_is_answered_within_five_days_with_a_session(answered_on, state):
    school = in_school_days(*WHOLE_YEAR, setting=SettingName.ANSWER_CONCERN_WITHIN_DAYS)
    concern = a_record(enrolled(), a_concern(BEFORE_HALF_TERM), school=school)
    record = a_record(enrolled(), a_concern(BEFORE_HALF_TERM), answer(answered_on), school=school)
    assert owed(record, identified.ANSWER_A_PARENTS_CONCERN).state_on(answered_on) is state
    remarks = identification.answer_concern(concern, answer(answered_on), AS_SENCO).findings
    assert [remark.kept for remark in remarks if remark.rule is identified.ANSWER_A_PARENTS_CONCERN] == [state is State.KEPT]


@pytest.mark.parametrize(
    ("calendar", "on", "missing"),
    [
        pytest.param(AUTUMN_ALONE, NEAR_THE_END, NEEDS_THE_SPRING, id="the next term"),
        pytest.param((*AUTUMN_ALONE, SPRING), NEAR_THE_END, (), id="no more than the next term"),
        pytest.param(AUTUMN_ALONE, date(2025, 12, 12), (), id="nothing while term lasts"),
        pytest.param((), NEAR_THE_END, ("autumn term 2025/2026", *NEEDS_THE_SPRING, "bank holidays 2025"), id="everything"),
        pytest.param((AUTUMN, SPRING, HOLIDAYS_2025), NEAR_THE_END, ("bank holidays 2026",), id="the bank holidays of the new year"),
    ],
)
def test_what_the_count_needs_and_does_not_have_is_named_and_the_duty_not_known(calendar, on, missing):
    duty = owed(decided(told(on), on=on, school=in_school_days(*calendar)), act.INFORM_PARENTS_OF_SEN_PROVISION)
    assert duty.missing == missing
    assert (duty.due is None) is bool(missing)
    assert duty.state_on(date(2026, 8, 1)) is (State.NOT_KNOWN if missing else State.KEPT)


def test_a_remark_on_a_telling_or_an_answer_waits_until_its_last_day_is_known():
    known, unknown = in_school_days(*WHOLE_YEAR), in_school_days(*AUTUMN_ALONE)
    for school, remarked in ((known, True), (unknown, False)):
        decision = telling.record_telling(decided(on=NEAR_THE_END, school=school), told(date(2026, 1, 20)), AS_CLIENT)
        assert not decision.is_refused
        assert any(remark.rule is act.INFORM_PARENTS_OF_SEN_PROVISION for remark in decision.findings) is remarked


def test_a_notice_goes_out_though_its_last_day_is_not_known():
    for calendar, due in ((WHOLE_YEAR, date(2026, 1, 5)), (AUTUMN_ALONE, None)):
        record = decided(on=NEAR_THE_END, school=in_school_days(*calendar))
        (notice,) = notices_owed(record, [recorded(sen_decided(NEAR_THE_END), 3)])
        assert (notice.person.id, notice.due) == (MOTHER, due)


@pytest.mark.parametrize(
    ("calendar", "due", "missing"),
    [
        pytest.param(WHOLE_YEAR, date(2026, 1, 8), (), id="counted anew across Christmas"),
        pytest.param(AUTUMN_ALONE, None, NEEDS_THE_SPRING, id="not known without the next term"),
    ],
)
def test_who_was_barred_in_time_and_may_be_told_again_has_as_many_school_days_again(calendar, due, missing):
    """Decided on 10 December, barred on the 12th and back on the 18th: five school days from then reach into January."""
    around = (a_contact(FATHER), a_contact(FATHER, date(2025, 12, 12), information_restricted=True), a_contact(FATHER, date(2025, 12, 18)))
    record = a_record(enrolled(), a_contact(MOTHER), sen_decided(date(2025, 12, 10)), *around, school=in_school_days(*calendar))
    of_each = {one.person: one for one in obligations(record, until=date(2027, 8, 31)) if one.rule is act.INFORM_PARENTS_OF_SEN_PROVISION}
    assert of_each[MOTHER].due == date(2025, 12, 17)
    assert (of_each[FATHER].due, of_each[FATHER].missing) == (due, missing)
