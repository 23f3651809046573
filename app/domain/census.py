"""What a school returns of a pupil on a census day, and which of the census's own checks that would fail, by error number.

The numbers are those of the collection's published list of 2018 to 2020; they are to be read again each year.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.domain.binding import binds
from app.domain.calendar import census_days
from app.domain.codes import NEED_CODES, STATUS_CODES, NeedType, SchoolType, SenStatus
from app.domain.entries import (
    EhcPlanCeased,
    EhcPlanIssued,
    Entry,
    Erased,
    NeedImported,
    NeedsSet,
    SenDecided,
    StatusImported,
    SupportEnded,
    TransitionDecided,
    UnitPlacementDescribed,
)
from app.domain.record import Record
from app.domain.rule import Fact, Finding
from app.domain.rules.reading import LAST_CENSUS_WITH_BESD, SINCE_APRIL_2018
from app.domain.rules.school_census import (
    KEEP_TYPES_AND_STATUS_CONSISTENT,
    QUERY_NO_SEN_AT_A_SPECIAL_SCHOOL,
    RANK_NEEDS_FROM_ONE,
    SAY_WHO_HAS_A_PLACE_IN_A_UNIT,
    USE_CURRENT_STATUSES,
    USE_STATUSES_OF_THE_DAY,
    USE_TYPES_OF_THE_DAY,
)
from app.domain.rules.scopes import SPECIAL
from app.domain.rules.transition_2014_2015 import RECODE_AN_OPEN_STATEMENT

MOST_TYPES: Final = 2
HIGHEST_RANK: Final = 99
"""The census takes two types; schools and transfer files rank up to 99."""

GIVE_A_STATUS: Final[tuple[type[Entry], ...]] = (StatusImported, SenDecided, TransitionDecided, EhcPlanIssued, EhcPlanCeased, SupportEnded)
GIVE_NEEDS: Final[tuple[type[Entry], ...]] = (NeedImported, NeedsSet)
IN_NEED: Final = frozenset({SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN})
MAINSTREAM: Final = frozenset({SchoolType.MAINTAINED_MAINSTREAM, SchoolType.ACADEMY_MAINSTREAM})
WITHOUT_UNITS: Final = SPECIAL | {SchoolType.PUPIL_REFERRAL_UNIT}


class Season(StrEnum):
    """The three censuses of a year; types of need and places in units are collected in spring alone."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"


