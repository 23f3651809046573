from datetime import date

import pytest

from app.domain.codes import NEED_CODES, NeedType, SenStatus
from app.domain.entries import NeedsSet, RankedNeed
from app.domain.needs import set_needs
from app.domain.rules.code_of_practice_2015.identification import RECORD_AREAS_OF_NEED
from app.domain.rules.school_census import (
    KEEP_TYPES_AND_STATUS_CONSISTENT,
    RANK_NEEDS_FROM_ONE,
    TELL_PARENTS_THE_TYPE_USED,
    USE_TYPES_OF_THE_DAY,
)
from app.domain.rules.transition_2014_2015 import ASSESS_BESD_ANEW
from tests.domain.builders import AS_SENCO, AS_TEACHER, a_record, enrolled, imported, needs_set, sen_decided, with_changes

DAY = date(2015, 1, 12)
ON_SUPPORT = a_record(enrolled(), sen_decided(date(2015, 1, 5)))


def broken(decision):
    return {finding.rule.id for finding in decision.findings if not finding.kept}


@pytest.mark.parametrize("need", [need for need in NeedType if NEED_CODES[need].is_open_on(DAY)])
def test_a_type_that_is_open_on_the_day_may_be_set(need):
    decision = set_needs(ON_SUPPORT, needs_set(DAY, need), AS_SENCO)
    assert not decision.is_refused
    assert broken(decision) == set()


@pytest.mark.parametrize(
    ("need", "day", "rule"),
    [
        (NeedType.BESD, date(2014, 9, 1), ASSESS_BESD_ANEW),
        (NeedType.SEMH, date(2014, 8, 31), USE_TYPES_OF_THE_DAY),
        (NeedType.NSA, date(2014, 8, 31), USE_TYPES_OF_THE_DAY),
        (NeedType.DS, date(2024, 12, 31), USE_TYPES_OF_THE_DAY),
    ],
)
def test_a_type_that_is_closed_on_the_day_cannot_be_given(need, day, rule):
    decision = set_needs(ON_SUPPORT, needs_set(day, need), AS_SENCO)
    assert decision.is_refused
    assert decision.findings[0].rule is rule


@pytest.mark.parametrize(
    ("status", "need", "is_broken"),
    [
        (SenStatus.SEN_SUPPORT, NeedType.NSA, False),
        (SenStatus.EHC_PLAN, NeedType.NSA, True),
        (SenStatus.EHC_PLAN, NeedType.ASD, False),
        (SenStatus.NONE, NeedType.ASD, True),
        (SenStatus.SCHOOL_ACTION, NeedType.ASD, True),
    ],
)
def test_types_and_status_agree(status, need, is_broken):
    """Census errors 2125 and 2175: N carries none, NSA goes with K alone."""
    decision = set_needs(a_record(imported(status, date(2014, 9, 1))), needs_set(DAY, need), AS_SENCO)
    assert not decision.is_refused
    assert (KEEP_TYPES_AND_STATUS_CONSISTENT.id in broken(decision)) is is_broken


def ranked(*pairs):
    needs = tuple(RankedNeed(need_type=need, rank=rank) for need, rank in pairs)
    return NeedsSet(occurred_on=DAY, needs=needs, areas=(), reason="", parents_told_on=DAY)


def test_ranks_begin_at_1_and_each_is_given_once():
    assert RANK_NEEDS_FROM_ONE.id in broken(set_needs(ON_SUPPORT, ranked((NeedType.SLCN, 2)), AS_SENCO))
    assert set_needs(ON_SUPPORT, ranked((NeedType.SLCN, 1), (NeedType.ASD, 1)), AS_SENCO).is_refused
    assert set_needs(ON_SUPPORT, ranked((NeedType.SLCN, 1), (NeedType.SLCN, 2)), AS_SENCO).is_refused


def test_the_areas_are_asked_for_and_no_type_on_sen_support_is_remarked_on():
    assert broken(set_needs(ON_SUPPORT, ranked((NeedType.SLCN, 1)), AS_SENCO)) == {RECORD_AREAS_OF_NEED.id}
    assert broken(set_needs(ON_SUPPORT, with_changes(needs_set(DAY), {"needs": ()}), AS_SENCO)) == {KEEP_TYPES_AND_STATUS_CONSISTENT.id}


def test_the_type_is_chosen_by_the_senco_or_the_head():
    assert set_needs(ON_SUPPORT, needs_set(DAY, NeedType.SLCN), AS_TEACHER).is_refused


@pytest.mark.parametrize(("told_on", "is_kept"), [(DAY, True), (None, False)])
def test_parents_are_to_know_the_description_though_no_specialist_gave_it(told_on, is_kept):
    """HfL Education: a type needs no specialist assessment; the parents should know which is used."""
    decision = set_needs(ON_SUPPORT, with_changes(needs_set(DAY, NeedType.SLCN), {"parents_told_on": told_on}), AS_SENCO)
    assert [finding.kept for finding in decision.findings if finding.rule is TELL_PARENTS_THE_TYPE_USED] == [is_kept]


def test_no_type_needs_no_description():
    decision = set_needs(ON_SUPPORT, needs_set(DAY), AS_SENCO)
    assert TELL_PARENTS_THE_TYPE_USED not in {finding.rule for finding in decision.findings}
