"""Each reason not to tell, at each moment at which something could be handed out: nothing is, and why is there to be seen."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg
import orjson
import pytest

from app.casework.erasure import Wanted, erase_entry
from app.casework.pupil_erasure import Eraser
from app.db.embedded import DatabaseUrls
from tests.db.stores import blobs_in
from tests.webhooks.leasing import Taker, grant, revoke, vendor
from tests.webhooks.receivers import answering_in_turn, receiving
from tests.webhooks.telling import Telling, a_upn, is_bare, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
SCOPES = ("notices:deliver", "notices:read")
WORDS = ("Ada", "Gita", "extra help")
THREE_DAYS_ON, PAST_SCHOOL_AGE = "2026-03-05", "2026-06-27"
MOTHER = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
ORDER = {"restriction_basis": "Order of the court"}

Heard = list[tuple[str, dict[str, str], bytes]]


@dataclass
class Scene:
    """A school that told nobody yet, and a vendor who may, with the one endpoint or mailbox through which it hears, words and all."""

    school: Telling
    taker: Taker
    given: str
    subscription: str = ""
    heard: Heard = field(default_factory=list)

    async def attach(self, **facts: object) -> None:
        body = {"events": ["notice.ready"], **facts}
        made = await self.school.world.http.post("/v1/subscriptions", json=body, headers=self.taker.headers)
        assert made.status_code == 201, made.text
        self.subscription = made.json()["id"]
        assert await self.school.attach(self.subscription, "full") == 200

    async def notice(self) -> dict[str, object]:
        return next(notice for notice in await self.school.notices() if notice["person"] == self.school.parent)

    async def at_once(self) -> None:
        """Let what waits be tried now."""
        school = self.school.world.school_id
        await run_sql_with(self.school.database, "update delivery set next_at = created_at where school_id = $1", school)

    async def first(self) -> dict[str, object]:
        return next(owed for owed in await self.school.deliveries() if owed["number"] == 1)


@pytest.fixture
async def scene(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Scene]:
    """The pupil is of school age until 26 June 2026; the school has known its staff for three days."""
    async with telling(database) as school:
        world = school.world
        world.app.state.eraser = Eraser(url=database.erasure, blobs=blobs_in(tmp_path))
        await move_to(school, THREE_DAYS_ON)
        people = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
        accepted = {"occurred_on": THREE_DAYS_ON, "setting": "asserted_second_person_accepted", "value": 1}
        assert (await world.post("/settings", people | accepted)).status_code == 201
        school.pupil = await world.pupil(a_upn(), born="2009-09-01")
        school.parent = await world.contact(school.pupil)
        taker = await vendor(world)
        yield Scene(school=school, taker=taker, given=await grant(world, taker, *SCOPES))


async def move_to(school: Telling, day: str) -> None:
    assert (await school.world.post("/clock", {"now": f"{day}T09:00:00Z"})).status_code == 200


def described(**facts: object) -> Callable[[Scene], Awaitable[None]]:
    async def spoil(scene: Scene) -> None:
        school = scene.school
        await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **{**MOTHER, **facts})

    return spoil


async def rights_pass(scene: Scene) -> None:
    await move_to(scene.school, PAST_SCHOOL_AGE)


async def address_changes(scene: Scene) -> None:
    world, school = scene.school.world, scene.school
    body = {"name": "Gita Specimen", "channel": "email", "email": "moved@specimen.example"}
    path = world.path(f"/pupils/{school.pupil}/contacts/{school.parent}")
    assert (await world.http.put(path, json=body, headers=world.headers(**{"If-Match": "*"}))).status_code == 200


async def pupil_leaves(scene: Scene) -> None:
    await scene.school.world.taken(scene.school.pupil, "departures-from-roll", reason="Moved away", author="head")


async def entry_corrected(scene: Scene) -> None:
    await scene.school.decide(corrects=(await scene.notice())["about"], reason="The reading age was that of another test")


async def entry_withdrawn(scene: Scene) -> None:
    about = (await scene.notice())["about"]
    await scene.school.world.taken(scene.school.pupil, "withdrawals", corrects=about, reason="Of another pupil")


async def entry_erased(scene: Scene) -> None:
    world, about = scene.school.world, (await scene.notice())["about"]
    wanted = Wanted(school_id=world.school_id, number=int(str(about)), reason="Asked for and weighed", by=world.people["head"])
    connection = await asyncpg.connect(scene.school.database.erasure)
    try:
        assert await erase_entry(world.app.state.casework, connection, wanted)
    finally:
        await connection.close()


async def pupil_erased(scene: Scene) -> None:
    world = scene.school.world
    body = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    answer = await world.post(f"/pupils/{scene.school.pupil}/erasure", {**body, "ground": "right_to_erasure", "reason": "Weighed."})
    assert answer.status_code == 201, answer.text


def subscription_becomes(state: str) -> Callable[[Scene], Awaitable[None]]:
    async def spoil(scene: Scene) -> None:
        change = "update subscription set state = $2 where id = $1::uuid"
        await run_sql_with(scene.school.database, change, scene.subscription, state)

    return spoil


async def grant_revoked(scene: Scene) -> None:
    await revoke(scene.school.world, scene.given)


async def grant_expires(scene: Scene) -> None:
    await run_sql_with(scene.school.database, "update client_grant set until = current_date - 1 where id = $1::uuid", scene.given)


async def client_revoked(scene: Scene) -> None:
    await run_sql_with(scene.school.database, "update client set revoked_at = created_at where id = $1", scene.taker.client_id)


async def all_own_clients_revoked(scene: Scene) -> None:
    """The endpoint is moved to the school itself first, which needs no grant."""
    world, database = scene.school.world, scene.school.database
    await run_sql_with(
        database, "update subscription set organisation_id = $2 where id = $1::uuid", scene.subscription, world.organisation_id
    )
    await grant_revoked(scene)
    await run_sql_with(database, "update client set revoked_at = created_at where id = $1", world.client_id)


@dataclass(frozen=True)
class Reason:
    """What happens, the reason that the delivery shows, and how a fetch of the words is answered.

    `bare` when the number is still told. What stops a client at the door, before a mailbox is asked, leaves what waits there waiting.
    """

    name: str
    spoil: Callable[[Scene], Awaitable[None]]
    shows: str | None
    fetch: int
    bare: bool = True
    at_the_door: bool = False


PERSONS = (
    Reason("responsibility and care gone", described(parental_responsibility=False, has_care=False), "not_to_be_told", 409),
    Reason("information restricted", described(information_restricted=True, **ORDER), "not_to_be_told", 409),
    Reason("contact restricted", described(contact_restricted=True, **ORDER), "not_to_be_told", 409),
    Reason("a young person now", rights_pass, "not_to_be_told", 409),
    Reason("address changed", address_changes, "address_changed", 409),
    Reason("off roll", pupil_leaves, "left", 409),
    Reason("entry corrected", entry_corrected, "superseded", 410),
    Reason("entry withdrawn", entry_withdrawn, "superseded", 410),
    Reason("entry erased", entry_erased, "erased", 410),
)
GONE = Reason("pupil erased", pupil_erased, "erased", 404)
ENDPOINTS = (
    Reason("subscription paused", subscription_becomes("paused"), None, 200, bare=False),
    Reason("subscription ended", subscription_becomes("ended"), "subscription_not_active", 200, bare=False, at_the_door=True),
    Reason("grant revoked", grant_revoked, "not_granted", 403, bare=False, at_the_door=True),
    Reason("grant expired", grant_expires, "not_granted", 403, bare=False, at_the_door=True),
    Reason("client revoked", client_revoked, "not_granted", 401, bare=False, at_the_door=True),
)
ALL = [*PERSONS, GONE, *ENDPOINTS]


def names(reason: object) -> str | None:
    return reason.name if isinstance(reason, Reason) else None


async def seen(scene: Scene, reason: Reason, shows: str | None, notice: object) -> None:
    """The reason stands on the delivery and in the notice's proof; where the pupil was erased there is no notice any more."""
    logged = await scene.first()
    assert logged["reason"] == shows
    assert logged["notice"] is None or shows is None
    answer = await scene.school.world.get(f"/notices/{notice}")
    if reason is GONE:
        assert answer.status_code == 404
    elif shows is not None:
        events = [(event["kind"], event["remark"]) for event in answer.json()["events"]]
        assert ("withheld", shows) in events
        assert (answer.json()["state"] == "withheld") is (reason in PERSONS)


