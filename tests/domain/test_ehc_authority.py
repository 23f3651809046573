"""What the authority does on a request, and what its letters, plans and exceptions must hold."""

from datetime import date
from uuid import UUID

import pytest

from app.domain import authority, ehc
from app.domain.author import Author, AuthorKind
from app.domain.corrections import withdraw_entry
from app.domain.decision import Decision
from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    AuthorityDecided,
    AuthorityDecision,
    Clock,
    EntryWithdrawn,
    EvidenceSubmitted,
    ExceptionGround,
    LetterContent,
    NotifiedOffice,
    PlacementAnswered,
    PlacementConsulted,
    PlanRecipient,
    PlanSection,
    Profession,
    ProvisionMapped,
    PupilLeft,
    Requester,
    SpecialistAdvised,
    SpecialistInvolved,
)
from app.domain.on_roll import off_roll
from app.domain.profiles.cycles_and_costs import CYCLES_AND_COSTS
from app.domain.profiles.national import NATIONAL
from app.domain.request_course import course_of
from app.domain.request_moves import Stage
from app.domain.rule import Finding, Rule
from app.domain.rules import local_practice as local
from app.domain.rules.children_and_families_act_2014 import (
    ASSESS_WHERE_IT_MAY_BE_NECESSARY,
    CONSULT_AND_NOTIFY,
    TAKE_NOTICE_FOR_NO_REQUEST,
    WEIGH_AN_EARLIER_ASSESSMENT,
)
from app.domain.rules.code_of_practice_2015.ehc_assessments import ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS
from app.domain.rules.send_regulations_2014 import assessments as regulations
from tests.domain.builders import (
    AS_SENCO,
    AS_TEACHER,
    HEAD,
    a_contact,
    a_plan,
    a_record,
    a_review,
    an_assessment,
    enrolled,
    plan_issued,
    sen_decided,
    with_changes,
)
from tests.domain.test_ehc_clocks import ASSESS, NO_PLAN, NOT_ASSESS, REQUEST, asked, claimed, decided, on_request, received, served

OFFICER = Author(kind=AuthorKind.AUTHORITY_OFFICER, id=UUID(int=0x900))
ON = date(2026, 2, 2)
BEFORE = date(2026, 1, 11)
"""The day before the request."""


def remark(decision: Decision, rule: Rule) -> Finding:
    (found,) = [finding for finding in decision.findings if finding.rule is rule]
    return found


@pytest.mark.parametrize("decision", [NOT_ASSESS, NO_PLAN])
@pytest.mark.parametrize("left_out", [None, *LetterContent])
def test_a_refusal_tells_of_each_way_to_go_on(decision: AuthorityDecision, left_out: LetterContent | None) -> None:
    """Regulations 5(3) and 10(3)."""
    told = tuple(content for content in LetterContent if content is not left_out)
    entry = AuthorityDecided(occurred_on=ON, request=REQUEST, decision=decision, reasons="Progress is good.", told_in_letter=told)
    found = remark(authority.record_decision(on_request(), entry, OFFICER), regulations.TELL_IN_A_REFUSAL_WHAT_CAN_BE_DONE)
    assert (found.kept, found.missing) == ((True, ()) if left_out is None else (False, (f"{left_out} in the letter",)))


@pytest.mark.parametrize(("reasons", "is_kept"), [("Progress is good.", True), (" ", False), (None, False)])
def test_a_refusal_to_assess_has_reasons_held_against_the_test_of_the_act(reasons: str | None, is_kept: bool) -> None:
    """Children and Families Act 2014, section 36(5) and (8)."""
    entry = with_changes(decided(ON, NOT_ASSESS), {"reasons": reasons})
    assert remark(authority.record_decision(on_request(), entry, AS_SENCO), ASSESS_WHERE_IT_MAY_BE_NECESSARY).kept is is_kept
    no_plan = with_changes(decided(ON, NO_PLAN), {"reasons": reasons, "told_in_letter": tuple(LetterContent)})
    letter = remark(authority.record_decision(on_request(), no_plan, AS_SENCO), regulations.TELL_IN_A_REFUSAL_WHAT_CAN_BE_DONE)
    assert letter.kept is is_kept


def test_that_there_will_be_an_assessment_needs_no_such_letter() -> None:
    assert authority.record_decision(on_request(), decided(ON, ASSESS), OFFICER) == Decision.taken(decided(ON, ASSESS))


