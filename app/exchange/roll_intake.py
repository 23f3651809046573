"""Takes a roll in: looks at who hands it in, and keeps the file sealed until a worker loads it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import asyncpg

from app.casework.expiry import DRY_RUNS_LIVE
from app.casework.taking import Casework
from app.db import idempotency, imports
from app.db.entrance import Entrance
from app.db.idempotency import Key
from app.db.imports import Job, NewJob, NumberedResult
from app.db.session import SchoolSession
from app.domain.author import Assurance
from app.keys.sealing import Sealer


class StaffUnknownError(Exception):
    """The person named holds no role at this school today."""


class ImportUnknownError(Exception):
    """This school has no such import, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A file with who hands it in: the client, and the member of staff under whose name it loads."""

    entrance: Entrance
    staff_id: UUID
    file_format: str
    content: bytes
    key: Key | None
    is_dry_run: bool


def sealed_about(job_id: UUID) -> str:
    """What the seal of a waiting file is bound to."""
    return f"import-file:{job_id}"


async def hand_in(casework: Casework, sealer: Sealer, handed: HandedIn) -> Job:
    """Keep a roll for the worker; under a key that was used before, the job of that time comes back.

    Raises StaffUnknownError, KeyReusedError and the errors of `app.db.entrance`.
    """
    try:
        async with casework.sessions.enter(handed.entrance) as session:
            job = await _hand_in(casework, sealer, session, handed)
    except asyncpg.UniqueViolationError as error:
        if handed.key is None or not idempotency.is_same_key(error):
            raise
        return await hand_in(casework, sealer, handed)
    casework.means.wake()
    return job


async def _hand_in(casework: Casework, sealer: Sealer, session: SchoolSession, handed: HandedIn) -> Job:
    now = casework.means.now()
    if handed.key is not None and (kept := await idempotency.find(session, handed.key)) is not None:
        return await _found(session, UUID(idempotency.references(kept)["import"]), now)
    opened = await casework.open(session)
    if not opened.school.roles_of(handed.staff_id, opened.today):
        raise StaffUnknownError
    job_id = casework.means.new_id()
    await imports.add(session, _job(job_id, sealer, handed), at=now)
    if handed.key is not None:
        await idempotency.remember(session, handed.key, idempotency.led_to((), {"import": job_id}), at=now)
    return await _found(session, job_id, now)


def _job(job_id: UUID, sealer: Sealer, handed: HandedIn) -> NewJob:
    return NewJob(
        id=job_id,
        format=handed.file_format,
        is_dry_run=handed.is_dry_run,
        sealed_file=sealer.seal(handed.content, about=sealed_about(job_id)),
        file_digest=sha256(handed.content).hexdigest(),
        staff_id=handed.staff_id,
        assurance=Assurance.ASSERTED.value,
        client_id=handed.entrance.client_id,
    )


async def look_at(casework: Casework, entrance: Entrance, job_id: UUID) -> Job:
    """Read how far an import has come; raises ImportUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter(entrance, read_only=True) as session:
        return await _found(session, job_id, casework.means.now())


async def results_of(casework: Casework, entrance: Entrance, job_id: UUID, *, after: int, limit: int) -> list[NumberedResult]:
    """Read what became of pupils and rows, from a place in the list on; raises like `look_at`."""
    async with casework.sessions.enter(entrance, read_only=True) as session:
        await _found(session, job_id, casework.means.now())
        return await imports.results(session, job_id, after=after, limit=limit)


async def _found(session: SchoolSession, job_id: UUID, now: datetime) -> Job:
    job = await imports.find(session, job_id, dry_runs_since=now - DRY_RUNS_LIVE)
    if job is None:
        raise ImportUnknownError
    return job
