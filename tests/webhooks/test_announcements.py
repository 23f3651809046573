"""What goes out is what the document describes: every kind of event as it is really sent, against its schema, and both ways by name."""

import itertools
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from obstore.store import MemoryStore

from app.api.manners.examples import Json, resolved
from app.db import deliveries
from app.db.deliveries import OBLIGATION_DUE_SOON, OBLIGATION_OVERDUE, SUBSCRIBABLE, SUBSCRIPTION_DISABLED, Event
from app.db.embedded import DatabaseUrls
from app.db.obligation_lists import find_standing
from app.db.session import open_pool
from app.db.sweep import Sweep
from app.domain.obligation import State
from app.main import create_app
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.delivering.preparing import WITHHELD
from app.webhooks.receiving.pinging import SUBSCRIPTION_TEST, Pinging
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from app.webhooks.telling.catalogue import catalogue
from tests.api.sending import DAY, Authority, authority, opened, sending, sent
from tests.db.stores import blobs_over
from tests.webhooks.receivers import LOOPBACK, Receiver, answering, receiving
from tests.webhooks.telling import Moment, Telling, a_upn

Heard = list[tuple[str, dict[str, str], bytes]]
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
ZIP = "application/zip"
_urns = itertools.count(999_470)


@pytest.fixture(scope="module")
def document() -> Json:
    return create_app().openapi()


@pytest.fixture
async def school(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Telling]:
    async with sending(database, tmp_path, str(next(_urns))) as world, await open_pool(database.sweep, size=2) as sweeping:
        state, sender, moment = world.app.state, Sender(allowed=LOOPBACK), Moment()
        casework, signers = state.casework, Signers(state.sealer, state.keyring)
        object.__setattr__(casework.means, "now", moment)
        state.subscribing = Subscribing(state.sessions, casework.means, state.sealer, sender)
        state.pinging = Pinging(state.sessions, casework.means, signers, sender)
        deliverer = Deliverer(casework, sender, signers, catalogue(state.blobs), dice=lambda: 0.5)
        school = Telling(world=world, database=database, clock=moment, deliverer=deliverer, sweep=Sweep(sweeping))
        yield await school.with_pupil()
        sender.close()


def described(document: Json, kind: str) -> Json:
    """What the document says of the body of one kind of event, by media type."""
    webhooks = cast(dict[str, dict[str, Json]], document["webhooks"])
    return cast(dict[str, Json], webhooks[kind]["post"]["requestBody"])["content"]


def faults(document: Json, kind: str, body: object) -> list[str]:
    """What does not fit: broken by the schema, or not described at all."""
    content = cast(dict[str, Json], described(document, kind)["application/json"])
    components = cast(Json, document["components"])
    schema = dict(resolved(content["schema"], components))
    validator = Draft202012Validator({**schema, "components": components}, format_checker=FormatChecker())
    members, told = cast(Json, schema["properties"]), cast(Json, body)
    return [error.message for error in validator.iter_errors(body)] + [f"{name} is not described" for name in told if name not in members]


def test_the_document_names_every_kind_of_event_that_is_sent_and_no_other(document: Json) -> None:
    kinds = set(catalogue(blobs_over(MemoryStore()))) | {WITHHELD, SUBSCRIPTION_TEST}
    assert set(cast(Json, document["webhooks"])) == kinds
    assert kinds - {WITHHELD, SUBSCRIPTION_TEST} == set(SUBSCRIBABLE)


def test_a_body_that_is_not_as_described_would_be_found(document: Json) -> None:
    assert faults(document, WITHHELD, {"type": WITHHELD, "child": "Ada"})
    assert any("child" in fault for fault in faults(document, WITHHELD, {"child": "Ada"}))


async def owe(school: Telling, *events: Event) -> None:
    casework = school.world.app.state.casework
    async with casework.sessions.for_school(school.world.school_id) as session:
        assert await deliveries.owe(session, events, new_id=casework.means.new_id, now=school.clock())


