"""The step of saying why guidance was departed from; what statute commands cannot be departed from."""

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import DepartureExplained
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding, Force
from app.domain.rules import RULES
from app.domain.rules.data_protection import LEAVE_A_TRAIL


def explain_departure(record: Record, entry: DepartureExplained, by: Author) -> Decision:
    """Give the reason for departing from a SHOULD on one occasion on which it was owed by that day."""
    refusal = role_refusal(record, entry, by) or _impossible(record, entry)
    return answered(record, entry, refusal)


def _impossible(record: Record, entry: DepartureExplained) -> Finding | None:
    rule = RULES.get(entry.rule)
    if rule is None:
        return LEAVE_A_TRAIL.broken(rule=entry.rule, missing=("rule of that id",))
    if rule.force is not Force.SHOULD:
        return rule.broken(force=rule.force, cure="keep the duty; only guidance can be departed from")
    owed = {owed.occasion for owed in obligations(record, until=entry.occurred_on) if owed.rule.id == rule.id}
    if entry.occasion not in owed:
        return rule.broken(occasion=entry.occasion, missing=("duty owed on that occasion",))
    return None if entry.reason.strip() else rule.broken(missing=("reason",))
