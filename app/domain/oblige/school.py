"""Duties of the school itself: what it must have, publish and return, whichever pupils it has."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.calendar import census_days
from app.domain.entries import (
    AccessibilityPlanAdopted,
    AuthorityAnswered,
    AuthorityAsked,
    CensusReturned,
    ComplaintAnswered,
    ComplaintReceived,
    InformationReportPublished,
    NotionalBudgetAgreed,
    PolicyAdopted,
    PolicyKind,
    RoleGiven,
    SencoDescribed,
    SencoQualified,
    SencoRoleDetermined,
    SettingName,
)
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import MetBy, SchoolDuty
from app.domain.oblige.gaps import Met, gap
from app.domain.oblige.information_report import oblige_information_report, oblige_update, oblige_yearly_review
from app.domain.oblige.sencos import oblige_designation, oblige_ground, oblige_qualification, oblige_role
from app.domain.rule import Rule
from app.domain.rules.children_and_families_act_2014 import (
    CO_OPERATE_WITH_THE_AUTHORITY,
    DESIGNATE_A_SENCO,
    PUBLISH_AN_INFORMATION_REPORT,
    SUPPORT_PUPILS_WITH_MEDICAL_CONDITIONS,
)
from app.domain.rules.code_of_practice_2015.schools import AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET
from app.domain.rules.data_protection import ASSESS_THE_PROCESSING_FIRST
from app.domain.rules.education_act_1996 import AUTHORISE_THE_CENSUS
from app.domain.rules.equality_act_2010 import HAVE_AN_ACCESSIBILITY_PLAN
from app.domain.rules.send_regulations_2014.schools import (
    ANSWER_COMPLAINTS_ABOUT_PROVISION,
    DETERMINE_THE_ROLE_OF_THE_SENCO,
    NAME_THE_GROUND_A_SENCO_SERVES_ON,
    QUALIFY_AS_SENCO_WITHIN_THREE_YEARS,
    RENEW_THE_INFORMATION_REPORT_EVERY_YEAR,
    UPDATE_THE_REPORT_AFTER_A_CHANGE,
)
from app.domain.school import School

A_DAY: Final = timedelta(days=1)
PAPERS: Final[tuple[tuple[Rule, PolicyKind], ...]] = (
    (SUPPORT_PUPILS_WITH_MEDICAL_CONDITIONS, PolicyKind.MEDICAL_CONDITIONS),
    (ASSESS_THE_PROCESSING_FIRST, PolicyKind.DATA_PROTECTION_IMPACT_ASSESSMENT),
    (ASSESS_THE_PROCESSING_FIRST, PolicyKind.APPROPRIATE_POLICY_DOCUMENT),
)


def oblige_papers(school: School, until: date) -> Iterator[Obligation]:
    """From the day the record begins, or the rule if that was later, each paper is there; every day without it breaks the duty."""
    for rule, kind in PAPERS:
        opens = max(school.record_begins_on or date.min, rule.in_force.since or date.min)
        adopted = ((policy.occurred_on, recorded.number) for recorded, policy in school.each(PolicyAdopted) if policy.policy is kind)
        if school.record_begins_on is not None:
            yield from gap(rule, opens, next(adopted, None), occasion=kind.value)


def oblige_accessibility_plan(school: School, until: date) -> Iterator[Obligation]:
    """An accessibility plan is in force on every day; a gap opens when one runs out before the next is adopted."""
    opens = school.record_begins_on
    for recorded, plan in school.each(AccessibilityPlanAdopted):
        if opens is not None and plan.until >= opens:
            yield from gap(HAVE_AN_ACCESSIBILITY_PLAN, opens, (plan.occurred_on, recorded.number))
            opens = plan.until + A_DAY
    if opens is not None and opens <= until:
        yield from gap(HAVE_AN_ACCESSIBILITY_PLAN, opens, None)


def oblige_budget(school: School, until: date) -> Iterator[Obligation]:
    """For each financial year that begins with the record or later, the use of the notional budget is agreed by its end, 31 March."""
    begins = school.record_begins_on
    agreed = {budget.year: (budget.occurred_on, recorded.number) for recorded, budget in reversed(tuple(school.each(NotionalBudgetAgreed)))}
    years = range(begins.year, until.year + 1) if begins else range(0)
    for year in years:
        if begins and date(year, 4, 1) >= begins:
            yield _owed(AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET, str(year), date(year, 4, 1), date(year + 1, 3, 31), agreed.get(year))


def oblige_census(school: School, until: date) -> Iterator[Obligation]:
    """Each census is authorised within the school's own days of its census day; the days are ours, for the DfE sets them yearly."""
    begins = school.record_begins_on
    returned = {entry.census_on: (entry.occurred_on, recorded.number) for recorded, entry in reversed(tuple(school.each(CensusReturned)))}
    days = (day for year in range(begins.year, until.year + 1) for day in census_days(year)) if begins else iter(())
    for day in days:
        if begins and begins <= day <= until:
            within = school.last_day(SettingName.RETURN_CENSUS_WITHIN_DAYS, day)
            yield _owed(AUTHORISE_THE_CENSUS, f"census of {day}", day, within.day, returned.get(day), within.missing)


