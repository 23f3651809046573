"""EHC plans, and requests for an assessment, which no local threshold refuses."""

from datetime import date
from uuid import UUID

import pytest

from app.domain import ehc
from app.domain.author import Author, AuthorKind
from app.domain.codes import SenStatus
from app.domain.decision import Decision
from app.domain.entries import EhcAssessmentRequested, Entry, EvidenceReceived, EvidenceSubmitted, LawfulBasis, Requester
from app.domain.obligation import Obligation, State
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules import data_protection as privacy
from app.domain.rules import transition_2014_2015 as transition
from app.domain.rules.send_regulations_2014 import assessments as regulations
from tests.domain.builders import (
    AS_MOTHER,
    AS_PUPIL,
    AS_SENCO,
    AS_TEACHER,
    FATHER,
    GRANDMOTHER,
    HEAD,
    MOTHER,
    SENCO,
    a_contact,
    a_record,
    enrolled,
    imported,
    plan_ceased,
    plan_issued,
    sen_decided,
    with_changes,
)

REQUEST = UUID(int=0x800)
ASKED = date(2026, 1, 12)
LAST_DAY_AT_SCHOOL_AGE, YOUNG_PERSON_FROM = date(2026, 6, 26), date(2026, 6, 27)
OFFICER = Author(kind=AuthorKind.AUTHORITY_OFFICER, id=UUID(int=0x900))


def a_request(
    on: date = ASKED, requester: Requester = Requester.SCHOOL, contact: UUID | None = None, **more: object
) -> EhcAssessmentRequested:
    entry = EhcAssessmentRequested(
        occurred_on=on, request=REQUEST, authority="999", requester=requester, contact=contact, reason="Needs more than the school has."
    )
    return with_changes(entry, more)


def received(on: date = ASKED, *, deemed: bool = True, reason: str | None = None) -> EvidenceReceived:
    return EvidenceReceived(occurred_on=on, request=REQUEST, deemed=deemed, bundle_digest=None, reason=reason)


def submitted(on: date = ASKED, confirmed_by: UUID | None = HEAD) -> EvidenceSubmitted:
    return EvidenceSubmitted(occurred_on=on, request=REQUEST, frozen_at=3, confirmed_by=confirmed_by, lawful_basis=LawfulBasis.PUBLIC_TASK)


def kept(decision: Decision, rule: Rule) -> list[bool]:
    return [finding.kept for finding in decision.findings if finding.rule is rule]


def known(*entries: Entry) -> Record:
    return a_record(enrolled(born=date(2009, 9, 1)), a_contact(MOTHER), *entries)


def test_a_request_is_taken_without_any_cycle_and_without_any_money() -> None:
    """Children and Families Act 2014, section 36 sets no number of cycles and no spend."""
    decision = ehc.request_ehc_assessment(known(), a_request(), AS_TEACHER)
    assert not decision.is_refused
    assert kept(decision, act.NEVER_REFUSE_A_REQUEST) == [True]
    assert kept(decision, act.WEIGH_AN_EARLIER_ASSESSMENT) == []


def test_an_existing_plan_warns_and_does_not_bar() -> None:
    decision = ehc.request_ehc_assessment(known(plan_issued(date(2024, 3, 4))), a_request(), AS_TEACHER)
    assert not decision.is_refused
    assert kept(decision, act.WEIGH_AN_EARLIER_ASSESSMENT) == [False]


@pytest.mark.parametrize(("assessed_on", "warnings"), [(date(2025, 7, 12), [False]), (date(2025, 7, 11), [])])
def test_an_assessment_within_six_months_warns_and_does_not_bar(assessed_on: date, warnings: list[bool]) -> None:
    """Section 36(6); the plan that followed the assessment has since ceased."""
    decision = ehc.request_ehc_assessment(known(plan_issued(assessed_on), plan_ceased(date(2025, 10, 1))), a_request(), AS_TEACHER)
    assert not decision.is_refused
    assert kept(decision, act.WEIGH_AN_EARLIER_ASSESSMENT) == warnings


def test_an_earlier_request_warns_that_its_outcome_is_not_known() -> None:
    again = a_request(request=UUID(int=0x801))
    decision = ehc.request_ehc_assessment(known(a_request(date(2025, 12, 1))), again, AS_TEACHER)
    assert not decision.is_refused
    assert kept(decision, act.WEIGH_AN_EARLIER_ASSESSMENT) == [False]


def test_a_request_has_an_id_of_its_own() -> None:
    assert ehc.request_ehc_assessment(known(a_request()), a_request(date(2026, 2, 1)), AS_TEACHER).is_refused


