from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.domain.codes import NeedType, SenStatus
from app.domain.entries import PupilLeft
from app.domain.roll import describe_contact, enrol_pupil, import_need, import_status, leave_school
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.domain.rules.school_census import (
    KEEP_TYPES_AND_STATUS_CONSISTENT,
    RANK_NEEDS_FROM_ONE,
    USE_STATUSES_OF_THE_DAY,
    USE_TYPES_OF_THE_DAY,
)
from app.domain.rules.transition_2014_2015 import (
    ASSESS_BESD_ANEW,
    DECIDE_EACH_SCHOOL_ACTION_PUPIL,
    MOVE_STATUS_ONLY_AS_ALLOWED,
    RECODE_AN_OPEN_STATEMENT,
)
from tests.domain.builders import (
    AS_CLIENT,
    AS_HEAD,
    AS_IMPORT,
    AS_MOTHER,
    ELSEWHERE,
    a_contact,
    a_record,
    a_school,
    a_transition,
    enrolled,
    imported,
    need_imported,
    needs_set,
)

A, P, K, N, S, E = (SenStatus(code) for code in "APKNSE")
ANOTHER_FILE = replace(ELSEWHERE, job=UUID(int=0x502))
BEGINS_IN_2030 = a_school(record_begins_on=date(2030, 1, 1))


def broken(decision):
    return {finding.rule.id for finding in decision.findings if not finding.kept}


def test_a_pupil_is_enrolled_once_until_leaving():
    left = PupilLeft(occurred_on=date(2015, 7, 31), reason="moved")
    again = enrolled(on=date(2016, 9, 1))
    assert not enrol_pupil(a_record(), enrolled(), AS_IMPORT).is_refused
    assert enrol_pupil(a_record(enrolled()), again, AS_HEAD).is_refused
    assert not enrol_pupil(a_record(enrolled(), left), again, AS_HEAD).is_refused
    assert enrol_pupil(a_record(), enrolled(), AS_MOTHER).is_refused


@pytest.mark.parametrize(("born", "is_refused"), [(date(2014, 9, 1), False), (date(2014, 9, 2), True)])
def test_nobody_is_enrolled_before_birth(born, is_refused):
    assert enrol_pupil(a_record(), enrolled(born, date(2014, 9, 1)), AS_HEAD).is_refused is is_refused


@pytest.mark.parametrize(("left_on", "is_refused"), [(date(2014, 8, 31), True), (date(2014, 9, 1), False)])
def test_only_who_is_on_roll_leaves_it(left_on, is_refused):
    left = PupilLeft(occurred_on=left_on, reason="moved")
    assert leave_school(a_record(enrolled()), left, AS_HEAD).is_refused is is_refused
    assert leave_school(a_record(), left, AS_HEAD).is_refused
    assert leave_school(a_record(enrolled(), left), left, AS_HEAD).is_refused


def test_a_restriction_names_its_basis_and_a_contact_restriction_asks_a_question():
    restricted = a_contact(information_restricted=True)
    assert broken(describe_contact(a_record(), restricted, AS_HEAD)) == {TREAT_CARERS_AS_PARENTS.id}
    assert broken(describe_contact(a_record(), replace(restricted, restriction_basis="order"), AS_HEAD)) == set()
    asking = describe_contact(a_record(), a_contact(contact_restricted=True, restriction_basis="order"), AS_HEAD)
    assert asking.findings[0].missing == ("whether they may be informed",)


@pytest.mark.parametrize("status", list(SenStatus))
def test_history_from_before_the_record_begins_loads_with_its_own_day_and_code(status):
    decision = import_status(a_record(enrolled()), imported(status, date(2013, 9, 2)), AS_IMPORT)
    assert not decision.is_refused
    assert a_record(*decision.entries).statuses[0].since == date(2013, 9, 2)
    assert a_record(*decision.entries).status is status


@pytest.mark.parametrize("status", [A, P])
def test_school_action_is_loaded_as_an_open_question_and_never_as_sen_support(status):
    decision = import_status(a_record(enrolled()), imported(status, date(2013, 9, 2)), AS_IMPORT)
    assert DECIDE_EACH_SCHOOL_ACTION_PUPIL.id in broken(decision)
    assert a_record(*decision.entries).open_withdrawn is not None


@pytest.mark.parametrize(
    ("status", "since", "is_refused", "is_remarked"),
    [
        (A, date(2014, 8, 31), False, False),
        (A, date(2014, 9, 1), False, True),
        (P, date(2015, 8, 31), False, True),
        (P, date(2015, 9, 1), True, True),
        (S, date(2018, 3, 31), False, True),
        (S, date(2018, 4, 1), True, True),
        (K, date(2014, 9, 1), False, False),
        (N, date(2026, 9, 1), False, False),
    ],
)
def test_a_withdrawn_code_that_begins_under_the_new_code_is_remarked_on_and_later_refused(status, since, is_refused, is_remarked):
    """TRN-06: a warning in 2014/15, the year in which both were in use; impossible after."""
    decision = import_status(a_record(school=BEGINS_IN_2030), imported(status, since), AS_IMPORT)
    assert decision.is_refused is is_refused
    remarks = {MOVE_STATUS_ONLY_AS_ALLOWED.id, RECODE_AN_OPEN_STATEMENT.id} & broken(decision)
    assert bool(remarks) is is_remarked


