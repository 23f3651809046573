"""Where an endpoint may lie, asked when it is registered and when it is moved: on the public network, and where the operator says."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.db.embedded import DatabaseUrls
from app.main import MOST_ADDRESSES_AT_ONCE
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.transport import Sender
from tests.webhooks.receivers import LOOPBACK, standing_for
from tests.webhooks.telling import Telling, telling

PUBLIC = "93.184.216.34"
TOKEN = "a-token-of-the-receiver"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


def names_stand_for(school: Telling, *answers: list[str], allowed=()) -> list[str]:
    """Let every name stand for these addresses, one answer after another; gives the names as they are asked for."""
    resolver, asked = standing_for(*answers)
    state = school.world.app.state
    state.subscribing = Subscribing(state.sessions, state.casework.means, state.sealer, Sender(allowed=allowed, resolver=resolver))
    return asked


async def register(school: Telling, url: str) -> httpx.Response:
    body = {"url": url, "events": ["notice.ready"]}
    return await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())


async def move(school: Telling, subscription: str, url: str) -> httpx.Response:
    headers = school.world.headers(**{"If-Match": "*"})
    return await school.world.http.patch(f"/v1/subscriptions/{subscription}", json={"url": url}, headers=headers)


async def urls(school: Telling) -> list[object]:
    answer = await school.world.http.get("/v1/subscriptions", headers=school.world.headers())
    return [one["url"] for one in answer.json()["items"]]


def refusals(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    assert TOKEN not in answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_name_on_the_public_network_is_registered_after_one_question(school: Telling) -> None:
    asked = names_stand_for(school, [PUBLIC, "2606:2800:220:1::1"])
    answer = await register(school, f"https://hooks.example/in?k={TOKEN}")
    assert (answer.status_code, asked) == (201, ["hooks.example"])


UNFIT = [
    ("http://hooks.example/in", "scheme"),
    ("ws://hooks.example/in", "scheme"),
    ("//hooks.example/in", "url"),
    (f"https://user:{TOKEN}@hooks.example/in", "credentials"),
    (f"https://{TOKEN}@hooks.example/in", "credentials"),
    (f"https://hooks.example/in#{TOKEN}", "fragment"),
    ("https://hooks.example./in", "host"),
    ("https://hooks\u3002example/in", "host"),
    ("https://hooks.example:22/in", "port"),
    ("https://0177.0.0.1/in", "address_spelling"),
    ("https://2130706433/in", "address_spelling"),
    ("https://0x7f.1/in", "address_spelling"),
    ("https://127.1/in", "address_spelling"),
    ("https://[fe80::1%eth0]/in", "address_spelling"),
    ("https://127.0.0.1/in", "address_loopback"),
    ("https://10.0.0.1/in", "address_private"),
    ("https://169.254.1.1/in", "address_link_local"),
    ("https://169.254.169.254/latest/meta-data", "address_metadata"),
    ("https://224.0.0.1/in", "address_multicast"),
    ("https://[64:ff9b::a00:1]/in", "address_embedded"),
]


@pytest.mark.parametrize(("url", "reason"), UNFIT)
async def test_what_is_wrong_in_the_address_itself_is_refused_with_the_reason_before_anybody_is_asked(
    school: Telling, url: str, reason: str
) -> None:
    asked = names_stand_for(school, [PUBLIC])
    assert refusals(await register(school, url)) == [("/url", reason)]
    assert (asked, await urls(school)) == ([], [])


INSIDE = ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "169.254.1.1", "224.0.0.1", "0.0.0.0"]
INSIDE += ["::1", "fd00::1", "fe80::1%lo", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::"]


@pytest.mark.parametrize("answer", [[], *([one] for one in INSIDE), [PUBLIC, "10.0.0.1"]], ids=lambda answer: " ".join(answer) or "nothing")
async def test_a_name_that_stands_for_an_address_inside_or_for_none_is_refused_and_what_it_stands_for_is_not_told(
    school: Telling, answer: list[str]
) -> None:
    names_stand_for(school, answer)
    refused = await register(school, f"https://hooks.example/in?k={TOKEN}")
    assert refusals(refused) == [("/url", "host_unreachable")]
    assert not any(one in refused.text for one in answer)
    assert await urls(school) == []


async def test_an_endpoint_cannot_be_moved_to_where_it_could_not_be_registered(school: Telling) -> None:
    names_stand_for(school, [PUBLIC], ["10.0.0.1"])
    subscription = (await register(school, "https://hooks.example/in")).json()["id"]
    assert refusals(await move(school, subscription, "https://inside.example/in")) == [("/url", "host_unreachable")]
    assert refusals(await move(school, subscription, "https://169.254.169.254/")) == [("/url", "address_metadata")]
    assert refusals(await move(school, subscription, "http://hooks.example/in")) == [("/url", "scheme")]
    assert await urls(school) == ["https://hooks.example/in"]


async def test_ranges_that_the_operator_names_are_let_in_by_plain_http_too_and_no_others(school: Telling) -> None:
    names_stand_for(school, ["127.0.0.1"], ["10.0.0.1"], [PUBLIC], allowed=LOOPBACK)
    assert (await register(school, "http://hooks.example:8080/in")).status_code == 201
    assert refusals(await register(school, "http://hooks.example:8080/in")) == [("/url", "host_unreachable")]
    assert refusals(await register(school, "http://hooks.example:8080/in")) == [("/url", "plain_http")]


async def test_a_client_has_so_many_addresses_looked_up_whether_they_are_taken_or_not(school: Telling) -> None:
    asked = names_stand_for(school, [PUBLIC], *[["10.0.0.1"]] * 90)
    made = await register(school, "https://hooks.example/in")
    for place in range(1, MOST_ADDRESSES_AT_ONCE):
        one = f"https://inside-{place}.example/"
        answer = await (register(school, one) if place % 2 else move(school, made.json()["id"], one))
        assert refusals(answer) == [("/url", "host_unreachable")]
    for answer in (await register(school, "https://more.example/"), await move(school, made.json()["id"], "https://more.example/")):
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert len(asked) == MOST_ADDRESSES_AT_ONCE
    mailbox = {"kind": "mailbox", "events": ["notice.ready"]}
    assert (await school.world.http.post("/v1/subscriptions", json=mailbox, headers=school.world.headers())).status_code == 201
