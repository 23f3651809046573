"""The steps on the way to a decision about special educational needs, and the decision itself."""

from collections.abc import Iterator

from app.domain.answer import answered
from app.domain.author import Author, AuthorKind
from app.domain.decision import Decision
from app.domain.entries import (
    BaselineTaken,
    ConcernAnswered,
    ConcernRaised,
    DiscussionHeld,
    Domain,
    ProgressChecked,
    Raiser,
    SenDecided,
    SettingName,
    TeachingAdapted,
)
from app.domain.moves import move_refusal
from app.domain.progress import LEAST_POINTS, progress_indicators
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding, Rule
from app.domain.rules.code_of_practice_2015.identification import (
    ANSWER_A_PARENTS_CONCERN,
    ANSWER_A_PUPILS_CONCERN,
    CONSIDER_OTHER_EXPLANATIONS,
    COUNT_WIDER_PROGRESS,
    GIVE_PARENTS_A_SHORT_NOTE,
    LOOK_FOR_CAUSES_OF_BEHAVIOUR,
    LOOK_INTO_SLOW_PROGRESS,
    TAKE_A_BASELINE_ON_ENTRY,
    TEACH_WELL_FIRST,
)
from app.domain.sen_decisions import impossible_decision, sen_decision_findings


def raise_concern(record: Record, entry: ConcernRaised, by: Author) -> Decision:
    """Write down that somebody thinks there may be a need (6.20, 6.45); a parent or pupil who writes, writes in their own name."""
    refusal = role_refusal(record, entry, by) or _in_anothers_name(entry, by)
    findings: list[Finding] = []
    if entry.domain is not Domain.ATTAINMENT:
        findings.append(COUNT_WIDER_PROGRESS.kept(domain=entry.domain))
    return answered(record, entry, refusal, findings)


def answer_concern(record: Record, entry: ConcernAnswered, by: Author) -> Decision:
    """Answer a concern that stands in the record; late by the school's own setting is remarked on, for the Code counts no days."""
    recorded = record.entry(entry.concern)
    concern = recorded.entry if recorded and isinstance(recorded.entry, ConcernRaised) else None
    refusal = role_refusal(record, entry, by)
    if concern is None or concern.occurred_on > entry.occurred_on:
        refusal = refusal or ANSWER_A_PARENTS_CONCERN.broken(concern=entry.concern, missing=("concern raised by that day",))
    if refusal or concern is None:
        return Decision.refused(*(refusal,) if refusal else ())
    return answered(record, entry, None, _answer_findings(record, concern, entry))


def check_progress(record: Record, entry: ProgressChecked, by: Author) -> Decision:
    """Look at progress (6.17); what the four tests show is a remark with its values, and never touches the status."""
    refusal = role_refusal(record, entry, by)
    if any(point.taken_on > entry.occurred_on for point in entry.measurements):
        refusal = refusal or LOOK_INTO_SLOW_PROGRESS.broken(on=str(entry.occurred_on), missing=("measurements taken by that day",))
    return answered(record, entry, refusal, _progress_findings(entry))


def adapt_teaching(record: Record, entry: TeachingAdapted, by: Author) -> Decision:
    """Write down what teaching was tried first, and what it changed (6.19, 6.37)."""
    missing = tuple(name for name in ("tried", "effect") if not getattr(entry, name).strip())
    finding = TEACH_WELL_FIRST.broken(missing=missing) if missing else TEACH_WELL_FIRST.kept(on=str(entry.occurred_on))
    return answered(record, entry, role_refusal(record, entry, by), [finding])


def hold_discussion(record: Record, entry: DiscussionHeld, by: Author) -> Decision:
    """Talk early with parents and pupil (6.39); the short note is given to the parents, and the advice service named."""
    missing = tuple(missing_from_discussion(entry))
    facts = {"held_on": str(entry.occurred_on)}
    finding = GIVE_PARENTS_A_SHORT_NOTE.broken(**facts, missing=missing) if missing else GIVE_PARENTS_A_SHORT_NOTE.kept(**facts)
    return answered(record, entry, role_refusal(record, entry, by), [finding])


