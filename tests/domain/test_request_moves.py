"""The stages of a request: every pair of a stage and a deed leads where the table of the Code's process says, or is refused."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.domain import ehc
from app.domain.author import Author, AuthorKind
from app.domain.corrections import withdraw_entry
from app.domain.entries import (
    AdviceAsked,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    EhcRequestWithdrawn,
    Entry,
    EntryWithdrawn,
    EvidenceSubmitted,
    Requester,
)
from app.domain.obligation import State
from app.domain.oblige.ehc import oblige_advice
from app.domain.record import Record
from app.domain.request_course import course_of
from app.domain.request_moves import BEGINS_AS, MOVES, Deed, Stage, deed_of
from app.domain.rules.children_and_families_act_2014 import WEIGH_AN_EARLIER_ASSESSMENT
from app.domain.steps import STEPS
from tests.domain.builders import (
    AS_HEAD,
    AS_MOTHER,
    AS_PUPIL,
    AS_SENCO,
    AS_TEACHER,
    HEAD,
    MOTHER,
    a_contact,
    a_record,
    enrolled,
    plan_issued,
)
from tests.domain.test_ehc_clocks import (
    A_DAY,
    ASSESS,
    NO_PLAN,
    NOT_ASSESS,
    RECEIVED,
    REQUEST,
    SIX,
    SIX_WEEKS,
    TWENTY_WEEKS,
    asked,
    decided,
    on_request,
    owed,
    received,
    served,
    state,
)

OFFICER = Author(kind=AuthorKind.AUTHORITY_OFFICER, id=UUID(int=0x900))
ON, LATER = date(2026, 2, 2), date(2026, 3, 2)


def taken_back(on: date = LATER) -> EhcRequestWithdrawn:
    return EhcRequestWithdrawn(occurred_on=on, request=REQUEST, reason="We have changed our minds.")


def evidence(on: date) -> EvidenceSubmitted:
    return EvidenceSubmitted(occurred_on=on, request=REQUEST, frozen_at=3, confirmed_by=HEAD)


def consulted(on: date) -> AuthorityConsulted:
    return AuthorityConsulted(occurred_on=on, request=REQUEST)


def entry_for(deed: Deed, on: date) -> Entry:
    """The entry that does the deed on a day; an appeal is added with what it is about."""
    made: dict[Deed, Entry] = {
        Deed.EVIDENCE_SUBMITTED: evidence(on),
        Deed.MADE_AVAILABLE: replace(received(deemed=True), occurred_on=on),
        Deed.RECEIVED: replace(received(), occurred_on=on),
        Deed.BEGUN: consulted(on),
        Deed.DECIDED_TO_ASSESS: decided(on, ASSESS),
        Deed.DECIDED_NOT_TO_ASSESS: decided(on, NOT_ASSESS),
        Deed.DECIDED_ON_NO_PLAN: decided(on, NO_PLAN),
        Deed.DRAFT_SERVED: served(on),
        Deed.PLAN_ISSUED: plan_issued(on, request=REQUEST),
        Deed.TAKEN_BACK: taken_back(on),
    }
    return made[deed]


TO_REACH: dict[Stage, tuple[Entry, ...]] = {
    Stage.DRAFTED: (asked(),),
    Stage.SUBMITTED: (asked(), replace(received(deemed=True), occurred_on=ON)),
    Stage.RECEIVED: (asked(), received()),
    Stage.DECIDING: (asked(), consulted(ON)),
    Stage.ASSESSING: (asked(), decided(ON, ASSESS)),
    Stage.NOT_ASSESSED: (asked(), decided(ON, NOT_ASSESS)),
    Stage.PLAN_REFUSED: (asked(), decided(ON, NO_PLAN)),
    Stage.PLAN_DRAFTED: (asked(), served(ON)),
    Stage.PLAN_FINAL: (asked(), plan_issued(ON, request=REQUEST)),
    Stage.WITHDRAWN: (asked(), taken_back(ON)),
    Stage.BROUGHT_TO_NOTICE: (asked(requester=Requester.SOMEBODY_ELSE),),
}
ALLOWED = """
evidence submitted: drafted>submitted, submitted, received, deciding, assessing, not_assessed, plan_refused, plan_drafted, plan_final
deemed received: drafted>submitted, submitted, received, deciding, assessing, not_assessed, plan_refused, plan_drafted, plan_final
received, by the authority's own word: drafted>received, submitted>received, received, deciding, assessing, not_assessed, plan_refused,
 plan_drafted, plan_final
family consulted, advice asked or an exception claimed: drafted>deciding, submitted>deciding, received>deciding, deciding, assessing,
 not_assessed, plan_refused, plan_drafted, plan_final
