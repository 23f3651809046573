"""Writes that begin a record or belong to the school itself: a pupil comes on roll, staff get roles, settings change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg

from app.casework.authors import AuthorClaim
from app.casework.taking import (
    Alongside,
    Casework,
    Opened,
    StepRefusedError,
    Taken,
    Work,
    replayed,
    require_bounds,
    require_presence,
    taken_of,
)
from app.db import idempotency, pupils
from app.db.entrance import Entrance
from app.db.idempotency import Key
from app.db.ledger import Draft
from app.db.pupils import NewPupil
from app.db.records import load_record
from app.db.session import SchoolSession
from app.domain.author import Author
from app.domain.entries import Entry, PupilEnrolled
from app.domain.record import Record
from app.domain.roll import enrol_pupil
from app.domain.rule import Finding

Objection = Callable[[Opened, Author, Author | None], Finding | None]
"""Why an entry about the school cannot be added by an author, with or without a second person; None where nothing stands against it."""


class UpnTakenError(Exception):
    """Another pupil of this school has this UPN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a client asks for where no pupil's record exists yet; `second` is whoever confirms it, where that is asked for."""

    entrance: Entrance
    author: AuthorClaim
    second: AuthorClaim | None = None
    key: Key | None = None
    dry_run: bool = False


async def enrol(casework: Casework, asking: Asking, new: NewPupil, entry: PupilEnrolled) -> Taken:
    """Put a pupil on roll and begin the record; `references` names the pupil.

    Raises UpnTakenError, StepRefusedError, OccurredOutOfBoundsError, AuthorRefusedError, KeyReusedError and
    the errors of `app.db.entrance`.
    """
    try:
        taken = await _enrolled(casework, asking, new, entry)
    except (asyncpg.UniqueViolationError, UpnTakenError):
        # Somebody else was quicker, be it under the same key; asked again, either the first answer is found or the number is taken.
        taken = await _enrolled(casework, asking, new, entry)
    casework.means.wake()
    return taken


async def _enrolled(casework: Casework, asking: Asking, new: NewPupil, entry: PupilEnrolled) -> Taken:
    async with casework.sessions.enter(asking.entrance, read_only=asking.dry_run) as session:
        return await _enrol(casework, session, asking, new, entry)


async def _enrol(casework: Casework, session: SchoolSession, asking: Asking, new: NewPupil, entry: PupilEnrolled) -> Taken:
    opened = await casework.open(session)
    if asking.key is not None and (kept := await idempotency.find(session, asking.key)) is not None:
        pupil_id = pupils.id_from(idempotency.references(kept)["pupil"])
        return replayed(await load_record(session, opened.school, pupil_id), kept, None, enrol_pupil, entry)
    author = await casework.means.proofs.author(session, asking.author, opened.identity_provider, is_dry=asking.dry_run)
    require_bounds(opened.today, entry.date_of_birth, entry.occurred_on)
    require_presence(opened, author)
    before = Record.fold(opened.school, (), new.id)
    decision = enrol_pupil(before, entry, author)
    if decision.is_refused:
        raise StepRefusedError(decision.findings)
    if await pupils.has_upn(session, new.upn):
        raise UpnTakenError
    if asking.dry_run:
        return Taken(would_append=decision.entries, findings=decision.findings)
    await pupils.insert(session, new)
    client_id = asking.entrance.client_id
    drafts = tuple(Draft(entry=added, author=author, pupil_id=new.id, client_id=client_id) for added in decision.entries)
    recorded = await casework.store(opened, [Work(drafts=drafts, before=before)])
    references = {"pupil": new.id}
    if asking.key is not None:
        await idempotency.remember(session, asking.key, idempotency.led_to(recorded, references), at=casework.means.now())
    return taken_of(recorded, decision.findings, opened.now.school_number, references)


async def add_to_school(
    casework: Casework,
    asking: Asking,
    entries: Sequence[Entry],
    *,
    objection: Objection | None = None,
    alongside: Alongside | None = None,
) -> Taken:
    """Append entries about the school itself; asked again under the same key, the first answer is given again.

    Raises StepRefusedError, OccurredOutOfBoundsError, AuthorRefusedError, KeyReusedError and the errors of `app.db.entrance`.
    """
    try:
        async with casework.sessions.enter(asking.entrance, read_only=asking.dry_run) as session:
            taken = await _add_to_school(casework, session, asking, entries, objection=objection, alongside=alongside)
    except asyncpg.UniqueViolationError as error:
        if asking.key is not None and idempotency.is_same_key(error):
            return await add_to_school(casework, asking, entries, objection=objection, alongside=alongside)
        raise
    casework.means.wake()
    return taken


async def _add_to_school(
    casework: Casework,
    session: SchoolSession,
    asking: Asking,
    entries: Sequence[Entry],
    *,
    objection: Objection | None,
    alongside: Alongside | None,
) -> Taken:
    opened = await casework.open(session)
    if asking.key is not None and (kept := await idempotency.find(session, asking.key)) is not None:
        numbers = frozenset(idempotency.numbers(kept))
        again = tuple(r for r in opened.school.known if r.number in numbers)
        return taken_of(again, (), max(numbers), idempotency.references(kept))
    author = await casework.means.proofs.author(session, asking.author, opened.identity_provider, is_dry=asking.dry_run)
    for entry in entries:
        require_bounds(opened.today, None, entry.occurred_on)
    await _require_unopposed(casework, opened, asking, author, objection)
    if asking.dry_run:
        return Taken(would_append=tuple(entries))
    drafts = tuple(Draft(entry=entry, author=author, client_id=asking.entrance.client_id) for entry in entries)
    recorded = await casework.store(opened, [Work(drafts=drafts)])
    references = {} if alongside is None else await alongside(session, recorded)
    if asking.key is not None:
        await idempotency.remember(session, asking.key, idempotency.led_to(recorded, references), at=casework.means.now())
    return taken_of(recorded, (), recorded[-1].number, references)


async def _require_unopposed(casework: Casework, opened: Opened, asking: Asking, author: Author, objection: Objection | None) -> None:
    if objection is None:
        return
    proofs, provider = casework.means.proofs, opened.identity_provider
    second = None if asking.second is None else await proofs.author(opened.session, asking.second, provider, is_dry=asking.dry_run)
    refusal = objection(opened, author, second)
    if refusal is not None:
        raise StepRefusedError((refusal,))
