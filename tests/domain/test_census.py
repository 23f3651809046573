"""What the school census would find wrong, by its own error numbers: each on both sides, on the day whose codes and censuses count."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.calendar import census_days
from app.domain.census import CensusError, Return, ReturnedNeed, Season, census_errors, errors_in, is_valid, return_of, season_of
from app.domain.codes import NeedType, SchoolType, SenStatus
from app.domain.entries import Erased, NeedsSet, PupilLeft, RankedNeed, SenDecided, UnitPlacementDescribed
from app.domain.needs import describe_unit_placement
from app.domain.rule import Checking
from app.domain.rules.school_census import SAY_WHO_HAS_A_PLACE_IN_A_UNIT
from tests.domain.builders import (
    AS_HEAD,
    ASSISTANT,
    CLERK,
    a_record,
    a_school,
    a_transition,
    enrolled,
    imported,
    need_imported,
    needs_set,
    plan_issued,
    recorded,
    sen_decided,
    staff,
)

SPRING, SUMMER, AUTUMN = date(2026, 1, 15), date(2026, 5, 21), date(2026, 10, 1)
SPRING_2015, SUMMER_2015, AUTUMN_2015, SPRING_2016 = date(2015, 1, 15), date(2015, 5, 21), date(2015, 10, 1), date(2016, 1, 21)
A, P, S = SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS, SenStatus.STATEMENT
N, K, E = SenStatus.NONE, SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN
MAINSTREAM, SPECIAL, PRU = SchoolType.MAINTAINED_MAINSTREAM, SchoolType.MAINTAINED_SPECIAL, SchoolType.PUPIL_REFERRAL_UNIT
EARLIER = date(2014, 9, 1)
NOWHERE = UnitPlacementDescribed(occurred_on=EARLIER, in_sen_unit=False, in_resourced_provision=False)


def a_need(need_type: NeedType | None = NeedType.SLCN, rank: int | None = 1) -> ReturnedNeed:
    return ReturnedNeed(need_type=need_type, rank=rank)


def returned(status: SenStatus | None = K, *needs: ReturnedNeed, **placed: bool | None) -> Return:
    places = {"in_sen_unit": False, "in_resourced_provision": False, **placed}
    return Return(provision=status, needs=needs, **places)


def numbers(value: Return, on: date = SPRING, kind: SchoolType = MAINSTREAM) -> list[str]:
    return [error.number for error in errors_in(value, on, school_type=kind)]


def of_record(*entries: object, on: date = SPRING, kind: SchoolType = MAINSTREAM) -> list[CensusError]:
    return list(census_errors(a_record(enrolled(), *entries, school=a_school(kind=kind)), on))


UNPLACED = {"in_sen_unit": None, "in_resourced_provision": None}
EACH_SIDE = [
    ("2115", returned(S, a_need()), date(2018, 3, 31), date(2018, 4, 1), MAINSTREAM),
    ("2120", returned(K, a_need()), date(2014, 9, 1), date(2014, 8, 31), MAINSTREAM),
    ("2120", returned(E, a_need()), date(2014, 9, 1), date(2014, 8, 31), MAINSTREAM),
    ("2120", returned(A), SUMMER_2015, AUTUMN_2015, MAINSTREAM),
    ("2120", returned(P, a_need()), date(2015, 8, 31), date(2015, 9, 1), MAINSTREAM),
    ("2170", returned(K, a_need(NeedType.BESD)), SPRING_2015, SPRING_2016, MAINSTREAM),
    ("2170", returned(K, a_need(NeedType.DS)), date(2025, 1, 16), date(2024, 1, 18), MAINSTREAM),
]


@pytest.mark.parametrize(("number", "value", "good", "bad", "kind"), EACH_SIDE)
def test_a_code_is_taken_to_its_last_day_and_from_its_first(number, value, good, bad, kind):
    """A, P to summer 2015; S to 31 March 2018; K, E from 1 September 2014; BESD to January 2015; DS from January 2025."""
    assert number not in numbers(value, good, kind)
    assert number in numbers(value, bad, kind)


@pytest.mark.parametrize(
    ("number", "bad", "good"),
    [
        ("2120", returned(None, a_need()), returned(K, a_need())),
        ("2125", returned(N, a_need()), returned(N)),
        ("2130", returned(K, a_need(), a_need(None, 2)), returned(K, a_need(), a_need(NeedType.ASD, 2))),
        ("2140", returned(K, a_need(rank=None)), returned(K, a_need(rank=1))),
        ("2140", returned(K, a_need(rank=0)), returned(K, a_need(rank=1))),
        ("2140", returned(K, a_need(), a_need(NeedType.ASD, 1)), returned(K, a_need(), a_need(NeedType.ASD, 2))),
        ("2140", returned(K, a_need(), a_need(NeedType.ASD, 3)), returned(K, a_need(), a_need(NeedType.ASD, 2))),
        ("2160", returned(K, a_need(rank=2)), returned(K, a_need(rank=1))),
        (
            "2166",
            returned(K, a_need(), a_need(NeedType.ASD, 2), a_need(NeedType.HI, 2)),
            returned(K, a_need(), a_need(NeedType.ASD, 2)),
        ),
        ("2170", returned(K), returned(K, a_need(NeedType.NSA))),
        ("2170", returned(E), returned(E, a_need())),
        ("2175", returned(E, a_need(NeedType.NSA)), returned(K, a_need(NeedType.NSA))),
        ("2175", returned(N, a_need(NeedType.NSA)), returned(N)),
        ("2230", returned(K, a_need(), in_sen_unit=None), returned(K, a_need(), in_sen_unit=True)),
        ("2230", returned(E, a_need(), in_sen_unit=None), returned(N, in_sen_unit=None)),
        ("2250", returned(K, a_need(), in_resourced_provision=None), returned(K, a_need(), in_resourced_provision=False)),
    ],
)
def test_each_check_of_the_census_fails_on_one_side_and_passes_on_the_other(number, bad, good):
    assert number in numbers(bad)
    assert number not in numbers(good)


@pytest.mark.parametrize(
    ("number", "value", "kind", "fails"),
    [
        ("2180", returned(N, **UNPLACED), SPECIAL, True),
        ("2180", returned(N, **UNPLACED), SchoolType.HOSPITAL_SPECIAL, True),
        ("2180", returned(N, **UNPLACED), PRU, False),
        ("2180", returned(K, a_need(), **UNPLACED), SPECIAL, False),
        ("5049", returned(K, a_need(), in_sen_unit=False, in_resourced_provision=None), SPECIAL, True),
        ("5049", returned(K, a_need(), in_sen_unit=False, in_resourced_provision=None), PRU, True),
        ("5049", returned(K, a_need(), in_sen_unit=False, in_resourced_provision=None), MAINSTREAM, False),
        ("5049", returned(K, a_need(), **UNPLACED), SPECIAL, False),
        ("5050", returned(K, a_need(), in_sen_unit=None, in_resourced_provision=True), SPECIAL, True),
        ("5050", returned(K, a_need(), in_sen_unit=None, in_resourced_provision=True), MAINSTREAM, False),
        ("2230", returned(K, a_need(), **UNPLACED), SPECIAL, False),
        ("2250", returned(K, a_need(), **UNPLACED), PRU, False),
    ],
)
def test_special_schools_and_referral_units_are_checked_otherwise(number, value, kind, fails):
    assert (number in numbers(value, kind=kind)) is fails


@pytest.mark.parametrize(("day", "collected"), [(SPRING, True), (SUMMER, False), (AUTUMN, False), (SPRING + timedelta(days=1), True)])
def test_types_and_units_are_collected_in_spring_alone(day, collected):
    """HfL and Devon: provision every term, types in spring; on a day without a census the whole of spring's is looked at."""
    assert ("2170" in numbers(returned(K, **UNPLACED), day)) is collected
    assert ("2230" in numbers(returned(K, **UNPLACED), day)) is collected


