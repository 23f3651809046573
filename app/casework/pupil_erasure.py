"""Erases all that is held about a pupil, on the word of two people and on a ground; the places in the chain remain."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from app.casework.authors import AuthorClaim
from app.casework.taking import Casework, Opened, PupilUnknownError, StepRefusedError
from app.db import erasure
from app.db.blobs import Blobs
from app.db.entrance import Entrance
from app.db.erasure import ErasablePupil
from app.db.file_stores import FileStoreError
from app.db.ledger import Draft
from app.db.records import load_record
from app.db.session import SchoolSession
from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import ErasureGround, PupilErased, Recorded
from app.domain.keeping import weigh_erasure
from app.domain.rule import Finding
from app.domain.second_person import second_person_for_a_setting, second_person_refusal, unfit_second_person


class ErasureNotSetUpError(Exception):
    """This process was not given the erasure role's login, so it cannot erase."""


class RollBeingLoadedError(Exception):
    """A roll is being loaded at the school, which might put back what is erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """What an erasure needs beside casework: the login of the erasure role, where this process was given it, and the files."""

    url: str | None
    blobs: Blobs

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a connection as the erasure role for one erasure. Raises ErasureNotSetUpError."""
        if self.url is None:
            raise ErasureNotSetUpError
        connection = await asyncpg.connect(self.url, timeout=10)
        try:
            yield connection
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilWanted:
    """Who shall be erased and why; the reason stays in the ledger, so it must not repeat what is erased."""

    pupil_id: UUID
    ground: ErasureGround
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The entry that says that a pupil was erased, and the remarks; `is_new` is False where that had been done before."""

    recorded: Recorded
    findings: tuple[Finding, ...] = ()
    is_new: bool = True


async def ask_for_erasure(
    casework: Casework, eraser: Eraser, entrance: Entrance, wanted: PupilWanted, author: AuthorClaim, second: AuthorClaim
) -> Erased:
    """Erase a pupil for a client of the school's own; asked again, it answers with the erasure that was.

    Raises PupilUnknownError, StepRefusedError, AuthorRefusedError, ErasureNotSetUpError, RollBeingLoadedError and the errors of
    `app.db.entrance`.
    """
    if eraser.url is None:
        raise ErasureNotSetUpError
    async with casework.sessions.enter(entrance) as session:
        opened, target = await _opened(casework, session, wanted)
        if target.erased_by is not None:
            return Erased(recorded=await erasure.find_erasure(session, target.erased_by), is_new=False)
        proofs = casework.means.proofs
        by = await proofs.author(session, author, opened.identity_provider, is_dry=False)
        other = await proofs.author(session, second, opened.identity_provider, is_dry=False)
        refusal = second_person_refusal(opened.school, by, other, opened.moment)
        refusal = refusal or second_person_for_a_setting(opened.school, by, other, opened.moment)
        entry, decision = await _weighed(session, opened, wanted, target, by, other.id)
        _require(refusal, decision)
    return await _erase(casework, eraser, opened, target, entry, by, decision.findings, client_id=entrance.client_id)


async def erase_pupil(casework: Casework, eraser: Eraser, school_id: UUID, wanted: PupilWanted, by: Author, confirmed_by: Author) -> Erased:
    """Erase a pupil for the operator, who vouches for the two people at the command line. Raises as `ask_for_erasure` does."""
    async with casework.sessions.for_school(school_id, read_only=True) as session:
        opened, target = await _opened(casework, session, wanted)
        if target.erased_by is not None:
            return Erased(recorded=await erasure.find_erasure(session, target.erased_by), is_new=False)
        refusal = unfit_second_person(opened.school, by, confirmed_by, opened.moment)
        entry, decision = await _weighed(session, opened, wanted, target, by, confirmed_by.id)
        _require(refusal, decision)
    return await _erase(casework, eraser, opened, target, entry, by, decision.findings)


async def _opened(casework: Casework, session: SchoolSession, wanted: PupilWanted) -> tuple[Opened, ErasablePupil]:
    target = await erasure.find_erasable_pupil(session, wanted.pupil_id)
    if target is None:
        raise PupilUnknownError
    return await casework.open(session), target


async def _weighed(
    session: SchoolSession, opened: Opened, wanted: PupilWanted, target: ErasablePupil, by: Author, confirmed_by: UUID
) -> tuple[PupilErased, Decision]:
    entry = PupilErased(
        occurred_on=opened.today,
        erased=wanted.pupil_id,
        ground=wanted.ground,
        reason=wanted.reason,
        confirmed_by=confirmed_by,
        along_with=target.along_with,
    )
    record = await load_record(session, opened.school, wanted.pupil_id)
    return entry, weigh_erasure(record, entry, by)


def _require(refusal: Finding | None, decision: Decision) -> None:
    if decision.is_refused:
        raise StepRefusedError(decision.findings)
    if refusal is not None:
        raise StepRefusedError((refusal,))


async def _erase(
    casework: Casework,
    eraser: Eraser,
    opened: Opened,
    target: ErasablePupil,
    entry: PupilErased,
    by: Author,
    findings: Sequence[Finding],
    *,
    client_id: UUID | None = None,
) -> Erased:
    """Erase in the database, then remove the files; killed between the two, the sweep of unnamed files removes them."""
    draft = Draft(entry=entry, author=by, client_id=client_id)
    school, means = opened.session.school_id, casework.means
    async with eraser.connection() as connection:
        try:
            recorded, files = await erasure.erase_pupil(
                connection, school, entry.erased, target.last_number, draft, now=opened.moment, dice=means.dice
            )
        except asyncpg.ObjectInUseError:
            raise RollBeingLoadedError from None
    # Their keys are gone with their rows: a store that is out of reach keeps what nobody can open, until the sweep.
    with suppress(FileStoreError):
        await asyncio.to_thread(eraser.blobs.remove, files)
    means.wake()
    return Erased(recorded=recorded, findings=tuple(findings))
