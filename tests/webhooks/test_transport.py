"""The sender against receivers that behave well, badly and with intent; all on loopback."""

import asyncio
import time

import pytest

from app.webhooks.sending.attempt import FailReason, SendFailedError, StreamedBody
from app.webhooks.sending.egress import Refusal
from app.webhooks.sending.transport import Sender, verifying_context
from tests.webhooks.receivers import LOOPBACK, NAME, answering, certificate_for, heard, outgoing, receiving, saying, standing_for

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
async def sender():
    resolver, _ = standing_for(["127.0.0.1"])
    made = Sender(allowed=LOOPBACK, resolver=resolver)
    yield made
    made.close()


async def failing(sender: Sender, request, deadline_s: float = 2.0) -> SendFailedError:
    with pytest.raises(SendFailedError) as caught:
        await sender.send(request, deadline_s=deadline_s)
    return caught.value


async def test_a_request_arrives_whole_under_the_name_of_its_receiver(sender):
    requests = []
    async with receiving(answering(OK, requests)) as receiver:
        answer = await sender.send(outgoing(receiver.port, b'{"a":1}', path="/hook?k=1"))
        first, headers, body = requests[0]
    assert (answer.status, answer.body_cut, answer.retry_after) == (200, b"ok", None)
    assert first == "POST /hook?k=1 HTTP/1.1"
    assert (headers["host"], headers["content-type"], body) == (f"{NAME}:{receiver.port}", "application/json", b'{"a":1}')


async def test_a_second_request_uses_the_same_connection(sender):
    async with receiving(answering(OK)) as receiver:
        for _ in range(5):
            await sender.send(outgoing(receiver.port))
    assert receiver.connections == 1


async def test_many_requests_at_once_all_arrive(sender):
    requests = []
    async with receiving(answering(OK, requests)) as receiver:
        answers = await asyncio.gather(*(sender.send(outgoing(receiver.port, str(n).encode())) for n in range(50)))
    assert {answer.status for answer in answers} == {200}
    assert {int(body) for _, _, body in requests} == set(range(50))


async def test_a_kept_connection_that_the_receiver_closed_is_replaced_without_a_failed_attempt(sender):
    async with receiving(saying(OK)) as receiver:
        first = await sender.send(outgoing(receiver.port))
        second = await sender.send(outgoing(receiver.port))
    assert (first.status, second.status, receiver.connections) == (200, 200, 2)


async def test_a_server_error_is_an_answer_with_its_retry_after(sender):
    raw = b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nbusy"
    async with receiving(answering(raw)) as receiver:
        answer = await sender.send(outgoing(receiver.port))
    assert (answer.status, answer.retry_after, answer.body_cut) == (503, "120", b"busy")


async def test_a_redirect_to_the_metadata_address_is_an_answer_and_is_not_followed():
    resolver, asked = standing_for(["127.0.0.1"])
    sender = Sender(allowed=LOOPBACK, resolver=resolver)
    raw = b"HTTP/1.1 307 Go\r\nLocation: http://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n"
    async with receiving(answering(raw)) as receiver:
        answer = await sender.send(outgoing(receiver.port))
        sender.close()
    assert (answer.status, receiver.connections, asked) == (307, 1, [NAME])


async def test_a_receiver_that_hangs_costs_the_deadline_and_no_more(sender):
    async def hang(reader, writer):
        await reader.read(-1)

    async with receiving(hang) as receiver:
        failed = await failing(sender, outgoing(receiver.port), deadline_s=0.2)
    assert failed.reason is FailReason.TIMEOUT
    assert 190 <= failed.duration_ms < 1000


