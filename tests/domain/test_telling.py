"""Telling the people with the right to know: by when, whom, and what undoes it."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from app.domain import telling
from app.domain.codes import SchoolType, SenStatus
from app.domain.entries import Entry, Judgement, Matter, PersonTold, Recorded, SettingChanged, SettingName, Telling, TellingUndone
from app.domain.obligation import Obligation, State
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules import education_act_1996, transition_2014_2015
from app.domain.rules.code_of_practice_2015 import graduated_approach as approach
from app.domain.rules.code_of_practice_2015 import identification
from tests.domain.builders import (
    AS_CLIENT,
    AS_SENCO,
    FATHER,
    GRANDMOTHER,
    MOTHER,
    PUPIL,
    a_contact,
    a_plan,
    a_record,
    a_review,
    a_school,
    a_transition,
    enrolled,
    imported,
    recorded,
    sen_decided,
    support_ended,
)

DECIDED = date(2025, 9, 10)
NOTICE = UUID(int=0x700)
FAMILY = (enrolled(), a_contact(MOTHER), a_contact(FATHER))


def told(person: UUID, on: date, about: int = 4, matter: Matter = Matter.SEN_PROVISION) -> PersonTold:
    return PersonTold(occurred_on=on, person=person, matter=matter, about=about, notice=NOTICE, how=Telling.DELIVERED)


def decided(*entries: Entry, day: date = DECIDED) -> Record:
    """Mother and father known, and a decision for SEN Support whose number is 4."""
    return a_record(*FAMILY, sen_decided(day), *entries)


def owed(record: Record, rule: Rule, until: date = date(2026, 8, 31)) -> list[Obligation]:
    return [found for found in obligations(record, until=until) if found.rule is rule]


@pytest.mark.parametrize(
    ("told_on", "state"), [(date(2025, 9, 17), State.KEPT), (date(2025, 9, 18), State.KEPT_LATE), (None, State.BROKEN)]
)
def test_a_parent_is_told_that_provision_is_made_within_the_schools_days(told_on: date | None, state: State) -> None:
    """Children and Families Act 2014, section 68; the seven days are our default and the last is inside."""
    record = decided(told(MOTHER, told_on)) if told_on else decided()
    to_mother = next(found for found in owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION) if found.person == MOTHER)
    assert to_mother.state_on(date(2025, 9, 18)) is state


def test_telling_one_parent_does_not_tell_the_other() -> None:
    met = {found.person: found.met_on for found in owed(decided(told(MOTHER, DECIDED)), act.INFORM_PARENTS_OF_SEN_PROVISION)}
    assert met == {MOTHER: DECIDED, FATHER: None}


def test_the_days_run_from_the_start_of_the_provision_and_are_the_schools_to_set() -> None:
    starts = date(2025, 9, 22)
    setting = SettingChanged(occurred_on=date(2025, 9, 1), setting=SettingName.TELL_WITHIN_DAYS, value=3)
    record = a_record(*FAMILY, sen_decided(DECIDED, provision_starts_on=starts), school=a_school(setting))
    assert {(o.arises_on, o.due) for o in owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION)} == {(starts, starts + timedelta(days=3))}


@pytest.mark.parametrize(("day", "persons"), [(date(2026, 6, 26), {MOTHER, FATHER}), (date(2026, 6, 27), {PUPIL})])
def test_past_compulsory_school_age_the_young_person_is_told_instead(day: date, persons: set[UUID]) -> None:
    """Sixteen on 1 September 2025, of compulsory school age until the last Friday in June 2026."""
    record = a_record(enrolled(born=date(2009, 9, 1)), a_contact(MOTHER), a_contact(FATHER), sen_decided(day))
    assert {found.person for found in owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION, until=day)} == persons


def test_nobody_left_to_tell_is_not_known_and_never_kept() -> None:
    record = a_record(enrolled(), a_contact(MOTHER, information_restricted=True), sen_decided(DECIDED))
    (found,) = owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION)
    assert found.state_on(date(2025, 12, 1)) is State.NOT_KNOWN


@pytest.mark.parametrize(("barred_on", "state"), [(date(2025, 9, 17), None), (date(2025, 9, 18), State.BROKEN)])
def test_nothing_is_owed_to_a_person_barred_before_the_last_day_was_over(barred_on: date, state: State | None) -> None:
    record = decided(a_contact(FATHER, on=barred_on, information_restricted=True))
    to_father = next(found for found in owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION) if found.person == FATHER)
    assert to_father.state_on(date(2025, 10, 1)) is state


@pytest.mark.parametrize(
    ("barred_on", "back_on", "due"),
    [
        (date(2025, 9, 12), date(2025, 9, 15), date(2025, 9, 22)),
        (date(2025, 9, 17), date(2025, 10, 1), date(2025, 10, 8)),
        (date(2025, 9, 18), date(2025, 10, 1), date(2025, 9, 17)),
    ],
)
def test_who_was_barred_in_time_and_may_be_told_again_has_as_many_days_again(barred_on: date, back_on: date, due: date) -> None:
    """The seven days after 10 September end on the 17th, inside; who was barred after them had not been told in time."""
    barred, back = a_contact(FATHER, on=barred_on, information_restricted=True), a_contact(FATHER, on=back_on)
    to_father = next(found for found in owed(decided(barred, back), act.INFORM_PARENTS_OF_SEN_PROVISION) if found.person == FATHER)
    assert to_father.due == due
    assert [to_father.state_on(due + timedelta(days=days)) for days in (0, 1)] == [State.DUE, State.BROKEN]


def test_a_move_to_sen_support_is_told_under_the_act_and_under_the_transition() -> None:
    came = (*FAMILY[:2], imported(SenStatus.SCHOOL_ACTION, date(2012, 9, 3)))
    record = a_record(*came, a_transition(date(2014, 11, 3)), told(MOTHER, date(2014, 11, 5), matter=Matter.TRANSITION))
    for rule in (act.INFORM_PARENTS_OF_SEN_PROVISION, transition_2014_2015.TELL_OF_THE_TRANSITION_DECISION):
        (found,) = owed(record, rule)
        assert found.state_on(date(2014, 11, 5)) is State.KEPT
    stays = a_record(*came, a_transition(date(2014, 11, 3), Judgement.NO_SEN))
    assert owed(stays, act.INFORM_PARENTS_OF_SEN_PROVISION) == []
    assert len(owed(stays, transition_2014_2015.TELL_OF_THE_TRANSITION_DECISION)) == 1


def test_no_sen_a_plan_a_review_and_the_end_of_support_are_told_too() -> None:
    day = date(2025, 10, 1)
    record = decided(a_plan(day, date(2025, 12, 12)), a_review(date(2025, 12, 12)), support_ended(date(2025, 12, 15), review=6))
    assert {found.due for found in owed(record, approach.MAKE_PARENTS_AWARE_OF_THE_PLAN)} == {date(2025, 10, 8)}
    assert {found.due for found in owed(record, approach.EXPLAIN_THE_IMPACT_TO_PARENTS)} == {date(2025, 12, 26)}
    assert {found.due for found in owed(record, approach.END_SUPPORT_AT_A_REVIEW)} == {date(2025, 12, 22)}
    no_sen = a_record(*FAMILY, sen_decided(DECIDED, Judgement.NO_SEN))
    assert len(owed(no_sen, identification.GIVE_REASONS_FOR_NO_SEN)) == 2


def test_support_that_began_elsewhere_was_to_be_told_elsewhere() -> None:
    record = a_record(*FAMILY, imported(SenStatus.SEN_SUPPORT, date(2015, 1, 8)))
    (found,) = owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION)
    assert found.state_on(date(2025, 1, 8)) is State.NOT_KNOWN


def test_what_fell_before_the_schools_record_begins_is_not_known() -> None:
    school = a_school(record_begins_on=date(2025, 9, 18))
    before = a_record(*FAMILY, sen_decided(DECIDED), school=school)
    on_the_day = a_record(*FAMILY, sen_decided(DECIDED), school=a_school(record_begins_on=date(2025, 9, 17)))
    assert {o.state_on(date(2025, 10, 1)) for o in owed(before, act.INFORM_PARENTS_OF_SEN_PROVISION)} == {State.NOT_KNOWN}
    assert {o.state_on(date(2025, 10, 1)) for o in owed(on_the_day, act.INFORM_PARENTS_OF_SEN_PROVISION)} == {State.BROKEN}


@pytest.mark.parametrize(
    ("kind", "count"), [(SchoolType.MAINTAINED_SPECIAL, 2), (SchoolType.HOSPITAL_SPECIAL, 0), (SchoolType.FURTHER_EDUCATION, 0)]
)
def test_the_duty_falls_on_the_schools_that_section_68_names(kind: SchoolType, count: int) -> None:
    record = a_record(*FAMILY, sen_decided(DECIDED), school=a_school(kind=kind))
    assert len(owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION)) == count


def test_a_bounce_opens_the_duty_again() -> None:
    record = decided(told(MOTHER, DECIDED))
    bounce = TellingUndone(occurred_on=date(2025, 9, 11), notice=NOTICE, reason="Bounced.")
    assert not telling.undo_telling(record, bounce, AS_CLIENT).is_refused
    after = decided(told(MOTHER, DECIDED), bounce)
    assert {found.met_on for found in owed(after, act.INFORM_PARENTS_OF_SEN_PROVISION)} == {None}
    assert telling.undo_telling(after, bounce, AS_CLIENT).is_refused


@pytest.mark.parametrize(
    "entry",
    [
        told(MOTHER, DECIDED, about=99),
        told(MOTHER, DECIDED, matter=Matter.PLAN),
        told(MOTHER, date(2025, 9, 9)),
        told(GRANDMOTHER, DECIDED),
    ],
)
def test_nobody_is_told_of_nothing_on_another_matter_before_it_was_or_without_being_known(entry: PersonTold) -> None:
    assert telling.record_telling(decided(), entry, AS_SENCO).is_refused


def test_telling_a_person_who_may_not_know_is_recorded_and_remarked_on() -> None:
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER, information_restricted=True), sen_decided(DECIDED))
    decision = telling.record_telling(record, told(FATHER, DECIDED), AS_SENCO)
    assert not decision.is_refused
    assert [finding.kept for finding in decision.findings if finding.rule is education_act_1996.TREAT_CARERS_AS_PARENTS] == [False]
    assert [finding.kept for finding in telling.record_telling(record, told(MOTHER, DECIDED), AS_SENCO).findings] == [True]


def test_a_late_telling_is_taken_and_remarked_on() -> None:
    decision = telling.record_telling(decided(), told(MOTHER, date(2025, 9, 18)), AS_SENCO)
    assert not decision.is_refused
    assert [finding.kept for finding in decision.findings] == [False]


def test_a_telling_may_arrive_after_the_entry_it_tells_of_was_corrected() -> None:
    corrected: Recorded = recorded(sen_decided(DECIDED), 5, supersedes=4)
    assert not telling.record_telling(decided(corrected), told(MOTHER, DECIDED), AS_CLIENT).is_refused  # type: ignore[arg-type]


@pytest.mark.parametrize(("told_on", "persons"), [(None, {MOTHER: None, PUPIL: State.BROKEN}), (date(2026, 6, 26), {MOTHER: State.KEPT})])
def test_rights_that_pass_while_a_parent_is_still_to_be_told_make_it_the_young_persons(
    told_on: date | None, persons: dict[UUID, State | None]
) -> None:
    """Decided on 22 June 2026, to be told by the 29th; the pupil is a young person from the 27th."""
    entries = [enrolled(born=date(2009, 9, 1)), a_contact(MOTHER), sen_decided(date(2026, 6, 22))]
    record = a_record(*entries, told(MOTHER, told_on, about=3)) if told_on else a_record(*entries)
    found = {o.person: o.state_on(date(2026, 7, 1)) for o in owed(record, act.INFORM_PARENTS_OF_SEN_PROVISION)}
    assert found == persons