@pytest.mark.parametrize("day", [SPRING, SUMMER, AUTUMN])
def test_the_status_is_collected_every_term(day):
    assert numbers(returned(A), day) == ["2120"]
    assert numbers(returned(K, a_need()), day) == []


@pytest.mark.parametrize(
    ("day", "season"),
    [
        (date(2025, 1, 16), Season.SPRING),
        (date(2026, 5, 21), Season.SUMMER),
        (date(2026, 10, 1), Season.AUTUMN),
        (date(2026, 10, 2), None),
    ],
)
def test_a_census_is_on_its_thursday_and_on_no_other_day(day, season):
    assert season_of(day) is season
    assert season is None or day in census_days(day.year)


def test_of_three_needs_the_first_two_are_returned():
    """Schools rank up to 99; the census takes two (T10)."""
    record = a_record(enrolled(), sen_decided(EARLIER), needs_set(EARLIER, NeedType.SLCN, NeedType.ASD, NeedType.HI), NOWHERE)
    assert [need.rank for need in return_of(record, SPRING).needs] == [1, 2]
    assert census_errors(record, SPRING) == ()


@pytest.mark.parametrize(("ranks", "found"), [((1, 2, 3), []), ((1, 2, 2), ["2140", "2166"]), ((2,), ["2160"]), ((1, 3), ["2140"])])
def test_which_two_are_meant_must_be_clear_from_the_ranks(ranks, found):
    types = (NeedType.SLCN, NeedType.ASD, NeedType.HI)
    needs = tuple(RankedNeed(need_type=need, rank=rank) for need, rank in zip(types, ranks, strict=False))
    entry = NeedsSet(occurred_on=EARLIER, needs=needs, areas=(), reason="Assessed.")
    assert [error.number for error in of_record(sen_decided(EARLIER), entry, NOWHERE)] == found


