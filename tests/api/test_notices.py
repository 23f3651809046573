"""Notices over HTTP: what the messaging system reports, what was told in person, and the proof that stands at the end."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from tests.api.world import TODAY
from tests.webhooks.telling import Telling, telling

TELL = "inform-parents-of-sen-provision"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        await found.with_pupil()
        await found.decide()
        yield found


async def the_notice(school: Telling) -> dict[str, object]:
    (notice,) = await school.notices()
    return notice


async def report(school: Telling, event: str, *, key: str | None = None, **facts: object) -> httpx.Response:
    notice = await the_notice(school)
    headers = None if key is None else {"Idempotency-Key": key}
    return await school.world.post(f"/notices/{notice['id']}/reports", {"event": event, **facts}, headers=headers)


async def state_of_the_duty(school: Telling) -> str:
    owed = (await school.world.get(f"/pupils/{school.pupil}/obligations")).json()["items"]
    (state,) = [one["state"] for one in owed if one["rule"] == (await the_notice(school))["rule"]]
    return str(state)


async def kinds(school: Telling) -> list[object]:
    return [event["kind"] for event in (await school.proof((await the_notice(school))["id"]))["events"]]


async def test_a_decision_composes_a_notice_for_the_parent_with_its_law(school: Telling) -> None:
    notice = await the_notice(school)
    assert (notice["pupil"], notice["person"], notice["person_kind"]) == (school.pupil, school.parent, "contact")
    assert (notice["matter"], notice["stage"], notice["due"], notice["state"]) == ("sen_provision", "decision", "2026-03-09", "composed")
    assert any("section 68" in citation for citation in notice["citations"])
    assert await state_of_the_duty(school) == "due"


async def test_delivered_meets_the_duty_to_tell(school: Telling) -> None:
    answer = await report(school, "delivered")
    assert answer.status_code == 201, answer.text
    (entry,) = answer.json()["entries"]
    assert (entry["type"], entry["author"]["kind"], entry["facts"]["how"]) == ("person.told", "client", "delivered")
    assert answer.json()["state"] == "delivered"
    assert await state_of_the_duty(school) == "kept"


async def test_sent_alone_meets_nothing_where_the_channel_reports_delivery(school: Telling) -> None:
    answer = await report(school, "sent")
    assert (answer.status_code, answer.json()["entries"], answer.json()["state"]) == (201, [], "sent")
    assert await state_of_the_duty(school) == "due"


async def test_sent_is_enough_where_the_channel_can_say_no_more(school: Telling) -> None:
    answer = await report(school, "sent", channel_reports_delivery=False)
    assert (answer.json()["entries"][0]["facts"]["how"], answer.json()["state"]) == ("sent", "told")
    assert await state_of_the_duty(school) == "kept"


async def test_a_bounce_after_delivery_opens_the_duty_again(school: Telling) -> None:
    await report(school, "delivered")
    answer = await report(school, "bounced")
    assert (answer.json()["entries"][0]["type"], answer.json()["state"]) == ("telling.undone", "bounced")
    assert await state_of_the_duty(school) == "due"
    await report(school, "delivered")
    assert await state_of_the_duty(school) == "kept"
    assert await kinds(school) == ["composed", "delivered", "bounced", "delivered"]


async def test_a_bounce_of_what_never_arrived_is_proof_alone(school: Telling) -> None:
    await report(school, "sent")
    answer = await report(school, "bounced", remark="Mailbox full")
    assert (answer.json()["entries"], answer.json()["state"]) == ([], "bounced")


async def test_read_and_a_second_delivery_add_to_the_proof_and_not_to_the_record(school: Telling) -> None:
    await report(school, "delivered")
    assert (await report(school, "read")).json()["state"] == "read"
    again = await report(school, "delivered")
    assert (again.json()["entries"], again.json()["state"]) == ([], "read")
    assert await kinds(school) == ["composed", "delivered", "read", "delivered"]


@pytest.mark.parametrize("event", ["delivered", "sent"])
async def test_the_same_report_under_the_same_key_counts_once(school: Telling, event: str) -> None:
    first = await report(school, event, key="report-1")
    again = await report(school, event, key="report-1")
    assert (again.status_code, again.json()["entries"]) == (201, first.json()["entries"])
    assert await kinds(school) == ["composed", event]
    other = await report(school, "read", key="report-1")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_a_report_needs_a_key(school: Telling) -> None:
    notice = await the_notice(school)
    headers = school.world.headers()
    del headers["Idempotency-Key"]
    path = school.world.path(f"/notices/{notice['id']}/reports")
    answer = await school.world.http.post(path, json={"event": "sent"}, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")


@pytest.mark.parametrize("event", ["delivered", "read"])
async def test_nothing_is_reported_from_the_schools_future(school: Telling, event: str) -> None:
    answer = await report(school, event, at="2026-03-03T09:00:00Z")
    assert answer.status_code == 422
    assert await kinds(school) == ["composed"]


async def test_nobody_is_told_before_it_was_decided(school: Telling) -> None:
    answer = await report(school, "delivered", at="2026-03-01T09:00:00Z")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
    assert await state_of_the_duty(school) == "due"


@pytest.mark.parametrize("how", ["in_person", "by_post"])
async def test_a_telling_in_person_or_by_post_meets_the_duty(school: Telling, how: str) -> None:
    answer = await tell(school, how=how)
    assert answer.status_code == 201, answer.text
    (entry,) = answer.json()["entries"]
    assert (entry["author"]["id"], entry["facts"]["how"]) == (str(school.world.people["senco"]), how)
    assert (await the_notice(school))["state"] == "told"
    assert await state_of_the_duty(school) == "kept"
    assert await kinds(school) == ["composed", how]


async def test_a_telling_can_be_tried_out(school: Telling) -> None:
    answer = await tell(school, dry_run="true")
    assert (answer.status_code, answer.json()["would_append"][0]["type"]) == (200, "person.told")
    assert await kinds(school) == ["composed"]


async def test_a_stranger_cannot_say_that_somebody_was_told(school: Telling) -> None:
    answer = await tell(school, author={"id": str(clock.new_id())})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/step-refused")


async def test_a_telling_over_the_wire_is_in_person_or_by_post(school: Telling) -> None:
    answer = await tell(school, how="delivered")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/how")


async def test_notices_are_listed_by_state_and_pupil_in_pages(school: Telling) -> None:
    await school.plan()
    first = (await school.world.get("/notices", limit="1")).json()
    second = (await school.world.get("/notices", limit="1", cursor=first["next"])).json()
    assert [n["matter"] for n in (*first["items"], *second["items"])] == ["sen_provision", "plan"]
    assert second["next"] is None
    assert len((await school.world.get("/notices", state="composed", pupil=school.pupil)).json()["items"]) == 2
    assert (await school.world.get("/notices", state="read")).json()["items"] == []
    assert (await school.world.get("/notices", pupil=str(clock.new_id()))).json()["items"] == []


async def test_a_notice_of_another_school_is_not_there(school: Telling, database: DatabaseUrls) -> None:
    notice = await the_notice(school)
    async with telling(database) as other:
        for path in (f"/notices/{notice['id']}", f"/notices/{notice['id']}/words"):
            assert (await other.world.get(path)).status_code == 404
        assert (await other.world.post(f"/notices/{notice['id']}/reports", {"event": "delivered"})).status_code == 404
    assert await kinds(school) == ["composed"]


async def tell(school: Telling, *, how: str = "in_person", author: dict[str, str] | None = None, **params: str) -> httpx.Response:
    notice = await the_notice(school)
    body = {"author": author or {"id": str(school.world.people["senco"])}, "occurred_on": TODAY.isoformat(), "how": how}
    return await school.world.post(f"/notices/{notice['id']}/tellings", body, **params)
