"""Involving specialists, hearing their advice and sharing it."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import SpecialistAdviceShared, SpecialistAdvised, SpecialistInvolved
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding
from app.domain.rules.code_of_practice_2015.graduated_approach import CONTACT_PROFESSIONALS_WITH_AGREEMENT, INVOLVE_A_SPECIALIST
from app.domain.rules.code_of_practice_2015.specialists_and_records import (
    DECIDE_ON_SPECIALISTS_WITH_PARENTS,
    SHARE_WHAT_THE_SPECIALIST_SAID,
)
from app.domain.step import PupilSteps


def involve_specialist(record: Record, entry: SpecialistInvolved, by: Author) -> Decision:
    """Turn to a specialist, at any time; the parents take part in the decision and agree to the contact before it is made."""
    refusal = role_refusal(record, entry, by)
    if not entry.reason.strip():
        refusal = refusal or INVOLVE_A_SPECIALIST.broken(profession=entry.profession, missing=("reason",))
    return answered(record, entry, refusal, _with_the_parents(entry))


def hear_specialist(record: Record, entry: SpecialistAdvised, by: Author) -> Decision:
    """Write down what a specialist advised who was involved by that day."""
    involved = next((e for r, e in record.each(SpecialistInvolved) if r.number == entry.involvement), None)
    refusal = role_refusal(record, entry, by)
    if involved is None or involved.occurred_on > entry.occurred_on:
        refusal = refusal or INVOLVE_A_SPECIALIST.broken(involvement=entry.involvement, missing=("specialist involved by that day",))
    days = [day for day in (entry.shared_with_parents_on, entry.shared_with_staff_on) if day is not None]
    if any(day < entry.occurred_on for day in days):
        refusal = refusal or SHARE_WHAT_THE_SPECIALIST_SAID.broken(on=str(entry.occurred_on), cure="share advice once it is there")
    return answered(record, entry, refusal)


def share_advice(record: Record, entry: SpecialistAdviceShared, by: Author) -> Decision:
    """Share with parents, with staff or with both what a specialist advised by that day."""
    advised = next((e for r, e in record.each(SpecialistAdvised) if r.number == entry.advice), None)
    refusal = role_refusal(record, entry, by)
    if advised is None or advised.occurred_on > entry.occurred_on:
        refusal = refusal or SHARE_WHAT_THE_SPECIALIST_SAID.broken(advice=entry.advice, missing=("advice given by that day",))
    if not (entry.with_parents or entry.with_staff):
        refusal = refusal or SHARE_WHAT_THE_SPECIALIST_SAID.broken(advice=entry.advice, missing=("with_parents or with_staff",))
    return answered(record, entry, refusal)


def _with_the_parents(entry: SpecialistInvolved) -> Iterator[Finding]:
    facts: dict[str, Fact] = {"on": str(entry.occurred_on), "already_involved": entry.is_already_involved}
    took_part = entry.parents_involved_on is not None and entry.parents_involved_on <= entry.occurred_on
    rule = DECIDE_ON_SPECIALISTS_WITH_PARENTS
    if took_part or entry.parents_not_involved_because:
        yield rule.kept(explained=not took_part).shown_by(facts)
    else:
        yield rule.broken(missing=("parents_involved_on",)).shown_by(facts)
    agreed = entry.parents_agreed_on is not None and entry.parents_agreed_on <= entry.occurred_on
    agreement = CONTACT_PROFESSIONALS_WITH_AGREEMENT
    found = agreement.kept() if agreed else agreement.broken(missing=("parents_agreed_on",))
    yield found.shown_by(facts)


STEPS: Final[PupilSteps] = MappingProxyType(
    {SpecialistInvolved: involve_specialist, SpecialistAdvised: hear_specialist, SpecialistAdviceShared: share_advice}
)