decided to assess: drafted>assessing, submitted>assessing, received>assessing, deciding>assessing, assessing, not_assessed>assessing
decided not to assess: drafted>not_assessed, submitted>not_assessed, received>not_assessed, deciding>not_assessed, not_assessed
decided to make no plan: drafted>plan_refused, submitted>plan_refused, received>plan_refused, deciding>plan_refused,
 assessing>plan_refused, not_assessed>plan_refused, plan_refused, plan_drafted>plan_refused
draft plan served: drafted>plan_drafted, submitted>plan_drafted, received>plan_drafted, deciding>plan_drafted, assessing>plan_drafted,
 not_assessed>plan_drafted, plan_refused>plan_drafted, plan_drafted
final plan: drafted>plan_final, submitted>plan_final, received>plan_final, deciding>plan_final, assessing>plan_final,
 not_assessed>plan_final, plan_refused>plan_final, plan_drafted>plan_final, plan_final
appeal allowed against the refusal to assess: not_assessed>assessing, assessing, plan_refused, plan_drafted, plan_final
withdrawn: drafted>withdrawn, submitted>withdrawn, received>withdrawn, deciding>withdrawn, assessing>withdrawn, plan_drafted>withdrawn
"""
"""Written out a second time, so that a slip of the pen in the table is one that somebody reads."""


def allowed() -> dict[tuple[Stage, Deed], Stage]:
    found = {}
    for line in ALLOWED.replace("\n ", " ").strip().splitlines():
        deed, _, moves = line.rpartition(": ")
        for move in moves.split(", "):
            came_from, _, to = move.strip().partition(">")
            found[Stage(came_from), Deed(deed)] = Stage(to or came_from)
    return found


def record_at(stage: Stage) -> Record:
    return a_record(enrolled(), a_contact(), *TO_REACH[stage])


def stage_of(record: Record) -> Stage:
    course = course_of(record, REQUEST)
    assert course is not None
    return course.stage


def test_the_table_is_the_one_that_is_written_out_here() -> None:
    assert dict(MOVES) == allowed()


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("deed", [deed for deed in Deed if deed is not Deed.APPEAL_ALLOWED])
def test_each_deed_leads_from_each_stage_as_the_table_says_or_its_step_is_refused(stage: Stage, deed: Deed) -> None:
    record, entry = record_at(stage), entry_for(deed, LATER)
    assert stage_of(record) is stage
    assert deed_of(entry) is deed
    to = allowed().get((stage, deed))
    decision = STEPS[type(entry)](record, entry, AS_SENCO)
    is_twice = deed is Deed.PLAN_ISSUED and stage is Stage.PLAN_FINAL  # a second plan is no move of SEN status
    assert decision.is_refused is (to is None or is_twice)
    assert stage_of(a_record(*record.entries, entry)) is (to or stage)


def test_every_requester_begins_somewhere_and_every_stage_is_reached() -> None:
    """A family's request is there at once, the school's or college's waits for evidence, anybody else's is none."""
    begun = {Requester.PARENT: "submitted", Requester.YOUNG_PERSON: "submitted", Requester.SOMEBODY_ELSE: "brought_to_notice"}
    assert {requester: begun.get(requester, "drafted") for requester in Requester} == BEGINS_AS
    assert {*BEGINS_AS.values(), *MOVES.values()} == set(Stage)


@pytest.mark.parametrize("requester", [Requester.PARENT, Requester.YOUNG_PERSON])
def test_a_deemed_day_is_no_receipt_and_an_officers_word_is_one(requester: Requester) -> None:
    deemed = a_record(enrolled(), a_contact(), asked(requester=requester), received(deemed=True))
    assert stage_of(deemed) is Stage.SUBMITTED
    assert stage_of(a_record(*deemed.entries, received())) is Stage.RECEIVED


def test_an_authority_that_asks_for_advice_has_begun() -> None:
    assert stage_of(on_request(AdviceAsked(occurred_on=ON, request=REQUEST))) is Stage.DECIDING
    assert stage_of(on_request(AdviceAsked(occurred_on=ON))) is Stage.RECEIVED


@pytest.mark.parametrize(
    ("requester", "contact", "author", "is_refused"),
    [
        (Requester.PARENT, MOTHER, AS_MOTHER, False),
        (Requester.PARENT, MOTHER, AS_TEACHER, False),
        (Requester.PARENT, MOTHER, AS_PUPIL, True),
        (Requester.PARENT, UUID(int=0x777), AS_MOTHER, True),
        (Requester.YOUNG_PERSON, None, AS_PUPIL, False),
        (Requester.YOUNG_PERSON, None, AS_MOTHER, True),
        (Requester.SCHOOL, None, AS_SENCO, False),
        (Requester.SCHOOL, None, AS_HEAD, False),
        (Requester.SCHOOL, None, AS_TEACHER, True),
        (Requester.SCHOOL, None, AS_MOTHER, True),
        (Requester.POST_16_INSTITUTION, None, AS_TEACHER, True),
        (Requester.SCHOOL, None, OFFICER, True),
        (Requester.SOMEBODY_ELSE, None, AS_SENCO, True),
    ],
)
def test_who_asked_takes_it_back_and_staff_pass_that_on(requester, contact, author, is_refused) -> None:
    record = a_record(enrolled(), a_contact(), asked(requester=requester, contact=contact))
    assert ehc.withdraw_request(record, taken_back(), author).is_refused is is_refused


@pytest.mark.parametrize(("on", "is_refused"), [(RECEIVED, False), (RECEIVED - A_DAY, True)])
def test_nothing_is_taken_back_before_it_was_asked(on: date, is_refused: bool) -> None:
    assert ehc.withdraw_request(on_request(), taken_back(on), AS_SENCO).is_refused is is_refused


def test_an_answered_request_is_not_taken_back_and_it_is_said_why() -> None:
    (finding,) = ehc.withdraw_request(record_at(Stage.PLAN_FINAL), taken_back(), AS_SENCO).findings
    assert (finding.used["stage"], finding.used["by"]) == ("plan_final", "ehc_assessment.withdrawn")
    assert finding.cure


@pytest.mark.parametrize(("on", "is_refused"), [(ON - A_DAY, True), (ON, False)])
def test_a_day_before_what_was_done_since_would_leave_that_without_a_way(on: date, is_refused: bool) -> None:
    decision = ehc.withdraw_request(on_request(decided(ON, ASSESS)), taken_back(on), AS_SENCO)
    assert decision.is_refused is is_refused
    assert ("entry 5 would no longer follow" in str([finding.cure for finding in decision.findings])) is is_refused


@pytest.mark.parametrize(
    ("on", "day", "result"),
    [
        (SIX, SIX - A_DAY, State.DUE),
        (SIX, SIX, None),
        (SIX, SIX + A_DAY, None),
        (SIX + A_DAY, SIX + A_DAY, State.BROKEN),
        (SIX + A_DAY, SIX + 2 * A_DAY, State.BROKEN),
    ],
)
def test_the_six_weeks_end_with_the_request_and_what_was_late_by_then_stays_late(on: date, day: date, result: State | None) -> None:
    record = on_request(taken_back(on))
    assert state(record, SIX_WEEKS, day) is result
    assert owed(record, SIX_WEEKS).ended_on == on


def test_what_was_decided_in_time_stays_kept_and_the_plan_is_owed_no_more() -> None:
    record = on_request(decided(SIX, ASSESS), taken_back(SIX + A_DAY))
    assert state(record, SIX_WEEKS, date(2027, 1, 1)) is State.KEPT
    assert state(record, TWENTY_WEEKS, date(2027, 1, 1)) is None
    assert state(on_request(decided(SIX, ASSESS)), TWENTY_WEEKS, date(2027, 1, 1)) is State.BROKEN


def test_the_schools_advice_on_it_is_owed_no_more_and_that_on_another_is() -> None:
    asking = AdviceAsked(occurred_on=ON, request=REQUEST)
    of_another = AdviceAsked(occurred_on=ON)
    for entries, result in (((asking,), State.BROKEN), ((asking, taken_back()), None), ((of_another, taken_back()), State.BROKEN)):
        found = on_request(*entries)
        (advice,) = oblige_advice(found, date(2027, 8, 31))
        assert advice.state_on(date(2027, 1, 1)) is result


def test_a_withdrawal_made_in_error_is_withdrawn_and_the_request_stands_again() -> None:
    record = on_request(taken_back())
    assert stage_of(record) is Stage.WITHDRAWN
    assert not withdraw_entry(record, EntryWithdrawn(occurred_on=LATER, reason="Another's."), AS_SENCO, number=5).is_refused
    assert stage_of(record.without(5)) is Stage.RECEIVED
    assert state(record.without(5), SIX_WEEKS, SIX) is State.DUE


@pytest.mark.parametrize(("entries", "is_warned"), [((), True), ((taken_back(),), False)])
def test_a_request_that_was_taken_back_is_no_earlier_one_to_weigh(entries: tuple[Entry, ...], is_warned: bool) -> None:
    """Children and Families Act 2014, section 36(6)."""
    again = asked(request=UUID(int=0x801), occurred_on=LATER)
    found = ehc.request_ehc_assessment(on_request(*entries), again, AS_SENCO).findings
    assert any(finding.rule is WEIGH_AN_EARLIER_ASSESSMENT for finding in found) is is_warned


def test_an_appeal_moves_nothing_but_a_refused_assessment() -> None:
    refused = (decided(ON, NO_PLAN), AppealLodged(occurred_on=ON, about=5), AppealDecided(occurred_on=LATER, appeal=6, allowed=True))
    assert stage_of(on_request(*refused)) is Stage.PLAN_REFUSED
