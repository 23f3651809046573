"""The steps answer the same by the short way as by the framework's, which a request takes as soon as it is not quite plain."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from app import clock
from app.api.manners.step_routes import StepRoute
from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

UPN = "F999999925001"
SHORT, LONG = "application/json", "application/json; charset=utf-8"
NEVER_THE_SAME = ("x-request-id", "ratelimit", "etag")


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


def body_of(world: World, **facts: object) -> dict[str, object]:
    by = {"kind": "staff", "id": str(world.people["senco"])}
    return {"author": by, "occurred_on": "2026-02-27", "raised_by": "parent", "domain": "social", "words": "Alone at break.", **facts}


async def ask(world: World, pupil: str, kind: str, body: object, **extra: str) -> httpx.Response:
    headers = {"Content-Type": kind, "Idempotency-Key": str(clock.new_id()), **extra}
    return await world.http.post(world.path(f"/pupils/{pupil}/concerns"), json=body, headers=world.headers(**headers))


def told(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, object]]:
    headers = {name: value for name, value in answer.headers.items() if name not in NEVER_THE_SAME}
    said = {name: value for name, value in answer.json().items() if name not in ("instance", "entries", "ledger_number", "version")}
    return answer.status_code, headers, said


async def test_a_step_by_either_way_is_answered_alike(world: World) -> None:
    pupil = await world.pupil(UPN)
    short, long = [await ask(world, pupil, kind, body_of(world)) for kind in (SHORT, LONG)]
    assert (short.status_code, short.headers["etag"]) == (201, short.json()["version"])
    assert [entry.keys() for entry in short.json()["entries"]] == [entry.keys() for entry in long.json()["entries"]]
    assert short.json()["ledger_number"] + 1 == long.json()["ledger_number"]
    assert short.json().keys() == long.json().keys()
    assert {**dict(short.headers), **dict.fromkeys(NEVER_THE_SAME)} == {**dict(long.headers), **dict.fromkeys(NEVER_THE_SAME)}


@pytest.mark.parametrize(
    ("facts", "extra", "status"),
    [
        ({"words": ""}, {}, 422),
        ({"unheard_of": 1}, {}, 422),
        ({"occurred_on": "2126-01-01"}, {}, 422),
        ({"occurred_on": "2026-04-01"}, {}, 422),
        ({"words": "a\x00b"}, {}, 422),
        ({}, {"Idempotency-Key": "not one word"}, 422),
        ({}, {"If-Match": '"seen long ago"'}, 412),
        ({}, {"If-Match": "x" * 201}, 422),
        ({}, {"Authorization": "Bearer no.token.here"}, 401),
        ({"corrects": 99}, {}, 409),
    ],
)
async def test_what_is_wrong_is_told_alike_by_either_way(
    world: World, facts: dict[str, object], extra: dict[str, str], status: int
) -> None:
    pupil = await world.pupil(UPN)
    short, long = [await ask(world, pupil, kind, body_of(world, **facts), **extra) for kind in (SHORT, LONG)]
    assert short.status_code == status, short.text
    assert told(short) == told(long)


async def test_a_key_serves_once_whichever_way_the_request_takes(world: World) -> None:
    pupil = await world.pupil(UPN)
    first, again = [await ask(world, pupil, kind, body_of(world), **{"Idempotency-Key": "one"}) for kind in (SHORT, LONG)]
    other = await ask(world, pupil, SHORT, body_of(world, domain="attainment"), **{"Idempotency-Key": "one"})
    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_no_body_no_key_and_no_such_pupil_are_told_alike(world: World) -> None:
    pupil, path = await world.pupil(UPN), world.path("/pupils/{}/concerns")
    for kind in (SHORT, LONG):
        headers = {"Authorization": f"Bearer {world.token}", "Content-Type": kind}
        bare = await world.http.post(path.format(pupil), content=b"{", headers={**headers, "Idempotency-Key": "k"})
        keyless = await world.http.post(path.format(pupil), json=body_of(world), headers=headers)
        strange = await ask(world, str(clock.new_id()), kind, body_of(world))
        oddly_written = await ask(world, UUID(pupil).hex, kind, body_of(world))
        answers = [bare.status_code, keyless.json()["type"], strange.status_code, oddly_written.status_code]
        assert answers == [400, "/problems/idempotency-key-missing", 404, 201]


async def test_the_daily_steps_have_the_short_way(world: World) -> None:
    short = {route.name for route in world.app.routes if isinstance(route, StepRoute) and route.has_short_way}
    assert {"raise_concern", "agree_plan", "hold_review", "hold_meeting", "decide_transition", "withdraw_entry"} <= short
