"""Duties derived from a record, each with both sides of its boundary."""

from datetime import date

import pytest

from app.domain.codes import NeedType, SenStatus, StaffRole
from app.domain.departures import explain_departure
from app.domain.entries import (
    ConcernAnswered,
    DepartureExplained,
    Entry,
    Erased,
    Judgement,
    NextStep,
    PupilLeft,
    Raiser,
    RoleEnded,
    StaffTold,
)
from app.domain.obligation import Obligation, State
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules import transition_2014_2015 as transition
from app.domain.rules.code_of_practice_2015 import graduated_approach as approach
from app.domain.rules.code_of_practice_2015 import identification
from app.domain.school import School
from tests.domain.builders import (
    A_SCHOOL,
    AS_SENCO,
    AS_TEACHER,
    ASSISTANT,
    HEAD,
    TEACHER,
    a_concern,
    a_contact,
    a_discussion,
    a_plan,
    a_record,
    a_review,
    a_school,
    a_transition,
    enrolled,
    imported,
    need_imported,
    needs_set,
    plan_issued,
    recorded,
    sen_decided,
    support_ended,
)

STARTED, PLANNED, DUE = date(2025, 9, 10), date(2025, 9, 15), date(2026, 3, 27)
LATER = date(2026, 8, 31)


def owed(record: Record, rule: Rule, until: date = LATER) -> list[Obligation]:
    return [found for found in obligations(record, until=until) if found.rule is rule]


def states(record: Record, rule: Rule, day: date) -> list[State | None]:
    return [found.state_on(day) for found in owed(record, rule, until=day)]


def on_support(*entries: Entry, school: School = A_SCHOOL) -> Record:
    return a_record(enrolled(), a_contact(), sen_decided(STARTED), *entries, school=school)


def on_school_action(*entries: Entry, status: SenStatus = SenStatus.SCHOOL_ACTION) -> Record:
    return a_record(enrolled(), a_contact(), imported(status, date(2012, 9, 3)), *entries)


@pytest.mark.parametrize(("held_on", "state"), [(DUE, State.KEPT), (date(2026, 3, 28), State.KEPT_LATE)])
def test_a_review_is_held_on_or_before_the_date_agreed_in_the_plan(held_on: date, state: State) -> None:
    """Code of Practice 6.53; the Knowsley leaflet says the same in these words."""
    record = on_support(a_plan(PLANNED, DUE), a_review(held_on))
    assert states(record, approach.REVIEW_BY_THE_AGREED_DATE, LATER) == [state]


@pytest.mark.parametrize(("day", "state"), [(DUE, State.DUE), (date(2026, 3, 28), State.BROKEN)])
def test_a_review_that_is_not_held_is_missed_the_day_after(day: date, state: State) -> None:
    assert states(on_support(a_plan(PLANNED, DUE)), approach.REVIEW_BY_THE_AGREED_DATE, day) == [state]


def test_no_review_is_owed_once_support_has_ended() -> None:
    ended = support_ended(date(2026, 2, 2), review=99)
    assert states(on_support(a_plan(PLANNED, DUE), ended), approach.REVIEW_BY_THE_AGREED_DATE, LATER) == [None]


def test_an_ehc_plan_does_not_end_the_review_of_the_cycle() -> None:
    record = on_support(a_plan(PLANNED, DUE), plan_issued(date(2026, 2, 2)))
    assert states(record, approach.REVIEW_BY_THE_AGREED_DATE, LATER) == [State.BROKEN]


def test_every_day_on_support_without_a_plan_breaks_the_duty_to_have_one() -> None:
    """Code of Practice 6.44: the gap opens with the decision and closes with the plan."""
    record = on_support(a_plan(PLANNED, DUE))
    (gap,) = owed(record, approach.HAVE_A_PLAN_ON_SEN_SUPPORT)
    assert (gap.arises_on, gap.met_on) == (STARTED, PLANNED)
    assert [gap.state_on(day) for day in (date(2025, 9, 9), STARTED, date(2025, 9, 14), PLANNED)] == [
        None,
        State.BROKEN,
        State.BROKEN,
        State.KEPT_LATE,
    ]
    assert owed(on_support(a_plan(STARTED, DUE)), approach.HAVE_A_PLAN_ON_SEN_SUPPORT) == []


