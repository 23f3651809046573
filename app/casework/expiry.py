"""Lets go of what is kept for a time only: idempotency keys, dry runs of imports, signed statements that were used, places in the feed."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from app.casework.taking import Casework
from app.casework.working import Held, attempt
from app.db import assertions, feed_places, idempotency, imports
from app.db.work import WorkKind

KEYS_LIVE: Final = timedelta(days=7)
DRY_RUNS_LIVE: Final = timedelta(hours=24)
PLACES_LIVE: Final = timedelta(days=30)
"""Of a reader of the feed; one that goes on reading is given new ones in time."""


async def forget_what_ran_out(casework: Casework, school_id: UUID) -> None:
    """Drop a school's idempotency keys after 7 days and its dry runs 24 hours after they ended, by the world's clock."""
    now = casework.means.now()

    async def forget(held: Held) -> None:
        async with casework.sessions.for_school(school_id) as session:
            await idempotency.forget_before(session, now - KEYS_LIVE)
            await imports.forget_dry_runs(session, now - DRY_RUNS_LIVE)
            await held.finish(session)

    await attempt(casework, WorkKind.FORGETTING, school_id, school_id, forget)


async def forget_used_statements(casework: Casework) -> None:
    """Drop the signed statements that have expired, which nobody could use again."""
    async with casework.sessions.shared() as session:
        await assertions.forget_expired(session, casework.means.now())


async def forget_places_in_the_feed(casework: Casework) -> None:
    """Drop the places that readers of the feed were given more than 30 days ago, by the world's clock."""
    async with casework.sessions.shared() as session:
        await feed_places.forget_before(session, casework.means.now() - PLACES_LIVE)
