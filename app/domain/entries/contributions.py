"""Entries about what people contribute to the evidence: asked for, given in words or papers, declined, and papers blacked out in part."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.entry import Entry


class ContributionKind(StrEnum):
    """What a contribution is."""

    TEACHERS_REPORT = "teachers_report"
    SENCOS_SUMMARY = "sencos_summary"
    PARENTS_VIEW = "parents_view"
    PUPILS_VIEW = "pupils_view"
    SPECIALISTS_REPORT = "specialists_report"
    ATTENDANCE = "attendance"
    DECLARATION = "declaration"
    LOCAL_FORM = "local_form"
    OTHER = "other"


class ContributorKind(StrEnum):
    """Who contributes."""

    STAFF = "staff"
    CONTACT = "contact"
    PUPIL = "pupil"
    SPECIALIST = "specialist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """Who contributes: staff and contacts by their id, a specialist by the number of the entry that involved them, the pupil by neither."""

    kind: ContributorKind
    person: UUID | None = None
    involvement: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperNamed:
    """A paper that an entry names: its id, what it turned out to be, and the SHA-256 of its bytes in hex; `size` in bytes."""

    id: UUID
    sha256: str
    size: int
    media_type: str
    title: str
    pages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionAsked(Entry):
    """Somebody was asked to contribute by a day, inside; `request` is the EHC request it is for, where there is one yet."""

    type: ClassVar[str] = "contribution.asked"
    contribution: UUID
    kind: ContributionKind
    contributor: Contributor
    asks: str
    due: date
    request: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionGiven(Entry):
    """Somebody contributed, asked or not: in their own words, in papers, or both. Given again under its id, it replaces what was.

    `dated_on` is the day that a report itself bears, from which its age counts; None where it is that of the giving, or bears none.
    """

    type: ClassVar[str] = "contribution.given"
    contribution: UUID
    kind: ContributionKind
    contributor: Contributor
    words: str | None = None
    papers: tuple[PaperNamed, ...] = ()
    dated_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionDeclined(Entry):
    """Somebody who was asked will not contribute; they need give no reason."""

    type: ClassVar[str] = "contribution.declined"
    contribution: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRedacted(Entry):
    """Places on some pages of a paper were blacked out, which made another paper; that one goes out in the place of the first."""

    type: ClassVar[str] = "paper.redacted"
    paper: UUID
    redacted: PaperNamed
    pages: tuple[int, ...]
    reason: str