@pytest.mark.parametrize(("next_plan_on", "gaps"), [(DUE, 0), (date(2026, 3, 28), 1)])
def test_the_next_cycles_plan_follows_its_review(next_plan_on: date, gaps: int) -> None:
    record = on_support(a_plan(STARTED, DUE), a_review(DUE), a_plan(next_plan_on, date(2026, 7, 1), cycle=2))
    assert len(owed(record, approach.HAVE_A_PLAN_ON_SEN_SUPPORT)) == gaps


def test_a_review_that_ends_support_asks_for_no_further_plan() -> None:
    record = on_support(a_plan(STARTED, DUE), a_review(DUE, next_step=NextStep.END_SUPPORT))
    assert owed(record, approach.HAVE_A_PLAN_ON_SEN_SUPPORT) == []


def test_a_teacher_who_leaves_the_role_leaves_the_support_without_one() -> None:
    """The Knowsley leaflet: parents know who is responsible; the first day out of the role is the first day of the gap."""
    leaves = date(2025, 12, 1)
    school = a_school(RoleEnded(occurred_on=leaves, staff=TEACHER, role=StaffRole.TEACHER))
    record = on_support(a_plan(STARTED, DUE), school=school)
    assert [gap.arises_on for gap in owed(record, approach.NAME_ONE_RESPONSIBLE_TEACHER)] == [leaves]
    assert owed(on_support(a_plan(STARTED, DUE)), approach.NAME_ONE_RESPONSIBLE_TEACHER) == []


def test_a_plan_that_names_nobody_who_teaches_closes_no_gap() -> None:
    (gap,) = owed(on_support(a_plan(STARTED, DUE, responsible_teacher=ASSISTANT)), approach.NAME_ONE_RESPONSIBLE_TEACHER)
    assert gap.state_on(LATER) is State.BROKEN


@pytest.mark.parametrize(("told_on", "state"), [(date(2025, 9, 22), State.KEPT), (date(2025, 9, 23), State.KEPT_LATE)])
def test_all_staff_in_the_plan_are_told_within_the_schools_days(told_on: date, state: State) -> None:
    """Code of Practice 6.49; telling somebody else does not tell the one who gives the support."""
    told = StaffTold(occurred_on=told_on, cycle=1, staff=(ASSISTANT,))
    other = StaffTold(occurred_on=PLANNED, cycle=1, staff=(HEAD,))
    assert states(on_support(a_plan(PLANNED, DUE), other, told), approach.TELL_ALL_STAFF, LATER) == [state]
    assert states(on_support(a_plan(PLANNED, DUE), other), approach.TELL_ALL_STAFF, LATER) == [State.BROKEN]


@pytest.mark.parametrize(
    ("decided_on", "state"),
    [
        (date(2014, 9, 1), State.KEPT),
        (date(2015, 8, 31), State.KEPT),
        (date(2015, 9, 1), State.KEPT_LATE),
        (date(2026, 3, 2), State.KEPT_LATE),
    ],
)
@pytest.mark.parametrize("judgement", list(Judgement))
def test_each_pupil_on_school_action_is_decided_on_by_the_end_of_august_2015(decided_on: date, state: State, judgement: Judgement) -> None:
    """The Knowsley leaflet: no pupil moves automatically; to SEN Support or to nothing, a decision it is."""
    record = on_school_action(a_transition(decided_on, judgement))
    assert states(record, transition.DECIDE_EACH_SCHOOL_ACTION_PUPIL, date(2026, 3, 2)) == [state]


@pytest.mark.parametrize(("day", "state"), [(date(2015, 8, 31), State.DUE), (date(2015, 9, 1), State.BROKEN)])
def test_who_was_never_looked_at_again_is_overdue_from_september_2015(day: date, state: State) -> None:
    assert states(on_school_action(), transition.DECIDE_EACH_SCHOOL_ACTION_PUPIL, day) == [state]


def test_an_open_school_action_is_a_breach_even_before_the_schools_record_begins() -> None:
    school = a_school(record_begins_on=date(2026, 1, 5))
    record = a_record(enrolled(), imported(SenStatus.SCHOOL_ACTION_PLUS, date(2012, 9, 3)), school=school)
    assert states(record, transition.DECIDE_EACH_SCHOOL_ACTION_PUPIL, date(2026, 1, 5)) == [State.BROKEN]


