"""The steps of the graduated approach, each under the sentence of the Code it carries."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.domain import cycles
from app.domain.codes import SchoolType, SenStatus
from app.domain.decision import Decision
from app.domain.entries import (
    Consulted,
    EvidenceSource,
    Impact,
    NextStep,
    OutcomeRated,
    PlanAgreed,
    Provision,
    ReviewDateMoved,
    ReviewHeld,
    SessionDelivered,
    StaffTold,
)
from app.domain.plans import is_only_hours
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules.code_of_practice_2015 import graduated_approach as approach
from tests.domain.builders import (
    AS_MOTHER,
    AS_SENCO,
    AS_TEACHER,
    ASSISTANT,
    SAID,
    TEACHER,
    a_plan,
    a_record,
    a_review,
    a_school,
    an_assessment,
    enrolled,
    imported,
    sen_decided,
    support_ended,
)

ASSESSED, PLANNED, DUE = date(2025, 9, 12), date(2025, 9, 15), date(2026, 3, 27)
ON_SUPPORT = (enrolled(), sen_decided(date(2025, 9, 10)))
WITH_PLAN = (*ON_SUPPORT, an_assessment(ASSESSED), a_plan(PLANNED, DUE))
NOTHING = EvidenceSource()


def verdict(decision: Decision, rule: Rule) -> bool | None:
    """Whether the decision says that the rule was kept; None where it says nothing."""
    return next((finding.kept for finding in decision.findings if finding.rule is rule), None)


def missing(decision: Decision, rule: Rule) -> tuple[str, ...]:
    return next(finding.missing for finding in decision.findings if finding.rule is rule)


def after_a_review(*entries: object, **changes: object) -> Record:
    return a_record(*WITH_PLAN, a_review(date(2026, 3, 20), **changes), *entries)  # type: ignore[arg-type]


def test_a_cycle_opens_with_the_next_number_and_no_other() -> None:
    """Code of Practice 6.44: one cycle follows the other."""
    record = a_record(*ON_SUPPORT)
    assert not cycles.make_assessment(record, an_assessment(ASSESSED, cycle=1), AS_TEACHER).is_refused
    refused = cycles.make_assessment(record, an_assessment(ASSESSED, cycle=2), AS_TEACHER)
    assert refused.is_refused
    assert refused.findings[0].used["expected_cycle"] == 1


def test_needs_may_be_assessed_again_in_the_open_cycle_but_not_in_a_closed_one() -> None:
    assert not cycles.make_assessment(a_record(*WITH_PLAN), an_assessment(date(2025, 11, 3)), AS_TEACHER).is_refused
    assert cycles.make_assessment(after_a_review(), an_assessment(date(2026, 4, 1), cycle=1), AS_TEACHER).is_refused
    assert not cycles.make_assessment(after_a_review(), an_assessment(date(2026, 4, 1), cycle=2), AS_TEACHER).is_refused


def test_an_assessment_draws_on_teachers_progress_parents_and_pupil_with_the_senco() -> None:
    """Code of Practice 6.45; a source that could not be had gives the reason and is complete."""
    record = a_record(*ON_SUPPORT)
    full = an_assessment(ASSESSED, pupils_view=EvidenceSource(missing_because="Does not speak yet."))
    assert verdict(cycles.make_assessment(record, full, AS_TEACHER), approach.ANALYSE_NEEDS_FROM_ALL_SOURCES) is True
    thin = cycles.make_assessment(record, replace(full, parents_view=NOTHING, senco=None), AS_TEACHER)
    assert not thin.is_refused
    assert missing(thin, approach.ANALYSE_NEEDS_FROM_ALL_SOURCES) == ("parents_view", "senco")


def test_a_parent_cannot_write_the_schools_assessment() -> None:
    assert cycles.make_assessment(a_record(*ON_SUPPORT), an_assessment(ASSESSED), AS_MOTHER).is_refused


def test_a_plan_without_an_assessment_is_remarked_on_and_not_refused() -> None:
    decision = cycles.agree_plan(a_record(*ON_SUPPORT), a_plan(PLANNED, DUE), AS_TEACHER)
    assert not decision.is_refused
    assert verdict(decision, approach.ANALYSE_NEEDS_FROM_ALL_SOURCES) is False


@pytest.mark.parametrize(("review_on", "is_refused"), [(PLANNED, True), (date(2025, 9, 16), False)])
def test_a_plan_is_reviewed_after_the_day_it_is_agreed(review_on: date, is_refused: bool) -> None:
    record = a_record(*ON_SUPPORT, an_assessment(ASSESSED))
    assert cycles.agree_plan(record, a_plan(PLANNED, review_on), AS_TEACHER).is_refused is is_refused


def plan_with(**changes: object) -> Decision:
    record = a_record(*ON_SUPPORT, an_assessment(ASSESSED))
    return cycles.agree_plan(record, a_plan(PLANNED, DUE, **changes), AS_TEACHER)


def provision_with(**changes: object) -> tuple[Provision, ...]:
    return (replace(a_plan(PLANNED, DUE).provision[0], **changes),)  # type: ignore[arg-type]


def test_provision_serves_an_outcome_that_the_plan_has() -> None:
    assert plan_with(provision=provision_with(outcomes=(2,))).is_refused
    assert not plan_with(provision=provision_with(outcomes=(1,))).is_refused


def test_a_cycle_has_one_plan() -> None:
    refused = cycles.agree_plan(a_record(*WITH_PLAN), a_plan(date(2025, 10, 1), DUE), AS_TEACHER)
    assert refused.is_refused
    assert refused.findings[0].used == {"cycle": 1, "plan": 4}
    assert "corrects 4" in refused.findings[0].cure


def test_the_plan_of_a_closed_cycle_can_be_corrected() -> None:
    """The record is folded without the plan that is corrected; the number of the plan is 4."""
    record = after_a_review()
    assert cycles.agree_plan(record, a_plan(PLANNED, DUE), AS_TEACHER).is_refused
    assert not cycles.agree_plan(record.without(4), a_plan(PLANNED, DUE), AS_TEACHER).is_refused


def test_a_plan_is_agreed_in_consultation_with_parents_and_pupil() -> None:
    """Code of Practice 6.48."""
    rule = approach.AGREE_PLAN_WITH_PARENTS_AND_PUPIL
    assert verdict(plan_with(), rule) is True
    decision = plan_with(parents_consulted=Consulted(not_because="Did not answer."), outcomes=(), provision=())
    assert missing(decision, rule) == ("outcomes", "provision", "parents_consulted")


@pytest.mark.parametrize(
    ("text", "is_poor"),
    [
        ("15 hours of TA support a week", True),
        ("Full-time 1:1 adult", True),
        ("2 x 20 minutes of teaching assistant support per day in a small group", True),
        ("Reads a page aloud with support", False),
        ("Joins in a group for 20 minutes and takes turns", False),
    ],
)
def test_hours_of_help_are_not_an_outcome(text: str, is_poor: bool) -> None:
    """Code of Practice 9.66: an outcome is the difference made to a person."""
    assert is_only_hours(text) is is_poor
    outcome = replace(a_plan(PLANNED, DUE).outcomes[0], text=text)
    assert verdict(plan_with(outcomes=(outcome,)), approach.WRITE_OUTCOMES_NOT_HOURS) is not is_poor


def test_a_teaching_assistant_is_neither_responsible_nor_accountable() -> None:
    """Code of Practice 6.52: the class or subject teacher remains responsible."""
    decision = plan_with(responsible_teacher=ASSISTANT, provision=provision_with(accountable_teacher=ASSISTANT))
    assert verdict(decision, approach.NAME_ONE_RESPONSIBLE_TEACHER) is False
    assert verdict(decision, approach.KEEP_THE_TEACHER_RESPONSIBLE) is False
    assert verdict(plan_with(), approach.KEEP_THE_TEACHER_RESPONSIBLE) is True


def test_provision_says_what_it_rests_on_and_what_parents_can_do() -> None:
    """Code of Practice 6.50 and 6.51."""
    full = plan_with(provision=provision_with(evidence="Trial.", training="Trained."), home_contribution="Reads at home.")
    assert verdict(full, approach.CHOOSE_PROVISION_ON_EVIDENCE) is True
    assert verdict(full, approach.MAKE_PARENTS_AWARE_OF_THE_PLAN) is True
    assert missing(plan_with(), approach.CHOOSE_PROVISION_ON_EVIDENCE) == ("evidence for provision 1", "training for provision 1")
    assert verdict(plan_with(), approach.MAKE_PARENTS_AWARE_OF_THE_PLAN) is False


def moved(agreed_on: date, to: date = date(2026, 4, 24), on: date | None = None) -> ReviewDateMoved:
    return ReviewDateMoved(occurred_on=on or agreed_on, cycle=1, review_on=to, agreed_with_parents_on=agreed_on, reason="Illness.")


@pytest.mark.parametrize(("agreed_on", "is_kept"), [(date(2026, 3, 26), True), (DUE, False)])
def test_a_review_date_is_moved_with_the_parents_before_it_comes(agreed_on: date, is_kept: bool) -> None:
    """Code of Practice 6.53: a later day counts only when agreed before the first."""
    decision = cycles.move_review_date(a_record(*WITH_PLAN), moved(agreed_on), AS_TEACHER)
    assert not decision.is_refused
    assert verdict(decision, approach.REVIEW_BY_THE_AGREED_DATE) is is_kept


@pytest.mark.parametrize(
    "entry",
    [moved(date(2025, 12, 1), to=PLANNED), moved(date(2025, 12, 2), on=date(2025, 12, 1)), replace(moved(date(2025, 12, 1)), cycle=2)],
)
def test_a_review_date_cannot_move_to_the_plans_own_day_nor_before_the_talk_nor_without_a_plan(entry: ReviewDateMoved) -> None:
    assert cycles.move_review_date(a_record(*WITH_PLAN), entry, AS_TEACHER).is_refused


def test_staff_are_told_of_a_plan_and_nobody_is_told_of_none() -> None:
    """Code of Practice 6.49."""
    told = StaffTold(occurred_on=date(2025, 9, 16), cycle=1, staff=(ASSISTANT,))
    assert cycles.tell_staff(a_record(*ON_SUPPORT), told, AS_SENCO).is_refused
    assert verdict(cycles.tell_staff(a_record(*WITH_PLAN), told, AS_SENCO), approach.TELL_ALL_STAFF) is True
    others = replace(told, staff=(TEACHER,))
    assert verdict(cycles.tell_staff(a_record(*WITH_PLAN), others, AS_SENCO), approach.TELL_ALL_STAFF) is False


@pytest.mark.parametrize(("provision", "is_refused"), [(1, False), (2, True)])
def test_a_session_is_of_a_provision_in_the_plan(provision: int, is_refused: bool) -> None:
    session = SessionDelivered(
        occurred_on=date(2025, 9, 20), cycle=1, provision=provision, delivered_by=ASSISTANT, minutes=20, took_place=True
    )
    assert cycles.deliver_session(a_record(*WITH_PLAN), session, AS_TEACHER).is_refused is is_refused


def test_a_session_that_was_not_given_says_why() -> None:
    session = SessionDelivered(occurred_on=date(2025, 9, 20), cycle=1, provision=1, delivered_by=ASSISTANT, minutes=0, took_place=False)
    assert verdict(cycles.deliver_session(a_record(*WITH_PLAN), session, AS_TEACHER), approach.LOG_DELIVERY) is False
    said = replace(session, remark="Fire drill.")
    assert verdict(cycles.deliver_session(a_record(*WITH_PLAN), said, AS_TEACHER), approach.LOG_DELIVERY) is True


@pytest.mark.parametrize(("held_on", "is_kept"), [(DUE, True), (date(2026, 3, 28), False)])
def test_a_review_is_held_on_or_before_the_agreed_date_and_a_late_one_is_taken(held_on: date, is_kept: bool) -> None:
    """Code of Practice 6.53 and the Knowsley leaflet."""
    decision = cycles.hold_review(a_record(*WITH_PLAN), a_review(held_on), AS_TEACHER)
    assert not decision.is_refused
    assert verdict(decision, approach.REVIEW_BY_THE_AGREED_DATE) is is_kept


def test_there_is_no_review_of_no_plan_nor_before_it_nor_twice() -> None:
    assert cycles.hold_review(a_record(*ON_SUPPORT, an_assessment(ASSESSED)), a_review(DUE), AS_TEACHER).is_refused
    assert cycles.hold_review(a_record(*WITH_PLAN), a_review(date(2025, 9, 14)), AS_TEACHER).is_refused
    assert cycles.hold_review(after_a_review(), a_review(DUE), AS_TEACHER).is_refused


def test_a_review_rates_the_plans_outcomes_and_no_others() -> None:
    """Code of Practice 6.54."""
    stranger = OutcomeRated(outcome=2, impact=Impact.ACHIEVED, evidence="Seen.")
    assert cycles.hold_review(a_record(*WITH_PLAN), a_review(DUE, ratings=(stranger,)), AS_TEACHER).is_refused
    thin = cycles.hold_review(a_record(*WITH_PLAN), a_review(DUE, ratings=(), pupils_view=NOTHING), AS_TEACHER)
    assert missing(thin, approach.REVIEW_EACH_OUTCOME_WITH_VIEWS) == ("rating of outcome 1", "pupils_view")
    full = cycles.hold_review(a_record(*WITH_PLAN), a_review(DUE, parents_view=SAID), AS_TEACHER)
    assert verdict(full, approach.REVIEW_EACH_OUTCOME_WITH_VIEWS) is True


LITTLE = (OutcomeRated(outcome=1, impact=Impact.LITTLE_OR_NO_PROGRESS, evidence="Same words as before."),)
SOME = (OutcomeRated(outcome=1, impact=Impact.SOME_PROGRESS, evidence="A few more words."),)


@pytest.mark.parametrize(
    ("first", "second", "step", "is_kept"),
    [
        (LITTLE, LITTLE, NextStep.CONTINUE, False),
        (LITTLE, LITTLE, NextStep.INVOLVE_SPECIALIST, True),
        (SOME, LITTLE, NextStep.CONTINUE, None),
        (LITTLE, SOME, NextStep.CONTINUE, None),
    ],
)
def test_a_specialist_is_involved_where_little_progress_goes_on_for_two_reviews(
    first: tuple[OutcomeRated, ...], second: tuple[OutcomeRated, ...], step: NextStep, is_kept: bool | None
) -> None:
    """Code of Practice 6.59."""
    record = after_a_review(a_plan(date(2026, 4, 1), date(2026, 7, 1), cycle=2), ratings=first)
    review: ReviewHeld = a_review(date(2026, 7, 1), cycle=2, ratings=second, next_step=step)
    assert verdict(cycles.hold_review(record, review, AS_TEACHER), approach.INVOLVE_A_SPECIALIST) is is_kept


def test_support_ends_at_a_review_that_decided_so() -> None:
    """Code of Practice 6.15 and 6.54; the review's number is 5."""
    decided = after_a_review(next_step=NextStep.END_SUPPORT)
    undecided = after_a_review(next_step=NextStep.CONTINUE)
    ended = support_ended(date(2026, 3, 23), review=5)
    assert verdict(cycles.end_support(decided, ended, AS_SENCO), approach.END_SUPPORT_AT_A_REVIEW) is True
    assert verdict(cycles.end_support(undecided, ended, AS_SENCO), approach.END_SUPPORT_AT_A_REVIEW) is False
    assert cycles.end_support(decided, support_ended(date(2026, 3, 23), review=4), AS_SENCO).is_refused


def test_support_that_a_pupil_does_not_have_cannot_end() -> None:
    never = a_record(enrolled(), imported(SenStatus.NONE, date(2015, 9, 1)))
    assert cycles.end_support(never, support_ended(date(2026, 3, 23), review=5), AS_SENCO).is_refused


def test_chapter_6_is_not_held_against_a_special_school() -> None:
    school = a_school(kind=SchoolType.MAINTAINED_SPECIAL)
    plan: PlanAgreed = a_plan(PLANNED, DUE)
    assert cycles.agree_plan(a_record(*ON_SUPPORT, school=school), plan, AS_TEACHER).findings == ()


def test_an_unknown_cycle_is_nowhere_reviewed() -> None:
    entry = a_review(DUE, cycle=9)
    assert cycles.hold_review(a_record(*WITH_PLAN, pupil=UUID(int=0x101)), entry, AS_TEACHER).is_refused
