"""A receiver that fails one time in five, and keeps what every delivery said of itself."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random
from typing import Final
from uuid import UUID

import orjson
from standardwebhooks import Webhook, WebhookVerificationError

FAILS: Final = 0.2
ACCEPTED: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
FAILED: Final = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"


@dataclass(slots=True)
class Heard:
    """What one subscription heard: the ids under each number, the schools named, and how often."""

    school: str
    verifier: Webhook | None = None
    ids_of: defaultdict[int, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    schools: set[str] = field(default_factory=set)
    subscriptions: set[str] = field(default_factory=set)
    requests: int = 0
    forged: int = 0


class Listener:
    """Serves every subscription of the storm on one port, each under a path of its own."""

    def __init__(self, seed: int) -> None:
        self.heard: dict[str, Heard] = {}
        self.port = 0
        self._dice = Random(seed)
        self._open: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen on loopback while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for writer in tuple(self._open):
                writer.transport.abort()
            while self._open:
                await asyncio.sleep(0.01)

    def expect(self, path: str, school: str) -> str:
        """Make room for what comes under a path, which is to be of one school alone, and give the address."""
        self.heard[path] = Heard(school)
        return f"http://127.0.0.1:{self.port}/{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                writer.write(self._answer(first.split()[1].lstrip("/"), headers, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        heard = self.heard[path]
        heard.requests += 1
        try:
            if heard.verifier is not None:
                heard.verifier.verify(body, headers)
        except WebhookVerificationError:
            heard.forged += 1
            return FAILED
        if self._dice.random() < FAILS:
            return FAILED
        told = orjson.loads(body)
        heard.ids_of[int(told["number"])].add(UUID(told["id"]))
        heard.schools.add(told["school"])
        heard.subscriptions.add(told["subscription"])
        return ACCEPTED