async def test_a_receiver_that_trickles_a_byte_at_a_time_meets_one_deadline_over_all(sender):
    async def trickle(reader, writer):
        await heard(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with receiving(trickle) as receiver:
        started = time.monotonic()
        failed = await failing(sender, outgoing(receiver.port), deadline_s=0.4)
    assert failed.reason is FailReason.TIMEOUT
    assert time.monotonic() - started < 1.4


async def test_a_name_server_that_hangs_is_inside_the_same_deadline():
    async def hang(host, port):
        await asyncio.sleep(30)
        return []

    failed = await failing(Sender(allowed=LOOPBACK, resolver=hang), outgoing(8443), deadline_s=0.1)
    assert failed.reason is FailReason.TIMEOUT


@pytest.mark.parametrize("framing", [b"Content-Length: 1073741824\r\n\r\n", b"\r\n"])
async def test_a_gigabyte_of_answer_is_left_unread(sender, framing):
    sent = 0

    async def flood(reader, writer):
        nonlocal sent
        await heard(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n" + framing)
        while True:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()

    async with receiving(flood) as receiver:
        answer = await sender.send(outgoing(receiver.port), deadline_s=5)
        await sender.send(outgoing(receiver.port), deadline_s=5)
    assert (answer.status, answer.body_cut) == (200, b"x" * 2048)
    assert receiver.connections == 2
    assert sent < 64 * 1024 * 1024


@pytest.mark.parametrize(
    "raw",
    [b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 400_000, b"HTTP/1.1 103 Early\r\nX: y\r\n\r\n" * 20_000],
    ids=["one endless header", "endless early hints"],
)
async def test_endless_headers_are_cut_off(sender, raw):
    async with receiving(saying(raw)) as receiver:
        failed = await failing(sender, outgoing(receiver.port))
    assert failed.reason is FailReason.TOO_LARGE_HEADERS


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", FailReason.CLOSED),
        (b"HTTP/1.1 200 O", FailReason.CLOSED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", FailReason.CLOSED),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", FailReason.CLOSED),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", FailReason.NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", FailReason.NOT_HTTP),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: other\r\n\r\n", FailReason.NOT_HTTP),
    ],
)
async def test_an_answer_that_breaks_off_or_is_no_http_is_a_failed_attempt(sender, raw, reason):
    async with receiving(saying(raw)) as receiver:
        assert (await failing(sender, outgoing(receiver.port))).reason is reason


async def test_a_port_where_nobody_listens_fails_to_connect(sender):
    async with receiving(saying(OK)) as receiver:
        port = receiver.port
    failed = await failing(sender, outgoing(port))
    assert failed.reason is FailReason.CONNECT
    assert "127.0.0.1" not in str(failed)


async def test_the_address_that_was_checked_is_the_address_that_is_dialled():
    resolver, asked = standing_for(["127.0.0.1"], ["10.0.0.1"])
    sender = Sender(allowed=LOOPBACK, resolver=resolver)
    async with receiving(answering(OK)) as receiver:
        answer = await sender.send(outgoing(receiver.port))
        assert (answer.status, asked, receiver.connections) == (200, [NAME], 1)
        failed = await failing(sender, outgoing(receiver.port))
        sender.close()
    assert (failed.reason, failed.detail) == (FailReason.EGRESS, Refusal.UNREACHABLE.value)
    assert receiver.connections == 1


async def test_without_an_allowed_range_nothing_on_this_machine_can_be_reached():
    resolver, _ = standing_for(["127.0.0.1"])
    async with receiving(answering(OK)) as receiver:
        failed = await failing(Sender(resolver=resolver), outgoing(receiver.port, scheme="https"))
    assert (failed.reason, failed.detail, receiver.connections) == (FailReason.EGRESS, Refusal.UNREACHABLE.value, 0)


