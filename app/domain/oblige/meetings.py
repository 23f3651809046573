"""The duty to meet the parents, counted in school years."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.calendar import end_of_school_year, start_of_school_year
from app.domain.codes import SenStatus
from app.domain.entries import MeetingHeld, SettingName
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.periods import StatusPeriod
from app.domain.record import Record
from app.domain.rules.code_of_practice_2015.graduated_approach import MEET_PARENTS_THREE_TIMES_A_YEAR, RECORD_AND_SHARE_THE_MEETING

MEETINGS_A_YEAR = 3
DAYS_IN_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class _Span:
    """Days on SEN Support within one school year: first and last, both inside."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def oblige_meetings(record: Record, until: date) -> Iterator[Obligation]:
    """For each school year with days on SEN Support: three meetings, fewer in part of a year; each meeting held meets the next of them.

    A year is 1 September to 31 August, as the Code leaves it open. A meeting offered and declined counts. Days before the school's
    record begins are not counted, and neither are days after the pupil left.
    """
    years: dict[date, list[_Span]] = {}
    for span in _spans(record, until):
        years.setdefault(start_of_school_year(span.first), []).append(span)
    for year_start, spans in sorted(years.items()):
        yield from _of_year(record, year_start, spans)


def oblige_sharing_of_meetings(record: Record, until: date) -> Iterator[Obligation]:
    """What was agreed in a meeting is given to the parents and shared with staff within the school's own days; the Code counts none."""
    for recorded, meeting in record.each(MeetingHeld):
        if meeting.attended_by:
            within = record.school.last_day(SettingName.SHARE_MEETING_WITHIN_DAYS, meeting.occurred_on)
            days = (meeting.shared_with_staff_on, meeting.given_to_parents_on)
            met_on = max((day for day in days if day is not None), default=None) if all(days) else None
            yield Obligation(
                rule=RECORD_AND_SHARE_THE_MEETING,
                shape=Shape.DATED,
                occasion=str(recorded.number),
                arises_on=meeting.occurred_on,
                due=within.day,
                met_on=met_on,
                met_by=recorded.number if met_on else None,
                missing=within.missing,
            )


def meetings_owed(days: int) -> int:
    """How many meetings so many days on SEN Support call for: three a year by proportion, rounded up, at least one."""
    return min(MEETINGS_A_YEAR, max(1, -(-MEETINGS_A_YEAR * days // DAYS_IN_A_YEAR)))


def _of_year(record: Record, year_start: date, spans: list[_Span]) -> Iterator[Obligation]:
    due, first = end_of_school_year(year_start), spans[0].first
    held = [
        recorded
        for recorded, meeting in record.each(MeetingHeld)
        if any(span.first <= meeting.occurred_on <= span.last for span in spans) and (meeting.attended_by or meeting.declined_by)
    ]
    owed = meetings_owed(sum(span.days for span in spans))
    apart = ((due - first).days + 1) // owed
    for k in range(owed):
        met = held[k] if k < len(held) else None
        yield Obligation(
            rule=MEET_PARENTS_THREE_TIMES_A_YEAR,
            shape=Shape.COUNTED,
            occasion=f"{year_start.year}/{year_start.year + 1} meeting {k + 1}",
            arises_on=first,
            opens_on=first + timedelta(days=k * apart),
            due=due,
            met_on=met.entry.occurred_on if met else None,
            met_by=met.number if met else None,
            ended_on=spans[-1].last + timedelta(days=1) if spans[-1].last < due else None,
        )


def _spans(record: Record, until: date) -> Iterator[_Span]:
    begins = max(record.school.record_begins_on or date.min, MEET_PARENTS_THREE_TIMES_A_YEAR.in_force.since or date.min)
    for period in record.statuses:
        if period.status is SenStatus.SEN_SUPPORT:
            first = max(period.since, begins, record.enrolled_on or date.min)
            yield from _by_year(first, _last_day(record, period, until))


def _last_day(record: Record, period: StatusPeriod, until: date) -> date:
    ends = [day - timedelta(days=1) for day in (period.until, record.left_on) if day is not None]
    return min(ends, default=end_of_school_year(until))


def _by_year(first: date, last: date) -> Iterator[_Span]:
    while first <= last:
        end = min(last, end_of_school_year(first))
        yield _Span(first, end)
        first = end + timedelta(days=1)


DUTIES: Final[tuple[Duty, ...]] = (oblige_meetings, oblige_sharing_of_meetings)
MET_BY: Final[MetBy] = MappingProxyType(
    {MEET_PARENTS_THREE_TIMES_A_YEAR.id: (MeetingHeld,), RECORD_AND_SHARE_THE_MEETING.id: (MeetingHeld,)}
)
