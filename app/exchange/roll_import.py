"""Loads a roll that was handed in: gather, decide, apply. One transaction stores all of it or nothing."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from io import BytesIO
from typing import Final
from uuid import UUID

from app.casework.taking import Casework, Opened, Work
from app.casework.working import TERMS, Held, attempt
from app.db import imports, rolls
from app.db.imports import Ended, Job, Result, Waiting
from app.db.ledger import Draft
from app.db.session import SchoolSession
from app.db.work import WorkKind
from app.domain.author import Assurance, Author, AuthorKind
from app.domain.entries import RollImported
from app.exchange.csv_roll import read_csv
from app.exchange.ctf import read_ctf
from app.exchange.roll import Roll, RollFormat, RollProblem, Severity
from app.exchange.roll_intake import sealed_about
from app.exchange.roll_plan import Loading, Outcome, PupilPlan, plan_roll
from app.keys.sealing import Sealer, UnsealError

_READERS: Final = {RollFormat.CTF: read_ctf, RollFormat.CSV: read_csv}
_PUPIL_PLACE: Final = re.compile(r"/CTfile/CTFpupilData/Pupil\[[0-9]+\]|row (?!1\b)[0-9]+")
_HEADER: Final = "/CTfile/Header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """All that an import would do, with everything there is to say about the file."""

    plans: tuple[PupilPlan, ...] = ()
    results: tuple[Result, ...]
    counts: dict[str, int | str]
    is_refused: bool


class RollImports:
    """Does the imports that wait; each attempt is one claim, one reading and one transaction that writes."""

    def __init__(self, casework: Casework, sealer: Sealer) -> None:
        self._casework = casework
        self._sessions = casework.sessions
        self._means = casework.means
        self._sealer = sealer

    async def run(self, school_id: UUID, job_id: UUID) -> None:
        """Do one job that waits, unless somebody else holds it; an attempt that breaks off is raised and tried again later."""
        await attempt(self._casework, WorkKind.IMPORT, school_id, job_id, self._load, burying=partial(self._give_up, job_id))

    async def _load(self, held: Held) -> None:
        async with self._sessions.for_school(held.school_id) as session:
            waiting = await imports.find_waiting(session, held.piece.subject)
            if waiting is None:
                await held.finish(session)
                return
            await held.keep(session, {"stage": "reading"})
            opened = await self._casework.open(session)
        await self._read(held, waiting, opened)

    async def _read(self, held: Held, waiting: Waiting, opened: Opened) -> None:
        job = waiting.job
        try:
            content = self._sealer.unseal(waiting.sealed_file, about=sealed_about(job.id))
        except UnsealError:
            await self._end(held, refused([_broken("file-not-readable", "The file can no longer be opened here; send it again.")]))
            return
        roll = await asyncio.to_thread(read_roll, job.format, content, opened.today)
        problems = [*problems_with(roll, opened), *roll.problems]
        if any(problem.severity is Severity.ERROR for problem in problems):
            await self._end(held, refused(map(_said, problems)))
            return
        async with self._sessions.for_school(held.school_id) as session:
            await held.keep(session, {"stage": "loading", "pupils": len(roll.pupils)})
        await self._store(held, job, roll, [_said(problem) for problem in problems])

    async def _store(self, held: Held, job: Job, roll: Roll, remarks: Sequence[Result]) -> None:
        async with self._sessions.for_school(held.school_id) as session:
            opened = await self._casework.open(session)
            upns = [pupil.upn.value for pupil in roll.pupils]
            on_file = await rolls.held_by_upn(session, opened.school, upns, lock=not job.is_dry_run)
            loading = self._loading(opened, job)
            if not opened.school.roles_of(job.staff_id, opened.today):
                planned = refused([_broken("staff-without-role", "The person who ran the import no longer holds a role at this school.")])
            else:
                plans = await asyncio.to_thread(plan_roll, loading, roll.pupils, on_file)
                planned = plan_of(plans, remarks)
            if not planned.is_refused and not job.is_dry_run:
                planned.counts["entries"] = await self._apply(opened, job, planned.plans, len(roll.pupils))
            await self._finish(session, job.id, _without_new_ids(planned) if job.is_dry_run else planned)
            await held.finish(session)
        self._means.wake()

    def _loading(self, opened: Opened, job: Job) -> Loading:
        return Loading(
            school=opened.school,
            today=opened.today,
            moment=opened.moment,
            author=Author(kind=AuthorKind.IMPORT, id=job.staff_id, assurance=Assurance(job.assurance)),
            job=job.id,
            file_digest=job.file_digest,
            new_id=self._means.new_id,
        )

    async def _apply(self, opened: Opened, job: Job, plans: Sequence[PupilPlan], pupils: int) -> int:
        """Write what was planned; gives how many entries that took, 0 when the school holds it all already."""
        session = opened.session
        await rolls.add_pupils(session, [plan.new_pupil for plan in plans if plan.new_pupil])
        await rolls.rename_pupils(session, [plan.renamed for plan in plans if plan.renamed])
        await rolls.add_contacts(session, [contact for plan in plans for contact in plan.contacts])
        author = self._loading(opened, job).author
        works = [_work(plan, author, job.client_id) for plan in plans if plan.entries]
        if not works:
            return 0
        loaded = RollImported(occurred_on=opened.today, job=job.id, file_digest=job.file_digest, file_format=job.format, pupils=pupils)
        works.append(Work(drafts=(Draft(entry=loaded, author=author, client_id=job.client_id),)))
        return len(await self._casework.store(opened, works))

    async def _end(self, held: Held, planned: Planned) -> None:
        async with self._sessions.for_school(held.school_id) as session:
            await self._finish(session, held.piece.subject, planned)
            await held.finish(session)

    async def _finish(self, session: SchoolSession, job_id: UUID, planned: Planned) -> None:
        state: Ended = "failed" if planned.is_refused else "done"
        await imports.finish(session, job_id, state, planned.counts, planned.results, at=self._means.now())

    async def _give_up(self, job_id: UUID, session: SchoolSession, _reason: str) -> None:
        most = TERMS[WorkKind.IMPORT].most_attempts
        detail = f"The import broke off {most} times. Nothing was stored; the operator of this installation can see why in the log."
        await self._finish(session, job_id, refused([_broken("import-broke-off", detail)]))


def read_roll(file_format: str, content: bytes, today: date) -> Roll:
    """Read a file as of the school's own day."""
    return _READERS[RollFormat(file_format)](BytesIO(content), on=today)


