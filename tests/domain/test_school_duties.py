from datetime import date, timedelta

import pytest

from app.domain.codes import SchoolType, StaffRole
from app.domain.entries import (
    AccessibilityPlanAdopted,
    AuthorityAnswered,
    AuthorityAsked,
    CensusReturned,
    ComplaintAnswered,
    ComplaintReceived,
    DisabilityItem,
    InformationReportPublished,
    NotionalBudgetAgreed,
    PolicyAdopted,
    PolicyKind,
    ReportedFactChanged,
    RoleEnded,
    RoleGiven,
    SencoAward,
    SencoBasis,
    SencoDescribed,
    SencoQualified,
    SencoRoleDetermined,
)
from app.domain.obligation import State
from app.domain.obligations import school_obligations
from app.domain.rules.children_and_families_act_2014 import (
    CO_OPERATE_WITH_THE_AUTHORITY,
    DESIGNATE_A_SENCO,
    PUBLISH_AN_INFORMATION_REPORT,
    REPORT_ON_DISABLED_PUPILS,
    SUPPORT_PUPILS_WITH_MEDICAL_CONDITIONS,
)
from app.domain.rules.code_of_practice_2015.schools import AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET, WRITE_THE_REPORT_FOR_FAMILIES
from app.domain.rules.data_protection import ASSESS_THE_PROCESSING_FIRST
from app.domain.rules.education_act_1996 import AUTHORISE_THE_CENSUS
from app.domain.rules.equality_act_2010 import HAVE_AN_ACCESSIBILITY_PLAN
from app.domain.rules.send_regulations_2014.schools import (
    ANSWER_COMPLAINTS_ABOUT_PROVISION,
    COVER_EVERY_ITEM_OF_THE_REPORT,
    DETERMINE_THE_ROLE_OF_THE_SENCO,
    NAME_THE_GROUND_A_SENCO_SERVES_ON,
    QUALIFY_AS_SENCO_WITHIN_THREE_YEARS,
    RENEW_THE_INFORMATION_REPORT_EVERY_YEAR,
    UPDATE_THE_REPORT_AFTER_A_CHANGE,
)
from app.domain.school import School
from app.domain.steps import SCHOOL_STEPS
from tests.domain.builders import AS_HEAD, AS_TEACHER, SENCO, TEACHER, a_school, with_changes

BEGINS = date(2014, 9, 1)
ALL_ITEMS = tuple(range(1, 14))
REPORT = InformationReportPublished(
    occurred_on=date(2015, 1, 12),
    address="https://school.example/sen-report",
    items=ALL_ITEMS,
    disability_items=tuple(DisabilityItem),
    links_to_local_offer=True,
    in_plain_language=True,
    covers_looked_after_pupils=True,
)
DESCRIBED = SencoDescribed(
    occurred_on=date(2015, 1, 12),
    staff=SENCO,
    basis=SencoBasis.QUALIFIED_TEACHER,
    became_senco_on=date(2013, 9, 2),
    months_as_senco_before=0,
)


def report(on: date, **changes: object) -> InformationReportPublished:
    return with_changes(REPORT, {"occurred_on": on, **changes})


def owed(school, rule, until=date(2016, 8, 31)):
    return [found for found in school_obligations(school, until=until) if found.rule is rule]


def take(school, entry, by=AS_HEAD):
    return SCHOOL_STEPS[type(entry)](school, entry, by)


def broken(decision):
    return {finding.rule.id: finding.missing for finding in decision.findings if not finding.kept}


def test_every_day_without_a_report_breaks_the_duty_to_have_one() -> None:
    """Children and Families Act 2014, section 69(1) and (2)."""
    (found,) = owed(a_school(report(date(2015, 1, 12))), PUBLISH_AN_INFORMATION_REPORT)
    assert (found.state_on(date(2015, 1, 11)), found.state_on(date(2015, 1, 12))) == (State.BROKEN, State.KEPT_LATE)
    assert owed(a_school(report(BEGINS)), PUBLISH_AN_INFORMATION_REPORT) == []