@pytest.mark.parametrize(("left_on", "state"), [(date(2015, 8, 31), None), (date(2015, 9, 1), State.BROKEN)])
def test_a_pupil_who_left_in_the_window_need_not_be_decided_on(left_on: date, state: State | None) -> None:
    record = on_school_action(PupilLeft(occurred_on=left_on, reason="Moved away."))
    assert states(record, transition.DECIDE_EACH_SCHOOL_ACTION_PUPIL, date(2016, 1, 1)) == [state]


def test_an_ehc_plan_ends_the_question_of_the_transition() -> None:
    record = on_school_action(plan_issued(date(2015, 3, 2)))
    assert states(record, transition.DECIDE_EACH_SCHOOL_ACTION_PUPIL, date(2016, 1, 1)) == [None]


def test_school_action_that_ended_before_the_reform_is_history() -> None:
    record = on_school_action(imported(SenStatus.NONE, date(2014, 9, 1)))
    assert owed(record, transition.DECIDE_EACH_SCHOOL_ACTION_PUPIL) == []


@pytest.mark.parametrize(("typed_on", "state"), [(date(2015, 1, 14), State.KEPT), (date(2015, 1, 15), State.KEPT_LATE)])
def test_a_type_is_set_before_the_spring_census_after_the_move(typed_on: date, state: State) -> None:
    """Census day is 15 January 2015; NSA is a type."""
    record = on_school_action(a_transition(date(2014, 11, 3)), needs_set(typed_on, NeedType.NSA))
    assert states(record, transition.SET_A_TYPE_AFTER_SCHOOL_ACTION, date(2015, 2, 1)) == [state]


def test_a_type_held_already_is_enough_unless_it_is_besd() -> None:
    for need, state in ((NeedType.MLD, State.KEPT), (NeedType.BESD, State.BROKEN)):
        record = on_school_action(
            need_imported(need, date(2012, 9, 3)), a_transition(date(2014, 11, 3)), status=SenStatus.SCHOOL_ACTION_PLUS
        )
        assert states(record, transition.SET_A_TYPE_AFTER_SCHOOL_ACTION, date(2015, 2, 1)) == [state]


@pytest.mark.parametrize(("assessed_on", "state"), [(date(2016, 1, 20), State.KEPT), (date(2016, 1, 21), State.KEPT_LATE)])
def test_besd_is_assessed_anew_before_the_spring_census_after_that_of_january_2015(assessed_on: date, state: State) -> None:
    """Written answers of 5 January 2015 and 29 March 2018: SEMH is not a direct replacement."""
    record = on_school_action(need_imported(NeedType.BESD, date(2012, 9, 3)), needs_set(assessed_on, NeedType.SLCN))
    assert states(record, transition.ASSESS_BESD_ANEW, date(2016, 2, 1)) == [state]


@pytest.mark.parametrize(("day", "found"), [(date(2018, 3, 31), []), (date(2018, 4, 1), [State.BROKEN])])
def test_a_statement_may_stand_until_the_end_of_march_2018(day: date, found: list[State]) -> None:
    """Census error 2115."""
    record = a_record(enrolled(), imported(SenStatus.STATEMENT, date(2010, 1, 4)))
    assert states(record, transition.RECODE_AN_OPEN_STATEMENT, day) == found


@pytest.mark.parametrize(("answered_on", "state"), [(date(2025, 10, 15), State.KEPT), (date(2025, 10, 16), State.KEPT_LATE)])
@pytest.mark.parametrize(
    ("raiser", "rule"), [(Raiser.PARENT, identification.ANSWER_A_PARENTS_CONCERN), (Raiser.PUPIL, identification.ANSWER_A_PUPILS_CONCERN)]
)
def test_a_concern_is_answered_within_the_schools_fortnight(answered_on: date, state: State, raiser: Raiser, rule: Rule) -> None:
    """Code of Practice 6.20 and 6.45 name no number; the fourteen days are our default."""
    answer = ConcernAnswered(occurred_on=answered_on, concern=2, answer="We see it too.")
    record = a_record(enrolled(), a_concern(date(2025, 10, 1), raiser), answer)
    assert states(record, rule, LATER) == [state]