@pytest.mark.parametrize("left_out", [None, *NotifiedOffice])
def test_the_family_is_consulted_and_three_offices_notified(left_out: NotifiedOffice | None) -> None:
    """Section 36(4) and (7), and regulation 4(2)."""
    told = tuple(office for office in NotifiedOffice if office is not left_out)
    entry = AuthorityConsulted(occurred_on=ON, request=REQUEST, family_may_give_evidence=True, notified=told)
    found = remark(authority.record_consultation(on_request(), entry, OFFICER), CONSULT_AND_NOTIFY)
    assert (found.kept, found.missing) == ((True, ()) if left_out is None else (False, (f"notice to {left_out}",)))
    silent = with_changes(entry, {"family_may_give_evidence": False})
    assert not remark(authority.record_consultation(on_request(), silent, OFFICER), CONSULT_AND_NOTIFY).kept


@pytest.mark.parametrize(
    ("step", "entry"),
    [
        (authority.record_decision, decided(ON, ASSESS)),
        (authority.record_consultation, AuthorityConsulted(occurred_on=ON, request=REQUEST)),
        (authority.serve_draft_plan, served(ON)),
        (authority.ask_for_advice, AdviceAsked(occurred_on=ON, request=REQUEST)),
        (authority.claim_exception, claimed(Clock.SIX_WEEKS, ExceptionGround.ABSENT_FROM_AREA)),
        (ehc.issue_ehc_plan, plan_issued(ON, request=REQUEST)),
    ],
    ids=lambda value: getattr(value, "__name__", value.__class__.__name__),
)
def test_nothing_is_done_on_a_request_that_was_not_made_by_that_day(step, entry) -> None:
    assert step(a_record(enrolled(), a_contact()), entry, AS_SENCO).is_refused
    assert step(on_request(), with_changes(entry, {"occurred_on": BEFORE}), AS_SENCO).is_refused
    assert not step(on_request(), entry, AS_SENCO).is_refused
    assert step(on_request(), entry, AS_TEACHER).is_refused


def test_a_child_brought_to_notice_has_no_request_to_decide_or_to_send_evidence_on() -> None:
    brought = a_record(enrolled(), a_contact(), asked(requester=Requester.SOMEBODY_ELSE))
    assert authority.record_decision(brought, decided(ON, ASSESS), OFFICER).is_refused
    assert ehc.submit_evidence(brought, _evidence(), AS_SENCO).is_refused
    assert ehc.receive_evidence(brought, received(), OFFICER).is_refused


@pytest.mark.parametrize(("knows", "missing"), [(True, ()), (None, ("family_knows",)), (False, ("family_knows",))])
def test_notice_by_somebody_else_is_no_request_and_the_family_should_know(knows: bool | None, missing: tuple[str, ...]) -> None:
    entry = asked(requester=Requester.SOMEBODY_ELSE, family_knows=knows, family_agrees=True)
    decision = ehc.send_ehc_request(a_record(enrolled(), a_contact()), entry, AS_SENCO, ON)
    assert decision.entries == (entry,)
    found = remark(decision, TAKE_NOTICE_FOR_NO_REQUEST)
    assert (found.kept, found.missing, found.used["starts_a_clock"]) == (True, missing, False)


def test_a_college_asks_at_any_time_and_its_request_waits_for_its_evidence() -> None:
    entry = asked(requester=Requester.POST_16_INSTITUTION)
    assert ehc.send_ehc_request(a_record(enrolled(), a_contact()), entry, AS_SENCO, ON).entries == (entry,)


@pytest.mark.parametrize(("on", "is_refused"), [(ON, False), (date(2026, 2, 1), True)])
def test_advice_and_answers_are_to_what_was_asked_by_then(on: date, is_refused: bool) -> None:
    record = a_record(
        enrolled(), a_contact(), AdviceAsked(occurred_on=ON), PlacementConsulted(occurred_on=ON, authority="999"), sen_decided(ON)
    )
    answer = PlacementAnswered(occurred_on=on, consultation=4, can_meet_need=True, reason="It can.")
    assert authority.give_advice(record, AdviceGiven(occurred_on=on, asked=3), AS_SENCO).is_refused is is_refused
    assert authority.answer_consultation(record, answer, AS_SENCO).is_refused is is_refused
    assert authority.give_advice(record, AdviceGiven(occurred_on=on, asked=5), AS_SENCO).is_refused
    assert authority.answer_consultation(record, with_changes(answer, {"consultation": 3}), AS_SENCO).is_refused


