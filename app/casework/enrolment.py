"""Begins a record: a pupil comes on roll."""

import asyncpg

from app.casework.deciding import Taken, replayed, taken_of
from app.casework.school_steps import Asking
from app.casework.taking import Casework, StepRefusedError, Work, require_bounds, require_presence
from app.casework.versions import entity_tag
from app.db import idempotency, pupils
from app.db.ledger import Draft
from app.db.pupils import NewPupil
from app.db.records import load_record
from app.db.session import SchoolSession
from app.domain.entries import PupilEnrolled
from app.domain.record import Record
from app.domain.roll import enrol_pupil


class UpnTakenError(Exception):
    """Another pupil of this school has this UPN."""


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
    version = entity_tag(pupil_number=recorded[-1].number, school_number=opened.now.school_number)
    return taken_of(recorded, decision.findings, version, references)
