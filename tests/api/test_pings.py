"""A test ping shows at once what an endpoint makes of a signed message, and leaves no trace in any count."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.webhooks.receiving.pinging import Pinging
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from tests.api.world import NOW, add_client, token_for
from tests.webhooks.receivers import LOOPBACK, answering, receiving
from tests.webhooks.telling import Telling, run_sql_with, telling

Heard = list[tuple[str, dict[str, str], bytes]]


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        state, sender = found.world.app.state, Sender(allowed=LOOPBACK)
        state.pinging = Pinging(state.sessions, state.casework.means, Signers(state.sealer, state.keyring), sender)
        try:
            yield found
        finally:
            sender.close()


async def ping(school: Telling, subscription: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return await school.world.http.post(f"/v1/subscriptions/{subscription}/pings", headers=headers or school.world.headers())


def said(status: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_a_ping_is_signed_like_any_delivery_and_names_no_school(school: Telling) -> None:
    heard: Heard = []
    async with receiving(answering(said("200 OK", b"thanks"), heard)) as receiver:
        subscription, secret = await school.subscribe(receiver.port)
        answer = await ping(school, subscription)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    ((_, headers, body),) = heard
    assert json.loads(body) == {"id": told["id"], "type": "subscription.test", "subscription": subscription, "at": "2026-03-02T09:00:00Z"}
    assert headers["webhook-id"] == told["id"]
    assert Webhook(secret).sign(told["id"], NOW, body.decode()) in headers["webhook-signature"].split(" ")
    assert {part.split(",")[0] for part in headers["webhook-signature"].split(" ")} == {"v1", "v1a"}
    assert (told["outcome"], told["status"], told["answer"]) == ("accepted", 200, "thanks")
    assert told["duration_ms"] >= 0


@pytest.mark.parametrize(
    ("raw", "outcome", "status", "word"),
    [
        (said("503 Busy"), "refused", 503, "tried again"),
        (said("410 Gone"), "refused", 410, "end the subscription"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", "refused", 302, "not followed"),
        (b"SMTP ready\r\n\r\n", "not_http", None, "HTTP"),
    ],
)
async def test_what_came_is_told_in_a_word_and_a_sentence_and_counts_for_nothing(
    school: Telling, raw: bytes, outcome: str, status: int | None, word: str
) -> None:
    async with receiving(answering(raw)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        told = (await ping(school, subscription)).json()
    assert (told["outcome"], told["status"]) == (outcome, status)
    assert word in told["sentence"]
    rows = await run_sql_with(school.database, "select state, failures, failing_since from subscription where id = $1::uuid", subscription)
    assert [tuple(row) for row in rows] == [("active", 0, None)]
    assert await school.deliveries() == []
    assert [one["number"] for one in (await school.world.get("/subscriptions")).json()["items"]] == [0]


async def test_an_answer_is_cut_at_two_kibibytes_and_what_is_no_text_is_replaced(school: Telling) -> None:
    async with receiving(answering(said("200 OK", b"\xff\x00" + b"x" * 100_000))) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        told = (await ping(school, subscription)).json()["answer"]
    assert told[:3] == "\ufffd\x00x"
    assert len(told) == 2048


async def test_the_address_is_checked_again_when_it_is_pinged(school: Telling) -> None:
    async with receiving(answering(said("200 OK"))) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await run_sql_with(school.database, "update subscription set url = 'https://10.0.0.1/hook' where id = $1::uuid", subscription)
        told = (await ping(school, subscription)).json()
        assert receiver.connections == 0
    assert (told["outcome"], told["status"], told["answer"]) == ("address_private", None, None)
    assert "10.0.0.1" not in json.dumps(told)


@pytest.mark.parametrize("state", ["paused", "disabled"])
async def test_an_endpoint_that_is_not_sent_to_can_be_tried_out(school: Telling, state: str) -> None:
    async with receiving(answering(said("204 No Content"))) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await run_sql_with(school.database, "update subscription set state = $2 where id = $1::uuid", subscription, state)
        assert (await ping(school, subscription)).json()["outcome"] == "accepted"


async def test_an_ended_subscription_and_anothers_cannot_be_pinged(school: Telling) -> None:
    async with receiving(answering(said("204 No Content"))) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        _, stranger = await add_client(school.world.app, OrganisationKind.VENDOR)
        token = await token_for(school.world.app, stranger, frozenset({"subscriptions:write"}))
        assert (await ping(school, subscription, {"Authorization": f"Bearer {token}"})).status_code == 404
        await school.world.http.delete(f"/v1/subscriptions/{subscription}", headers=school.world.headers(**{"If-Match": "*"}))
        assert (await ping(school, subscription)).status_code == 404
        assert receiver.connections == 0


async def test_an_organisation_may_ping_five_times_a_minute_whichever_of_its_endpoints(school: Telling) -> None:
    async with receiving(answering(said("204 No Content"))) as receiver:
        one, _ = await school.subscribe(receiver.port)
        two, _ = await school.subscribe(receiver.port)
        statuses = [(await ping(school, subscription)).status_code for subscription in (one, two, one, two, one)]
        assert statuses == [200] * 5
        refused = await ping(school, two)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "12")


async def test_pings_wait_for_a_slow_endpoint_side_by_side_and_hold_no_transaction(school: Telling) -> None:
    let_go = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await let_go.wait()
        writer.write(said("204 No Content"))
        await writer.drain()

    async with receiving(hang) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        pings = [asyncio.create_task(ping(school, subscription)) for _ in range(5)]
        async with asyncio.timeout(10):
            while receiver.connections < 5:
                await asyncio.sleep(0.01)
        rows = await run_sql_with(
            school.database,
            "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
        )
        assert rows[0][0] == 0
        let_go.set()
        assert [(await each).json()["outcome"] for each in pings] == ["accepted"] * 5