@pytest.mark.parametrize(("reason", "kept"), [("No room for a hoist.", []), (" ", [False])])
def test_that_a_school_cannot_meet_need_has_a_reason(reason: str, kept: list[bool]) -> None:
    record = a_record(enrolled(), a_contact(), PlacementConsulted(occurred_on=ON, authority="999"))
    answer = PlacementAnswered(occurred_on=ON, consultation=3, can_meet_need=False, reason=reason)
    found = authority.answer_consultation(record, answer, AS_SENCO).findings
    assert [finding.kept for finding in found if finding.rule is ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS] == kept


@pytest.mark.parametrize(
    ("changes", "is_kept", "missing"),
    [
        ({"family_told_on": ON}, True, ()),
        ({}, True, ("day on which the family was told of the exception",)),
        ({"family_told_on": ON, "ground": ExceptionGround.MISSED_APPOINTMENT}, False, ("ground that the Regulations name for this clock",)),
        ({"family_told_on": ON, "evidence": ""}, False, ("evidence for the exception",)),
        ({"family_told_on": ON, "until_on": None}, False, ("last day of the exception",)),
        ({"family_told_on": ON, "until_on": date(2026, 2, 7)}, False, ("four continuous weeks",)),
        ({"family_told_on": ON, "until_on": date(2026, 2, 8)}, True, ()),
    ],
)
def test_an_exception_is_claimed_on_a_ground_with_evidence_and_the_family_is_told(
    changes: dict[str, object], is_kept: bool, missing: tuple[str, ...]
) -> None:
    """Regulation 5(4); that the family is told is what the Code expects (9.43), so its want is named and breaks nothing."""
    claim = claimed(Clock.SIX_WEEKS, ExceptionGround.ABSENT_FROM_AREA, until_on=date(2026, 3, 31))
    decision = authority.claim_exception(on_request(), with_changes(claim, changes), OFFICER)
    found = remark(decision, regulations.CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS)
    assert (found.kept, found.missing) == (is_kept, missing)


def test_an_exception_names_the_clock_it_is_for_and_does_not_end_before_it_begins() -> None:
    record = a_record(*on_request().entries, AdviceAsked(occurred_on=ON))
    claim = claimed(Clock.SIX_WEEKS, ExceptionGround.ABSENT_FROM_AREA)
    advice = claimed(Clock.ADVICE, ExceptionGround.ABSENT_FROM_AREA, asked=5)
    assert not authority.claim_exception(record, claim, OFFICER).is_refused
    assert not authority.claim_exception(record, advice, OFFICER).is_refused
    for impossible in (
        with_changes(claim, {"until_on": date(2026, 1, 11)}),
        with_changes(claim, {"request": None}),
        with_changes(claim, {"asked": 5}),
        with_changes(advice, {"asked": 3}),
        with_changes(advice, {"asked": None}),
    ):
        assert authority.claim_exception(record, impossible, OFFICER).is_refused


@pytest.mark.parametrize("left_out", [None, *PlanSection])
def test_a_plan_has_each_section_under_its_own_letter(left_out: PlanSection | None) -> None:
    """Regulation 12(1)."""
    sections = tuple(section for section in PlanSection if section is not left_out)
    found = remark(ehc.issue_ehc_plan(on_request(), plan_issued(ON, sections=sections), AS_SENCO), regulations.SET_OUT_EVERY_SECTION)
    assert (found.kept, found.missing) == ((True, ()) if left_out is None else (False, (f"section {left_out}",)))


@pytest.mark.parametrize("left_out", [None, *PlanRecipient])
def test_a_final_plan_goes_to_all_three(left_out: PlanRecipient | None) -> None:
    """Regulation 13(2)."""
    sent = tuple(one for one in PlanRecipient if one is not left_out)
    found = remark(ehc.issue_ehc_plan(on_request(), plan_issued(ON, sent_to=sent), AS_SENCO), regulations.SEND_THE_PLAN_TO_ALL_THREE)
    assert found.kept is (left_out is None)
    assert ehc.issue_ehc_plan(on_request(), plan_issued(ON), AS_SENCO).findings == ()