def season_of(day: date) -> Season | None:
    """The census whose day this is, None for any other day."""
    return next((season for season, on in zip(Season, census_days(day.year), strict=True) if on == day), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedNeed:
    """A type with its rank as it would be returned; one of the two may be lacking in what somebody else made."""

    need_type: NeedType | None
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What a school returns of a pupil's special educational needs; a place in a unit is None where nobody said."""

    provision: SenStatus | None
    needs: tuple[ReturnedNeed, ...] = ()
    in_sen_unit: bool | None = None
    in_resourced_provision: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusError:
    """A check that fails: its number, whether it is only a query, and the rule behind it with the facts."""

    number: str
    finding: Finding
    is_query: bool = False


def is_on_roll(record: Record, on: date) -> bool:
    """Whether the pupil is on the roll on a day; the first day off roll is outside."""
    then = record.as_at(on)
    return then.enrolled_on is not None and then.left_on is None


def return_of(record: Record, on: date) -> Return:
    """Draw up what the record says on a day: the first two types by rank, and any others of the same rank as the second.

    A status whose entry was erased is not known, and nor are types whose entry was erased last.
    """
    then = record.as_at(on)
    needs = () if _is_lost(then, GIVE_NEEDS) else then.needs_on(on)
    last_rank = needs[:MOST_TYPES][-1].rank if needs else 0
    placed = next((entry for _, entry in reversed(tuple(then.each(UnitPlacementDescribed)))), None)
    return Return(
        provision=None if _is_lost(then, GIVE_A_STATUS) else then.status_on(on),
        needs=tuple(ReturnedNeed(need_type=need.need_type, rank=need.rank) for need in needs if need.rank <= last_rank),
        in_sen_unit=placed.in_sen_unit if placed else None,
        in_resourced_provision=placed.in_resourced_provision if placed else None,
    )


def census_errors(record: Record, on: date) -> tuple[CensusError, ...]:
    """List the checks that a pupil on the roll would fail on a census day; on a day that is none, all of spring's are made."""
    if not is_on_roll(record, on):
        return ()
    described = record.school.described_on(on)
    errors = errors_in(return_of(record, on), on, school_type=described.school_type if described else None)
    return tuple(error for error in errors if binds(error.finding.rule, record.school, on))


def errors_in(returned: Return, on: date, *, school_type: SchoolType | None) -> Iterator[CensusError]:
    """List the checks that a return would fail on a day at a school of this type, in the order of their numbers."""
    found = [*_status_errors(returned, on, school_type)]
    if season_of(on) in (None, Season.SPRING):
        found += [*_type_errors(returned, on), *_unit_errors(returned, school_type)]
        if returned.provision is not SenStatus.NONE:
            found += _rank_errors(returned)
    yield from sorted(found, key=lambda error: error.number)


def _is_lost(record: Record, kinds: tuple[type[Entry], ...]) -> bool:
    """Whether the last entry of these kinds was erased, so that what it said is not known."""
    types = {kind.type for kind in kinds}
    for recorded in reversed(record.entries):
        if isinstance(recorded.entry, kinds):
            return False
        if isinstance(recorded.entry, Erased) and recorded.entry.erased_type in types:
            return True
    return False


def _status_errors(returned: Return, on: date, school_type: SchoolType | None) -> Iterator[CensusError]:
    status = returned.provision
    facts: dict[str, Fact] = {"on": str(on), "status": status}
    invalid = USE_CURRENT_STATUSES if on in SINCE_APRIL_2018 else USE_STATUSES_OF_THE_DAY
    if status is None:
        cure = "let a named person decide anew what the erased entry decided"
        yield CensusError(number="2120", finding=invalid.broken(missing=("SEN status",), cure=cure).shown_by(facts))
    elif not STATUS_CODES[status].is_open_on(on):
        if status is SenStatus.STATEMENT:
            cure = "record the plan that replaced it, and review"
            yield CensusError(number="2115", finding=RECODE_AN_OPEN_STATEMENT.broken(cure=cure).shown_by(facts))
        else:
            cure = "decide what holds on the day; an old code is never re-coded by itself"
            yield CensusError(number="2120", finding=invalid.broken(cure=cure).shown_by(facts))
    if status is SenStatus.NONE and school_type in SPECIAL:
        finding = QUERY_NO_SEN_AT_A_SPECIAL_SCHOOL.broken(cure="check the status, or explain it when the return is queried")
        yield CensusError(number="2180", finding=finding.shown_by(facts), is_query=True)


def _type_errors(returned: Return, on: date) -> Iterator[CensusError]:
    status, types = returned.provision, [need.need_type for need in returned.needs]
    rule = KEEP_TYPES_AND_STATUS_CONSISTENT
    facts: dict[str, Fact] = {"status": status, "types": len(types)}
    if status is SenStatus.NONE and types:
        yield CensusError(number="2125", finding=rule.broken(cure="end the needs, or decide for SEN Support").shown_by(facts))
    if status in IN_NEED | {SenStatus.STATEMENT}:
        if not any(types):
            finding = rule.broken(missing=("type of need",), cure="set a type of need, or NSA for SEN Support").shown_by(facts)
            yield CensusError(number="2170", finding=finding)
        for need_type in types:
            if need_type is not None and not is_valid(need_type, status, on):
                finding = USE_TYPES_OF_THE_DAY.broken(need_type=need_type, on=str(on), cure="assess anew and choose a type of the day")
                yield CensusError(number="2170", finding=finding)
    if NeedType.NSA in types and status is not SenStatus.SEN_SUPPORT:
        yield CensusError(number="2175", finding=rule.broken(need_type=NeedType.NSA, cure="use NSA with SEN Support alone").shown_by(facts))


def is_valid(need_type: NeedType, status: SenStatus | None, on: date) -> bool:
    """Whether the census takes a type with a status on a day; BESD up to 15 January 2015, inside. NSA has a check of its own."""
    if need_type is NeedType.BESD:
        return on <= LAST_CENSUS_WITH_BESD
    code = NEED_CODES[need_type]
    return code.is_open_on(on) and (need_type is NeedType.NSA or status in code.goes_with)


def _rank_errors(returned: Return) -> Iterator[CensusError]:
    needs, rule = returned.needs, RANK_NEEDS_FROM_ONE
    facts: dict[str, Fact] = {"types": len(needs)}
    if any(need.need_type is None and need.rank is not None for need in needs):
        yield CensusError(number="2130", finding=rule.broken(missing=("type of need",), cure="give each rank its type").shown_by(facts))
    if any(need.need_type is not None for need in needs) and not _are_ranked(needs):
        yield CensusError(number="2140", finding=rule.broken(cure="rank the types from 1, each rank once").shown_by(facts))
    if len(needs) == 1 and needs[0].rank is not None and 1 < needs[0].rank <= HIGHEST_RANK:
        yield CensusError(number="2160", finding=rule.broken(rank=needs[0].rank, cure="rank the only type 1").shown_by(facts))
    if len(needs) > MOST_TYPES:
        yield CensusError(number="2166", finding=rule.broken(cure="rank the types from 1, so that two come first").shown_by(facts))


def _are_ranked(needs: tuple[ReturnedNeed, ...]) -> bool:
    """Whether each has a rank of its own that the census takes; a single one that is ranked lower is another fault."""
    highest = HIGHEST_RANK if len(needs) == 1 else MOST_TYPES
    ranks = [need.rank for need in needs]
    return all(rank is not None and 1 <= rank <= highest for rank in ranks) and max(Counter(ranks).values(), default=1) == 1


def _unit_errors(returned: Return, school_type: SchoolType | None) -> Iterator[CensusError]:
    placed = (
        ("in_sen_unit", returned.in_sen_unit, "2230", "5049"),
        ("in_resourced_provision", returned.in_resourced_provision, "2250", "5050"),
    )
    rule = SAY_WHO_HAS_A_PLACE_IN_A_UNIT
    for name, value, asked, not_asked in placed:
        if school_type in MAINSTREAM and returned.provision in IN_NEED and value is None:
            finding = rule.broken(
                status=returned.provision, missing=(name,), cure="say whether the pupil has such a place; no is an answer"
            )
            yield CensusError(number=asked, finding=finding)
        if school_type in WITHOUT_UNITS and value is not None:
            yield CensusError(number=not_asked, finding=rule.broken(cure="leave it out at a school of this type").shown_by({name: value}))
