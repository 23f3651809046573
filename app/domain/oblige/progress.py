"""Duties towards every pupil, with special educational needs or without: a baseline on entry, and progress looked at again and again."""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.entries import BaselineTaken, ProgressChecked, PupilEnrolled, Recorded, SettingChanged, SettingName
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.record import Record
from app.domain.rules.code_of_practice_2015.identification import ASSESS_ALL_PUPILS_REGULARLY, TAKE_A_BASELINE_ON_ENTRY


def oblige_baseline(record: Record, until: date) -> Iterator[Obligation]:
    """Each time a pupil comes on roll, skills and attainment are assessed within the school's own days; the Code counts none."""
    baselines = tuple(record.each(BaselineTaken))
    for recorded, enrolled in record.each(PupilEnrolled):
        within = record.school.last_day(SettingName.TAKE_BASELINE_WITHIN_DAYS, enrolled.occurred_on)
        met = next((found for found, taken in baselines if taken.occurred_on >= enrolled.occurred_on), None)
        yield Obligation(
            rule=TAKE_A_BASELINE_ON_ENTRY,
            shape=Shape.DATED,
            occasion=str(recorded.number),
            arises_on=enrolled.occurred_on,
            due=within.day,
            met_on=met.entry.occurred_on if met else None,
            met_by=met.number if met else None,
            missing=within.missing,
        )


def oblige_progress_checks(record: Record, until: date) -> Iterator[Obligation]:
    """Progress is looked at within the days that the school chose, and within as many again from each look or each day missed.

    Until a school has chosen how often, nothing is counted, for the Code names no interval.
    """
    begins = _counted_from(record)
    checks = [recorded for recorded, _ in record.each(ProgressChecked)]
    while begins is not None and begins <= until:
        if record.school.setting(SettingName.CHECK_PROGRESS_WITHIN_DAYS, begins) == 0:
            return
        within = record.school.last_day(SettingName.CHECK_PROGRESS_WITHIN_DAYS, begins)
        met = next((check for check in checks if check.entry.occurred_on > begins), None)
        yield _check(begins, within.day, met, within.missing)
        if within.day is None:
            return
        begins = met.entry.occurred_on if met and met.entry.occurred_on <= within.day else within.day


def _counted_from(record: Record) -> date | None:
    chosen = (
        e.occurred_on for _, e in record.school.each(SettingChanged) if e.setting is SettingName.CHECK_PROGRESS_WITHIN_DAYS and e.value
    )
    first, enrolled = next(chosen, None), record.enrolled_on
    return max(first, enrolled) if first and enrolled else None


def _check(begins: date, due: date | None, met: Recorded | None, missing: tuple[str, ...]) -> Obligation:
    is_met = met is not None and due is not None and met.entry.occurred_on <= due
    return Obligation(
        rule=ASSESS_ALL_PUPILS_REGULARLY,
        shape=Shape.RECURRING,
        occasion=f"from {begins}",
        arises_on=begins,
        due=due,
        met_on=met.entry.occurred_on if is_met and met else None,
        met_by=met.number if is_met and met else None,
        missing=missing,
    )


DUTIES: Final[tuple[Duty, ...]] = (oblige_baseline, oblige_progress_checks)
MET_BY: Final[MetBy] = MappingProxyType({TAKE_A_BASELINE_ON_ENTRY.id: (BaselineTaken,), ASSESS_ALL_PUPILS_REGULARLY.id: (ProgressChecked,)})