@pytest.mark.parametrize(
    ("earlier", "missing"),
    [
        (decided(ON, NOT_ASSESS), None),
        (decided(ON, NO_PLAN), ()),
        (decided(ON, ASSESS), ("what the authority decided then",)),
    ],
)
def test_what_was_decided_on_an_earlier_request_is_weighed(earlier: AuthorityDecided, missing: tuple[str, ...] | None) -> None:
    """Section 36(6): an assessment within six months is shown; a refusal to assess was none."""
    again = asked(request=UUID(int=0x801), occurred_on=date(2026, 3, 2))
    found = [f for f in ehc.request_ehc_assessment(on_request(earlier), again, AS_SENCO).findings if f.rule is WEIGH_AN_EARLIER_ASSESSMENT]
    assert [finding.missing for finding in found] == ([] if missing is None else [missing])


def _evidence(on: date = ON) -> EvidenceSubmitted:
    return EvidenceSubmitted(occurred_on=on, request=REQUEST, frozen_at=3, confirmed_by=HEAD)


SUPPORTED = (
    sen_decided(date(2024, 9, 9)),
    an_assessment(date(2024, 9, 16)),
    a_plan(date(2024, 9, 23), date(2025, 2, 7)),
    a_review(date(2025, 2, 7)),
    a_plan(date(2025, 2, 24), date(2025, 6, 27), cycle=2),
    a_review(date(2025, 6, 27), cycle=2),
    SpecialistInvolved(occurred_on=date(2025, 1, 6), profession=Profession.EDUCATIONAL_PSYCHOLOGIST, reason="Reading."),
    SpecialistAdvised(occurred_on=date(2025, 2, 2), involvement=9, advice="Teach in small steps."),
)


@pytest.mark.parametrize(
    ("on", "missing"),
    [(ON, ()), (date(2026, 2, 3), ("specialist's report within twelve months",))],
)
def test_what_local_forms_ask_for_is_shown_and_refuses_nothing(on: date, missing: tuple[str, ...]) -> None:
    mapped = ProvisionMapped(occurred_on=date(2025, 9, 8), school_year=2025, cost_in_pence=600_000)
    record = a_record(enrolled(), a_contact(), asked(), *SUPPORTED, mapped)
    found = remark(ehc.submit_evidence(record, _evidence(on), AS_SENCO), local.SHOW_WHAT_LOCAL_FORMS_ASK_FOR)
    assert (found.kept, found.missing) == (not missing, missing)
    bare = ehc.submit_evidence(on_request(), _evidence(), AS_SENCO)
    assert not bare.is_refused
    assert len(remark(bare, local.SHOW_WHAT_LOCAL_FORMS_ASK_FOR).missing) == 5


@pytest.mark.parametrize(
    ("on", "missing"),
    [(date(2026, 2, 2), ("attendance-of-a-year", "attainment-over-time", "signatures")), (date(2026, 2, 3), None)],
)
def test_gaps_are_shown_by_the_profile_that_evidence_is_made_for_with_its_age(on: date, missing: tuple[str, ...] | None) -> None:
    """Advice of 2 February 2025 is a year old on the first day and too old on the second."""
    mapped = ProvisionMapped(occurred_on=date(2025, 9, 8), school_year=2025, cost_in_pence=600_000)
    record = a_record(enrolled(), a_contact(), asked(), *SUPPORTED, mapped)
    decision = ehc.submit_evidence(record, _evidence(on), AS_SENCO, CYCLES_AND_COSTS)
    assert not decision.is_refused
    found = remark(decision, local.SHOW_WHAT_LOCAL_FORMS_ASK_FOR)
    assert found.missing == (missing or ("attendance-of-a-year", "attainment-over-time", "advice-within-a-year", "signatures"))
    assert (found.used["profile"], found.used["read_on"]) == ("cycles-and-costs/1", "2026-11-22")
    assert found.used["written"] == CYCLES_AND_COSTS.source.written


def test_beside_what_holds_for_the_whole_country_the_forms_of_many_are_shown() -> None:
    national = ehc.submit_evidence(on_request(), _evidence(), AS_SENCO, NATIONAL)
    assert national == ehc.submit_evidence(on_request(), _evidence(), AS_SENCO)


