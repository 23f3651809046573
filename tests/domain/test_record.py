from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes import NeedType, SchoolType, SenStatus, StaffRole
from app.domain.entries import (
    EntryWithdrawn,
    Erased,
    Judgement,
    Matter,
    PersonTold,
    PupilLeft,
    ReviewDateMoved,
    RoleEnded,
    RoleGiven,
    SchoolDescribed,
    SenDecided,
    SettingChanged,
    SettingName,
    Telling,
    TellingUndone,
)
from app.domain.periods import NeedPeriod, StatusPeriod
from app.domain.record import Record
from app.domain.school import School
from tests.domain.builders import (
    A_SCHOOL,
    CLIENT,
    FATHER,
    MOTHER,
    OTHER_PUPIL,
    PUPIL,
    SENCO,
    STRANGER,
    TEACHER,
    a_contact,
    a_plan,
    a_record,
    a_review,
    a_school,
    a_transition,
    an_assessment,
    enrolled,
    imported,
    need_imported,
    needs_set,
    plan_ceased,
    plan_issued,
    recorded,
    sen_decided,
    support_ended,
)

A, P, K, N, E = SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS, SenStatus.SEN_SUPPORT, SenStatus.NONE, SenStatus.EHC_PLAN


def spans(periods):
    return [(period.status, period.since, period.until) for period in periods]


def test_statuses_lie_end_to_end_with_the_first_day_inside_and_the_next_ones_outside():
    record = a_record(imported(N, date(2010, 9, 1)), imported(A, date(2013, 1, 7)), a_transition(date(2014, 11, 3)))
    assert spans(record.statuses) == [
        (N, date(2010, 9, 1), date(2013, 1, 7)),
        (A, date(2013, 1, 7), date(2014, 11, 3)),
        (K, date(2014, 11, 3), None),
    ]
    assert (record.status_on(date(2014, 11, 2)), record.status_on(date(2014, 11, 3))) == (A, K)
    assert [period.imported for period in record.statuses] == [True, True, False]


def test_a_pupil_of_whom_nothing_was_said_has_no_sen():
    record = a_record(enrolled())
    assert (record.status, record.status_since, record.status_on(date(2020, 1, 1))) == (N, None, N)


def test_of_two_statuses_on_one_day_the_later_written_holds():
    record = a_record(imported(A, date(2013, 1, 7)), imported(P, date(2013, 1, 7)))
    assert record.statuses == (StatusPeriod(status=P, since=date(2013, 1, 7), until=None, number=2, imported=True),)


def test_a_decision_that_changes_nothing_begins_no_new_status():
    record = a_record(imported(N, date(2013, 1, 7)), sen_decided(date(2015, 1, 7), Judgement.NO_SEN))
    assert spans(record.statuses) == [(N, date(2013, 1, 7), None)]


def test_plans_and_the_end_of_support_give_their_statuses():
    record = a_record(
        sen_decided(date(2015, 1, 7)),
        plan_issued(date(2016, 1, 7)),
        plan_ceased(date(2018, 1, 8)),
        a_review(date(2019, 1, 7)),
        support_ended(date(2019, 1, 7), 4),
    )
    assert [status for status, _, _ in spans(record.statuses)] == [K, E, K, N]


@pytest.mark.parametrize("status", [A, P])
def test_school_action_that_still_stands_is_an_open_transition_until_it_is_decided(status):
    rows = (enrolled(), imported(status, date(2013, 1, 7)))
    opened = a_record(*rows).open_withdrawn
    assert opened is not None
    assert opened.status is status
    assert a_record(*rows, a_transition(date(2014, 11, 3), came_from=status)).open_withdrawn is None
    assert a_record(enrolled(), imported(SenStatus.STATEMENT, date(2013, 1, 7))).open_withdrawn is None


def test_setting_needs_anew_ends_the_earlier_ones_the_day_before_and_keeps_them_as_history():
    record = a_record(
        imported(P, date(2013, 1, 7)), need_imported(NeedType.BESD, date(2013, 1, 7)), needs_set(date(2014, 11, 10), NeedType.SEMH)
    )
    assert [need.need_type for need in record.needs] == [NeedType.SEMH]
    assert record.need_periods[0] == NeedPeriod(
        need_type=NeedType.BESD, rank=1, since=date(2013, 1, 7), until=date(2014, 11, 9), number=2, imported=True
    )


