"""HTTP/1.1 connections to checked addresses: dialled, used for one exchange after another, kept for a while, dropped."""

import asyncio
import ssl
from collections import defaultdict
from dataclasses import dataclass

import h11

from app.webhooks.sending.attempt import FailReason, SendFailedError, StreamedBody
from app.webhooks.sending.egress import Address, CheckedAddress, Target

MOST_BODY_READ = 64 * 1024
MOST_BODY_KEPT = 2 * 1024
MOST_HEAD_READ = 16 * 1024
MOST_READ = 2 * MOST_BODY_READ
READ_SIZE = 16 * 1024
DIAL_S = 5.0
MOST_ADDRESSES = 3
KEPT_S = 30.0
KEPT_PER_ADDRESS = 64
KEPT_IN_ALL = 256

Event = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


@dataclass(frozen=True, slots=True)
class Place:
    """What must be equal for one connection to serve another request: the name it was verified for, and the address."""

    scheme: str
    host: str
    port: int
    address: Address

    @classmethod
    def of(cls, target: Target, address: Address) -> "Place":
        """The place a target has at one of its checked addresses."""
        return cls(target.scheme, target.host, target.port, address)


@dataclass(frozen=True, slots=True)
class Reply:
    """The final response of one exchange, with the beginning of its body."""

    status: int
    retry_after: str | None
    body_cut: bytes


class Connection:
    """One open connection, for one exchange at a time."""

    def __init__(self, place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.place = place
        self._reader = reader
        self._writer = writer
        self._wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD_READ)
        self._received = 0
        self._ended = False
        self.expiry: asyncio.TimerHandle | None = None

    @property
    def heard_nothing(self) -> bool:
        """True when not one byte of an answer to the present request has come."""
        return self._received == 0

    @property
    def is_stale(self) -> bool:
        """True when the other side is known to have closed an idle connection."""
        return self._reader.at_eof() or self._writer.is_closing()

    def drop(self) -> None:
        """Close at once, without a farewell that the other side could draw out."""
        self._writer.transport.abort()

    def renew(self) -> bool:
        """Make ready for another exchange; False when the last one did not end cleanly and the connection must go."""
        clean = self._wire.our_state is h11.DONE and self._wire.their_state is h11.DONE and not self._wire.trailing_data[0]
        if clean:
            self._wire.start_next_cycle()
            self._received = 0
        return clean

    async def exchange(self, request: h11.Request, body: bytes | StreamedBody) -> Reply:
        """Send one request and read its answer; raises SendFailedError, and ValueError for a body of another length than promised."""
        if isinstance(body, StreamedBody):
            return await self._exchange_streamed(request, body)
        self._write(request, h11.Data(data=body), h11.EndOfMessage())
        return await self._read()

    async def _exchange_streamed(self, request: h11.Request, body: StreamedBody) -> Reply:
        """Read while writing, for a receiver may refuse early and close, or answer and leave the rest unread."""
        pushing = asyncio.ensure_future(self._push(request, body))
        reading = asyncio.ensure_future(self._read())
        try:
            await asyncio.wait({pushing, reading}, return_when=asyncio.FIRST_COMPLETED)
            if pushing.done():
                pushing.result()
            return await reading
        finally:
            pushing.cancel()
            reading.cancel()
            await asyncio.gather(pushing, reading, return_exceptions=True)

    async def _push(self, request: h11.Request, body: StreamedBody) -> None:
        self._write(request)
        try:
            async for chunk in body.chunks:
                self._write(h11.Data(data=chunk))
                if not await self._drained():
                    return
            self._write(h11.EndOfMessage())
        except h11.LocalProtocolError:
            raise ValueError("a streamed body was longer or shorter than its promised length") from None

    async def _drained(self) -> bool:
        """Wait for room; False when the other side takes no more, though its answer may still be there to read."""
        try:
            await self._writer.drain()
        except OSError:
            return False
        return True

    def _write(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._wire.send(event) or b"" for event in events))

    async def _read(self) -> Reply:
        response = await self._next()
        while isinstance(response, h11.InformationalResponse):
            response = await self._next()
        if not isinstance(response, h11.Response):
            raise SendFailedError(FailReason.NOT_HTTP)
        retry_after = next((value.decode("latin-1") for name, value in response.headers if name == b"retry-after"), None)
        return Reply(response.status_code, retry_after, await self._read_body())

    async def _read_body(self) -> bytes:
        """Read to the end, or to the limit, where the rest is left unread and the connection is no longer clean."""
        kept, length = bytearray(), 0
        while length < MOST_BODY_READ and self._received < MOST_READ:
            event = await self._next()
            if not isinstance(event, h11.Data):
                break
            length += len(event.data)
            kept += event.data[: MOST_BODY_KEPT - len(kept)]
        return bytes(kept)

    async def _next(self) -> Event:
        try:
            while (event := self._wire.next_event()) is h11.NEED_DATA:
                await self._receive()
        except h11.RemoteProtocolError as error:
            raise SendFailedError(self._reason(error)) from None
        return event

    async def _receive(self) -> None:
        try:
            received = await self._reader.read(READ_SIZE)
        except ssl.SSLError:
            raise SendFailedError(FailReason.TLS) from None
        except OSError:
            raise SendFailedError(FailReason.CLOSED) from None
        self._received += len(received)
        self._ended = not received
        if self._received > MOST_READ + READ_SIZE:
            raise SendFailedError(FailReason.TOO_LARGE_HEADERS)
        self._wire.receive_data(received)

    def _reason(self, error: h11.RemoteProtocolError) -> FailReason:
        if error.error_status_hint == 431:
            return FailReason.TOO_LARGE_HEADERS
        return FailReason.CLOSED if self._ended else FailReason.NOT_HTTP


