"""The right to be told is looked at when somebody is told, not when it was decided that they should be."""

import json
from collections.abc import AsyncIterator

import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from tests.api.world import add_client, token_for
from tests.webhooks.receivers import Receiver, answering, answering_in_turn, receiving
from tests.webhooks.telling import Telling, a_upn, is_bare, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
FACTS = {"relationship": "mother", "parental_responsibility": True, "has_care": True}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@pytest.fixture
def heard() -> list[tuple[str, dict[str, str], bytes]]:
    return []


@pytest.fixture
async def receiver(heard: list[tuple[str, dict[str, str], bytes]]) -> AsyncIterator[Receiver]:
    async with receiving(answering(OK, heard)) as found:
        yield found


async def describe(school: Telling, **facts: object) -> None:
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **{**FACTS, **facts})


async def the_notice(school: Telling) -> dict[str, object]:
    (notice,) = await school.notices()
    return notice


@pytest.mark.parametrize(
    "facts",
    [
        {"information_restricted": True, "restriction_basis": "Order of the court"},
        {"contact_restricted": True, "restriction_basis": "Order of the court"},
        {"parental_responsibility": False, "has_care": False},
    ],
)
async def test_who_loses_the_right_after_the_decision_is_not_told_of_it(
    school: Telling, receiver: Receiver, heard: list[tuple[str, dict[str, str], bytes]], facts: dict[str, object]
) -> None:
    await school.subscribe(receiver.port)
    await school.decide()
    await describe(school, **facts)
    (logged,) = await school.deliver()
    assert [is_bare(body) for *_, body in heard] == [True]
    assert (logged["state"], logged["reason"], logged["notice"], logged["number"]) == ("withheld", "not_to_be_told", None, 1)
    notice = await the_notice(school)
    assert notice["state"] == "withheld"
    assert (await school.proof(notice["id"]))["events"][-1]["kind"] == "withheld"


async def test_the_gate_is_asked_again_before_each_further_attempt(school: Telling) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering_in_turn(BUSY, OK, into=heard)) as busy:
        await school.subscribe(busy.port)
        await school.decide()
        assert [d["state"] for d in await school.deliver()] == ["waiting"]
        await describe(school, information_restricted=True, restriction_basis="Order of the court")
        await run_sql_with(school.database, "update delivery set next_at = created_at where school_id = $1", school.world.school_id)
        (logged,) = await school.deliver()
    assert (logged["state"], logged["reason"], [a["outcome"] for a in logged["log"]]) == (
        *("withheld", "not_to_be_told"),
        ["refused", "accepted"],
    )
    assert [is_bare(body) for *_, body in heard] == [False, True]
    notice = await the_notice(school)
    assert notice["state"] == "withheld"
    events = (await school.proof(notice["id"]))["events"]
    assert [(e["kind"], e["remark"]) for e in events][-1] == ("withheld", "not_to_be_told")


async def test_a_pupil_who_left_is_spoken_of_no_more(
    school: Telling, receiver: Receiver, heard: list[tuple[str, dict[str, str], bytes]]
) -> None:
    await school.subscribe(receiver.port)
    await school.decide()
    await school.world.taken(school.pupil, "departures-from-roll", reason="Moved away", author="head")
    assert [(d["state"], d["reason"]) for d in await school.deliver()] == [("withheld", "left")]
    assert [is_bare(body) for *_, body in heard] == [True]


async def test_a_notice_of_what_was_corrected_gives_way_to_its_successor(school: Telling) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        old = await the_notice(school)
        await school.decide(corrects=old["about"], reason="The reading age was that of another test")
        await school.deliver()
        log = await school.deliver()
    assert [(d["state"], d["reason"]) for d in log] == [("withheld", "superseded"), ("delivered", None)]
    withheld, successor = (body for *_, body in heard)
    assert is_bare(withheld)
    assert json.loads(successor)["notice"] != old["id"]


