"""Changes how a contact is named and reached, and leaves a trace of it that repeats none of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from app.casework.taking import Casework, Work
from app.db import pupils
from app.db.entrance import Entrance
from app.db.ledger import Draft
from app.db.opening import MergedAwayError
from app.db.pupils import ContactDetails
from app.db.records import find_pupil, load_record
from app.domain.author import Author, AuthorKind
from app.domain.cooling_off import CoolingOff, cooling_off
from app.domain.entries import ContactDetailsChanged
from app.domain.record import Record


class ContactUnknownError(Exception):
    """This pupil has no such contact."""


class Kept(NamedTuple):
    """A contact's details as they are kept, and what keeps anything from being sent there yet."""

    details: ContactDetails
    cooling: CoolingOff | None


async def change_details(
    casework: Casework, entrance: Entrance, changed: ContactDetails, require: Callable[[ContactDetails], None]
) -> Kept:
    """Put new details in the place of those that `require` lets pass, and give them as kept; the same again is written nowhere.

    A contact of a record that was joined to the pupil's is changed here too, and stays that record's if they are parted.
    Raises ContactUnknownError, MergedAwayError and what `require` raises.
    """
    async with casework.sessions.enter(entrance) as session:
        if await find_pupil(session, changed.pupil_id, lock=True) is None:
            raise ContactUnknownError
        opened = await casework.open(session)
        record = await load_record(session, opened.school, changed.pupil_id)
        if record.merged_into is not None:
            raise MergedAwayError(record.merged_into)
        contacts = await pupils.contacts_of(session, changed.pupil_id, lock=True)
        held = next((contact for contact in contacts if contact.id == changed.id), None)
        if held is None:
            raise ContactUnknownError
        require(held)
        kept = replace(changed, pupil_id=held.pupil_id)
        if kept == held:
            return Kept(kept, cooling_off(record, kept.id, opened.today))
        await pupils.update_contact(session, kept)
        is_reached_otherwise = replace(kept, language=held.language, format=held.format) != held
        entry = ContactDetailsChanged(occurred_on=opened.today, contact=changed.id, is_reached_otherwise=is_reached_otherwise)
        author = Author(kind=AuthorKind.CLIENT, id=entrance.client_id)
        draft = Draft(entry=entry, author=author, pupil_id=changed.pupil_id, client_id=entrance.client_id)
        recorded = await casework.store(opened, [Work(drafts=(draft,), before=record)])
        after = Record.fold(opened.school, (*record.known, *recorded), record.pupil)
        return Kept(kept, cooling_off(after, kept.id, opened.today))


async def contacts_kept(casework: Casework, entrance: Entrance, pupil_id: UUID) -> list[Kept] | None:
    """List a pupil's contacts as they are reached today, None where there is no such pupil."""
    async with casework.sessions.enter(entrance, read_only=True) as session:
        if not await pupils.exists(session, pupil_id):
            return None
        opened = await casework.open(session)
        record = await load_record(session, opened.school, pupil_id)
        return [Kept(found, cooling_off(record, found.id, opened.today)) for found in await pupils.contacts_of(session, pupil_id)]