async def dial(checked: CheckedAddress, tls: ssl.SSLContext) -> Connection:
    """Connect to the first checked address that answers, verified under the target's name; raises SendFailedError."""
    target = checked.target
    secure = target.scheme == "https"
    for address in checked.addresses[:MOST_ADDRESSES]:
        try:
            async with asyncio.timeout(DIAL_S):
                reader, writer = await asyncio.open_connection(
                    str(address),
                    target.port,
                    limit=READ_SIZE,
                    ssl=tls if secure else None,
                    server_hostname=target.host if secure else None,
                )
        except ssl.SSLError:
            raise SendFailedError(FailReason.TLS) from None
        except OSError:
            continue
        return Connection(Place.of(target, address), reader, writer)
    raise SendFailedError(FailReason.CONNECT)


class Kept:
    """Idle connections, a few for each place, dropped after half a minute."""

    def __init__(self) -> None:
        self._idle: defaultdict[Place, list[Connection]] = defaultdict(list)
        self._count = 0

    def take(self, checked: CheckedAddress) -> Connection | None:
        """Take out a live connection to an address that has just been checked again, or None."""
        for address in checked.addresses:
            while idle := self._idle.get(Place.of(checked.target, address)):
                connection = idle[-1]
                self._forget(connection)
                if not connection.is_stale:
                    return connection
                connection.drop()
        return None

    def keep(self, connection: Connection) -> None:
        """Keep a connection for the next request if it is clean and there is room; drop it otherwise."""
        has_room = self._count < KEPT_IN_ALL and len(self._idle.get(connection.place, ())) < KEPT_PER_ADDRESS
        if not (has_room and connection.renew()):
            connection.drop()
            return
        self._idle[connection.place].append(connection)
        self._count += 1
        connection.expiry = asyncio.get_running_loop().call_later(KEPT_S, self._expire, connection)

    def drop_all(self) -> None:
        """Close every idle connection."""
        for connection in [each for idle in self._idle.values() for each in idle]:
            self._expire(connection)

    def _expire(self, connection: Connection) -> None:
        self._forget(connection)
        connection.drop()

    def _forget(self, connection: Connection) -> None:
        idle = self._idle[connection.place]
        idle.remove(connection)
        if not idle:
            del self._idle[connection.place]
        self._count -= 1
        if connection.expiry is not None:
            connection.expiry.cancel()
