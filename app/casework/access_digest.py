"""Puts the reads of children's papers into the ledger, one digest for each day on which there were any."""

from datetime import date, timedelta
from uuid import UUID

from app.casework.authors import ITSELF
from app.casework.taking import Casework, Work
from app.db import accesses
from app.db.ledger import Draft, lock_head
from app.domain.calendar import civil_day
from app.domain.entries import AccessesDigested


def last_whole_day(casework: Casework) -> date:
    """The civil day before this one, by the world's clock."""
    return civil_day(casework.means.now()) - timedelta(days=1)


async def digest_accesses(casework: Casework, school_id: UUID) -> int:
    """Append what is missing up to yesterday, inside, and tell how many days had reads.

    An entry bears the day it digests, or the school's own day where a sandbox clock is behind it.
    """
    async with casework.sessions.for_school(school_id) as session:
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
