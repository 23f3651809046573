"""Builds each school's totals anew every night, as they stood at the ends of the months gone by."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.casework.taking import Casework
from app.casework.working import Held, attempt
from app.db import totals
from app.db.work import WorkKind

MONTHS_BACK: Final = 13
"""So many month ends are built anew: what is written late changes how they stood. Older ones stay as they were built last."""


def month_ends_before(day: date, count: int = MONTHS_BACK) -> tuple[date, ...]:
    """Give the last days of the `count` months that ended before a day, newest first."""
    ends: list[date] = []
    first = day.replace(day=1)
    while len(ends) < count:
        ends.append(first - timedelta(days=1))
        first = ends[-1].replace(day=1)
    return tuple(ends)


async def build_totals(casework: Casework, school_id: UUID) -> None:
    """Build one school's totals up to the last month that ended on its own clock, unless somebody else is at it."""

    async def build(held: Held) -> None:
        async with casework.sessions.for_school(school_id) as session:
            opened = await casework.open(session)
            await totals.build(session, month_ends_before(opened.today), on=opened.today, at=casework.means.now())
            await held.finish(session)

    await attempt(casework, WorkKind.TOTALS, school_id, school_id, build)
