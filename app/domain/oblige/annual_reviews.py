"""Duties of the yearly review of an EHC plan and of moves between phases."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.annual_reviews import WEEKS_TO_AMEND, WEEKS_TO_DECIDE, WEEKS_TO_REPORT
from app.domain.calendar import add_months, weeks_after
from app.domain.codes import SenStatus
from app.domain.entries import (
    AnnualReviewDecided,
    AnnualReviewHeld,
    AnnualReviewReported,
    EhcPlanAmended,
    Phase,
    PhaseMoveExpected,
    Recommendation,
    Recorded,
)
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.periods import StatusPeriod
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules.send_regulations_2014.reviews import (
    AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE,
    DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW,
    REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS,
    REVIEW_THE_PLAN_EVERY_YEAR,
    SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS,
)

A_DAY: Final = timedelta(days=1)
LAST_REVIEW_ELSEWHERE: Final = ("day of the last review before the pupil came",)
MONTHS_BETWEEN_REVIEWS: Final = 12
MONTHS_BEFORE_A_POST_16_MOVE: Final = 5


def oblige_annual_review(record: Record, until: date) -> Iterator[Obligation]:
    """A plan is reviewed in each twelve months that begin with the day it was made or last reviewed, so by the eve of the anniversary.

    A plan that was made before the pupil came was reviewed elsewhere, which is not known until a review is held here. What happens
    to the plan after the pupil left is not in this record.
    """
    meetings = [recorded for recorded, _ in record.each(AnnualReviewHeld)]
    for period in _plan_periods(record):
        begins: date | None = period.since
        is_known = not period.imported
        while begins is not None and begins <= until:
            met = next(
                (meeting for meeting in meetings if meeting.entry.occurred_on > begins and period.covers(meeting.entry.occurred_on)), None
            )
            yield _review(record, period, begins, met, is_known=is_known)
            begins, is_known = (met.entry.occurred_on if met else None), True


def oblige_after_a_review(record: Record, until: date) -> Iterator[Obligation]:
    """After each meeting a report within two weeks, a decision within four, and an amended plan within twelve if it is to be amended."""
    for recorded in record.all(AnnualReviewHeld):
        decided = _about(record.each(AnnualReviewDecided), recorded.number)
        reported = _about(record.each(AnnualReviewReported), recorded.number)
        yield _after(REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS, recorded, WEEKS_TO_REPORT, reported)
        yield _after(DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW, recorded, WEEKS_TO_DECIDE, decided)
        if decided and isinstance(decided.entry, AnnualReviewDecided) and decided.entry.decision is Recommendation.AMEND:
            amended = _about(record.each(EhcPlanAmended), recorded.number)
            yield _after(SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS, recorded, WEEKS_TO_AMEND, amended)


def oblige_phase_move(record: Record, until: date) -> Iterator[Obligation]:
    """The plan of a pupil who moves phase names the next setting by the day that the kind of move has, inside."""
    for recorded, expected in record.each(PhaseMoveExpected):
        last_day = LAST_DAYS.get(expected.to)
        due = last_day(expected.moves_on) if last_day else None
        if due is None or not any(_overlaps(period, expected.occurred_on, due) for period in _plan_periods(record)):
            continue
        named = next((r for r, plan in record.each(EhcPlanAmended) if plan.names_setting_for_next_phase and _is_for(plan, expected)), None)
        yield Obligation(
            rule=AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE,
            shape=Shape.DATED,
            occasion=str(recorded.number),
            arises_on=min(expected.occurred_on, due),
            due=due,
            met_on=named.entry.occurred_on if named else None,
            met_by=named.number if named else None,
        )


def _fifteenth_of_february(moves_on: date) -> date:
    return date(moves_on.year, 2, 15)


def _end_of_march(moves_on: date) -> date:
    return date(moves_on.year, 3, 31)


def _five_months_before(moves_on: date) -> date:
    return add_months(moves_on, -MONTHS_BEFORE_A_POST_16_MOVE)


LAST_DAYS: Final[Mapping[Phase, Callable[[date], date]]] = MappingProxyType(
    {
        Phase.PRIMARY: _fifteenth_of_february,
        Phase.JUNIOR: _fifteenth_of_february,
        Phase.MIDDLE: _fifteenth_of_february,
        Phase.SECONDARY: _fifteenth_of_february,
        Phase.POST_16: _end_of_march,
        Phase.BETWEEN_POST_16: _five_months_before,
    }
)
"""The last day by the phase moved to; both dates are of the calendar year of the move, which is made in the autumn."""


def _plan_periods(record: Record) -> Iterator[StatusPeriod]:
    return (period for period in record.statuses if period.status is SenStatus.EHC_PLAN)


def _within(period: StatusPeriod, meeting: Recorded) -> bool:
    return period.covers(meeting.entry.occurred_on)


def _review(record: Record, period: StatusPeriod, begins: date, met: Recorded | None, *, is_known: bool) -> Obligation:
    ends = [day for day in (period.until, record.left_on) if day is not None]
    return Obligation(
        rule=REVIEW_THE_PLAN_EVERY_YEAR,
        shape=Shape.RECURRING,
        occasion=f"from {begins}",
        arises_on=begins,
        due=add_months(begins, MONTHS_BETWEEN_REVIEWS) - A_DAY,
        met_on=met.entry.occurred_on if met else None,
        met_by=met.number if met else None,
        ended_on=min(ends, default=None),
        missing=() if is_known else LAST_REVIEW_ELSEWHERE,
    )


def _about(
    found: Iterator[tuple[Recorded, AnnualReviewReported]]
    | Iterator[tuple[Recorded, AnnualReviewDecided]]
    | Iterator[tuple[Recorded, EhcPlanAmended]],
    review: int,
) -> Recorded | None:
    return next((recorded for recorded, entry in found if entry.review == review), None)


def _after(rule: Rule, meeting: Recorded, weeks: int, met: Recorded | None) -> Obligation:
    held_on = meeting.entry.occurred_on
    return Obligation(
        rule=rule,
        shape=Shape.DATED,
        occasion=str(meeting.number),
        arises_on=held_on,
        due=weeks_after(held_on, weeks),
        met_on=met.entry.occurred_on if met else None,
        met_by=met.number if met else None,
    )


def _overlaps(period: StatusPeriod, first: date, last: date) -> bool:
    return period.since <= last and (period.until is None or period.until > first)


def _is_for(plan: EhcPlanAmended, expected: PhaseMoveExpected) -> bool:
    """An amended plan serves the next move after it: one sent within the year before the pupil moves."""
    return add_months(expected.moves_on, -MONTHS_BETWEEN_REVIEWS) < plan.occurred_on <= expected.moves_on


DUTIES: Final[tuple[Duty, ...]] = (oblige_annual_review, oblige_after_a_review, oblige_phase_move)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        REVIEW_THE_PLAN_EVERY_YEAR.id: (AnnualReviewHeld,),
        REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS.id: (AnnualReviewReported,),
        DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW.id: (AnnualReviewDecided,),
        SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS.id: (EhcPlanAmended,),
        AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE.id: (EhcPlanAmended,),
    }
)