def oblige_answers(school: School, until: date) -> Iterator[Obligation]:
    """A complaint is answered, and so is the authority, by the day that was given for it."""
    answered = {entry.complaint: (entry.occurred_on, recorded.number) for recorded, entry in school.each(ComplaintAnswered)}
    for recorded, complaint in school.each(ComplaintReceived):
        rule, number = ANSWER_COMPLAINTS_ABOUT_PROVISION, recorded.number
        yield _owed(rule, str(number), complaint.occurred_on, complaint.answer_by, answered.get(number))
    replied = {entry.asked: (entry.occurred_on, recorded.number) for recorded, entry in school.each(AuthorityAnswered)}
    for recorded, asked in school.each(AuthorityAsked):
        rule, number = CO_OPERATE_WITH_THE_AUTHORITY, recorded.number
        yield _owed(rule, str(number), asked.occurred_on, asked.answer_by, replied.get(number))


def _owed(rule: Rule, occasion: str, arises: date, due: date | None, met: Met | None, missing: tuple[str, ...] = ()) -> Obligation:
    return Obligation(
        rule=rule,
        shape=Shape.DATED,
        occasion=occasion,
        arises_on=arises,
        due=due,
        met_on=met[0] if met else None,
        met_by=met[1] if met else None,
        missing=missing,
    )


DUTIES: Final[tuple[SchoolDuty, ...]] = (
    oblige_information_report,
    oblige_yearly_review,
    oblige_update,
    oblige_designation,
    oblige_ground,
    oblige_qualification,
    oblige_role,
    oblige_papers,
    oblige_accessibility_plan,
    oblige_budget,
    oblige_census,
    oblige_answers,
)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        PUBLISH_AN_INFORMATION_REPORT.id: (InformationReportPublished,),
        DESIGNATE_A_SENCO.id: (RoleGiven,),
        RENEW_THE_INFORMATION_REPORT_EVERY_YEAR.id: (InformationReportPublished,),
        UPDATE_THE_REPORT_AFTER_A_CHANGE.id: (InformationReportPublished,),
        NAME_THE_GROUND_A_SENCO_SERVES_ON.id: (SencoDescribed,),
        QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.id: (SencoQualified,),
        DETERMINE_THE_ROLE_OF_THE_SENCO.id: (SencoRoleDetermined,),
        SUPPORT_PUPILS_WITH_MEDICAL_CONDITIONS.id: (PolicyAdopted,),
        ASSESS_THE_PROCESSING_FIRST.id: (PolicyAdopted,),
        HAVE_AN_ACCESSIBILITY_PLAN.id: (AccessibilityPlanAdopted,),
        AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET.id: (NotionalBudgetAgreed,),
        AUTHORISE_THE_CENSUS.id: (CensusReturned,),
        ANSWER_COMPLAINTS_ABOUT_PROVISION.id: (ComplaintAnswered,),
        CO_OPERATE_WITH_THE_AUTHORITY.id: (AuthorityAnswered,),
    }
)
