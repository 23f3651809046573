"""A name that changes its answer between the check and the connection gains nothing: what was checked is what is dialled."""

import asyncio
from ipaddress import ip_network

import pytest

from app.webhooks.sending.attempt import FailReason, SendFailedError
from app.webhooks.sending.egress import Refusal, check_url, resolve
from app.webhooks.sending.transport import Sender, verifying_context
from tests.webhooks.receivers import NAME, answering, certificate_for, outgoing, receiving, standing_for

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PUBLIC, SECOND = "93.184.216.34", "93.184.216.35"
# Stands for the public network: of this machine's addresses only this one may be dialled.
OUTSIDE = "127.0.0.2"


@pytest.fixture
def dialled(monkeypatch):
    """The hosts that anybody here tried to connect to; nobody gets through."""
    hosts: list[str] = []

    async def refuse(host, port, **options):
        hosts.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    return hosts


async def test_of_a_name_that_is_public_first_and_inside_next_the_public_address_is_dialled(dialled):
    resolver, asked = standing_for([PUBLIC], ["127.0.0.1"])
    sender = Sender(resolver=resolver)
    with pytest.raises(SendFailedError) as first:
        await sender.send(outgoing(8443, scheme="https"))
    assert (first.value.reason, asked, dialled) == (FailReason.CONNECT, [NAME], [PUBLIC])
    with pytest.raises(SendFailedError) as second:
        await sender.send(outgoing(8443, scheme="https"))
    assert (second.value.reason, second.value.detail) == (FailReason.EGRESS, Refusal.UNREACHABLE.value)
    assert (asked, dialled) == ([NAME] * 2, [PUBLIC])


async def test_trying_the_next_address_does_not_ask_again(dialled):
    resolver, asked = standing_for([PUBLIC, SECOND], ["127.0.0.1"])
    with pytest.raises(SendFailedError):
        await Sender(resolver=resolver).send(outgoing(8443, scheme="https"))
    assert (asked, dialled) == ([NAME], [PUBLIC, SECOND])


async def test_what_is_dialled_is_an_address_which_nobody_can_look_up_anew(dialled):
    """The operating system would otherwise ask its name server a second time."""
    resolver, _ = standing_for([PUBLIC])
    checked = await resolve(check_url("https://hooks.example/"), resolver)
    assert [str(each) for each in checked.addresses] == [PUBLIC]
    with pytest.raises(SendFailedError):
        await Sender(resolver=resolver).send(outgoing(443, scheme="https", host="hooks.example"))
    assert dialled == [PUBLIC]


async def test_a_request_goes_to_the_checked_address_under_the_name_in_tls_and_in_host_while_the_name_has_moved(tmp_path):
    """Two receivers on one port: the one that was checked hears it, and the other, where the name points by now, hears nothing."""
    served, trusted = certificate_for(NAME, tmp_path)
    names: list[str | None] = []
    served.sni_callback = lambda _socket, name, _context: names.append(name)
    heard: list[tuple[str, dict[str, str], bytes]] = []
    inside = 0

    async def listen_inside(reader, writer):
        nonlocal inside
        inside += 1
        writer.transport.abort()

    resolver, asked = standing_for([OUTSIDE], ["127.0.0.1"])
    sender = Sender(allowed=[ip_network(f"{OUTSIDE}/32")], resolver=resolver, tls=verifying_context(trusted))
    async with receiving(answering(OK, heard), tls=served, address=OUTSIDE) as receiver:
        server = await asyncio.start_server(listen_inside, "127.0.0.1", receiver.port)
        answer = await sender.send(outgoing(receiver.port, scheme="https"))
        with pytest.raises(SendFailedError) as moved:
            await sender.send(outgoing(receiver.port, scheme="https"))
        sender.close()
        server.close()
        await server.wait_closed()
    assert (answer.status, moved.value.reason, asked) == (200, FailReason.EGRESS, [NAME] * 2)
    assert (receiver.connections, inside, names) == (1, 0, [NAME])
    assert [headers["host"] for _, headers, _ in heard] == [f"{NAME}:{receiver.port}"]


async def test_a_connection_that_is_still_open_is_not_used_once_its_name_stands_for_something_else(tmp_path):
    resolver, _ = standing_for([OUTSIDE], ["127.0.0.3"])
    allowed = [ip_network(f"{OUTSIDE}/32"), ip_network("127.0.0.3/32")]
    sender = Sender(allowed=allowed, resolver=resolver)
    async with receiving(answering(OK), address=OUTSIDE) as receiver:
        assert (await sender.send(outgoing(receiver.port))).status == 200
        with pytest.raises(SendFailedError) as moved:
            await sender.send(outgoing(receiver.port))
        sender.close()
    assert (moved.value.reason, receiver.connections) == (FailReason.CONNECT, 1)
