"""What waits in a mailbox is leased through the gate that a push passes, comes back without a receipt, and is never with two at once."""

import asyncio
import itertools
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
from app.db.deliveries import OBLIGATION_OVERDUE, SUBSCRIPTION_DISABLED, Event, owe
from app.db.embedded import DatabaseUrls
from app.db.scopes import SCOPES, scope_of
from app.webhooks.catalogue import catalogue
from app.webhooks.events import EventKind, Turn
from app.webhooks.gate import Withholding
from app.webhooks.mailbox import Asked, Mailbox
from app.webhooks.preparing import WITHHELD
from app.webhooks.schedule import MOST_ATTEMPTS
from tests.api.sending import OTHER, asked_by_parent, authority, prepared, sent
from tests.api.world import add_school, token_for
from tests.webhooks.leasing import Taker, grant, opened, own, receipt_of, revoke, vendor
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
MOTHER = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
BARRED = {"information_restricted": True, "restriction_basis": "Invented order"}
ITS_OWN = {"id", "subscription", "number"}
_urns = itertools.count(999_700)


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


@pytest.fixture
def taker(school: Telling) -> Taker:
    return own(school.world)


async def another(school: Telling) -> Telling:
    """A second school behind the same API, with one pupil."""
    world = await add_school(school.world.app, school.world.http, str(next(_urns)))
    return await replace(school, world=world, pupil="", parent="").with_pupil()


async def with_pupils(school: Telling, count: int) -> None:
    """Owe the parents of so many more pupils a notice each."""
    for _ in range(count):
        pupil = await school.world.pupil(a_upn())
        await school.world.contact(pupil)
        await school.decide(pupil)


async def attempts(school: Telling) -> list[list[str]]:
    return [[attempt["outcome"] for attempt in delivery["log"]] for delivery in await school.deliveries()]


async def states(school: Telling) -> list[tuple[str, str | None]]:
    return [(delivery["state"], delivery["reason"]) for delivery in await school.deliveries()]


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


