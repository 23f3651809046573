"""What a review must hold, and what the end of support must rest on (Code of Practice 6.15 and 6.53 to 6.59)."""

from collections.abc import Iterator
from datetime import date

from app.domain.cycle import Cycle
from app.domain.entries import (
    EhcAssessmentRequested,
    EvidenceSource,
    Impact,
    NextStep,
    ReviewHeld,
    SessionDelivered,
    SettingName,
    SpecialistInvolved,
    SupportEnded,
)
from app.domain.record import Record
from app.domain.rule import Fact, Finding, Rule
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    CONSIDER_AN_EHC_REQUEST,
    END_SUPPORT_AT_A_REVIEW,
    INVOLVE_A_SPECIALIST,
    LOG_DELIVERY,
    REVIEW_BY_THE_AGREED_DATE,
    REVIEW_EACH_OUTCOME_WITH_VIEWS,
)
from app.domain.rules.code_of_practice_2015.specialists_and_records import CONSIDER_A_SPECIALIST


def impossible_review(cycle: Cycle | None, entry: ReviewHeld) -> Finding | None:
    """Refuse a second review of a cycle, one before its plan, and ratings of outcomes that the plan does not have."""
    plan = cycle.plan_entry if cycle else None
    if cycle is None or plan is None:
        return None
    facts: dict[str, Fact] = {"cycle": entry.cycle, "review_on": str(entry.occurred_on)}
    if cycle.review is not None:
        return REVIEW_EACH_OUTCOME_WITH_VIEWS.broken(reviewed_by=cycle.review.number, cure="correct that review").shown_by(facts)
    if entry.occurred_on < plan.occurred_on:
        return REVIEW_BY_THE_AGREED_DATE.broken(plan_on=str(plan.occurred_on), cure="choose a day from the plan on").shown_by(facts)
    rated = [rating.outcome for rating in entry.ratings]
    unknown = sorted(set(rated) - {outcome.number for outcome in plan.outcomes})
    if unknown:
        return REVIEW_EACH_OUTCOME_WITH_VIEWS.broken(missing=[f"outcome {number} in the plan" for number in unknown]).shown_by(facts)
    if len(set(rated)) < len(rated):
        return REVIEW_EACH_OUTCOME_WITH_VIEWS.broken(cure="rate each outcome once").shown_by(facts)
    return None


def review_findings(record: Record, cycle: Cycle, entry: ReviewHeld) -> Iterator[Finding]:
    """Remark on the day, the content, and whether little progress has gone on for two reviews; the agreed day is inside."""
    due = cycle.review_on
    if due is not None:
        facts: dict[str, Fact] = {"cycle": entry.cycle, "due": str(due), "review_on": str(entry.occurred_on)}
        is_late = entry.occurred_on > due
        yield REVIEW_BY_THE_AGREED_DATE.broken().shown_by(facts) if is_late else REVIEW_BY_THE_AGREED_DATE.kept().shown_by(facts)
    missing = tuple(_missing(cycle, entry))
    yield (
        REVIEW_EACH_OUTCOME_WITH_VIEWS.broken(cycle=entry.cycle, missing=missing)
        if missing
        else REVIEW_EACH_OUTCOME_WITH_VIEWS.kept(cycle=entry.cycle)
    )
    yield from _delivery(record, cycle, entry)
    yield from _specialist_findings(record, cycle, entry)


def exit_findings(record: Record, entry: SupportEnded) -> Iterator[Finding]:
    """Remark on an end of support that no review of the last cycle decided, or that parents and pupil were not consulted on."""
    last = record.last_cycle
    review = last.review_entry if last else None
    decided = last is not None and review is not None and last.review is not None and last.review.number == entry.review
    missing = []
    if not decided or review is None or review.next_step is not NextStep.END_SUPPORT:
        missing.append("review of the last cycle that decides to end support")
    if entry.parents_consulted.on is None:
        missing.append("parents_consulted")
    if entry.pupil_consulted.on is None:
        missing.append("pupil_consulted")
    if not entry.reason.strip():
        missing.append("reason")
    if entry.monitor_on <= entry.occurred_on:
        missing.append("day after the end on which to look again")
    if missing:
        yield END_SUPPORT_AT_A_REVIEW.broken(missing=missing, review=entry.review)
    else:
        yield END_SUPPORT_AT_A_REVIEW.kept(review=entry.review)


