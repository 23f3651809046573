"""Whatever is in a record and whoever writes, a step answers: it never fails, every remark cites, and a refusal stores nothing."""

from datetime import UTC, date, datetime
from functools import partial
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain import transitions
from app.domain.author import Author, AuthorKind
from app.domain.corrections import may_correct, withdraw_entry
from app.domain.entries import KINDS, EntryWithdrawn, Erased, Recorded
from app.domain.obligations import obligations
from app.domain.people import people_to_tell
from app.domain.record import Record
from app.domain.steps import STEPS
from app.domain.writers import WRITERS
from tests.domain.builders import A_SCHOOL, ASSISTANT, CLERK, HEAD, MOTHER, OTHER_PUPIL, PUPIL, SENCO, TEACHER

TRIED = {**{kind.type: step for kind, step in STEPS.items()}, EntryWithdrawn.type: partial(withdraw_entry, number=2)}

PEOPLE = (PUPIL, OTHER_PUPIL, TEACHER, SENCO, HEAD, ASSISTANT, CLERK, MOTHER)
st.register_type_strategy(date, st.dates(date(2000, 1, 1), date(2040, 12, 31)))
st.register_type_strategy(UUID, st.sampled_from(PEOPLE))
st.register_type_strategy(int, st.integers(-1, 6))
st.register_type_strategy(str, st.sampled_from(["", " ", "Read alone.", "school-action", "review-by-the-agreed-date", "999"]))

ENTRIES = st.sampled_from([*WRITERS, Erased]).flatmap(st.from_type)
RECORDED = st.builds(
    Recorded,
    number=st.integers(1, 9),
    recorded_at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    author=st.builds(Author),
    entry=ENTRIES,
    pupil=st.just(PUPIL),
    supersedes=st.one_of(st.none(), st.integers(0, 9)),
)
RECORDS = st.lists(RECORDED, max_size=6, unique_by=lambda recorded: recorded.number).map(partial(Record.fold, A_SCHOOL, pupil=PUPIL))
AUTHORS = st.one_of(st.sampled_from([Author(kind=AuthorKind.STAFF, id=SENCO), Author(kind=AuthorKind.IMPORT, id=CLERK)]), st.builds(Author))
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def test_every_step_is_tried():
    assert set(TRIED) == {kind.type for kind in WRITERS}


@pytest.mark.parametrize("kind", list(WRITERS), ids=lambda kind: kind.type)
@QUICK
@given(st.data())
def test_a_step_answers_whatever_it_is_given(kind, data):
    record, entry, author = data.draw(RECORDS), data.draw(st.from_type(kind)), data.draw(AUTHORS)
    decision = TRIED[kind.type](record, entry, author)
    assert decision.entries in ((), (entry,))
    assert not (decision.is_refused and (decision.entries or not decision.findings))
    assert all(finding.rule.cites for finding in decision.findings)
    assert all(finding.cure or finding.missing or finding.used for finding in decision.findings if decision.is_refused)


@QUICK
@given(RECORDS, ENTRIES, st.integers(0, 9))
def test_a_correction_is_weighed_whatever_it_is(record, entry, number):
    refusal = may_correct(record, number, entry)
    assert refusal is None or refusal.rule.cites
    if refusal is None:
        assert type(record.entry(number).entry) is type(entry)
        assert not isinstance(entry, EntryWithdrawn)


@QUICK
@given(RECORDS, st.dates(date(2000, 1, 1), date(2040, 12, 31)))
def test_everything_derived_from_a_record_can_be_asked_on_any_day(record, day):
    seen = record.as_at(day)
    assert seen.status is record.status_on(day)
    assert all(period.covers(day) for period in seen.needs)
    assert all(owed.rule.cites and owed.arises_on <= day for owed in obligations(seen, until=day))
    assert all(withheld.person not in people_to_tell(record, day).persons for withheld in people_to_tell(record, day).withheld)
    assert all(finding.rule.cites for finding in transitions.open_transition_findings(record, day))


def test_no_kind_of_entry_is_forgotten():
    assert {kind.type for kind in WRITERS} <= set(KINDS)
