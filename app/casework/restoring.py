"""Begins a new epoch of a school's ledger after it was restored from a backup, so that heads of the lost life are known as such."""

from uuid import UUID

from app.casework.taking import Casework, Opened, Work
from app.db.ledger import Draft, begin_epoch, lock_head
from app.domain.author import Author
from app.domain.entries import LedgerRestored, Recorded
from app.domain.keeping import MAY_ERASE


class RestoringRefusedError(Exception):
    """No epoch was begun; the message is one line for the operator."""


async def restore_epoch(casework: Casework, school_id: UUID, *, reason: str, by: Author) -> Recorded:
    """Say in the ledger that it goes on from a backup, in the epoch after the one it was in. Raises RestoringRefusedError."""
    if not reason.strip():
        raise RestoringRefusedError("say why the ledger was restored")
    async with casework.sessions.for_school(school_id) as session:
        head = await lock_head(session)
        opened = await casework.open(session)
        _require_role(opened, by)
        entry = LedgerRestored(occurred_on=opened.today, epoch=head.epoch + 1, last_number=head.number, reason=reason)
        (recorded,) = await casework.store(opened, [Work(drafts=(Draft(entry=entry, author=by),))])
        await begin_epoch(session, entry.epoch)
    casework.means.wake()
    return recorded


def _require_role(opened: Opened, by: Author) -> None:
    if not MAY_ERASE & opened.school.roles_of(by.id, opened.today):
        raise RestoringRefusedError("a restore is told by the head, the SENCO or an administrator of the school today")
