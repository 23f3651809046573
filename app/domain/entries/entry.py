"""What every entry is, and how the ledger holds it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from app.domain.author import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact with the day it happened. What was written when, by whom and under which number is in `Recorded`."""

    type: ClassVar[str]
    occurred_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry as the ledger holds it. `supersedes` is the number of the earlier entry that this one corrects."""

    number: int
    recorded_at: datetime
    author: Author
    entry: Entry
    pupil: UUID | None = None
    supersedes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Entry):
    """An entry whose content was erased; what hangs on it is no longer known."""

    type: ClassVar[str] = "erased"
    erased_type: str