async def test_a_late_receipt_counts_while_nobody_else_has_leased_the_item(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease(seconds=10)
    school.clock.ahead = timedelta(hours=3)
    assert await taker.receipt(item) == [("recorded", "delivered")]
    assert await taker.lease() == []


async def test_a_late_receipt_does_not_count_once_somebody_else_has_it(school: Telling, taker: Taker) -> None:
    colleague = await taker.colleague()
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease(seconds=10)
    school.clock.ahead = timedelta(seconds=11)
    (theirs,) = await colleague.lease()
    assert await taker.receipt(item) == [("conflict", "waiting")]
    assert await colleague.receipt(theirs) == [("recorded", "delivered")]
    assert await taker.receipt(item) == [("conflict", "delivered")]
    assert await attempts(school) == [["lapsed", "accepted"]]


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


async def test_a_refused_item_comes_again_after_the_waits_of_a_push(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    for wait in (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5)):
        (item,) = await taker.lease()
        assert await taker.receipt(item, outcome="refused", remark="queue full") == [("recorded", "waiting")]
        school.clock.ahead += wait - timedelta(seconds=1)
        assert await taker.lease() == []
        school.clock.ahead += timedelta(seconds=1)
    assert await attempts(school) == [["refused"] * 3]
    kept = await run_sql_with(school.database, "select answer from delivery_attempt where school_id = $1", school.world.school_id)
    assert {bytes(row["answer"]) for row in kept} == {b"queue full"}
    (notice,) = await school.notices()
    assert [e["kind"] for e in (await school.proof(notice["id"]))["events"]][-3:] == ["attempted"] * 3


async def test_an_item_refused_for_good_is_dead_and_releases_the_next(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await school.plan()
    (item,) = await taker.lease()
    assert await taker.receipt(item, outcome="refused_for_good") == [("recorded", "dead")]
    assert (await states(school))[0] == ("dead", "refused")
    assert [item["body"]["number"] for item in await taker.lease()] == [2]


async def test_refusals_end_after_twelve_attempts_and_75_hours(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    ends = []
    for _ in range(MOST_ATTEMPTS):
        (item,) = await taker.lease()
        ends += await taker.receipt(item, outcome="refused")
        school.clock.ahead += timedelta(hours=23)
    assert ends == [("recorded", "waiting")] * (MOST_ATTEMPTS - 1) + [("recorded", "dead")]
    assert await states(school) == [("dead", "exhausted")]


async def test_a_client_that_keeps_crashing_loses_nothing_within_75_hours(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    for attempt in range(1, MOST_ATTEMPTS + 4):
        assert [item["attempt"] for item in await taker.lease(seconds=10)] == [attempt]
        school.clock.ahead += timedelta(seconds=10)
    (item,) = await taker.lease(seconds=10)
    assert await taker.receipt(item, outcome="refused") == [("recorded", "waiting")]
    school.clock.ahead += timedelta(hours=75)
    assert await taker.lease() == []
    assert await states(school) == [("dead", "exhausted")]


async def test_receipts_are_safe_to_repeat_and_the_first_word_stands(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    assert await taker.receipt(item, outcome="refused") == [("recorded", "waiting")]
    assert await taker.receipt(item, item, outcome="refused") == [("recorded", "waiting")] * 2
    assert await taker.receipt(item, outcome="accepted") == [("conflict", "waiting")]
    school.clock.ahead = timedelta(minutes=1)
    (again,) = await taker.lease()
    assert await taker.receipt(again, again) == [("recorded", "delivered")] * 2
    assert await taker.receipt(again) == [("recorded", "delivered")]
    assert await attempts(school) == [["refused", "accepted"]]
    (notice,) = await school.notices()
    assert [e["kind"] for e in (await school.proof(notice["id"]))["events"]].count("announced") == 1


async def test_what_is_sent_again_is_leased_anew_and_an_old_receipt_does_not_end_it(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    await taker.receipt(item)
    again = await school.world.post(f"/deliveries/{item['delivery']}/resends", {})
    assert again.status_code == 202, again.text
    assert await taker.receipt(item) == [("recorded", "waiting")]
    (second,) = await taker.lease()
    assert (second["delivery"], second["body"]["number"], second["attempt"]) == (item["delivery"], 1, 2)
    assert await taker.receipt(item) == [("recorded", "waiting")]
    assert await taker.receipt(second) == [("recorded", "delivered")]


async def test_what_ended_while_it_was_leased_takes_no_receipt(school: Telling, taker: Taker) -> None:
    """As when the pupil is erased meanwhile, which empties the delivery and ends it."""
    await opened(school, taker)
    await school.decide()
    (item,) = await taker.lease()
    erased = "update delivery set state = 'withheld', reason = 'erased', pupil_id = null, notice_id = null where school_id = $1"
    await run_sql_with(school.database, erased, school.world.school_id)
    assert await taker.receipt(item) == [("conflict", "withheld")]
    assert await states(school) == [("withheld", "erased")]


async def test_a_client_revoked_after_its_lease_gets_and_says_nothing_more(school: Telling, taker: Taker) -> None:
    colleague = await taker.colleague()
    await opened(school, taker)
    await school.decide()
    (item,) = await colleague.lease(seconds=10)
    await run_sql_with(school.database, "update client set revoked_at = now() where id = $1", colleague.client_id)
    assert (await colleague.ask()).status_code == 401
    assert (await colleague.send([receipt_of(item)])).status_code == 401
    school.clock.ahead = timedelta(seconds=10)
    assert [again["delivery"] for again in await taker.lease()] == [item["delivery"]]


async def test_a_scope_taken_away_is_missed_at_once(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await run_sql_with(school.database, "update client set scopes = '{notices:deliver}' where id = $1", taker.client_id)
    assert (await taker.ask()).status_code == 403


async def test_what_a_grant_opened_is_closed_with_it_and_the_other_school_goes_on(school: Telling) -> None:
    other, clients = await another(school), await vendor(school.world)
    mailbox = await clients.mailbox("notice.ready")
    given = [await grant(place.world, clients) for place in (school, other)]
    for place in (school, other):
        assert await place.attach(mailbox, "full") == 200
        await place.decide()
        await place.plan()
    both = await clients.lease()
    assert {item["school"] for item in both} == {school.world.urn, other.world.urn}
    await revoke(school.world, given[0])
    assert await clients.receipt(*both) == [("recorded", "delivered")] * 2, "what was leased has arrived"
    left = await clients.look()
    assert ([item["school"] for item in left["items"]], left["waiting"]) == ([other.world.urn], 0)
    assert await states(school) == [("delivered", None), ("waiting", None)]


async def test_a_client_without_the_schools_grant_leaves_the_items_to_one_that_has_it(school: Telling) -> None:
    granted = await vendor(school.world)
    ungranted = await granted.colleague()
    await grant(school.world, granted)
    await grant(school.world, ungranted, "records:read")
    await opened(school, granted)
    await school.decide()
    assert await ungranted.look() == {"items": [], "waiting": 0, "waiting_since": None}
    assert await attempts(school) == [[]]
    assert len(await granted.lease()) == 1


async def owe_an_obligation(school: Telling) -> None:
    """Owe word of an obligation that is not there, so that the bare number comes of it."""
    state = school.world.app.state
    async with state.sessions.for_school(school.world.school_id) as session:
        event = Event(event=OBLIGATION_OVERDUE, pupil_id=UUID(school.pupil), obligation_id=clock.new_id())
        await owe(session, [event], new_id=clock.new_id, now=school.clock())


async def test_what_needs_a_scope_that_a_colleague_has_waits_for_that_one(school: Telling) -> None:
    messenger = await vendor(school.world)
    planner = await messenger.colleague()
    await grant(school.world, messenger, "notices:deliver")
    given = await grant(school.world, planner, "obligations:read")
    await opened(school, messenger, "notice.ready", "obligation.overdue")
    await owe_an_obligation(school)
    await with_pupils(school, 1)
    for client, number in ((messenger, 2), (planner, 1)):
        items = await client.lease(seconds=10)
        assert [item["body"]["number"] for item in items] == [number]
    school.clock.ahead = timedelta(seconds=10)
    await revoke(school.world, given)
    assert await planner.lease() == []
    told = {item["body"]["number"]: item["body"]["type"] for item in await messenger.lease()}
    assert told == {1: WITHHELD, 2: "notice.ready"}, "where nobody may be told, the number still leaves no gap"


async def test_a_mailbox_that_another_organisation_opened_is_nobody_elses(school: Telling, taker: Taker) -> None:
    clients = await vendor(school.world)
    await grant(school.world, clients)
    mailbox = await opened(school, taker)
    await school.decide()
    assert await clients.lease() == []
    assert (await clients.ask(subscription=mailbox)).status_code == 404
    (item,) = await taker.lease()
    assert await clients.receipt(item) == [("not_found", None)]


async def paused(school: Telling, mailbox: str) -> None:
    await run_sql_with(school.database, "update subscription set state = 'paused' where id = $1", UUID(mailbox))


async def disabled(school: Telling, mailbox: str) -> None:
    await run_sql_with(school.database, "update subscription set state = 'disabled' where id = $1", UUID(mailbox))


@pytest.mark.parametrize("rest", [paused, disabled])
async def test_a_mailbox_at_rest_gives_nothing_and_keeps_all(
    school: Telling, taker: Taker, rest: Callable[[Telling, str], Awaitable[None]]
) -> None:
    mailbox = await opened(school, taker)
    await school.decide()
    await rest(school, mailbox)
    assert await taker.lease() == await taker.lease(subscription=mailbox) == []
    assert await states(school) == [("waiting", None)]
    await run_sql_with(school.database, "update subscription set state = 'active' where id = $1", UUID(mailbox))
    assert len(await taker.lease()) == 1


async def test_what_waits_in_a_mailbox_that_ended_is_withheld(school: Telling, taker: Taker) -> None:
    mailbox = await opened(school, taker)
    await school.decide()
    await run_sql_with(school.database, "update subscription set state = 'ended' where id = $1", UUID(mailbox))
    assert await taker.lease() == []
    assert (await taker.ask(subscription=mailbox)).status_code == 404
    await school.deliver()
    assert await states(school) == [("withheld", "subscription_not_active")]


async def test_sandbox_and_live_never_meet(school: Telling, taker: Taker) -> None:
    await opened(school, taker)
    await school.decide()
    await run_sql_with(school.database, "update directory set is_sandbox = false where school_id = $1", school.world.school_id)
    assert await taker.look() == {"items": [], "waiting": 0, "waiting_since": None}
    await run_sql_with(school.database, "update directory set is_sandbox = true where school_id = $1", school.world.school_id)
    assert len(await taker.lease()) == 1


async def test_each_school_has_its_share(school: Telling) -> None:
    clients = await vendor(school.world)
    mailbox = await clients.mailbox("notice.ready")
    places = [school, await another(school), await another(school)]
    for place, count in zip(places, (5, 1, 4), strict=True):
        await grant(place.world, clients)
        assert await place.attach(mailbox, "thin") == 200
        await with_pupils(place, count)
    first = await clients.look(limit=6)
    assert sorted(Counter(item["school"] for item in first["items"]).values()) == [1, 2, 3]
    assert first["waiting"] == 4
    assert first["waiting_since"] is not None
    some = {(await clients.lease(limit=1, schools=[place.world.urn]))[0]["school"] for place in (places[0], places[2])}
    assert some == {places[0].world.urn, places[2].world.urn}


async def test_no_school_is_always_the_first(school: Telling) -> None:
    clients = await vendor(school.world)
    mailbox = await clients.mailbox("notice.ready")
    places = [school, await another(school), await another(school)]
    for place in places:
        await grant(place.world, clients)
        assert await place.attach(mailbox, "thin") == 200
        await place.decide()
    firsts = set()
    for _ in range(60):
        (item,) = await clients.lease(limit=1, seconds=10)
        firsts.add(item["school"])
        school.clock.ahead += timedelta(seconds=10)
    assert firsts == {place.world.urn for place in places}


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
