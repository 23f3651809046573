"""A receiver under measurement: takes whatever is posted, and tells by its ids when each arrived; `python -m bench.receiver PORT`."""

import asyncio
import json
import sys
from typing import Final, cast

import uvloop

from app.clock import monotonic

ACCEPTED: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
arrived: dict[str, float] = {}


class Receiver(asyncio.Protocol):
    """One connection: a POST is an arrival, a GET asks for all arrivals since the last GET."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
            length = int(headers.get(b"content-length", b"0"))
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._transport.write(_told() if head.startswith(b"GET") else _taken(headers[b"webhook-id"]))


def _taken(message_id: bytes) -> bytes:
    arrived.setdefault(message_id.decode(), monotonic())
    return ACCEPTED


def _told() -> bytes:
    body = json.dumps(arrived).encode()
    arrived.clear()
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
