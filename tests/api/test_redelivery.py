"""What was owed is looked at with each attempt, and sent again under its old number when its owner or its school asks."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from app import clock
from app.db.deliveries import Withholding
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.webhooks.delivering.redelivering import MOST_REPLAYED
from app.webhooks.delivering.schedule import MOST_ATTEMPTS
from tests.api.world import add_client, token_for
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling

Heard = list[tuple[str, dict[str, str], bytes]]
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


async def log(school: Telling, **params: str) -> list[dict[str, object]]:
    answer = await school.world.get("/deliveries", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def look(school: Telling, delivery: object, headers: dict[str, str] | None = None) -> dict[str, object]:
    answer = await school.world.http.get(school.world.path(f"/deliveries/{delivery}"), headers=headers or school.world.headers())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def resend(school: Telling, delivery: object, headers: dict[str, str] | None = None) -> httpx.Response:
    return await school.world.http.post(school.world.path(f"/deliveries/{delivery}/resends"), headers=headers or school.world.headers())


async def replay(school: Telling, subscription: str, headers: dict[str, str] | None = None, **stretch: object) -> httpx.Response:
    path = school.world.path(f"/subscriptions/{subscription}/replays")
    return await school.world.http.post(path, json=stretch, headers=headers or school.world.headers())


async def granted(school: Telling) -> dict[str, str]:
    """Headers of a vendor that the school granted the subscribing and delivering of notices."""
    scopes = ["subscriptions:write", "notices:deliver"]
    _, vendor = await add_client(school.world.app, OrganisationKind.VENDOR)
    grant = {"client_id": str(vendor), "scopes": scopes, "purpose": "Telling parents.", "until": "2026-12-31"}
    given = await school.world.post("/grants", {**grant, "granted_by": str(school.world.people["head"])})
    assert given.status_code == 201, given.text
    return {"Authorization": f"Bearer {await token_for(school.world.app, vendor, frozenset(scopes))}"}


async def vendors(school: Telling, headers: dict[str, str], port: int) -> str:
    """Register an endpoint of a vendor and attach it."""
    body = {"url": f"http://127.0.0.1:{port}/vendor", "events": ["notice.ready"]}
    subscription = (await school.world.http.post("/v1/subscriptions", json=body, headers=headers)).json()["id"]
    assert await school.attach(subscription, "thin") == 200
    return str(subscription)


async def test_one_that_was_accepted_is_sent_again_under_its_id_and_number(school: Telling) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
        again = await resend(school, logged["id"])
        assert (again.status_code, again.json()["state"], again.json()["tried_before"]) == (202, "waiting", 1)
        (logged,) = await school.deliver()
    (_, first, one), (_, second, two) = heard
    assert (first["webhook-id"], json.loads(one)) == (second["webhook-id"], json.loads(two))
    assert (logged["state"], logged["attempts"], logged["number"]) == ("delivered", 2, 1)
    assert [a["attempt"] for a in logged["log"]] == [1, 2]


async def test_a_dead_one_is_tried_as_often_as_if_it_were_new(school: Telling, database: DatabaseUrls) -> None:
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await run_sql_with(database, "update delivery set attempts = $1 where school_id = $2", MOST_ATTEMPTS - 1, school.world.school_id)
        (logged,) = await school.deliver()
        assert (logged["state"], logged["reason"]) == ("dead", "exhausted")
        again = (await resend(school, logged["id"])).json()
        assert (again["state"], again["reason"], again["attempts"]) == ("waiting", None, MOST_ATTEMPTS)
        (logged,) = await school.deliver()
    assert (logged["state"], logged["attempts"], logged["next_at"]) == ("waiting", MOST_ATTEMPTS + 1, "2026-03-02T09:00:05Z")


@pytest.mark.parametrize("reason", ["exhausted", "gone", "refused", "whatever may come"])
async def test_however_one_died_it_is_sent_again_as_what_it_is(school: Telling, database: DatabaseUrls, reason: str) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        died = "update delivery set state = 'dead', reason = $1, attempts = 12, done_at = now() where school_id = $2"
        await run_sql_with(database, died, reason, school.world.school_id)
        (logged,) = await log(school)
        assert logged["notice"] is not None
        assert (await resend(school, logged["id"])).json()["reason"] is None
        (logged,) = await school.deliver()
    assert (logged["state"], [json.loads(body)["type"] for _, _, body in heard]) == ("delivered", ["notice.ready"])


@pytest.mark.parametrize("reason", Withholding)
async def test_whatever_one_is_withheld_for_it_is_sent_again_as_its_bare_number(
    school: Telling, database: DatabaseUrls, reason: str
) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        withheld = "update delivery set state = 'withheld', reason = $1, attempts = 1, done_at = now() where school_id = $2"
        await run_sql_with(database, withheld, reason, school.world.school_id)
        (logged,) = await log(school)
        assert logged["notice"] is None
        assert (await resend(school, logged["id"])).json()["notice"] is None
        (logged,) = await school.deliver()
    assert (logged["state"], logged["reason"]) == ("withheld", reason)
    assert [json.loads(body)["type"] for _, _, body in heard] == ["delivery.withheld"]


async def test_one_that_waits_is_left_as_it_is(school: Telling) -> None:
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
    again = await resend(school, logged["id"])
    assert (again.status_code, again.json()["next_at"], again.json()["tried_before"]) == (202, logged["next_at"], 0)


async def test_whether_it_may_be_told_is_asked_again_and_what_is_withheld_goes_out_as_its_number(school: Telling) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
        assert logged["notice"] is not None
        facts = {"relationship": "mother", "parental_responsibility": False, "has_care": False}
        await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts)
        for _ in range(2):
            assert (await resend(school, logged["id"])).status_code == 202
            (logged,) = await school.deliver()
            assert (logged["state"], logged["reason"], logged["notice"]) == ("withheld", "not_to_be_told", None)
    _, *withheld = [json.loads(body) for _, _, body in heard]
    bare = {"id": logged["id"], "type": "delivery.withheld", "number": 1, "school": school.world.urn, "subscription": subscription}
    assert withheld == [bare, bare]
    assert (await look(school, logged["id"]))["notice"] is None


async def test_what_is_withheld_stays_so_even_where_its_bare_number_was_never_accepted(school: Telling, database: DatabaseUrls) -> None:
    heard: Heard = []
    async with receiving(answering(BUSY, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        few = "update delivery set attempts = $1 where school_id = $2"
        await run_sql_with(database, few, MOST_ATTEMPTS - 1, school.world.school_id)
        facts = {"relationship": "mother", "parental_responsibility": False, "has_care": False}
        await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts)
        (logged,) = await school.deliver()
        assert (logged["state"], logged["reason"], logged["notice"]) == ("dead", "not_to_be_told", None)
        assert (await resend(school, logged["id"])).json()["reason"] == "not_to_be_told"
        await school.deliver()
    assert [json.loads(body)["type"] for _, _, body in heard] == ["delivery.withheld"] * 2


async def test_a_range_is_sent_again_in_the_order_of_its_numbers(school: Telling) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        await school.plan()
        other = await school.world.pupil(a_upn())
        await school.world.contact(other)
        await school.decide(other)
        for _ in range(2):
            await school.deliver()
        heard.clear()
        answer = await replay(school, subscription, from_number=1, to_number=2)
        assert answer.json() == {
            **{"subscription": subscription, "replayed": 2, "first_number": 1, "last_number": 2, "waiting_already": 0},
        }
        assert (await replay(school, subscription, from_number=1)).json() == {
            **{"subscription": subscription, "replayed": 1, "first_number": 3, "last_number": 3, "waiting_already": 2},
        }
        for _ in range(2):
            await school.deliver()
    numbers = [json.loads(body)["number"] for _, _, body in heard]
    assert sorted(numbers) == [1, 2, 3]
    assert numbers.index(1) < numbers.index(2)
    assert {d["state"] for d in await log(school)} == {"delivered"}


async def test_a_range_by_time_holds_both_its_ends(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        school.clock.ahead = timedelta(minutes=1)
        await school.plan()
        for _ in range(2):
            await school.deliver()
    first, second = [d["created_at"] for d in await log(school)]
    assert first != second
    just_after = first.replace("Z", ".000001Z")
    counted = [
        (await replay(school, subscription, **stretch)).json()["replayed"]
        for stretch in (
            {"from_at": just_after, "to_at": "2026-03-02T09:00:59Z"},
            {"from_at": first, "to_at": first},
            {"from_at": just_after},
        )
    ]
    assert counted == [0, 1, 1]


@pytest.mark.parametrize(
    "stretch",
    [
        {},
        {"to_number": 3},
        {"to_at": "2026-03-02T09:00:00Z"},
        {"from_number": 1, "from_at": "2026-03-02T09:00:00Z"},
        {"from_number": 1, "to_at": "2026-03-02T09:00:00Z"},
        {"from_at": "2026-03-02T09:00:00Z", "to_number": 3},
        {"from_number": 0},
        {"from_at": "yesterday"},
    ],
)
async def test_a_range_begins_at_a_number_or_at_a_moment(school: Telling, stretch: dict[str, object]) -> None:
    subscription, _ = await school.subscribe(8999)
    assert (await replay(school, subscription, **stretch)).status_code == 422


MANY = """
insert into delivery (school_id, id, subscription_id, number, event, state, attempts, tried_before, next_at, created_at)
select $1, gen_random_uuid(), $2, n, 'notice.ready', 'delivered', 1, 0, now(), now() from generate_series(1, $3) n
"""


async def test_ten_thousand_are_replayed_at_once_and_not_one_more(school: Telling) -> None:
    subscription, _ = await school.subscribe(8999)
    await run_sql_with(school.database, MANY, school.world.school_id, UUID(subscription), MOST_REPLAYED + 1)
    refused = await replay(school, subscription, from_number=1)
    assert (refused.status_code, [e["code"] for e in refused.json()["errors"]]) == (422, ["stretch_too_long"])
    assert await log(school, state="waiting") == []
    assert (await replay(school, subscription, from_number=2)).json()["replayed"] == MOST_REPLAYED


async def test_a_replay_touches_no_other_subscription_and_no_other_school(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        one, _ = await school.subscribe(receiver.port)
        two, _ = await school.subscribe(receiver.port)
        await school.decide()
        await school.deliver()
    assert (await replay(school, one, from_number=1)).status_code == 202
    assert [(d["subscription"], d["state"]) for d in await log(school)] == [(one, "waiting"), (two, "delivered")]


async def test_an_organisation_sends_its_own_again_and_the_school_everything(school: Telling) -> None:
    headers = await granted(school)
    async with receiving(answering(OK)) as receiver:
        theirs = await vendors(school, headers, receiver.port)
        ours, _ = await school.subscribe(receiver.port)
        await school.decide()
        await school.deliver()
    ids = {d["subscription"]: d["id"] for d in await log(school)}
    assert [(await resend(school, ids[subscription], headers)).status_code for subscription in (ours, theirs)] == [404, 202]
    assert [(await replay(school, subscription, headers, from_number=1)).status_code for subscription in (ours, theirs)] == [404, 202]
    assert [(await resend(school, ids[subscription])).status_code for subscription in (ours, theirs)] == [202, 202]
    assert [(await replay(school, subscription, from_number=1)).status_code for subscription in (ours, theirs)] == [202, 202]


async def test_nothing_is_sent_again_to_a_subscription_that_has_ended_or_never_heard_of_the_school(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
    body = {"url": "http://127.0.0.1:8999/hook", "events": ["notice.ready"]}
    elsewhere = (await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())).json()["id"]
    assert (await replay(school, elsewhere, from_number=1)).status_code == 404
    assert (await replay(school, str(clock.new_id()), from_number=1)).status_code == 404
    assert (await resend(school, clock.new_id())).status_code == 404
    await school.world.http.delete(f"/v1/subscriptions/{subscription}", headers=school.world.headers(**{"If-Match": "*"}))
    assert [(await resend(school, logged["id"])).status_code, (await replay(school, subscription, from_number=1)).status_code] == [409, 409]
    assert [d["state"] for d in await log(school)] == ["delivered"]


async def test_a_mailboxes_deliveries_are_laid_in_again(school: Telling) -> None:
    body = {"kind": "mailbox", "events": ["notice.ready"]}
    mailbox = (await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())).json()["id"]
    assert await school.attach(mailbox, "thin") == 200
    await school.decide()
    first = await taken(school)
    assert await taken(school) is None
    assert (await replay(school, mailbox, from_number=1)).json()["replayed"] == 1
    again = await taken(school)
    assert first is not None
    assert again is not None
    assert again["body"] == first["body"]
    assert (first["attempt"], again["attempt"]) == (1, 2)
    ((number, state),) = [(d["number"], d["state"]) for d in await log(school)]
    assert (number, state) == (1, "delivered")


async def taken(school: Telling) -> dict[str, object] | None:
    """Lease one item and accept it; None where nothing waits."""
    leased = await school.world.http.post("/v1/mailbox/lease", json={"limit": 1}, headers=school.world.headers())
    assert leased.status_code == 200, leased.text
    for item in leased.json()["items"]:
        receipt = {"school": item["school"], "delivery": item["delivery"], "attempt": item["attempt"], "outcome": "accepted"}
        given = await school.world.http.post("/v1/mailbox/receipts", json={"receipts": [receipt]}, headers=school.world.headers())
        assert given.json()["items"][0]["state"] == "delivered", given.text
        return dict(item)
    return None
