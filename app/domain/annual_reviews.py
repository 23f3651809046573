"""The yearly review of an EHC plan: the meeting, its report, the decision and the amended plan."""

from collections.abc import Iterator
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.calendar import weeks_after
from app.domain.codes import SenStatus
from app.domain.decision import Decision
from app.domain.entries import AnnualReviewDecided, AnnualReviewHeld, AnnualReviewReported, EhcPlanAmended, Recommendation
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding, Rule
from app.domain.rules.send_regulations_2014.reviews import (
    DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW,
    REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS,
    REVIEW_THE_PLAN_EVERY_YEAR,
    SEND_REVIEW_PAPERS_TWO_WEEKS_BEFORE,
    SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS,
)
from app.domain.step import PupilSteps

PAPERS_BEFORE: Final = timedelta(weeks=2)
WEEKS_TO_REPORT: Final = 2
WEEKS_TO_DECIDE: Final = 4
WEEKS_TO_AMEND: Final = 12


def hold_annual_review(record: Record, entry: AnnualReviewHeld, by: Author) -> Decision:
    """Hold the meeting of a plan's review; without a plan on that day there is nothing to review."""
    refusal = role_refusal(record, entry, by) or _without_a_plan(record, entry)
    return answered(record, entry, refusal, (_papers(entry),))


def report_annual_review(record: Record, entry: AnnualReviewReported, by: Author) -> Decision:
    """Send the report of a meeting to all who were invited and to the authority, within two weeks, the last day inside."""
    held = _held(record, entry.review, entry)
    refusal = role_refusal(record, entry, by) or _no_meeting(REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS, entry, held)
    return answered(record, entry, refusal, _in_time(REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS, entry, held, WEEKS_TO_REPORT))


def decide_annual_review(record: Record, entry: AnnualReviewDecided, by: Author) -> Decision:
    """Record what the authority decided after a review; proposed changes go out with the notice that it will amend."""
    held = _held(record, entry.review, entry)
    refusal = role_refusal(record, entry, by) or _no_meeting(DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW, entry, held)
    findings = [*_in_time(DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW, entry, held, WEEKS_TO_DECIDE)]
    if entry.decision is Recommendation.AMEND and not entry.changes_sent_with_notice:
        findings.append(SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS.broken(review=entry.review, missing=("changes_sent_with_notice",)))
    return answered(record, entry, refusal, findings)


def amend_ehc_plan(record: Record, entry: EhcPlanAmended, by: Author) -> Decision:
    """Record an amended plan, after a review or for a move of phase; only a plan that stands can be amended."""
    refusal = role_refusal(record, entry, by) or _without_a_plan(record, entry)
    if entry.review is None:
        return answered(record, entry, refusal)
    held = _held(record, entry.review, entry)
    refusal = refusal or _no_meeting(SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS, entry, held)
    return answered(record, entry, refusal, _in_time(SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS, entry, held, WEEKS_TO_AMEND))


def _held(record: Record, number: int, entry: AnnualReviewReported | AnnualReviewDecided | EhcPlanAmended) -> AnnualReviewHeld | None:
    recorded = record.entry(number)
    held = recorded.entry if recorded and isinstance(recorded.entry, AnnualReviewHeld) else None
    return held if held and held.occurred_on <= entry.occurred_on else None


def _without_a_plan(record: Record, entry: AnnualReviewHeld | EhcPlanAmended) -> Finding | None:
    status = record.status_on(entry.occurred_on)
    if status is SenStatus.EHC_PLAN:
        return None
    return REVIEW_THE_PLAN_EVERY_YEAR.broken(status=status, on=str(entry.occurred_on), missing=("EHC plan in force on the day",))


def _no_meeting(
    rule: Rule, entry: AnnualReviewReported | AnnualReviewDecided | EhcPlanAmended, held: AnnualReviewHeld | None
) -> Finding | None:
    return None if held else rule.broken(review=entry.review, on=str(entry.occurred_on), missing=("review meeting held by that day",))


def _papers(entry: AnnualReviewHeld) -> Finding:
    last = entry.occurred_on - PAPERS_BEFORE
    facts = {"held_on": str(entry.occurred_on), "last_day": str(last)}
    if entry.papers_sent_on is None:
        return SEND_REVIEW_PAPERS_TWO_WEEKS_BEFORE.broken(**facts, missing=("papers_sent_on",))
    is_in_time = entry.papers_sent_on <= last
    rule = SEND_REVIEW_PAPERS_TWO_WEEKS_BEFORE
    sent = str(entry.papers_sent_on)
    return rule.kept(**facts, sent_on=sent) if is_in_time else rule.broken(**facts, sent_on=sent)


def _in_time(
    rule: Rule, entry: AnnualReviewReported | AnnualReviewDecided | EhcPlanAmended, held: AnnualReviewHeld | None, weeks: int
) -> Iterator[Finding]:
    if held is not None:
        due = weeks_after(held.occurred_on, weeks)
        facts = {"held_on": str(held.occurred_on), "due": str(due), "done_on": str(entry.occurred_on)}
        yield rule.kept(**facts) if entry.occurred_on <= due else rule.broken(**facts)


STEPS: Final[PupilSteps] = MappingProxyType(
    {
        AnnualReviewHeld: hold_annual_review,
        AnnualReviewReported: report_annual_review,
        AnnualReviewDecided: decide_annual_review,
        EhcPlanAmended: amend_ehc_plan,
    }
)
