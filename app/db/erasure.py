"""Takes the content of an entry away and leaves its place in the chain; the only rows of the ledger that ever change."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.db.ledger import Dice, Draft, LedgerMissingError, linked_after
from app.db.schools import Head
from app.db.session import SchoolSession
from app.domain.entries import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasable:
    """An entry as an erasure needs to know it; an erased one has no content left."""

    number: int
    type: str
    pupil_id: UUID | None
    is_erased: bool


async def find_erasable(session: SchoolSession, number: int) -> Erasable | None:
    """Find an entry of this school by its number."""
    row = await session.connection.fetchrow(
        "select number, type, pupil_id, body is null as is_erased from entry where school_id = $1 and number = $2",
        session.school_id,
        number,
    )
    return None if row is None else Erasable(**dict(row.items()))


async def erase(connection: asyncpg.Connection, school: UUID, erased: int, draft: Draft, *, now: datetime, dice: Dice) -> Recorded:
    """Erase an entry's body and salt and append the entry that says so, both or neither; `connection` is the erasure role's.

    The pupil is locked before the head, as by every writer. Raises asyncpg.NoDataFoundError when there is nothing to erase any more.
    """
    async with connection.transaction():
        row = await connection.fetchrow("select * from erasure_lock_head($1, $2)", school, draft.pupil_id)
        if row is None:
            raise LedgerMissingError
        (linked,) = linked_after(Head(**dict(row.items())), school, [draft], now=now, dice=dice)
        await connection.execute("select erase_entry($1, $2, $3)", school, erased, (school, *linked.row))
    return linked.recorded
