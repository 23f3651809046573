"""What people contributed, or were asked to, towards an expectation: a view, a report, attendance, or a form that no record holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.calendar import add_months
from app.domain.contributions import Contribution, ContributionState, standing_of
from app.domain.entries.contributions import ContributionKind, Contributor, ContributorKind
from app.domain.profile import Expectation, Looks, Mender
from app.domain.record import Record
from app.domain.rule import Fact

MEETS: Final[Mapping[Looks, tuple[ContributionKind, ...]]] = MappingProxyType(
    {
        Looks.PARENTS_VIEW: (ContributionKind.PARENTS_VIEW,),
        Looks.PUPILS_VIEW: (ContributionKind.PUPILS_VIEW,),
        Looks.RECENT_ADVICE: (ContributionKind.SPECIALISTS_REPORT,),
        Looks.WIDER_DEVELOPMENT: (ContributionKind.SPECIALISTS_REPORT,),
        Looks.ATTENDANCE: (ContributionKind.ATTENDANCE,),
        Looks.NOT_HELD_HERE: (ContributionKind.LOCAL_FORM, ContributionKind.DECLARATION),
    }
)
"""Which contributions meet what is looked at. A paper is taken for what it was handed in as: nobody here reads it."""
OPEN: Final = frozenset({ContributionState.PENDING, ContributionState.LATE})
BROUGHT_BY: Final[Mapping[ContributorKind, Mender]] = MappingProxyType(
    {
        ContributorKind.STAFF: Mender.TEACHER,
        ContributorKind.CONTACT: Mender.PARENT,
        ContributorKind.PUPIL: Mender.PUPIL,
        ContributorKind.SPECIALIST: Mender.SPECIALIST,
    }
)
BY_KIND: Final[Mapping[ContributionKind, Mender]] = MappingProxyType(
    {
        ContributionKind.SENCOS_SUMMARY: Mender.SENCO,
        ContributionKind.ATTENDANCE: Mender.OFFICE,
        ContributionKind.DECLARATION: Mender.OFFICE,
        ContributionKind.LOCAL_FORM: Mender.OFFICE,
    }
)
"""Who at the school brings a contribution of its staff; any other is a teacher's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A contribution that somebody was asked for and has not given; `due` is its last day, inside."""

    contribution: UUID
    asked: int
    due: date
    is_late: bool
    mender: Mender


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributed:
    """What counts towards one expectation on a day: given and recent enough, given and too old, awaited.

    The first two are ledger numbers; `holds_until` is the last day on which the newest given is recent enough.
    """

    given: tuple[int, ...] = ()
    older: tuple[int, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    holds_until: date | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


def contributed(record: Record, expectation: Expectation, on: date) -> Contributed:
    """Say what was contributed towards an expectation by the end of a day; its age counts from the day it bears, else from its giving."""
    found = [one for one in standing_of(record, on) if one.kind in MEETS.get(expectation.looks, ())]
    given = sorted((day, one.given) for one in found if (day := _day_of(one)) is not None and one.given is not None)
    recent = [(day, number) for day, number in given if expectation.allows(day, on)]
    declined = [one.declined_on for one in found if one.state is ContributionState.DECLINED and one.declined_on]
    return Contributed(
        given=tuple(sorted(number for _, number in recent)),
        older=tuple(sorted(number for day, number in given if (day, number) not in recent)),
        awaited=tuple(_awaited(one) for one in found if one.state in OPEN),
        holds_until=add_months(recent[-1][0], expectation.months) if recent and expectation.months is not None else None,
        facts={"declined_on": str(max(declined))} if declined else {},
    )


def mender_of(kind: ContributionKind, contributor: Contributor) -> Mender:
    """Who can bring a contribution, or bring it anew."""
    if contributor.kind is ContributorKind.STAFF:
        return BY_KIND.get(kind, Mender.TEACHER)
    return BROUGHT_BY[contributor.kind]


def _day_of(one: Contribution) -> date | None:
    return (one.dated_on or one.given_on) if one.state is ContributionState.GIVEN else None


def _awaited(one: Contribution) -> Awaited:
    if one.asked is None or one.due is None:
        raise TypeError("what is awaited was asked for")
    late = one.state is ContributionState.LATE
    return Awaited(contribution=one.id, asked=one.asked, due=one.due, is_late=late, mender=mender_of(one.kind, one.contributor))
