"""A pupil's provision map, a school year to a document: each piece of support, how much there is of it, who gives it, what it costs."""

from collections.abc import Iterator

from app.documents.drawing.outline import Block, Section, Words, table
from app.documents.people.document import Document, DocumentKind, Letterhead, about_section
from app.documents.record.cycle_sections import amount, delivered
from app.documents.record.labels import counted, day, pounds, school_year
from app.domain.calendar import school_year_of
from app.domain.cycle import Cycle
from app.domain.entries import ProvisionMapped, Recorded
from app.domain.record import Record

COLUMNS = ("Support", "How much", "Given by", "From", "To")


def provision_maps(record: Record, head: Letterhead) -> Iterator[Document]:
    """A map for each school year in which a plan was agreed or provision was mapped; it is about the newest of those entries."""
    planned = [cycle for cycle in record.cycles if cycle.plan_entry]
    mapped = tuple(record.each(ProvisionMapped))
    years = {year for year in map(_year, planned) if year is not None} | {one.school_year for _, one in mapped}
    for year in sorted(years):
        costs = [found for found in mapped if found[1].school_year == year]
        cycles = [cycle for cycle in planned if _year(cycle) == year]
        entries = [*(cycle.plan for cycle in cycles if cycle.plan), *(recorded for recorded, _ in costs)]
        outline = head.outline(
            f"Provision map for {head.names.pupil_name}, {school_year(year)}",
            Section("support", "Support in this school year", _support(cycles, head)),
            Section("given", "What was given", tuple(_given(cycles))),
            Section("cost", "What it costs", tuple(_costs(costs))),
            about_section(*entries),
        )
        yield Document.about(DocumentKind.PROVISION_MAP, max(entries, key=_newest), outline)


def _support(cycles: list[Cycle], head: Letterhead) -> tuple[Block, ...]:
    rows = [
        (one.support, amount(one), head.names.of(one.delivered_by), day(plan.occurred_on), day(cycle.review_on))
        for cycle in cycles
        if (plan := cycle.plan_entry)
        for one in plan.provision
    ]
    minutes = [
        sum(one.sessions_per_week * one.minutes_per_session for one in cycle.plan_entry.provision) for cycle in cycles if cycle.plan_entry
    ]
    total = (Words(f"The newest plan gives {counted(minutes[-1], 'minute', 'minutes')} a week in all."),) if minutes else ()
    return (table("Support beyond what all pupils get", COLUMNS, rows), *total)


def _given(cycles: list[Cycle]) -> Iterator[Block]:
    for cycle in cycles:
        if cycle.plan_entry:
            yield Words(f"Plan of {day(cycle.plan_entry.occurred_on)}: {delivered(cycle)}")


def _costs(costs: list[tuple[Recorded, ProvisionMapped]]) -> Iterator[Block]:
    rows = [(day(mapped.occurred_on), pounds(mapped.cost_in_pence)) for _, mapped in costs]
    if rows:
        yield table("Yearly cost of the extra support", ("Worked out on", "Cost"), rows)
    yield Words("What help a pupil gets is decided by need. No sum of money decides it.")


def _year(cycle: Cycle) -> int | None:
    return school_year_of(cycle.plan_entry.occurred_on) if cycle.plan_entry else None


def _newest(recorded: Recorded) -> int:
    return recorded.number
