"""What the local authority does on a request, as its client or the school writes it down, and what the school answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain import appeals
from app.domain.answer import answered
from app.domain.author import Author
from app.domain.cures import cure_of
from app.domain.decision import Decision
from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AuthorityConsulted,
    AuthorityDecided,
    AuthorityDecision,
    Clock,
    DraftPlanServed,
    Entry,
    ExceptionClaimed,
    LetterContent,
    NotifiedOffice,
    PlacementAnswered,
    PlacementConsulted,
    Requester,
)
from app.domain.record import Record
from app.domain.request_course import course_of, leads_nowhere, named_by
from app.domain.roles import role_refusal
from app.domain.rule import Finding, Rule
from app.domain.rules.children_and_families_act_2014 import (
    ASSESS_WHERE_IT_MAY_BE_NECESSARY,
    CONSULT_AND_NOTIFY,
    TAKE_NOTICE_FOR_NO_REQUEST,
)
from app.domain.rules.code_of_practice_2015.ehc_assessments import ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.rules.send_regulations_2014.assessments import (
    AUTHORITY_DECIDES_WITHIN_SIX_WEEKS,
    CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS,
    GIVE_ADVICE_WITHIN_SIX_WEEKS,
    LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT,
    TELL_IN_A_REFUSAL_WHAT_CAN_BE_DONE,
)
from app.domain.step import PupilSteps, write_down
from app.domain.time_limits import missing_for

FAMILY_TOLD: Final = "day on which the family was told of the exception"


def record_decision(record: Record, entry: AuthorityDecided, by: Author) -> Decision:
    """Write down what the authority decided on a request and told the family; a refusal is held against what it must tell."""
    refusal = role_refusal(record, entry, by) or no_such_request(record, entry, entry.request, AUTHORITY_DECIDES_WITHIN_SIX_WEEKS)
    return answered(record, entry, refusal, _letter_findings(entry))


def record_consultation(record: Record, entry: AuthorityConsulted, by: Author) -> Decision:
    """Write down that the authority consulted the family on a request and notified others."""
    refusal = role_refusal(record, entry, by) or no_such_request(record, entry, entry.request, CONSULT_AND_NOTIFY)
    unnotified = tuple(f"notice to {office}" for office in NotifiedOffice if office not in entry.notified)
    missing = (*(() if entry.family_may_give_evidence else ("word to the family that they may give views and evidence",)), *unnotified)
    finding = CONSULT_AND_NOTIFY.broken(missing=missing) if missing else CONSULT_AND_NOTIFY.kept(notified=len(entry.notified))
    return answered(record, entry, refusal, (finding,))


def serve_draft_plan(record: Record, entry: DraftPlanServed, by: Author) -> Decision:
    """Write down that the authority served a draft plan; the family has fifteen days from that day on, that day inside."""
    refusal = role_refusal(record, entry, by) or no_such_request(record, entry, entry.request, LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT)
    return answered(record, entry, refusal)


def ask_for_advice(record: Record, entry: AdviceAsked, by: Author) -> Decision:
    """Write down that the school received the authority's request for advice, on an assessment asked for here or elsewhere."""
    refusal = role_refusal(record, entry, by)
    if entry.request is not None:
        refusal = refusal or no_such_request(record, entry, entry.request, GIVE_ADVICE_WITHIN_SIX_WEEKS)
    return answered(record, entry, refusal)


def give_advice(record: Record, entry: AdviceGiven, by: Author) -> Decision:
    """Write down that the school gave the advice it was asked for."""
    refusal = role_refusal(record, entry, by) or _not_asked(record, entry, entry.asked, AdviceAsked, GIVE_ADVICE_WITHIN_SIX_WEEKS)
    return answered(record, entry, refusal)


def claim_exception(record: Record, entry: ExceptionClaimed, by: Author) -> Decision:
    """Write down that an exception was claimed; what it lacks is remarked on, and it then excuses nothing."""
    return answered(record, entry, role_refusal(record, entry, by) or _no_such_clock(record, entry), _exception_findings(entry))


def answer_consultation(record: Record, entry: PlacementAnswered, by: Author) -> Decision:
    """Write down what the school answered when it was asked whether a plan may name it; that it cannot meet need has a reason."""
    rule = ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS
    refusal = role_refusal(record, entry, by) or _not_asked(record, entry, entry.consultation, PlacementConsulted, rule)
    unexplained = not entry.can_meet_need and not entry.reason.strip()
    return answered(record, entry, refusal, (rule.broken(missing=("reason",)),) if unexplained else ())


