"""Waking a worker after a commit: a word without content, sent beside the transaction; whoever misses it finds the rows by looking."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import asyncpg

CHANNEL: Final = "graduated_wake"
REST_S: Final = 0.02
RECONNECT_S: Final = 1.0
LOST: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


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

    @contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """Give an ear for a while only, as for one request that waits."""
        ear = self.ear()
        try:
            yield ear
        finally:
            self._ears.remove(ear)

    def ring(self) -> None:
        """Wake every listener."""
        for ear in self._ears:
            ear.set()


class Waker:
    """Notifies on a connection of its own, at most once in 20 ms; a notice that gets lost delays work and loses none."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Ask for a notification; to be called from the event loop after a commit, and returns at once."""
        self._wanted.set()

    async def run(self) -> None:
        """Send what is asked for until cancelled; connects anew after a loss."""
        while True:
            try:
                await self._notify_on(await asyncpg.connect(self._url, timeout=10))
            except LOST:
                self._wanted.set()
                await asyncio.sleep(RECONNECT_S)

    async def _notify_on(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                await connection.execute(f"notify {CHANNEL}")
                await asyncio.sleep(REST_S)
        finally:
            connection.terminate()


async def listen(url: str, ring: Callable[[], None]) -> None:
    """Call `ring` at each notification until cancelled, and after each new connection, for something may have been missed before it."""
    while True:
        with suppress(*LOST):
            await _listen_on(await asyncpg.connect(url, timeout=10), ring)
        await asyncio.sleep(RECONNECT_S)


async def _listen_on(connection: "asyncpg.Connection[asyncpg.Record]", ring: Callable[[], None]) -> None:
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    try:
        await connection.add_listener(CHANNEL, lambda *_: ring())
        ring()
        await ended.wait()
    finally:
        connection.terminate()
