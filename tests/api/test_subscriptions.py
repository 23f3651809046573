"""Subscriptions over HTTP: where may be sent to, who decides how much it carries, and the secret that is shown once."""

from collections.abc import AsyncIterator
from typing import get_args

import httpx
import pytest

from app import clock
from app.api.subscriptions import EventName
from app.db.deliveries import SUBSCRIBABLE
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from tests.api.world import add_client, token_for
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, run_sql_with, telling


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


async def subscribe(school: Telling, url: str = "http://127.0.0.1:8999/hook", **facts: object) -> httpx.Response:
    body = {"url": url, "events": ["notice.ready"], **facts}
    return await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())


async def made(school: Telling) -> dict[str, str]:
    answer = await subscribe(school)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(school: Telling) -> list[dict[str, object]]:
    return (await school.world.http.get("/v1/subscriptions", headers=school.world.headers())).json()["items"]


async def test_the_secret_is_shown_once_and_kept_sealed(school: Telling) -> None:
    found = await made(school)
    assert found["secret"].startswith("whsec_")
    assert [(one["id"], "secret" in one) for one in await listed(school)] == [(found["id"], False)]
    ((sealed,),) = [
        tuple(row)
        for row in await run_sql_with(school.database, "select sealed_secrets from subscription where id = $1::uuid", found["id"])
    ]
    assert found["secret"].encode() not in sealed


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://10.1.2.3:8080/hook", "address_private"),
        ("https://169.254.169.254/latest", "address_metadata"),
        ("https://[::1]/hook", "address_loopback"),
        ("ftp://example.com/hook", "scheme"),
        ("https://user:word@example.com/hook", "credentials"),
        ("https://example.com/hook#part", "fragment"),
        ("not an address", "url"),
    ],
)
async def test_an_address_that_may_not_be_sent_to_is_refused_with_the_reason(school: Telling, url: str, reason: str) -> None:
    answer = await subscribe(school, url)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/url", reason)]
    assert url not in answer.text
    assert await listed(school) == []


@pytest.mark.parametrize("events", [[], ["pupil.changed"], ["notice.ready"] * 10])
async def test_only_events_that_there_are_can_be_wanted(school: Telling, events: list[str]) -> None:
    assert (await subscribe(school, events=events)).status_code == 422


async def test_an_organisation_has_at_most_fifty_subscriptions_that_stand(school: Telling) -> None:
    first = await made(school)
    for _ in range(49):
        last = await made(school)
    full = await subscribe(school)
    assert (full.status_code, full.json()["type"]) == (409, "/problems/conflict")
    paused = await school.world.http.patch(
        f"/v1/subscriptions/{first['id']}",
        json={"state": "paused"},
        headers=school.world.headers(**{"If-Match": "*"}),
    )
    assert (paused.status_code, (await subscribe(school)).status_code) == (200, 409)
    headers = school.world.headers(**{"If-Match": "*"})
    assert (await school.world.http.delete(f"/v1/subscriptions/{last['id']}", headers=headers)).status_code == 204
    assert (await subscribe(school)).status_code == 201


async def test_an_ended_subscription_stays_ended(school: Telling) -> None:
    found = await made(school)
    path = f"/v1/subscriptions/{found['id']}"
    assert (await school.world.http.delete(path, headers=school.world.headers())).status_code == 428
    assert (await school.world.http.delete(path, headers=school.world.headers(**{"If-Match": found["version"]}))).status_code == 204
    assert [one["state"] for one in await listed(school)] == ["ended"]
    assert (await school.world.http.post(f"{path}/secret-rotations", headers=school.world.headers())).status_code == 404
    assert await school.attach(found["id"], "thin") == 404


async def test_another_organisation_cannot_see_end_or_rotate_it(school: Telling) -> None:
    found = await made(school)
    _, client = await add_client(school.world.app, OrganisationKind.VENDOR)
    headers = {"Authorization": f"Bearer {await token_for(school.world.app, client, frozenset({'subscriptions:write'}))}"}
    path = f"/v1/subscriptions/{found['id']}"
    assert (await school.world.http.get("/v1/subscriptions", headers=headers)).json()["items"] == []
    assert (await school.world.http.delete(path, headers={**headers, "If-Match": "*"})).status_code == 404
    assert (await school.world.http.patch(path, json={"state": "paused"}, headers={**headers, "If-Match": "*"})).status_code == 404
    assert (await school.world.http.post(f"{path}/secret-rotations", headers=headers)).status_code == 404
    assert [one["state"] for one in await listed(school)] == ["active"]