def test_leaving_sen_ends_the_needs_the_day_before():
    record = a_record(
        imported(P, date(2013, 1, 7)),
        need_imported(NeedType.SLCN, date(2013, 1, 7)),
        a_transition(date(2014, 11, 3), Judgement.NO_SEN, P),
    )
    assert record.needs == ()
    assert [need.until for need in record.need_periods] == [date(2014, 11, 2)]
    assert [need.need_type for need in record.needs_on(date(2014, 11, 2))] == [NeedType.SLCN]


def test_a_need_stands_on_its_last_day_and_not_on_the_next():
    record = a_record(imported(K, date(2022, 1, 10)), need_imported(NeedType.SEMH, date(2023, 1, 9), date(2024, 7, 19)))
    assert record.needs_on(date(2024, 7, 19))
    assert not record.needs_on(date(2024, 7, 20))
    assert record.needs == ()


def test_needs_come_in_the_order_of_their_rank():
    record = a_record(sen_decided(date(2015, 1, 7)), needs_set(date(2015, 1, 8), NeedType.SLCN, NeedType.SPLD))
    assert [(need.need_type, need.rank) for need in record.needs] == [(NeedType.SLCN, 1), (NeedType.SPLD, 2)]


def test_a_cycle_gathers_its_parts_and_is_current_until_it_is_reviewed():
    parts = (an_assessment(date(2015, 9, 7)), a_plan(date(2015, 9, 14), date(2015, 12, 4)))
    record = a_record(*parts)
    assert record.current_cycle is not None
    assert record.current_cycle.begins_on == date(2015, 9, 7)
    assert record.current_cycle.review_on == date(2015, 12, 4)
    reviewed = a_record(*parts, a_review(date(2015, 12, 4)))
    assert reviewed.current_cycle is None
    assert reviewed.last_cycle is not None
    assert reviewed.last_cycle.review_entry is not None


@pytest.mark.parametrize(("agreed_on", "review_on"), [(date(2015, 12, 3), date(2015, 12, 18)), (date(2015, 12, 4), date(2015, 12, 4))])
def test_a_review_moves_only_if_the_parents_agreed_before_the_day_it_moves(agreed_on, review_on):
    """Code of Practice 6.53: agreement on the day itself is too late to move it."""
    moved = ReviewDateMoved(
        occurred_on=date(2015, 12, 4), cycle=1, review_on=date(2015, 12, 18), agreed_with_parents_on=agreed_on, reason="Snow."
    )
    cycle = a_record(a_plan(date(2015, 9, 14), date(2015, 12, 4)), moved).current_cycle
    assert cycle is not None
    assert cycle.review_on == review_on


def test_of_two_plans_in_one_cycle_the_later_counts():
    cycle = a_record(a_plan(date(2015, 9, 14), date(2015, 12, 4)), a_plan(date(2015, 9, 21), date(2015, 12, 11))).current_cycle
    assert cycle is not None
    assert cycle.review_on == date(2015, 12, 11)


def test_a_contact_is_what_was_last_said_by_the_day():
    record = a_record(a_contact(MOTHER), a_contact(FATHER), a_contact(MOTHER, date(2015, 1, 1), has_care=False))
    assert [contact.has_care for contact in record.contacts_on(date(2014, 12, 31))] == [True, True]
    assert [contact.has_care for contact in record.contacts_on(date(2015, 1, 1))] == [False, True]
    assert record.contacts_on(date(2014, 8, 31)) == ()


def test_a_pupil_who_comes_back_is_on_roll_again():
    left = PupilLeft(occurred_on=date(2015, 7, 31), reason="moved")
    assert a_record(enrolled(), left).left_on == date(2015, 7, 31)
    assert a_record(enrolled(), left, enrolled(on=date(2016, 9, 1))).left_on is None


def told(about, notice, on=date(2015, 1, 8)):
    return PersonTold(occurred_on=on, person=MOTHER, matter=Matter.SEN_PROVISION, about=about, notice=notice, how=Telling.DELIVERED)


def test_a_telling_counts_until_it_is_undone_and_again_once_told_anew():
    undone = TellingUndone(occurred_on=date(2015, 1, 9), notice=CLIENT, reason="bounced")
    decision = sen_decided(date(2015, 1, 7))
    assert len(a_record(decision, told(1, CLIENT)).tellings(1)) == 1
    assert a_record(decision, told(1, CLIENT), undone).tellings(1) == ()
    assert len(a_record(decision, told(1, CLIENT), undone, told(1, CLIENT, date(2015, 1, 10))).tellings(1)) == 1
    assert a_record(decision, told(1, None), undone).tellings(2) == ()


