"""Receivers that fail, hang, trickle, flood, redirect, close or lie: each leaves an attempt on record, and nothing else."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest

from app.db.embedded import DatabaseUrls
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.sending.egress import Resolver
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender, verifying_context
from app.webhooks.telling.catalogue import catalogue
from tests.webhooks.receivers import LOOPBACK, NAME, Behaviour, answering, certificate_for, heard, receiving, saying, standing_for
from tests.webhooks.telling import Telling, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
DEADLINE_S = 0.6
KEPT = 2048
REDIRECT = b"HTTP/1.1 307 Go\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 5\r\n\r\nmoved"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@asynccontextmanager
async def sending(school: Telling, resolver: Resolver, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Let the school's deliverer find names by a resolver, trust a certificate, and wait for no more than a moment."""
    state = school.world.app.state
    sender = Sender(allowed=LOOPBACK, resolver=resolver, tls=tls)
    events = {name: replace(kind, deadline_s=DEADLINE_S) for name, kind in catalogue(state.blobs).items()}
    school.deliverer = Deliverer(state.casework, sender, Signers(state.sealer, state.keyring), events, dice=lambda: 0.5)
    try:
        yield
    finally:
        sender.close()


async def subscribed(school: Telling, port: int, scheme: str = "http", host: str = NAME) -> str:
    """Register an endpoint, and let it be under a name from here on."""
    subscription, _ = await school.subscribe(port)
    url = f"{scheme}://{host}:{port}/hook"
    await run_sql_with(school.database, "update subscription set url = $2 where id = $1::uuid", subscription, url)
    return subscription


async def attempts(school: Telling) -> list[asyncpg.Record]:
    return await run_sql_with(
        school.database,
        "select outcome, status, duration_ms, answer from delivery_attempt where school_id = $1 order by attempt",
        school.world.school_id,
    )


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await heard(reader)
    await reader.read()


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte a second, which is one byte within the time there is."""
    await heard(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(1)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A gigabyte, for whoever reads it."""
    await heard(reader)
    writer.write(b"HTTP/1.1 500 Broken\r\nContent-Length: 1073741824\r\n\r\n")
    for _ in range(16_384):
        writer.write(b"x" * 65_536)
        await writer.drain()


@dataclass(frozen=True)
class Bad:
    behaviour: Behaviour
    outcome: str
    status: int | None
    answer: bytes | None


BAD = {
    "answers 500": Bad(
        answering(b"HTTP/1.1 500 Broken\r\nContent-Length: 5000\r\n\r\n" + b"trace" * 1000), "refused", 500, (b"trace" * 1000)[:KEPT]
    ),
    "hangs": Bad(hang, "timeout", None, None),
    "trickles a byte a second": Bad(trickle, "timeout", None, None),
    "sends a gigabyte": Bad(flood, "refused", 500, b"x" * KEPT),
    "redirects to the metadata address": Bad(answering(REDIRECT), "refused", 307, b"moved"),
    "closes before it answers": Bad(saying(b""), "closed", None, None),
    "closes in the middle of its answer": Bad(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "closed", None, None),
    "speaks something else": Bad(saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "not_http", None, None),
    "has headers without end": Bad(saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 400_000), "too_large_headers", None, None),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_what_a_bad_receiver_does_is_an_attempt_on_record(school: Telling, bad: Bad, capsys: pytest.CaptureFixture[str]) -> None:
    resolver, asked = standing_for(["127.0.0.1"])
    async with sending(school, resolver), receiving(bad.behaviour) as receiver:
        await subscribed(school, receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
        assert receiver.connections == 1
    (attempt,) = await attempts(school)
    assert (logged["state"], logged["attempts"], logged["next_at"]) == ("waiting", 1, "2026-03-02T09:00:05Z")
    assert (attempt["outcome"], attempt["status"], attempt["answer"]) == (bad.outcome, bad.status, bad.answer)
    assert 0 <= attempt["duration_ms"] < 10_000
    assert bad.outcome != "timeout" or attempt["duration_ms"] >= DEADLINE_S * 1000 - 10
    assert asked == [NAME]
    said = capsys.readouterr().err
    assert not [word for word in (NAME, "hook", "trace", "moved", "metadata", school.pupil, school.parent) if word in said]


async def test_a_certificate_for_another_name_is_an_attempt_that_failed_before_anything_was_said(school: Telling, tmp_path: Path) -> None:
    requests: list[tuple[str, dict[str, str], bytes]] = []
    server, trusted = certificate_for("another.example", tmp_path)
    resolver, _ = standing_for(["127.0.0.1"])
    async with sending(school, resolver, verifying_context(trusted)), receiving(answering(OK, requests), server) as receiver:
        await subscribed(school, receiver.port, "https")
        await school.decide()
        (logged,) = await school.deliver()
    (attempt,) = await attempts(school)
    assert (logged["state"], attempt["outcome"], attempt["status"], attempt["answer"]) == ("waiting", "tls", None, None)
    assert requests == []


async def test_a_certificate_that_nobody_vouches_for_is_an_attempt_that_failed(school: Telling, tmp_path: Path) -> None:
    server, _ = certificate_for(NAME, tmp_path)
    resolver, _ = standing_for(["127.0.0.1"])
    async with sending(school, resolver), receiving(answering(OK), server) as receiver:
        await subscribed(school, receiver.port, "https")
        await school.decide()
        (logged,) = await school.deliver()
    assert (logged["state"], (await attempts(school))[0]["outcome"]) == ("waiting", "tls")


@pytest.mark.parametrize("later", [["10.0.0.1"], ["127.0.0.1", "169.254.169.254"], ["::ffff:127.0.0.1"]])
async def test_a_name_that_changes_its_answer_is_dialled_where_it_was_checked_and_checked_again_next_time(
    school: Telling, later: Sequence[str]
) -> None:
    """A name server that answers with a lawful address to the check and another to the connection gets one question, not two."""
    resolver, asked = standing_for(["127.0.0.1"], list(later))
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    async with sending(school, resolver), receiving(answering(busy)) as receiver:
        await subscribed(school, receiver.port)
        await school.decide()
        await school.deliver()
        assert (receiver.connections, asked) == (1, [NAME])
        school.clock.ahead = school.clock.ahead.resolution * 60_000_000
        await school.deliver()
        assert (receiver.connections, asked) == (1, [NAME, NAME])
    first, second = await attempts(school)
    assert (first["outcome"], first["status"]) == ("refused", 503)
    assert (second["outcome"].partition("_")[0] in {"address", "host"}, second["status"]) == (True, None)
