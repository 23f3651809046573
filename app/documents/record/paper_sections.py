"""The part of a record that says which papers were blacked out in part, so that nobody takes one for the whole."""

from app.documents.drawing.outline import Section, table
from app.documents.record.labels import day
from app.domain.entries import PaperRedacted
from app.domain.record import Record


def redactions_section(record: Record) -> Section:
    """Each paper that stands in the place of another, with the pages concerned and why."""
    rows = [
        (day(entry.occurred_on), entry.redacted.title, ", ".join(map(str, entry.pages)), entry.reason, str(recorded.number))
        for recorded, entry in record.each(PaperRedacted)
    ]
    return Section("blacked-out", "Papers blacked out in part", (table("Papers", ("Day", "Paper", "Pages", "Why", "Entry"), rows),))
