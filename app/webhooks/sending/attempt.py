"""What one attempt to deliver takes out, and what it brings back."""

from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FailReason(StrEnum):
    """Why an attempt brought back no answer; stable, for machines."""

    TIMEOUT = "timeout"
    CONNECT = "connect"
    TLS = "tls"
    CLOSED = "closed"
    TOO_LARGE_HEADERS = "too_large_headers"
    NOT_HTTP = "not_http"
    EGRESS = "egress"
    FAULT = "fault"


SENTENCES: dict[FailReason, str] = {
    FailReason.TIMEOUT: "The receiver did not answer in time.",
    FailReason.CONNECT: "No connection to the receiver could be made.",
    FailReason.TLS: "The receiver's certificate or its TLS could not be accepted.",
    FailReason.CLOSED: "The receiver closed the connection before its answer was complete.",
    FailReason.TOO_LARGE_HEADERS: "The receiver's answer had too much in its headers.",
    FailReason.NOT_HTTP: "The receiver did not answer in HTTP.",
    FailReason.EGRESS: "The receiver's address may not be sent to.",
    FailReason.FAULT: "The attempt could not be made, and the fault was not the receiver's.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedBody:
    """A body read once, piece by piece, whose length in bytes is known and promised before the first."""

    length: int
    chunks: AsyncIterable[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One POST; the sender itself adds Host, Content-Length and User-Agent."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | StreamedBody = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver said: any final status, redirects included, with at most the first 2 KiB of its body."""

    status: int
    retry_after: str | None
    body_cut: bytes = field(repr=False)
    duration_ms: int


class SendFailedError(Exception):
    """An attempt brought back no answer; `detail` is the guard's reason where the guard refused, and nothing else."""

    def __init__(self, reason: FailReason, *, detail: str | None = None) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason
        self.detail = detail
        self.duration_ms = 0
