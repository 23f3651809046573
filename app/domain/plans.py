"""What a plan must hold: what makes one impossible, and what is remarked on (Code of Practice 6.48 to 6.52 and 9.66)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final
from uuid import UUID

from app.domain.codes import StaffRole
from app.domain.cycle import Cycle
from app.domain.entries import Outcome, PlanAgreed, SettingName, SpecialistAdvised
from app.domain.record import Record
from app.domain.rule import Fact, Finding
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    AGREE_PLAN_WITH_PARENTS_AND_PUPIL,
    ANALYSE_NEEDS_FROM_ALL_SOURCES,
    CHOOSE_PROVISION_ON_EVIDENCE,
    KEEP_THE_ASSESSMENT_FRESH,
    KEEP_THE_TEACHER_RESPONSIBLE,
    MAKE_PARENTS_AWARE_OF_THE_PLAN,
    NAME_ONE_RESPONSIBLE_TEACHER,
    WRITE_OUTCOMES_NOT_HOURS,
)
from app.domain.rules.code_of_practice_2015.specialists_and_records import PLAN_WITH_THE_SPECIALIST, RECORD_FOUR_THINGS

_AMOUNT: Final = re.compile(
    r"\b(hours?|hrs?|minutes?|mins?|sessions?|tas?|lsas?|teaching assistants?|support|1:1|one[- ]to[- ]one|adult)\b"
)
_ALLOCATION: Final = re.compile(
    r"\b(an?|the|of|with|from|by|for|in|on|at|to|per|and|or|will|have|has|gets?|receives?|given|access|child|pupil|she|they|he"
    r"|hours?|hrs?|minutes?|mins?|sessions?|week(ly)?|day|daily|each|every|term|class(room)?|group|small|tas?|lsas?"
    r"|teaching|learning|assistants?|adult|support(ed)?|help|one|two|three|four|five|six|ten|extra|additional|full|part|times?|x)\b"
)


def impossible_plan(entry: PlanAgreed) -> Finding | None:
    """Refuse a plan whose review is not after it, whose numbers clash, or whose provision serves no outcome of the plan."""
    outcomes = [outcome.number for outcome in entry.outcomes]
    items = [item.number for item in entry.provision]
    facts: dict[str, Fact] = {"cycle": entry.cycle, "plan_on": str(entry.occurred_on)}
    if entry.review_on <= entry.occurred_on:
        return AGREE_PLAN_WITH_PARENTS_AND_PUPIL.broken(review_on=str(entry.review_on), cure="set the review after the plan").shown_by(
            facts
        )
    if len(set(outcomes)) < len(outcomes) or len(set(items)) < len(items):
        return AGREE_PLAN_WITH_PARENTS_AND_PUPIL.broken(cure="number each outcome and each provision once").shown_by(facts)
    unknown = sorted({number for item in entry.provision for number in item.outcomes} - set(outcomes))
    if unknown:
        return CHOOSE_PROVISION_ON_EVIDENCE.broken(missing=[f"outcome {number}" for number in unknown]).shown_by(facts)
    return None


def plan_findings(record: Record, cycle: Cycle | None, entry: PlanAgreed) -> Iterator[Finding]:
    """Remark on what the plan keeps and lacks, one finding a rule, in the order of the Code."""
    facts: dict[str, Fact] = {"cycle": entry.cycle}
    missing_by_rule = (
        (ANALYSE_NEEDS_FROM_ALL_SOURCES, () if cycle and cycle.assessment else ("assessment",)),
        (AGREE_PLAN_WITH_PARENTS_AND_PUPIL, tuple(_not_agreed(entry))),
        (CHOOSE_PROVISION_ON_EVIDENCE, tuple(_without_evidence(entry))),
        (MAKE_PARENTS_AWARE_OF_THE_PLAN, () if entry.home_contribution else ("home_contribution",)),
        (NAME_ONE_RESPONSIBLE_TEACHER, () if _teaches(record, entry, entry.responsible_teacher) else ("responsible teacher's role",)),
        (KEEP_THE_TEACHER_RESPONSIBLE, tuple(_without_teacher(record, entry))),
        (RECORD_FOUR_THINGS, tuple(_without_place_in_the_record(record, entry))),
        (WRITE_OUTCOMES_NOT_HOURS, tuple(f"outcome {outcome.number}" for outcome in entry.outcomes if _is_poor(outcome, entry))),
    )
    for rule, missing in missing_by_rule:
        yield rule.broken(missing=missing).shown_by(facts) if missing else rule.kept().shown_by(facts)
    yield from _about_the_assessment(record, cycle, entry)
    yield from _about_advice(record, cycle, entry)


def is_only_hours(text: str) -> bool:
    """Whether an outcome says how much help is given and nothing of what shall be different for the pupil."""
    words = text.lower()
    return bool(_AMOUNT.search(words)) and not re.search(r"[a-z]", _ALLOCATION.sub("", words))


def _about_the_assessment(record: Record, cycle: Cycle | None, entry: PlanAgreed) -> Iterator[Finding]:
    """An assessment may be as old as the school's own days; the Code says regularly and counts none."""
    assessed = cycle.assessment_entry if cycle else None
    if assessed is None:
        return
    within = record.school.last_day(SettingName.REASSESS_WITHIN_DAYS, assessed.occurred_on)
    facts = {"assessed_on": str(assessed.occurred_on), "planned_on": str(entry.occurred_on)}
    if within.day is None:
        yield KEEP_THE_ASSESSMENT_FRESH.broken(**facts, missing=within.missing)
    else:
        is_fresh = entry.occurred_on <= within.day
        yield KEEP_THE_ASSESSMENT_FRESH.kept(**facts) if is_fresh else KEEP_THE_ASSESSMENT_FRESH.broken(**facts, cure="assess again")