async def test_a_proxy_named_in_the_environment_is_not_used(sender, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with receiving(answering(OK)) as receiver:
        assert (await sender.send(outgoing(receiver.port))).status == 200


async def test_a_certificate_for_the_name_is_accepted_and_the_name_is_asked_for(tmp_path):
    served, trusted = certificate_for(NAME, tmp_path)
    names = []
    served.sni_callback = lambda _socket, name, _context: names.append(name)
    resolver, _ = standing_for(["127.0.0.1"])
    sender = Sender(allowed=LOOPBACK, resolver=resolver, tls=verifying_context(trusted))
    async with receiving(answering(OK), tls=served) as receiver:
        answers = [await sender.send(outgoing(receiver.port, scheme="https")) for _ in range(2)]
        sender.close()
        await asyncio.sleep(0.05)
    assert [answer.status for answer in answers] == [200, 200]
    assert names == [NAME]


async def test_a_certificate_that_nobody_vouches_for_is_refused_and_nothing_is_sent(sender, tmp_path):
    requests = []
    served, _ = certificate_for(NAME, tmp_path)
    async with receiving(answering(OK, requests), tls=served) as receiver:
        failed = await failing(sender, outgoing(receiver.port, scheme="https"))
        await asyncio.sleep(0.05)
    assert (failed.reason, requests) == (FailReason.TLS, [])
    assert "certificate verify" not in str(failed).lower()


async def test_a_trusted_certificate_for_another_name_is_refused(tmp_path):
    served, trusted = certificate_for("other.example", tmp_path)
    resolver, _ = standing_for(["127.0.0.1"])
    sender = Sender(allowed=LOOPBACK, resolver=resolver, tls=verifying_context(trusted))
    async with receiving(answering(OK), tls=served) as receiver:
        failed = await failing(sender, outgoing(receiver.port, scheme="https"))
        await asyncio.sleep(0.05)
    assert failed.reason is FailReason.TLS


async def test_a_receiver_without_tls_is_a_tls_failure(sender):
    async def plain(reader, writer):
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n")
        await reader.read(-1)

    async with receiving(plain) as receiver:
        failed = await failing(sender, outgoing(receiver.port, scheme="https"))
    assert failed.reason is FailReason.TLS


def streamed(pieces: int, size: int, promised: int | None = None, fault: Exception | None = None) -> StreamedBody:
    async def chunks():
        for number in range(pieces):
            yield bytes([number % 256]) * size
        if fault is not None:
            raise fault

    return StreamedBody(length=pieces * size if promised is None else promised, chunks=chunks())


async def test_a_streamed_body_arrives_byte_for_byte(sender):
    requests = []
    async with receiving(answering(OK, requests)) as receiver:
        answer = await sender.send(outgoing(receiver.port, streamed(100, 65536)))
    assert answer.status == 200
    assert requests[0][2] == b"".join(bytes([number]) * 65536 for number in range(100))


async def test_a_receiver_that_refuses_early_is_heard_though_the_body_is_not_all_sent(sender):
    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too much\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.3)

    async with receiving(refuse) as receiver:
        answer = await sender.send(outgoing(receiver.port, streamed(1000, 65536)), deadline_s=2)
    assert answer.status == 413


async def test_a_receiver_that_stops_reading_meets_the_deadline(sender):
    async def deaf(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.6)

    async with receiving(deaf) as receiver:
        failed = await failing(sender, outgoing(receiver.port, streamed(1000, 65536)), deadline_s=0.3)
    assert failed.reason is FailReason.TIMEOUT


@pytest.mark.parametrize("promised", [99, 101])
async def test_a_body_of_another_length_than_promised_is_our_fault_and_said_so(sender, promised):
    async with receiving(answering(OK)) as receiver:
        with pytest.raises(ValueError, match="promised length"):
            await sender.send(outgoing(receiver.port, streamed(1, 100, promised)), deadline_s=2)


@pytest.mark.parametrize("fault", [OSError("the file is gone"), TimeoutError("the store is slow")])
async def test_a_body_that_cannot_be_read_is_not_blamed_on_the_receiver(sender, fault):
    async with receiving(answering(OK)) as receiver:
        with pytest.raises(type(fault)) as caught:
            await sender.send(outgoing(receiver.port, streamed(1, 100, 200, fault)), deadline_s=2)
    assert caught.value is fault


async def test_no_part_of_a_request_shows_in_its_repr():
    request = outgoing(8443, b"a child's name", path="/hook?token=topsecret")
    assert "topsecret" not in repr(request)
    assert "child" not in repr(request)
