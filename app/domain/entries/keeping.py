"""Entries about where a record goes and how long it is kept: sent on, merged, held."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.entry import Entry


class TransferPart(StrEnum):
    """What is sent to the next school."""

    COMMON_TRANSFER_FILE = "common_transfer_file"
    EDUCATIONAL_RECORD = "educational_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSent(Entry):
    """Parts of the pupil's record went to the next school, named by its LAESTAB where it is known; `file_digest` is that of the CTF."""

    type: ClassVar[str] = "record.sent"
    to_laestab: str | None
    parts: tuple[TransferPart, ...]
    file_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReceipted(Entry):
    """The next school confirmed that the record arrived; `sent` is the number of the sending's entry."""

    type: ClassVar[str] = "record.receipted"
    sent: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMerged(Entry):
    """This record and another, by the pupil's id, were found to be of one child.

    The one that `is_kept` goes on; the entries of the other remain where they are and are read along with it.
    """

    type: ClassVar[str] = "record.merged"
    other: UUID
    is_kept: bool
    reason: str
    confirmed_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Entry):
    """The record is needed for a claim, an inquiry or an appeal, and may not be erased."""

    type: ClassVar[str] = "hold.placed"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted(Entry):
    """A hold ended, confirmed by a second person; `hold` is the number of its entry."""

    type: ClassVar[str] = "hold.lifted"
    hold: int
    reason: str
    confirmed_by: UUID
