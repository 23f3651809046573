"""Which delivery is attempted when: schools in turn, few at once to a host, so that nobody waits for somebody else's endpoint."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from app.db.deliveries import Claimed
from app.db.sweep import Sweep
from app.webhooks.delivery import Deliverer

MOST_AT_ONCE: Final = 32
MOST_PER_HOST: Final = 4
MOST_PER_CLAIM: Final = 16
PATIENCE_S: Final = 10.0
_log = structlog.get_logger("app.webhooks.dispatch")


@dataclass(slots=True)
class Room:
    """Who is being delivered to now: a host that is slow fills its own few places and nobody else's."""

    at_once: int = MOST_AT_ONCE
    per_host: int = MOST_PER_HOST
    by_host: dict[str, int] = field(default_factory=dict)
    hosts: dict[UUID, str] = field(default_factory=dict)

    @property
    def places(self) -> int:
        """How many more attempts may begin."""
        return self.at_once - sum(self.by_host.values())

    def enter(self, claimed: Claimed) -> bool:
        """Take a place, if there is one for its host."""
        host = self.hosts[claimed.subscription_id] = urlsplit(claimed.url).netloc.lower()
        if self.places <= 0 or self.by_host.get(host, 0) >= self.per_host:
            return False
        self.by_host[host] = self.by_host.get(host, 0) + 1
        return True

    def leave(self, claimed: Claimed) -> None:
        """Give a place back."""
        host = urlsplit(claimed.url).netloc.lower()
        self.by_host[host] -= 1
        if self.by_host[host] == 0:
            del self.by_host[host]

    def full(self) -> list[UUID]:
        """The subscriptions, of those seen, whose hosts have no place left."""
        return [subscription for subscription, host in self.hosts.items() if self.by_host.get(host, 0) >= self.per_host]


class Dispatcher:
    """Claims deliveries of all schools in turn and makes the attempts side by side; `ring` is called when a place becomes free."""

    def __init__(self, deliverer: Deliverer, sweep: Sweep, *, now: Callable[[], datetime], ring: Callable[[], None]) -> None:
        self.room = Room()
        self._deliverer = deliverer
        self._sweep = sweep
        self._now = now
        self._ring = ring
        self._tasks: set[asyncio.Task[None]] = set()
        self._last = UUID(int=0)

    async def turn(self) -> bool:
        """Begin as many attempts as there is room for; whether any began."""
        began = False
        for school_id in self._in_turn(await self._sweep.deliveries(self._now())):
            if self.room.places <= 0:
                break
            limit = min(self.room.places, MOST_PER_CLAIM)
            entered: list[Claimed] = []
            await self._claim(school_id, limit, entered)
            for claimed in entered:
                self._begin(claimed)
            began, self._last = began or bool(entered), school_id
        return began

    async def _claim(self, school_id: UUID, limit: int, entered: list[Claimed]) -> None:
        def may_take(claimed: Claimed) -> bool:
            may = self.room.enter(claimed)
            if may:
                entered.append(claimed)
            return may

        try:
            await self._deliverer.claim(school_id, limit=limit, without=self.room.full(), may_take=may_take)
        except BaseException:
            for claimed in entered:
                self.room.leave(claimed)
            raise

    def _in_turn(self, schools: Sequence[UUID]) -> list[UUID]:
        """Go on after the school served last, so that none is always the first."""
        return sorted(schools, key=lambda school: (school <= self._last, school))

    def _begin(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self._attempt(claimed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, claimed: Claimed) -> None:
        try:
            await self._deliverer.deliver(claimed)
        except Exception as error:
            _log.error("delivery.lost_its_record", delivery=str(claimed.id), attempt=claimed.attempt, exc_info=error)
        finally:
            self.room.leave(claimed)
            self._ring()

    async def finish(self) -> None:
        """Give attempts under way a little time, then break them off; they count, and come back when their lease ends."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=PATIENCE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