def _about_advice(record: Record, cycle: Cycle | None, entry: PlanAgreed) -> Iterator[Finding]:
    """Where a specialist advised since the plan before, the advice is in the assessment and the parents are asked."""
    before = max((c.plan_entry.occurred_on for c in record.cycles if c.plan_entry and c.number < entry.cycle), default=date.min)
    advised = [advice for _, advice in record.each(SpecialistAdvised) if before < advice.occurred_on <= entry.occurred_on]
    if not advised:
        return
    assessed = cycle.assessment_entry if cycle else None
    has_advice = assessed is not None and assessed.outside_advice is not None and bool(assessed.outside_advice.says)
    missing = [*([] if has_advice else ["outside_advice"]), *([] if entry.parents_consulted.on else ["parents_consulted"])]
    facts = {"advice": str(len(advised)), "cycle": str(entry.cycle)}
    yield PLAN_WITH_THE_SPECIALIST.broken(**facts, missing=missing) if missing else PLAN_WITH_THE_SPECIALIST.kept(**facts)


def _without_place_in_the_record(record: Record, entry: PlanAgreed) -> Iterator[str]:
    """Needs, outcomes and strategies; specialists have their place once one is involved."""
    if not record.needs_on(entry.occurred_on):
        yield "type of need"
    if not entry.outcomes:
        yield "outcomes"
    if not (entry.teaching_strategies or "").strip():
        yield "teaching_strategies"


def _not_agreed(entry: PlanAgreed) -> Iterator[str]:
    if not entry.outcomes:
        yield "outcomes"
    if not entry.provision:
        yield "provision"
    yield from (f"expected impact of outcome {outcome.number}" for outcome in entry.outcomes if not outcome.expected_impact.strip())
    if entry.parents_consulted.on is None:
        yield "parents_consulted"
    if entry.pupil_consulted.on is None:
        yield "pupil_consulted"


def _without_evidence(entry: PlanAgreed) -> Iterator[str]:
    for item in entry.provision:
        if not item.outcomes:
            yield f"outcome served by provision {item.number}"
        if not item.evidence:
            yield f"evidence for provision {item.number}"
        if not item.training:
            yield f"training for provision {item.number}"


def _teaches(record: Record, entry: PlanAgreed, staff: UUID) -> bool:
    return StaffRole.TEACHER in record.school.roles_of(staff, entry.occurred_on)


def _without_teacher(record: Record, entry: PlanAgreed) -> Iterator[str]:
    for item in entry.provision:
        if not _teaches(record, entry, item.accountable_teacher):
            yield f"accountable teacher of provision {item.number}"


def _is_poor(outcome: Outcome, entry: PlanAgreed) -> bool:
    return is_only_hours(outcome.text) or not outcome.measure.strip() or outcome.target_on <= entry.occurred_on
