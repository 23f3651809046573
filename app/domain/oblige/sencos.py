"""Duties about the SENCO: to have one, on what ground, qualified in time, with a role that was determined."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.calendar import add_months
from app.domain.codes import StaffRole
from app.domain.entries import RoleEnded, RoleGiven, SencoDescribed, SencoQualified, SencoRoleDetermined
from app.domain.obligation import Obligation, Shape
from app.domain.oblige.gaps import Met, gap
from app.domain.rules.children_and_families_act_2014 import DESIGNATE_A_SENCO
from app.domain.rules.send_regulations_2014.schools import (
    DETERMINE_THE_ROLE_OF_THE_SENCO,
    NAME_THE_GROUND_A_SENCO_SERVES_ON,
    QUALIFY_AS_SENCO_WITHIN_THREE_YEARS,
)
from app.domain.school import School
from app.domain.senco_awards import counts, is_asked

MONTHS_TO_QUALIFY = 36
MONTHS_OF_WARNING = 12
"""So long before the last day the duty is shown as due; ours, not the law's."""
GROUND_NOT_GIVEN = ("ground on which the SENCO serves",)
START_NOT_GIVEN = ("day on which the SENCO first became one",)


@dataclass(frozen=True, slots=True)
class Term:
    """The days on which somebody is SENCO here, the last outside, with the number of the entry that gave the role."""

    staff: UUID
    since: date
    until: date | None
    number: int


def oblige_designation(school: School, until: date) -> Iterator[Obligation]:
    """On every day from the day the record begins somebody is SENCO; a gap closes when the next one begins."""
    opens = school.record_begins_on
    for term in sorted(_terms(school), key=lambda term: (term.since, term.number)):
        if opens is None or (term.until is not None and term.until <= opens):
            continue
        yield from gap(DESIGNATE_A_SENCO, opens, (term.since, term.number))
        opens = term.until
        if opens is None:
            return
    if opens is not None:
        yield from gap(DESIGNATE_A_SENCO, opens, None)


def oblige_ground(school: School, until: date) -> Iterator[Obligation]:
    """Each SENCO serves on a ground that the Regulations know; until it is given it is not known."""
    for term in _terms(school):
        met = _described(school, term.staff)
        arises = max(term.since, NAME_THE_GROUND_A_SENCO_SERVES_ON.in_force.since or term.since)
        yield Obligation(
            rule=NAME_THE_GROUND_A_SENCO_SERVES_ON,
            shape=Shape.DATED,
            occasion=f"from {term.since}",
            person=term.staff,
            arises_on=arises,
            due=arises,
            met_on=arises if met else None,
            met_by=met[1] if met else None,
            ended_on=term.until,
            missing=() if met else GROUND_NOT_GIVEN,
        )


def oblige_qualification(school: School, until: date) -> Iterator[Obligation]:
    """A SENCO is qualified on the third anniversary of first becoming one, that day inside, at whatever school that was."""
    for term in _terms(school):
        described = next((e for _, e in school.each(SencoDescribed) if e.staff == term.staff), None)
        if described is None:
            yield _qualification(term, term.since, None, missing=START_NOT_GIVEN)
        elif is_asked(described):
            due = add_months(described.became_senco_on, MONTHS_TO_QUALIFY)
            yield _qualification(term, due, _qualified(school, term.staff))


def oblige_role(school: School, until: date) -> Iterator[Obligation]:
    """From the first SENCO on, what the role leads and does is determined."""
    began = min((term.since for term in _terms(school)), default=None)
    if began is not None:
        opens = max(began, school.record_begins_on or began)
        determined = ((role.occurred_on, recorded.number) for recorded, role in school.each(SencoRoleDetermined))
        yield from gap(DETERMINE_THE_ROLE_OF_THE_SENCO, opens, next(determined, None))


def _terms(school: School) -> tuple[Term, ...]:
    return tuple(
        Term(given.staff, given.occurred_on, _ends(school, given), recorded.number)
        for recorded, given in school.each(RoleGiven)
        if given.role is StaffRole.SENCO
    )


def _ends(school: School, given: RoleGiven) -> date | None:
    ended = (e.occurred_on for _, e in school.each(RoleEnded) if (e.staff, e.role) == (given.staff, given.role))
    days = [day for day in (given.until, next((day for day in ended if day >= given.occurred_on), None)) if day is not None]
    return min(days, default=None)


def _described(school: School, staff: UUID) -> Met | None:
    return next(((e.occurred_on, r.number) for r, e in school.each(SencoDescribed) if e.staff == staff), None)


def _qualified(school: School, staff: UUID) -> Met | None:
    return next(((e.occurred_on, r.number) for r, e in school.each(SencoQualified) if e.staff == staff and counts(e)), None)


def _qualification(term: Term, due: date, met: Met | None, missing: tuple[str, ...] = ()) -> Obligation:
    arises = max(term.since, QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.in_force.since or term.since)
    return Obligation(
        rule=QUALIFY_AS_SENCO_WITHIN_THREE_YEARS,
        shape=Shape.DATED,
        occasion=f"from {term.since}",
        person=term.staff,
        arises_on=arises,
        opens_on=max(arises, add_months(due, -MONTHS_OF_WARNING)),
        due=due,
        met_on=met[0] if met else None,
        met_by=met[1] if met else None,
        ended_on=term.until,
        missing=missing,
    )
