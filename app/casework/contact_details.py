"""Changes how a contact is named and reached, and leaves a trace of it that repeats none of it."""

from collections.abc import Callable

from app.casework.taking import Casework, Work
from app.db import pupils
from app.db.entrance import Entrance
from app.db.ledger import Draft
from app.db.pupils import ContactDetails
from app.db.records import find_pupil, load_record
from app.domain.author import Author, AuthorKind
from app.domain.entries import ContactDetailsChanged


class ContactUnknownError(Exception):
    """This pupil has no such contact."""


async def change_details(
    casework: Casework, entrance: Entrance, changed: ContactDetails, require: Callable[[ContactDetails], None]
) -> None:
    """Put new details in the place of those that `require` lets pass; what is the same already is written nowhere.

    Raises ContactUnknownError and what `require` raises.
    """
    async with casework.sessions.enter(entrance) as session:
        if await find_pupil(session, changed.pupil_id, lock=True) is None:
            raise ContactUnknownError
        contacts = await pupils.contacts_of(session, changed.pupil_id, lock=True)
        held = next((contact for contact in contacts if contact.id == changed.id), None)
        if held is None:
            raise ContactUnknownError
        require(held)
        if changed == held:
            return
        await pupils.update_contact(session, changed)
        opened = await casework.open(session)
        entry = ContactDetailsChanged(occurred_on=opened.today, contact=changed.id)
        author = Author(kind=AuthorKind.CLIENT, id=entrance.client_id)
        draft = Draft(entry=entry, author=author, pupil_id=changed.pupil_id, client_id=entrance.client_id)
        await casework.store(opened, [Work(drafts=(draft,), before=await load_record(session, opened.school, changed.pupil_id))])
