"""The clocks of a request: six, sixteen and twenty weeks, fifteen days for a draft, advice and consultations, and what excuses them."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from app.domain.departures import explain_departure
from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AuthorityConsulted,
    AuthorityDecided,
    AuthorityDecision,
    Clock,
    DepartureExplained,
    DraftPlanServed,
    EhcAssessmentRequested,
    Entry,
    EvidenceReceived,
    ExceptionClaimed,
    ExceptionGround,
    PlacementAnswered,
    PlacementConsulted,
    Requester,
)
from app.domain.obligation import Obligation, State
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rule import Force, Rule
from app.domain.rules import RULES
from app.domain.rules.code_of_practice_2015.ehc_assessments import ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS
from app.domain.rules.send_regulations_2014 import assessments as regulations
from app.domain.time_limits import GROUNDS, excuses
from tests.domain.builders import AS_HEAD, a_contact, a_record, enrolled, plan_issued, with_changes

REQUEST = UUID(int=0x800)
RECEIVED = date(2026, 1, 12)
SIX, SIXTEEN, TWENTY = date(2026, 2, 23), date(2026, 5, 4), date(2026, 6, 1)
"""FORMATS: 42, 112 and 140 days after receipt."""
A_DAY = timedelta(days=1)
SIX_WEEKS, SIXTEEN_WEEKS, TWENTY_WEEKS = (
    regulations.AUTHORITY_DECIDES_WITHIN_SIX_WEEKS,
    regulations.AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS,
    regulations.AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS,
)
ASSESS, NOT_ASSESS, NO_PLAN = AuthorityDecision
WHOLE_SPRING = {"from_on": date(2026, 1, 12), "until_on": date(2026, 6, 30)}


def asked(**changes: object) -> EhcAssessmentRequested:
    entry = EhcAssessmentRequested(
        occurred_on=RECEIVED, request=REQUEST, authority="999", requester=Requester.SCHOOL, contact=None, reason="Needs more."
    )
    return with_changes(entry, changes)


def received(*, deemed: bool = False) -> EvidenceReceived:
    return EvidenceReceived(occurred_on=RECEIVED, request=REQUEST, deemed=deemed, bundle_digest=None)


def decided(on: date, decision: AuthorityDecision) -> AuthorityDecided:
    return AuthorityDecided(occurred_on=on, request=REQUEST, decision=decision)


def served(on: date) -> DraftPlanServed:
    return DraftPlanServed(occurred_on=on, request=REQUEST)


def claimed(clock: Clock, ground: ExceptionGround, **changes: object) -> ExceptionClaimed:
    of = {"asked": 3} if clock is Clock.ADVICE else {"request": REQUEST}
    entry = ExceptionClaimed(occurred_on=SIX, clock=clock, ground=ground, evidence="A letter.", from_on=RECEIVED, **of)
    return with_changes(entry, changes)


def on_request(*entries: Entry) -> Record:
    """The third entry is the request and the fourth the authority's own receipt."""
    return a_record(enrolled(), a_contact(), asked(), received(), *entries)


def owed(record: Record, rule: Rule) -> Obligation:
    (found,) = [one for one in obligations(record, until=date(2027, 8, 31)) if one.rule is rule]
    return found


def state(record: Record, rule: Rule, day: date) -> State | None:
    return owed(record, rule).state_on(day)


@pytest.mark.parametrize("decision", [ASSESS, NOT_ASSESS])
@pytest.mark.parametrize(("on", "result"), [(SIX, State.KEPT), (SIX + A_DAY, State.KEPT_LATE)])
def test_whether_to_assess_is_said_within_forty_two_days_of_receipt(decision: AuthorityDecision, on: date, result: State) -> None:
    """Regulation 5(1): received on 12 January 2026, decided by 23 February."""
    assert state(on_request(decided(on, decision)), SIX_WEEKS, on) is result


@pytest.mark.parametrize(("day", "result"), [(SIX, State.DUE), (SIX + A_DAY, State.BROKEN)])
def test_an_authority_that_keeps_its_word_here_and_is_silent_breaks_the_six_weeks(day: date, result: State) -> None:
    assert state(on_request(), SIX_WEEKS, day) is result


