"""Whose the rights are on a day, and who may be told: the parents, or the young person past compulsory school age.

Everything that tells asks here, and asks again whenever it sends.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.calendar import young_person_from, young_person_until
from app.domain.care import speaks_for_the_authority
from app.domain.entries import CapacityDecided, ContactDescribed, Recorded, SharingAgreed
from app.domain.record import Record


class RightHolder(StrEnum):
    """Who holds the rights of Part 3 of the Children and Families Act 2014; from 25 on nobody, not known without a date of birth.

    A representative, or else the parents, act for a young person who lacks the capacity to.
    """

    PARENTS = "parents"
    YOUNG_PERSON = "young_person"
    REPRESENTATIVE = "representative"
    NOBODY = "nobody"
    NOT_KNOWN = "not_known"


class PersonKind(StrEnum):
    """What kind of person is told."""

    CONTACT = "contact"
    PUPIL = "pupil"


class Basis(StrEnum):
    """Why somebody is told: as a parent in law, in their own right, for somebody who lacks capacity, or because that person agreed."""

    RESPONSIBILITY = "responsibility"
    CARE = "care"
    RESPONSIBILITY_OF_THE_AUTHORITY = "responsibility_of_the_authority"
    BIRTH = "birth"
    OWN_RIGHT = "own_right"
    REPRESENTS = "represents"
    AGREED = "agreed"


class WithheldReason(StrEnum):
    """Why somebody around the pupil is not told."""

    CONTACT_RESTRICTED = "contact_restricted"
    INFORMATION_RESTRICTED = "information_restricted"
    NOT_A_PARENT = "not_a_parent"
    YOUNG_PERSON_HOLDS_THE_RIGHTS = "young_person_holds_the_rights"
    REPRESENTATIVE_HOLDS_THE_RIGHTS = "representative_holds_the_rights"
    LACKS_CAPACITY = "lacks_capacity"
    NO_LONGER_UNDER_25 = "no_longer_under_25"
    DATE_OF_BIRTH_NOT_KNOWN = "date_of_birth_not_known"


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """Somebody to be told, by id only."""

    id: UUID
    kind: PersonKind


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who is told, and on which basis; a copy that a young person agreed to is nobody's right."""

    person: Person
    basis: Basis

    @property
    def is_owed(self) -> bool:
        """Whether there is a duty to tell, and not only leave to."""
        return self.basis is not Basis.AGREED


@dataclass(frozen=True, slots=True)
class Withheld:
    """Somebody who is not told, and why; `asks` when a named person must settle whether that is right."""

    person: Person
    reason: WithheldReason

    @property
    def asks(self) -> bool:
        """Whether a person has to look at it: an order against contact alone does not settle who may be informed."""
        return self.reason is WithheldReason.CONTACT_RESTRICTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTell:
    """Everybody who is told, and everybody around the pupil who is not."""

    told: tuple[Told, ...]
    withheld: tuple[Withheld, ...] = ()

    @property
    def persons(self) -> tuple[Person, ...]:
        """Those who have a right to be told."""
        return tuple(told.person for told in self.told if told.is_owed)

    @property
    def with_copies(self) -> tuple[Person, ...]:
        """Everybody who is sent it: those with a right to be told, and those who may know because the young person agreed."""
        return tuple(told.person for told in self.told)

    @property
    def is_nobody(self) -> bool:
        """Whether nobody is left to tell, so that a duty to tell cannot be kept."""
        return not self.persons

    def may_be_told(self, person: UUID) -> bool:
        """Whether this person is among those who are told."""
        return any(told.person.id == person for told in self.told)


_INSTEAD_OF_PARENTS: Final = {
    RightHolder.YOUNG_PERSON: WithheldReason.YOUNG_PERSON_HOLDS_THE_RIGHTS,
    RightHolder.REPRESENTATIVE: WithheldReason.REPRESENTATIVE_HOLDS_THE_RIGHTS,
    RightHolder.NOBODY: WithheldReason.NO_LONGER_UNDER_25,
    RightHolder.NOT_KNOWN: WithheldReason.DATE_OF_BIRTH_NOT_KNOWN,
}


def right_holder(record: Record, on: date) -> RightHolder:
    """Tell whose rights they are on a day: the parents' up to the school leaving date, inside, then the young person's until 25.

    Education Act 1996 s. 8(3), Children and Families Act 2014 s. 83(2); the sixteenth birthday plays no part.
    """
    born = record.date_of_birth
    if born is None:
        return RightHolder.NOT_KNOWN
    if on < young_person_from(born):
        return RightHolder.PARENTS
    if on >= young_person_until(born):
        return RightHolder.NOBODY
    lacking = lack_of_capacity(record, on)
    if lacking is None:
        return RightHolder.YOUNG_PERSON
    return RightHolder.PARENTS if lacking.representative is None else RightHolder.REPRESENTATIVE


