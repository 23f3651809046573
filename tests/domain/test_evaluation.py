"""Entries told by somebody else are taken as the steps they would have been; what they come to is what folding by hand gives."""

from datetime import date
from uuid import UUID

import pytest

from app.domain.author import AuthorKind
from app.domain.codes import SchoolType, SenStatus, StaffRole
from app.domain.entries import EntryWithdrawn, RoleGiven, SchoolDescribed, SettingChanged, SettingName, TermDated, TermName
from app.domain.evaluation import evaluate, evaluation_of, horizon_after
from app.domain.obligations import obligations, school_obligations
from app.domain.replay import UNNAMED, Told, replay
from app.domain.verdict import verdict_on
from tests.domain.builders import (
    AS_HEAD,
    AS_MOTHER,
    ASSISTANT,
    MOTHER,
    PUPIL,
    SENCO,
    TEACHER,
    a_contact,
    a_plan,
    a_review,
    an_assessment,
    enrolled,
    imported,
    sen_decided,
    staff,
)
from tests.domain.test_vectors import replayed
from tests.vectors.reading import cases

DESCRIBED = SchoolDescribed(
    occurred_on=date(2010, 1, 1), school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=date(2014, 9, 1)
)
STAFF = [
    RoleGiven(occurred_on=date(2010, 1, 1), staff=person, role=role)
    for person, role in ((TEACHER, StaffRole.TEACHER), (SENCO, StaffRole.SENCO), (ASSISTANT, StaffRole.TEACHING_ASSISTANT))
]
DECIDED, AS_AT = sen_decided(date(2015, 9, 7)), date(2015, 12, 1)


def told(*entries, **said):
    return [entry if isinstance(entry, Told) else Told(number=n, entry=entry, **said) for n, entry in enumerate(entries, start=1)]


def taken(*entries, school=(DESCRIBED, *STAFF)):
    return replay(told(*school), told(enrolled(date(2008, 6, 30)), *entries), PUPIL)


def refused(found):
    return [remark.number for remark in found.remarks if remark.is_refused]


def test_without_an_author_somebody_with_the_role_is_taken_to_have_written_it():
    found = taken(DECIDED)
    assert refused(found) == []
    assert found.record.status is SenStatus.SEN_SUPPORT
    assert found.record.known[-1].author == staff(SENCO)


@pytest.mark.parametrize("entry", [DECIDED, imported(SenStatus.SEN_SUPPORT, date(2013, 9, 2))], ids=lambda entry: entry.type)
def test_a_school_that_tells_nothing_of_its_staff_is_evaluated_all_the_same(entry):
    found = taken(entry, school=[DESCRIBED])
    assert refused(found) == []
    assert found.record.status is SenStatus.SEN_SUPPORT
    assert found.record.known[-1].author.id in (UNNAMED, found.record.known[0].author.id)
    assert found.record.school.known_since(UNNAMED) is None


@pytest.mark.parametrize(("author", "is_refused"), [(staff(SENCO), False), (staff(ASSISTANT), True), (AS_MOTHER, True), (AS_HEAD, True)])
def test_an_author_that_is_told_must_have_had_the_role(author, is_refused):
    """The head of these tests was never given a role at this school."""
    found = taken(Told(number=2, entry=DECIDED, author=author))
    assert (refused(found) == [2]) is is_refused
    assert (found.record.status is SenStatus.NONE) is is_refused


@pytest.mark.parametrize(("value", "numbers"), [(90, []), (366, []), (2**53 - 1, [5]), (-1, [5]), (19, [5])])
def test_a_setting_that_no_school_can_choose_is_refused_and_left_out(value, numbers):
    setting = SettingChanged(occurred_on=date(2014, 9, 1), setting=SettingName.CHECK_PROGRESS_WITHIN_DAYS, value=value)
    found = evaluate(told(DESCRIBED, *STAFF, setting), told(enrolled(date(2008, 6, 30))), PUPIL, as_at=AS_AT)
    assert [remark.number for remark in found.remarks if remark.is_refused] == numbers


def test_an_import_is_nobody_on_the_staff():
    found = taken(imported(SenStatus.SEN_SUPPORT, date(2013, 9, 2)))
    assert found.record.known[0].author.kind is AuthorKind.IMPORT


def test_what_is_refused_is_left_out_and_what_rests_on_it_is_refused_in_turn():
    found = taken(a_plan(date(2015, 9, 21), date(2015, 9, 21)), a_review(date(2015, 12, 1)))
    assert refused(found) == [2, 3]
    assert found.record.cycles == ()


def test_a_step_is_taken_on_the_record_as_it_was_when_it_was_written():
    first, second = a_contact(), an_assessment(date(2015, 9, 14))
    found = taken(first, second, a_plan(date(2015, 9, 21), date(2015, 12, 11)))
    analysed = {f.kept for r in found.remarks if r.number == 4 for f in r.findings if f.rule.id == "analyse-needs-from-all-sources"}
    assert analysed == {True}
    early = taken(a_plan(date(2015, 9, 21), date(2015, 12, 11)), second)
    assert {f.kept for r in early.remarks if r.number == 2 for f in r.findings if f.rule.id == "analyse-needs-from-all-sources"} == {False}