def test_silence_tells_nothing_while_nothing_of_the_authoritys_stands_in_the_record() -> None:
    """A school that only deems the request received cannot know what the authority told the family."""
    record = a_record(enrolled(), a_contact(), asked(), received(deemed=True))
    assert {owed(record, rule).missing for rule in (SIX_WEEKS, SIXTEEN_WEEKS, TWENTY_WEEKS)} == {("authority_decision",)}
    assert state(record, SIX_WEEKS, SIX + A_DAY) is State.NOT_KNOWN
    consulted = AuthorityConsulted(occurred_on=date(2026, 1, 20), request=REQUEST)
    assert state(a_record(enrolled(), asked(), received(deemed=True), consulted), SIX_WEEKS, SIX + A_DAY) is State.BROKEN


@pytest.mark.parametrize(("on", "result"), [(SIX, State.KEPT), (SIX + A_DAY, State.NOT_KNOWN)])
def test_a_draft_shows_that_it_was_decided_to_assess_by_then_and_later_shows_not_when(on: date, result: State) -> None:
    assert state(on_request(served(on)), SIX_WEEKS, on) is result


@pytest.mark.parametrize(("on", "result"), [(SIXTEEN, State.KEPT), (SIXTEEN + A_DAY, State.KEPT_LATE)])
def test_that_no_plan_will_be_made_is_said_within_a_hundred_and_twelve_days(on: date, result: State) -> None:
    """Regulation 10(1)."""
    record = on_request(decided(SIX, ASSESS), decided(on, NO_PLAN))
    assert state(record, SIXTEEN_WEEKS, on) is result
    assert state(record, TWENTY_WEEKS, on) is None


def test_sixteen_weeks_are_owed_only_where_no_plan_is_decided() -> None:
    assert state(on_request(decided(SIX, ASSESS)), SIXTEEN_WEEKS, SIXTEEN + A_DAY) is State.NOT_KNOWN
    for ending in (served(SIXTEEN + A_DAY), plan_issued(SIXTEEN + A_DAY, request=REQUEST), decided(SIX, NOT_ASSESS)):
        assert state(on_request(ending), SIXTEEN_WEEKS, TWENTY) is None


@pytest.mark.parametrize(("on", "result"), [(TWENTY, State.KEPT), (TWENTY + A_DAY, State.KEPT_LATE)])
def test_the_final_plan_is_sent_within_a_hundred_and_forty_days(on: date, result: State) -> None:
    """Regulation 13(2)."""
    assert state(on_request(decided(SIX, ASSESS), plan_issued(on, request=REQUEST)), TWENTY_WEEKS, on) is result


@pytest.mark.parametrize(("day", "result"), [(TWENTY, State.DUE), (TWENTY + A_DAY, State.BROKEN)])
def test_without_a_plan_and_without_a_refusal_the_twenty_weeks_are_broken(day: date, result: State) -> None:
    assert state(on_request(decided(SIX, ASSESS)), TWENTY_WEEKS, day) is result


def test_a_refusal_to_assess_ends_the_later_clocks_even_where_it_came_too_late() -> None:
    record = on_request(decided(TWENTY + A_DAY, NOT_ASSESS))
    assert state(record, SIX_WEEKS, TWENTY + A_DAY) is State.KEPT_LATE
    assert state(record, TWENTY_WEEKS, TWENTY + A_DAY) is None


def test_a_plan_that_names_another_request_meets_no_clock_of_this_one() -> None:
    record = on_request(plan_issued(SIX, request=UUID(int=0x801)))
    assert state(record, TWENTY_WEEKS, TWENTY + A_DAY) is State.BROKEN


def test_notice_by_somebody_else_starts_no_clock() -> None:
    brought = a_record(enrolled(), a_contact(), asked(requester=Requester.SOMEBODY_ELSE), received())
    assert [one for one in obligations(brought, until=TWENTY) if one.occasion == "3"] == []
    college = a_record(enrolled(), a_contact(), asked(requester=Requester.POST_16_INSTITUTION), received())
    assert len([one for one in obligations(college, until=TWENTY) if one.occasion == "3"]) == 3


@pytest.mark.parametrize(
    ("made_on", "day", "result"),
    [
        (None, date(2026, 3, 15), State.DUE),
        (None, date(2026, 3, 16), State.KEPT),
        (date(2026, 3, 17), date(2026, 3, 17), State.KEPT),
        (date(2026, 3, 16), date(2026, 3, 16), State.BROKEN),
        (date(2026, 3, 2), date(2026, 3, 3), State.BROKEN),
    ],
)
def test_a_family_has_fifteen_days_for_a_draft_beginning_with_the_day_of_service(made_on: date | None, day: date, result: State) -> None:
    """Regulation 13(1): served on 2 March 2026, the last of the days is 16 March, so a plan is made on 17 March at the earliest."""
    made = (plan_issued(made_on, request=REQUEST),) if made_on else ()
    assert state(on_request(served(date(2026, 3, 2)), *made), regulations.LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT, day) is result


