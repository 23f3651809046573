"""What an authority did on a request sent to it: found as the authority, recorded as a step of the school's record."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID, uuid5

import asyncpg

from app.casework.deciding import Taken, decide, drafts_of, replayed
from app.casework.evidence import RequestUnknownError
from app.casework.taking import TRIES, Casework, StepRefusedError, Work, require_bounds
from app.db import ehc_requests, idempotency
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.ehc_requests import Sent
from app.db.idempotency import Key
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession
from app.domain.author import Author, AuthorKind
from app.domain.authority import not_of_request
from app.domain.decision import Decision
from app.domain.entries import Entry
from app.domain.record import Record
from app.domain.request_course import Course, course_of
from app.domain.steps import STEPS

T = TypeVar("T")
OFFICERS = UUID("0f6f3c3e-7a43-5d0c-9c53-9a9b1d0f9990")
"""The name space in which an authority's own reference of an officer becomes the id of an author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """An entry that an authority adds about a request it holds; `officer` is its own reference of whoever writes."""

    entrance: AuthorityEntrance
    key: Key
    request_id: UUID
    officer: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A request as its authority sees it, with the record it stands in; of the record no more than the request's own course is shown."""

    sent: Sent
    record: Record
    course: Course
    today: date


def officer_of(entrance: AuthorityEntrance, reference: str) -> Author:
    """The author that an authority's reference of an officer stands for; the same reference is the same author."""
    return officer_in(entrance.authority, reference)


def officer_in(authority: str, reference: str) -> Author:
    """As `officer_of`, where the authority is known by its number."""
    return Author(kind=AuthorKind.AUTHORITY_OFFICER, id=uuid5(OFFICERS, f"{authority}/{reference}"))


async def upon(casework: Casework, sent: Sent, write: Callable[[SchoolSession], Awaitable[T]]) -> T:
    """Write in a transaction of the school that a request came from; of two writes under one key the second reads what the first did."""
    for tries_left in reversed(range(TRIES)):
        try:
            async with casework.sessions.for_school(sent.school_id) as session:
                written = await write(session)
            casework.means.wake()
            return written
        except asyncpg.UniqueViolationError as error:
            # Another write under the same key came first; asked again, its answer is ours too.
            if not tries_left or not idempotency.is_same_key(error):
                raise
    raise AssertionError("the last try returns or raises")


async def find_held(casework: Casework, entrance: AuthorityEntrance, request_id: UUID) -> tuple[Sent, date]:
    """Find a request that this authority has, and its deemed day; raises RequestUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter_authority(entrance) as session:
        sent = await ehc_requests.find_sent(session, request_id)
    if sent is None or sent.deemed_on is None:
        raise RequestUnknownError
    return sent, sent.deemed_on


async def write_down(casework: Casework, official: Official) -> Taken:
    """Record what the authority did on a request that it holds; under one key once.

    Raises RequestUnknownError, StepRefusedError, OccurredOutOfBoundsError, KeyReusedError and the errors of `app.db.entrance`.
    """
    sent, _ = await find_held(casework, official.entrance, official.request_id)
    return await upon(casework, sent, lambda session: _written(casework, session, official, sent))


async def _written(casework: Casework, session: SchoolSession, official: Official, sent: Sent) -> Taken:
    official.entrance.admit(await standing_of(session.connection, official.entrance.client_id))
    await find_pupil(session, sent.pupil_id, lock=True)
    opened = await casework.open(session)
    whole = await load_record(session, opened.school, sent.pupil_id)
    kept = await idempotency.find(session, official.key)
    step, entry = _step_on(official), official.entry
    if kept is not None:
        return replayed(whole, kept, None, step, entry)
    # A day is held against the request's alone: how it lies to a birth or an enrolment would tell of either to whoever tries days.
    require_bounds(opened.today, None, entry.occurred_on)
    officer = officer_of(official.entrance, official.officer)
    _, decision = decide(whole, None, step, entry, officer)
    if decision.is_refused:
        raise StepRefusedError(decision.findings)
    drafts = drafts_of(decision.entries, officer, official.entrance.client_id, pupil_id=sent.pupil_id, corrects=None)
    recorded = await casework.store(opened, [Work(drafts=drafts, before=whole)])
    await idempotency.remember(session, official.key, idempotency.led_to(recorded, {"request": sent.id}), at=casework.means.now())
    return Taken(entries=recorded, findings=decision.findings, number=recorded[-1].number)


def _step_on(official: Official) -> Callable[[Record, Entry, Author], Decision]:
    """The step of the entry's kind, which may name nothing outside the course of this very request."""

    def step(record: Record, entry: Entry, by: Author) -> Decision:
        refusal = not_of_request(record, entry, official.request_id)
        return Decision.refused(refusal) if refusal else STEPS[type(entry)](record, entry, by)

    return step


async def standing(casework: Casework, entrance: AuthorityEntrance, request_id: UUID) -> Standing:
    """Tell how a request stands that was sent to this authority. Raises RequestUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter_authority(entrance, read_only=True) as session:
        sent = await ehc_requests.find_sent(session, request_id)
    if sent is None:
        raise RequestUnknownError
    async with casework.sessions.for_school(sent.school_id, read_only=True) as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        opened = await casework.open(session)
        record = await load_record(session, opened.school, sent.pupil_id)
    course = course_of(record, sent.id)
    if course is None:
        raise RequestUnknownError
    return Standing(sent=sent, record=record, course=course, today=opened.today)
