"""What authorities' own forms ask for beside a request; what is wanting is shown to the school and refuses nothing."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.calendar import add_months, school_year_of
from app.domain.entries import AssessmentMade, EvidenceSubmitted, ProvisionMapped, ReviewHeld, SpecialistAdvised
from app.domain.record import Record
from app.domain.rule import Fact, Finding
from app.domain.rules.local_practice import SHOW_THE_COST_BESIDE_THE_THRESHOLD, SHOW_WHAT_LOCAL_FORMS_ASK_FOR

REVIEWED_CYCLES: Final = 2
MONTHS_OF_A_RECENT_REPORT: Final = 12
THRESHOLD_IN_PENCE: Final = 600_000
"""The yearly cost above which authorities expect to add funding; no precondition of an assessment and no entitlement."""


def local_findings(record: Record, entry: EvidenceSubmitted) -> Iterator[Finding]:
    """Remark on what the forms of many authorities ask for, as of the day of submission, and on the cost of the provision."""
    reviewed = sum(cycle.review is not None for cycle in record.cycles)
    wanting = tuple(_wanting(record, entry.occurred_on, reviewed))
    rule = SHOW_WHAT_LOCAL_FORMS_ASK_FOR
    yield rule.broken(missing=wanting, reviewed_cycles=reviewed) if wanting else rule.kept(reviewed_cycles=reviewed)
    yield _cost_finding(record, entry.occurred_on)


def _wanting(record: Record, on: date, reviewed: int) -> Iterator[str]:
    if reviewed < REVIEWED_CYCLES:
        yield "two reviewed cycles"
    told = [source for _, made in record.each(AssessmentMade) for source in ((made.parents_view, "parents"), (made.pupils_view, "pupil"))]
    told += [source for _, held in record.each(ReviewHeld) for source in ((held.parents_view, "parents"), (held.pupils_view, "pupil"))]
    heard = {who for source, who in told if source.says is not None}
    yield from (f"{who}'s view" if who == "pupil" else "parents' view" for who in ("parents", "pupil") if who not in heard)
    if not any(
        advice.occurred_on <= on <= add_months(advice.occurred_on, MONTHS_OF_A_RECENT_REPORT)
        for _, advice in record.each(SpecialistAdvised)
    ):
        yield "specialist's report within twelve months"
    if _map_of(record, on) is None:
        yield "provision map of the school year"


def _cost_finding(record: Record, on: date) -> Finding:
    """A cost that is shown is shown, whichever side of the threshold it lies on: nothing is broken by costing less."""
    mapped = _map_of(record, on)
    if mapped is None or mapped.cost_in_pence is None:
        return SHOW_THE_COST_BESIDE_THE_THRESHOLD.broken(missing=("yearly cost of the provision",), threshold_in_pence=THRESHOLD_IN_PENCE)
    used: dict[str, Fact] = {"cost_in_pence": mapped.cost_in_pence, "threshold_in_pence": THRESHOLD_IN_PENCE}
    return SHOW_THE_COST_BESIDE_THE_THRESHOLD.kept(reaches_threshold=mapped.cost_in_pence >= THRESHOLD_IN_PENCE).shown_by(used)


def _map_of(record: Record, on: date) -> ProvisionMapped | None:
    """The newest map of the school year of a day."""
    maps = [entry for _, entry in record.each(ProvisionMapped) if entry.school_year == school_year_of(on) and entry.occurred_on <= on]
    return maps[-1] if maps else None
