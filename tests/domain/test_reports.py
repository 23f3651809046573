from datetime import date

import pytest

from app.domain.codes import PlanType, SchoolType
from app.domain.cycles import agree_plan
from app.domain.entries import (
    AdjustmentMade,
    AnnualReportGiven,
    Phase,
    PhaseMovePlanned,
    PlanAgreed,
    ProvisionMapped,
    PupilLeft,
    SpecialistAdviceShared,
    SpecialistAdvised,
    TermDated,
    TermName,
)
from app.domain.obligation import State
from app.domain.obligations import obligations
from app.domain.reports import give_annual_report, make_adjustment, plan_phase_move
from app.domain.rules.pupil_information_regulations_2005 import REPORT_TO_PARENTS_EVERY_YEAR
from app.domain.specialists import hear_specialist, share_advice
from tests.domain.builders import (
    AS_HEAD,
    AS_SENCO,
    FATHER,
    MOTHER,
    STRANGER,
    a_contact,
    a_plan,
    a_record,
    a_review,
    a_school,
    enrolled,
    sen_decided,
)

SUMMER = TermDated(occurred_on=date(2025, 9, 1), term=TermName.SUMMER, first_on=date(2026, 4, 13), last_on=date(2026, 7, 17))
DAY = date(2026, 7, 17)
REPORT = AnnualReportGiven(occurred_on=DAY, school_year=2025, given_to=(MOTHER,), discussion_offered=True)


def report_owed(record):
    return [owed for owed in obligations(record, until=date(2026, 8, 31)) if owed.rule is REPORT_TO_PARENTS_EVERY_YEAR]


@pytest.mark.parametrize(("left_on", "state"), [(date(2026, 7, 17), None), (date(2026, 7, 18), State.BROKEN)])
def test_no_report_is_owed_on_a_pupil_who_left_by_the_last_day_of_term(left_on: date, state: State | None) -> None:
    left = PupilLeft(occurred_on=left_on, reason="Moved away.")
    record = a_record(enrolled(on=date(2025, 9, 3)), a_contact(), left, school=a_school(SUMMER, record_begins_on=date(2025, 9, 1)))
    (found,) = report_owed(record)
    assert found.state_on(date(2026, 8, 31)) is state


@pytest.mark.parametrize(("kind", "count"), [(SchoolType.MAINTAINED_SPECIAL, 1), (SchoolType.ACADEMY_MAINSTREAM, 0)])
def test_the_yearly_report_binds_the_schools_that_an_authority_maintains(kind: SchoolType, count: int) -> None:
    school = a_school(SUMMER, kind=kind, record_begins_on=date(2025, 9, 1))
    assert len(report_owed(a_record(enrolled(on=date(2025, 9, 3)), a_contact(), school=school))) == count


def test_a_report_leaves_out_nobody_who_may_be_told_and_offers_a_talk() -> None:
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER))
    (finding,) = give_annual_report(record, REPORT, AS_HEAD).findings
    assert finding.missing == ("everybody who may be told",)
    barred = a_record(enrolled(), a_contact(MOTHER, information_restricted=True, restriction_basis="Order"), a_contact(FATHER))
    (finding,) = give_annual_report(barred, REPORT, AS_HEAD).findings
    assert finding.missing == ("everybody who may be told", "right to be told on that day")


@pytest.mark.parametrize(
    ("step", "entry"),
    [
        (give_annual_report, AnnualReportGiven(occurred_on=DAY, school_year=2026, given_to=(MOTHER,), discussion_offered=True)),
        (give_annual_report, AnnualReportGiven(occurred_on=DAY, school_year=2025, given_to=(STRANGER,), discussion_offered=True)),
        (give_annual_report, AnnualReportGiven(occurred_on=DAY, school_year=2025, given_to=(), discussion_offered=True)),
        (plan_phase_move, PhaseMovePlanned(occurred_on=DAY, to=Phase.SECONDARY, moves_on=date(2026, 7, 16), preparation="Two visits.")),
        (make_adjustment, AdjustmentMade(occurred_on=DAY, adjustment=" ")),
        (hear_specialist, SpecialistAdvised(occurred_on=DAY, involvement=1, advice="Daily practice.")),
        (share_advice, SpecialistAdviceShared(occurred_on=DAY, advice=1, with_parents=True, with_staff=True)),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(step, entry) -> None:
    decision = step(a_record(enrolled(), a_contact()), entry, AS_SENCO)
    assert decision.is_refused
    assert decision.findings[0].cure


def test_what_was_given_stays_in_the_record_when_another_plan_follows() -> None:
    """Code of Practice 6.73: the school can show all support over the pupil's time there, and what it did."""
    first = a_plan(date(2025, 9, 15), date(2025, 12, 12))
    review = a_review(date(2025, 12, 12))
    second = a_plan(date(2026, 1, 12), date(2026, 3, 27), cycle=2)
    record = a_record(enrolled(), a_contact(), sen_decided(date(2025, 9, 8)), first, review, second)
    assert [plan.provision for _, plan in record.each(PlanAgreed)] == [first.provision, second.provision]
    assert [cycle.review_entry for cycle in record.cycles] == [review, None]


@pytest.mark.parametrize("form", [PlanType.IEP_LEGACY, PlanType.ISP_LOCAL, PlanType.SEN_SUPPORT])
def test_no_rule_asks_for_a_plan_of_a_certain_name_and_none_refuses_one(form: PlanType) -> None:
    """Code of Practice 6.72: an individual education plan is neither asked for nor forbidden."""
    record = a_record(enrolled(), a_contact(), sen_decided(date(2025, 9, 8)))
    named, plain = (
        agree_plan(record, a_plan(date(2025, 9, 15), date(2025, 12, 12), plan_type=kind), AS_SENCO) for kind in (form, PlanType.SEN_SUPPORT)
    )
    assert not named.is_refused
    assert named.findings == plain.findings


def test_a_provision_map_is_asked_of_nobody() -> None:
    record = a_record(enrolled(), a_contact(), sen_decided(date(2025, 9, 8)))
    mapped = a_record(enrolled(), a_contact(), sen_decided(date(2025, 9, 8)), ProvisionMapped(occurred_on=DAY, school_year=2025))
    assert {owed.rule.id for owed in obligations(record, until=DAY)} == {owed.rule.id for owed in obligations(mapped, until=DAY)}