@pytest.mark.parametrize(
    ("entries", "day", "found"),
    [
        ((imported(A, date(2013, 9, 2)),), SUMMER_2015, []),
        ((imported(A, date(2013, 9, 2)),), AUTUMN_2015, ["2120"]),
        ((imported(A, date(2013, 9, 2)), a_transition(date(2015, 9, 1))), AUTUMN_2015, []),
        ((imported(A, date(2013, 9, 2)), a_transition(date(2015, 9, 1)), NOWHERE), SPRING_2016, ["2170"]),
        ((imported(A, date(2013, 9, 2)), a_transition(date(2015, 9, 1)), NOWHERE, needs_set(SPRING_2016, NeedType.NSA)), SPRING_2016, []),
        ((imported(P, date(2013, 9, 2)), need_imported(NeedType.BESD, date(2013, 9, 2))), SPRING_2015, []),
        ((imported(S, date(2013, 9, 2)), need_imported(NeedType.ASD, date(2013, 9, 2))), date(2018, 1, 18), []),
        ((imported(S, date(2013, 9, 2)), need_imported(NeedType.ASD, date(2013, 9, 2))), date(2018, 5, 17), ["2115"]),
        ((imported(N, EARLIER), need_imported(NeedType.ASD, EARLIER)), SPRING, ["2125"]),
    ],
)
def test_a_record_is_checked_as_it_stood_on_the_census_day(entries, day, found):
    """The codes before and after the move from School Action, census by census."""
    assert [error.number for error in of_record(*entries, on=day)] == found


