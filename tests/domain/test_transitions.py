from datetime import date

import pytest

from app.domain.codes import NeedType, SchoolType, SenStatus
from app.domain.entries import Judgement
from app.domain.programmes import PROGRAMMES, SCHOOL_ACTION
from app.domain.rule import Force
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.domain.rules.school_census import KEEP_TYPES_AND_STATUS_CONSISTENT
from app.domain.rules.transition_2014_2015 import (
    ASSESS_BESD_ANEW,
    DECIDE_EACH_SCHOOL_ACTION_PUPIL,
    FINISH_THE_MOVE_BY_SEPTEMBER_2015,
    MOVE_STATUS_ONLY_AS_ALLOWED,
    RECODE_AN_OPEN_STATEMENT,
    RECORD_THE_TRANSITION_DECISION,
    SET_A_TYPE_AFTER_SCHOOL_ACTION,
    TELL_OF_THE_TRANSITION_DECISION,
    USE_SEN_SUPPORT,
)
from app.domain.transitions import decide_transition, is_late, open_transition_findings
from tests.domain.builders import (
    AS_IMPORT,
    AS_SENCO,
    AS_TEACHER,
    ASSISTANT,
    MOTHER,
    SENCO,
    STRANGER,
    TEACHER,
    a_contact,
    a_record,
    a_school,
    a_transition,
    enrolled,
    imported,
    need_imported,
    sen_decided,
)

DAY, SINCE = date(2014, 11, 3), date(2013, 9, 2)
A, P, S = SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS, SenStatus.STATEMENT


def on(status, *more, **kwargs):
    return a_record(enrolled(), a_contact(MOTHER), imported(status, SINCE), *more, **kwargs)


def broken(decision):
    return {finding.rule.id: finding for finding in decision.findings if not finding.kept}


def kept(decision):
    return {finding.rule.id for finding in decision.findings if finding.kept}


@pytest.mark.parametrize("came_from", [A, P])
@pytest.mark.parametrize("judgement", list(Judgement))
def test_a_pupil_is_moved_by_an_individual_decision_with_either_result(came_from, judgement):
    """Knowsley leaflet: not automatic; where the ordinary offer is enough, the result is no SEN."""
    decision = decide_transition(on(came_from), a_transition(DAY, judgement, came_from), AS_SENCO)
    assert not decision.is_refused
    assert len(decision.entries) == 1
    assert {DECIDE_EACH_SCHOOL_ACTION_PUPIL.id, RECORD_THE_TRANSITION_DECISION.id, FINISH_THE_MOVE_BY_SEPTEMBER_2015.id} <= kept(decision)


@pytest.mark.parametrize(("decided_on", "late"), [(date(2015, 8, 31), False), (date(2015, 9, 1), True), (date(2026, 11, 2), True)])
def test_a_late_decision_takes_effect_and_is_remarked_on_as_late(decided_on, late):
    """The transition rules govern an open A or P whenever it is decided."""
    decision = decide_transition(on(A), a_transition(decided_on), AS_SENCO)
    assert not decision.is_refused
    assert (FINISH_THE_MOVE_BY_SEPTEMBER_2015.id in broken(decision)) is late
    assert is_late(decision.entries[0]) is late
    assert DECIDE_EACH_SCHOOL_ACTION_PUPIL.id in kept(decision)


@pytest.mark.parametrize(("decided_on", "is_refused"), [(date(2014, 8, 31), True), (date(2014, 9, 1), False)])
def test_nobody_moves_to_sen_support_before_it_existed(decided_on, is_refused):
    decision = decide_transition(on(A), a_transition(decided_on), AS_SENCO)
    assert decision.is_refused is is_refused
    assert not is_refused or decision.findings[0].rule is USE_SEN_SUPPORT


def test_a_decision_from_what_the_record_does_not_hold_is_refused_with_both_codes():
    decision = decide_transition(on(P), a_transition(DAY, came_from=A), AS_SENCO)
    assert decision.is_refused
    assert (decision.findings[0].used["came_from"], decision.findings[0].used["held"]) == (A, P)


@pytest.mark.parametrize("status", [SenStatus.NONE, SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN, S])
def test_only_the_statuses_of_the_programme_are_moved_by_it(status):
    decision = decide_transition(on(status), a_transition(DAY, came_from=status), AS_SENCO)
    assert decision.is_refused
    assert decision.findings[0].rule is MOVE_STATUS_ONLY_AS_ALLOWED


def test_a_pupil_is_not_decided_twice():
    assert decide_transition(on(A, a_transition(DAY)), a_transition(date(2014, 12, 1)), AS_SENCO).is_refused


def test_a_programme_that_is_not_known_is_refused():
    assert decide_transition(on(A), a_transition(DAY, programme="layers-of-support"), AS_SENCO).is_refused
    assert dict(PROGRAMMES) == {"school-action": SCHOOL_ACTION}


@pytest.mark.parametrize("author", [AS_TEACHER, AS_IMPORT])
def test_neither_a_job_nor_a_person_without_the_role_decides(author):
    assert decide_transition(on(A), a_transition(DAY), author).is_refused


