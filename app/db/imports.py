"""Rolls that were handed in: the job, its sealed file while it waits, and what became of each pupil and row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from app.db import work
from app.db.session import SchoolSession
from app.db.work import WorkKind

Counts = Mapping[str, int | str]
Ended = Literal["done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A roll as it is handed in; the digest is SHA-256 of the file in hexadecimal, the file itself is sealed."""

    id: UUID
    format: str
    is_dry_run: bool
    sealed_file: bytes
    file_digest: str
    staff_id: UUID
    assurance: str
    client_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A roll that was handed in, and how far it has come."""

    id: UUID
    format: str
    is_dry_run: bool
    state: str
    file_digest: str
    staff_id: UUID
    assurance: str
    client_id: UUID
    counts: dict[str, int | str]
    attempts: int
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A job that is to be done, with its file."""

    job: Job
    sealed_file: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one pupil or row, or what is wrong with it; without a name, a number or a date of birth."""

    line: int
    pointer: str
    outcome: str
    cause: str
    detail: str
    pupil_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedResult:
    """A result with its place in the list, from 1."""

    sequence: int
    result: Result


_JOB: Final = """
j.id, j.format, j.is_dry_run, j.state, j.file_digest, j.staff_id, j.assurance, j.client_id,
       case when j.state = 'waiting' then coalesce(w.progress, '{}') else j.counts end as counts, coalesce(w.attempts, 0) as attempts,
       j.created_at, j.finished_at
"""
_FROM: Final = """
  from import_job j left join work w on w.school_id = j.school_id and w.kind = 'import' and w.subject = j.id
 where j.school_id = $1 and j.id = $2
"""
_RESULT: Final = "line, pointer, outcome, cause, detail, pupil_id"
_ADD: Final = """
insert into import_job (school_id, id, format, is_dry_run, state, sealed_file, file_digest, staff_id, assurance, client_id, counts,
                        created_at)
values ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8, $9, '{}', $10)
"""
_FINISH: Final = """
update import_job set state = $3, counts = $4, finished_at = $5, sealed_file = null where school_id = $1 and id = $2 and state = 'waiting'
"""
_ADD_RESULTS: Final = f"""
insert into import_result (school_id, job_id, sequence, {_RESULT})
select $1, $2, r.* from unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[]) r
"""  # noqa: S608
_OLD_DRY_RUNS: Final = "select id from import_job where school_id = $1 and is_dry_run and finished_at < $2"


async def add(session: SchoolSession, new: NewJob, *, at: datetime) -> None:
    """Keep a roll for a worker, who may take it at once."""
    await session.connection.execute(
        _ADD, session.school_id, new.id, new.format, new.is_dry_run, new.sealed_file, new.file_digest, new.staff_id, new.assurance,
        new.client_id, at,
    )  # fmt: skip
    await work.ask(session, WorkKind.IMPORT, new.id, now=at)


async def find(session: SchoolSession, job_id: UUID, *, dry_runs_since: datetime) -> Job | None:
    """Find a job of this school; a dry run that ended before `dry_runs_since` is gone."""
    row = await session.connection.fetchrow(
        f"select {_JOB} {_FROM} and not (j.is_dry_run and coalesce(j.finished_at < $3, false))",
        session.school_id, job_id, dry_runs_since,
    )  # fmt: skip
    return None if row is None else Job(**dict(row.items()))


async def find_waiting(session: SchoolSession, job_id: UUID) -> Waiting | None:
    """Find a job that is not ended yet, with its sealed file."""
    row = await session.connection.fetchrow(f"select {_JOB}, j.sealed_file {_FROM} and j.state = 'waiting'", session.school_id, job_id)
    if row is None:
        return None
    columns = dict(row.items())
    sealed_file = columns.pop("sealed_file")
    return Waiting(job=Job(**columns), sealed_file=sealed_file)


async def finish(session: SchoolSession, job_id: UUID, state: Ended, counts: Counts, results: Sequence[Result], *, at: datetime) -> None:
    """End a job that waits, let its file go and keep its results in their order; the caller holds the piece of work and ends that too."""
    await session.connection.execute(_FINISH, session.school_id, job_id, state, counts, at)
    columns: list[list[object]] = [
        list(range(1, len(results) + 1)),
        [r.line for r in results],
        [r.pointer for r in results],
        [r.outcome for r in results],
        [r.cause for r in results],
        [r.detail for r in results],
        [r.pupil_id for r in results],
    ]
    await session.connection.execute(_ADD_RESULTS, session.school_id, job_id, *columns)


async def results(session: SchoolSession, job_id: UUID, *, after: int, limit: int) -> list[NumberedResult]:
    """Read a job's results in order, from the one after the place `after` on."""
    rows = await session.connection.fetch(
        f"select sequence, {_RESULT} from import_result where school_id = $1 and job_id = $2 and sequence > $3"  # noqa: S608
        " order by sequence limit $4",
        session.school_id, job_id, after, limit,
    )  # fmt: skip
    return [NumberedResult(sequence=row["sequence"], result=Result(**dict(list(row.items())[1:]))) for row in rows]


async def forget_dry_runs(session: SchoolSession, before: datetime) -> None:
    """Drop this school's dry runs that ended before a moment, with their results."""
    old = [row["id"] for row in await session.connection.fetch(_OLD_DRY_RUNS, session.school_id, before)]
    if old:
        for table, column in (("import_result", "job_id"), ("import_job", "id")):
            await session.connection.execute(
                f"delete from {table} where school_id = $1 and {column} = any($2::uuid[])",  # noqa: S608
                session.school_id, old,
            )  # fmt: skip
        await work.forget(session, WorkKind.IMPORT, old)
