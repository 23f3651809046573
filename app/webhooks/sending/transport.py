"""Sends one request to a receiver that is not trusted: to the checked address alone, in bounded time and bounded memory."""

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path

import certifi
import h11

from app.webhooks.sending.attempt import Answer, FailReason, Outgoing, SendFailedError, StreamedBody
from app.webhooks.sending.connections import Connection, Kept, Reply, dial
from app.webhooks.sending.egress import CheckedAddress, EgressRefusedError, Range, Target, check_url, resolve
from app.webhooks.sending.looking_up import Resolver, SystemResolver

DEADLINE_S = 15.0
USER_AGENT = "Graduated-Webhooks/1"


def verifying_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Verify certificates and names, from TLS 1.2 up; a CA file replaces the public authorities, it does not add to them."""
    context = ssl.create_default_context(cafile=str(ca_file or certifi.where()))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


class Sender:
    """Sends from one event loop; checks the address anew for every request, follows no redirect and knows no proxy."""

    def __init__(self, *, allowed: Sequence[Range] = (), resolver: Resolver | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._allowed = tuple(allowed)
        self._resolver = resolver or SystemResolver()
        self._tls = tls or verifying_context()
        self._kept = Kept()

    async def check(self, url: str) -> None:
        """Look at an address, and ask once what its name stands for; raises EgressRefusedError."""
        await resolve(check_url(url, self._allowed), self._resolver, self._allowed)

    async def send(self, request: Outgoing, *, deadline_s: float = DEADLINE_S) -> Answer:
        """POST once, in `deadline_s` seconds for everything from the look-up to the last byte read.

        An answer of more than 64 KiB counts as an answer, and the rest is left unread. Raises SendFailedError, whose duration is
        in milliseconds; what a streamed body itself raises comes through.
        """
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            reply = await self._within(deadline_s, request)
        except SendFailedError as failed:
            failed.duration_ms = _milliseconds(clock() - started)
            raise
        return Answer(
            status=reply.status,
            retry_after=reply.retry_after,
            body_cut=reply.body_cut,
            duration_ms=_milliseconds(clock() - started),
        )

    def close(self) -> None:
        """Drop the idle connections; requests under way keep theirs."""
        self._kept.drop_all()

    async def _within(self, deadline_s: float, request: Outgoing) -> Reply:
        deadline = asyncio.timeout(deadline_s)
        try:
            async with deadline:
                target = check_url(request.url, self._allowed)
                return await self._exchange(await resolve(target, self._resolver, self._allowed), request)
        except EgressRefusedError as refused:
            raise SendFailedError(FailReason.EGRESS, detail=refused.told.value) from None
        except TimeoutError:
            if not deadline.expired():
                raise
            raise SendFailedError(FailReason.TIMEOUT) from None

    async def _exchange(self, checked: CheckedAddress, request: Outgoing) -> Reply:
        """Use a kept connection where the body can be sent twice, for an idle connection may turn out to be closed."""
        head = _head(checked.target, request)
        kept = None if isinstance(request.body, StreamedBody) else self._kept.take(checked)
        if kept is not None:
            try:
                return await self._use(kept, head, request)
            except SendFailedError as failed:
                if failed.reason is not FailReason.CLOSED or not kept.heard_nothing:
                    raise
        return await self._use(await dial(checked, self._tls), head, request)

    async def _use(self, connection: Connection, head: h11.Request, request: Outgoing) -> Reply:
        try:
            reply = await connection.exchange(head, request.body)
        except BaseException:
            connection.drop()
            raise
        self._kept.keep(connection)
        return reply


def _head(target: Target, request: Outgoing) -> h11.Request:
    length = request.body.length if isinstance(request.body, StreamedBody) else len(request.body)
    own = [("Host", target.host_header), ("User-Agent", USER_AGENT), ("Content-Length", str(length))]
    return h11.Request(method="POST", target=target.resource, headers=[*own, *request.headers.items()])


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