@pytest.mark.parametrize(("renewed_on", "state"), [(date(2016, 1, 12), State.KEPT), (date(2016, 1, 13), State.KEPT_LATE)])
def test_the_report_is_reviewed_within_a_year(renewed_on: date, state: State) -> None:
    first, _ = owed(a_school(report(date(2015, 1, 12)), report(renewed_on)), RENEW_THE_INFORMATION_REPORT_EVERY_YEAR)
    assert first.state_on(renewed_on) is state


@pytest.mark.parametrize(("updated_after", "state"), [(30, State.KEPT), (31, State.KEPT_LATE)])
def test_a_change_is_in_the_report_within_the_schools_days(updated_after: int, state: State) -> None:
    changed_on = date(2015, 3, 2)
    school = a_school(ReportedFactChanged(occurred_on=changed_on, item=4), report(changed_on + timedelta(days=updated_after)))
    (found,) = owed(school, UPDATE_THE_REPORT_AFTER_A_CHANGE)
    assert found.state_on(changed_on + timedelta(days=updated_after)) is state


@pytest.mark.parametrize(
    ("kind", "items", "missing"),
    [
        (SchoolType.MAINTAINED_MAINSTREAM, ALL_ITEMS, None),
        (SchoolType.MAINTAINED_MAINSTREAM, ALL_ITEMS[1:], ("item 1",)),
        (SchoolType.MAINTAINED_SPECIAL, tuple(item for item in ALL_ITEMS if item not in (2, 4)), None),
        (SchoolType.MAINTAINED_MAINSTREAM, tuple(item for item in ALL_ITEMS if item not in (2, 4)), ("item 2", "item 4")),
    ],
)
def test_the_report_covers_the_items_that_the_type_of_school_owes(kind, items, missing) -> None:
    """Schedule 1 of the Regulations: who the SENCO is and how needs are found is for mainstream schools and nurseries alone."""
    decision = take(a_school(kind=kind), report(date(2015, 1, 12), items=items))
    assert broken(decision).get(COVER_EVERY_ITEM_OF_THE_REPORT.id) == missing


def test_the_report_tells_of_disabled_pupils_and_is_written_for_families() -> None:
    bare = report(date(2015, 1, 12), disability_items=(DisabilityItem.ADMISSION,), links_to_local_offer=False)
    assert broken(take(a_school(), REPORT)) == {}
    assert broken(take(a_school(), bare)) == {
        REPORT_ON_DISABLED_PUPILS.id: ("equal_treatment", "facilities", "accessibility_plan"),
        WRITE_THE_REPORT_FOR_FAMILIES.id: ("links_to_local_offer",),
    }


def test_a_referral_unit_owes_no_report() -> None:
    assert owed(a_school(kind=SchoolType.PUPIL_REFERRAL_UNIT), PUBLISH_AN_INFORMATION_REPORT) == []


@pytest.mark.parametrize(
    "entry",
    [
        report(date(2015, 1, 12), address="on the wall"),
        report(date(2015, 1, 12), items=(14,)),
        ReportedFactChanged(occurred_on=date(2015, 1, 12), item=0),
        with_changes(DESCRIBED, {"staff": TEACHER}),
        with_changes(DESCRIBED, {"became_senco_on": date(2015, 1, 13)}),
        SencoQualified(occurred_on=date(2015, 1, 12), staff=SENCO, award=SencoAward.NATIONAL_AWARD, began_on=date(2015, 1, 13)),
        SencoRoleDetermined(occurred_on=date(2015, 1, 12), functions=(" ",), on_leadership_team=True, tells_parents_early=True),
        AccessibilityPlanAdopted(occurred_on=date(2015, 1, 12), until=date(2015, 1, 11)),
        CensusReturned(occurred_on=date(2015, 1, 20), census_on=date(2015, 1, 14)),
        CensusReturned(occurred_on=date(2015, 1, 14), census_on=date(2015, 1, 15)),
        ComplaintReceived(occurred_on=date(2015, 1, 12), answer_by=date(2015, 1, 11)),
        ComplaintAnswered(occurred_on=date(2015, 1, 12), complaint=7),
        AuthorityAsked(occurred_on=date(2015, 1, 12), authority="999", answer_by=date(2015, 1, 11)),
        AuthorityAnswered(occurred_on=date(2015, 1, 12), asked=7),
    ],
    ids=lambda entry: entry.type,
)
def test_what_cannot_be_is_refused_with_what_to_do(entry) -> None:
    decision = take(a_school(), entry)
    assert decision.is_refused
    assert decision.findings[0].cure