def is_heard(source: EvidenceSource) -> bool:
    """Whether a source was heard, or the reason why not is given."""
    return bool(source.says or source.missing_because)


def shows_little_progress(review: ReviewHeld) -> bool:
    """Whether any outcome was rated as little or no progress."""
    return any(rating.impact is Impact.LITTLE_OR_NO_PROGRESS for rating in review.ratings)


def _missing(cycle: Cycle, entry: ReviewHeld) -> Iterator[str]:
    rated = {rating.outcome: rating for rating in entry.ratings}
    for outcome in cycle.plan_entry.outcomes if cycle.plan_entry else ():
        if outcome.number not in rated:
            yield f"rating of outcome {outcome.number}"
        elif not rated[outcome.number].evidence.strip():
            yield f"evidence for outcome {outcome.number}"
    if not entry.quality_of_support.strip():
        yield "quality_of_support"
    if not is_heard(entry.parents_view):
        yield "parents_view"
    if not is_heard(entry.pupils_view):
        yield "pupils_view"


def _delivery(record: Record, cycle: Cycle, entry: ReviewHeld) -> Iterator[Finding]:
    """Of the sessions logged, so many in a hundred as the school chose took place; without a log nothing is counted."""
    sessions = [session.entry for session in cycle.sessions if isinstance(session.entry, SessionDelivered)]
    if sessions:
        given, least = sum(s.took_place for s in sessions), record.school.setting(SettingName.DELIVERY_WARNING_PERCENT, entry.occurred_on)
        facts = {"given": str(given), "planned": str(len(sessions)), "least_percent": str(least)}
        is_enough = given * 100 >= least * len(sessions)
        yield LOG_DELIVERY.kept(**facts) if is_enough else LOG_DELIVERY.broken(**facts, cure="see that the sessions planned are given")


def _specialist_findings(record: Record, cycle: Cycle, entry: ReviewHeld) -> Iterator[Finding]:
    """Consider a specialist at the first review with little progress, involve one at the second, then consider asking the authority."""
    if not shows_little_progress(entry):
        return
    before = next((earlier for earlier in reversed(record.cycles) if earlier.number < cycle.number and earlier.review), None)
    earlier = before.review_entry if before else None
    is_involved = entry.next_step is NextStep.INVOLVE_SPECIALIST or has_advice(cycle) or _has_specialist(record, cycle.begins_on, entry)
    facts: dict[str, Fact] = {"cycle": cycle.number}
    turns_outside = is_involved or entry.next_step is NextStep.REQUEST_EHC_ASSESSMENT
    yield _done(CONSIDER_A_SPECIALIST, facts, "specialist", turns_outside)
    if before is None or earlier is None or not shows_little_progress(earlier):
        return
    facts = {**facts, "earlier_cycle": before.number}
    was_involved = (
        earlier.next_step is NextStep.INVOLVE_SPECIALIST or has_advice(before) or _has_specialist(record, before.begins_on, entry)
    )
    yield _done(INVOLVE_A_SPECIALIST, facts, "specialist", is_involved or was_involved)
    if was_involved:
        asked = entry.next_step is NextStep.REQUEST_EHC_ASSESSMENT or any(True for _ in record.each(EhcAssessmentRequested))
        yield _done(CONSIDER_AN_EHC_REQUEST, facts, "request considered", asked)


def _done(rule: Rule, facts: dict[str, Fact], missing: str, is_done: bool) -> Finding:
    return rule.kept().shown_by(facts) if is_done else rule.broken(missing=(missing,)).shown_by(facts)


def _has_specialist(record: Record, since: date | None, entry: ReviewHeld) -> bool:
    days = [involved.occurred_on for _, involved in record.each(SpecialistInvolved)]
    return since is not None and any(since <= day <= entry.occurred_on for day in days)


def has_advice(cycle: Cycle) -> bool:
    """Whether the assessment of a cycle holds what somebody outside the school advised."""
    assessment = cycle.assessment_entry
    return assessment is not None and assessment.outside_advice is not None and bool(assessment.outside_advice.says)
