"""Work to be done, a row for each piece: claimed under a lease that counts the attempt, kept, ended, put off or given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.db.session import SchoolSession

Progress = Mapping[str, int | str]


class WorkKind(StrEnum):
    """What is done for a school beside deliveries; all but the first two concern the whole school, whose id is then the subject."""

    IMPORT = "import"
    BUNDLE = "bundle"
    OBLIGATIONS = "obligations"
    TOTALS = "totals"
    ACCESSES = "accesses"
    CLOCKS = "clocks"
    NOTICES = "notices"
    FORGETTING = "forgetting"


ONCE: Final = frozenset({WorkKind.IMPORT, WorkKind.BUNDLE})
"""Done once for each subject; other work comes up again and is then counted from the start."""
ONE_AT_A_TIME: Final = frozenset({WorkKind.IMPORT})
"""Of these a school has one under way at most."""


class LeaseLostError(Exception):
    """Somebody else has taken this piece of work over, or ended it; what this worker did in the transaction must not stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of work in one worker's hands; `attempt` counts from 1, this one too."""

    kind: WorkKind
    subject: UUID
    held_by: UUID
    attempt: int


_WRITE: Final = """
insert into work (school_id, kind, subject, state, attempts, next_at, created_at, progress)
values ($1, $2, $3, 'waiting', 0, $4, $4, '{}') on conflict (school_id, kind, subject) do nothing
"""
_LOCK: Final = """
select subject, state, attempts, held_by is not null and next_at > $3 as is_running, next_at <= $3 as is_due from work
 where school_id = $1 and kind = $2 and (subject = $4 or $5 and state = 'waiting') order by subject for update skip locked
"""
_WAITING: Final = "select count(*) from work where school_id = $1 and kind = $2 and state = 'waiting' and subject <> $3"
_TAKE: Final = """
update work set state = 'waiting', attempts = $5, held_by = $4, next_at = $7, done_at = null, reason = null,
       created_at = case when state = 'waiting' then created_at else $6 end,
       progress = case when state = 'waiting' then progress else '{}' end
 where school_id = $1 and kind = $2 and subject = $3
"""
_HELD: Final = """
update work set {} where school_id = $1 and kind = $2 and subject = $3 and held_by = $4 and state = 'waiting' returning true
"""
_KEEP: Final = "next_at = $5, progress = coalesce($6, progress)"
_FINISH: Final = "state = 'done', held_by = null, next_at = $5, done_at = $5"
_PUT_OFF: Final = "held_by = null, next_at = $5"
_BURY: Final = """
update work set state = 'dead', held_by = null, next_at = $4, done_at = $4, reason = $5
 where school_id = $1 and kind = $2 and subject = $3
"""
_AGAIN: Final = """
update work set state = 'waiting', attempts = 0, next_at = $4, created_at = $4, done_at = null, reason = null, progress = '{}'
 where school_id = $1 and kind = $2 and ($3::uuid is null or subject = $3) and state = 'dead' returning subject
"""
_REOPEN: Final = """
insert into work (school_id, kind, subject, state, attempts, next_at, created_at, progress)
values ($1, $2, $3, 'waiting', 0, $4, $4, '{}')
on conflict (school_id, kind, subject) do update
   set state = excluded.state, attempts = excluded.attempts, next_at = excluded.next_at, created_at = excluded.created_at,
       held_by = null, done_at = null, reason = null, progress = excluded.progress
 where work.state <> 'waiting'
"""


async def reopen(session: SchoolSession, kind: WorkKind, subject: UUID, *, now: datetime) -> None:
    """Ask for a piece of work that may be done or given up already: it comes up again; one that waits or is under way stays as it is."""
    await session.connection.execute(_REOPEN, session.school_id, kind, subject, now)


