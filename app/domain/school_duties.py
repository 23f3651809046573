"""Steps of the school itself: its terms, what it must have and publish, its SENCO, its returns and its answers."""

from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain import information_report, sencos, terms
from app.domain.author import Author
from app.domain.binding import binding
from app.domain.calendar import add_months, census_days
from app.domain.decision import Decision
from app.domain.entries import (
    AccessibilityPlanAdopted,
    AuthorityAnswered,
    AuthorityAsked,
    CensusReturned,
    ComplaintAnswered,
    ComplaintReceived,
    Entry,
    InformationReportPublished,
    NotionalBudgetAgreed,
    PolicyAdopted,
    ReportedFactChanged,
    SencoDescribed,
    SencoQualified,
    SencoRoleDetermined,
)
from app.domain.roles import school_role_refusal
from app.domain.rule import Finding, Rule
from app.domain.rules.children_and_families_act_2014 import CO_OPERATE_WITH_THE_AUTHORITY
from app.domain.rules.education_act_1996 import AUTHORISE_THE_CENSUS
from app.domain.rules.equality_act_2010 import HAVE_AN_ACCESSIBILITY_PLAN
from app.domain.rules.send_regulations_2014.schools import ANSWER_COMPLAINTS_ABOUT_PROVISION
from app.domain.school import School
from app.domain.step import SchoolSteps

MONTHS_OF_AN_ACCESSIBILITY_PLAN: Final = 36


def write_down(school: School, entry: Entry, by: Author) -> Decision:
    """Add a fact about the school that stands by itself: refused only to an author to whom it is not given."""
    return _answer(school, entry, school_role_refusal(school, entry, by))


def adopt_accessibility_plan(school: School, entry: AccessibilityPlanAdopted, by: Author) -> Decision:
    """Adopt an accessibility plan; one for more than three years, counted to the eve of the anniversary, is remarked on."""
    refusal = school_role_refusal(school, entry, by)
    facts = {"adopted_on": str(entry.occurred_on), "until": str(entry.until)}
    if entry.until < entry.occurred_on:
        refusal = refusal or HAVE_AN_ACCESSIBILITY_PLAN.broken(**facts, cure="give a last day that is not before the first")
    is_short = entry.until < add_months(entry.occurred_on, MONTHS_OF_AN_ACCESSIBILITY_PLAN)
    rule = HAVE_AN_ACCESSIBILITY_PLAN
    finding = rule.kept(**facts) if is_short else rule.broken(**facts, cure="review it within three years")
    return _answer(school, entry, refusal, finding)


def return_census(school: School, entry: CensusReturned, by: Author) -> Decision:
    """Note that the head authorised the census of a census day; there is none of another day, and none before it."""
    refusal = school_role_refusal(school, entry, by)
    if entry.census_on not in census_days(entry.census_on.year) or entry.occurred_on < entry.census_on:
        refusal = refusal or AUTHORISE_THE_CENSUS.broken(census_on=str(entry.census_on), missing=("census day by that day",))
    return _answer(school, entry, refusal)


def receive_complaint(school: School, entry: ComplaintReceived, by: Author) -> Decision:
    """Take a complaint about provision, with the day by which the school's own procedure has it answered."""
    refusal = school_role_refusal(school, entry, by) or _answer_before(
        ANSWER_COMPLAINTS_ABOUT_PROVISION, entry.occurred_on, entry.answer_by
    )
    return _answer(school, entry, refusal)


def answer_complaint(school: School, entry: ComplaintAnswered, by: Author) -> Decision:
    """Answer a complaint that was received by that day."""
    asked = next((e for r, e in school.each(ComplaintReceived) if r.number == entry.complaint), None)
    refusal = school_role_refusal(school, entry, by)
    if asked is None or asked.occurred_on > entry.occurred_on:
        refusal = refusal or ANSWER_COMPLAINTS_ABOUT_PROVISION.broken(missing=("complaint received by that day",))
    return _answer(school, entry, refusal)


def be_asked_by_authority(school: School, entry: AuthorityAsked, by: Author) -> Decision:
    """Note that the authority asked the school to co-operate, and for an answer by when."""
    refusal = school_role_refusal(school, entry, by) or _answer_before(CO_OPERATE_WITH_THE_AUTHORITY, entry.occurred_on, entry.answer_by)
    return _answer(school, entry, refusal)


def answer_authority(school: School, entry: AuthorityAnswered, by: Author) -> Decision:
    """Answer the authority on what it asked by that day."""
    asked = next((e for r, e in school.each(AuthorityAsked) if r.number == entry.asked), None)
    refusal = school_role_refusal(school, entry, by)
    if asked is None or asked.occurred_on > entry.occurred_on:
        refusal = refusal or CO_OPERATE_WITH_THE_AUTHORITY.broken(missing=("request of the authority by that day",))
    return _answer(school, entry, refusal)


def _answer(school: School, entry: Entry, refusal: Finding | None, *findings: Finding) -> Decision:
    if refusal:
        return Decision.refused(refusal)
    return Decision.taken(entry, findings=binding(school, entry.occurred_on, findings))


def _answer_before(rule: Rule, asked_on: date, answer_by: date) -> Finding | None:
    if answer_by >= asked_on:
        return None
    return rule.broken(asked_on=str(asked_on), answer_by=str(answer_by), cure="give a day for the answer that is not before the asking")


STEPS: Final[SchoolSteps] = MappingProxyType(
    {
        **terms.STEPS,
        InformationReportPublished: information_report.publish_information_report,
        ReportedFactChanged: information_report.change_reported_fact,
        AccessibilityPlanAdopted: adopt_accessibility_plan,
        PolicyAdopted: write_down,
        SencoDescribed: sencos.describe_senco,
        SencoQualified: sencos.qualify_senco,
        SencoRoleDetermined: sencos.determine_senco_role,
        NotionalBudgetAgreed: write_down,
        CensusReturned: return_census,
        ComplaintReceived: receive_complaint,
        ComplaintAnswered: answer_complaint,
        AuthorityAsked: be_asked_by_authority,
        AuthorityAnswered: answer_authority,
    }
)