def require_nothing_said(reason: Reason, bodies: list[bytes]) -> None:
    """Of the first number nothing was said but itself, if that."""
    numbered = [body for body in bodies if b'"number":1,' in body]
    assert [is_bare(body) for body in numbered] == ([True] if reason.bare else [])
    assert not [word for word in WORDS for body in numbered if word.encode() in body]


@pytest.mark.parametrize("reason", ALL, ids=names)
@pytest.mark.parametrize("tried", [0, 1], ids=["first", "retry"])
async def test_a_push_is_asked_for_at_every_attempt(scene: Scene, reason: Reason, tried: int) -> None:
    async with receiving(answering_in_turn(*[BUSY] * tried, OK, into=scene.heard)) as receiver:
        await scene.attach(url=f"http://127.0.0.1:{receiver.port}/hook")
        await scene.school.decide()
        notice = (await scene.notice())["id"]
        for _ in range(tried):
            await scene.school.deliver()
        await reason.spoil(scene)
        before = len(scene.heard)
        assert [is_bare(body) for *_, body in scene.heard] == [False] * tried
        await scene.at_once()
        await scene.school.deliver()
    require_nothing_said(reason, [body for *_, body in scene.heard[before:]])
    assert (await scene.first())["state"] == ("waiting" if reason.shows is None else "withheld")
    await seen(scene, reason, reason.shows, notice)


