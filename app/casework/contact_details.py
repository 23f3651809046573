"""Changes how a contact is named and reached, and leaves a trace of it that repeats none of it."""

from collections.abc import Callable
from dataclasses import replace

from app.casework.taking import Casework, Work
from app.db import pupils
from app.db.entrance import Entrance
from app.db.ledger import Draft
from app.db.opening import MergedAwayError
from app.db.pupils import ContactDetails
from app.db.records import find_pupil, load_record
from app.domain.author import Author, AuthorKind
from app.domain.entries import ContactDetailsChanged


class ContactUnknownError(Exception):
    """This pupil has no such contact."""


async def change_details(
    casework: Casework, entrance: Entrance, changed: ContactDetails, require: Callable[[ContactDetails], None]
) -> ContactDetails:
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
            return kept
        await pupils.update_contact(session, kept)
        entry = ContactDetailsChanged(occurred_on=opened.today, contact=changed.id)
        author = Author(kind=AuthorKind.CLIENT, id=entrance.client_id)
        draft = Draft(entry=entry, author=author, pupil_id=changed.pupil_id, client_id=entrance.client_id)
        await casework.store(opened, [Work(drafts=(draft,), before=record)])
        return kept
