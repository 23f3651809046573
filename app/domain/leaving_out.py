"""What goes out when the content of some entries is left out: the record without it, and the papers that are then not known to be fit."""

from collections.abc import Collection
from dataclasses import replace

from app.domain.entries import Erased, PaperRedacted, Recorded
from app.domain.papers_going_out import PaperGoingOut, papers_going_out
from app.domain.record import Record


def leave_out(record: Record, numbers: Collection[int]) -> Record:
    """The record with the content of these entries gone, as if it had been erased; entries that are erased already stay so."""
    known = (_bare(recorded) if recorded.number in numbers else recorded for recorded in record.known)
    return Record.fold(record.school, known, record.pupil)


def _bare(recorded: Recorded) -> Recorded:
    entry = recorded.entry
    if isinstance(entry, Erased):
        return recorded
    return replace(recorded, entry=Erased(occurred_on=entry.occurred_on, erased_type=entry.type))


def papers_left_in(record: Record, numbers: Collection[int]) -> tuple[PaperGoingOut, ...]:
    """List the papers that go out once the content of these entries is left out.

    Where what is left out blacked a paper out, the paper as it was before stays at the school too.
    """
    blacked_out = {entry.paper for recorded, entry in record.each(PaperRedacted) if recorded.number in numbers}
    return tuple(going for going in papers_going_out(leave_out(record, numbers)) if going.paper.id not in blacked_out)