def problems_with(roll: Roll, opened: Opened) -> Iterator[RollProblem]:
    """Compare the schools that a file names with the one it was sent to: a file for another school is refused, one from another is told.

    Rolls come from feeder schools too, so the source alone keeps no file out.
    """
    here = opened.now.urn
    if roll.destination is not None and roll.destination.urn is not None and roll.destination.urn.value != here:
        detail = "The file says that it is for another school."
        yield RollProblem(1, f"{_HEADER}/DestSchool/URN", "destination-is-another-school", detail, Severity.ERROR)
    if roll.source_school is not None and roll.source_school.urn is not None and roll.source_school.urn.value != here:
        detail = "The file comes from another school; check that these pupils have come to this one."
        yield RollProblem(1, f"{_HEADER}/SourceSchool/URN", "source-is-another-school", detail, Severity.WARNING)


def plan_of(plans: Sequence[PupilPlan], remarks: Sequence[Result]) -> Planned:
    """Put the plans of all pupils together; if one pupil cannot come on roll, nothing does."""
    told = [*remarks, *(result for plan in plans for result in plan.results)]
    if any(plan.outcome is Outcome.FAILED for plan in plans):
        return refused([result for result in told if result.pupil_id is None])
    outcomes = Counter(plan.outcome for plan in plans)
    rows = Counter(result.outcome for result in told)
    counts: dict[str, int | str] = {
        "stage": "ended",
        "pupils": len(plans),
        **{outcome.value: outcomes[outcome] for outcome in (Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.DIFFERING)},
        "failed": 0,
        "undecided": sum(plan.is_undecided for plan in plans),
        "proposals": rows[Outcome.PROPOSAL],
        "warnings": rows[Outcome.WARNING],
        "errors": 0,
        "entries": 0,
    }
    return Planned(plans=tuple(plans), results=tuple(sorted(told, key=lambda r: r.line)), counts=counts, is_refused=False)


def refused(results: Iterable[Result]) -> Planned:
    """Say why nothing was stored, with every problem there is."""
    told = tuple(sorted(results, key=lambda result: result.line))
    wrong = [result for result in told if result.outcome in (Outcome.ERROR, Outcome.FAILED)]
    failed = {place[0] for result in wrong if (place := _PUPIL_PLACE.match(result.pointer))}
    warnings = sum(result.outcome == Outcome.WARNING for result in told)
    counts: dict[str, int | str] = {"stage": "ended", "failed": len(failed), "warnings": warnings, "errors": len(wrong), "entries": 0}
    return Planned(results=told, counts=counts, is_refused=True)


def _work(plan: PupilPlan, author: Author, client_id: UUID) -> Work:
    pupil = plan.before.pupil
    drafts = tuple(Draft(entry=entry, author=author, pupil_id=pupil, client_id=client_id) for entry in plan.entries)
    return Work(drafts=drafts, before=plan.before, tells=False)


def _without_new_ids(planned: Planned) -> Planned:
    """A dry run gives out no id that nothing will ever have."""
    new = {plan.new_pupil.id for plan in planned.plans if plan.new_pupil}
    results = (replace(result, pupil_id=None) if result.pupil_id in new else result for result in planned.results)
    return replace(planned, results=tuple(results))


def _said(problem: RollProblem) -> Result:
    outcome = Outcome.ERROR if problem.severity is Severity.ERROR else Outcome.WARNING
    detail = problem.detail if problem.provision is None else f"{problem.detail} ({problem.provision})"
    return Result(line=problem.line, pointer=problem.pointer, outcome=outcome, cause=problem.cause, detail=detail)


def _broken(cause: str, detail: str) -> Result:
    return Result(line=1, pointer="/", outcome=Outcome.ERROR, cause=cause, detail=detail)
