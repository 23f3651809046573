"""What waits in a mailbox is leased through the gate that a push passes, comes back without a receipt, and is never with two at once."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app import clock
from app.db.client_entrance import ClientEntrance
from app.db.deliveries import SUBSCRIPTION_DISABLED, Event, Withholding, owe
from app.db.embedded import DatabaseUrls
from app.db.scopes import SCOPES, scope_of
from app.webhooks.delivering.preparing import WITHHELD
from app.webhooks.receiving.mailbox import Asked, Mailbox
from app.webhooks.telling.catalogue import catalogue
from app.webhooks.telling.events import EventKind, Turn
from tests.api.sending import OTHER, asked_by_parent, authority, prepared, sent
from tests.api.world import token_for
from tests.webhooks.leasing import Taker, attempts, opened, own, states, with_pupils
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
MOTHER = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
BARRED = {"information_restricted": True, "restriction_basis": "Invented order"}
ITS_OWN = {"id", "subscription", "number"}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@pytest.fixture
def taker(school: Telling) -> Taker:
    return own(school.world)


async def test_a_lease_carries_the_very_json_that_a_push_carries(school: Telling, taker: Taker) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []
    mailbox = await opened(school, taker)
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        await school.deliver()
    (item,) = await taker.lease()
    pushed, pulled = json.loads(heard[0][2]), item["body"]
    assert {name: value for name, value in pulled.items() if name not in ITS_OWN} == {
        name: value for name, value in pushed.items() if name not in ITS_OWN
    }
    assert list(pulled) == list(pushed)
    assert (pulled["id"], pulled["subscription"], pulled["number"]) == (item["delivery"], mailbox, 1)
    assert (item["school"], item["attempt"]) == (school.world.urn, 1)


async def test_nothing_is_sent_to_a_mailbox(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    assert await school.claim() == []
    assert await states(school) == [("waiting", None)]


async def test_an_accepted_item_is_delivered_and_stands_in_the_notices_proof(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    assert await taker.receipt(item) == [("recorded", "delivered")]
    assert await states(school) == [("delivered", None)]
    (notice,) = await school.notices()
    events = (await school.proof(notice["id"]))["events"]
    assert [(e["kind"], e["client"]) for e in events][-1] == ("announced", str(taker.client_id))
    assert await taker.lease() == []


async def test_words_leave_by_a_lease_only_where_the_school_chose_so_and_are_a_look(school: Telling, taker: Taker) -> None:
    await opened(school, taker, words="full")
    thin = await opened(school, taker)
    await school.decide()
    full, bare = sorted(await taker.lease(), key=lambda item: item["body"]["subscription"] == thin)
    assert "Ada will get extra help at school" in full["body"]["words"]["body"]
    assert "words" not in bare["body"]
    looks = await run_sql_with(school.database, "select purpose, client_id from access where school_id = $1", school.world.school_id)
    assert [(look["purpose"], str(look["client_id"])) for look in looks] == [("pushed", full["body"]["subscription"])]


async def test_a_lease_that_lapses_returns_its_items_and_counts(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (first,) = await taker.lease(seconds=10)
    school.clock.ahead = timedelta(seconds=9)
    assert await taker.lease() == []
    school.clock.ahead = timedelta(seconds=10)
    (second,) = await taker.lease()
    assert (second["delivery"], first["attempt"], second["attempt"]) == (first["delivery"], 1, 2)
    assert await attempts(school) == [["lapsed"]]
    assert second["body"] == first["body"]


async def test_two_clients_at_once_never_hold_the_same_item(school: Telling, taker: Taker) -> None:
    colleague = await taker.colleague()
    await opened(school, taker)
    await with_pupils(school, 12)
    rounds = [client.lease(limit=3) for client in (taker, colleague) * 4]
    held = [item["delivery"] for items in await asyncio.gather(*rounds) for item in items]
    while rest := await taker.lease(limit=3):
        held += [item["delivery"] for item in rest]
    assert Counter(held) == Counter(delivery["id"] for delivery in await school.deliveries())
    assert len(held) == 12


async def test_the_next_about_a_pupil_comes_when_the_one_before_is_done(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await school.plan()
    first = await taker.look(limit=10)
    assert ([item["body"]["number"] for item in first["items"]], first["waiting"]) == ([1], 1)
    assert await taker.lease() == []
    await taker.receipt(*first["items"])
    assert [item["body"]["number"] for item in await taker.lease()] == [2]


async def test_two_mailboxes_do_not_hold_each_other_back(school: Telling, taker: Taker) -> None:
    one, other = await opened(school, taker), await opened(school, taker)
    await school.decide()
    await school.plan()
    (item,) = await taker.lease(subscription=one)
    await taker.receipt(item)
    assert [item["body"]["number"] for item in await taker.lease(subscription=one)] == [2]
    assert [item["body"]["number"] for item in await taker.lease(subscription=other)] == [1]


async def test_who_was_unlinked_between_two_leases_is_spoken_of_no_more(school: Telling, taker: Taker) -> None:
    await opened(school, taker, words="full")
    await school.decide()
    await school.plan()
    (before,) = await taker.lease(seconds=10)
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **{**MOTHER, **BARRED})
    school.clock.ahead = timedelta(seconds=10)
    (after,) = await taker.lease(limit=1)
    assert (before["body"]["type"], "words" in before["body"]) == ("notice.ready", True)
    assert after["body"] == {
        "id": before["delivery"],
        "type": WITHHELD,
        "number": 1,
        "school": school.world.urn,
        "subscription": before["body"]["subscription"],
    }
    assert [item["body"]["type"] for item in await taker.lease()] == [WITHHELD], "a withheld event holds no later one back"
    assert await taker.receipt(after) == [("recorded", "withheld")]
    assert (await states(school))[0] == ("withheld", "not_to_be_told")
    proof = await school.proof((await school.notices())[0]["id"])
    assert (proof["state"], [e["kind"] for e in proof["events"]].count("announced")) == ("withheld", 0)


async def test_numbers_run_without_gaps_and_are_those_of_the_log(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await with_pupils(school, 4)
    await school.decide()
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **{**MOTHER, **BARRED})
    await with_pupils(school, 2)
    items = []
    while got := await taker.lease(limit=2):
        items += got
        await taker.receipt(*got)
    told = {item["body"]["number"]: (item["delivery"], item["body"]["type"]) for item in items}
    assert sorted(told) == list(range(1, 8))
    log = {delivery["number"]: (delivery["id"], delivery["state"]) for delivery in await school.deliveries()}
    assert {number: id_ for number, (id_, _) in told.items()} == {number: id_ for number, (id_, _) in log.items()}
    assert {number for number, (_, type_) in told.items() if type_ == WITHHELD} == {5}
    assert {number for number, (_, state) in log.items() if state == "withheld"} == {5}


@pytest.mark.parametrize("lacks", ["token", "client"])
async def test_who_could_not_fetch_words_leases_none_out_of_a_mailbox_of_full_ones(school: Telling, taker: Taker, lacks: str) -> None:
    await opened(school, taker, words="full")
    await school.decide()
    if lacks == "token":
        narrow = await token_for(taker.app, taker.client_id, frozenset({"mailbox:take", "notices:read"}))
        item = (await replace(taker, token=narrow).lease(seconds=10))[0]
    else:
        change = "update client set scopes = array_remove(scopes, 'notices:deliver') where id = $1"
        await run_sql_with(school.database, change, taker.client_id)
        item = (await taker.lease(seconds=10))[0]
        await run_sql_with(school.database, "update client set scopes = scopes || '{notices:deliver}' where id = $1", taker.client_id)
    assert (item["body"]["type"], "words" in item["body"]) == ("notice.ready", False)
    assert "pushed" not in [event["kind"] for event in (await school.proof(item["body"]["notice"]))["events"]]
    school.clock.ahead += timedelta(seconds=10)
    assert "Ada will get extra help at school" in (await taker.lease())[0]["body"]["words"]["body"]


async def test_a_client_that_waits_hears_as_soon_as_there_is_something(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    waiting = asyncio.create_task(taker.lease(wait=30))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    async with asyncio.timeout(8):
        await school.decide()
        assert len(await waiting) == 1


async def test_a_client_that_waits_in_vain_gets_an_empty_answer_in_time(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    ears = list(school.world.app.state.bell._ears)
    async with asyncio.timeout(5):
        assert await taker.lease(wait=1) == []
    assert school.world.app.state.bell._ears == ears


def asked_by(taker: Taker) -> Asked:
    entrance = ClientEntrance(client_id=taker.client_id, scope=scope_of("mailbox:take"), token_scopes=frozenset(SCOPES))
    return Asked(entrance=entrance, mailbox_id=None, urns=None, limit=10, seconds=10)


def with_gate(school: Telling, gate: Callable[[Turn], Awaitable[Withholding | None]]) -> Mailbox:
    state = school.world.app.state
    events = dict(catalogue(state.blobs))
    events["notice.ready"] = EventKind(gate=gate, payload=events["notice.ready"].payload)
    return Mailbox(state.casework, school.sweep, events)


async def test_a_process_that_dies_within_a_lease_loses_nothing(school: Telling, taker: Taker) -> None:
    async def dies(turn: Turn) -> Withholding | None:
        raise asyncio.CancelledError

    await opened(school, taker)
    await school.decide()
    with pytest.raises(asyncio.CancelledError):
        await with_gate(school, dies).lease(asked_by(taker))
    assert await taker.lease() == []
    school.clock.ahead = timedelta(seconds=10)
    assert [item["attempt"] for item in await taker.lease()] == [2]
    assert await attempts(school) == [["lapsed"]]


async def test_a_fault_of_ours_keeps_no_other_item_back(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await with_pupils(school, 2)
    whole = catalogue(school.world.app.state.blobs)["notice.ready"].gate

    async def stumbles(turn: Turn) -> Withholding | None:
        if turn.delivery.number == 2:
            await turn.opened.session.connection.execute("select 1 / 0")
        return await whole(turn)

    handed = await with_gate(school, stumbles).lease(asked_by(taker))
    assert [item.claimed.number for item in handed.items] == [1, 3]
    assert await attempts(school) == [[], ["fault"], []]
    school.clock.ahead = timedelta(seconds=5)
    assert [item["body"]["number"] for item in await taker.lease()] == [2]


async def test_an_authority_leases_word_of_requests_and_evidence(school: Telling, tmp_path: Path) -> None:
    world = await prepared(school.world)
    county = await authority(world)
    officer = Taker(world.app, world.http, county.organisation_id, county.client_id, county.token)
    mailbox = await officer.mailbox("request.made", "evidence.ready")
    await sent(world, a_upn())
    (made,) = await officer.lease()
    await officer.receipt(made)
    (ready,) = await officer.lease()
    assert [item["body"]["type"] for item in (made, ready)] == ["request.made", "evidence.ready"]
    assert {item["body"]["subscription"] for item in (made, ready)} == {mailbox}
    assert "pupil" not in json.dumps([made, ready])
    await officer.receipt(ready)
    await asked_by_parent(world, await world.pupil(a_upn()))
    await run_sql_with(school.database, "update organisation set authority = '799' where id = $1", county.organisation_id)
    assert await officer.lease() == []
    assert (await states(school))[-1] == ("withheld", "not_granted")
    await run_sql_with(school.database, "update organisation set authority = '700' where id = $1", county.organisation_id)


async def test_an_authority_hears_out_of_its_mailbox_that_an_endpoint_of_its_own_was_disabled(school: Telling) -> None:
    world = await prepared(school.world)
    county = await authority(world, code=OTHER)
    officer = Taker(world.app, world.http, county.organisation_id, county.client_id, county.token)
    await officer.mailbox("subscription.disabled")
    failing = await officer.mailbox("request.made")
    await asked_by_parent(world, await world.pupil(a_upn()), authority=OTHER)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        event = Event(event=SUBSCRIPTION_DISABLED, disabled_id=UUID(failing))
        assert await owe(session, [event], new_id=clock.new_id, now=school.clock(), to=county.organisation_id) == 1
    told = {item["body"]["type"]: item["body"] for item in await officer.lease()}
    assert told["subscription.disabled"]["disabled"] == failing
    await run_sql_with(school.database, "update organisation set authority = '700' where id = $1", county.organisation_id)
