"""The first journey of the documentation is walked as it is written: each request is sent and answers what the page says."""

import itertools
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from app.api.guide.journey import JOURNEY, Call
from app.casework.registration import Registry
from app.db.embedded import DatabaseUrls
from tests.api.sending import forget_earlier
from tests.api.world import World, add_school, running

FIRST_MORNING = datetime(2014, 11, 3, 9, 0, tzinfo=UTC)
_urns = itertools.count(999_940)


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    await forget_earlier(database)
    async with running(database, now=lambda: FIRST_MORNING) as (app, http):
        yield await add_school(app, http, str(next(_urns)), at=FIRST_MORNING)


def filled(value: object, known: dict[str, str]) -> object:
    if isinstance(value, str):
        return re.sub(r"\{([a-z]+)\}", lambda found: known[found[1]], value)
    if isinstance(value, list):
        return [filled(inner, known) for inner in value]
    return {name: filled(inner, known) for name, inner in value.items()} if isinstance(value, dict) else value


def found_at(answer: object, path: tuple[str | int, ...]) -> str:
    for part in path:
        answer = answer[part]
    return str(answer)


async def sent(world: World, call: Call, known: dict[str, str], secret: str, key: str) -> httpx.Response:
    path, body = str(filled(call.path, known)), filled(call.body, known)
    if call.is_form:
        return await world.http.request(call.method, path, data=body, auth=(str(world.client_id), secret))
    headers = {"Authorization": f"Bearer {known['token']}", "Idempotency-Key": key}
    return await world.http.request(call.method, path, headers=headers, **({} if body is None else {"json": body}))


async def test_each_request_of_the_first_journey_answers_what_the_page_says(world: World) -> None:
    async with world.app.state.sessions.shared() as session:
        secret = await Registry(world.app.state.casework).rotate_secret(session, world.client_id)
    known = {"urn": world.urn, **{name: str(id_) for name, id_ in world.people.items()}}
    for number, call in enumerate(JOURNEY, 1):
        answer = await sent(world, call, known, secret, f"first-journey-{number}")
        assert answer.status_code == call.status, (call.title, answer.text)
        known |= {name: found_at(answer.json(), path) for name, path in call.keeps.items()}
    record = answer.json()
    assert record["status"] == "K"
    assert {"concern.raised", "plan.agreed", "review.held", "person.told", "evidence.submitted"} <= {e["type"] for e in record["entries"]}


async def test_the_page_tells_a_vendor_to_evaluate_run_the_cases_load_a_roll_and_ask_in_this_order(world: World) -> None:
    page = (await world.http.get("/docs/start")).text
    told = page.split('<h2 id="vendors">')[1].split("<h2")[0]
    places = [told.index(named) for named in ("/v1/evaluations", "graduated conformance --url", "/imports", "/compliance", "/next-steps")]
    assert places == sorted(places)
    routes = set((await world.http.get("/openapi.json")).json()["paths"])
    named = {path.replace("{id}", "{pupil_id}") for path in re.findall(r"(?:GET|POST) (/v1/\S+?)</code>", told)}
    assert len(named) == 5
    assert named <= routes


async def test_the_page_names_what_stands_around_a_request_by_routes_that_exist(world: World) -> None:
    page = (await world.http.get("/docs/start")).text
    told = page.split('<h2 id="request">')[1].split("<h2")[0]
    routes = {re.sub(r"{\w+}", "{}", path) for path in (await world.http.get("/openapi.json")).json()["paths"]}
    named = re.findall(r"<code>(?:GET |POST )?((?:/v1|\.\.\.)/\S+?)(?:\?\S*)?</code>", told)
    assert len(named) == 10
    assert {re.sub(r"{\w+}", "{}", path.replace("...", "/v1/schools/{urn}/pupils/{id}")) for path in named} <= routes


async def test_a_request_that_stores_nothing_is_shown_without_an_idempotency_key(world: World) -> None:
    page = (await world.http.get("/docs/start")).text
    shown = {call.path: page.split(f"{call.method} {call.path}\n")[1].split("</pre>")[0] for call in JOURNEY if call.method == "POST"}
    assert {path for path, request in shown.items() if "Idempotency-Key" not in request} == {"/oauth2/token", "/v1/evaluations"}


async def test_the_page_shows_each_request_of_the_journey_with_its_body(world: World) -> None:
    page = (await world.http.get("/docs/start")).text
    for call in JOURNEY:
        assert call.title.replace("'", "&#39;") in page
        assert f"{call.method} {call.path}" in page
    assert "She reads far less than her friends do." in page
