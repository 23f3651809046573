from datetime import date
from itertools import product

import pytest

from app.domain.codes import SenStatus
from app.domain.cycles import end_support
from app.domain.ehc import cease_ehc_plan, issue_ehc_plan
from app.domain.entries import EhcPlanCeased, EhcPlanIssued, Judgement, SenDecided, SupportEnded, TransitionDecided
from app.domain.identification import decide_sen_support
from app.domain.moves import MOVES, STAYS, leads, move_refusal
from app.domain.periods import status_given_by
from app.domain.rules.transition_2014_2015 import MOVE_STATUS_ONLY_AS_ALLOWED
from app.domain.transitions import decide_transition
from tests.domain.builders import (
    AS_SENCO,
    a_record,
    a_review,
    a_transition,
    enrolled,
    imported,
    plan_ceased,
    plan_issued,
    recorded,
    sen_decided,
    support_ended,
)

SINCE, DAY = date(2013, 9, 2), date(2014, 11, 3)
REVIEW = recorded(a_review(date(2014, 10, 20)), 3)

ALLOWED = {
    ("A", "K"): TransitionDecided,
    ("A", "N"): TransitionDecided,
    ("A", "E"): EhcPlanIssued,
    ("P", "K"): TransitionDecided,
    ("P", "N"): TransitionDecided,
    ("P", "E"): EhcPlanIssued,
    ("S", "E"): EhcPlanIssued,
    ("S", "K"): EhcPlanCeased,
    ("S", "N"): EhcPlanCeased,
    ("K", "N"): SupportEnded,
    ("K", "E"): EhcPlanIssued,
    ("N", "K"): SenDecided,
    ("N", "E"): EhcPlanIssued,
    ("E", "K"): EhcPlanCeased,
    ("E", "N"): EhcPlanCeased,
}

STEPS = [
    (decide_sen_support, lambda came_from: sen_decided(DAY)),
    (decide_sen_support, lambda came_from: sen_decided(DAY, Judgement.NO_SEN)),
    (decide_transition, lambda came_from: a_transition(DAY, Judgement.SEN_SUPPORT, came_from)),
    (decide_transition, lambda came_from: a_transition(DAY, Judgement.NO_SEN, came_from)),
    (issue_ehc_plan, lambda came_from: plan_issued(DAY, transfer_review_completed_on=DAY)),
    (cease_ehc_plan, lambda came_from: plan_ceased(DAY, Judgement.SEN_SUPPORT)),
    (cease_ehc_plan, lambda came_from: plan_ceased(DAY, Judgement.NO_SEN)),
    (end_support, lambda came_from: support_ended(DAY, REVIEW.number)),
]


def test_the_table_is_the_one_of_the_census_and_the_code():
    assert {(came_from.value, to.value): move.needs for (came_from, to), move in MOVES.items()} == ALLOWED


def test_every_move_says_its_condition_and_where_it_is_written():
    assert all(move.condition and move.cites for move in (*MOVES.values(), *STAYS.values()))


def test_nothing_leads_into_a_withdrawn_category():
    assert not {to for _, to in MOVES if to.is_withdrawn}


@pytest.mark.parametrize(("came_from", "step"), list(product(SenStatus, STEPS)))
def test_a_step_takes_a_status_where_the_table_leads_and_nowhere_else(came_from, step):
    """The full product of statuses and the steps that change them."""
    take, entry_from = step
    entry = entry_from(came_from)
    to = status_given_by(entry)
    allowed = ALLOWED.get((came_from.value, to.value)) is type(entry) or (came_from is to is SenStatus.NONE and type(entry) is SenDecided)
    record = a_record(enrolled(on=SINCE), imported(came_from, SINCE), REVIEW)
    decision = take(record, entry, AS_SENCO)
    assert decision.is_refused is not allowed
    assert leads(came_from, to, type(entry)) is allowed
    if decision.is_refused:
        assert all(finding.rule.cites for finding in decision.findings)
    else:
        after = a_record(*record.entries, recorded(decision.entries[0], 9))
        assert after.status is to


def test_a_move_that_would_leave_a_later_entry_without_a_way_is_refused():
    record = a_record(
        imported(SenStatus.SCHOOL_ACTION, SINCE), a_transition(DAY), a_review(date(2015, 7, 1)), support_ended(date(2015, 7, 1), 3)
    )
    corrected = a_transition(date(2014, 11, 4), Judgement.NO_SEN)
    refusal = move_refusal(record.without(2), corrected, SenStatus.NONE)
    assert refusal is not None
    assert refusal.rule is MOVE_STATUS_ONLY_AS_ALLOWED
    assert refusal.used["to"] == "N"
    assert "entry 4" in refusal.cure


def test_a_correction_of_the_day_alone_still_leads_on_to_the_later_entry():
    record = a_record(
        imported(SenStatus.SCHOOL_ACTION, SINCE), a_transition(DAY), a_review(date(2015, 7, 1)), support_ended(date(2015, 7, 1), 3)
    )
    assert move_refusal(record.without(2), a_transition(date(2014, 11, 4)), SenStatus.SEN_SUPPORT) is None