def test_besd_is_never_returned_as_semh():
    """TRN-12 and trap T21: the old type fails from January 2016 until a person chooses a new one."""
    moved = (imported(P, date(2013, 9, 2)), need_imported(NeedType.BESD, date(2013, 9, 2)), a_transition(date(2014, 11, 3), came_from=P))
    record = a_record(enrolled(), *moved, NOWHERE)
    assert [need.need_type for need in return_of(record, SPRING_2016).needs] == [NeedType.BESD]
    (error,) = census_errors(record, SPRING_2016)
    assert (error.number, error.finding.used["need_type"]) == ("2170", "BESD")
    assert "SEMH" not in error.finding.cure
    assert census_errors(record, SPRING_2015) == ()


@pytest.mark.parametrize("kind", [SenDecided, NeedsSet])
def test_what_was_erased_is_said_to_be_missing_and_not_passed(kind):
    gone = recorded(Erased(occurred_on=date(2015, 1, 6), erased_type=kind.type), 9)
    before = (sen_decided(date(2015, 1, 5)), needs_set(date(2015, 1, 5), NeedType.SLCN), NOWHERE)
    errors = census_errors(a_record(enrolled(), *before, gone), SPRING)
    number, missing = ("2120", "SEN status") if kind is SenDecided else ("2170", "type of need")
    assert [(error.number, error.finding.missing) for error in errors] == [(number, (missing,))]
    after = sen_decided(date(2015, 2, 2)) if kind is SenDecided else needs_set(date(2015, 2, 2), NeedType.ASD)
    assert census_errors(a_record(enrolled(), *before, gone, recorded(after, 10)), SPRING) == ()


@pytest.mark.parametrize(("day", "is_checked"), [(date(2026, 1, 14), True), (SPRING, False)])
def test_who_left_by_the_census_day_is_not_returned(day, is_checked):
    """The first day off roll is outside."""
    left = PupilLeft(occurred_on=SPRING, reason="moved")
    assert bool(of_record(sen_decided(EARLIER), left, on=day)) is is_checked
    assert census_errors(a_record(sen_decided(EARLIER)), SPRING) == ()


def test_a_place_in_a_unit_holds_from_its_day_until_another_is_described():
    since = UnitPlacementDescribed(occurred_on=SPRING, in_sen_unit=True, in_resourced_provision=False)
    record = a_record(enrolled(), plan_issued(EARLIER), needs_set(EARLIER, NeedType.ASD), NOWHERE, since)
    before, after = (return_of(record, day).in_sen_unit for day in (SPRING - timedelta(days=1), SPRING))
    assert (before, after) == (False, True)
    assert [error.number for error in of_record(plan_issued(EARLIER), needs_set(EARLIER, NeedType.ASD))] == ["2230", "2250"]


@pytest.mark.parametrize(("by", "is_refused"), [(AS_HEAD, False), (staff(CLERK), False), (staff(ASSISTANT), True)])
def test_who_keeps_the_roll_says_who_has_a_place(by, is_refused):
    decision = describe_unit_placement(a_record(enrolled()), replace(NOWHERE, occurred_on=SPRING), by)
    assert decision.is_refused is is_refused
    assert not is_refused or decision.findings[0].rule is SAY_WHO_HAS_A_PLACE_IN_A_UNIT


@pytest.mark.parametrize("need_type", list(NeedType))
def test_a_type_of_need_is_valid_with_some_status_on_some_day(need_type):
    days = (SPRING_2015, SPRING)
    assert any(is_valid(need_type, status, day) for status in SenStatus for day in days)


def test_every_error_is_a_finding_of_a_rule_that_says_the_census_checks_it():
    values = [bad for _, bad, _ in [("", returned(E, a_need(NeedType.NSA, 2), **UNPLACED), None), ("", returned(N, a_need()), None)]]
    errors = [error for value in values for kind in (MAINSTREAM, SPECIAL) for error in errors_in(value, SPRING, school_type=kind)]
    assert errors
    for error in errors:
        assert error.finding.rule.checking in (Checking.DATA_CHECK, Checking.OBLIGATION)
        assert error.finding.cure and not error.finding.kept
        assert error.is_query is (error.number == "2180")