@pytest.mark.parametrize("status", [K, E])
def test_a_new_code_from_before_it_existed_is_loaded_and_remarked_on(status):
    assert USE_STATUSES_OF_THE_DAY.id in broken(import_status(a_record(), imported(status, date(2014, 8, 31)), AS_IMPORT))


@pytest.mark.parametrize(("since", "is_refused"), [(date(2014, 8, 31), False), (date(2014, 9, 1), True)])
def test_a_status_from_the_schools_own_time_is_a_proposal_and_no_change(since, is_refused):
    decision = import_status(a_record(enrolled()), imported(N, since), AS_IMPORT)
    assert decision.is_refused is is_refused
    assert not is_refused or decision.findings[0].used["proposal"] is True


def test_what_another_school_decided_before_a_pupil_came_loads_as_theirs():
    record = a_record(enrolled(on=date(2020, 9, 1)))
    assert not import_status(record, imported(K, date(2019, 9, 2)), AS_IMPORT).is_refused
    assert import_status(record, imported(N, date(2020, 9, 1)), AS_IMPORT).is_refused


def test_the_same_row_again_adds_nothing_and_says_so():
    row, need = imported(A, date(2013, 9, 2), ANOTHER_FILE), need_imported(NeedType.BESD, date(2013, 9, 2))
    record = a_record(imported(A, date(2013, 9, 2)), need)
    for decision in (import_status(record, row, AS_IMPORT), import_need(record, need, AS_IMPORT)):
        assert not decision.is_refused
        assert decision.entries == ()
        assert decision.findings[0].used["already_held"] is True


def test_a_row_that_differs_from_what_is_held_is_a_proposal():
    held = imported(A, date(2013, 9, 2))
    assert import_status(a_record(held), imported(P, date(2014, 1, 6), ANOTHER_FILE), AS_IMPORT).is_refused
    assert not import_status(a_record(held), imported(P, date(2014, 1, 6)), AS_IMPORT).is_refused
    decided = a_record(held, a_transition(date(2014, 11, 3)))
    assert import_status(decided, imported(P, date(2014, 1, 6)), AS_IMPORT).is_refused


@pytest.mark.parametrize("author", [AS_HEAD, AS_CLIENT, AS_MOTHER])
def test_history_is_loaded_by_an_import_alone(author):
    assert import_status(a_record(), imported(A, date(2013, 9, 2)), author).is_refused
    assert import_need(a_record(), need_imported(NeedType.SLCN, date(2013, 9, 2)), author).is_refused


@pytest.mark.parametrize(
    ("need", "rules"),
    [
        (need_imported(NeedType.SLCN, date(2013, 9, 2)), set()),
        (need_imported(NeedType.BESD, date(2013, 9, 2)), {ASSESS_BESD_ANEW.id}),
        (need_imported(NeedType.BESD, date(2015, 1, 15)), {ASSESS_BESD_ANEW.id}),
        (need_imported(NeedType.BESD, date(2015, 1, 16)), {ASSESS_BESD_ANEW.id, USE_TYPES_OF_THE_DAY.id}),
        (need_imported(NeedType.BESD, date(2013, 9, 2), date(2014, 7, 1)), set()),
        (need_imported(NeedType.SEMH, date(2013, 9, 2)), {USE_TYPES_OF_THE_DAY.id}),
        (need_imported(NeedType.SLCN, date(2013, 9, 2), rank=0), {RANK_NEEDS_FROM_ONE.id}),
        (need_imported(NeedType.SLCN, date(2009, 9, 2)), {KEEP_TYPES_AND_STATUS_CONSISTENT.id}),
    ],
)
def test_needs_load_as_they_were_recorded_with_a_remark_where_they_are_odd(need, rules):
    decision = import_need(a_record(imported(P, date(2013, 9, 2))), need, AS_IMPORT)
    assert not decision.is_refused
    assert broken(decision) == rules


def test_a_need_that_ends_before_it_begins_or_touches_what_a_person_set_is_refused():
    record = a_record(imported(P, date(2013, 9, 2)))
    assert import_need(record, need_imported(NeedType.SLCN, date(2013, 9, 2), date(2013, 9, 1)), AS_IMPORT).is_refused
    set_here = a_record(needs_set(date(2014, 11, 3), NeedType.SLCN))
    assert import_need(set_here, need_imported(NeedType.SLCN, date(2013, 9, 2)), AS_IMPORT).is_refused