async def test_a_vendor_hears_of_a_school_only_while_the_grant_stands(school: Telling, receiver: Receiver) -> None:
    world = school.world
    _, client = await add_client(world.app, OrganisationKind.VENDOR)
    headers = {"Authorization": f"Bearer {await token_for(world.app, client, frozenset({'subscriptions:write'}))}"}
    body = {"url": f"http://127.0.0.1:{receiver.port}/hook", "events": ["notice.ready"]}
    made = (await world.http.post("/v1/subscriptions", json=body, headers=headers)).json()
    assert await school.attach(made["id"], "thin") == 404
    grant = await _grant(school, client, "notices:deliver")
    assert await school.attach(made["id"], "thin") == 200
    await school.decide()
    await school.plan()
    assert (await school.deliver())[0]["state"] == "delivered"
    revoked = await world.http.delete(world.path(f"/grants/{grant}"), headers=world.headers())
    assert revoked.status_code == 200, revoked.text
    assert [(d["state"], d["reason"]) for d in await school.deliver()] == [("delivered", None), ("withheld", "not_granted")]
    assert receiver.connections == 1


async def test_words_are_fetched_through_the_gate_and_each_fetch_is_written_down(school: Telling) -> None:
    await school.decide()
    notice = await the_notice(school)
    answer = await school.world.get(f"/notices/{notice['id']}/words")
    assert answer.status_code == 200, answer.text
    words = answer.json()
    assert (words["person"], words["media_type"]) == (school.parent, "text/plain; charset=utf-8")
    assert "Ada will get extra help at school" in words["body"]
    assert "Ada" not in words["subject"]
    rows = await run_sql_with(school.database, "select purpose, client_id from access where school_id = $1", school.world.school_id)
    assert [tuple(row) for row in rows] == [("notice", school.world.client_id)]
    events = (await school.proof(notice["id"]))["events"]
    assert [(e["kind"], e["client"]) for e in events] == [("composed", None), ("fetched", str(school.world.client_id))]


async def test_words_are_not_handed_out_while_the_right_is_away_and_are_when_it_is_back(school: Telling) -> None:
    await school.decide()
    notice = await the_notice(school)
    await describe(school, information_restricted=True, restriction_basis="Order of the court")
    answer = await school.world.get(f"/notices/{notice['id']}/words")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/step-refused")
    assert not [word for word in ("information_restricted", "Order", "court", school.parent) if word in answer.text]
    assert (await the_notice(school))["state"] == "withheld"
    rows = await run_sql_with(school.database, "select from access where school_id = $1", school.world.school_id)
    assert rows == []
    await describe(school)
    assert (await school.world.get(f"/notices/{notice['id']}/words", format="html")).status_code == 200
    assert (await the_notice(school))["state"] == "composed"


async def test_the_words_of_what_was_corrected_are_gone(school: Telling) -> None:
    await school.decide()
    old = await the_notice(school)
    await school.decide(corrects=old["about"], reason="The reading age was that of another test")
    answer = await school.world.get(f"/notices/{old['id']}/words")
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")


async def test_words_in_a_language_nobody_wrote_are_refused_with_the_parameter(school: Telling) -> None:
    await school.decide()
    notice = await the_notice(school)
    answer = await school.world.get(f"/notices/{notice['id']}/words", language="pl")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "language"


async def test_a_young_person_is_told_in_person_and_not_the_parents(school: Telling) -> None:
    school.pupil = await school.world.pupil(a_upn(), born="2008-05-04")
    school.parent = await school.world.contact(school.pupil)
    await school.decide()
    notice = await the_notice(school)
    assert (notice["person"], notice["person_kind"]) == (school.pupil, "pupil")
    words = (await school.world.get(f"/notices/{notice['id']}/words")).json()
    assert words["body"].startswith("You will get extra help at school")


async def test_words_need_their_own_scope(school: Telling) -> None:
    await school.decide()
    notice = await the_notice(school)
    reader = await token_for(school.world.app, school.world.client_id, frozenset({"notices:read"}))
    path = school.world.path(f"/notices/{notice['id']}/words")
    answer = await school.world.http.get(path, headers={"Authorization": f"Bearer {reader}"})
    assert answer.status_code == 403
    assert "notices:deliver" in answer.headers["www-authenticate"]


async def test_a_notice_that_is_not_there_has_no_words(school: Telling) -> None:
    assert (await school.world.get(f"/notices/{clock.new_id()}/words")).status_code == 404


async def _grant(school: Telling, client: object, *scopes: str) -> str:
    world = school.world
    body = {"client_id": str(client), "scopes": list(scopes), "purpose": "Telling parents", "until": "2030-08-31"}
    answer = await world.http.post(world.path("/grants"), json={**body, "granted_by": str(world.people["head"])}, headers=world.headers())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
