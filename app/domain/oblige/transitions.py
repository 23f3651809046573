"""Duties of the move out of a withdrawn category, of statements, and of the types of need that changed with the reform of 2014."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.calendar import next_spring_census_after
from app.domain.codes import NeedType, SenStatus
from app.domain.entries import EhcPlanCeased, EhcPlanIssued, NeedImported, NeedsSet, Recorded, TransitionDecided
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.periods import NeedPeriod, StatusPeriod
from app.domain.programmes import PROGRAMMES, Programme
from app.domain.record import Record
from app.domain.rules.reading import LAST_CENSUS_WITH_BESD, STATEMENTS_OPEN_UNTIL, WINDOW_OPENS
from app.domain.rules.transition_2014_2015 import ASSESS_BESD_ANEW, RECODE_AN_OPEN_STATEMENT, TRANSFER_STATEMENTS_BY_APRIL_2018

A_DAY: Final = timedelta(days=1)


def oblige_transition_decision(record: Record, until: date) -> Iterator[Obligation]:
    """Each pupil held under a category that a programme moves is decided on by the end of its window, inside; without an end it is open.

    Who came on roll later has the day of coming. A move made by the authority's plan or recorded elsewhere ends the duty.
    """
    for programme in record.school.programmes:
        for period in record.statuses:
            if period.status in programme.from_codes:
                yield from _decision_owed(programme, record, period)


def _decision_owed(programme: Programme, record: Record, period: StatusPeriod) -> Iterator[Obligation]:
    decision = _decision_after(programme, record, period)
    opens = programme.window.since or period.since
    is_history = decision is None and period.until is not None and period.until <= opens
    arises = max(opens, period.since, record.enrolled_on or opens)
    if not is_history:
        yield Obligation(
            rule=programme.rules.decide,
            shape=Shape.DATED,
            occasion=str(period.number),
            arises_on=arises,
            due=max(programme.window.until or date.max, arises),
            met_on=decision.entry.occurred_on if decision else None,
            met_by=decision.number if decision else None,
            ended_on=None if decision else period.until,
        )


def oblige_type_after_the_move(record: Record, until: date) -> Iterator[Obligation]:
    """Who moved to SEN Support without a type of need gets one, or NSA, before the next spring census."""
    for recorded, decided in record.each(TransitionDecided):
        programme = record.school.programme(decided.programme)
        if programme and programme.rules.set_type and decided.judgement is SenStatus.SEN_SUPPORT:
            typed = _first_type(record, decided.occurred_on)
            yield Obligation(
                rule=programme.rules.set_type,
                shape=Shape.DATED,
                occasion=str(recorded.number),
                arises_on=decided.occurred_on,
                due=next_spring_census_after(decided.occurred_on) - A_DAY,
                met_on=max(typed.since, decided.occurred_on) if typed else None,
                met_by=typed.number if typed else None,
                ended_on=_support_ends(record, decided.occurred_on),
            )


def oblige_besd_assessed_anew(record: Record, until: date) -> Iterator[Obligation]:
    """A need held as BESD is assessed anew before the next spring census that no longer takes it; nothing replaces it by itself."""
    for need in record.need_periods:
        if need.need_type is not NeedType.BESD or (need.until is not None and need.until < WINDOW_OPENS):
            continue
        arises = max(WINDOW_OPENS, need.since, record.enrolled_on or WINDOW_OPENS)
        ended = need.until + A_DAY if need.until else None
        anew = next((later for later in record.need_periods if later.since == ended), None)
        yield Obligation(
            rule=ASSESS_BESD_ANEW,
            shape=Shape.DATED,
            occasion=str(need.number),
            arises_on=arises,
            due=next_spring_census_after(max(arises, LAST_CENSUS_WITH_BESD)) - A_DAY,
            met_on=anew.since if anew else None,
            met_by=anew.number if anew else None,
            ended_on=None if anew else ended,
        )


def oblige_statement_transferred(record: Record, until: date) -> Iterator[Obligation]:
    """The authority transfers each statement by 31 March 2018, inside; one that came to the school later was owed from that day."""
    for place, period in enumerate(record.statuses):
        if period.status is not SenStatus.STATEMENT or (period.until is not None and period.until <= WINDOW_OPENS):
            continue
        arises = max(WINDOW_OPENS, period.since, record.enrolled_on or WINDOW_OPENS)
        following = record.statuses[place + 1] if period.until else None
        if following is None or following.since > arises:
            yield Obligation(
                rule=TRANSFER_STATEMENTS_BY_APRIL_2018,
                shape=Shape.DATED,
                occasion=str(period.number),
                arises_on=arises,
                due=max(STATEMENTS_OPEN_UNTIL, arises),
                met_on=period.until,
                met_by=following.number if following else None,
            )


def oblige_statement_recoded(record: Record, until: date) -> Iterator[Obligation]:
    """A statement still open after the transfer period is an error on every day until it is re-coded."""
    opens = STATEMENTS_OPEN_UNTIL + A_DAY
    for place, period in enumerate(record.statuses):
        if period.status is SenStatus.STATEMENT and (period.until is None or period.until > opens):
            following = record.statuses[place + 1] if period.until else None
            yield Obligation(
                rule=RECODE_AN_OPEN_STATEMENT,
                shape=Shape.CONTINUOUS,
                occasion=str(period.number),
                arises_on=max(opens, period.since, record.enrolled_on or opens),
                due=None,
                met_on=period.until,
                met_by=following.number if following else None,
            )


def _decision_after(programme: Programme, record: Record, period: StatusPeriod) -> Recorded | None:
    """The decision of this programme that ended a status."""
    return next(
        (
            recorded
            for recorded, decided in record.each(TransitionDecided)
            if decided.programme == programme.id and decided.came_from is period.status and decided.occurred_on == period.until
        ),
        None,
    )


def _first_type(record: Record, day: date) -> NeedPeriod | None:
    """The first type of need, fit for SEN Support, that stood on the day or began later."""
    fit = (need for need in record.need_periods if need.need_type is not NeedType.BESD)
    return next((need for need in fit if need.covers(day) or need.since > day), None)


def _support_ends(record: Record, day: date) -> date | None:
    return next((period.until for period in record.statuses if period.covers(day)), None)


DUTIES: Final[tuple[Duty, ...]] = (
    oblige_transition_decision,
    oblige_type_after_the_move,
    oblige_besd_assessed_anew,
    oblige_statement_transferred,
    oblige_statement_recoded,
)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        **{programme.rules.decide.id: (TransitionDecided,) for programme in PROGRAMMES.values()},
        **{programme.rules.set_type.id: (NeedsSet, NeedImported) for programme in PROGRAMMES.values() if programme.rules.set_type},
        TRANSFER_STATEMENTS_BY_APRIL_2018.id: (EhcPlanIssued, EhcPlanCeased),
        ASSESS_BESD_ANEW.id: (NeedsSet, NeedImported),
    }
)
