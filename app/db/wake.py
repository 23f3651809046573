"""Waking a worker after a commit: a word without content, sent beside the transaction; whoever misses it finds the rows by looking."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
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
                async with _connected(self._url) as connection:
                    await self._notify_on(connection)
            except LOST:
                self._wanted.set()
                await asyncio.sleep(RECONNECT_S)

    async def _notify_on(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await connection.execute(f"notify {CHANNEL}")
            await asyncio.sleep(REST_S)


async def listen(url: str, ring: Callable[[], None]) -> None:
    """Call `ring` at each notification until cancelled, and after each new connection, for something may have been missed before it."""
    while True:
        with suppress(*LOST):
            async with _connected(url) as connection:
                await _listen_on(connection, ring)
        await asyncio.sleep(RECONNECT_S)


async def _listen_on(connection: "asyncpg.Connection[asyncpg.Record]", ring: Callable[[], None]) -> None:
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    await connection.add_listener(CHANNEL, lambda *_: ring())
    ring()
    await ended.wait()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Connect while the block runs; whoever is cancelled while connecting waits for the connection, so that no socket is left behind."""
    connecting = asyncio.ensure_future(asyncpg.connect(url, timeout=10))
    try:
        connection = await asyncio.shield(connecting)
    except asyncio.CancelledError:
        with suppress(*LOST):
            (await connecting).terminate()
        raise
    try:
        yield connection
    finally:
        connection.terminate()
