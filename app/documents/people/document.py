"""What a document for people is: its kind, which entry it is about, on which day, and its content before it has a form."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.documents.drawing.outline import Facts, Outline, Section
from app.documents.record.labels import Names, day
from app.domain.calendar import civil_day
from app.domain.entries import Recorded


class DocumentKind(StrEnum):
    """The kinds of document, by the name under which they are asked for."""

    DECISION = "decision"
    PLAN = "plan"
    REVIEW = "review"
    MEETING = "meeting"
    PROVISION_MAP = "provision-map"
    WHO_LOOKED = "who-looked"


def pupil_reference(pupil: UUID) -> str:
    """The reference under which a pupil is printed: neither a name nor a UPN, and enough to find the pupil by."""
    return f"P-{pupil.hex[-8:].upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What stands on each document of one pupil: the school, its reference for the pupil, and how the pupil is called in a sentence.

    `digest` is the record digest (hex) where a document belongs to a frozen record, else empty; `unprinted` is shown nowhere.
    """

    school: str
    reference: str
    first_name: str
    names: Names
    digest: str = ""
    unprinted: tuple[str, ...] = ()

    def outline(self, title: str, *sections: Section) -> Outline:
        """Give a document under this head; a section with nothing in it is left out."""
        return Outline(
            title=title,
            school=self.school,
            reference=self.reference,
            digest=self.digest,
            sections=tuple(section for section in sections if section.blocks),
            unprinted=self.unprinted,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document; `number` is the ledger number of the entry it is about, None for a list that is about no entry, and `moment` when
    that entry was written, which dates the PDF."""

    kind: DocumentKind
    number: int | None
    on: date
    moment: datetime
    outline: Outline

    @classmethod
    def about(cls, kind: DocumentKind, recorded: Recorded, outline: Outline) -> "Document":
        """Give the document about an entry, dated as the entry is."""
        return cls(kind=kind, number=recorded.number, on=recorded.entry.occurred_on, moment=recorded.recorded_at, outline=outline)


def about_section(*drawn_from: Recorded) -> Section:
    """Say which entries of the school's record a document is drawn from, so that a reader can ask for them by number."""
    numbers = ", ".join(str(recorded.number) for recorded in sorted(drawn_from, key=lambda one: one.number))
    newest = max(recorded.recorded_at for recorded in drawn_from)
    noun = "number" if len(drawn_from) == 1 else "numbers"
    kept = f"{noun} {numbers}, last written on {day(civil_day(newest))}"
    return Section("about", "About this document", (Facts((("In the school's record", kept),)),))
