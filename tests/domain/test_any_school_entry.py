"""Whatever a school wrote of itself and whoever writes, its steps answer, and what it owes can be derived and asked on any day."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.author import Author, AuthorKind
from app.domain.corrections import may_correct
from app.domain.entries import Erased, Recorded, SettingChanged
from app.domain.obligations import school_obligations
from app.domain.school import School
from app.domain.steps import SCHOOL_STEPS
from app.domain.writers import SCHOOL_WRITERS
from tests.domain.builders import A_SCHOOL, HEAD
from tests.domain.test_any_entry import AUTHORS

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
ENTRIES = st.sampled_from([*SCHOOL_WRITERS, SettingChanged, Erased]).flatmap(st.from_type)
RECORDED = st.builds(
    Recorded,
    number=st.integers(1, 9),
    recorded_at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    author=st.builds(Author),
    entry=ENTRIES,
    pupil=st.none(),
    supersedes=st.one_of(st.none(), st.integers(0, 9)),
)
SCHOOLS = st.lists(RECORDED, max_size=6, unique_by=lambda recorded: recorded.number).map(
    lambda entries: School.fold([*A_SCHOOL.known, *entries])
)
AS_HEAD = Author(kind=AuthorKind.STAFF, id=HEAD)


@pytest.mark.parametrize("kind", list(SCHOOL_STEPS), ids=lambda kind: kind.type)
@QUICK
@given(st.data())
def test_a_step_of_the_school_answers_whatever_it_is_given(kind, data):
    school, entry, author = data.draw(SCHOOLS), data.draw(st.from_type(kind)), data.draw(st.one_of(st.just(AS_HEAD), AUTHORS))
    decision = SCHOOL_STEPS[kind](school, entry, author)
    assert decision.entries == (() if decision.is_refused else (entry,))
    assert not decision.is_refused or decision.findings
    assert all(finding.rule.cites for finding in decision.findings)
    assert all(finding.cure or finding.missing or finding.used for finding in decision.findings if decision.is_refused)


@QUICK
@given(SCHOOLS, ENTRIES, st.integers(-1000, 9))
def test_a_correction_of_a_schools_entry_is_weighed_whatever_it_is(school, entry, number):
    refusal = may_correct(school, number, entry)
    if refusal is None:
        assert type(school.entry(number).entry) is type(entry)
        assert school.without(number).entry(number) is None


@QUICK
@given(SCHOOLS, DAYS)
def test_what_a_school_owes_can_be_derived_to_any_day_and_has_one_row_for_each_occasion(school, until):
    owed = list(school_obligations(school, until=until))
    assert all(one.rule.cites and one.arises_on <= until for one in owed)
    assert len({(one.rule.id, one.person, one.occasion) for one in owed}) == len(owed)