@pytest.mark.parametrize(("pence", "is_kept", "reaches"), [(600_000, True, True), (599_999, True, False), (None, False, None)])
def test_the_cost_is_shown_beside_six_thousand_pounds_and_never_blocks(pence: int | None, is_kept: bool, reaches: bool | None) -> None:
    mapped = ProvisionMapped(occurred_on=date(2025, 9, 8), school_year=2025, cost_in_pence=pence)
    decision = ehc.submit_evidence(a_record(enrolled(), a_contact(), asked(), mapped), _evidence(), AS_SENCO)
    assert not decision.is_refused
    found = remark(decision, local.SHOW_THE_COST_BESIDE_THE_THRESHOLD)
    assert (found.kept, found.used.get("reaches_threshold")) == (is_kept, reaches)


@pytest.mark.parametrize(
    ("entries", "stage"),
    [
        ((), Stage.DRAFTED),
        ((_evidence(),), Stage.SUBMITTED),
        ((received(deemed=True),), Stage.SUBMITTED),
        ((received(),), Stage.RECEIVED),
        ((received(), AuthorityConsulted(occurred_on=ON, request=REQUEST)), Stage.DECIDING),
        ((received(), AdviceAsked(occurred_on=ON, request=REQUEST)), Stage.DECIDING),
        ((received(), decided(ON, NOT_ASSESS)), Stage.NOT_ASSESSED),
        ((received(), decided(ON, ASSESS), _evidence(date(2026, 2, 9))), Stage.ASSESSING),
        ((received(), decided(ON, ASSESS), decided(date(2026, 4, 1), NO_PLAN)), Stage.PLAN_REFUSED),
        ((received(), decided(ON, ASSESS), served(date(2026, 4, 1))), Stage.PLAN_DRAFTED),
        ((received(), served(date(2026, 4, 1)), plan_issued(date(2026, 5, 1))), Stage.PLAN_FINAL),
        ((received(), decided(ON, NOT_ASSESS), AppealLodged(occurred_on=ON, about=5)), Stage.NOT_ASSESSED),
    ],
)
def test_how_far_a_request_has_come_follows_from_what_was_done(entries, stage: Stage) -> None:
    course = course_of(a_record(enrolled(), a_contact(), asked(), *entries), REQUEST)
    assert course is not None
    assert course.stage is stage


@pytest.mark.parametrize(("allowed", "stage"), [(True, Stage.ASSESSING), (False, Stage.NOT_ASSESSED)])
def test_an_appeal_that_is_allowed_puts_a_refused_assessment_back_on_its_way(allowed: bool, stage: Stage) -> None:
    appeal = (AppealLodged(occurred_on=ON, about=5), AppealDecided(occurred_on=date(2026, 6, 1), appeal=6, allowed=allowed))
    course = course_of(on_request(decided(ON, NOT_ASSESS), *appeal), REQUEST)
    assert course is not None
    assert course.stage is stage


def test_notice_is_a_stage_of_its_own_and_no_request_has_no_course() -> None:
    course = course_of(a_record(enrolled(), asked(requester=Requester.SOMEBODY_ELSE)), REQUEST)
    assert course is not None
    assert course.stage is Stage.BROUGHT_TO_NOTICE
    assert course_of(a_record(enrolled()), REQUEST) is None


def test_an_authority_goes_on_after_a_pupil_left_and_asks_before_one_came() -> None:
    record = a_record(enrolled(on=ON), PupilLeft(occurred_on=date(2026, 7, 21), reason="Moved."))
    after, before = date(2026, 9, 1), date(2026, 2, 1)
    consulted = PlacementConsulted(occurred_on=before, authority="999")
    assert [off_roll(record, entry) for entry in (decided(after, ASSESS), served(after), consulted)] == [None, None, None]
    assert off_roll(record, a_review(after)) == "lies after the pupil left"
    assert off_roll(record, decided(before, ASSESS)) == "lies before the pupil came on roll"


@pytest.mark.parametrize(("number", "is_refused"), [(3, True), (5, True), (6, False)])
def test_what_later_entries_rest_on_is_not_withdrawn(number: int, is_refused: bool) -> None:
    record = on_request(decided(ON, NOT_ASSESS), AppealLodged(occurred_on=ON, about=5))
    withdrawal = EntryWithdrawn(occurred_on=ON, reason="Another pupil's.")
    assert withdraw_entry(record, withdrawal, AS_SENCO, number=number).is_refused is is_refused
