"""What is owed is sent: thin, signed, in order, again after a failure, and with every attempt written down."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.api.announcements import NoticeReadyOut
from app.db.embedded import DatabaseUrls
from app.domain.codes import NeedType
from app.webhooks.delivering.schedule import MOST_ATTEMPTS
from tests.webhooks.receivers import Behaviour, answering, receiving
from tests.webhooks.receivers import heard as heard_by
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
Heard = list[tuple[str, dict[str, str], bytes]]


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


def in_turn(*answers: bytes) -> Behaviour:
    """Answer one request after another with the next of these."""
    left = list(answers)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await heard_by(reader)
            writer.write(left.pop(0))
            await writer.drain()

    return behave


async def verified(headers: dict[str, str], body: bytes, secret: str, monkeypatch: pytest.MonkeyPatch, school: Telling) -> object:
    """Verify with the reference library, which reads the clock itself."""
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _StandingStill(school.clock()))
    return Webhook(secret).verify(body, headers)


class _StandingStill:
    def __init__(self, moment: object) -> None:
        self.moment = moment

    def now(self, tz: object = None) -> object:
        return self.moment

    def __getattr__(self, name: str) -> object:
        return getattr(type(self.moment), name)


async def test_a_notice_is_announced_thin_and_signed(school: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        subscription, secret = await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
    ((first, headers, body),) = heard
    (notice,) = await school.notices()
    assert first == "POST /hook HTTP/1.1"
    assert json.loads(body) == {
        "id": logged["id"],
        "type": "notice.ready",
        "number": 1,
        "school": school.world.urn,
        "subscription": subscription,
        "notice": notice["id"],
        "stage": "decision",
        "due": "2026-03-09",
        "path": school.world.path(f"/notices/{notice['id']}"),
    }
    assert await verified(headers, body, secret, monkeypatch, school) == json.loads(body)
    assert headers["webhook-id"] == logged["id"]
    assert (logged["state"], logged["attempts"], logged["subscription"]) == ("delivered", 1, subscription)
    assert [(a["attempt"], a["outcome"], a["status"]) for a in logged["log"]] == [(1, "accepted", 204)]
    with pytest.raises(WebhookVerificationError):
        await verified(headers, body + b" ", secret, monkeypatch, school)


async def test_nothing_in_a_thin_push_names_the_child_or_the_parent(school: Telling) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await school.deliver()
    sent = heard[0][2].decode()
    assert not [word for word in ("Ada", "Example", "Gita", "Specimen", school.pupil, school.parent) if word in sent]


@pytest.mark.parametrize("words", ["thin", "full"])
async def test_nothing_in_a_push_tells_a_need_a_diagnosis_or_a_number(school: Telling, words: str) -> None:
    """UK GDPR article 5(1)(c) and (f): only the letter itself, pushed where a named person chose so, says what staff wrote."""
    needs = [{"need_type": need.value, "rank": rank} for rank, need in enumerate((NeedType.ASD, NeedType.SLCN), start=1)]
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port, words, by="senco")
        areas = ["communication_and_interaction"]
        await school.world.taken(school.pupil, "needs", needs=needs, areas=areas, reason="Diagnosed with autism in May")
        await school.decide()
        await school.plan()
        await school.deliver()
        await school.deliver()
    assert len(heard) == 2
    (upn,) = await run_sql_with(school.database, "select upn from pupil where id = $1::uuid", school.pupil)
    for sent in (json.loads(body) for _, _, body in heard):
        letter = sent.get("words", {}).pop("body", "")
        assert not [word for word in ("autis", "diagnos", "reads far below age") if word in json.dumps(sent).lower()]
        assert not [need for need in NeedType if re.search(rf"\b{need.value}\b", json.dumps(sent) + letter)]
        assert upn["upn"] not in json.dumps(sent) + letter


async def test_words_are_pushed_where_the_school_chose_so(school: Telling) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port, "full", by="senco")
        await school.decide()
        await school.deliver()
    NoticeReadyOut.model_validate_json(heard[0][2])
    words = json.loads(heard[0][2])["words"]
    assert words["person"] == school.parent
    assert words["body"].startswith("Ada will get extra help at school")


async def test_words_are_not_carried_to_an_address_that_they_were_not_chosen_for(school: Telling) -> None:
    """Who owns an endpoint may move it; whether the words follow is the school's choice, once more and by name."""
    heard: Heard = []
    async with receiving(answering(OK, heard)) as first, receiving(answering(OK, heard)) as second:
        subscription, _ = await school.subscribe(first.port, "full", by="senco")
        moved = {"url": f"http://127.0.0.1:{second.port}/hook"}
        headers = school.world.headers(**{"If-Match": "*"})
        assert (await school.world.http.patch(f"/v1/subscriptions/{subscription}", json=moved, headers=headers)).status_code == 200
        (standing,) = (await school.world.get("/subscriptions")).json()["items"]
        assert (standing["words"], standing["carries"]) == ("full", "thin")
        await school.decide()
        await school.deliver()
        assert await school.attach(subscription, "full", by="head") == 200
        await school.plan()
        await school.deliver()
    assert ["words" in json.loads(body) for _, _, body in heard] == [False, True]


async def test_a_failed_attempt_is_tried_again_by_the_schedule_and_told_on_the_notice(school: Telling) -> None:
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        (logged,) = await school.deliver()
        assert (logged["state"], logged["attempts"]) == ("waiting", 1)
        assert logged["next_at"] == "2026-03-02T09:00:05Z"
        assert (await school.deliver())[0]["attempts"] == 1
        school.clock.ahead = timedelta(seconds=5)
        (logged,) = await school.deliver()
    assert (logged["attempts"], [a["status"] for a in logged["log"]]) == (2, [503, 503])
    (notice,) = await school.notices()
    proof = await school.proof(notice["id"])
    told = [(e["kind"], e["remark"]) for e in proof["events"]]
    assert told == [("composed", None), ("queued", "to 1"), ("attempted", "refused"), ("attempted", "refused")]


