"""Lets an endpoint be tried at once when its owner says that it is mended."""

from uuid import UUID

from app.casework.taking import Casework
from app.db import claiming
from app.db.sweep import Sweep


async def try_at_once(casework: Casework, sweep: Sweep, subscription_id: UUID) -> None:
    """Let what waits at one school for an endpoint go now, whatever it was put off to; the first that is accepted lets all others go."""
    for school_id in (await sweep.waiting_for(subscription_id))[:1]:
        async with casework.sessions.for_school(school_id) as session:
            await claiming.hurry(session, subscription_id, now=casework.means.now())
