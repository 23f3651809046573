"""The authority's clocks on a request: six, sixteen and twenty weeks from the day it received it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.calendar import weeks_after
from app.domain.ehc import receipts_of
from app.domain.entries import EhcAssessmentRequested, EhcPlanIssued, Recorded
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules.send_regulations_2014.assessments import (
    AUTHORITY_DECIDES_WITHIN_SIX_WEEKS,
    AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS,
    AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS,
)

WEEKS: Final[tuple[tuple[Rule, int], ...]] = (
    (AUTHORITY_DECIDES_WITHIN_SIX_WEEKS, 6),
    (AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS, 16),
    (AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS, 20),
)
DECISION_NOT_KNOWN: Final = ("authority_decision",)


def oblige_authority(record: Record, until: date) -> Iterator[Obligation]:
    """Count the weeks from receipt (day 0), by the receipt that counts; but for a final plan, what was decided is not known here."""
    for recorded, asked in record.each(EhcAssessmentRequested):
        for _, received in receipts_of(record, asked)[-1:]:
            plan = _plan_after(record, received.occurred_on)
            for rule, weeks in WEEKS:
                yield _clock(rule, recorded.number, received.occurred_on, weeks, plan)


def _clock(rule: Rule, request: int, received_on: date, weeks: int, plan: Recorded | None) -> Obligation:
    owed = Obligation(
        rule=rule, shape=Shape.DATED, occasion=str(request), arises_on=received_on, due=(due := weeks_after(received_on, weeks))
    )
    if plan is None:
        return replace(owed, missing=DECISION_NOT_KNOWN)
    plan_on = plan.entry.occurred_on
    if rule is AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS:
        return replace(owed, ended_on=min(plan_on, due))
    if rule is AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS or plan_on <= due:
        return replace(owed, met_on=plan_on, met_by=plan.number)
    return replace(owed, missing=DECISION_NOT_KNOWN)


def _plan_after(record: Record, received_on: date) -> Recorded | None:
    return next((recorded for recorded, plan in record.each(EhcPlanIssued) if plan.occurred_on >= received_on), None)


DUTIES: Final[tuple[Duty, ...]] = (oblige_authority,)
MET_BY: Final[MetBy] = MappingProxyType({})
