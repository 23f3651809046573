"""Entries that prove that somebody was told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.entry import Entry


class Matter(StrEnum):
    """What a person must be told about."""

    SEN_PROVISION = "sen_provision"
    NO_SEN = "no_sen"
    TRANSITION = "transition"
    PLAN = "plan"
    REVIEW = "review"
    SUPPORT_ENDED = "support_ended"


class Telling(StrEnum):
    """How somebody came to know; `sent` counts where the channel cannot report delivery."""

    SENT = "sent"
    DELIVERED = "delivered"
    IN_PERSON = "in_person"
    BY_POST = "by_post"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTold(Entry):
    """Somebody who is to be told was told a matter; `about` is the number of the entry it concerns."""

    type: ClassVar[str] = "person.told"
    person: UUID
    matter: Matter
    about: int
    notice: UUID | None
    how: Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingUndone(Entry):
    """A telling turned out not to have reached the person."""

    type: ClassVar[str] = "telling.undone"
    notice: UUID
    reason: str
