"""Names are looked up by the system in threads of their own, and no name takes more than one of them."""

import asyncio
import socket
import threading
import time

import pytest

from app.webhooks.sending.looking_up import MOST_AT_ONCE, SystemResolver


def stands_for(*addresses: str) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]


async def test_the_system_knows_this_machine():
    assert set(await SystemResolver()("localhost", 443)) <= {"127.0.0.1", "::1"}


async def test_a_name_that_does_not_exist_is_an_error_of_the_system():
    with pytest.raises(OSError, match=r".+"):
        await SystemResolver()("no-such-name.invalid", 443)


async def test_every_address_is_given_in_the_order_of_the_system():
    resolver = SystemResolver(lambda host, port, **_: stands_for("192.0.2.2", "192.0.2.1"))
    assert await resolver("hooks.example", 443) == ["192.0.2.2", "192.0.2.1"]


async def test_who_asks_while_a_name_is_looked_up_waits_for_that_answer_and_who_asks_later_asks_anew():
    asked, go = [], threading.Event()

    def ask(host, port, **_):
        asked.append(host)
        go.wait(10)
        return stands_for(f"192.0.2.{len(asked)}")

    resolver = SystemResolver(ask)
    waiting = [asyncio.create_task(resolver("hooks.example", 443)) for _ in range(20)]
    await asyncio.sleep(0.05)
    go.set()
    assert {tuple(found) for found in await asyncio.gather(*waiting)} == {("192.0.2.1",)}
    assert (await resolver("hooks.example", 443), asked) == (["192.0.2.2"], ["hooks.example"] * 2)


async def test_a_name_server_that_hangs_holds_up_no_other_name_and_no_other_work():
    go = threading.Event()

    def ask(host, port, **_):
        if host.startswith("hangs"):
            go.wait(30)
        return stands_for("192.0.2.1")

    resolver = SystemResolver(ask)
    hanging = [asyncio.create_task(resolver(f"hangs-{n % (MOST_AT_ONCE - 1)}.example", 443)) for n in range(600)]
    await asyncio.sleep(0.05)
    started = time.monotonic()
    assert await resolver("hooks.example", 443) == ["192.0.2.1"]
    assert await asyncio.to_thread(lambda: "done") == "done"
    assert time.monotonic() - started < 5
    go.set()
    await asyncio.gather(*hanging)


async def test_any_number_of_names_that_hang_delays_no_name_that_was_answered_before():
    go = threading.Event()

    def ask(host, port, **_):
        if host.startswith("hangs"):
            go.wait(30)
        return stands_for("192.0.2.1")

    resolver = SystemResolver(ask)
    assert await resolver("hooks.example", 443) == ["192.0.2.1"]
    hanging = [asyncio.create_task(resolver(f"hangs-{n}.example", 443)) for n in range(4 * MOST_AT_ONCE)]
    await asyncio.sleep(0.05)
    try:
        async with asyncio.timeout(5):
            assert await resolver("hooks.example", 443) == ["192.0.2.1"]
    finally:
        go.set()
    await asyncio.gather(*hanging)


async def test_a_name_that_begins_to_hang_takes_no_thread_of_those_that_are_answered_more_than_once():
    go, hangs = threading.Event(), threading.Event()

    def ask(host, port, **_):
        if host.startswith("turns") and hangs.is_set():
            go.wait(30)
            raise OSError("no answer")
        return stands_for("192.0.2.1")

    resolver = SystemResolver(ask)
    names = [f"turns-{n}.example" for n in range(MOST_AT_ONCE)]
    await asyncio.gather(*(resolver(name, 443) for name in (*names, "hooks.example")))
    hangs.set()
    first = [asyncio.create_task(resolver(name, 443)) for name in names]
    await asyncio.sleep(0.05)
    go.set()
    assert all(isinstance(found, OSError) for found in await asyncio.gather(*first, return_exceptions=True))
    go.clear()
    again = [asyncio.create_task(resolver(name, 443)) for name in names]
    await asyncio.sleep(0.05)
    try:
        async with asyncio.timeout(5):
            assert await resolver("hooks.example", 443) == ["192.0.2.1"]
    finally:
        go.set()
    await asyncio.gather(*again, return_exceptions=True)


async def test_who_gives_up_leaves_the_others_their_answer_and_no_complaint_behind():
    go, complaints = threading.Event(), []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))

    def ask(host, port, **_):
        go.wait(10)
        raise OSError("no such name")

    resolver = SystemResolver(ask)
    impatient = asyncio.create_task(resolver("hooks.example", 443))
    patient = asyncio.create_task(resolver("hooks.example", 443))
    await asyncio.sleep(0.05)
    impatient.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(OSError, match="no such name"):
        await patient
    assert impatient.cancelled()
    assert complaints == []