def test_a_teacher_does_not_write_for_the_school() -> None:
    assert take(a_school(), REPORT, AS_TEACHER).is_refused


def test_somebody_is_senco_on_every_day() -> None:
    """Children and Families Act 2014, section 67(2)."""
    left, came = date(2015, 7, 20), date(2015, 9, 1)
    school = a_school(
        RoleEnded(occurred_on=left, staff=SENCO, role=StaffRole.SENCO), RoleGiven(occurred_on=came, staff=TEACHER, role=StaffRole.SENCO)
    )
    (found,) = owed(school, DESIGNATE_A_SENCO)
    assert (found.arises_on, found.met_on) == (left, came)
    assert (found.state_on(left), found.state_on(came)) == (State.BROKEN, State.KEPT_LATE)
    assert owed(a_school(), DESIGNATE_A_SENCO) == []


def test_a_special_school_need_have_no_senco() -> None:
    ended = RoleEnded(occurred_on=date(2015, 7, 20), staff=SENCO, role=StaffRole.SENCO)
    assert owed(a_school(ended, kind=SchoolType.MAINTAINED_SPECIAL), DESIGNATE_A_SENCO) == []


def test_the_ground_a_senco_serves_on_is_not_known_until_it_is_given() -> None:
    serving = RoleGiven(occurred_on=date(2014, 10, 6), staff=TEACHER, role=StaffRole.SENCO)
    described = with_changes(DESCRIBED, {"staff": TEACHER})
    day = date(2015, 9, 1)
    for entries, state in (((serving,), State.NOT_KNOWN), ((serving, described), State.KEPT)):
        found = [o for o in owed(a_school(*entries), NAME_THE_GROUND_A_SENCO_SERVES_ON) if o.person == TEACHER]
        assert [o.state_on(day) for o in found] == [state]


@pytest.mark.parametrize(
    ("became", "award", "began", "completed", "day", "state"),
    [
        ("2013-09-02", "national_award", "2014-09-01", "2016-09-02", "2016-09-02", State.KEPT),
        ("2013-09-02", "national_award", "2014-09-01", "2016-09-03", "2016-09-03", State.KEPT_LATE),
        ("2013-09-02", None, None, None, "2016-09-02", State.DUE),
        ("2013-09-02", None, None, None, "2016-09-03", State.BROKEN),
        ("2013-09-02", None, None, None, "2015-09-01", State.NOT_DUE),
        ("2024-09-02", "national_award", "2024-08-31", "2027-08-31", "2027-09-03", State.KEPT),
        ("2024-09-02", "national_award", "2024-08-31", "2027-09-01", "2027-09-03", State.BROKEN),
        ("2024-09-02", "national_award", "2024-09-01", "2026-07-01", "2027-09-03", State.BROKEN),
        ("2024-09-02", "professional_qualification", "2024-09-01", "2026-07-01", "2027-09-03", State.KEPT),
    ],
)
def test_a_senco_is_qualified_by_the_third_anniversary_of_first_becoming_one(became, award, began, completed, day, state) -> None:
    """Regulation 49(4), and as amended from 1 September 2024; the count is from first becoming a SENCO anywhere."""
    entries = [with_changes(DESCRIBED, {"occurred_on": date(2014, 9, 2), "became_senco_on": date.fromisoformat(became)})]
    if award:
        entries.append(
            SencoQualified(
                occurred_on=date.fromisoformat(completed), staff=SENCO, award=SencoAward(award), began_on=date.fromisoformat(began)
            )
        )
    (found,) = owed(a_school(*entries, record_begins_on=date(2010, 1, 1)), QUALIFY_AS_SENCO_WITHIN_THREE_YEARS)
    assert found.state_on(date.fromisoformat(day)) is state


