"""Which delivery is attempted when: schools in turn, hosts by how they do, so that nobody waits for somebody else's endpoint."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from app.db.deliveries import Claimed
from app.db.sweep import Sweep
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.delivering.readying import Ready
from app.webhooks.delivering.recording import Came
from app.webhooks.delivering.room import Room

PATIENCE_S: Final = 10.0
MOST_UNRECORDED: Final = 256
MOST_RECORDING: Final = 2
"""So few at once that what has come meanwhile is recorded by the handful."""
_log = structlog.get_logger("app.webhooks.delivering.dispatch")


class Dispatcher:
    """Claims deliveries of all schools in turn and makes the attempts side by side; `ring` is called when more may begin."""

    def __init__(self, deliverer: Deliverer, sweep: Sweep, *, now: Callable[[], datetime], ring: Callable[[], None]) -> None:
        self.room = Room()
        self._deliverer = deliverer
        self._sweep = sweep
        self._now = now
        self._ring = ring
        self._tasks: set[asyncio.Task[None]] = set()
        self._came: defaultdict[UUID, list[Came]] = defaultdict(list)
        self._recording = 0
        self._last = UUID(int=0)

    async def turn(self) -> bool:
        """Begin as many attempts as there is room for; whether any began."""
        waiting = await self._sweep.deliveries(self._now())
        unknown = self.room.unknown(subscription for _, subscription in waiting)
        if unknown:
            self.room.learn(await self._deliverer.addresses(unknown))
        rivals = Counter(self.room.hosts.get(subscription, "") for _, subscription in waiting)
        began = False
        for school_id, subscriptions in self._in_turn(waiting):
            if self.room.is_full or sum(map(len, self._came.values())) > MOST_UNRECORDED:
                break
            most = self.room.shares(subscriptions, rivals)
            claimed = await self._deliverer.claim(school_id, most) if most else []
            if claimed:
                self._begin(claimed)
                began, self._last = True, school_id
        return began

    def _in_turn(self, waiting: Sequence[tuple[UUID, UUID]]) -> list[tuple[UUID, list[UUID]]]:
        """Go on after the school served last, so that none is always the first."""
        by_school: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for school_id, subscription in waiting:
            by_school[school_id].append(subscription)
        return sorted(by_school.items(), key=lambda pair: (pair[0] <= self._last, pair[0]))

    def _begin(self, claimed: Sequence[Claimed]) -> None:
        for each in claimed:
            self.room.enter(each.subscription_id, each.url)
        self._spawn(self._make_ready(claimed))

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make_ready(self, claimed: Sequence[Claimed]) -> None:
        """Send what may be sent, each in a task of its own; the rest leaves the room at once."""
        left = {each.id: each for each in claimed}
        try:
            readied = await self._deliverer.ready(claimed)
            for ready in readied.ready:
                self._spawn(self._send(left.pop(ready.claimed.id), ready))
            for came in readied.came:
                self._has_come(came)
        except Exception as error:
            _log.error("delivery.not_made_ready", count=len(left), exc_info=error)
        finally:
            for each in left.values():
                self._leave(each, accepted=None)

    async def _send(self, claimed: Claimed, ready: Ready) -> None:
        accepted = None
        try:
            came = await self._deliverer.send(ready)
            accepted = came.tells_of_endpoint
            self._has_come(came)
        finally:
            self._leave(claimed, accepted=accepted)

    def _leave(self, claimed: Claimed, *, accepted: bool | None) -> None:
        if self.room.leave(claimed.url, accepted=accepted):
            self._ring()

    def _has_come(self, came: Came) -> None:
        """Record it, together with whatever else has come of the same school by the time that its turn to be recorded is there."""
        self._came[came.claimed.school_id].append(came)
        if self._recording < MOST_RECORDING:
            self._recording += 1
            self._spawn(self._record())

    async def _record(self) -> None:
        try:
            while self._came:
                await self._write(self._came.pop(next(iter(self._came))))
                self._ring()
        finally:
            self._recording -= 1

    async def _write(self, came: Sequence[Came]) -> None:
        """Record many at once, or one by one where that fails; what cannot be recorded comes back when its lease ends."""
        try:
            accepting = await self._deliverer.record(came)
        except Exception as error:
            if len(came) == 1:
                lost = came[0].claimed
                _log.error("delivery.lost_its_record", delivery=str(lost.id), attempt=lost.attempt, exc_info=error)
                return
            for each in came:
                await self._write([each])
        else:
            for subscription in accepting:
                self._spawn(self._let_go(subscription))

    async def _let_go(self, subscription: UUID) -> None:
        """Let go, at every school, what waited for an endpoint that accepts again; where that fails it goes at its own time."""
        try:
            for school_id in await self._sweep.waiting_for(subscription):
                await self._deliverer.hurry(school_id, subscription)
        except Exception as error:
            _log.error("endpoint.not_let_go", subscription=str(subscription), exc_info=error)

    async def finish(self) -> None:
        """Give attempts under way a little time, then break them off; they count, and come back when their lease ends."""

        async def ended() -> None:
            while self._tasks:
                await asyncio.wait(set(self._tasks))

        try:
            async with asyncio.timeout(PATIENCE_S):
                await ended()
        except TimeoutError:
            late = set(self._tasks)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
