from datetime import date

import pytest

from app.domain.annual_reviews import amend_ehc_plan, decide_annual_review, hold_annual_review, report_annual_review
from app.domain.codes import SenStatus
from app.domain.entries import (
    AnnualReviewDecided,
    AnnualReviewHeld,
    AnnualReviewReported,
    EhcPlanAmended,
    Phase,
    PhaseMoveExpected,
    PupilLeft,
    Recommendation,
)
from app.domain.obligation import State
from app.domain.obligations import obligations
from app.domain.rules.send_regulations_2014.reviews import (
    AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE,
    DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW,
    REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS,
    REVIEW_THE_PLAN_EVERY_YEAR,
    SEND_REVIEW_PAPERS_TWO_WEEKS_BEFORE,
    SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS,
)
from tests.domain.builders import AS_SENCO, a_record, enrolled, imported, plan_ceased, plan_issued, sen_decided, with_changes

MADE = date(2025, 3, 3)
HELD = date(2026, 3, 2)
MEETING = AnnualReviewHeld(
    occurred_on=HELD, papers_sent_on=date(2026, 2, 16), pupil_took_part=True, parents_took_part=True, recommendation=Recommendation.AMEND
)
LATER = date(2028, 8, 31)
BEGUN = (enrolled(), plan_issued(MADE))


def reported(on: date) -> AnnualReviewReported:
    return AnnualReviewReported(occurred_on=on, review=3)


def decided(on: date, decision: Recommendation = Recommendation.AMEND, *, sent: bool = True) -> AnnualReviewDecided:
    return AnnualReviewDecided(occurred_on=on, review=3, decision=decision, changes_sent_with_notice=sent)


def amended(on: date, *, review: int | None = 3, names_next: bool = False) -> EhcPlanAmended:
    return EhcPlanAmended(occurred_on=on, review=review, names_setting_for_next_phase=names_next)


def owed(record, rule, until=LATER):
    return [found for found in obligations(record, until=until) if found.rule is rule]


@pytest.mark.parametrize(("held_on", "state"), [(date(2026, 3, 2), State.KEPT), (date(2026, 3, 3), State.KEPT_LATE)])
def test_a_plan_is_reviewed_in_the_twelve_months_that_begin_with_its_making(held_on: date, state: State) -> None:
    """Children and Families Act 2014, section 44(1): the period starts with the day of making, so its last day is the eve of the next."""
    first = owed(a_record(*BEGUN, with_changes(MEETING, {"occurred_on": held_on})), REVIEW_THE_PLAN_EVERY_YEAR)[0]
    assert first.due == date(2026, 3, 2)
    assert first.state_on(held_on) is state


def test_the_next_twelve_months_begin_with_the_review() -> None:
    second = owed(a_record(*BEGUN, with_changes(MEETING, {"occurred_on": date(2025, 11, 10)})), REVIEW_THE_PLAN_EVERY_YEAR)[1]
    assert (second.arises_on, second.due) == (date(2025, 11, 10), date(2026, 11, 9))
    assert (second.state_on(date(2026, 11, 9)), second.state_on(date(2026, 11, 10))) == (State.DUE, State.BROKEN)


def test_a_plan_made_before_the_pupil_came_was_reviewed_nobody_here_knows_when() -> None:
    record = a_record(enrolled(), imported(SenStatus.EHC_PLAN, date(2014, 10, 6)), MEETING)
    before, after = owed(record, REVIEW_THE_PLAN_EVERY_YEAR)
    assert before.state_on(HELD) is State.NOT_KNOWN
    assert after.due == date(2027, 3, 1)


@pytest.mark.parametrize("end", [plan_ceased(date(2025, 7, 18)), PupilLeft(occurred_on=date(2025, 7, 18), reason="Moved away.")])
def test_no_review_is_owed_here_once_the_plan_or_the_time_at_the_school_ended(end) -> None:
    (found,) = owed(a_record(*BEGUN, end), REVIEW_THE_PLAN_EVERY_YEAR)
    assert (found.state_on(date(2025, 7, 17)), found.state_on(LATER)) == (State.DUE, None)


@pytest.mark.parametrize(
    ("rule", "entry", "in_time", "late"),
    [
        (REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS, reported, date(2026, 3, 16), date(2026, 3, 17)),
        (DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW, decided, date(2026, 3, 30), date(2026, 3, 31)),
    ],
)
def test_report_and_decision_follow_the_meeting_within_two_and_four_weeks(rule, entry, in_time: date, late: date) -> None:
    """Special Educational Needs and Disability Regulations 2014, regulation 20; the day of the meeting is day 0."""
    for on, state in ((in_time, State.KEPT), (late, State.KEPT_LATE)):
        (found,) = owed(a_record(*BEGUN, MEETING, entry(on)), rule)
        assert (found.due, found.state_on(on)) == (in_time, state)
    (unmet,) = owed(a_record(*BEGUN, MEETING), rule)
    assert (unmet.state_on(in_time), unmet.state_on(late)) == (State.DUE, State.BROKEN)