@pytest.mark.parametrize(
    ("became", "months", "count"), [("2009-09-01", 0, 0), ("2009-09-02", 0, 1), ("2013-09-02", 12, 1), ("2013-09-02", 13, 0)]
)
def test_who_became_one_by_1_september_2009_or_had_been_one_for_over_a_year_is_asked_for_no_qualification(became, months, count) -> None:
    described = with_changes(DESCRIBED, {"became_senco_on": date.fromisoformat(became), "months_as_senco_before": months})
    assert len(owed(a_school(described), QUALIFY_AS_SENCO_WITHIN_THREE_YEARS)) == count


def test_since_when_somebody_is_a_senco_is_not_known_until_it_is_given() -> None:
    serving = RoleGiven(occurred_on=date(2014, 10, 6), staff=TEACHER, role=StaffRole.SENCO)
    found = [o for o in owed(a_school(serving), QUALIFY_AS_SENCO_WITHIN_THREE_YEARS) if o.person == TEACHER]
    assert [o.state_on(date(2015, 1, 1)) for o in found] == [State.NOT_KNOWN]


def test_the_wording_on_qualification_changed_on_1_september_2024() -> None:
    rule = QUALIFY_AS_SENCO_WITHIN_THREE_YEARS
    old, new = rule.wording_on(date(2024, 8, 31)), rule.wording_on(date(2024, 9, 1))
    assert old is not None
    assert new is not None
    assert "professional" not in old.duty
    assert "professional" in new.duty
    assert rule.wording_on(date(2014, 8, 31)) is None


def test_the_role_of_the_senco_is_determined_from_the_first_one_on() -> None:
    role = SencoRoleDetermined(occurred_on=date(2014, 9, 8), functions=("records",), on_leadership_team=True, tells_parents_early=True)
    (found,) = owed(a_school(role), DETERMINE_THE_ROLE_OF_THE_SENCO)
    assert (found.state_on(date(2014, 9, 7)), found.state_on(date(2014, 9, 8))) == (State.BROKEN, State.KEPT_LATE)


def test_arrangements_for_medical_conditions_are_there_on_every_day() -> None:
    policy = PolicyAdopted(occurred_on=date(2014, 9, 8), policy=PolicyKind.MEDICAL_CONDITIONS)
    (found,) = owed(a_school(policy), SUPPORT_PUPILS_WITH_MEDICAL_CONDITIONS)
    assert (found.state_on(date(2014, 9, 7)), found.state_on(date(2014, 9, 8))) == (State.BROKEN, State.KEPT_LATE)
    assert owed(a_school(kind=SchoolType.MAINTAINED_NURSERY), SUPPORT_PUPILS_WITH_MEDICAL_CONDITIONS) == []


def test_the_processing_is_assessed_before_it_begins_from_may_2018_on() -> None:
    assessed = PolicyAdopted(occurred_on=date(2018, 5, 25), policy=PolicyKind.DATA_PROTECTION_IMPACT_ASSESSMENT)
    (found,) = owed(a_school(assessed), ASSESS_THE_PROCESSING_FIRST, until=date(2019, 8, 31))
    assert (found.occasion, found.arises_on) == ("appropriate_policy_document", date(2018, 5, 25))


