"""Who acted, proved by the school's own identity provider: registered over HTTP, signed by its key, and good for one step."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app import clock
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from tests.api.world import ISSUER, NOW, World, add_client, add_school, running, token_for
from tests.forging import b64, forge

PROVIDER = "https://login.invented-school.example"
KEY, OTHER_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
_urns = itertools.count(999_760)
UPN = "F999999925001"


def jwks(key: ec.EllipticCurvePrivateKey = KEY) -> dict[str, object]:
    numbers = key.public_key().public_numbers()
    x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", "alg": "ES256", "use": "sig", "x": x, "y": y}]}


def proof(world: World, who: str, *, key: ec.EllipticCurvePrivateKey = KEY, seconds: int = 0, **claims: object) -> str:
    """Sign for two minutes from `seconds` after the world's present moment that somebody is acting."""
    issued = int((NOW + timedelta(seconds=seconds)).timestamp())
    said = {"iss": PROVIDER, "sub": str(world.people[who]), "aud": ISSUER, "iat": issued, "exp": issued + 120, "jti": str(clock.new_id())}
    return forge({"alg": "ES256", "kid": "one", "typ": "author-proof+jwt"}, {**said, **claims}, key)


async def register(world: World, on: str = "2026-03-02", **facts: object) -> httpx.Response:
    body = {"author": {"id": str(world.people["head"])}, "occurred_on": on, "issuer": PROVIDER, "jwks": jwks(), **facts}
    return await world.http.put(world.path("/identity-provider"), json=body, headers=world.headers())


async def move_to(world: World, day: str, time: str = "09:00:00") -> None:
    """Move the school's clock; proofs are dated by the world's, which stands still."""
    assert (await world.post("/clock", {"now": f"{day}T{time}Z"})).status_code == 200


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        found = await add_school(app, http, str(next(_urns)))
        answer = await register(found)
        assert answer.status_code == 200, answer.text
        assert answer.json()["key_ids"] == ["one"]
        await move_to(found, "2026-03-03", "10:00:00")
        yield found


async def concern(world: World, pupil: str, signed: str | None, who: str = "senco", **params: str) -> httpx.Response:
    author = {"id": str(world.people[who]), **({} if signed is None else {"proof": signed})}
    body = {"author": author, "occurred_on": "2026-03-02", "raised_by": "teacher", "domain": "attainment", "words": "Finds reading hard."}
    return await world.post(f"/pupils/{pupil}/concerns", body, **params)


async def assurances(world: World, pupil: str) -> list[str]:
    entries = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    return [entry["author"]["assurance"] for entry in entries if entry["type"].startswith("concern")]


async def test_a_step_with_a_good_proof_is_recorded_as_proved_and_one_without_as_asserted(world: World) -> None:
    pupil = await world.pupil(UPN)
    for signed in (None, proof(world, "senco")):
        answer = await concern(world, pupil, signed)
        assert answer.status_code == 201, answer.text
    assert await assurances(world, pupil) == ["asserted", "proved"]


