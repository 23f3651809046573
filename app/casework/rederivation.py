"""Derives a school's obligations anew after a change of rules or settings, and when its horizon has come too near."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg

from app.casework.authors import ITSELF
from app.casework.taking import BEARING_ON_ALL, Casework, Opened, Work, horizon_of
from app.casework.working import Held, attempt
from app.db import derivation, obligations
from app.db.ledger import Draft, lock_head
from app.db.obligations import Standing
from app.db.projections import Projection, project
from app.db.records import rows_of_records
from app.db.schools import recorded_from
from app.db.work import WorkKind
from app.domain.entries import EntryErased, ObligationsRederived
from app.domain.obligations import obligations as derive
from app.domain.obligations import school_obligations
from app.domain.record import Record
from app.domain.rules import RULES_VERSION
from app.domain.school import School

BATCH: Final = 50
CHANGE_WHAT_IS_OWED: Final = (*BEARING_ON_ALL, EntryErased)


async def rederive(casework: Casework, school_id: UUID) -> bool:
    """Derive all obligations of a school anew under one ledger entry; False when somebody else is at it, or was and is done.

    Killed half-way, the next run goes on under the same entry. What was known before that entry stays known as it was.
    """
    return await attempt(casework, WorkKind.OBLIGATIONS, school_id, school_id, partial(_rederive, casework)) is True


async def _rederive(casework: Casework, held: Held) -> bool:
    begun = await _begin(casework, held)
    if begun is None:
        return False
    number, horizon = begun
    last, done = None, 0
    while True:
        last, count = await _derive_some(casework, held, last, done, begun)
        done += count
        if last is None:
            break
    await _end(casework, held, number, horizon)
    casework.means.wake()
    return True


async def _begin(casework: Casework, held: Held) -> tuple[int, date] | None:
    """Find the number under which the work is done: that of an unfinished run, or of a new entry."""
    async with casework.sessions.for_school(held.school_id) as session:
        opened = await casework.open(session)
        horizon = horizon_of(opened.today)
        if _stands(opened, horizon):
            await held.finish(session)
            return None
        number = unfinished(opened.school, horizon)
        if number is None:
            number = await _append(casework, opened, horizon) if await _has_anything(opened, horizon) else opened.now.number
        return number, horizon


def _stands(opened: Opened, horizon: date) -> bool:
    """Whether another worker was done with the school since it was found."""
    derived_to = opened.now.horizon
    return opened.now.rules_version == RULES_VERSION and derived_to is not None and derived_to >= horizon


async def _has_anything(opened: Opened, horizon: date) -> bool:
    """Whether there is something to derive: for pupils, or for the school itself, whose duties are derived with the entry that is added."""
    standing = await obligations.open_rows_of_school(opened.session)
    changes = obligations.changes_between(standing, school_obligations(opened.school, until=horizon))
    return bool(changes) or await derivation.has_pupils(opened.session)


async def _append(casework: Casework, opened: Opened, horizon: date) -> int:
    entry = ObligationsRederived(occurred_on=opened.today, horizon=horizon, rules_version=RULES_VERSION)
    (recorded,) = await casework.store(opened, [Work(drafts=(Draft(entry=entry, author=ITSELF),))])
    return recorded.number


def unfinished(school: School, horizon: date) -> int | None:
    """The number of a run to this horizon under these rules after which nothing changed what is owed; None when there is none."""
    known = sorted(school.known, key=lambda recorded: recorded.number, reverse=True)
    for recorded in known:
        entry = recorded.entry
        if isinstance(entry, CHANGE_WHAT_IS_OWED):
            return None
        if isinstance(entry, ObligationsRederived):
            return recorded.number if (entry.horizon, entry.rules_version) == (horizon, RULES_VERSION) else None
    return None


async def _derive_some(casework: Casework, held: Held, after: UUID | None, done: int, begun: tuple[int, date]) -> tuple[UUID | None, int]:
    """Derive the next few; gives the last of them, None when there are no more, and how many they were."""
    async with casework.sessions.for_school(held.school_id) as session:
        pupils = await derivation.lock_pupils(session, after=after, limit=BATCH)
        await derive_anew(casework, await casework.open(session), pupils, *begun)
        await held.keep(session, {"pupils": done + len(pupils)})
    return (pupils[-1] if len(pupils) == BATCH else None), len(pupils)


async def derive_anew(casework: Casework, opened: Opened, pupils: Sequence[UUID], number: int, horizon: date) -> None:
    """Put right what is derived from some locked records, as known from `number` on: read at once, derived aside, written at once.

    A record written on since then was derived under the same rules, so what changes is known from its last number.
    """
    rows = await rows_of_records(opened.session, pupils)
    standing = await obligations.open_rows_of(opened.session, pupils)
    projections = await asyncio.to_thread(_projections, opened.school, rows, standing, number, horizon)
    await project(opened.session, projections, rules_version=RULES_VERSION, new_id=casework.means.new_id)


def _projections(
    school: School, rows: Mapping[UUID, Sequence[asyncpg.Record]], standing: Mapping[UUID, Standing], number: int, horizon: date
) -> list[Projection]:
    return [
        _projection(Record.fold(school, map(recorded_from, found), pupil), standing[pupil], number, horizon)
        for pupil, found in rows.items()
    ]


def _projection(record: Record, standing: Standing, number: int, horizon: date) -> Projection:
    changes, last = obligations.changes_between(standing, derive(record, until=horizon)), record.last_number
    return Projection(record=record, last_number=last, changes=changes, known_from=max(number, last))


async def _end(casework: Casework, held: Held, number: int, horizon: date) -> None:
    """Note how far it was derived, unless a setting changed meanwhile, which asks for another run."""
    async with casework.sessions.for_school(held.school_id) as session:
        await lock_head(session)
        school = (await casework.open(session)).school
        if not any(r.number > number and isinstance(r.entry, CHANGE_WHAT_IS_OWED) for r in school.known):
            await derivation.derived(session, horizon=horizon, rules_version=RULES_VERSION)
        await held.finish(session)