def no_such_request(record: Record, entry: Entry, request: UUID, rule: Rule) -> Finding | None:
    """Refuse what names a request that was not made by that day; a child brought to notice by somebody else was not asked for."""
    course = course_of(record, request)
    if course is not None and course.asked.requester is Requester.SOMEBODY_ELSE:
        return TAKE_NOTICE_FOR_NO_REQUEST.broken(number=course.number, cure="let the parent, young person, school or college ask")
    if course is None or entry.occurred_on < course.asked.occurred_on:
        return rule.broken(missing=("request made by that day",), on=str(entry.occurred_on))
    return leads_nowhere(course, entry, rule)


def not_of_request(record: Record, entry: Entry, request: UUID) -> Finding | None:
    """Refuse what an authority writes on one of its requests but which names an entry outside that request's course."""
    number, course = named_by(entry), course_of(record, request)
    target = None if number is None else record.standing_for(number)
    of_course = () if course is None else tuple(step.number for step in course.steps)
    if number is None or (target is not None and target.number in of_course):
        return None
    return LEAVE_A_TRAIL.broken(number=number, missing=("standing entry of that number on this request",))


def _not_asked(record: Record, entry: Entry, number: int, kind: type[Entry], rule: Rule) -> Finding | None:
    asked = record.standing_for(number)
    if asked is None or not isinstance(asked.entry, kind) or entry.occurred_on < asked.entry.occurred_on:
        return rule.broken(number=number, missing=("asking that is answered, by that day",))
    return None


def _no_such_clock(record: Record, entry: ExceptionClaimed) -> Finding | None:
    """A clock is named by what started it, the authority's by a request, that of advice by the asking; none ends before it begins."""
    rule = CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS
    if entry.until_on is not None and entry.until_on < entry.from_on:
        return rule.broken(from_on=str(entry.from_on), until_on=str(entry.until_on), cure="let the exception end on or after its first day")
    if entry.clock is Clock.ADVICE:
        return _no_such_asking(record, entry.asked)
    if entry.request is None or entry.asked is not None:
        return rule.broken(clock=entry.clock, cure="name the request whose clock it is, and nothing else")
    return no_such_request(record, entry, entry.request, rule)


def _no_such_asking(record: Record, number: int | None) -> Finding | None:
    asked = None if number is None else record.standing_for(number)
    if asked is None or not isinstance(asked.entry, AdviceAsked):
        return CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS.broken(number=number, missing=("request for advice of that number",))
    return None


def _exception_findings(entry: ExceptionClaimed) -> Iterator[Finding]:
    """That the family is told is what the Code expects, not the Regulations: its want is named and breaks nothing (paragraph 9.43)."""
    used = {"clock": entry.clock.value, "ground": entry.ground.value, "from_on": str(entry.from_on), "until_on": _said(entry.until_on)}
    lacking, untold = missing_for(entry), (FAMILY_TOLD,) if entry.family_told_on is None else ()
    if lacking:
        yield CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS.broken(missing=(*lacking, *untold)).shown_by(used)
    else:
        yield replace(CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS.kept().shown_by(used), missing=untold, cure=cure_of(untold))


def _letter_findings(entry: AuthorityDecided) -> Iterator[Finding]:
    if entry.decision is AuthorityDecision.ASSESS:
        return
    has_reasons = bool(entry.reasons and entry.reasons.strip())
    untold = tuple(f"{content} in the letter" for content in LetterContent if content not in entry.told_in_letter)
    if entry.decision is AuthorityDecision.NOT_ASSESS:
        yield _kept_or_missing(ASSESS_WHERE_IT_MAY_BE_NECESSARY, () if has_reasons else ("reasons",))
        yield _kept_or_missing(TELL_IN_A_REFUSAL_WHAT_CAN_BE_DONE, untold)
    else:
        yield _kept_or_missing(TELL_IN_A_REFUSAL_WHAT_CAN_BE_DONE, untold if has_reasons else ("reasons", *untold))


def _kept_or_missing(rule: Rule, missing: tuple[str, ...]) -> Finding:
    return rule.broken(missing=missing) if missing else rule.kept(told=len(LetterContent))


def _said(day: date | None) -> str | None:
    return None if day is None else str(day)


STEPS: Final[PupilSteps] = MappingProxyType(
    {
        AuthorityDecided: record_decision,
        AuthorityConsulted: record_consultation,
        DraftPlanServed: serve_draft_plan,
        AdviceAsked: ask_for_advice,
        AdviceGiven: give_advice,
        ExceptionClaimed: claim_exception,
        PlacementConsulted: write_down,
        PlacementAnswered: answer_consultation,
        **appeals.STEPS,
    }
)
