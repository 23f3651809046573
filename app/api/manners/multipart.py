"""Forms with files (RFC 7578), read as they come: each part goes straight to whoever takes it, and none is held here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from app.api.manners.problems import ApiError

FORM: Final = b"multipart/form-data"
WITHIN_S: Final = 300.0
"""So long may a form take to come in: it holds one of few places meanwhile."""


@dataclass(frozen=True, slots=True)
class PartHead:
    """What a part says of itself: the name of its field, and for a file its name and media type, where they are said."""

    field: str
    file_name: str | None
    media_type: str | None


class Part(Protocol):
    """Takes one part."""

    def write(self, chunk: bytes, /) -> None:
        """Take the next bytes."""

    def end(self) -> None:
        """Take it that there are no more."""


async def read_form(request: Request, begin: Callable[[PartHead], Part], *, within_s: float = WITHIN_S) -> None:
    """Read a form to its end; `begin`, and the parts it gives, are called in a thread, one after the other.

    Raises ApiError with 415 for what is no form, with 400 for one that cannot be read or is not there in time, and what the parts raise.
    """
    form = _Form(_boundary_of(request), begin)
    try:
        async for chunk in _in_time(request, within_s):
            await asyncio.to_thread(form.feed, chunk)
    except (FormParserError, ClientDisconnect):
        raise ApiError("unreadable-request") from None
    if not form.is_whole:
        raise ApiError("unreadable-request", "The form breaks off before its end.")


async def _in_time(request: Request, within_s: float) -> AsyncIterator[bytes]:
    """Give the body as it comes; only the waiting is cut off, never what is done with the bytes."""
    end, stream = asyncio.get_running_loop().time() + within_s, aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout_at(end):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise ApiError("unreadable-request", f"The form was not there within {within_s:.0f} seconds.") from None
        if chunk is None:
            return
        yield chunk


def _boundary_of(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind.lower() != FORM or not options.get(b"boundary"):
        raise ApiError("unsupported-media-type", "This route takes multipart/form-data.")
    return options[b"boundary"]


class _Form:
    """Turns the events of the parser into parts."""

    def __init__(self, boundary: bytes, begin: Callable[[PartHead], Part]) -> None:
        self._begin = begin
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = bytearray(), bytearray()
        self._part: Part | None = None
        self.is_whole = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._on_name,
                    "on_header_value": self._on_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers,
                    "on_part_data": self._on_bytes,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise ApiError("unreadable-request") from None

    def feed(self, chunk: bytes) -> None:
        """Read the next bytes; what follows the end is passed over."""
        if chunk and not self.is_whole:
            self._parser.write(chunk)

    def _on_name(self, chunk: bytes, start: int, end: int) -> None:
        self._name += chunk[start:end]

    def _on_value(self, chunk: bytes, start: int, end: int) -> None:
        self._value += chunk[start:end]

    def _on_header_end(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        if b"name" not in options:
            raise ApiError("unreadable-request", "Each part of the form needs a name.")
        self._part = self._begin(
            PartHead(
                field=_text(options[b"name"]),
                file_name=_text(options[b"filename"]) if b"filename" in options else None,
                media_type=_text(self._headers[b"content-type"]) if b"content-type" in self._headers else None,
            )
        )

    def _on_bytes(self, chunk: bytes, start: int, end: int) -> None:
        if self._part is not None:
            self._part.write(chunk[start:end])

    def _on_part_end(self) -> None:
        if self._part is not None:
            self._part.end()
        self._part = None

    def _on_end(self) -> None:
        self.is_whole = True


def _text(said: bytes) -> str:
    return said.decode("utf-8", errors="replace")
