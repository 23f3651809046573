"""Load over HTTP/1.1 with connections kept open, by a client that does next to nothing, so that the server is what is measured."""

import asyncio
from collections.abc import Iterator
from typing import Final, cast

from app.clock import monotonic

PATIENCE_SECONDS: Final = 10.0


class UnexpectedAnswerError(Exception):
    """The server answered with another status than the one that is measured; the message begins with the answer."""


class Connection(asyncio.Protocol):
    """One connection: sends the next request as soon as the last is answered, until `until`, a moment of the monotonic clock."""

    def __init__(self, requests: Iterator[bytes], status: bytes, until: float) -> None:
        self._requests = requests
        self._start = b"HTTP/1.1 " + status
        self._until = until
        self._buffer = b""
        self.answered = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        """Wait for the whole answer, then send the next request or end."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        if not head.startswith(self._start):
            self._end(UnexpectedAnswerError(self._buffer[:600].decode(errors="replace")))
            return
        self._buffer = b""
        self.answered += 1
        if monotonic() < self._until:
            self._transport.write(next(self._requests))
        else:
            self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        """End in failure when the server hung up first."""
        self._end(error or ConnectionError("the server hung up"))

    def _end(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error) if error else self.done.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    _, found, after = head.lower().partition(b"content-length: ")
    return int(after.partition(b"\r\n")[0]) if found else 0


async def drive(port: int, requests: Iterator[bytes], status: bytes, *, connections: int, seconds: float) -> tuple[int, float]:
    """Ask on some connections at once for some seconds; gives how many were answered in how many seconds."""
    loop, began = asyncio.get_running_loop(), monotonic()
    opened = [
        (await loop.create_connection(lambda: Connection(requests, status, began + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    async with asyncio.timeout(seconds + PATIENCE_SECONDS):
        await asyncio.gather(*(connection.done for connection in opened))
    return sum(connection.answered for connection in opened), monotonic() - began


def request_bytes(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Write a request; header names are given with underscores."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    lines += [f"content-length: {len(body)}", "content-type: application/json"] if body else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
