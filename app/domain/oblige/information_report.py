"""Duties about the SEN information report: to have one, to review it yearly, and to follow changes."""

from collections.abc import Iterator
from datetime import date

from app.domain.calendar import add_months
from app.domain.entries import InformationReportPublished, ReportedFactChanged, SettingName
from app.domain.obligation import Obligation, Shape
from app.domain.oblige.gaps import Met, gap
from app.domain.rules.children_and_families_act_2014 import PUBLISH_AN_INFORMATION_REPORT
from app.domain.rules.send_regulations_2014.schools import RENEW_THE_INFORMATION_REPORT_EVERY_YEAR, UPDATE_THE_REPORT_AFTER_A_CHANGE
from app.domain.school import School

MONTHS_BETWEEN_REPORTS = 12


def oblige_information_report(school: School, until: date) -> Iterator[Obligation]:
    """From the day the record begins there is a report on the website; every day without one breaks the duty."""
    begins = school.record_begins_on
    if begins is not None:
        yield from gap(PUBLISH_AN_INFORMATION_REPORT, begins, next(iter(_published(school)), None))


def oblige_yearly_review(school: School, until: date) -> Iterator[Obligation]:
    """Each report is followed by the next within twelve months, the anniversary inside."""
    published = _published(school)
    for place, (begins, _) in enumerate(published):
        following = published[place + 1] if place + 1 < len(published) else None
        yield Obligation(
            rule=RENEW_THE_INFORMATION_REPORT_EVERY_YEAR,
            shape=Shape.RECURRING,
            occasion=f"from {begins}",
            arises_on=begins,
            due=add_months(begins, MONTHS_BETWEEN_REPORTS),
            met_on=following[0] if following else None,
            met_by=following[1] if following else None,
        )


def oblige_update(school: School, until: date) -> Iterator[Obligation]:
    """A change during the year is in the report within the school's own days; the Regulations say as soon as possible."""
    for recorded, changed in school.each(ReportedFactChanged):
        within = school.last_day(SettingName.UPDATE_REPORT_WITHIN_DAYS, changed.occurred_on)
        met = next(((day, number) for day, number in _published(school) if day >= changed.occurred_on), None)
        yield Obligation(
            rule=UPDATE_THE_REPORT_AFTER_A_CHANGE,
            shape=Shape.DATED,
            occasion=str(recorded.number),
            arises_on=changed.occurred_on,
            due=within.day,
            met_on=met[0] if met else None,
            met_by=met[1] if met else None,
            missing=within.missing,
        )


def _published(school: School) -> list[Met]:
    return [(report.occurred_on, recorded.number) for recorded, report in school.each(InformationReportPublished)]