OPEN = "select id from obligation where school_id = $1 and known_until is null and due >= '2026-01-01' order by due, id"


async def clock_event(school: Telling, event: str, state: State) -> None:
    """Owe word of an obligation that is in a state now."""
    casework = school.world.app.state.casework
    async with casework.sessions.for_school(school.world.school_id) as session:
        today = (await casework.open(session)).today
        ids = [row["id"] for row in await session.connection.fetch(OPEN, school.world.school_id)]
        standing = {id_: await find_standing(session, id_, today) for id_ in ids}
    found, due = next((id_, each["due"]) for id_, each in standing.items() if each is not None and each["state"] == state)
    await owe(school, Event(event=event, obligation_id=found, due=due))


async def subscribed(school: Telling, county: Authority, receiver: Receiver) -> tuple[str, str]:
    """An endpoint that hears of everything thin, one that gets full words, and the authority's; gives the first two."""
    url = f"http://127.0.0.1:{receiver.port}/hook"
    made = []
    for words in ("thin", "full"):
        body = {"url": url, "events": list(SUBSCRIBABLE)}
        answer = await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())
        made.append(answer.json()["id"])
        assert await school.attach(made[-1], words) == 200
    theirs = {"url": url, "events": ["request.made", "request.withdrawn", "evidence.ready", "evidence.bundle"]}
    assert (await school.world.http.post("/v1/subscriptions", json=theirs, headers=county.headers())).status_code == 201
    return made[0], made[1]


async def everything_told(school: Telling, receiver: Receiver) -> None:
    """Let every kind of event be sent once at least."""
    county = await authority(school.world)
    thin, full = await subscribed(school, county, receiver)
    await opened(county, school.world)
    await school.decide()
    await clock_event(school, OBLIGATION_DUE_SOON, State.DUE)
    await owe(school, Event(event=SUBSCRIPTION_DISABLED, disabled_id=UUID(full)))
    await school.deliver()
    await school.plan()
    facts = {"relationship": "mother", "parental_responsibility": False, "has_care": False}
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts)
    pupil, request = await sent(school.world, a_upn())
    for _ in range(3):
        await school.deliver()
    await school.world.taken(pupil, f"ehc-requests/{request}/withdrawal", occurred_on=DAY)
    await school.deliver()
    school.clock.ahead = timedelta(days=150)
    await clock_event(school, OBLIGATION_OVERDUE, State.BROKEN)
    await school.deliver()
    assert (await school.world.http.post(f"/v1/subscriptions/{thin}/pings", headers=school.world.headers())).status_code == 200


def headers_described(document: Json, headers: dict[str, str], body: bytes) -> list[str]:
    """The headers that the document promises for what was sent."""
    kind = "evidence.bundle" if headers["content-type"] == ZIP else json.loads(body)["type"]
    webhooks = cast(dict[str, dict[str, Json]], document["webhooks"])
    return [parameter["name"] for parameter in cast(list[dict[str, str]], webhooks[kind]["post"]["parameters"])]


async def test_every_kind_of_event_is_sent_as_it_is_described(school: Telling, document: Json) -> None:
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        await everything_told(school, receiver)
    bundles = [headers for _, headers, _ in heard if headers["content-type"] == ZIP]
    told = [json.loads(body) for _, headers, body in heard if headers["content-type"] != ZIP]
    assert {each["type"] for each in told} | {"evidence.bundle"} == set(cast(Json, document["webhooks"]))
    assert [faults(document, each["type"], each) for each in told] == [[]] * len(told)
    assert {"words" in each for each in told if each["type"] == "notice.ready"} == {True, False}
    assert len(bundles) == 1
    assert set(described(document, "evidence.bundle")) == {ZIP}
    assert [name for _, headers, body in heard for name in headers_described(document, headers, body) if name not in headers] == []
