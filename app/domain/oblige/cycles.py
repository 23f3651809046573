"""Duties of the graduated approach: a plan, one teacher, staff told, a review by its day."""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.codes import SenStatus, StaffRole
from app.domain.cycle import Cycle
from app.domain.cycles import staff_to_tell
from app.domain.entries import Entry, NextStep, PlanAgreed, ReviewHeld, RoleEnded, RoleGiven, SettingName, StaffTold
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.periods import StatusPeriod
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    HAVE_A_PLAN_ON_SEN_SUPPORT,
    NAME_ONE_RESPONSIBLE_TEACHER,
    REVIEW_BY_THE_AGREED_DATE,
    TELL_ALL_STAFF,
)


def oblige_review_by_the_agreed_date(record: Record, until: date) -> Iterator[Obligation]:
    """Each plan is reviewed on or before its date as it stands, for as long as the pupil has special educational needs."""
    for cycle in record.cycles:
        plan, due = cycle.plan_entry, cycle.review_on
        if plan is not None and due is not None:
            yield Obligation(
                rule=REVIEW_BY_THE_AGREED_DATE,
                shape=Shape.DATED,
                occasion=_occasion(cycle),
                arises_on=plan.occurred_on,
                due=due,
                met_on=cycle.review.entry.occurred_on if cycle.review else None,
                met_by=cycle.review.number if cycle.review else None,
                ended_on=_no_sen_after(record, plan.occurred_on),
            )


def oblige_staff_told(record: Record, until: date) -> Iterator[Obligation]:
    """All whom a plan names as giving support are told within the school's days for telling; the last of them meets it."""
    for cycle in record.cycles:
        plan = cycle.plan_entry
        if plan is not None:
            met = _all_told(cycle)
            within = record.school.last_day(SettingName.TELL_WITHIN_DAYS, plan.occurred_on)
            yield Obligation(
                rule=TELL_ALL_STAFF,
                shape=Shape.DATED,
                occasion=_occasion(cycle),
                arises_on=plan.occurred_on,
                due=within.day,
                met_on=met[0] if met else None,
                met_by=met[1] if met else None,
                ended_on=_no_sen_after(record, plan.occurred_on),
                missing=within.missing,
            )


def oblige_plan(record: Record, until: date) -> Iterator[Obligation]:
    """A gap opens when SEN Support begins and at each review, and closes with the next plan; a plan of the same day leaves none."""
    for period in _support_periods(record):
        for opens in sorted({period.since, *_reviews_in(record, period)}):
            closing = _first_plan(record, opens, period)
            yield from _gap(HAVE_A_PLAN_ON_SEN_SUPPORT, opens, closing, period)


def oblige_responsible_teacher(record: Record, until: date) -> Iterator[Obligation]:
    """A gap opens when nobody is named, or when the one named is no longer a teacher here, and closes with a plan that names one."""
    for period in _support_periods(record):
        lapses = (day for cycle in record.cycles for day in _lapses(record, cycle, period))
        for opens in sorted({period.since, *lapses}):
            closing = _first_plan(record, opens, period, by_teacher=True)
            yield from _gap(NAME_ONE_RESPONSIBLE_TEACHER, opens, closing, period)


def _occasion(cycle: Cycle) -> str:
    return f"cycle {cycle.number}"


def _support_periods(record: Record) -> Iterator[StatusPeriod]:
    return (period for period in record.statuses if period.status is SenStatus.SEN_SUPPORT)


def _no_sen_after(record: Record, day: date) -> date | None:
    return next((period.since for period in record.statuses if period.status is SenStatus.NONE and period.since > day), None)


def _all_told(cycle: Cycle) -> tuple[date, int] | None:
    left = set(staff_to_tell(cycle))
    for briefing in cycle.briefings:
        if isinstance(briefing.entry, StaffTold):
            left -= set(briefing.entry.staff)
        if not left:
            return briefing.entry.occurred_on, briefing.number
    return None


def _reviews_in(record: Record, period: StatusPeriod) -> Iterator[date]:
    for cycle in record.cycles:
        review = cycle.review_entry
        if review and review.next_step is not NextStep.END_SUPPORT and period.covers(review.occurred_on):
            yield review.occurred_on


def _first_plan(record: Record, opens: date, period: StatusPeriod, *, by_teacher: bool = False) -> tuple[date, int] | None:
    """The first plan on or after a day; a plan already running when support begins (from before an earlier exit) does not count."""
    for recorded, plan in record.each(PlanAgreed):
        is_named = not by_teacher or _teaches(record, plan, plan.occurred_on)
        if plan.occurred_on >= opens and (period.until is None or plan.occurred_on < period.until) and is_named:
            return plan.occurred_on, recorded.number
    return None


def _gap(rule: Rule, opens: date, closing: tuple[date, int] | None, period: StatusPeriod) -> Iterator[Obligation]:
    if closing is None or closing[0] > opens:
        yield Obligation(
            rule=rule,
            shape=Shape.CONTINUOUS,
            occasion=f"from {opens}",
            arises_on=opens,
            due=None,
            met_on=closing[0] if closing else None,
            met_by=closing[1] if closing else None,
            ended_on=period.until,
        )


def _teaches(record: Record, plan: PlanAgreed, day: date) -> bool:
    return StaffRole.TEACHER in record.school.roles_of(plan.responsible_teacher, day)


def _lapses(record: Record, cycle: Cycle, period: StatusPeriod) -> Iterator[date]:
    """The first day on which the plan's teacher does not teach here, if that plan is still the one in force."""
    plan = cycle.plan_entry
    if plan is None or not period.covers(plan.occurred_on):
        return
    nexts = (later.plan_entry.occurred_on for later in record.cycles if later.number > cycle.number and later.plan_entry)
    until = min((day for day in (*nexts, period.until) if day is not None), default=date.max)
    days = [plan.occurred_on, *sorted(day for e in record.school.entries if (day := _role_ends(e.entry, plan)) and day > plan.occurred_on)]
    yield from [day for day in days if day < until and not _teaches(record, plan, day)][:1]


def _role_ends(entry: Entry, plan: PlanAgreed) -> date | None:
    match entry:
        case RoleEnded() if entry.staff == plan.responsible_teacher:
            return entry.occurred_on
        case RoleGiven() if entry.staff == plan.responsible_teacher:
            return entry.until
        case _:
            return None


DUTIES: Final[tuple[Duty, ...]] = (
    oblige_plan,
    oblige_responsible_teacher,
    oblige_staff_told,
    oblige_review_by_the_agreed_date,
)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        HAVE_A_PLAN_ON_SEN_SUPPORT.id: (PlanAgreed,),
        NAME_ONE_RESPONSIBLE_TEACHER.id: (PlanAgreed,),
        TELL_ALL_STAFF.id: (StaffTold,),
        REVIEW_BY_THE_AGREED_DATE.id: (ReviewHeld,),
    }
)