@pytest.mark.parametrize(("adopted_on", "states"), [(date(2018, 1, 1), []), (date(2018, 1, 3), [State.BROKEN])])
def test_one_accessibility_plan_follows_the_other(adopted_on: date, states: list[State]) -> None:
    first = AccessibilityPlanAdopted(occurred_on=BEGINS, until=date(2018, 1, 1))
    second = AccessibilityPlanAdopted(occurred_on=adopted_on, until=date(2020, 12, 31))
    found = owed(a_school(first, second), HAVE_AN_ACCESSIBILITY_PLAN, until=date(2019, 8, 31))
    assert [o.state_on(date(2018, 1, 2)) for o in found] == states


@pytest.mark.parametrize(("until", "is_kept"), [(date(2018, 1, 11), True), (date(2018, 1, 12), False)])
def test_an_accessibility_plan_runs_for_three_years_at_most(until: date, is_kept: bool) -> None:
    (finding,) = take(a_school(), AccessibilityPlanAdopted(occurred_on=date(2015, 1, 12), until=until)).findings
    assert finding.kept is is_kept


@pytest.mark.parametrize(("agreed_on", "state"), [(date(2016, 3, 31), State.KEPT), (date(2016, 4, 1), State.KEPT_LATE)])
def test_the_notional_budget_is_agreed_within_its_financial_year(agreed_on: date, state: State) -> None:
    (found,) = owed(a_school(NotionalBudgetAgreed(occurred_on=agreed_on, year=2015)), AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET)[:1]
    assert found.state_on(agreed_on) is state


@pytest.mark.parametrize(("returned_on", "state"), [(date(2015, 2, 12), State.KEPT), (date(2015, 2, 13), State.KEPT_LATE)])
def test_a_census_is_authorised_within_the_schools_days_of_its_day(returned_on: date, state: State) -> None:
    school = a_school(CensusReturned(occurred_on=returned_on, census_on=date(2015, 1, 15)))
    found = next(o for o in owed(school, AUTHORISE_THE_CENSUS) if o.occasion == "census of 2015-01-15")
    assert found.state_on(returned_on) is state


@pytest.mark.parametrize(
    ("rule", "asked", "answered"),
    [
        (
            ANSWER_COMPLAINTS_ABOUT_PROVISION,
            ComplaintReceived(occurred_on=date(2015, 1, 12), answer_by=date(2015, 2, 9)),
            lambda on, number: ComplaintAnswered(occurred_on=on, complaint=number),
        ),
        (
            CO_OPERATE_WITH_THE_AUTHORITY,
            AuthorityAsked(occurred_on=date(2015, 1, 12), authority="999", answer_by=date(2015, 2, 9)),
            lambda on, number: AuthorityAnswered(occurred_on=on, asked=number),
        ),
    ],
)
def test_complaints_and_the_authority_are_answered_by_the_day_given(rule, asked, answered) -> None:
    number = a_school(asked).last_number
    for on, state in ((date(2015, 2, 9), State.KEPT), (date(2015, 2, 10), State.KEPT_LATE)):
        school = a_school(asked, answered(on, number))
        (found,) = owed(school, rule)
        assert found.state_on(on) is state
        assert not take(a_school(asked), answered(on, number)).is_refused


def test_a_school_without_a_day_from_which_its_record_is_complete_owes_nothing_of_this() -> None:
    assert list(school_obligations(School.fold([]), until=date(2016, 8, 31))) == []


@pytest.mark.parametrize("begins", [date(2012, 9, 3), date(2014, 8, 31), date(2014, 9, 1)])
def test_a_gap_that_was_there_before_the_law_opens_with_it(begins: date) -> None:
    ended = RoleEnded(occurred_on=date(2012, 1, 1), staff=SENCO, role=StaffRole.SENCO)
    school = a_school(ended, record_begins_on=begins)
    for rule in (PUBLISH_AN_INFORMATION_REPORT, DESIGNATE_A_SENCO):
        (found,) = owed(school, rule)
        assert (found.arises_on, found.state_on(date(2014, 9, 1))) == (date(2014, 9, 1), State.BROKEN)
