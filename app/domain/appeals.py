"""Mediation and appeal: dated facts beside a request, and the last day on which a family may appeal.

An appeal is a right that nobody owes, so its last day is worked out and shown, and no duty of the family's is made of it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.calendar import add_months
from app.domain.days import Calendar, Count, DayKind, Reckoned, after, next_working_day
from app.domain.decision import Decision
from app.domain.entries import (
    AnnualReviewDecided,
    AppealDecided,
    AppealLodged,
    AuthorityDecided,
    AuthorityDecision,
    EhcPlanAmended,
    EhcPlanCeased,
    EhcPlanIssued,
    Entry,
    MediationCertified,
    Recorded,
)
from app.domain.record import Record
from app.domain.request_course import is_named
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding, Rule
from app.domain.rules.children_and_families_act_2014 import APPEAL_IN_TIME, ARRANGE_MEDIATION, CONSIDER_MEDIATION_BEFORE_AN_APPEAL
from app.domain.step import PupilSteps

DECISIONS: Final = (AuthorityDecided, EhcPlanIssued, EhcPlanAmended, EhcPlanCeased, AnnualReviewDecided)
MONTHS_FROM_LETTER: Final = 2
MONTHS_FROM_CERTIFICATE: Final = 1
TO_CERTIFY: Final = Count(3, DayKind.WORKING_DAYS)
TO_MEDIATE: Final = timedelta(days=30)
AUGUST: Final = 8
LATE: Final = "give the reason to whoever may allow more time; what was done late stays done"
LATE_CERTIFICATE: Final = "what came late stays late; the family's month runs from the certificate all the same"


def appeal_until(record: Record, decision: Recorded) -> Reckoned:
    """The last day, inside, to appeal against a decision, by the certificates about it; without bank holidays it may not be known."""
    certified = [entry.occurred_on for _, entry in record.each(MediationCertified) if is_named(record, entry.about, decision)]
    return last_day_to_appeal(decision.entry.occurred_on, max(certified, default=None), record.school.calendar)


def last_day_to_appeal(decided_on: date, certified_on: date | None, calendar: Calendar) -> Reckoned:
    """Two months from the decision letter or one from the certificate, whichever is later; moved on out of Christmas and August.

    A time that ends from 25 December to 1 January ends on the first working day from 2 January, one that ends in August on the first of
    September.
    """
    last = add_months(decided_on, MONTHS_FROM_LETTER)
    if certified_on is not None:
        last = max(last, add_months(certified_on, MONTHS_FROM_CERTIFICATE))
    if last.month == AUGUST:
        return next_working_day(date(last.year, 9, 1), calendar)
    if (last.month, last.day) >= (12, 25):
        return next_working_day(date(last.year + 1, 1, 2), calendar)
    return next_working_day(date(last.year, 1, 2), calendar) if (last.month, last.day) == (1, 1) else Reckoned(last)


def certify_mediation(record: Record, entry: MediationCertified, by: Author) -> Decision:
    """Write down a mediation certificate about a decision, held against the days for it where those of the family's answer are told."""
    refusal = role_refusal(record, entry, by) or _nothing_to_appeal(record, entry, entry.about, ARRANGE_MEDIATION)
    return answered(record, entry, refusal, _mediation_findings(record, entry))


def lodge_appeal(record: Record, entry: AppealLodged, by: Author) -> Decision:
    """Write down an appeal against a decision; a late one is remarked on and not refused, for the Tribunal may let it in."""
    refusal = role_refusal(record, entry, by) or _nothing_to_appeal(record, entry, entry.about, APPEAL_IN_TIME)
    return answered(record, entry, refusal, _appeal_findings(record, entry))


def decide_appeal(record: Record, entry: AppealDecided, by: Author) -> Decision:
    """Write down how an appeal ended."""
    refusal = role_refusal(record, entry, by)
    appeal = record.standing_for(entry.appeal)
    if refusal is None and (appeal is None or not isinstance(appeal.entry, AppealLodged) or entry.occurred_on < appeal.entry.occurred_on):
        refusal = APPEAL_IN_TIME.broken(number=entry.appeal, missing=("appeal lodged by that day",))
    return answered(record, entry, refusal)


def is_open_to_appeal(entry: Entry) -> bool:
    """Whether a decision is one that may be appealed (section 51); that there will be an assessment is none."""
    return isinstance(entry, DECISIONS) and not (isinstance(entry, AuthorityDecided) and entry.decision is AuthorityDecision.ASSESS)


def _nothing_to_appeal(record: Record, entry: Entry, about: int, rule: Rule) -> Finding | None:
    decision = record.standing_for(about)
    if decision is None or not is_open_to_appeal(decision.entry) or entry.occurred_on < decision.entry.occurred_on:
        return rule.broken(number=about, missing=("decision that may be appealed, made by that day",))
    return None


def _appeal_findings(record: Record, entry: AppealLodged) -> Iterator[Finding]:
    decision = record.standing_for(entry.about)
    if decision is None:
        return
    last = appeal_until(record.as_at(entry.occurred_on), decision)
    yield _in_time(APPEAL_IN_TIME, entry.occurred_on, last)
    is_certified = any(
        c.occurred_on <= entry.occurred_on and is_named(record, c.about, decision) for _, c in record.each(MediationCertified)
    )
    if is_certified or entry.placement_alone:
        yield CONSIDER_MEDIATION_BEFORE_AN_APPEAL.kept(certified=is_certified, placement_alone=entry.placement_alone)
    else:
        yield CONSIDER_MEDIATION_BEFORE_AN_APPEAL.broken(missing=("mediation certificate",))


def _mediation_findings(record: Record, entry: MediationCertified) -> Iterator[Finding]:
    """Where mediation was held it came within thirty days of being asked for; where it was declined three working days suffice."""
    asked = entry.answered_on
    if asked is None or (entry.mediated and entry.mediated_on is None):
        yield ARRANGE_MEDIATION.broken(missing=("day on which mediation was asked for or declined, and held",))
    elif entry.mediated and entry.mediated_on is not None:
        yield _in_time(ARRANGE_MEDIATION, entry.mediated_on, Reckoned(asked + TO_MEDIATE), LATE_CERTIFICATE)
    else:
        yield _in_time(ARRANGE_MEDIATION, entry.occurred_on, after(asked, TO_CERTIFY, record.school.calendar), LATE_CERTIFICATE)


def _in_time(rule: Rule, on: date, last: Reckoned, cure: str = LATE) -> Finding:
    """Kept up to the last day, inside; a day that could not be worked out names the calendar to load and is not called kept."""
    if last.day is None:
        return rule.broken(missing=last.missing, on=str(on))
    used: dict[str, Fact] = {"on": str(on), "until": str(last.day)}
    return rule.kept().shown_by(used) if on <= last.day else rule.broken(cure=cure).shown_by(used)


STEPS: Final[PupilSteps] = MappingProxyType(
    {MediationCertified: certify_mediation, AppealLodged: lodge_appeal, AppealDecided: decide_appeal}
)
