"""What bad input gets: a problem that names the place and the rule, nothing stored, never a 500, and never an echo of what was sent."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count

import httpx
import pytest

from app.db.embedded import DatabaseUrls
from app.db.scopes import SCOPES
from tests.api.faulty import faulty_token
from tests.api.world import World, add_school, running, token_for

UPN = "F999999925001"
_urns = count(999_000)


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


def a_concern(world: World, **changes: object) -> dict[str, object]:
    author = {"id": str(world.people["senco"])}
    facts = {"author": author, "occurred_on": "2026-03-02", "raised_by": "parent", "domain": "attainment", "words": "Finds reading hard."}
    return {name: value for name, value in {**facts, **changes}.items() if value is not ...}


async def send(world: World, pupil: str, body: bytes, content_type: str = "application/json") -> httpx.Response:
    return await world.http.post(
        world.path(f"/pupils/{pupil}/concerns"), content=body, headers={**world.headers(), "Content-Type": content_type}
    )


CASES = [
    ("not json", b"{", 400, "not-json", None),
    ("an array", b"[]", 422, "invalid-request", ""),
    ("a wrong type", {"words": 5}, 422, "invalid-request", "/words"),
    ("an unknown member", {"colour": "blue"}, 422, "invalid-request", "/colour"),
    ("a missing member", {"words": ...}, 422, "invalid-request", "/words"),
    ("an unknown code", {"domain": "weather"}, 422, "invalid-request", "/domain"),
    ("a day that does not exist", {"occurred_on": "2026-02-30"}, 422, "invalid-request", "/occurred_on"),
    ("the year 9999", {"occurred_on": "9999-01-01"}, 422, "invalid-request", "/occurred_on"),
    ("a moment for a day", {"occurred_on": "2026-03-02T10:00:00Z"}, 422, "invalid-request", "/occurred_on"),
    ("a day in the future", {"occurred_on": "2026-03-03"}, 422, "invalid-request", "/occurred_on"),
    ("a day before birth", {"occurred_on": "2014-05-03"}, 422, "invalid-request", "/occurred_on"),
    ("a nul character", {"words": "a\x00b"}, 422, "invalid-request", "/words"),
    ("blank words", {"words": "   "}, 422, "invalid-request", "/words"),
    ("a number as text", {"corrects": "1"}, 422, "invalid-request", "/corrects"),
    ("an author who is nobody here", {"author": {"id": "01932b4e-5f00-7000-8000-0000000000ff"}}, 409, "step-refused", None),
    (
        "an unknown kind of author",
        {"author": {"kind": "robot", "id": "01932b4e-5f00-7000-8000-0000000000ff"}},
        422,
        "invalid-request",
        "/author/kind",
    ),
]


@pytest.mark.parametrize(("change", "status", "slug", "pointer"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_it_is_refused_by_place_and_nothing_is_stored(
    world: World, change: object, status: int, slug: str, pointer: str | None
) -> None:
    pupil = await world.pupil(UPN)
    body = change if isinstance(change, bytes) else json.dumps(a_concern(world, **change)).encode()
    answer = await send(world, pupil, body)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]], problem
    record = (await world.get(f"/pupils/{pupil}/record")).json()
    assert [entry["type"] for entry in record["entries"]] == ["pupil.enrolled"]


async def test_lone_surrogates_and_ten_megabytes_are_refused(world: World) -> None:
    pupil = await world.pupil(UPN)
    text = json.dumps(a_concern(world)).replace("Finds reading hard.", "a\\ud800b").encode()
    assert (await send(world, pupil, text)).status_code == 422
    large = json.dumps(a_concern(world, words="x" * 10_000_000)).encode()
    answer = await send(world, pupil, large)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


async def test_all_faults_come_in_one_answer_and_none_repeats_what_was_sent(world: World) -> None:
    pupil = await world.pupil(UPN)
    answer = await send(world, pupil, json.dumps(a_concern(world, domain="Secretname", words=7, occurred_on="2026-02-30")).encode())
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/domain", "/words", "/occurred_on"}
    assert "Secretname" not in answer.text
    assert "2026-02-30" not in answer.text


async def test_a_pupil_of_another_school_is_not_there(world: World) -> None:
    other = await add_school(world.app, world.http, str(next(_urns)))
    pupil = await other.pupil(UPN)
    answer = await world.step(pupil, "concerns", raised_by="parent", domain="attainment", words="x")
    assert answer.status_code == 404
    assert (await world.get(f"/pupils/{pupil}/record")).status_code == 404
    assert (await world.get("/pupils")).json()["items"] == []


async def test_a_number_that_another_pupil_has_is_refused(world: World) -> None:
    await world.pupil(UPN)
    body = {"upn": UPN, "surname": "Sample", "forename": "Ben", "date_of_birth": "2014-05-04", "occurred_on": "2025-09-01"}
    answer = await world.post("/pupils", {**body, "author": {"id": str(world.people["head"])}})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert len((await world.get("/pupils")).json()["items"]) == 1


async def test_a_number_whose_letter_does_not_fit_is_refused_without_being_repeated(world: World) -> None:
    body = {"upn": "A801200005001", "surname": "Sample", "forename": "Ben", "date_of_birth": "2014-05-04", "occurred_on": "2025-09-01"}
    answer = await world.post("/pupils", {**body, "author": {"id": str(world.people["head"])}})
    assert answer.json()["errors"][0]["pointer"] == "/upn"
    assert "A801200005001" not in answer.text


async def test_a_write_without_a_key_is_refused(world: World) -> None:
    pupil = await world.pupil(UPN)
    headers = {"Authorization": f"Bearer {world.token}"}
    answer = await world.http.post(world.path(f"/pupils/{pupil}/concerns"), json=a_concern(world), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")


@pytest.mark.parametrize("fault", ["key", "algorithm", "issuer", "audience", "expired", "garbage"])
async def test_a_token_that_is_not_ours_is_refused_with_a_challenge(world: World, fault: str) -> None:
    token = await faulty_token(world.app, world.client_id, fault)
    answer = await world.http.get(world.path(), headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_client_that_is_revoked_is_refused_at_its_next_request(world: World) -> None:
    assert (await world.get("")).status_code == 200
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = now() where id = $1", world.client_id)
    assert (await world.get("")).status_code == 401


async def test_a_token_that_has_run_out_is_refused(world: World) -> None:
    token = await token_for(world.app, world.client_id, frozenset(SCOPES), lifetime=timedelta(seconds=-1))
    assert (await world.http.get(world.path(), headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_a_nul_character_in_an_address_is_refused_by_every_route_that_reads(world: World) -> None:
    """A database takes no such character, so one that came through to it would be a fault of ours."""
    pupil = await world.pupil(UPN)
    known = {"urn": world.urn, "code": "999", "pupil_id": pupil}
    asked = 0
    for path, operations in world.app.openapi()["paths"].items():
        names = re.findall(r"{(\w+)}", path)
        usual = {name: known.get(name, str(world.client_id)) for name in names}
        queries = [found["name"] for found in operations.get("get", {}).get("parameters", []) if found["in"] == "query"]
        spoilt = [path.format(**usual | {name: "a%00"}) for name in names] if "get" in operations else []
        for address in [*spoilt, *(f"{path.format(**usual)}?{name}=a%00" for name in queries)]:
            answer = await world.http.get(address, headers=world.headers())
            assert answer.status_code in (403, 404, 422), (address, answer.status_code)
            asked += 1
    assert asked > 40


async def test_a_rule_that_could_not_exist_is_no_filter(world: World) -> None:
    for rule in ("a\x00", "Rule", "", "x" * 101):
        answer = await world.get("/obligations", rule=rule)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "rule")
    unknown = (await world.get("/obligations", rule="no-such-rule")).json()["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in unknown] == [("rule", "rule_unknown")]


async def test_two_idempotency_keys_in_one_request_are_refused(world: World) -> None:
    """Otherwise each of two programs on the way could take another one for the request's."""
    pupil = await world.pupil(UPN)
    headers = [*world.headers().items(), ("Idempotency-Key", "another")]
    answer = await world.http.post(world.path(f"/pupils/{pupil}/concerns"), json=a_concern(world), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "Idempotency-Key")
    record = (await world.get(f"/pupils/{pupil}/record")).json()
    assert [entry["type"] for entry in record["entries"]] == ["pupil.enrolled"]