def test_an_erased_entry_gives_nothing_and_is_told_of():
    erased = Erased(occurred_on=date(2015, 1, 7), erased_type=SenDecided.type)
    record = a_record(enrolled(), erased)
    assert record.status is N
    assert record.has_erased(SenDecided)
    assert record.has_erased()
    assert not record.has_erased(PupilLeft)


def test_a_corrected_entry_leaves_no_trace_and_a_corrected_correction_does_not_bring_it_back():
    first = recorded(sen_decided(date(2015, 1, 7)), 1)
    second = recorded(sen_decided(date(2015, 1, 9)), 2, supersedes=1)
    third = recorded(EntryWithdrawn(occurred_on=date(2015, 2, 1), reason="another pupil"), 3, supersedes=2)
    assert spans(a_record(first, second).statuses) == [(K, date(2015, 1, 9), None)]
    assert a_record(first, second, third).statuses == ()
    assert a_record(first, second, third).entry(1) is None


def test_what_stands_for_an_entry_is_its_last_correction_or_nothing_once_withdrawn():
    first = recorded(sen_decided(date(2015, 1, 7)), 1)
    second = recorded(sen_decided(date(2015, 1, 9)), 2, supersedes=1)
    third = recorded(EntryWithdrawn(occurred_on=date(2015, 2, 1), reason="another pupil"), 3, supersedes=2)
    assert a_record(first, second).standing_for(1) == second
    assert a_record(first, second, third).standing_for(1) is None
    assert a_record(first).standing_for(7) is None


def test_putting_an_entry_aside_does_not_bring_back_what_it_had_corrected():
    first = recorded(sen_decided(date(2015, 1, 7)), 1)
    second = recorded(sen_decided(date(2015, 1, 9)), 2, supersedes=1)
    assert a_record(first, second).without(2).statuses == ()


def test_as_at_a_day_shows_what_was_true_and_known_at_a_number_what_was_written():
    wrong = recorded(sen_decided(date(2015, 1, 7)), 1)
    right = recorded(sen_decided(date(2015, 1, 9)), 2, at=datetime(2015, 3, 1, tzinfo=UTC), supersedes=1)
    record = a_record(wrong, right)
    assert record.as_at(date(2015, 1, 8)).status is N
    assert record.as_at(date(2015, 1, 9)).status is K
    assert record.known_at(1).as_at(date(2015, 1, 8)).status is K
    assert record.known_at(0).entries == ()
    assert record.known_at(1).school.entries == A_SCHOOL.entries


def test_needs_of_a_record_looked_at_as_at_a_day_are_those_of_that_day():
    record = a_record(imported(K, date(2022, 1, 10)), need_imported(NeedType.SEMH, date(2023, 1, 9), date(2024, 7, 19)))
    assert [need.need_type for need in record.as_at(date(2024, 1, 1)).needs] == [NeedType.SEMH]


def test_entries_of_another_pupil_are_passed_over():
    foreign = recorded(sen_decided(date(2015, 1, 7)), 1, pupil=OTHER_PUPIL)
    assert a_record(foreign).entries == ()
    assert Record.fold(A_SCHOOL, [recorded(sen_decided(date(2015, 1, 7)), 2, supersedes=1), foreign], OTHER_PUPIL).status is K


def test_an_entry_that_names_itself_or_a_later_one_supersedes_nothing():
    odd = recorded(sen_decided(date(2015, 1, 7)), 1, supersedes=2)
    other = recorded(plan_issued(date(2016, 1, 7)), 2, supersedes=2)
    record = a_record(odd, other)
    assert [status for status, _, _ in spans(record.statuses)] == [K, E]
    assert record.standing_for(2) == other


def test_a_role_is_held_from_its_first_day_until_the_day_it_ends():
    school = a_school(
        RoleGiven(occurred_on=date(2015, 1, 1), staff=STRANGER, role=StaffRole.TEACHER, until=date(2016, 1, 1)),
        RoleEnded(occurred_on=date(2015, 6, 1), staff=SENCO, role=StaffRole.SENCO),
    )
    assert school.roles_of(STRANGER, date(2014, 12, 31)) == frozenset()
    assert school.roles_of(STRANGER, date(2015, 12, 31)) == {StaffRole.TEACHER}
    assert school.roles_of(STRANGER, date(2016, 1, 1)) == frozenset()
    assert school.roles_of(SENCO, date(2015, 5, 31)) == {StaffRole.SENCO}
    assert school.roles_of(SENCO, date(2015, 6, 1)) == frozenset()
    assert school.staff_with(StaffRole.TEACHER, date(2015, 2, 1)) == (TEACHER, STRANGER)
    assert school.known_since(CLIENT) is None


