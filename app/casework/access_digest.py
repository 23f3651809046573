"""Puts the reads of children's papers into the ledger, one digest for each day on which there were any."""

from datetime import date, timedelta
from uuid import UUID

from app.casework.authors import ITSELF
from app.casework.taking import Casework, Work
from app.casework.working import Held, attempt
from app.db import accesses
from app.db.ledger import Draft, lock_head
from app.db.session import SchoolSession
from app.db.work import WorkKind
from app.domain.calendar import civil_day
from app.domain.entries import AccessesDigested


def last_whole_day(casework: Casework) -> date:
    """The civil day before this one, by the world's clock."""
    return civil_day(casework.means.now()) - timedelta(days=1)


async def digest_accesses(casework: Casework, school_id: UUID) -> int:
    """Append what is missing up to yesterday, inside, and tell how many days had reads; 0 while somebody else is at it.

    An entry bears the day it digests, or the school's own day where a sandbox clock is behind it.
    """

    async def digest(held: Held) -> int:
        async with casework.sessions.for_school(school_id) as session:
            count = await _digest(casework, session)
            await held.finish(session)
        return count

    return await attempt(casework, WorkKind.ACCESSES, school_id, school_id, digest) or 0


async def _digest(casework: Casework, session: SchoolSession) -> int:
    await lock_head(session)
    yesterday, done = last_whole_day(casework), await accesses.digested_to(session)
    if done is not None and done >= yesterday:
        return 0
    days = await accesses.days_between(session, done, yesterday)
    await accesses.set_digested_to(session, yesterday)
    if days:
        opened = await casework.open(session)
        entries = [AccessesDigested(occurred_on=min(d.day, opened.today), digest=d.digest, count=d.count) for d in days]
        await casework.store(opened, [Work(drafts=tuple(Draft(entry=entry, author=ITSELF) for entry in entries))])
    return len(days)
