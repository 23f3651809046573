"""Lets go of what is kept for a time only: keys of requests, dry runs, what nobody answered, used statements, places in the feed."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from app.casework.taking import Casework
from app.casework.working import Held, attempt
from app.db import assertions, feed_places, idempotency, imports, opened_requests
from app.db.work import WorkKind

KEYS_LIVE: Final = timedelta(days=7)
DRY_RUNS_LIVE: Final = timedelta(hours=24)
OPENINGS_LIVE: Final = timedelta(weeks=20)
"""Of a request that an authority received itself: as long as it has for a final plan. What the school has not answered by then is moot."""
PLACES_LIVE: Final = timedelta(days=30)
"""Of a reader of the feed; one that goes on reading is given new ones in time."""


async def forget_what_ran_out(casework: Casework, school_id: UUID) -> None:
    """Drop idempotency keys after 7 days, dry runs 24 hours after they ended, and after 20 weeks whom the school was asked about in vain.

    All by the world's clock.
    """
    now = casework.means.now()

    async def forget(held: Held) -> None:
        async with casework.sessions.for_school(school_id) as session:
            await idempotency.forget_before(session, now - KEYS_LIVE)
            await imports.forget_dry_runs(session, now - DRY_RUNS_LIVE)
            await opened_requests.forget_unanswered(session, now - OPENINGS_LIVE)
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
