"""Lets go of what is kept for a time only: idempotency keys, dry runs of imports, and signed statements that were used."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from app.casework.taking import Casework
from app.db import assertions, idempotency, imports

KEYS_LIVE: Final = timedelta(days=7)
DRY_RUNS_LIVE: Final = timedelta(hours=24)


async def forget_what_ran_out(casework: Casework, school_id: UUID) -> None:
    """Drop a school's idempotency keys after 7 days and its dry runs 24 hours after they ended, by the world's clock."""
    now = casework.means.now()
    async with casework.sessions.for_school(school_id) as session:
        await idempotency.forget_before(session, now - KEYS_LIVE)
        await imports.forget_dry_runs(session, now - DRY_RUNS_LIVE)


async def forget_used_statements(casework: Casework) -> None:
    """Drop the signed statements that have expired, which nobody could use again."""
    async with casework.sessions.shared() as session:
        await assertions.forget_expired(session, casework.means.now())
