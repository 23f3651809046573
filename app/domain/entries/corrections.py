"""Entries that mend the record or give the reason for a departure from guidance."""

from dataclasses import dataclass
from typing import ClassVar

from app.domain.entries.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWithdrawn(Entry):
    """An entry made in error; it supersedes that entry and puts nothing in its place."""

    type: ClassVar[str] = "entry.withdrawn"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureExplained(Entry):
    """Why the school departed from guidance on one occasion."""

    type: ClassVar[str] = "departure.explained"
    rule: str
    occasion: str
    reason: str
