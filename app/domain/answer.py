"""How a step answers: refused with its reason, or taken with the findings that bind the school."""

from collections.abc import Iterable

from app.domain.binding import binding
from app.domain.decision import Decision
from app.domain.entries import Entry
from app.domain.named_people import stranger_refusal
from app.domain.record import Record
from app.domain.rule import Finding


def answered(record: Record, entry: Entry, refusal: Finding | None, findings: Iterable[Finding] = ()) -> Decision:
    """Refuse where there is a reason to, or where the entry names a stranger; otherwise take it, and only then draw the findings."""
    refusal = refusal or stranger_refusal(record, entry)
    if refusal is not None:
        return Decision.refused(refusal)
    return Decision.taken(entry, findings=binding(record.school, entry.occurred_on, findings))
