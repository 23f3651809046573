"""Runs what was queued: woken by a notification, and looking by itself every so often in case one was lost."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from app import clock, logs
from app.access_digest import digest_accesses, last_whole_day
from app.authors import ProofReader
from app.casework import Casework, Means
from app.db.deliveries import Claimed
from app.db.roles import check_app_role
from app.db.session import Sessions, open_pool
from app.db.sweep import Sweep
from app.db.wake import Waker, listen
from app.domain.rules import RULES_VERSION
from app.rederivation import rederive
from app.roll_import import RollImports
from app.sealing import Sealer, key_from_text
from app.settings import Settings
from app.webhooks.delivery import Deliverer
from app.webhooks.payloads import EVENTS
from app.webhooks.transport import Sender

MOST_AT_ONCE: Final = 32
MOST_PER_HOST: Final = 4
MOST_PER_CLAIM: Final = 16
PATIENCE_S: Final = 10.0
_log = structlog.get_logger("app.worker")


class CannotWorkError(Exception):
    """A setting that the worker needs is missing; the message is one line for the operator."""


class Bell:
    """Rings for everybody who listens, and stays rung for each until that one has looked."""

    def __init__(self) -> None:
        self._ears: list[asyncio.Event] = []

    def ear(self) -> asyncio.Event:
        """Give one listener's own event, rung from the start."""
        ear = asyncio.Event()
        ear.set()
        self._ears.append(ear)
        return ear

    def ring(self) -> None:
        """Wake every listener."""
        for ear in self._ears:
            ear.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of work: `turn` does what waits and tells whether to look again at once; seconds between looks, and of rest between turns."""

    name: str
    turn: Callable[[], Awaitable[bool]]
    poll_s: float
    rest_s: float = 0.0


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


async def keep_at(kind: Kind, ear: asyncio.Event) -> None:
    """Do a kind of work for ever; an error is logged and the work looked at again later."""
    while True:
        ear.clear()
        again = False
        try:
            again = await kind.turn()
        except Exception as error:
            _log.error("work.failed", kind=kind.name, exc_info=error)
            await asyncio.sleep(kind.poll_s)
        await asyncio.sleep(kind.rest_s)
        if not again:
            await _heard(ear, kind.poll_s)


async def _heard(ear: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ear.wait()
    except TimeoutError:
        return


async def each(find: Callable[[], Awaitable[Sequence[UUID]]], do: Callable[[UUID], Awaitable[object]]) -> bool:
    """Do a work for each school that was found; what fails for one is logged and does not keep it from the others."""
    for school_id in await find():
        try:
            await do(school_id)
        except Exception as error:
            _log.error("work.failed", school=str(school_id), exc_info=error)
    return False


async def each_job(find: Callable[[], Awaitable[Sequence[tuple[UUID, UUID]]]], do: Callable[[UUID, UUID], Awaitable[object]]) -> bool:
    """Do each job that was found, by school and id; `do` claims it, so that two workers may find the same."""
    for school_id, job_id in await find():
        try:
            await do(school_id, job_id)
        except Exception as error:
            _log.error("work.failed", school=str(school_id), job=str(job_id), exc_info=error)
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the worker works with, put together once."""

    casework: Casework
    sweep: Sweep
    sealer: Sealer
    dispatcher: Dispatcher
    settings: Settings


def kinds(tools: Tools) -> list[Kind]:
    """List every kind of work; another is one line here."""
    casework, sweep = tools.casework, tools.sweep
    now = casework.means.now
    stale = partial(each, lambda: sweep.stale_obligations(now(), RULES_VERSION), partial(rederive, casework))
    digests = partial(each, lambda: sweep.undigested_accesses(last_whole_day(casework)), partial(digest_accesses, casework))
    rolls = partial(each_job, lambda: sweep.import_jobs(now()), RollImports(casework, tools.sealer).run)
    return [
        Kind(name="rolls", turn=rolls, poll_s=2.0),
        Kind(name="deliveries", turn=tools.dispatcher.turn, poll_s=2.0),
        Kind(name="obligations", turn=stale, poll_s=5.0, rest_s=0.5),
        Kind(name="accesses", turn=digests, poll_s=60.0, rest_s=10.0),
    ]


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Work until told to stop. Raises CannotWorkError or RoleTooPowerfulError at the start."""
    if settings.database_url is None or settings.database_sweep_url is None or settings.secrets_key is None:
        raise CannotWorkError("set DATABASE_URL, DATABASE_SWEEP_URL and SECRETS_KEY; `graduated serve` does so for its own worker")
    key = key_from_text(settings.secrets_key.get_secret_value())
    async with await open_pool(settings.database_url) as pool, await open_pool(settings.database_sweep_url, size=2) as sweeping:
        async with pool.acquire() as connection:
            await check_app_role(connection)
        bell, waker = Bell(), Waker(settings.database_url)
        proofs = ProofReader(audience=settings.public_url, now=clock.now)
        means = Means(now=clock.now, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=waker.wake)
        casework, sealer = Casework(Sessions(pool), means), Sealer(key, random_bytes=clock.random_bytes)
        sender = Sender(allowed=settings.egress_allow)
        deliverer = Deliverer(casework, sender, sealer, EVENTS, dice=partial(clock.jitter, 0.0, 1.0))
        sweep = Sweep(sweeping)
        dispatcher = Dispatcher(deliverer, sweep, now=clock.now, ring=bell.ring)
        tools = Tools(casework=casework, sweep=sweep, sealer=sealer, dispatcher=dispatcher, settings=settings)
        loops = [keep_at(kind, bell.ear()) for kind in kinds(tools)]
        tasks = [asyncio.create_task(loop) for loop in (*loops, listen(settings.database_url, bell.ring), waker.run())]
        _log.info("worker.ready", count=len(loops))
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await dispatcher.finish()
        sender.close()


async def _run() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await work(Settings(), stop)


def main() -> None:
    """Run the worker as a process; exits 1 with one line when the operator must act."""
    settings = Settings()
    logs.set_up(clock.now, sys.stderr, settings.log_level)
    try:
        asyncio.run(_run())
    except CannotWorkError as error:
        sys.exit(f"graduated worker: {error}")


if __name__ == "__main__":
    main()