async def test_after_the_last_attempt_a_delivery_is_dead(school: Telling, database: DatabaseUrls) -> None:
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await run_sql_with(database, "update delivery set attempts = $1 where school_id = $2", MOST_ATTEMPTS - 1, school.world.school_id)
        (logged,) = await school.deliver()
    assert (logged["state"], logged["reason"], logged["attempts"]) == ("dead", "exhausted", MOST_ATTEMPTS)


async def test_a_delivery_that_keeps_killing_its_worker_dies_at_last_unsent(school: Telling, database: DatabaseUrls) -> None:
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await run_sql_with(database, "update delivery set attempts = $1 where school_id = $2", MOST_ATTEMPTS, school.world.school_id)
        (logged,) = await school.deliver()
        assert receiver.connections == 0
    assert (logged["state"], logged["reason"]) == ("dead", "exhausted")


async def test_gone_ends_the_subscription_and_what_waits_for_it_is_withheld_without_ids(school: Telling) -> None:
    async with receiving(answering(GONE)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await school.decide()
        await school.plan()
        first, second = await school.deliver()
        assert (first["state"], first["reason"]) == ("dead", "gone")
        first, second = await school.deliver()
        assert receiver.connections == 1
    assert (second["state"], second["reason"], second["notice"], second["number"]) == ("withheld", "subscription_not_active", None, 2)
    listed = (await school.world.http.get("/v1/subscriptions", headers=school.world.headers())).json()["items"]
    assert [s["state"] for s in listed if s["id"] == subscription] == ["ended"]


async def test_a_later_delivery_about_a_pupil_waits_for_the_earlier_one(school: Telling) -> None:
    async with receiving(in_turn(BUSY, OK, OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await school.plan()
        assert [d["attempts"] for d in await school.deliver()] == [1, 0]
        school.clock.ahead = timedelta(seconds=10)
        assert [d["state"] for d in await school.deliver()] == ["delivered", "waiting"]
        assert [d["state"] for d in await school.deliver()] == ["delivered", "delivered"]


async def test_a_dead_delivery_lets_the_next_one_go(school: Telling, database: DatabaseUrls) -> None:
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await school.plan()
        await run_sql_with(database, "update delivery set attempts = $1 where school_id = $2 and number = 1", 11, school.world.school_id)
        assert [d["state"] for d in await school.deliver()] == ["dead", "waiting"]
        assert [d["attempts"] for d in await school.deliver()] == [12, 1]


async def test_pupils_do_not_wait_for_each_other(school: Telling) -> None:
    other = await school.world.pupil(a_upn())
    await school.world.contact(other)
    async with receiving(answering(BUSY)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await school.decide(other)
        assert [d["attempts"] for d in await school.deliver()] == [1, 1]


async def test_a_crash_counts_as_an_attempt_and_the_delivery_comes_back_by_itself(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        (lost,) = await school.claim()
        assert await school.claim() == []
        school.clock.ahead = timedelta(seconds=60)
        (logged,) = await school.deliver()
    assert (logged["state"], logged["attempts"]) == ("delivered", 2)
    assert [(a["attempt"], a["outcome"]) for a in logged["log"]] == [(1, "interrupted"), (2, "accepted")]
    await school.deliverer.deliver(lost)
    assert (await school.deliveries())[0]["attempts"] == 2


async def test_who_lost_the_lease_sends_nothing(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        (late,) = await school.claim()
        school.clock.ahead = timedelta(seconds=60)
        (now,) = await school.claim()
        await school.deliverer.deliver(late)
        assert receiver.connections == 0
        await school.deliverer.deliver(now)
        assert receiver.connections == 1


async def test_old_and_new_secret_both_sign_for_a_day(school: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        subscription, old = await school.subscribe(receiver.port)
        rotated = await school.world.http.post(f"/v1/subscriptions/{subscription}/secret-rotations", headers=school.world.headers())
        new = rotated.json()["secret"]
        await school.decide()
        await school.deliver()
        school.clock.ahead = timedelta(hours=24)
        await school.plan()
        await school.deliver()
    (_, both, one), (_, alone, two) = heard
    assert [signature.split(",")[0] for signature in both["webhook-signature"].split(" ")] == ["v1", "v1", "v1a"]
    assert [signature.split(",")[0] for signature in alone["webhook-signature"].split(" ")] == ["v1", "v1a"]
    assert await verified(alone, two, new, monkeypatch, school)
    school.clock.ahead = timedelta()
    assert await verified(both, one, new, monkeypatch, school) == await verified(both, one, old, monkeypatch, school)


async def test_an_address_that_may_no_longer_be_sent_to_is_a_failed_attempt(school: Telling, database: DatabaseUrls) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await run_sql_with(database, "update subscription set url = 'http://10.0.0.1:8080/hook' where id = $1::uuid", subscription)
        await school.decide()
        (logged,) = await school.deliver()
        assert receiver.connections == 0
    assert (logged["state"], logged["log"][0]["outcome"]) == ("waiting", "address_private")


async def test_a_secret_that_cannot_be_opened_is_our_fault_and_counts(school: Telling, database: DatabaseUrls) -> None:
    async with receiving(answering(OK)) as receiver:
        subscription, _ = await school.subscribe(receiver.port)
        await run_sql_with(database, "update subscription set sealed_secrets = 'nonsense' where id = $1::uuid", subscription)
        await school.decide()
        (logged,) = await school.deliver()
    assert (logged["state"], logged["attempts"], logged["log"][0]["outcome"]) == ("waiting", 1, "fault")