@pytest.mark.parametrize(("who", "status"), [("head", 200), ("senco", 200), ("office", 200), ("teacher", 409), ("assistant", 409)])
async def test_full_words_are_chosen_by_the_head_the_senco_or_an_administrator(school: Telling, who: str, status: int) -> None:
    found = await made(school)
    assert await school.attach(found["id"], "full", by=who) == status
    standing = (await school.world.get("/subscriptions")).json()["items"]
    for one in standing:
        assert one.pop("version")
    chosen = [{"subscription": found["id"], "words": "full", "carries": "full", "chosen_by": str(school.world.people[who]), "number": 0}]
    assert standing == (chosen if status == 200 else [])


async def test_any_member_of_staff_may_choose_thin_and_a_stranger_nothing(school: Telling) -> None:
    found = await made(school)
    school.world.people["stranger"] = clock.new_id()
    assert await school.attach(found["id"], "thin", by="stranger") == 409
    assert await school.attach(found["id"], "thin", by="assistant") == 200


async def test_choosing_anew_keeps_the_numbers(school: Telling) -> None:
    await school.with_pupil()
    found = await made(school)
    await school.attach(found["id"], "thin")
    await school.decide()
    await school.attach(found["id"], "full")
    (standing,) = (await school.world.get("/subscriptions")).json()["items"]
    assert (standing["words"], standing["number"]) == ("full", 1)


async def change(school: Telling, subscription: str, state: str, version: str | None) -> httpx.Response:
    headers = school.world.headers(**({} if version is None else {"If-Match": version}))
    return await school.world.http.patch(f"/v1/subscriptions/{subscription}", json={"state": state}, headers=headers)


async def test_what_is_owed_to_a_paused_endpoint_waits_and_goes_out_when_it_is_active_again(school: Telling) -> None:
    await school.with_pupil()
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(b"HTTP/1.1 204 No Content\r\n\r\n", heard)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        claimed = await school.claim()
        paused = await change(school, subscription, "paused", "*")
        assert (paused.status_code, paused.json()["state"]) == (200, "paused")
        await school.deliverer.deliver(claimed[0])
        await school.plan()
        assert [(d["state"], d["number"]) for d in await school.deliver()] == [("waiting", 1), ("waiting", 2)]
        assert heard == []
        assert (await change(school, subscription, "active", paused.json()["version"])).status_code == 200
        await school.deliver()
        assert [d["state"] for d in await school.deliver()] == ["delivered", "delivered"]
        assert len(heard) == 2


async def test_a_subscription_is_changed_in_the_version_that_was_seen_alone(school: Telling) -> None:
    found = await made(school)
    assert (await change(school, found["id"], "paused", None)).status_code == 428
    paused = await change(school, found["id"], "paused", found["version"])
    assert (paused.status_code, paused.headers["etag"]) == (200, paused.json()["version"])
    stale = await change(school, found["id"], "active", found["version"])
    assert (stale.status_code, stale.headers["etag"]) == (412, paused.json()["version"])
    assert (await change(school, found["id"], "ended", "*")).status_code == 422
    assert [one["state"] for one in await listed(school)] == ["paused"]


async def test_an_ended_subscription_cannot_be_resumed(school: Telling) -> None:
    found = await made(school)
    ended = await school.world.http.delete(f"/v1/subscriptions/{found['id']}", headers=school.world.headers(**{"If-Match": "*"}))
    assert ended.status_code == 204
    assert (await change(school, found["id"], "active", "*")).status_code == 404


async def test_how_much_is_carried_is_chosen_in_the_version_that_was_seen_alone(school: Telling) -> None:
    await school.with_pupil()
    found = await made(school)
    path = school.world.path(f"/subscriptions/{found['id']}")
    thin = {"words": "thin", "chosen_by": {"id": str(school.world.people["head"])}}

    async def choose(words: str, version: str | None) -> httpx.Response:
        headers = school.world.headers(**({} if version is None else {"If-Match": version}))
        return await school.world.http.put(path, json={**thin, "words": words}, headers=headers)

    assert [(await choose("thin", version)).status_code for version in (None, '"other"', "*")] == [428, 412, 200]
    (standing,) = (await school.world.get("/subscriptions")).json()["items"]
    await school.decide()
    assert (await choose("full", standing["version"])).status_code == 200
    assert (await choose("thin", standing["version"])).status_code == 412


async def test_a_live_schools_words_never_reach_a_sandbox_organisation(school: Telling) -> None:
    found = await made(school)
    await run_sql_with(
        school.database,
        "update organisation set is_sandbox = false where id = (select organisation_id from subscription where id = $1::uuid)",
        found["id"],
    )
    assert await school.attach(found["id"], "thin") in (403, 404)