@pytest.mark.parametrize(
    ("given_on", "day", "result"),
    [
        (date(2026, 2, 23), date(2026, 2, 23), State.KEPT),
        (date(2026, 2, 24), date(2026, 2, 24), State.KEPT_LATE),
        (None, date(2026, 2, 23), State.DUE),
        (None, date(2026, 2, 24), State.BROKEN),
    ],
)
def test_the_school_gives_its_advice_within_six_weeks_of_receiving_the_asking(given_on: date | None, day: date, result: State) -> None:
    """Regulation 8(1)."""
    given = (AdviceGiven(occurred_on=given_on, asked=3),) if given_on else ()
    record = a_record(enrolled(), a_contact(), AdviceAsked(occurred_on=RECEIVED), *given)
    assert state(record, regulations.GIVE_ADVICE_WITHIN_SIX_WEEKS, day) is result


@pytest.mark.parametrize(
    ("given_on", "day", "result"),
    [
        (date(2026, 3, 17), date(2026, 3, 17), State.KEPT),
        (date(2026, 3, 18), date(2026, 3, 18), State.KEPT_LATE),
        (None, date(2026, 3, 17), State.DUE),
        (None, date(2026, 3, 18), State.BROKEN),
    ],
)
def test_a_consultation_is_answered_within_fifteen_calendar_days(given_on: date | None, day: date, result: State) -> None:
    """Code of Practice 9.83: calendar days, whatever the term; consulted on 2 March 2026."""
    consulted = PlacementConsulted(occurred_on=date(2026, 3, 2), authority="999")
    given = (PlacementAnswered(occurred_on=given_on, consultation=3, can_meet_need=True, reason="It can."),) if given_on else ()
    record = a_record(enrolled(), a_contact(), consulted, *given)
    assert state(record, ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS, day) is result


def test_an_answer_to_one_asking_is_none_to_another() -> None:
    record = a_record(enrolled(), a_contact(), AdviceAsked(occurred_on=RECEIVED), AdviceAsked(occurred_on=RECEIVED + A_DAY))
    answered = a_record(*record.entries, AdviceGiven(occurred_on=SIX, asked=4))
    found = [one.met_by for one in obligations(answered, until=SIX) if one.rule is regulations.GIVE_ADVICE_WITHIN_SIX_WEEKS]
    assert found == [None, 5]


ALLOWED = {
    (clock, ground): ground in grounds
    for clock, grounds in {
        Clock.SIX_WEEKS: {"school_closed", "early_years_closed", "exceptional_personal_circumstances", "absent_from_area"},
        Clock.SIXTEEN_WEEKS: {"school_closed", "early_years_closed", "exceptional_personal_circumstances", "absent_from_area"},
        Clock.TWENTY_WEEKS: {"school_closed", "early_years_closed", "exceptional_personal_circumstances", "absent_from_area"},
        Clock.ADVICE: {"exceptional_personal_circumstances", "absent_from_area", "missed_appointment"},
    }.items()
    for ground in ExceptionGround
}
CLOCKS = {
    Clock.SIX_WEEKS: (SIX_WEEKS, SIX),
    Clock.SIXTEEN_WEEKS: (SIXTEEN_WEEKS, SIXTEEN),
    Clock.TWENTY_WEEKS: (TWENTY_WEEKS, TWENTY),
    Clock.ADVICE: (regulations.GIVE_ADVICE_WITHIN_SIX_WEEKS, SIX),
}


@pytest.mark.parametrize(("clock", "ground"), list(ALLOWED))
def test_each_clock_is_excused_on_its_own_grounds_and_on_no_other(clock: Clock, ground: ExceptionGround) -> None:
    """Regulations 5(4) and 10(4) for the authority; 8(2) for advice, which a closed school does not excuse but a missed test does."""
    rule, due = CLOCKS[clock]
    claim = claimed(clock, ground, **WHOLE_SPRING)
    if clock is Clock.ADVICE:
        record = a_record(enrolled(), a_contact(), AdviceAsked(occurred_on=RECEIVED), claim)
    else:
        record = on_request(decided(TWENTY + 30 * A_DAY, NO_PLAN), claim) if clock is Clock.SIXTEEN_WEEKS else on_request(claim)
    expected = State.EXCUSED if ALLOWED[clock, ground] else State.BROKEN
    assert state(record, rule, due + A_DAY) is expected
    assert (ground in GROUNDS[clock]) is ALLOWED[clock, ground]