FAULTS: dict[str, dict[str, object]] = {
    "another key": {"key": OTHER_KEY},
    "another audience": {"aud": "https://elsewhere.example"},
    "another issuer": {"iss": "https://elsewhere.example"},
    "nobody": {"sub": str(clock.new_id())},
    "expired": {"seconds": -400},
    "of the future": {"seconds": 400},
    "without a name of its own": {"jti": ""},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_proof_with_something_wrong_is_refused_at_the_author(world: World, fault: dict[str, object]) -> None:
    pupil = await world.pupil(UPN)
    signed = proof(world, "senco", **fault)
    answer = await concern(world, pupil, signed)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/author"]
    assert signed not in answer.text and str(world.people["senco"]) not in answer.text
    assert await assurances(world, pupil) == []


async def test_a_colleagues_proof_does_not_serve(world: World) -> None:
    pupil = await world.pupil(UPN)
    answer = await concern(world, pupil, proof(world, "teacher"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/author")


async def test_a_proof_serves_once_and_a_dry_run_does_not_use_it_up(world: World) -> None:
    pupil = await world.pupil(UPN)
    signed = proof(world, "senco")
    assert (await concern(world, pupil, signed, dry_run="true")).status_code == 200
    assert (await concern(world, pupil, signed)).status_code == 201
    again = await concern(world, pupil, signed)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (422, "/author")
    assert await assurances(world, pupil) == ["proved"]


async def test_the_same_request_under_its_key_is_answered_again_though_its_proof_was_used(world: World) -> None:
    pupil = await world.pupil(UPN)
    author = {"id": str(world.people["senco"]), "proof": proof(world, "senco")}
    body = {"author": author, "occurred_on": "2026-03-02", "raised_by": "teacher", "domain": "attainment", "words": "Finds reading hard."}
    first, second = [await world.post(f"/pupils/{pupil}/concerns", body, {"Idempotency-Key": "same"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["entries"] == second.json()["entries"]


async def test_a_proof_of_a_key_that_was_replaced_is_refused(world: World) -> None:
    pupil = await world.pupil(UPN)
    replacing = {"jwks": jwks(OTHER_KEY), "on": "2026-03-03"}
    assert (await register(world, **replacing)).status_code == 409
    second = {"id": str(world.people["senco"]), "proof": proof(world, "senco")}
    assert (await register(world, **replacing, confirmed_by=second)).status_code == 200
    assert (await concern(world, pupil, proof(world, "senco", key=OTHER_KEY))).status_code == 422
    await move_to(world, "2026-03-04", "11:00:00")
    assert (await concern(world, pupil, proof(world, "senco"))).status_code == 422
    assert (await concern(world, pupil, proof(world, "senco", key=OTHER_KEY))).status_code == 201


async def test_a_provider_proves_nothing_in_its_first_24_hours(world: World) -> None:
    new = await add_school(world.app, world.http, str(next(_urns)))
    pupil = await new.pupil(UPN)
    assert (await register(new)).status_code == 200
    assert (await concern(new, pupil, proof(new, "senco"))).status_code == 422
    await move_to(new, "2026-03-03", "09:00:01")
    assert (await concern(new, pupil, proof(new, "senco"))).status_code == 201


async def test_another_schools_provider_proves_nothing_here(world: World) -> None:
    other = await add_school(world.app, world.http, str(next(_urns)))
    pupil = await other.pupil(UPN)
    answer = await concern(other, pupil, proof(other, "senco"))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/author")


async def test_a_second_person_is_accepted_by_proof_where_a_mere_assertion_is_not(world: World) -> None:
    pupil = await world.pupil(UPN)
    await move_to(world, "2026-03-05")
    made = {"requester": "school", "authority": "999", "reason": "Support has not been enough.", "occurred_on": "2026-03-05"}
    request = (await world.taken(pupil, "ehc-requests", **made))["references"]["request"]
    head = {"id": str(world.people["head"])}
    answers = [
        await world.step(pupil, f"ehc-requests/{request}/submissions", occurred_on="2026-03-05", confirmed_by={**head, **proved})
        for proved in ({}, {"proof": proof(world, "head")})
    ]
    assert [answer.status_code for answer in answers] == [409, 201]
    assert answers[0].json()["findings"][0]["missing"] == ["proof of who the second person is"]


@pytest.mark.parametrize("keys", [[], [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}], "none"])
async def test_a_provider_without_public_keys_is_not_registered(world: World, keys: object) -> None:
    answer = await register(world, jwks={"keys": keys})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/jwks")


async def test_a_provider_is_registered_by_the_schools_own_organisation_alone(world: World) -> None:
    _, client = await add_client(world.app, OrganisationKind.VENDOR)
    grant = {"client_id": str(client), "scopes": ["records:write"], "purpose": "Records", "until": "2030-08-31"}
    given = await world.post("/grants", {**grant, "granted_by": str(world.people["head"])})
    assert given.status_code == 201, given.text
    world.token = await token_for(world.app, client, frozenset({"staff:write", "records:write"}))
    assert (await register(world)).status_code == 403
