"""Duties beside the cycle: the yearly report, moves between phases, a healthcare plan."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.calendar import compulsory_school_age_ends, school_year_of
from app.domain.codes import SchoolType
from app.domain.entries import (
    AnnualReportGiven,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    PhaseMoveExpected,
    PhaseMovePlanned,
    SettingName,
    TermName,
)
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.oblige.gaps import gap
from app.domain.record import Record
from app.domain.rules.children_and_families_act_2014 import LINK_THE_HEALTHCARE_PLAN
from app.domain.rules.code_of_practice_2015.specialists_and_records import PLAN_THE_MOVE_TO_THE_NEXT_PHASE
from app.domain.rules.pupil_information_regulations_2005 import REPORT_TO_PARENTS_EVERY_YEAR


def oblige_annual_report(record: Record, until: date) -> Iterator[Obligation]:
    """In each school year with the pupil on roll a report is given by the last day of the summer term, inside, as the school set it.

    At a referral unit it is owed in the year in which compulsory school age ends alone; without a date of birth that is not known.
    """
    first, given = record.enrolled_on, {e.school_year: r for r, e in reversed(tuple(record.each(AnnualReportGiven)))}
    begins = max(first, record.school.record_begins_on or first) if first else None
    last = min(until, record.left_on or until)
    for year in range(school_year_of(begins), school_year_of(last) + 1) if begins and begins <= last else ():
        lacking = _lacking_to_report(record, year)
        if lacking is None:
            continue
        summer, met = record.school.calendar.term(TermName.SUMMER, year), given.get(year)
        arises = max(begins or last, date(year, 9, 1))
        due = max(summer.last_on, arises) if summer else None
        yield Obligation(
            rule=REPORT_TO_PARENTS_EVERY_YEAR,
            shape=Shape.COUNTED,
            occasion=f"{year}/{year + 1}",
            arises_on=arises,
            opens_on=max(summer.first_on, arises) if summer else None,
            due=due,
            met_on=met.entry.occurred_on if met else None,
            met_by=met.number if met else None,
            missing=(*lacking, *(() if summer else (f"summer term {year}/{year + 1}",))),
        )


def _lacking_to_report(record: Record, year: int) -> tuple[str, ...] | None:
    """None where no report is owed on this year at a school of this type; otherwise the facts without which that cannot be told."""
    described = record.school.described_on(date(year, 9, 1)) or record.school.described
    if described is None or described.school_type is not SchoolType.PUPIL_REFERRAL_UNIT:
        return ()
    if record.date_of_birth is None:
        return ("date_of_birth",)
    return () if school_year_of(compulsory_school_age_ends(record.date_of_birth)) == year else None


def oblige_phase_move_plan(record: Record, until: date) -> Iterator[Obligation]:
    """A move to come is planned so many days before it as the school chose; one made known later is planned by the day it is made known."""
    for recorded, expected in record.each(PhaseMoveExpected):
        days = record.school.setting(SettingName.PLAN_MOVE_BEFORE_DAYS, expected.occurred_on)
        planned = (r for r, plan in record.each(PhaseMovePlanned) if (plan.to, plan.moves_on) == (expected.to, expected.moves_on))
        met = next(planned, None)
        yield Obligation(
            rule=PLAN_THE_MOVE_TO_THE_NEXT_PHASE,
            shape=Shape.DATED,
            occasion=str(recorded.number),
            arises_on=expected.occurred_on,
            due=max(expected.moves_on - timedelta(days=days), expected.occurred_on),
            met_on=met.entry.occurred_on if met else None,
            met_by=met.number if met else None,
        )


def oblige_healthcare_plan(record: Record, until: date) -> Iterator[Obligation]:
    """From the day a medical condition is noted a healthcare plan is kept beside the record; one linked before counts."""
    linked = [(entry.occurred_on, recorded.number) for recorded, entry in record.each(HealthcarePlanLinked)]
    noted = next((entry.occurred_on for _, entry in record.each(MedicalConditionNoted)), None)
    if noted is not None:
        yield from gap(LINK_THE_HEALTHCARE_PLAN, noted, min(linked, default=None))


DUTIES: Final[tuple[Duty, ...]] = (oblige_annual_report, oblige_phase_move_plan, oblige_healthcare_plan)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        REPORT_TO_PARENTS_EVERY_YEAR.id: (AnnualReportGiven,),
        PLAN_THE_MOVE_TO_THE_NEXT_PHASE.id: (PhaseMovePlanned,),
        LINK_THE_HEALTHCARE_PLAN.id: (HealthcarePlanLinked,),
    }
)