def test_a_setting_holds_from_its_day_and_ours_before():
    school = a_school(SettingChanged(occurred_on=date(2015, 1, 1), setting=SettingName.TELL_WITHIN_DAYS, value=3))
    assert school.setting(SettingName.TELL_WITHIN_DAYS, date(2014, 12, 31)) == 7
    assert school.setting(SettingName.TELL_WITHIN_DAYS, date(2015, 1, 1)) == 3


def test_a_school_may_change_its_type_and_one_never_described_has_none():
    academy = SchoolDescribed(
        occurred_on=date(2016, 9, 1), school_type=SchoolType.ACADEMY_MAINSTREAM, authority="999", record_begins_on=date(2014, 9, 1)
    )
    school = a_school(academy)
    assert school.school_type is SchoolType.ACADEMY_MAINSTREAM
    assert school.described_on(date(2016, 8, 31)) != academy
    assert School.fold([]).school_type is None
    assert School.fold([]).last_number == 0


HISTORY = [
    recorded(entry, number)
    for number, entry in enumerate(
        (
            enrolled(),
            imported(N, date(2010, 9, 1)),
            imported(P, date(2013, 1, 7)),
            need_imported(NeedType.BESD, date(2013, 1, 7)),
            a_contact(MOTHER),
            a_transition(date(2014, 11, 3), came_from=P),
            needs_set(date(2014, 11, 10), NeedType.SEMH),
            an_assessment(date(2014, 11, 10)),
            a_plan(date(2014, 11, 17), date(2015, 2, 13)),
            a_review(date(2015, 2, 12)),
            support_ended(date(2015, 2, 12), 10),
            sen_decided(date(2016, 3, 1)),
            plan_issued(date(2017, 3, 1)),
        ),
        start=1,
    )
]


def derived(record):
    return record.statuses, record.need_periods, record.cycles, record.entries, record.contacts_on(date(2020, 1, 1))


@given(st.permutations(HISTORY))
def test_folding_is_the_same_in_whatever_order_the_entries_arrive(entries):
    assert derived(Record.fold(A_SCHOOL, entries, PUPIL)) == derived(Record.fold(A_SCHOOL, HISTORY, PUPIL))


@given(st.sampled_from(HISTORY))
def test_a_withdrawn_entry_leaves_no_trace_in_what_is_derived(target):
    withdrawal = recorded(EntryWithdrawn(occurred_on=date(2018, 1, 1), reason="in error"), 99, supersedes=target.number)
    withdrawn = Record.fold(A_SCHOOL, [*HISTORY, withdrawal], PUPIL)
    never = Record.fold(A_SCHOOL, [other for other in HISTORY if other != target], PUPIL)
    assert derived(withdrawn)[:3] == derived(never)[:3]
    assert withdrawn.contacts_on(date(2020, 1, 1)) == never.contacts_on(date(2020, 1, 1))


@given(st.dates(date(2009, 1, 1), date(2018, 1, 1)), st.dates(date(2009, 1, 1), date(2018, 1, 1)))
def test_looking_at_a_later_day_only_adds_entries(one, other):
    record = Record.fold(A_SCHOOL, HISTORY, PUPIL)
    earlier, later = sorted((one, other))
    assert set(record.as_at(earlier).entries) <= set(record.as_at(later).entries)
    assert record.as_at(later).as_at(earlier) == record.as_at(earlier)


@given(st.integers(0, 14), st.integers(0, 14))
def test_knowing_up_to_a_later_number_only_adds_entries(one, other):
    record = Record.fold(A_SCHOOL, HISTORY, PUPIL)
    earlier, later = sorted((one, other))
    assert set(record.known_at(earlier).known) <= set(record.known_at(later).known)
    assert record.known_at(later).known_at(earlier) == record.known_at(earlier)


@given(st.permutations(HISTORY), st.dates(date(2009, 1, 1), date(2018, 1, 1)))
def test_statuses_never_overlap_and_leave_no_gap(entries, day):
    periods = Record.fold(A_SCHOOL, entries, PUPIL).as_at(day).statuses
    for before, after in pairwise(periods):
        assert before.until == after.since
        assert before.since < after.since
        assert before.status is not after.status
    assert all(period.until is None for period in periods[-1:])


@given(st.integers(0, 13))
def test_a_status_as_at_a_day_is_the_status_on_that_day(number):
    record = Record.fold(A_SCHOOL, HISTORY[:number], PUPIL)
    for day in {known.entry.occurred_on + timedelta(days=shift) for known in HISTORY for shift in (-1, 0)}:
        assert record.as_at(day).status is record.status_on(day)