@pytest.mark.parametrize("reason", ALL, ids=names)
@pytest.mark.parametrize("tried", [0, 1], ids=["first", "again"])
async def test_a_mailbox_is_asked_for_at_every_lease(scene: Scene, reason: Reason, tried: int) -> None:
    await scene.attach(kind="mailbox")
    await scene.school.decide()
    notice = (await scene.notice())["id"]
    for _ in range(tried):
        (item,) = await scene.taker.lease(seconds=10)
        assert "words" in item["body"]
        scene.school.clock.ahead += timedelta(seconds=11)
    await reason.spoil(scene)
    answer = await scene.taker.ask()
    assert answer.status_code == (401 if reason.fetch == 401 else 200)
    said = [item["body"] for item in answer.json().get("items", [])]
    require_nothing_said(reason, [orjson.dumps(body) for body in said])
    await seen(scene, reason, None if reason.at_the_door else reason.shows, notice)


@pytest.mark.parametrize("reason", ALL, ids=names)
async def test_words_are_asked_for_at_every_fetch(scene: Scene, reason: Reason) -> None:
    await scene.attach(kind="mailbox")
    await scene.school.decide()
    notice = (await scene.notice())["id"]
    path = scene.school.world.path(f"/notices/{notice}/words")
    first = await scene.school.world.http.get(path, headers=scene.taker.headers)
    assert [word for word in WORDS if word in first.text] == list(WORDS)
    await reason.spoil(scene)
    answer = await scene.school.world.http.get(path, headers=scene.taker.headers)
    assert answer.status_code == reason.fetch
    if reason.fetch != 200:
        assert not [word for word in (*WORDS, "Order", "court", scene.school.pupil, scene.school.parent) if word in answer.text]
    if reason.fetch == 409:
        (finding,) = answer.json()["findings"]
        assert (finding["used"], finding["missing"]) == ({}, ["right to be told at this moment"])
    if reason in PERSONS:
        proof = (await scene.school.world.get(f"/notices/{notice}")).json()
        assert (proof["state"], [(e["kind"], e["remark"]) for e in proof["events"]][-1]) == ("withheld", ("withheld", reason.shows))


async def test_a_school_all_of_whose_clients_were_revoked_is_sent_nothing(scene: Scene) -> None:
    async with receiving(answering_in_turn(OK, into=scene.heard)) as receiver:
        await scene.attach(url=f"http://127.0.0.1:{receiver.port}/hook")
        await scene.school.decide()
        await all_own_clients_revoked(scene)
        for claimed in await scene.school.claim():
            await scene.school.deliverer.deliver(claimed)
    assert scene.heard == []
    rows = await run_sql_with(scene.school.database, "select reason from delivery where school_id = $1", scene.school.world.school_id)
    assert [row["reason"] for row in rows] == ["not_granted"]


async def test_what_was_withheld_stays_so_when_nobody_took_its_number_and_it_is_sent_again(scene: Scene) -> None:
    """The right is back by then: whoever may be told again is told by a delivery of its own, and this one tells no more than before."""
    async with receiving(answering_in_turn(*[BUSY] * 12, OK, into=scene.heard)) as receiver:
        await scene.attach(url=f"http://127.0.0.1:{receiver.port}/hook")
        await scene.school.decide()
        await described(information_restricted=True, **ORDER)(scene)
        for _ in range(12):
            await attempt_the_first(scene)
        assert ((await scene.first())["state"], (await scene.first())["reason"]) == ("dead", "not_to_be_told")
        await described()(scene)
        again = await scene.school.world.post(f"/deliveries/{(await scene.first())['id']}/resends", {})
        assert again.status_code == 202, again.text
        await attempt_the_first(scene)
    assert [is_bare(body) for *_, body in scene.heard] == [True] * 13
    assert (await scene.first())["state"] == "withheld"


async def attempt_the_first(scene: Scene) -> None:
    """Try the first delivery now, whatever is thought of its endpoint."""
    trusted = "update subscription set state = 'active', failures = 0, failing_since = null, probe_at = null where id = $1::uuid"
    await run_sql_with(scene.school.database, trusted, scene.subscription)
    await scene.at_once()
    for claimed in await scene.school.claim(limit=5):
        if claimed.number == 1:
            await scene.school.deliverer.deliver(claimed)