@pytest.mark.parametrize(("sent_on", "state"), [(date(2026, 5, 25), State.KEPT), (date(2026, 5, 26), State.KEPT_LATE)])
def test_an_amended_plan_is_sent_within_twelve_weeks_of_the_meeting(sent_on: date, state: State) -> None:
    """R (L, M and P) v Devon County Council [2022] EWHC 493 (Admin)."""
    (found,) = owed(a_record(*BEGUN, MEETING, decided(date(2026, 3, 30)), amended(sent_on)), SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS)
    assert found.state_on(sent_on) is state


@pytest.mark.parametrize("decision", [Recommendation.MAINTAIN, Recommendation.CEASE])
def test_no_amended_plan_is_owed_where_nothing_is_to_be_amended(decision: Recommendation) -> None:
    assert owed(a_record(*BEGUN, MEETING, decided(date(2026, 3, 30), decision)), SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS) == []


@pytest.mark.parametrize(
    ("to", "moves_on", "due"),
    [
        (Phase.SECONDARY, date(2026, 9, 1), date(2026, 2, 15)),
        (Phase.JUNIOR, date(2026, 9, 1), date(2026, 2, 15)),
        (Phase.POST_16, date(2026, 9, 1), date(2026, 3, 31)),
        (Phase.BETWEEN_POST_16, date(2026, 9, 1), date(2026, 4, 1)),
        (Phase.BETWEEN_POST_16, date(2026, 7, 31), date(2026, 2, 28)),
    ],
)
def test_a_plan_names_the_next_setting_by_the_day_of_its_kind_of_move(to: Phase, moves_on: date, due: date) -> None:
    """Regulation 18: never 31 March for a move from primary to secondary school."""
    expected = PhaseMoveExpected(occurred_on=date(2025, 9, 8), to=to, moves_on=moves_on)
    kept = amended(due, review=None, names_next=True)
    (found,) = owed(a_record(*BEGUN, expected, kept), AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE)
    assert (found.due, found.state_on(due)) == (due, State.KEPT)
    (unmet,) = owed(a_record(*BEGUN, expected, amended(due, review=None)), AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE)
    assert unmet.state_on(due) is State.DUE
    assert unmet.state_on(date.fromordinal(due.toordinal() + 1)) is State.BROKEN


def test_a_pupil_without_a_plan_has_none_to_amend_and_growing_up_is_no_move_of_phase() -> None:
    secondary = PhaseMoveExpected(occurred_on=date(2025, 9, 8), to=Phase.SECONDARY, moves_on=date(2026, 9, 1))
    adult = with_changes(secondary, {"to": Phase.ADULT_LIFE})
    assert owed(a_record(enrolled(), sen_decided(MADE), secondary), AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE) == []
    assert owed(a_record(*BEGUN, adult), AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE) == []


@pytest.mark.parametrize(("sent_on", "is_kept"), [(date(2026, 2, 16), True), (date(2026, 2, 17), False), (None, False)])
def test_papers_go_out_two_weeks_before_the_meeting(sent_on: date | None, is_kept: bool) -> None:
    decision = hold_annual_review(a_record(*BEGUN), with_changes(MEETING, {"papers_sent_on": sent_on}), AS_SENCO)
    (finding,) = decision.findings
    assert (finding.rule, finding.kept) == (SEND_REVIEW_PAPERS_TWO_WEEKS_BEFORE, is_kept)


def test_there_is_no_review_of_no_plan_and_nothing_to_amend() -> None:
    record = a_record(enrolled(), sen_decided(MADE))
    for step, entry in ((hold_annual_review, MEETING), (amend_ehc_plan, amended(HELD, review=None))):
        decision = step(record, entry, AS_SENCO)
        assert decision.is_refused
        assert decision.findings[0].rule is REVIEW_THE_PLAN_EVERY_YEAR


@pytest.mark.parametrize(
    ("step", "entry"),
    [
        (report_annual_review, reported(date(2026, 3, 1))),
        (decide_annual_review, with_changes(decided(date(2026, 3, 30)), {"review": 2})),
        (amend_ehc_plan, amended(date(2026, 5, 25), review=9)),
    ],
)
def test_what_follows_a_review_names_a_meeting_that_was_held_by_that_day(step, entry) -> None:
    decision = step(a_record(*BEGUN, MEETING), entry, AS_SENCO)
    assert decision.is_refused
    assert decision.findings[0].missing == ("review meeting held by that day",)


@pytest.mark.parametrize(("is_sent", "is_remarked"), [(True, False), (False, True)])
def test_proposed_changes_go_out_with_the_notice_to_amend(is_sent: bool, is_remarked: bool) -> None:
    decision = decide_annual_review(a_record(*BEGUN, MEETING), decided(date(2026, 3, 30), sent=is_sent), AS_SENCO)
    broken = {finding.rule for finding in decision.findings if not finding.kept}
    assert (SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS in broken) is is_remarked