@pytest.mark.parametrize(
    "changes",
    [
        {"reviewers": ()},
        {"reviewers": (STRANGER,)},
        {"reviewers": (ASSISTANT,)},
        {"reason": "  "},
        {"needs_analysis": ""},
        {"ordinarily_available": ""},
        {"reviewed_on": date(2014, 11, 4)},
    ],
)
def test_without_reason_review_or_reviewer_there_is_no_decision(changes):
    decision = decide_transition(on(A), a_transition(DAY, **changes), AS_SENCO)
    assert decision.is_refused
    assert decision.findings[0].rule is RECORD_THE_TRANSITION_DECISION


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"pupils_view": None}, ("pupils_view",)),
        ({"pupils_view": None, "pupils_view_missing_because": "away"}, ()),
        ({"parents_view": None}, ("parents_view",)),
        ({"parents_view": None, "parents_view_missing_because": "no reply"}, ()),
        ({"reviewers": (SENCO,)}, ("teacher among the reviewers",)),
        ({"reviewers": (SENCO, TEACHER)}, ()),
    ],
)
def test_a_view_that_is_missing_without_a_reason_is_remarked_on_and_bars_nothing(changes, missing):
    decision = decide_transition(on(A), a_transition(DAY, **changes), AS_SENCO)
    finding = broken(decision).get(RECORD_THE_TRANSITION_DECISION.id)
    assert not decision.is_refused
    assert (finding.missing if finding else ()) == missing


@pytest.mark.parametrize("came_from", [A, P])
def test_sen_support_without_a_type_asks_for_one_before_the_next_spring_census(came_from):
    decision = decide_transition(on(came_from), a_transition(DAY, came_from=came_from), AS_SENCO)
    finding = broken(decision)[SET_A_TYPE_AFTER_SCHOOL_ACTION.id]
    assert finding.used["due"] == "2015-01-14"
    assert "NSA" in finding.cure


def test_besd_is_to_be_assessed_anew_and_no_type_is_proposed():
    """Written answers of 2015 and 2018: SEMH is not a direct replacement."""
    decision = decide_transition(on(P, need_imported(NeedType.BESD, SINCE)), a_transition(DAY, came_from=P), AS_SENCO)
    finding = broken(decision)[ASSESS_BESD_ANEW.id]
    assert NeedType.SEMH not in finding.used.values()
    assert "SEMH" not in finding.cure


def test_a_result_of_no_sen_says_what_becomes_of_the_needs():
    decision = decide_transition(on(P, need_imported(NeedType.SLCN, SINCE)), a_transition(DAY, Judgement.NO_SEN, P), AS_SENCO)
    assert broken(decision)[KEEP_TYPES_AND_STATUS_CONSISTENT.id].used["needs"] == 1
    without = decide_transition(on(P), a_transition(DAY, Judgement.NO_SEN, P), AS_SENCO)
    assert KEEP_TYPES_AND_STATUS_CONSISTENT.id not in broken(without)


def test_nobody_left_to_tell_is_a_remark_and_a_contact_restriction_a_question():
    nobody = decide_transition(a_record(enrolled(), imported(A, SINCE)), a_transition(DAY), AS_SENCO)
    assert broken(nobody)[TELL_OF_THE_TRANSITION_DECISION.id].missing == ("person to tell",)
    restricted = a_contact(MOTHER, contact_restricted=True, restriction_basis="order")
    asking = decide_transition(a_record(enrolled(), imported(A, SINCE), restricted), a_transition(DAY), AS_SENCO)
    assert TREAT_CARERS_AS_PARENTS.id in broken(asking)


def test_findings_concern_only_the_schools_that_a_rule_binds():
    decision = decide_transition(on(A, school=a_school(kind=SchoolType.MAINTAINED_SPECIAL)), a_transition(DAY), AS_SENCO)
    assert not decision.is_refused
    assert RECORD_THE_TRANSITION_DECISION.id not in kept(decision)
    assert SET_A_TYPE_AFTER_SCHOOL_ACTION.id in broken(decision)


@pytest.mark.parametrize(
    ("record", "day", "rules"),
    [
        (on(A), date(2015, 8, 31), set()),
        (on(A), date(2015, 9, 1), {FINISH_THE_MOVE_BY_SEPTEMBER_2015.id}),
        (on(S), date(2018, 3, 31), set()),
        (on(S), date(2018, 4, 1), {RECODE_AN_OPEN_STATEMENT.id}),
        (on(P, need_imported(NeedType.BESD, SINCE)), date(2014, 9, 1), {ASSESS_BESD_ANEW.id}),
        (on(A, a_transition(DAY)), DAY, {SET_A_TYPE_AFTER_SCHOOL_ACTION.id}),
        (a_record(enrolled(), sen_decided(DAY)), DAY, set()),
    ],
)
def test_what_is_still_open_of_the_old_regime_is_told_on_any_day(record, day, rules):
    assert {finding.rule.id for finding in open_transition_findings(record, day)} == rules


def test_no_finding_of_the_move_claims_the_force_of_statute_for_its_date():
    """No statute fixed September 2015; it was guidance and census practice."""
    assert FINISH_THE_MOVE_BY_SEPTEMBER_2015.force is Force.HISTORY
