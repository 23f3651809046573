"""Changing a subscription: where it is sent, what it hears of, and letting it go on after failures, each in the version that was seen."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from tests.api.test_subscriptions import made
from tests.api.world import NOW, add_client, token_for
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


async def read(school: Telling, subscription: str) -> dict[str, object]:
    answer = await school.world.http.get(f"/v1/subscriptions/{subscription}", headers=school.world.headers())
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == answer.json()["version"]
    return answer.json()


async def patched(school: Telling, subscription: str, version: str = "*", **changes: object) -> httpx.Response:
    headers = school.world.headers(**{"If-Match": version})
    return await school.world.http.patch(f"/v1/subscriptions/{subscription}", json=changes, headers=headers)


PUT_OFF = "update delivery set attempts = 9, next_at = '2026-03-02T19:00:00Z' where subscription_id = $1"
TRIED = """
insert into delivery_attempt (school_id, delivery_id, attempt, at, outcome, status, duration_ms)
select school_id, id, attempts, '2026-03-02T05:00:00Z', 'refused', 503, 12 from delivery where subscription_id = $1
"""
FAILING = """
update subscription set state = $2, failures = 21, failing_since = '2026-02-27T08:00:00Z', probe_at = '2026-03-02T09:20:00Z' where id = $1
"""


async def test_a_disabled_subscription_says_since_when_it_fails_and_is_active_again_once_it_is_patched(school: Telling) -> None:
    found = await made(school)
    await run_sql_with(school.database, FAILING, UUID(found["id"]), "disabled")
    seen = await read(school, found["id"])
    assert [seen[name] for name in ("state", "failures", "failing_since", "next_probe_at")] == [
        *("disabled", 21, "2026-02-27T08:00:00Z", "2026-03-02T09:20:00Z")
    ]
    active = (await patched(school, found["id"], seen["version"], state="active")).json()
    assert [active[name] for name in ("state", "failures", "failing_since", "next_probe_at")] == [
        *("active", 0, None, "2026-03-02T09:00:00Z")
    ]
    assert await read(school, found["id"]) == active


async def test_one_that_is_mended_is_tried_at_once_and_what_it_accepts_lets_everything_go(school: Telling) -> None:
    await school.with_pupil()
    other = await school.world.pupil(a_upn())
    await school.world.contact(other)
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(b"HTTP/1.1 204 No Content\r\n\r\n", heard)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        await school.decide(other)
        await run_sql_with(school.database, FAILING, UUID(subscription), "disabled")
        await run_sql_with(school.database, PUT_OFF, UUID(subscription))
        await run_sql_with(school.database, TRIED, UUID(subscription))
        assert await school.claim() == []
        assert (await patched(school, subscription, state="active")).status_code == 200
        (probe,) = await school.claim()
        assert await school.claim() == []
        await school.deliverer.deliver(probe)
        assert [d["state"] for d in await school.deliver()] == ["delivered", "delivered"]
    found = await read(school, subscription)
    assert (found["state"], found["failures"], found["next_probe_at"]) == ("active", 0, None)
    assert len(heard) == 2


async def test_failures_make_no_version_stale_and_pausing_forgets_none(school: Telling) -> None:
    found = await made(school)
    await run_sql_with(school.database, FAILING, UUID(found["id"]), "active")
    assert (await read(school, found["id"]))["version"] == found["version"]
    paused = await patched(school, found["id"], found["version"], state="paused")
    assert (paused.status_code, paused.json()["failures"]) == (200, 21)


async def test_an_ended_subscription_can_still_be_looked_at_by_its_owner_alone(school: Telling) -> None:
    found = await made(school)
    path = f"/v1/subscriptions/{found['id']}"
    await school.world.http.delete(path, headers=school.world.headers(**{"If-Match": "*"}))
    assert (await read(school, found["id"]))["state"] == "ended"
    _, stranger = await add_client(school.world.app, OrganisationKind.VENDOR)
    headers = {"Authorization": f"Bearer {await token_for(school.world.app, stranger, frozenset({'subscriptions:write'}))}"}
    assert (await school.world.http.get(path, headers=headers)).status_code == 404


async def test_a_new_address_gets_what_was_owed_before_and_the_numbers_and_the_secret_go_on(school: Telling) -> None:
    await school.with_pupil()
    before: list[tuple[str, dict[str, str], bytes]] = []
    after: list[tuple[str, dict[str, str], bytes]] = []
    no_content = b"HTTP/1.1 204 No Content\r\n\r\n"
    async with receiving(answering(no_content, before)) as old, receiving(answering(no_content, after)) as new:
        subscription, secret = await school.subscribe(old.port)
        await school.decide()
        await school.deliver()
        await school.plan()
        moved = await patched(school, subscription, url=f"http://127.0.0.1:{new.port}/elsewhere")
        assert (moved.status_code, moved.json()["url"]) == (200, f"http://127.0.0.1:{new.port}/elsewhere")
        await school.deliver()
    ((_, _, one),), ((_, headers, two),) = before, after
    assert [json.loads(body)["number"] for body in (one, two)] == [1, 2]
    assert Webhook(secret).sign(headers["webhook-id"], NOW, two.decode()) in headers["webhook-signature"].split(" ")


async def test_of_what_is_asked_for_no_more_the_numbers_alone_go_out(school: Telling) -> None:
    await school.with_pupil()
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(b"HTTP/1.1 204 No Content\r\n\r\n", heard)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        changed = await patched(school, subscription, events=["obligation.overdue"])
        assert (changed.status_code, changed.json()["events"]) == (200, ["obligation.overdue"])
        await school.plan()
        await school.deliver()
    assert [(json.loads(body)["type"], json.loads(body)["number"]) for _, _, body in heard] == [("delivery.withheld", 1)]
    ((logged,),) = (await school.deliveries(),)
    assert (logged["state"], logged["reason"], logged["notice"]) == ("withheld", "not_wanted", None)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({}, "", "nothing_to_change"),
        ({"url": "https://[::1]/hook"}, "/url", "address_loopback"),
        ({"events": []}, "/events", "too_short"),
        ({"kind": "mailbox"}, "/kind", "extra_forbidden"),
        ({"state": "disabled"}, "/state", "literal_error"),
    ],
)
async def test_a_change_that_does_not_fit_changes_nothing(school: Telling, changes: dict[str, object], pointer: str, code: str) -> None:
    found = await made(school)
    answer = await patched(school, found["id"], **changes)
    assert answer.status_code == 422
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
    assert (await read(school, found["id"]))["version"] == found["version"]


@pytest.mark.parametrize(
    ("changes", "code"), [({"url": "http://127.0.0.1:8999/hook"}, "url_of_mailbox"), ({"events": ["evidence.bundle"]}, "bundle_in_mailbox")]
)
async def test_a_mailbox_stays_one(school: Telling, changes: dict[str, object], code: str) -> None:
    body = {"kind": "mailbox", "events": ["notice.ready"]}
    mailbox = (await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())).json()
    answer = await patched(school, mailbox["id"], **changes)
    assert (answer.status_code, [e["code"] for e in answer.json()["errors"]]) == (422, [code])
