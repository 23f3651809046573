"""The clocks of a request: the authority's six, sixteen and twenty weeks and the days for a draft, the school's advice and its answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.calendar import weeks_after
from app.domain.days import A_DAY, Count, DayKind, after, beginning_with
from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AuthorityDecided,
    AuthorityDecision,
    Clock,
    DraftPlanServed,
    EhcPlanIssued,
    EhcRequestWithdrawn,
    ExceptionClaimed,
    PlacementAnswered,
    PlacementConsulted,
    Recorded,
    Requester,
)
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.record import Record
from app.domain.request_course import Course, course_of, courses_of, is_named
from app.domain.rule import Rule
from app.domain.rules.code_of_practice_2015.ehc_assessments import ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS
from app.domain.rules.send_regulations_2014.assessments import (
    AUTHORITY_DECIDES_WITHIN_SIX_WEEKS,
    AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS,
    AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS,
    GIVE_ADVICE_WITHIN_SIX_WEEKS,
    LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT,
)
from app.domain.time_limits import excuses

WEEKS: Final[Mapping[Clock, tuple[Rule, int]]] = MappingProxyType(
    {
        Clock.SIX_WEEKS: (AUTHORITY_DECIDES_WITHIN_SIX_WEEKS, 6),
        Clock.SIXTEEN_WEEKS: (AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS, 16),
        Clock.TWENTY_WEEKS: (AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS, 20),
        Clock.ADVICE: (GIVE_ADVICE_WITHIN_SIX_WEEKS, 6),
    }
)
DAYS_FOR_A_DRAFT: Final = 15
DAYS_FOR_AN_ANSWER: Final = Count(15, DayKind.CALENDAR_DAYS)
DECISION_NOT_KNOWN: Final = ("authority_decision",)


def oblige_authority(record: Record, until: date) -> Iterator[Obligation]:
    """Count the weeks from receipt (day 0), by the receipt that counts; notice by somebody else starts none.

    While nothing here shows what the authority did, its silence tells nothing and its duties are not known.
    """
    for course in courses_of(record):
        if course.received_on is not None and course.asked.requester is not Requester.SOMEBODY_ELSE:
            for clock, discharged in DISCHARGED.items():
                owed = discharged(course, _clock(clock, course.number, course.received_on))
                yield _taken_back(_excused(owed, clock, course.steps), course.withdrawn)


def oblige_days_for_a_draft(record: Record, until: date) -> Iterator[Obligation]:
    """The day of service is the first of the fifteen; they are given when the fifteenth ends, and a plan made before that breaks them."""
    for course in courses_of(record):
        plan = course.first(EhcPlanIssued)
        for served in (step for step in course.steps if isinstance(step.entry, DraftPlanServed)):
            yield _taken_back(_days_for(served, plan), course.withdrawn)


def oblige_advice(record: Record, until: date) -> Iterator[Obligation]:
    """The school gives its advice within six weeks of the day on which it received the asking (day 0)."""
    for asked, entry in record.each(AdviceAsked):
        given = next((recorded for recorded, answer in record.each(AdviceGiven) if is_named(record, answer.asked, asked)), None)
        claims = (r for r, claim in record.each(ExceptionClaimed) if claim.asked is not None and is_named(record, claim.asked, asked))
        owed = _clock(Clock.ADVICE, asked.number, asked.entry.occurred_on)
        course = None if entry.request is None else course_of(record, entry.request)
        owed = _excused(_met(owed, given) if given else owed, Clock.ADVICE, claims)
        yield _taken_back(owed, None if course is None else course.withdrawn)


def oblige_answer_to_consultation(record: Record, until: date) -> Iterator[Obligation]:
    """The school answers within fifteen calendar days of the day on which it was consulted (day 0)."""
    for asked, _ in record.each(PlacementConsulted):
        answers = record.each(PlacementAnswered)
        given = next((recorded for recorded, answer in answers if is_named(record, answer.consultation, asked)), None)
        owed = Obligation(
            rule=ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS,
            shape=Shape.DATED,
            occasion=str(asked.number),
            arises_on=asked.entry.occurred_on,
            due=after(asked.entry.occurred_on, DAYS_FOR_AN_ANSWER, record.school.calendar).day,
        )
        yield _met(owed, given) if given else owed


def _decided(course: Course, owed: Obligation) -> Obligation:
    """Within six weeks it is said whether there will be an assessment; what came of one shows that it was decided by then."""
    said = (course.first(AuthorityDecided, decided=answer) for answer in (AuthorityDecision.ASSESS, AuthorityDecision.NOT_ASSESS))
    decision = _earliest(said)
    if decision is not None:
        return _met(owed, decision)
    outcome = _earliest((_refused(course), _made(course)))
    if outcome is not None and owed.due is not None and outcome.entry.occurred_on <= owed.due:
        return _met(owed, outcome)
    return owed if outcome is None and course.has_word_of_the_authority else replace(owed, missing=DECISION_NOT_KNOWN)


def _refused_a_plan(course: Course, owed: Obligation) -> Obligation:
    """Sixteen weeks are owed only where no plan will be made; a draft or plan, or no assessment, ends them."""
    ended = course.first(AuthorityDecided, decided=AuthorityDecision.NOT_ASSESS) or (None if _refused(course) else _made(course))
    if ended is not None:
        return _over(owed, ended)
    refused = _refused(course)
    return replace(owed, missing=DECISION_NOT_KNOWN) if refused is None else _met(owed, refused)


def _sent_a_plan(course: Course, owed: Obligation) -> Obligation:
    """Twenty weeks are owed where a plan is made; a refusal to assess or to make one ends them."""
    ended = course.first(AuthorityDecided, decided=AuthorityDecision.NOT_ASSESS) or _refused(course)
    if ended is not None:
        return _over(owed, ended)
    plan = course.first(EhcPlanIssued)
    if plan is not None:
        return _met(owed, plan)
    return owed if course.has_word_of_the_authority else replace(owed, missing=DECISION_NOT_KNOWN)


DISCHARGED: Final[Mapping[Clock, Callable[[Course, Obligation], Obligation]]] = MappingProxyType(
    {Clock.SIX_WEEKS: _decided, Clock.SIXTEEN_WEEKS: _refused_a_plan, Clock.TWENTY_WEEKS: _sent_a_plan}
)


def _refused(course: Course) -> Recorded | None:
    return course.first(AuthorityDecided, decided=AuthorityDecision.NO_PLAN)


def _made(course: Course) -> Recorded | None:
    return course.first(DraftPlanServed, EhcPlanIssued)


def _earliest(found: Iterable[Recorded | None]) -> Recorded | None:
    return min((step for step in found if step), key=lambda step: (step.entry.occurred_on, step.number), default=None)


def _clock(clock: Clock, number: int, from_on: date) -> Obligation:
    rule, weeks = WEEKS[clock]
    return Obligation(rule=rule, shape=Shape.DATED, occasion=str(number), arises_on=from_on, due=weeks_after(from_on, weeks))


def _met(owed: Obligation, by: Recorded) -> Obligation:
    return replace(owed, met_on=by.entry.occurred_on, met_by=by.number)


def _over(owed: Obligation, by: Recorded) -> Obligation:
    """No longer owed, and never broken even where that was known only after the last day."""
    day = by.entry.occurred_on
    return replace(owed, ended_on=day if owed.due is None else min(day, owed.due))


def _taken_back(owed: Obligation, withdrawn: Recorded | None) -> Obligation:
    """No longer owed from the day on which the request was withdrawn; what was met stays met, and what was late by then stays late."""
    if withdrawn is None or owed.ended_on is not None:
        return owed
    day = withdrawn.entry.occurred_on
    if owed.met_on is not None and owed.met_on <= day:
        return owed
    if owed.due is not None and owed.due < day:
        return replace(owed, ended_on=day)
    return replace(owed, met_on=None, met_by=None, ended_on=day, missing=())


def _excused(owed: Obligation, clock: Clock, steps: Iterable[Recorded]) -> Obligation:
    """Excuse what was not done in time where an exception covers its last day; the day itself does not move."""
    due = owed.due
    if due is None or owed.ended_on is not None or (owed.met_on is not None and owed.met_on <= due):
        return owed
    claims = (step for step in steps if isinstance(step.entry, ExceptionClaimed) and excuses(step.entry, clock, due))
    claim = next(claims, None)
    return owed if claim is None else replace(owed, excused_by=claim.number, missing=())


def _days_for(served: Recorded, plan: Recorded | None) -> Obligation:
    service = served.entry.occurred_on
    last = beginning_with(service, DAYS_FOR_A_DRAFT)
    owed = Obligation(rule=LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT, shape=Shape.DATED, occasion=str(served.number), arises_on=service, due=last)
    if plan is not None and service <= plan.entry.occurred_on <= last:
        return replace(owed, due=max(service, plan.entry.occurred_on - A_DAY))
    return replace(owed, met_on=last, met_by=served.number)


DUTIES: Final[tuple[Duty, ...]] = (oblige_authority, oblige_days_for_a_draft, oblige_advice, oblige_answer_to_consultation)
LET_OFF: Final = (ExceptionClaimed, EhcRequestWithdrawn)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        AUTHORITY_DECIDES_WITHIN_SIX_WEEKS.id: (AuthorityDecided, DraftPlanServed, EhcPlanIssued, *LET_OFF),
        AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS.id: (AuthorityDecided, DraftPlanServed, EhcPlanIssued, *LET_OFF),
        AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS.id: (AuthorityDecided, EhcPlanIssued, *LET_OFF),
        GIVE_ADVICE_WITHIN_SIX_WEEKS.id: (AdviceGiven, *LET_OFF),
        ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS.id: (PlacementAnswered,),
    }
)
