"""Each duty binds the types of school that its provision names, and no others are held to it."""

from datetime import date

import pytest

from app.domain.codes import SchoolType, StaffRole
from app.domain.entries import RoleEnded, TermDated, TermName
from app.domain.obligations import obligations, school_obligations
from app.domain.rules import RULES
from tests.domain.builders import SENCO, a_contact, a_record, a_school, enrolled, sen_decided

BEGINS, END = date(2025, 9, 1), date(2026, 8, 31)
SUMMER = TermDated(occurred_on=BEGINS, term=TermName.SUMMER, first_on=date(2026, 4, 13), last_on=date(2026, 7, 17))
NOBODY_IS_SENCO = RoleEnded(occurred_on=date(2025, 9, 22), staff=SENCO, role=StaffRole.SENCO)

MAINSTREAM = {"maintained_mainstream", "academy_mainstream"}
NURSERY, REFERRAL_UNIT, ALTERNATIVE = {"maintained_nursery"}, {"pupil_referral_unit"}, {"alternative_provision_academy"}
SPECIAL, IN_HOSPITAL = {"maintained_special", "academy_special"}, {"hospital_special"}
OLDER, COLLEGE = {"sixteen_to_nineteen_academy"}, {"further_education"}
MAINTAINED = {"maintained_mainstream", "maintained_nursery", "maintained_special", "hospital_special"}

BOUND = {
    "include-pupils-with-sen": ("section 35", MAINSTREAM | NURSERY),
    "use-best-endeavours": ("section 66", MAINSTREAM | NURSERY | OLDER | ALTERNATIVE | COLLEGE | REFERRAL_UNIT),
    "designate-a-senco": ("section 67", MAINSTREAM | NURSERY),
    "qualify-as-senco-within-three-years": ("regulation 49", MAINSTREAM | NURSERY),
    "inform-parents-of-sen-provision": ("section 68", MAINSTREAM | NURSERY | SPECIAL | ALTERNATIVE | REFERRAL_UNIT),
    "publish-an-information-report": ("section 69", MAINSTREAM | NURSERY | SPECIAL),
    "support-pupils-with-medical-conditions": ("section 100", MAINSTREAM | SPECIAL | IN_HOSPITAL | ALTERNATIVE | REFERRAL_UNIT),
    "have-a-plan-on-sen-support": ("Code, chapter 6", MAINSTREAM | NURSERY | ALTERNATIVE | REFERRAL_UNIT),
    "agree-the-use-of-the-notional-budget": ("Code, 6.95", MAINSTREAM),
    "report-to-parents-every-year": ("regulation 6", MAINTAINED | REFERRAL_UNIT),
    "show-the-educational-record": ("regulation 5", MAINTAINED),
    "send-the-record-on": ("regulation 9", MAINTAINED),
}
OWED_BY_THIS_RECORD = {
    "designate-a-senco",
    "inform-parents-of-sen-provision",
    "publish-an-information-report",
    "support-pupils-with-medical-conditions",
    "have-a-plan-on-sen-support",
    "agree-the-use-of-the-notional-budget",
    "report-to-parents-every-year",
}


@pytest.mark.parametrize(("rule", "types"), [(rule, types) for rule, (_, types) in BOUND.items()], ids=list(BOUND))
def test_a_provision_binds_the_types_of_school_that_it_names(rule: str, types: set[str]) -> None:
    """Children and Families Act 2014, sections 35, 66 to 69, 83(2) and 100, and the other provisions named beside each."""
    assert RULES[rule].binds == types


@pytest.mark.parametrize("kind", SchoolType)
def test_a_school_is_held_to_the_duties_of_its_type_and_to_no_others(kind: SchoolType) -> None:
    school = a_school(SUMMER, NOBODY_IS_SENCO, kind=kind, record_begins_on=BEGINS)
    record = a_record(enrolled(on=BEGINS, born=date(2009, 10, 1)), a_contact(), sen_decided(date(2025, 10, 6)), school=school)
    found = [*obligations(record, until=END), *school_obligations(school, until=END)]
    assert all(kind in owed.rule.binds for owed in found)
    owed_rules = {owed.rule.id for owed in found}
    assert {rule for rule in OWED_BY_THIS_RECORD if kind in BOUND[rule][1]} == owed_rules & OWED_BY_THIS_RECORD