async def test_deliveries_are_listed_by_subscription_in_pages(school: Telling) -> None:
    await school.with_pupil()
    one, two = await made(school), await made(school)
    for found in (one, two):
        await school.attach(found["id"], "thin")
    await school.decide()
    await school.plan()
    page = (await school.world.get("/deliveries", subscription=two["id"], limit="1")).json()
    rest = (await school.world.get("/deliveries", subscription=two["id"], cursor=page["next"])).json()
    both = [*page["items"], *rest["items"]]
    assert [(d["subscription"], d["number"], d["state"]) for d in both] == [(two["id"], 1, "waiting"), (two["id"], 2, "waiting")]
    assert len(await school.deliveries()) == 4


async def test_subscribing_needs_its_scope(school: Telling) -> None:
    token = await token_for(school.world.app, school.world.client_id, frozenset({"notices:read"}))
    answer = await school.world.http.get("/v1/subscriptions", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert "subscriptions:write" in answer.headers["www-authenticate"]


async def test_a_granted_vendor_attaches_its_own_subscription_alone_and_thin_alone(school: Telling) -> None:
    """Otherwise it could switch the school's own, or choose for itself in the head's name that it may carry a child's words."""
    world, schools_own = school.world, (await made(school))["id"]
    _, vendor = await add_client(world.app, OrganisationKind.VENDOR)
    scopes = ["subscriptions:write", "notices:deliver"]
    grant = {"client_id": str(vendor), "scopes": scopes, "purpose": "Telling parents.", "until": "2026-12-31"}
    given = await world.post("/grants", {**grant, "granted_by": str(world.people["head"])})
    assert given.status_code == 201, given.text
    headers = {"Authorization": f"Bearer {await token_for(world.app, vendor, frozenset(scopes))}"}
    body = {"url": "http://127.0.0.1:8999/vendor", "events": ["notice.ready"]}
    vendors = (await world.http.post("/v1/subscriptions", json=body, headers=headers)).json()["id"]

    async def attach(subscription: str, words: str, by: dict[str, str]) -> int:
        choice = {"words": words, "chosen_by": {"id": str(world.people["head"])}}
        return (
            await world.http.put(world.path(f"/subscriptions/{subscription}"), json=choice, headers={**by, "If-Match": "*"})
        ).status_code

    assert await attach(schools_own, "thin", headers) == 404
    assert await attach(vendors, "full", headers) == 409
    assert await attach(vendors, "thin", headers) == 200
    assert await attach(vendors, "full", world.headers()) == 200


async def test_a_mailbox_has_neither_address_nor_secret(school: Telling) -> None:
    answer = await school.world.http.post(
        "/v1/subscriptions", json={"kind": "mailbox", "events": ["notice.ready"]}, headers=school.world.headers()
    )
    assert answer.status_code == 201, answer.text
    mailbox = answer.json()
    assert (mailbox["kind"], mailbox["url"], mailbox["secret"], mailbox["state"]) == ("mailbox", None, None, "active")
    for rest in ("secret-rotations", "pings"):
        refused = await school.world.http.post(f"/v1/subscriptions/{mailbox['id']}/{rest}", headers=school.world.headers())
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    assert await school.attach(mailbox["id"], "thin") == 200


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"kind": "mailbox", "url": "https://example.com/hook", "events": ["notice.ready"]}, "/url", "url_of_mailbox"),
        ({"kind": "push", "events": ["notice.ready"]}, "/url", "url_missing"),
        ({"events": ["notice.ready"]}, "/url", "url_missing"),
        ({"kind": "mailbox", "events": ["evidence.ready", "evidence.bundle"]}, "/events", "bundle_in_mailbox"),
        ({"kind": "pigeon", "events": ["notice.ready"]}, "/kind", "literal_error"),
    ],
)
async def test_what_does_not_go_together_is_refused_at_its_member(
    school: Telling, body: dict[str, object], pointer: str, code: str
) -> None:
    answer = await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())
    assert (answer.status_code, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (422, [(pointer, code)])
    assert await listed(school) == []


async def test_a_mailbox_is_told_what_to_ask_for_in_place_of_the_bundle(school: Telling) -> None:
    body = {"kind": "mailbox", "events": ["evidence.bundle"]}
    answer = await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())
    assert "evidence.ready" in answer.json()["errors"][0]["detail"]


def test_the_events_that_can_be_asked_for_are_those_there_are() -> None:
    assert get_args(EventName) == SUBSCRIBABLE


async def test_every_kind_of_event_can_be_asked_for_at_once(school: Telling) -> None:
    assert (await subscribe(school, events=list(SUBSCRIBABLE))).json()["events"] == list(SUBSCRIBABLE)