@pytest.mark.parametrize(
    ("from_on", "until_on", "result"),
    [
        (SIX, SIX, True),
        (SIX + A_DAY, SIX + 9 * A_DAY, False),
        (RECEIVED, SIX - A_DAY, False),
        (RECEIVED, SIX, True),
        (SIX, None, True),
    ],
)
def test_an_exception_covers_the_last_day_or_excuses_nothing(from_on: date, until_on: date | None, result: bool) -> None:
    claim = claimed(Clock.SIX_WEEKS, ExceptionGround.EXCEPTIONAL_PERSONAL_CIRCUMSTANCES, from_on=from_on, until_on=until_on)
    assert excuses(claim, Clock.SIX_WEEKS, SIX) is result
    assert not excuses(claim, Clock.TWENTY_WEEKS, SIX)


@pytest.mark.parametrize("ground", [ExceptionGround.SCHOOL_CLOSED, ExceptionGround.EARLY_YEARS_CLOSED, ExceptionGround.ABSENT_FROM_AREA])
@pytest.mark.parametrize(("days", "result"), [(28, True), (27, False)])
def test_a_closure_or_an_absence_lasts_four_continuous_weeks(ground: ExceptionGround, days: int, result: bool) -> None:
    last = SIX + A_DAY
    claim = claimed(Clock.SIX_WEEKS, ground, from_on=last - (days - 1) * A_DAY, until_on=last)
    assert excuses(claim, Clock.SIX_WEEKS, SIX) is result
    assert not excuses(with_changes(claim, {"until_on": None}), Clock.SIX_WEEKS, SIX)


def test_no_exception_arises_by_itself_in_august() -> None:
    """Received on 6 July 2026, due on 17 August: with the school closed since 22 July the authority still has to claim it."""
    july = a_record(enrolled(), asked(occurred_on=date(2026, 7, 6)), with_changes(received(), {"occurred_on": date(2026, 7, 6)}))
    assert owed(july, SIX_WEEKS).due == date(2026, 8, 17)
    assert state(july, SIX_WEEKS, date(2026, 8, 18)) is State.BROKEN
    closed = claimed(Clock.SIX_WEEKS, ExceptionGround.SCHOOL_CLOSED, from_on=date(2026, 7, 22), until_on=date(2026, 9, 1))
    assert state(a_record(*july.entries, closed), SIX_WEEKS, date(2026, 8, 18)) is State.EXCUSED


def test_an_exception_without_evidence_excuses_nothing_and_one_in_time_needs_none() -> None:
    bare = claimed(Clock.SIX_WEEKS, ExceptionGround.EXCEPTIONAL_PERSONAL_CIRCUMSTANCES, evidence=" ")
    assert state(on_request(bare), SIX_WEEKS, SIX + A_DAY) is State.BROKEN
    sound = claimed(Clock.SIX_WEEKS, ExceptionGround.EXCEPTIONAL_PERSONAL_CIRCUMSTANCES)
    assert state(on_request(sound, decided(SIX, ASSESS)), SIX_WEEKS, SIX) is State.KEPT
    late = on_request(sound, decided(SIX + A_DAY, ASSESS))
    assert (owed(late, SIX_WEEKS).due, state(late, SIX_WEEKS, SIX + A_DAY)) == (SIX, State.EXCUSED)


EVERY_CLOCK = on_request(AdviceAsked(occurred_on=RECEIVED), PlacementConsulted(occurred_on=RECEIVED, authority="999"))


ON_THE_REQUEST = [one for one in obligations(EVERY_CLOCK, until=TWENTY) if one.occasion in ("3", "5", "6")]


def test_a_request_with_all_its_askings_has_five_clocks() -> None:
    assert len({one.rule.id for one in ON_THE_REQUEST}) == 5


@pytest.mark.parametrize("owing", ON_THE_REQUEST, ids=lambda one: one.rule.id)
def test_a_recorded_reason_clears_no_clock_of_statute_and_does_clear_guidance(owing: Obligation) -> None:
    entry = DepartureExplained(occurred_on=TWENTY + A_DAY, rule=owing.rule.id, occasion=owing.occasion, reason="Too much work.")
    is_guidance = owing.rule.force is Force.SHOULD
    assert explain_departure(EVERY_CLOCK, entry, AS_HEAD).is_refused is not is_guidance
    after = owed(a_record(*EVERY_CLOCK.entries, entry), RULES[owing.rule.id]).state_on(TWENTY + A_DAY)
    assert (after is State.DEPARTED) is is_guidance