def is_past_school_age(record: Record, on: date) -> bool:
    """Whether compulsory school age ended before this day, by a date of birth that is known."""
    return record.date_of_birth is not None and on >= young_person_from(record.date_of_birth)


def lack_of_capacity(record: Record, on: date) -> CapacityDecided | None:
    """The decision by which a young person lacks capacity on a day; None where the newest says otherwise or there is none.

    Capacity is presumed until the contrary is decided, and matters only once compulsory school age has ended.
    """
    born = record.date_of_birth
    if born is None or not young_person_from(born) <= on < young_person_until(born):
        return None
    newest = next((entry for _, entry in reversed(tuple(record.each(CapacityDecided))) if entry.occurred_on <= on), None)
    return None if newest is None or newest.has_capacity else newest


def shares_with(record: Record, on: date) -> frozenset[UUID]:
    """The contacts of whom the young person agreed, last of all, that they are told too.

    A child's agreement is none, nor is that of somebody who lacked the capacity to agree; to take it back, none is asked for.
    """
    agreed = {
        entry.contact: entry.agrees
        for recorded, entry in record.each(SharingAgreed)
        if entry.occurred_on <= on and is_past_school_age(record, entry.occurred_on)
        if not entry.agrees or _could_agree(record, recorded)
    }
    return frozenset(contact for contact, agrees in agreed.items() if agrees)


def _could_agree(record: Record, recorded: Recorded) -> bool:
    """Whether the newest decision before this entry, if there was one, found capacity."""
    place = (recorded.entry.occurred_on, recorded.number)
    before = [entry for decided, entry in record.each(CapacityDecided) if (entry.occurred_on, decided.number) < place]
    return not before or before[-1].has_capacity


def is_parent(record: Record, contact: ContactDescribed, on: date) -> bool:
    """Whether a contact is a parent in education law on a day (Education Act 1996, section 576), restricted or not."""
    return _as_parent(contact, speaks_for_the_authority(record, on)) is not None


def people_to_tell(record: Record, on: date) -> ToTell:
    """Tell who is informed on a day: the holder of the rights, whom the young person lets know, and nobody who is barred from it."""
    return record.once(_people_to_tell, on)


def _people_to_tell(record: Record, on: date) -> ToTell:
    holder = right_holder(record, on)
    around = _Around.of(record, holder, on)
    weighed = (*_themselves(record, holder, on), *(around.weigh(contact) for contact in record.contacts_on(on)))
    return ToTell(
        told=tuple(found for found in weighed if isinstance(found, Told)),
        withheld=tuple(found for found in weighed if isinstance(found, Withheld)),
    )


def _themselves(record: Record, holder: RightHolder, on: date) -> tuple[Told | Withheld, ...]:
    pupil = Person(record.pupil, PersonKind.PUPIL)
    if holder is RightHolder.YOUNG_PERSON:
        return (Told(pupil, Basis.OWN_RIGHT),)
    return (Withheld(pupil, WithheldReason.LACKS_CAPACITY),) if lack_of_capacity(record, on) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What decides on a day which contacts are told."""

    holder: RightHolder
    representative: UUID | None
    social_worker: UUID | None
    agreed: frozenset[UUID]

    @classmethod
    def of(cls, record: Record, holder: RightHolder, on: date) -> "_Around":
        lacking = lack_of_capacity(record, on)
        return cls(
            holder=holder,
            representative=None if lacking is None else lacking.representative,
            social_worker=speaks_for_the_authority(record, on),
            agreed=frozenset() if holder in (RightHolder.NOBODY, RightHolder.NOT_KNOWN) else shares_with(record, on),
        )

    def weigh(self, contact: ContactDescribed) -> Told | Withheld:
        person, basis = Person(contact.contact, PersonKind.CONTACT), self._basis(contact)
        if basis is None:
            return Withheld(person, _INSTEAD_OF_PARENTS.get(self.holder, WithheldReason.NOT_A_PARENT))
        barred = _restriction(contact)
        return Told(person, basis) if barred is None else Withheld(person, barred)

    def _basis(self, contact: ContactDescribed) -> Basis | None:
        owed = None
        if self.holder is RightHolder.PARENTS:
            owed = _as_parent(contact, self.social_worker)
        elif self.holder is RightHolder.REPRESENTATIVE and contact.contact == self.representative:
            owed = Basis.REPRESENTS
        return owed or (Basis.AGREED if contact.contact in self.agreed else None)


def _as_parent(contact: ContactDescribed, social_worker: UUID | None) -> Basis | None:
    if contact.parental_responsibility:
        return Basis.RESPONSIBILITY
    if contact.has_care:
        return Basis.CARE
    if contact.contact == social_worker:
        return Basis.RESPONSIBILITY_OF_THE_AUTHORITY
    return Basis.BIRTH if contact.natural_parent else None


def _restriction(contact: ContactDescribed) -> WithheldReason | None:
    if contact.information_restricted:
        return WithheldReason.INFORMATION_RESTRICTED
    return WithheldReason.CONTACT_RESTRICTED if contact.contact_restricted else None
