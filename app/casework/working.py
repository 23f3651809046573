"""Does a piece of work under its lease: claimed once, kept while it goes on, ended, put off with growing waits, or given up."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

import asyncpg

from app.casework.taking import Casework
from app.db import bundles, work
from app.db.entrance import Entrance
from app.db.session import SchoolSession
from app.db.work import AttemptsExhaustedError, Claiming, LeaseLostError, Piece, Progress, WorkKind

T = TypeVar("T")
LONGEST: Final = timedelta(hours=2)
"""After so long the lease of a piece that its worker still has in hand is renewed no more: it may hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """For how long a kind of work is leased, and how long it waits after each attempt that failed; after one more it is given up."""

    lease: timedelta
    waits: tuple[timedelta, ...]

    @property
    def most_attempts(self) -> int:
        """How often it is tried."""
        return len(self.waits) + 1


def _growing(first: timedelta, factor: int, count: int) -> tuple[timedelta, ...]:
    return tuple(first * factor**n for n in range(count))


OF_SCHOOLS: Final = Terms(lease=timedelta(minutes=1), waits=_growing(timedelta(seconds=5), 4, 7))
"""Eight attempts, the last about 7.5 hours after the first."""
TERMS: Final[Mapping[WorkKind, Terms]] = MappingProxyType(
    {
        **dict.fromkeys(WorkKind, OF_SCHOOLS),
        WorkKind.IMPORT: Terms(lease=timedelta(minutes=2), waits=(timedelta(seconds=20), timedelta(seconds=40))),
        WorkKind.BUNDLE: Terms(lease=timedelta(minutes=5), waits=_growing(timedelta(seconds=10), 4, 5)),
    }
)
EXHAUSTED: Final = "exhausted"
INTERRUPTED: Final = "interrupted"
GONE: Final = "gone"


class NotGivenUpError(Exception):
    """There is no such piece of work that was given up."""


class FileGoneError(Exception):
    """An import that was given up has let its file go, so there is nothing to try again."""


class HopelessError(Exception):
    """What the work is about is no longer there; to try again is of no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A piece of work in our hands, with the means to keep it and to end it."""

    casework: Casework
    school_id: UUID
    piece: Piece

    async def keep(self, session: SchoolSession, progress: Progress | None = None) -> None:
        """Renew the lease and say how far it has come; raises LeaseLostError."""
        until = self.casework.means.now() + TERMS[self.piece.kind].lease
        await work.keep(session, self.piece, until=until, progress=progress)

    async def finish(self, session: SchoolSession) -> None:
        """End it in the transaction that did it; raises LeaseLostError, so that nothing stays of work that is another's now."""
        await work.finish(session, self.piece, now=self.casework.means.now())


Burying = Callable[[SchoolSession, str], Awaitable[None]]


async def attempt(
    casework: Casework,
    kind: WorkKind,
    school_id: UUID,
    subject: UUID,
    do: Callable[[Held], Awaitable[T]],
    *,
    burying: Burying | None = None,
) -> T | None:
    """Claim a piece of work and do it; None when it is not to be had. What `do` raises is raised on, and the piece put off or given up.

    `do` ends the piece itself, in its last transaction. `burying` notes in the same transaction, with the reason, that it was given up.
    """
    held = await _claim(casework, kind, school_id, subject, burying)
    if held is None:
        return None
    keeping = asyncio.create_task(_keep(held))
    try:
        return await do(held)
    except LeaseLostError:
        raise
    except Exception as error:
        await _failed(held, error, burying)
        raise
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def attempt_whole(casework: Casework, kind: WorkKind, do: Callable[[UUID], Awaitable[object]], school_id: UUID) -> None:
    """Do work on a whole school that is safe to do twice and ends in no one transaction."""

    async def all_of_it(held: Held) -> None:
        await do(school_id)
        async with casework.sessions.for_school(school_id) as session:
            await held.finish(session)

    await attempt(casework, kind, school_id, school_id, all_of_it)


async def try_again(casework: Casework, entrance: Entrance, kind: WorkKind, subject: UUID) -> None:
    """Let a piece of work that was given up be tried from the start.

    Raises NotGivenUpError, FileGoneError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance) as session:
        if not await _again(session, casework, kind, subject):
            raise NotGivenUpError
    casework.means.wake()


async def try_all_again(casework: Casework, kind: WorkKind, school_id: UUID) -> int:
    """Let all work of a kind that was given up at a school be tried from the start; tells how much. Raises FileGoneError."""
    async with casework.sessions.for_school(school_id) as session:
        return await _again(session, casework, kind, None)


async def _again(session: SchoolSession, casework: Casework, kind: WorkKind, subject: UUID | None) -> int:
    found = await work.ask_again(session, kind, subject, now=casework.means.now())
    if found and kind is WorkKind.IMPORT:
        raise FileGoneError
    if kind is WorkKind.BUNDLE:
        for bundle in found:
            await bundles.wanted_again(session, bundle)
    return len(found)


async def _claim(casework: Casework, kind: WorkKind, school_id: UUID, subject: UUID, burying: Burying | None) -> Held | None:
    means, terms = casework.means, TERMS[kind]
    now = means.now()
    by = Claiming(held_by=means.new_id(), now=now, until=now + terms.lease, most_attempts=terms.most_attempts)
    async with casework.sessions.for_school(school_id) as session:
        try:
            piece = await work.claim(session, kind, subject, by)
        except AttemptsExhaustedError:
            await _bury(session, casework, kind, subject, INTERRUPTED, burying)
            return None
    return None if piece is None else Held(casework=casework, school_id=school_id, piece=piece)


async def _keep(held: Held) -> None:
    """Renew the lease while the work goes on; whoever lost it hears of that when ending."""
    terms = TERMS[held.piece.kind]
    for _ in range(LONGEST // (terms.lease / 3)):
        await asyncio.sleep(terms.lease.total_seconds() / 3)
        with suppress(LeaseLostError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with held.casework.sessions.for_school(held.school_id) as session:
                await held.keep(session)


async def _failed(held: Held, error: Exception, burying: Burying | None) -> None:
    terms, piece = TERMS[held.piece.kind], held.piece
    async with held.casework.sessions.for_school(held.school_id) as session:
        with suppress(LeaseLostError):
            if not isinstance(error, HopelessError) and piece.attempt < terms.most_attempts:
                await work.put_off(session, piece, held.casework.means.now() + terms.waits[piece.attempt - 1])
                return
            await work.require_held(session, piece)
            reason = GONE if isinstance(error, HopelessError) else EXHAUSTED
            await _bury(session, held.casework, piece.kind, piece.subject, reason, burying)


async def _bury(session: SchoolSession, casework: Casework, kind: WorkKind, subject: UUID, reason: str, burying: Burying | None) -> None:
    await work.bury(session, kind, subject, reason, now=casework.means.now())
    if burying is not None:
        await burying(session, reason)
