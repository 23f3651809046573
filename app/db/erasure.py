"""Takes the content of an entry away and leaves its place in the chain; the only rows of the ledger that ever change."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.db.ledger import Dice, Draft, LedgerMissingError, linked_after
from app.db.schools import RECORDED, Head, recorded_from
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasablePupil:
    """A pupil as an erasure needs to know them: the last number of the record, who was joined, and what erased or closed it before."""

    last_number: int
    along_with: tuple[UUID, ...]
    erased_by: int | None


_ERASABLE = """
select p.last_number, p.erased_by,
       array(select j.id from pupil j where j.school_id = $1 and j.merged_into = p.id order by j.id) as along_with
  from pupil p where p.school_id = $1 and p.id = $2
"""


async def find_erasable_pupil(session: SchoolSession, pupil_id: UUID) -> ErasablePupil | None:
    """Find a pupil of this school, erased or not."""
    row = await session.connection.fetchrow(_ERASABLE, session.school_id, pupil_id)
    return None if row is None else ErasablePupil(**{**dict(row.items()), "along_with": tuple(row["along_with"])})


async def find_erasure(session: SchoolSession, number: int) -> Recorded:
    """Read the school's own entry under which a pupil was erased; LookupError when there is none."""
    row = await session.connection.fetchrow(
        f"select {RECORDED} from entry where school_id = $1 and number = $2 and pupil_id is null",  # noqa: S608
        session.school_id,
        number,
    )
    if row is None:
        raise LookupError("no entry says under which the pupil was erased")
    return recorded_from(row)


async def erase_pupil(
    connection: asyncpg.Connection, school: UUID, pupil: UUID, seen: int, draft: Draft, *, now: datetime, dice: Dice
) -> tuple[Recorded, list[str]]:
    """Erase all that is held about a pupil and append the school's entry that says so; gives it and the names of files that are left.

    `connection` is the erasure role's, `seen` the last number of the record that was weighed. Raises asyncpg.SerializationError when
    somebody wrote since, and asyncpg.ObjectInUseError while a roll is being loaded.
    """
    async with connection.transaction():
        row = await connection.fetchrow("select * from erasure_lock_pupils($1, $2)", school, pupil)
        if row is None:
            raise LedgerMissingError
        (linked,) = linked_after(Head(**dict(row.items())), school, [draft], now=now, dice=dice)
        rows = await connection.fetch("select * from erase_pupil($1, $2, $3)", school, seen, (school, *linked.row))
    return linked.recorded, [row[0] for row in rows]