def test_a_teachers_own_concern_is_owed_no_answer() -> None:
    record = a_record(enrolled(), a_concern(date(2025, 10, 1), Raiser.TEACHER))
    assert not owed(record, identification.ANSWER_A_PARENTS_CONCERN)
    assert not owed(record, identification.ANSWER_A_PUPILS_CONCERN)


@pytest.mark.parametrize(
    ("given_on", "state"), [(date(2025, 10, 8), State.KEPT), (date(2025, 10, 9), State.KEPT_LATE), (None, State.BROKEN)]
)
def test_parents_get_a_short_note_of_the_early_discussion(given_on: date | None, state: State) -> None:
    """Code of Practice 6.39."""
    record = a_record(enrolled(), a_discussion(date(2025, 10, 1), note_given_on=given_on))
    assert states(record, identification.GIVE_PARENTS_A_SHORT_NOTE, LATER) == [state]


def departure(rule: str, occasion: str = "cycle 1", on: date = date(2026, 4, 1)) -> DepartureExplained:
    return DepartureExplained(occurred_on=on, rule=rule, occasion=occasion, reason="The pupil was in hospital.")


def test_guidance_is_departed_from_with_a_recorded_reason_and_statute_is_not() -> None:
    record = on_support(a_plan(PLANNED, DUE))
    review = departure("review-by-the-agreed-date")
    assert not explain_departure(record, review, AS_SENCO).is_refused
    assert explain_departure(record, departure(act.INFORM_PARENTS_OF_SEN_PROVISION.id, "3"), AS_SENCO).is_refused
    after = on_support(a_plan(PLANNED, DUE), review)
    assert states(after, approach.REVIEW_BY_THE_AGREED_DATE, LATER) == [State.DEPARTED]


@pytest.mark.parametrize(
    "entry", [departure("no-such-rule"), departure("review-by-the-agreed-date", "cycle 2"), departure("tell-all-staff", on=STARTED)]
)
def test_there_is_no_departure_from_what_was_never_owed(entry: DepartureExplained) -> None:
    assert explain_departure(on_support(a_plan(PLANNED, DUE)), entry, AS_SENCO).is_refused


def test_a_teacher_alone_does_not_explain_a_departure() -> None:
    assert explain_departure(on_support(a_plan(PLANNED, DUE)), departure("review-by-the-agreed-date"), AS_TEACHER).is_refused


def test_where_a_review_was_erased_it_is_not_known_whether_one_was_held() -> None:
    erased = Erased(occurred_on=DUE, erased_type="review.held")
    assert states(on_support(a_plan(PLANNED, DUE), erased), approach.REVIEW_BY_THE_AGREED_DATE, LATER) == [State.NOT_KNOWN]


@pytest.mark.parametrize(("until", "count"), [(date(2025, 9, 14), 0), (PLANNED, 1)])
def test_duties_are_listed_from_the_day_they_arise(until: date, count: int) -> None:
    assert len(owed(on_support(a_plan(PLANNED, DUE)), approach.TELL_ALL_STAFF, until)) == count


def test_a_record_gives_the_same_duties_in_the_same_order_however_its_entries_came() -> None:
    entries = [
        recorded(e, n) for n, e in enumerate([enrolled(), a_contact(), sen_decided(STARTED), a_plan(PLANNED, DUE), a_review(DUE)], 1)
    ]
    forwards, backwards = a_record(*entries), a_record(*reversed(entries))
    assert list(obligations(forwards, until=LATER)) == list(obligations(backwards, until=LATER))
    keys = [found.key for found in obligations(forwards, until=LATER)]
    assert len(keys) == len(set(keys))


def test_a_school_that_was_never_described_owes_nothing() -> None:
    assert list(obligations(on_support(a_plan(PLANNED, DUE), school=School()), until=LATER)) == []


def test_a_gap_that_opened_before_the_record_begins_is_not_known_even_once_it_is_closed() -> None:
    record = on_support(a_plan(PLANNED, DUE), school=a_school(record_begins_on=date(2025, 9, 11)))
    assert states(record, approach.HAVE_A_PLAN_ON_SEN_SUPPORT, LATER) == [State.NOT_KNOWN]
