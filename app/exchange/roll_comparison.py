"""Compares a pupil of a file with what the school already holds; a difference is told and left to a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from app.db.pupils import ContactDetails
from app.db.records import PupilRef
from app.db.rolls import Held
from app.domain.entries import ContactDescribed, NeedImported, NeedsSet
from app.domain.periods import status_given_by
from app.domain.record import Record
from app.exchange.roll import RollContact, RollNeed, RollPupil

Place = tuple[int, str]
"""The line of the file, and the pointer or column."""

_WHOSE: Final = "The school has another date of birth under this UPN. Nothing of this pupil was taken; find out which is right."
_LEFT: Final = "The pupil has left this school. Nothing of this pupil was taken; if they came back, put them on roll again first."
_STATUS: Final = "The record has no such status from this day. It stays as it is; a named person decides whether the file is right."
_NEED: Final = "The record has no such need with this rank and these days. A named person may set the needs anew."
_CONTACT: Final = "The record has no contact of this name. Add the contact if the file is right."


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the file says otherwise than the record; `is_about_whom` when it may be about another pupil altogether."""

    place: Place
    cause: str
    detail: str
    is_about_whom: bool = False


def differences(pupil: RollPupil, held: Held, today: date) -> Iterator[Difference]:
    """Give every difference that a person must decide on; what the record does not hold at all yet is none."""
    record = held.record
    whole = (pupil.line, pupil.pointer)
    if record.date_of_birth is not None and record.date_of_birth != pupil.date_of_birth:
        yield Difference(whole, "date-of-birth-differs", _WHOSE, is_about_whom=True)
    if record.left_on is not None:
        yield Difference(whole, "pupil-has-left", _LEFT, is_about_whom=True)
    if record.statuses:
        yield from _statuses(pupil, record)
    if record.all(NeedImported) or record.all(NeedsSet):
        yield from (Difference((need.line, need.pointer), "need-differs", _NEED) for need in pupil.needs if not _holds_need(record, need))
    if held.contacts:
        described = {entry.contact: entry for entry in record.contacts_on(today)}
        known = [(contact, described.get(contact.id)) for contact in held.contacts]
        yield from chain.from_iterable(_contact(row, known) for row in pupil.contacts)


def is_named_differently(pupil: RollPupil, held: PupilRef) -> bool:
    """Whether the file names or groups the pupil otherwise; a year group that the file leaves out is no difference."""
    in_file = (pupil.surname, pupil.forename, pupil.sex, pupil.year_group or held.year_group)
    return in_file != (held.surname, held.forename, held.sex, held.year_group)


def _statuses(pupil: RollPupil, record: Record) -> Iterator[Difference]:
    given = {(status_given_by(recorded.entry), recorded.entry.occurred_on) for recorded in record.entries}
    for row in pupil.statuses:
        if (row.status, row.starts_on) not in given:
            yield Difference((row.line, row.pointer), "status-differs", _STATUS)


def _holds_need(record: Record, need: RollNeed) -> bool:
    imported = ((e.need_type, e.rank, e.occurred_on, e.until) for _, e in record.each(NeedImported))
    derived = ((p.need_type, p.rank, p.since, p.until) for p in record.need_periods)
    return any(
        (need_type, rank, until) == (need.need_type, need.rank, need.ends_on) and need.starts_on in (None, since)
        for need_type, rank, since, until in chain(imported, derived)
    )


def _contact(row: RollContact, known: list[tuple[ContactDetails, ContactDescribed | None]]) -> Iterator[Difference]:
    place = (row.line, row.pointer)
    namesakes = [_parts_that_differ(row, *one) for one in known if one[0].name.casefold() == row.name.casefold()]
    if not namesakes:
        yield Difference(place, "contact-not-held", _CONTACT)
    elif all(namesakes):
        fewest = min(namesakes, key=len)
        parts = " and ".join(fewest)
        yield Difference(
            place, "contact-differs", f"The record has this contact with another {parts}. Change the contact if the file is right."
        )


def _parts_that_differ(row: RollContact, details: ContactDetails, described: ContactDescribed | None) -> list[str]:
    held = (details.email, details.phone, details.address)
    parts = [
        name
        for name, new, old in zip(("email", "phone", "address"), (row.email, row.phone, row.address), held, strict=True)
        if new not in (None, old)
    ]
    if described is not None and row.relationship not in (None, described.relationship):
        parts.append("relationship")
    if described is not None and row.parental_responsibility not in (None, described.parental_responsibility):
        parts.append("parental responsibility")
    return parts
