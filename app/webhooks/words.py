"""The words of one notice, made from the record as it stands, for whoever passed the gate."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from uuid import UUID

from app.casework.taking import Opened
from app.db import pupils, staff
from app.db.notices import Notice
from app.db.records import PupilRef, find_pupil
from app.documents.notice_passages import Known
from app.documents.notice_voice import Addressee
from app.documents.notice_words import Format, Words, words
from app.domain.entries import Entry, Matter, PlanAgreed, ReviewHeld
from app.domain.people import PersonKind
from app.domain.record import Record
from app.webhooks.events import NothingToSayError


async def words_of(opened: Opened, record: Record, notice: Notice, *, format_: Format = "text", language: str = "en") -> Words:
    """Write a notice. Raises NothingToSayError, or LanguageNotAuthoredError."""
    pupil = await find_pupil(opened.session, notice.pupil_id)
    about = record.entry(notice.about)
    if pupil is None or about is None:
        raise NothingToSayError("the notice is about nothing that stands")
    people = await staff.names_of(opened.session, sorted(set(_ids_in(about.entry))))
    return words(
        Matter(notice.matter),
        about.entry,
        to=await _addressee(opened, pupil, notice),
        child_first_name=pupil.forename,
        school_name=opened.now.name,
        format=format_,
        language=language,
        known=Known(people=people, plan=_plan_of(record, about.entry)),
    )


async def _addressee(opened: Opened, pupil: PupilRef, notice: Notice) -> Addressee:
    if notice.person_kind == PersonKind.PUPIL:
        return Addressee(name=pupil.forename, is_young_person=True)
    for contact in await pupils.contacts_of(opened.session, notice.pupil_id):
        if contact.id == notice.person_id:
            return Addressee(name=contact.name, is_young_person=False)
    raise NothingToSayError("the notice is for nobody who is known")


def _plan_of(record: Record, entry: Entry) -> PlanAgreed | None:
    if not isinstance(entry, ReviewHeld):
        return None
    return next((cycle.plan_entry for cycle in record.cycles if cycle.number == entry.cycle), None)


def _ids_in(value: object) -> Iterator[UUID]:
    if isinstance(value, UUID):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _ids_in(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _ids_in(getattr(value, field.name))
