from datetime import date

import pytest

from app.domain.codes import SenStatus
from app.domain.corrections import may_correct, withdraw_entry
from app.domain.entries import ConcernAnswered, EntryWithdrawn, Erased, HoldPlaced, SenDecided
from tests.domain.builders import (
    AS_CLIENT,
    AS_HEAD,
    AS_SENCO,
    AS_TEACHER,
    a_concern,
    a_plan,
    a_record,
    a_review,
    a_transition,
    an_assessment,
    enrolled,
    imported,
    recorded,
    sen_decided,
    support_ended,
)

SINCE, DAY = date(2013, 9, 2), date(2014, 11, 3)
MISTAKE = EntryWithdrawn(occurred_on=date(2015, 9, 1), reason="another pupil")


def test_an_entry_is_corrected_by_one_of_its_kind():
    record = a_record(imported(SenStatus.SCHOOL_ACTION, SINCE), a_transition(DAY))
    assert may_correct(record, 2, a_transition(date(2014, 11, 4))) is None
    assert may_correct(record, 2, sen_decided(DAY)) is not None
    assert may_correct(record, 7, a_transition(DAY)) is not None


def test_a_corrected_a_withdrawn_and_an_erased_entry_cannot_be_corrected():
    first = recorded(sen_decided(DAY), 1)
    second = recorded(sen_decided(DAY), 2, supersedes=1)
    gone = recorded(MISTAKE, 3, supersedes=2)
    erased = recorded(Erased(occurred_on=DAY, erased_type=SenDecided.type), 4)
    record = a_record(first, second, gone, erased)
    assert may_correct(a_record(first, second), 1, sen_decided(DAY)) is not None
    assert may_correct(a_record(first, second), 2, sen_decided(DAY)) is None
    assert may_correct(record, 3, MISTAKE) is not None
    assert may_correct(record, 4, erased.entry) is not None


def test_a_part_of_a_cycle_stays_in_its_cycle():
    record = a_record(a_plan(DAY, date(2015, 2, 2)))
    assert may_correct(record, 1, a_plan(DAY, date(2015, 2, 9))) is None
    assert may_correct(record, 1, a_plan(DAY, date(2015, 2, 9), cycle=2)) is not None


@pytest.mark.parametrize(("author", "is_refused"), [(AS_SENCO, False), (AS_HEAD, False), (AS_TEACHER, True), (AS_CLIENT, True)])
def test_an_entry_is_withdrawn_by_the_senco_or_the_head(author, is_refused):
    record = a_record(recorded(a_concern(DAY), 1, by=AS_SENCO))
    assert withdraw_entry(record, MISTAKE, author, number=1).is_refused is is_refused


def test_whoever_wrote_an_entry_may_withdraw_it():
    record = a_record(recorded(a_concern(DAY), 1, by=AS_TEACHER))
    assert not withdraw_entry(record, MISTAKE, AS_TEACHER, number=1).is_refused


@pytest.mark.parametrize(
    ("entries", "number", "leaning"),
    [
        ([a_concern(DAY), ConcernAnswered(occurred_on=DAY, concern=1, answer="Looked into.")], 1, 2),
        ([an_assessment(DAY), a_plan(DAY, date(2015, 2, 2)), a_review(date(2015, 2, 2))], 2, 3),
        ([sen_decided(DAY), a_review(DAY), support_ended(date(2015, 2, 2), 2)], 2, 3),
        ([imported(SenStatus.SCHOOL_ACTION, SINCE), a_transition(DAY)], 1, 2),
        ([sen_decided(DAY), a_review(DAY), support_ended(date(2015, 2, 2), 2)], 1, 3),
        ([enrolled(), a_concern(DAY)], 1, 2),
    ],
)
def test_an_entry_on_which_a_later_one_rests_stays_until_that_is_withdrawn(entries, number, leaning):
    decision = withdraw_entry(a_record(*entries), MISTAKE, AS_SENCO, number=number)
    assert decision.is_refused
    assert decision.findings[0].used["rested_upon_by"] == leaning


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ([an_assessment(DAY), a_plan(DAY, date(2015, 2, 2))], 1),
        ([an_assessment(DAY), a_plan(DAY, date(2015, 2, 2)), a_review(date(2015, 2, 2))], 3),
        ([imported(SenStatus.SCHOOL_ACTION, SINCE), a_transition(DAY)], 2),
        ([imported(SenStatus.NONE, date(2010, 9, 1)), imported(SenStatus.SCHOOL_ACTION, SINCE), a_transition(DAY)], 1),
        ([enrolled()], 1),
    ],
)
def test_an_entry_on_which_nothing_rests_is_withdrawn(entries, number):
    record = a_record(*entries)
    decision = withdraw_entry(record, MISTAKE, AS_SENCO, number=number)
    assert not decision.is_refused
    after = a_record(*record.known, recorded(decision.entries[0], 99, supersedes=number))
    assert after.entry(number) is None


def test_what_does_not_stand_cannot_be_withdrawn():
    assert withdraw_entry(a_record(a_concern(DAY)), MISTAKE, AS_SENCO, number=2).is_refused


def test_a_hold_is_lifted_by_two_and_not_withdrawn_by_one():
    record = a_record(enrolled(), a_concern(DAY), HoldPlaced(occurred_on=DAY, reason="A claim."))
    assert not withdraw_entry(record, MISTAKE, AS_SENCO, number=2).is_refused
    (refusal,) = withdraw_entry(record, MISTAKE, AS_SENCO, number=3).findings
    assert refusal.cure == "lift the hold by the step that there is for it"