def test_entries_are_taken_in_order_of_their_numbers_whatever_the_order_of_the_list():
    entries = told(enrolled(date(2008, 6, 30)), an_assessment(date(2015, 9, 14)), a_plan(date(2015, 9, 21), date(2015, 12, 11)))
    school = told(DESCRIBED, *STAFF)
    assert replay(school[::-1], entries[::-1], PUPIL) == replay(school, entries, PUPIL)


def test_a_correction_is_decided_as_if_what_it_corrects_had_never_been():
    again = sen_decided(date(2015, 9, 14))
    assert refused(taken(DECIDED, again)) == [3]
    corrected = taken(DECIDED, Told(number=3, entry=again, supersedes=2))
    assert refused(corrected) == []
    assert corrected.record.status_since == date(2015, 9, 14)


@pytest.mark.parametrize(("number", "status"), [(2, SenStatus.NONE), (9, SenStatus.SEN_SUPPORT), (None, SenStatus.SEN_SUPPORT)])
def test_a_withdrawal_names_the_entry_that_it_withdraws(number, status):
    withdrawn = EntryWithdrawn(occurred_on=date(2015, 9, 8), reason="Written for another pupil.")
    found = taken(DECIDED, Told(number=3, entry=withdrawn, supersedes=number))
    assert found.record.status is status
    assert (refused(found) == []) is (number == 2)


def test_a_step_of_the_school_is_refused_like_any_other():
    term = TermDated(occurred_on=date(2015, 7, 1), term=TermName.AUTUMN, first_on=date(2015, 9, 3), last_on=date(2015, 12, 18))
    by_assistant = Told(number=9, entry=term, author=staff(ASSISTANT))
    found = taken(school=(DESCRIBED, *STAFF, by_assistant))
    assert [(remark.number, remark.of_the_school) for remark in found.remarks if remark.is_refused] == [(9, True)]
    assert found.record.school.calendar.terms == ()
    assert taken(school=(DESCRIBED, *STAFF, term)).record.school.calendar.terms == (term,)


def test_duties_are_looked_for_to_the_end_of_the_next_school_year_unless_another_day_is_asked_for():
    assert horizon_after(date(2015, 8, 31)) == date(2016, 8, 31)
    assert horizon_after(date(2015, 9, 1)) == date(2017, 8, 31)
    school, pupil = told(DESCRIBED, *STAFF), told(enrolled(date(2008, 6, 30)), DECIDED)
    assert evaluate(school, pupil, PUPIL, as_at=AS_AT).until == date(2017, 8, 31)
    assert evaluate(school, pupil, PUPIL, as_at=AS_AT, until=AS_AT).until == AS_AT


def test_whoever_waits_may_end_the_work_at_any_entry_and_any_duty():
    class TimeIsUpError(Exception):
        """Raised by the watch."""

    def watch_that_ends_after(calls):
        left = iter(range(calls))

        def watch():
            if next(left, None) is None:
                raise TimeIsUpError

        return watch

    school, pupil = told(DESCRIBED, *STAFF), told(enrolled(date(2008, 6, 30)), DECIDED)
    for calls in (0, 4, 6, 12, 30):
        with pytest.raises(TimeIsUpError):
            evaluate(school, pupil, PUPIL, as_at=AS_AT, watch=watch_that_ends_after(calls))
    assert evaluate(school, pupil, PUPIL, as_at=AS_AT, watch=watch_that_ends_after(10_000)).status is SenStatus.SEN_SUPPORT


@pytest.mark.parametrize("case", cases()[::7], ids=lambda case: case.title)
def test_an_evaluation_is_what_folding_by_hand_gives(case):
    found = replayed(case)
    for day in case.days:
        until = horizon_after(day)
        seen = found.record.as_at(day)
        owed = [*obligations(seen, until=until), *school_obligations(seen.school, until=until)]
        by_hand = [(o.rule.id, o.occasion, o.person, state) for o in owed if (state := o.state_on(day))]
        evaluated = evaluation_of(found, as_at=day, until=until).obligations
        assert [(s.owed.rule.id, s.owed.occasion, s.owed.person, s.state) for s in evaluated] == by_hand
        assert all(standing.verdict == verdict_on(standing.owed, day) for standing in evaluated)


def test_a_verdict_names_people_by_id_alone():
    found = evaluate(told(DESCRIBED, *STAFF), told(enrolled(date(2008, 6, 30)), a_contact(), DECIDED), PUPIL, as_at=AS_AT)
    persons = {standing.verdict.used.get("person") for standing in found.obligations}
    assert str(MOTHER) in persons
    assert all(person is None or UUID(person) for person in persons)
    assert all(str(MOTHER) not in standing.verdict.sentence for standing in found.obligations)