@pytest.mark.parametrize(("on", "is_refused"), [(LAST_DAY_AT_SCHOOL_AGE, False), (YOUNG_PERSON_FROM, True)])
def test_a_parent_asks_until_compulsory_school_age_has_ended(on: date, is_refused: bool) -> None:
    """Education Act 1996, section 8(3): sixteen on 1 September 2025, yet the parent holds the right until 26 June 2026."""
    decision = ehc.request_ehc_assessment(known(), a_request(on, Requester.PARENT, MOTHER), AS_MOTHER)
    assert decision.is_refused is is_refused
    assert kept(decision, act.HONOUR_WHO_HOLDS_THE_RIGHTS) == ([False] if is_refused else [])


@pytest.mark.parametrize(("on", "is_refused"), [(LAST_DAY_AT_SCHOOL_AGE, True), (YOUNG_PERSON_FROM, False)])
def test_a_young_person_asks_from_the_day_after(on: date, is_refused: bool) -> None:
    assert ehc.request_ehc_assessment(known(), a_request(on, Requester.YOUNG_PERSON), AS_PUPIL).is_refused is is_refused


def test_a_parent_who_asks_is_known_and_a_parent_and_asks_in_person() -> None:
    neighbour = a_contact(GRANDMOTHER, parental_responsibility=False, has_care=False)
    record = known(neighbour)
    assert ehc.request_ehc_assessment(record, a_request(requester=Requester.PARENT, contact=FATHER), AS_SENCO).is_refused
    assert ehc.request_ehc_assessment(record, a_request(requester=Requester.PARENT, contact=GRANDMOTHER), AS_SENCO).is_refused
    assert ehc.request_ehc_assessment(record, a_request(requester=Requester.SCHOOL), AS_MOTHER).is_refused
    assert not ehc.request_ehc_assessment(record, a_request(requester=Requester.PARENT, contact=MOTHER), AS_SENCO).is_refused


@pytest.mark.parametrize("described_on", [date(2026, 1, 12), date(2026, 1, 13)])
def test_somebody_without_responsibility_or_care_does_not_ask_even_if_described_a_day_too_late(described_on: date) -> None:
    as_grandmother = Author(kind=AuthorKind.CONTACT, id=GRANDMOTHER)
    by_her = a_request(requester=Requester.PARENT, contact=GRANDMOTHER)
    stranger = a_contact(GRANDMOTHER, described_on, parental_responsibility=False, has_care=False)
    for author in (as_grandmother, AS_SENCO):
        assert kept(ehc.request_ehc_assessment(known(stranger), by_her, author), act.ASK_FOR_AN_EHC_NEEDS_ASSESSMENT) == [False]
    carer = a_contact(GRANDMOTHER, described_on, parental_responsibility=False, has_care=True)
    assert not ehc.request_ehc_assessment(known(carer), by_her, AS_SENCO).is_refused


@pytest.mark.parametrize(
    ("on", "requester", "deemed_on"),
    [
        (ASKED, Requester.PARENT, [date(2026, 1, 14)]),
        (YOUNG_PERSON_FROM, Requester.YOUNG_PERSON, [YOUNG_PERSON_FROM]),
        (ASKED, Requester.SCHOOL, []),
    ],
)
def test_what_travels_alone_is_deemed_received_on_the_day_it_is_available(on: date, requester: Requester, deemed_on: list[date]) -> None:
    contact = MOTHER if requester is Requester.PARENT else None
    decision = ehc.send_ehc_request(known(), a_request(on, requester, contact), AS_SENCO, date(2026, 1, 14))
    assert [entry.occurred_on for entry in decision.entries if isinstance(entry, EvidenceReceived)] == deemed_on
    assert decision.entries[0].occurred_on == on


def test_a_request_that_is_refused_is_not_deemed_received() -> None:
    asked = a_request(YOUNG_PERSON_FROM, Requester.PARENT, MOTHER)
    assert ehc.send_ehc_request(known(), asked, AS_MOTHER, YOUNG_PERSON_FROM).entries == ()


def test_evidence_is_frozen_once_for_a_request_that_was_made() -> None:
    assert ehc.submit_evidence(known(), submitted(), AS_SENCO).is_refused
    assert kept(ehc.submit_evidence(known(a_request()), submitted(), AS_SENCO), privacy.RECORD_WHY_EVIDENCE_IS_SHARED) == [True]
    assert ehc.submit_evidence(known(a_request(), submitted()), submitted(), AS_SENCO).is_refused


