"""Which steps exist and which do not, asked of the steps themselves."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.author import AuthorKind
from app.domain.codes import SenStatus
from app.domain.entries import (
    ConcernAnswered,
    DepartureExplained,
    Impact,
    OutcomeRated,
    PersonTold,
    PlanAgreed,
    ReviewHeld,
    SenDecided,
    SessionDelivered,
    StatusImported,
    SupportEnded,
    TransitionDecided,
)
from app.domain.next_steps import next_steps
from app.domain.record import Record
from app.domain.school import School
from app.domain.steps import STEPS
from app.domain.trials import trials
from tests.domain.builders import (
    PUPIL,
    ROLES,
    SENCO,
    a_concern,
    a_contact,
    a_plan,
    a_record,
    a_review,
    an_assessment,
    enrolled,
    imported,
    sen_decided,
)
from tests.domain.test_any_entry import QUICK, RECORDS

ON = date(2015, 12, 1)
PLANNED = (enrolled(), a_contact(), sen_decided(date(2015, 9, 7)), an_assessment(date(2015, 9, 14)), a_plan(date(2015, 9, 21), ON))


def exist(record: Record, on: date = ON) -> set[type]:
    return {possible.kind for possible in next_steps(record, on) if possible.exists}


@pytest.mark.parametrize("kind", list(STEPS), ids=lambda kind: kind.type)
def test_an_entry_of_every_kind_can_be_tried_on_any_record(kind):
    for record in (a_record(), a_record(*PLANNED)):
        made = list(trials(record, kind, ON, SENCO))
        assert made and {type(entry) for entry in made} == {kind} and {entry.occurred_on for entry in made} == {ON}


def test_every_step_is_answered_for_once():
    assert [possible.kind for possible in next_steps(a_record(*PLANNED), ON)] == list(STEPS)


@QUICK
@given(RECORDS, st.dates(date(2010, 1, 1), date(2040, 12, 31)))
def test_a_step_that_is_said_to_exist_is_accepted_by_the_step_itself_and_any_other_is_refused_with_its_reason(record, on):
    for possible in next_steps(record, on):
        decision = STEPS[possible.kind](record, possible.entry, possible.author)
        assert not (possible.exists and decision.is_refused)
        if not possible.exists:
            assert possible.refusal.rule.cites and not possible.refusal.kept
            assert possible.refusal.cure or possible.refusal.missing or possible.refusal.used


def test_a_review_exists_once_there_is_a_plan_and_the_next_plan_once_it_is_reviewed():
    """Code of Practice 6.53: there is nothing to review without a plan."""
    before, planned, reviewed = a_record(*PLANNED[:4]), a_record(*PLANNED), a_record(*PLANNED, a_review(date(2015, 11, 30)))
    assert PlanAgreed in exist(before) and ReviewHeld not in exist(before) and SessionDelivered not in exist(before)
    assert {ReviewHeld, SessionDelivered} <= exist(planned) and PlanAgreed not in exist(planned)
    assert PlanAgreed in exist(reviewed) and SupportEnded in exist(reviewed)
    assert SupportEnded not in exist(planned)


def test_a_refusal_says_what_is_missing_and_what_to_do():
    (review,) = [possible for possible in next_steps(a_record(*PLANNED[:4]), ON) if possible.kind is ReviewHeld]
    assert (review.refusal.rule.id, review.refusal.missing, review.refusal.cure) == (
        "agree-plan-with-parents-and-pupil",
        ("plan",),
        "agree a plan first",
    )


def test_the_transition_is_decided_for_who_is_on_school_action_and_for_nobody_else():
    held = {code: a_record(enrolled(), imported(code, date(2014, 9, 1))) for code in (SenStatus.SCHOOL_ACTION, SenStatus.SEN_SUPPORT)}
    assert TransitionDecided in exist(held[SenStatus.SCHOOL_ACTION])
    assert TransitionDecided not in exist(held[SenStatus.SEN_SUPPORT])
    assert SenDecided in exist(a_record(enrolled()))


def test_what_answers_something_exists_once_there_is_something_to_answer():
    assert ConcernAnswered not in exist(a_record(enrolled()))
    assert ConcernAnswered in exist(a_record(enrolled(), a_concern(date(2015, 11, 2))))
    assert PersonTold in exist(a_record(*PLANNED)) and PersonTold not in exist(a_record(enrolled(), a_contact()))
    assert DepartureExplained in exist(a_record(*PLANNED))


def test_nothing_but_the_roll_and_what_goes_on_exists_for_a_pupil_who_left_or_is_not_there_yet():
    assert ReviewHeld in exist(a_record(*PLANNED))
    assert ReviewHeld not in exist(a_record(*PLANNED), date(2014, 8, 31))


def test_an_import_is_tried_under_the_name_of_somebody_at_the_school_and_a_school_without_staff_takes_no_step_of_staff():
    (load,) = [possible for possible in next_steps(a_record(enrolled()), ON) if possible.kind is StatusImported]
    assert (load.author.kind, load.author.id in ROLES) == (AuthorKind.IMPORT, True)
    nobody = Record.fold(School(), a_record(*PLANNED).known, PUPIL)
    assert {ReviewHeld, PlanAgreed, SenDecided}.isdisjoint(exist(nobody))


def test_ratings_are_of_the_outcomes_that_were_planned():
    (entry,) = trials(a_record(*PLANNED), ReviewHeld, ON, SENCO)
    assert entry.ratings == (OutcomeRated(outcome=1, impact=Impact.GOOD_PROGRESS, evidence="-"),)
