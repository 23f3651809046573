"""All duties that have fallen on a school or an authority, for a pupil or for the school itself, derived from entries alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType, ModuleType
from typing import Final

from app.domain.entries import DepartureExplained, Entry
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import (
    Duty,
    SchoolDuty,
    access_requests,
    annual_reviews,
    cycles,
    ehc,
    identification,
    keeping,
    meetings,
    progress,
    reports,
    specialists,
    telling,
    transitions,
)
from app.domain.oblige import school as oblige_school
from app.domain.programmes import PROGRAMMES
from app.domain.record import Record
from app.domain.rule import Actor, Force
from app.domain.rules.pupil_information_regulations_2005 import SEND_THE_RECORD_ON
from app.domain.rules.transition_2014_2015 import ASSESS_BESD_ANEW, RECODE_AN_OPEN_STATEMENT, TRANSFER_STATEMENTS_BY_APRIL_2018
from app.domain.school import School

NOUNS: Final[tuple[ModuleType, ...]] = (
    progress,
    identification,
    telling,
    transitions,
    cycles,
    meetings,
    specialists,
    reports,
    ehc,
    annual_reviews,
    access_requests,
    keeping,
)
DUTIES: Final[tuple[Duty, ...]] = tuple(duty for noun in NOUNS for duty in noun.DUTIES)
MET_BY: Final[Mapping[str, tuple[type[Entry], ...]]] = MappingProxyType(
    {rule: kinds for noun in (*NOUNS, oblige_school) for rule, kinds in noun.MET_BY.items()}
)
OWED_ON_WHAT_STANDS: Final = frozenset(
    {
        ASSESS_BESD_ANEW.id,
        RECODE_AN_OPEN_STATEMENT.id,
        TRANSFER_STATEMENTS_BY_APRIL_2018.id,
        *(programme.rules.decide.id for programme in PROGRAMMES.values()),
    }
)
"""Duties about an open code, which the record shows whenever it began; whether others were met before it began is not known."""

OWED_AFTER_LEAVING: Final = frozenset({SEND_THE_RECORD_ON.id})
"""Duties that leaving the school gives rise to, and so does not end."""


def obligations(record: Record, *, until: date, duties: Iterable[Duty] = DUTIES) -> Iterator[Obligation]:
    """Derive what was or will be owed from its first day up to `until`, inside, by due day, rule, person and occasion.

    A rule binds only the types of school it names, and only on days on which it is in force. Without a described school nothing is owed,
    and neither is anything on a record that was joined to another.
    """
    if record.merged_into is not None:
        return
    found = (_seen_in(record, owed) for duty in duties for owed in duty(record, until) if _is_owed(record.school, owed, until))
    yield from sorted(_with_departures(record, found), key=_place)


def school_obligations(school: School, *, until: date, duties: Iterable[SchoolDuty] = oblige_school.DUTIES) -> Iterator[Obligation]:
    """Derive what the school itself was or will owe, whichever pupils it has, in the same order and under the same bounds."""
    found = (_in_school(school, owed) for duty in duties for owed in duty(school, until) if _is_owed(school, owed, until))
    yield from sorted(found, key=_place)


def _is_owed(school: School, owed: Obligation, until: date) -> bool:
    described = school.described_on(owed.arises_on) or school.described
    is_bound = described is not None and described.school_type in owed.rule.binds and owed.rule.force is not Force.PROPOSED
    return is_bound and owed.arises_on in owed.rule.in_force and owed.arises_on <= until


def _seen_in(record: Record, owed: Obligation) -> Obligation:
    """End what the school no longer owes a pupil who left, and call not known what the record cannot show."""
    if record.left_on and owed.rule.who is not Actor.LOCAL_AUTHORITY and owed.rule.id not in OWED_AFTER_LEAVING:
        owed = replace(owed, ended_on=min(record.left_on, owed.ended_on or record.left_on))
    is_shown = owed.met_on is not None and owed.shape is not Shape.CONTINUOUS
    missing = () if is_shown or owed.missing else tuple(_not_shown(record, owed))
    return replace(owed, missing=missing) if missing else owed


def _in_school(school: School, owed: Obligation) -> Obligation:
    begins, falls = school.record_begins_on, owed.due or owed.arises_on
    is_before = begins is not None and falls < begins and owed.met_on is None and not owed.missing
    return replace(owed, missing=("record_before_it_begins",)) if is_before else owed


def _not_shown(record: Record, owed: Obligation) -> Iterator[str]:
    begins, falls = record.school.record_begins_on, owed.due or owed.arises_on
    if begins and falls < begins and owed.rule.id not in OWED_ON_WHAT_STANDS:
        yield "record_before_it_begins"
    if owed.rule.id in MET_BY and record.has_erased(*MET_BY[owed.rule.id]):
        yield "erased_entry"


def _with_departures(record: Record, found: Iterable[Obligation]) -> Iterator[Obligation]:
    explained = {(entry.rule, entry.occasion): recorded.number for recorded, entry in record.each(DepartureExplained)}
    for owed in found:
        departed = explained.get((owed.rule.id, owed.occasion)) if owed.rule.force is Force.SHOULD else None
        yield replace(owed, departed_by=departed) if departed is not None else owed


def _place(owed: Obligation) -> tuple[date, date, str, int, str]:
    person = -1 if owed.person is None else owed.person.int
    return (owed.due or owed.arises_on, owed.arises_on, owed.rule.id, person, owed.occasion)