async def ask(session: SchoolSession, kind: WorkKind, subject: UUID, *, now: datetime) -> None:
    """Ask for a piece of work; one that was asked for before stays as it is. `now` is the world's time, as all times here."""
    await session.connection.execute(_WRITE, session.school_id, kind, subject, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claiming:
    """How a piece is claimed: by whom, for how long, and after how many attempts no more."""

    held_by: UUID
    now: datetime
    until: datetime
    most_attempts: int


class AttemptsExhaustedError(Exception):
    """Every attempt was broken off by the end of the worker that made it; there is none left to be claimed."""


async def claim(session: SchoolSession, kind: WorkKind, subject: UUID, by: Claiming) -> Piece | None:
    """Take a piece of work for one attempt, which counts from here; it need not have been asked for.

    None when somebody else has it, its time has not come, it was given up, or it is done and done only once. Raises
    AttemptsExhaustedError with the row locked, so that the caller gives it up.
    """
    connection, school = session.connection, session.school_id
    await connection.execute(_WRITE, school, kind, subject, by.now)
    rows = await connection.fetch(_LOCK, school, kind, by.now, subject, kind in ONE_AT_A_TIME)
    found = next((row for row in rows if row["subject"] == subject), None)
    may_take = found is not None and (found["is_due"] if found["state"] == "waiting" else found["state"] == "done" and kind not in ONCE)
    if found is None or not may_take or (kind in ONE_AT_A_TIME and await _is_other_under_way(session, kind, subject, rows)):
        return None
    attempts = found["attempts"] if found["state"] == "waiting" else 0
    if attempts >= by.most_attempts:
        raise AttemptsExhaustedError
    await connection.execute(_TAKE, school, kind, subject, by.held_by, attempts + 1, by.now, by.until)
    return Piece(kind=kind, subject=subject, held_by=by.held_by, attempt=attempts + 1)


async def _is_other_under_way(session: SchoolSession, kind: WorkKind, subject: UUID, locked: Sequence[Mapping[str, object]]) -> bool:
    """Whether another piece of the school is held, or might be taken at this moment by whoever has its row locked."""
    others = [row for row in locked if row["subject"] != subject]
    waiting = await session.connection.fetchval(_WAITING, session.school_id, kind, subject)
    return any(row["is_running"] for row in others) or waiting > len(others)


async def keep(session: SchoolSession, piece: Piece, *, until: datetime, progress: Progress | None = None) -> None:
    """Move the end of the lease and say how far it has come; raises LeaseLostError."""
    await _held(session, _KEEP, piece, until, progress)


async def finish(session: SchoolSession, piece: Piece, *, now: datetime) -> None:
    """End a piece of work, in the transaction that did it; raises LeaseLostError."""
    await _held(session, _FINISH, piece, now)


async def put_off(session: SchoolSession, piece: Piece, until: datetime) -> None:
    """Give a piece back, to be tried again from a moment on; raises LeaseLostError."""
    await _held(session, _PUT_OFF, piece, until)


async def _held(session: SchoolSession, changes: str, piece: Piece, *values: object) -> None:
    key = (session.school_id, piece.kind, piece.subject, piece.held_by)
    if await session.connection.fetchval(_HELD.format(changes), *key, *values) is None:
        raise LeaseLostError


async def require_held(session: SchoolSession, piece: Piece) -> None:
    """Lock a piece until the transaction ends; raises LeaseLostError."""
    await _held(session, "held_by = $4", piece)


async def bury(session: SchoolSession, kind: WorkKind, subject: UUID, reason: str, *, now: datetime) -> None:
    """Give a piece of work up, for a reason that says nothing of what it was about; it is done no more unless asked for again."""
    await session.connection.execute(_BURY, session.school_id, kind, subject, now, reason)


async def ask_again(session: SchoolSession, kind: WorkKind, subject: UUID | None, *, now: datetime) -> list[UUID]:
    """Let a piece that was given up be tried from the start, or all of its kind at the school; gives those that were."""
    return [row[0] for row in await session.connection.fetch(_AGAIN, session.school_id, kind, subject, now)]


async def forget(session: SchoolSession, kind: WorkKind, subjects: Sequence[UUID]) -> None:
    """Drop the rows of work on what is no longer there."""
    query = "delete from work where school_id = $1 and kind = $2 and subject = any($3::uuid[])"
    await session.connection.execute(query, session.school_id, kind, subjects)
