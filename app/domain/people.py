"""Whose the rights are on a day, and who may be told: the parents, or the young person past compulsory school age."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.calendar import young_person_from, young_person_until
from app.domain.entries import ContactDescribed
from app.domain.record import Record


class RightHolder(StrEnum):
    """Who holds the rights of Part 3 of the Children and Families Act 2014; from 25 on nobody, not known without a date of birth."""

    PARENTS = "parents"
    YOUNG_PERSON = "young_person"
    NOBODY = "nobody"
    NOT_KNOWN = "not_known"


class PersonKind(StrEnum):
    """What kind of person is told."""

    CONTACT = "contact"
    PUPIL = "pupil"


class WithheldReason(StrEnum):
    """Why somebody around the pupil is not told."""

    CONTACT_RESTRICTED = "contact_restricted"
    INFORMATION_RESTRICTED = "information_restricted"
    NEITHER_RESPONSIBILITY_NOR_CARE = "neither_responsibility_nor_care"
    YOUNG_PERSON_HOLDS_THE_RIGHTS = "young_person_holds_the_rights"
    NO_LONGER_UNDER_25 = "no_longer_under_25"
    DATE_OF_BIRTH_NOT_KNOWN = "date_of_birth_not_known"


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """Somebody to be told, by id only."""

    id: UUID
    kind: PersonKind


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
    """Everybody to be told, and everybody around the pupil who is not."""

    persons: tuple[Person, ...]
    withheld: tuple[Withheld, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Whether nobody is left to tell, so that a duty to tell cannot be kept."""
        return not self.persons


_INSTEAD_OF_PARENTS: Final = {
    RightHolder.YOUNG_PERSON: WithheldReason.YOUNG_PERSON_HOLDS_THE_RIGHTS,
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
    return RightHolder.YOUNG_PERSON if on < young_person_until(born) else RightHolder.NOBODY


def people_to_tell(record: Record, on: date) -> ToTell:
    """Tell who is informed on a day: a young person in person, otherwise who has responsibility or care and is not barred from it."""
    holder = right_holder(record, on)
    instead = _INSTEAD_OF_PARENTS.get(holder)
    weighed = [(Person(c.contact, PersonKind.CONTACT), instead or _reason_to_withhold(c)) for c in record.contacts_on(on)]
    themselves = (Person(record.pupil, PersonKind.PUPIL),) if holder is RightHolder.YOUNG_PERSON else ()
    return ToTell(
        persons=(*themselves, *(person for person, reason in weighed if reason is None)),
        withheld=tuple(Withheld(person, reason) for person, reason in weighed if reason is not None),
    )


def _reason_to_withhold(contact: ContactDescribed) -> WithheldReason | None:
    if contact.information_restricted:
        return WithheldReason.INFORMATION_RESTRICTED
    if not (contact.parental_responsibility or contact.has_care):
        return WithheldReason.NEITHER_RESPONSIBILITY_NOR_CARE
    return WithheldReason.CONTACT_RESTRICTED if contact.contact_restricted else None