def test_the_second_person_is_another_and_may_be_missing_only_with_a_remark() -> None:
    record = known(a_request())
    assert ehc.submit_evidence(record, submitted(confirmed_by=SENCO), AS_SENCO).is_refused
    alone = ehc.submit_evidence(record, submitted(confirmed_by=None), AS_SENCO)
    assert kept(alone, privacy.RECORD_WHY_EVIDENCE_IS_SHARED) == [False]


def test_nothing_is_received_that_was_not_asked_and_another_day_has_a_reason() -> None:
    assert ehc.receive_evidence(known(), received(), OFFICER).is_refused
    assert ehc.receive_evidence(known(a_request()), received(date(2026, 1, 11)), OFFICER).is_refused
    record = known(a_request(), received())
    without = ehc.receive_evidence(record, received(date(2026, 1, 14), deemed=False), OFFICER)
    assert kept(without, regulations.AUTHORITY_DECIDES_WITHIN_SIX_WEEKS) == [False]
    explained = ehc.receive_evidence(record, received(date(2026, 1, 14), deemed=False, reason="Sent to another team."), OFFICER)
    assert explained.findings == ()


def clocks(record: Record) -> dict[str, Obligation]:
    return {found.rule.id: found for found in obligations(record, until=date(2026, 12, 31)) if found.rule.id.startswith("authority")}


def test_the_authoritys_weeks_run_from_receipt_and_a_receipt_of_its_own_counts() -> None:
    """Regulations 5(1), 10(1) and 13(2): 42, 112 and 140 days, the day of receipt being day 0."""
    assert clocks(known(a_request())) == {}
    days = [found.due for found in clocks(known(a_request(), received())).values()]
    assert days == [date(2026, 2, 23), date(2026, 5, 4), date(2026, 6, 1)]
    both = known(a_request(), received(date(2026, 1, 14), deemed=False, reason="Late post."), received(date(2026, 1, 16)))
    assert clocks(both)["authority-decides-within-six-weeks"].due == date(2026, 2, 25)


def test_evidence_that_follows_a_request_does_not_start_the_weeks_anew_and_a_known_day_needs_no_new_reason() -> None:
    record = known(a_request(), received(), received(date(2026, 1, 19)))
    assert clocks(record)["authority-decides-within-six-weeks"].due == date(2026, 2, 23)
    assert ehc.receive_evidence(record, received(ASKED, deemed=False), OFFICER).findings == ()
    corrected = known(a_request(), received(), received(date(2026, 1, 14), deemed=False), received(date(2026, 1, 15), deemed=False))
    assert clocks(corrected)["authority-decides-within-six-weeks"].due == date(2026, 2, 26)


def test_what_the_authority_decided_is_not_known_until_a_plan_shows_it() -> None:
    waiting = clocks(known(a_request(), received()))
    assert {found.state_on(date(2026, 6, 2)) for found in waiting.values()} == {State.NOT_KNOWN}


@pytest.mark.parametrize(("issued_on", "state"), [(date(2026, 6, 1), State.KEPT), (date(2026, 6, 2), State.KEPT_LATE)])
def test_a_final_plan_comes_within_twenty_weeks(issued_on: date, state: State) -> None:
    found = clocks(known(a_request(), received(), plan_issued(issued_on)))
    assert found["authority-sends-plan-within-twenty-weeks"].state_on(issued_on) is state
    assert found["authority-says-no-plan-within-sixteen-weeks"].state_on(issued_on) is None


@pytest.mark.parametrize(("completed_on", "is_kept"), [(date(2016, 3, 1), True), (date(2016, 3, 2), False), (None, False)])
def test_a_statement_becomes_a_plan_once_the_transfer_review_is_complete(completed_on: date | None, is_kept: bool) -> None:
    record = known(imported(SenStatus.STATEMENT, date(2012, 5, 1)))
    decision = ehc.issue_ehc_plan(record, plan_issued(date(2016, 3, 1), transfer_review_completed_on=completed_on), AS_SENCO)
    assert not decision.is_refused
    assert kept(decision, transition.COMPLETE_THE_TRANSFER_REVIEW) == [is_kept]


def test_a_plan_follows_support_and_what_was_never_made_cannot_cease() -> None:
    record = known(sen_decided(date(2025, 9, 10)))
    assert ehc.issue_ehc_plan(record, plan_issued(ASKED), AS_SENCO).findings == ()
    assert ehc.cease_ehc_plan(record, plan_ceased(ASKED), AS_SENCO).is_refused
    assert not ehc.cease_ehc_plan(known(plan_issued(ASKED)), plan_ceased(date(2026, 9, 1)), AS_SENCO).is_refused
