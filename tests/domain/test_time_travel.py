"""Rewinding: what was true on a day and what was known at a number is the same today as it was then, for random histories."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.entries import Erased, Recorded
from app.domain.obligation import Obligation
from app.domain.obligations import obligations, school_obligations
from app.domain.people import people_to_tell, right_holder
from app.domain.periods import status_given_by
from app.domain.record import Record
from app.domain.rules import RULES
from app.domain.school import School
from tests.domain.builders import PUPIL
from tests.histories import HOW_MANY, OPENS, Moment, erased, history

HORIZON = date(2026, 8, 31)
SHORT = settings(max_examples=HOW_MANY, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def stories(draw: st.DrawFn) -> tuple[Moment, ...]:
    """A random history: hypothesis picks the seed, so that a failure can be told again."""
    return history(Random(draw(st.integers(0, 2**32 - 1))), 18)


def a_day(data: st.DataObject, story: tuple[Moment, ...]) -> date:
    """A day to ask about: mostly one on which something happened, or the day before or after, for there the boundaries are."""
    happened = sorted({recorded.entry.occurred_on for recorded in story[-1].ledger if recorded.entry.occurred_on >= OPENS})
    near = st.builds(lambda day, off: day + timedelta(days=off), st.sampled_from(happened or [OPENS]), st.integers(-1, 1))
    any_day = st.integers(-400, 4_000).map(lambda days: OPENS + timedelta(days=days))
    return data.draw(st.one_of(near, near, near, any_day), label="day")


HISTORIES = stories()


def folded(ledger: Iterable[Recorded]) -> Record:
    known = tuple(ledger)
    return Record.fold(School.fold(known), known, PUPIL)


def answers(record: Record, day: date) -> dict[str, object]:
    """Everything that can be asked of a record on a day."""
    seen = record.as_at(day)
    return {
        "statuses": seen.statuses,
        "status": seen.status,
        "needs": seen.needs,
        "cycles": seen.cycles,
        "contacts": seen.contacts_on(day),
        "rights": right_holder(seen, day),
        "told": people_to_tell(seen, day),
        "left_on": seen.left_on,
        "entries": seen.entries,
        "obligations": states(obligations(record, until=HORIZON), day),
        "school": record.school.entries,
        "of the school": states(school_obligations(record.school, until=HORIZON), day),
    }


def states(owed: Iterable[Obligation], day: date) -> list[tuple[object, ...]]:
    return [(*found.key, found.arises_on, found.due, found.met_by, found.missing, found.state_on(day)) for found in owed]


def erased_after(story: tuple[Moment, ...], moment: Moment) -> set[int]:
    """The numbers that were written by a moment and emptied after it."""
    now = {recorded.number for recorded in story[-1].ledger if isinstance(recorded.entry, Erased)}
    return now - {recorded.number for recorded in moment.ledger if isinstance(recorded.entry, Erased)}


@SHORT
@given(HISTORIES, st.data())
def test_what_was_known_at_a_number_is_answered_as_it_was_then(story, data):
    """Whatever is written later, corrections, withdrawals and the school's own entries included; but for what was erased since."""
    day = a_day(data, story)
    moment = data.draw(st.sampled_from(story))
    then = moment.ledger
    for number in erased_after(story, moment):
        then = erased(then, number)
    assert answers(folded(story[-1].ledger).known_at(moment.number), day) == answers(folded(then), day)


@SHORT
@given(HISTORIES, st.data())
def test_what_is_known_between_two_numbers_is_what_was_known_at_the_first(story, data):
    day = a_day(data, story)
    place = data.draw(st.integers(0, len(story) - 2))
    known = folded(story[-1].ledger)
    between = data.draw(st.integers(story[place].number, story[place + 1].number - 1))
    assert answers(known.known_at(between), day) == answers(known.known_at(story[place].number), day)


@SHORT
@given(HISTORIES, st.data())
def test_the_status_on_a_day_is_that_of_the_last_standing_entry_up_to_it(story, data):
    """Told by hand: what a correction supersedes is left out, then the last by day and number counts."""
    day = a_day(data, story)
    ledger = [recorded for recorded in story[-1].ledger if recorded.pupil == PUPIL]
    superseded = {recorded.supersedes for recorded in ledger}
    standing = [r for r in ledger if r.number not in superseded and r.entry.occurred_on <= day]
    given_last = sorted((r.entry.occurred_on, r.number, status_given_by(r.entry)) for r in standing if status_given_by(r.entry))
    record = folded(story[-1].ledger)
    assert record.as_at(day).status is record.status_on(day)
    assert record.status_on(day) == (given_last[-1][2] if given_last else "N")


@SHORT
@given(HISTORIES, st.data())
def test_what_happens_later_changes_nothing_of_what_was_true_on_a_day(story, data):
    first, second = sorted((a_day(data, story), a_day(data, story)))
    record = folded(story[-1].ledger)
    up_to_second = folded(r for r in story[-1].ledger if r.pupil is None or r.entry.occurred_on <= second or r.supersedes is not None)
    for seen in (record.as_at(second), record.as_at(second).as_at(first), up_to_second):
        assert seen.as_at(first).statuses == record.as_at(first).statuses
        assert seen.as_at(first).entries == record.as_at(first).entries
        assert people_to_tell(seen.as_at(first), first) == people_to_tell(record.as_at(first), first)


@SHORT
@given(HISTORIES, st.data(), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_batches_in_which_entries_come_matter(story, data, dice):
    day = a_day(data, story)
    shuffled = list(story[-1].ledger)
    dice.shuffle(shuffled)
    assert answers(folded(shuffled), day) == answers(folded(story[-1].ledger), day)


@SHORT
@given(HISTORIES)
def test_every_duty_falls_on_a_day_on_which_its_rule_was_in_force(story):
    """The law of the governing date applies, whenever it is asked: the day a duty arises, and neither today nor the day of writing."""
    record = folded(story[-1].ledger)
    for owed in (*obligations(record, until=HORIZON), *school_obligations(record.school, until=HORIZON)):
        assert owed.arises_on in owed.rule.in_force
        assert owed.rule.wording_on(owed.arises_on) is not None


@SHORT
@given(HISTORIES, st.data())
def test_asking_further_ahead_takes_no_duty_away_and_changes_none_that_was_listed(story, data):
    first, second = sorted((a_day(data, story), a_day(data, story)))
    record = folded(story[-1].ledger)
    near, far = ([owed for owed in obligations(record, until=until) if owed.arises_on <= first] for until in (first, second))
    assert near == far


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
@settings(max_examples=40, deadline=None)
@given(day=st.dates(date(2000, 1, 1), date(2040, 12, 31)))
def test_a_rule_has_one_wording_on_each_day_of_its_force_and_none_on_any_other(rule, day):
    worded = [wording for wording in rule.wordings if day in wording.in_force]
    assert len(worded) == (day in rule.in_force)
    assert rule.wording_on(day) == (worded[0] if worded else None)


def test_the_wording_of_a_rule_changes_on_its_day():
    """The qualification of SENCOs: the old award up to 31 August 2024, the new one from 1 September on."""
    changed = [rule for rule in RULES.values() if rule.earlier]
    assert changed
    for rule in changed:
        for before, after in zip(rule.wordings, rule.wordings[1:], strict=False):
            last = before.in_force.until
            assert last is not None
            assert rule.wording_on(last) == before
            assert rule.wording_on(last + timedelta(days=1)) == after
            assert before.duty != after.duty