def missing_from_discussion(entry: DiscussionHeld) -> Iterator[str]:
    """Name what the early discussion lacks."""
    for name in ("with_parents", "with_pupil", "note_given_on", "advice_service_named"):
        if not getattr(entry, name):
            yield name


def take_baseline(record: Record, entry: BaselineTaken, by: Author) -> Decision:
    """Assess skills and attainment on entry (6.16), with a thought for disability and the adjustments it calls for."""
    missing = tuple(_missing_from_baseline(entry))
    finding = _either(TAKE_A_BASELINE_ON_ENTRY, missing, taken_on=str(entry.occurred_on))
    return answered(record, entry, role_refusal(record, entry, by), [finding])


def _missing_from_baseline(entry: BaselineTaken) -> Iterator[str]:
    if not entry.skills_and_attainment.strip():
        yield "skills_and_attainment"
    if not entry.disability_considered:
        yield "disability_considered"


def decide_sen_support(record: Record, entry: SenDecided, by: Author) -> Decision:
    """Decide, as a named person with reasons, whether a pupil without SEN status has special educational needs (6.43 to 6.45)."""
    refusal = role_refusal(record, entry, by) or impossible_decision(entry) or move_refusal(record, entry, entry.judgement.status)
    return answered(record, entry, refusal, sen_decision_findings(record, entry))


def _in_anothers_name(entry: ConcernRaised, by: Author) -> Finding | None:
    if by.kind is AuthorKind.CONTACT and (entry.raised_by is not Raiser.PARENT or entry.contact != by.id):
        return ANSWER_A_PARENTS_CONCERN.broken(raised_by=entry.raised_by, author_kind=by.kind, cure="raise it in your own name")
    if by.kind is AuthorKind.PUPIL and entry.raised_by is not Raiser.PUPIL:
        return ANSWER_A_PUPILS_CONCERN.broken(raised_by=entry.raised_by, author_kind=by.kind, cure="raise it in your own name")
    return None


def _answer_findings(record: Record, concern: ConcernRaised, entry: ConcernAnswered) -> Iterator[Finding]:
    rule = ANSWER_A_PUPILS_CONCERN if concern.raised_by is Raiser.PUPIL else ANSWER_A_PARENTS_CONCERN
    due = record.school.last_day(SettingName.ANSWER_CONCERN_WITHIN_DAYS, concern.occurred_on).day
    if due is not None:
        facts = {"concern": str(entry.concern), "due": str(due), "answered_on": str(entry.occurred_on)}
        yield rule.kept(**facts) if entry.occurred_on <= due else rule.broken(**facts)
    if concern.domain is Domain.BEHAVIOUR:
        causes = len(entry.other_explanations)
        lacking = () if causes else ("other_explanations",)
        yield _either(LOOK_FOR_CAUSES_OF_BEHAVIOUR, lacking, concern=entry.concern, causes=causes)
    if entry.other_explanations:
        lacking = () if entry.review_on else ("review_on",)
        yield _either(
            CONSIDER_OTHER_EXPLANATIONS, lacking, concern=entry.concern, review_on=str(entry.review_on) if entry.review_on else None
        )


def _either(rule: Rule, missing: tuple[str, ...], **facts: Fact) -> Finding:
    return rule.broken(missing=missing).shown_by(facts) if missing else rule.kept(**facts)


def _progress_findings(entry: ProgressChecked) -> Iterator[Finding]:
    if entry.domain is not Domain.ATTAINMENT:
        yield COUNT_WIDER_PROGRESS.kept(domain=entry.domain)
    indicators = progress_indicators(entry)
    if not indicators:
        yield LOOK_INTO_SLOW_PROGRESS.kept(measurements=len(entry.measurements), measurements_needed=LEAST_POINTS)
    for indicator in indicators:
        values = {name: f"{value:.2f}" for name, value in indicator.values.items()}
        facts: dict[str, str] = {"indicator": indicator.test, "confidence": indicator.confidence, **values}
        if indicator.shows:
            yield LOOK_INTO_SLOW_PROGRESS.broken(**facts, cure="look into it with the SENCO; an indicator decides nothing")
        else:
            yield LOOK_INTO_SLOW_PROGRESS.kept(**facts)
