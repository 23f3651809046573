"""Entries about the pupil and the people around: roll, contacts, and what other schools recorded."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from app.domain.codes import AreaOfNeed, NeedType, SenStatus
from app.domain.entries.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilEnrolled(Entry):
    """The pupil came on roll."""

    type: ClassVar[str] = "pupil.enrolled"
    date_of_birth: date
    year_group: str | None = None
    first_language_english: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilLeft(Entry):
    """The pupil is no longer on roll from `occurred_on` on; where to is a LAESTAB, or a name where the number is not known."""

    type: ClassVar[str] = "pupil.left"
    reason: str
    to_laestab: str | None = None
    to_school: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDescribed(Entry):
    """What is true of a contact from `occurred_on` on: whether they are a parent by birth, responsibility, care, and restrictions.

    A restriction names who decided it and why. Who is none of the three in law is no parent (Education Act 1996, section 576); a parent
    by birth is one no more once the child is adopted.
    """

    type: ClassVar[str] = "contact.described"
    contact: UUID
    relationship: str
    parental_responsibility: bool
    has_care: bool
    contact_restricted: bool = False
    information_restricted: bool = False
    restriction_basis: str | None = None
    natural_parent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetailsChanged(Entry):
    """A contact is named or reached otherwise from this day on; how, stands outside the ledger.

    `is_reached_otherwise` is false where only the language or the format of what they are sent was changed.
    """

    type: ClassVar[str] = "contact_details.changed"
    contact: UUID
    is_reached_otherwise: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetailsConfirmed(Entry):
    """A member of staff made sure that one change of a contact's details, named by its ledger number, is genuine; `basis` says how."""

    type: ClassVar[str] = "contact_details.confirmed"
    contact: UUID
    change: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an imported row came from."""

    job: UUID
    file_digest: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusImported(Entry):
    """A status decided elsewhere, with the day it began there."""

    type: ClassVar[str] = "status.imported"
    status: SenStatus
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedImported(Entry):
    """A need recorded elsewhere, from `occurred_on` to `until` (inside), None while it stands."""

    type: ClassVar[str] = "need.imported"
    need_type: NeedType
    rank: int
    until: date | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedNeed:
    """A type of need in its order; rank 1 is the primary need."""

    need_type: NeedType
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsSet(Entry):
    """A person set the pupil's needs anew, from `occurred_on` on; earlier ones ended the day before."""

    type: ClassVar[str] = "needs.set"
    needs: tuple[RankedNeed, ...]
    areas: tuple[AreaOfNeed, ...]
    reason: str
    parents_told_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPlacementDescribed(Entry):
    """Whether the pupil has a place in the school's SEN unit, and one kept for SEN in its resourced provision, from this day on."""

    type: ClassVar[str] = "unit_placement.described"
    in_sen_unit: bool
    in_resourced_provision: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityDecided(Entry):
    """Whether the young person has the capacity to exercise these rights, by whose decision, and who acts for them where not."""

    type: ClassVar[str] = "capacity.decided"
    has_capacity: bool
    representative: UUID | None = None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CareDescribed(Entry):
    """Whether an authority looks after the pupil from this day on, and which; it may share parental responsibility, as by a care order.

    `social_worker` is the contact through whom such an authority is told.
    """

    type: ClassVar[str] = "care.described"
    is_looked_after: bool
    authority: str | None = None
    has_responsibility: bool = False
    social_worker: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeDescribed(Entry):
    """The authority in whose area the pupil ordinarily lives from this day on, which need not be the school's."""

    type: ClassVar[str] = "home.described"
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingAgreed(Entry):
    """The young person agreed that a contact is told along with them from this day on, or no longer agrees."""

    type: ClassVar[str] = "sharing.agreed"
    contact: UUID
    agrees: bool
