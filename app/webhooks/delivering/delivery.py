"""One attempt at a delivery, from the claim to the record of what came of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from app.casework.taking import Casework
from app.db import claiming, subscriptions
from app.db.deliveries import Claimed
from app.webhooks.delivering.readying import Readied, Ready, Readying
from app.webhooks.delivering.recording import Came, Recording
from app.webhooks.delivering.schedule import Outcome
from app.webhooks.sending.adapters import Adapter
from app.webhooks.sending.attempt import FailReason, SendFailedError
from app.webhooks.sending.signers import Signers
from app.webhooks.telling.events import EventKind

LEASE: Final = timedelta(seconds=60)
_log = structlog.get_logger("app.webhooks.delivering.delivery")


class Deliverer:
    """Makes attempts; `dice` gives numbers from 0 to 1 for the jitter of retries."""

    def __init__(
        self, casework: Casework, adapter: Adapter, signers: Signers, events: Mapping[str, EventKind], *, dice: Callable[[], float]
    ) -> None:
        self._sessions = casework.sessions
        self._now = casework.means.now
        self._adapter = adapter
        self._readying = Readying(casework, signers, events)
        self._recording = Recording(casework, dice=dice)

    async def addresses(self, subscription_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Tell the URLs of some endpoints."""
        async with self._sessions.shared() as session:
            return await subscriptions.urls(session, subscription_ids)

    async def claim(self, school_id: UUID, most: Mapping[UUID, int]) -> list[Claimed]:
        """Claim deliveries of a school, at most so many for each subscription named, for one attempt each.

        Each attempt counts from here on, whatever becomes of this process.
        """
        async with self._sessions.for_school(school_id) as session:
            now = self._now()
            return await claiming.claim(session, most, now=now, until=now + LEASE)

    async def ready(self, claimed: Sequence[Claimed]) -> Readied:
        """Ask the gate for deliveries of one school and sign what is sent."""
        return await self._readying.ready(claimed)

    async def send(self, ready: Ready) -> Came:
        """Make an attempt. A fault of ours counts as one that failed, so that no delivery is tried for ever."""
        try:
            answered: Outcome = await self._adapter.send(ready.outgoing, deadline_s=ready.deadline_s)
        except SendFailedError as failed:
            answered = failed
        except Exception as error:
            _log.error("delivery.fault", delivery=str(ready.claimed.id), attempt=ready.claimed.attempt, exc_info=error)
            answered = SendFailedError(FailReason.FAULT)
        return Came(ready.claimed, answered, withheld=ready.withheld)

    async def record(self, came: Sequence[Came]) -> list[UUID]:
        """Record attempts at deliveries of one school; gives the endpoints that had failed and accept again."""
        return await self._recording.record(came)

    async def hurry(self, school_id: UUID, subscription_id: UUID) -> None:
        """Let everything that waits at a school for an endpoint go at once."""
        async with self._sessions.for_school(school_id) as session:
            await claiming.hurry(session, subscription_id, now=self._now())

    async def deliver(self, claimed: Claimed) -> None:
        """Make one attempt and record it."""
        readied = await self.ready([claimed])
        await self.record([*readied.came, *[await self.send(ready) for ready in readied.ready]])
