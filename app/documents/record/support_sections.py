"""The part of a record that shows support beside the cycles: specialists, adjustments, health, what it costs, and moves between phases."""

from collections.abc import Iterator
from datetime import date

from app.documents.drawing.outline import NOTHING, Part, Section, Words, facts, table
from app.documents.record.entry_parts import part
from app.documents.record.labels import Names, day, label, pounds, school_year, yes_no
from app.domain.entries import (
    AdjustmentMade,
    AttendanceSummarised,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    PhaseMoveExpected,
    PhaseMovePlanned,
    ProvisionMapped,
    SpecialistAdviceShared,
    SpecialistAdvised,
    SpecialistInvolved,
)
from app.domain.record import Record


def specialists_section(record: Record) -> Section:
    """Each specialist who was involved, followed by what they advised and whom it reached."""
    parts = (*_involved(record), *_advised(record))
    return Section("specialists", "Specialists and what they advised", parts or (Words(NOTHING),))


def adjustments_section(record: Record, names: Names) -> Section:
    """Adjustments for a disability, and that a plan for a medical condition exists: where it is kept, and never what it says."""
    parts = (*_adjustments(record), *_conditions(record, names), *_healthcare_plans(record))
    return Section("adjustments", "Adjustments and health", parts or (Words(NOTHING),))


def provision_map_section(record: Record) -> Section:
    """What the extra provision costs a year, in pounds and beside no threshold: none decides what a pupil is owed."""
    rows = [
        (day(mapped.occurred_on), school_year(mapped.school_year), pounds(mapped.cost_in_pence), str(recorded.number))
        for recorded, mapped in record.each(ProvisionMapped)
    ]
    return Section("provision-map", "Provision map", (table("Extra provision", ("Day", "School year", "Yearly cost", "Entry"), rows),))


def attendance_section(record: Record) -> Section:
    """How many sessions the pupil attended of those there were, stretch by stretch."""
    rows = [
        (day(told.begins_on), day(told.occurred_on), str(told.sessions_possible), str(told.sessions_attended), str(recorded.number))
        for recorded, told in record.each(AttendanceSummarised)
    ]
    headings = ("First day", "Last day", "Sessions possible", "Sessions attended", "Entry")
    return Section("attendance", "Attendance", (table("Sessions", headings, rows),))


def moves_section(record: Record) -> Section:
    """Moves to another phase: when, how they are prepared, and what parents and pupil agreed to have shared."""
    parts = (*_expected_moves(record), *_planned_moves(record))
    return Section("moves", "Moves between phases", parts or (Words(NOTHING),))


def _involved(record: Record) -> Iterator[Part]:
    for recorded, involved in record.each(SpecialistInvolved):
        shown = facts(
            specialist=label(involved.profession),
            reason=involved.reason,
            was_involved_before=yes_no(involved.is_already_involved),
            parents_took_part_on=_day_or_none(involved.parents_involved_on),
            parents_agreed_on=_day_or_none(involved.parents_agreed_on),
            why_not_with_the_parents=involved.parents_not_involved_because,
        )
        yield part(f"{label(involved.profession)} involved on {day(involved.occurred_on)}", recorded, shown)


def _advised(record: Record) -> Iterator[Part]:
    for recorded, advised in record.each(SpecialistAdvised):
        source = record.standing_for(advised.involvement)
        involved = source.entry if source is not None else None
        shared = [(day(on), who) for on, who in _sharings(record, recorded.number, advised)]
        shown = facts(specialist=label(involved.profession) if isinstance(involved, SpecialistInvolved) else None, advice=advised.advice)
        rows = table("Whom the advice reached", ("Day", "Who"), shared)
        yield part(f"Advice of {day(advised.occurred_on)}", recorded, shown, rows)


def _sharings(record: Record, number: int, advised: SpecialistAdvised) -> Iterator[tuple[date, str]]:
    if advised.shared_with_parents_on is not None:
        yield advised.shared_with_parents_on, "Parents"
    if advised.shared_with_staff_on is not None:
        yield advised.shared_with_staff_on, "Staff"
    for _, shared in record.each(SpecialistAdviceShared):
        standing = record.standing_for(shared.advice)
        if standing is not None and standing.number == number:
            who = [name for name, reached in (("Parents", shared.with_parents), ("Staff", shared.with_staff)) if reached]
            yield shared.occurred_on, ", ".join(who) or "-"


def _adjustments(record: Record) -> Iterator[Part]:
    for recorded, made in record.each(AdjustmentMade):
        shown = facts(adjustment=made.adjustment, made=yes_no(made.not_made_because is None), why_not=made.not_made_because)
        yield part(f"Adjustment considered on {day(made.occurred_on)}", recorded, shown)


def _conditions(record: Record, names: Names) -> Iterator[Part]:
    for recorded, noted in record.each(MedicalConditionNoted):
        words = "The school was told that a medical condition needs support. The condition itself is not written in this record."
        told = facts(told_by=names.of(noted.told_by) if noted.told_by else None)
        yield part(f"Medical condition noted on {day(noted.occurred_on)}", recorded, Words(words), told)


def _healthcare_plans(record: Record) -> Iterator[Part]:
    for recorded, linked in record.each(HealthcarePlanLinked):
        shown = facts(kept_under_the_reference=linked.reference, to_be_reviewed_on=_day_or_none(linked.review_on))
        yield part(f"Individual healthcare plan of {day(linked.occurred_on)}", recorded, shown)


def _expected_moves(record: Record) -> Iterator[Part]:
    for recorded, move in record.each(PhaseMoveExpected):
        yield part(f"Move expected, noted on {day(move.occurred_on)}", recorded, facts(to=label(move.to), on=day(move.moves_on)))


def _planned_moves(record: Record) -> Iterator[Part]:
    for recorded, move in record.each(PhaseMovePlanned):
        shown = facts(
            to=label(move.to),
            on=day(move.moves_on),
            preparation=move.preparation,
            sharing_agreed_with_the_parents_on=_day_or_none(move.sharing_agreed_with_parents_on),
            sharing_agreed_with_the_pupil_on=_day_or_none(move.sharing_agreed_with_pupil_on),
            shared_on=_day_or_none(move.shared_on),
        )
        yield part(f"Move prepared, planned on {day(move.occurred_on)}", recorded, shown)


def _day_or_none(on: date | None) -> str | None:
    return None if on is None else day(on)
