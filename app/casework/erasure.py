"""Erases what an entry says, on a named person's word and for a reason, and puts right everything that was derived from it."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from app.casework.rederivation import derive_anew
from app.casework.taking import Casework, Opened, horizon_of
from app.db.erasure import Erasable, erase, find_erasable
from app.db.ledger import Draft
from app.db.records import find_pupil, load_record
from app.domain.author import Author, AuthorKind
from app.domain.entries import EntryErased, LedgerRestored, PupilErased, RecordMerged
from app.domain.keeping import MAY_ERASE, holds


class ErasureRefusedError(Exception):
    """Nothing was erased; the message is one line for whoever asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entry shall be erased, why, and by whose word; the reason stays in the ledger, so it must not repeat what is erased."""

    school_id: UUID
    number: int
    reason: str
    by: UUID


async def erase_entry(casework: Casework, connection: asyncpg.Connection, wanted: Wanted) -> bool:
    """Erase an entry by the erasure role's `connection`; False when it had been erased before. Raises ErasureRefusedError.

    What was derived is put right each time, so asking again after a crash finishes what was begun.
    """
    async with casework.sessions.for_school(wanted.school_id, read_only=True) as session:
        opened = await casework.open(session)
        found = await find_erasable(session, wanted.number)
        target = _erasable(opened, found, wanted)
        if target.pupil_id is not None and holds(await load_record(session, opened.school, target.pupil_id)):
            raise ErasureRefusedError("the pupil's record is on hold; lift the hold first")
    if not target.is_erased:
        entry = EntryErased(occurred_on=opened.today, number=wanted.number, reason=wanted.reason)
        draft = Draft(entry=entry, author=Author(kind=AuthorKind.STAFF, id=wanted.by), pupil_id=target.pupil_id)
        await erase(connection, wanted.school_id, wanted.number, draft, now=opened.moment, dice=casework.means.dice)
    if target.pupil_id is not None:
        await _derive_anew(casework, wanted.school_id, target.pupil_id)
    casework.means.wake()
    return not target.is_erased


def _erasable(opened: Opened, target: Erasable | None, wanted: Wanted) -> Erasable:
    if target is None:
        raise ErasureRefusedError(f"the school's ledger has no entry {wanted.number}")
    if target.type in (EntryErased.type, PupilErased.type):
        raise ErasureRefusedError(f"entry {wanted.number} is itself an erasure, which stays")
    if target.type in (RecordMerged.type, LedgerRestored.type):
        raise ErasureRefusedError(f"entry {wanted.number} is what the ledger is read by; part the records first, if it joins two")
    if not MAY_ERASE & opened.school.roles_of(wanted.by, opened.today):
        raise ErasureRefusedError("an erasure is the head's, the SENCO's or an administrator's of the school today")
    return target


async def _derive_anew(casework: Casework, school_id: UUID, pupil_id: UUID) -> None:
    """Let the pupil's obligations, summary and notices follow, as known from the newest entry of the record, which an erasure is."""
    async with casework.sessions.for_school(school_id) as session:
        await find_pupil(session, pupil_id, lock=True)
        opened = await casework.open(session)
        record = await load_record(session, opened.school, pupil_id)
        await derive_anew(casework, opened, [pupil_id], 0, horizon_of(opened.today))
        await casework.announcing(opened).settle(record)
    if record.merged_into is not None:
        await _derive_anew(casework, school_id, record.merged_into)
