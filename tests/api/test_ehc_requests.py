"""The school's side of an EHC request: never refused for what was not done yet, confirmed by a second person, frozen once."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.db.embedded import DatabaseUrls
from app.keys.jws import AUTHOR_PROOF_TYP
from tests.api.sending import DAY, asked, authority, maker, prepared, sending, sent, submission, submitted
from tests.api.world import ISSUER, NOW, World, add_school
from tests.forging import b64, forge

UPN = "F999999925001"
_urns = itertools.count(999_100)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


async def test_a_school_asks_for_a_pupil_without_a_single_cycle(world: World) -> None:
    """Code of Practice 9.14: what an authority would like to see is no threshold; section 36(1) lets anybody of the three ask."""
    pupil = await world.pupil(UPN)
    taken = await world.taken(pupil, "ehc-requests", requester="school", authority="999", reason="Not enough.", occurred_on=DAY)
    findings = {finding["rule"]: finding for finding in taken["findings"]}
    assert findings["never-refuse-a-request"]["used"] == {"reviewed_cycles": 0}
    assert findings["never-refuse-a-request"]["kept"] is True
    shown = (await world.get(f"/pupils/{pupil}/ehc-requests/{taken['references']['request']}")).json()
    assert (shown["state"], shown["requester"], shown["authority"], shown["bundle"]) == ("requested", "school", "999", None)
    assert shown["receipts"] == shown["accesses"] == []


async def test_a_parent_asks_in_their_own_name(world: World) -> None:
    pupil = await world.pupil(UPN)
    mother = await world.contact(pupil)
    by_mother = {"kind": "contact", "id": mother}
    request = await asked(world, pupil, author=by_mother, requester="parent", contact=mother)
    assert (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()["requester"] == "parent"
    refused = await world.step(pupil, "ehc-requests", author=by_mother, requester="school", authority="999", reason="x", occurred_on=DAY)
    assert refused.status_code == 409
    assert refused.json()["findings"][0]["rule"] == "ask-for-an-ehc-needs-assessment"


async def test_a_young_person_asks_and_from_then_on_no_parent_does(world: World) -> None:
    """Sixteen on 1 September 2024, so past compulsory school age from the last Friday in June 2025."""
    pupil = await world.pupil(UPN, born="2008-09-01")
    mother = await world.contact(pupil)
    assert await asked(world, pupil, author={"kind": "pupil", "id": pupil}, requester="young_person")
    refused = await world.step(pupil, "ehc-requests", requester="parent", contact=mother, authority="999", reason="x", occurred_on=DAY)
    assert (refused.status_code, refused.json()["findings"][0]["rule"]) == (409, "honour-who-holds-the-rights")


async def test_the_same_key_makes_one_request(world: World) -> None:
    pupil = await world.pupil(UPN)
    body = {"author": {"id": str(world.people["senco"])}, "requester": "school", "authority": "999", "reason": "x", "occurred_on": DAY}
    first, again = [await world.post(f"/pupils/{pupil}/ehc-requests", body, {"Idempotency-Key": "one"}) for _ in range(2)]
    assert first.json() == again.json()
    assert len((await world.get(f"/pupils/{pupil}/ehc-requests")).json()["items"]) == 1


async def test_a_dry_run_makes_no_request_and_freezes_nothing(world: World) -> None:
    pupil = await world.pupil(UPN)
    body = {"author": {"id": str(world.people["senco"])}, "requester": "school", "authority": "999", "reason": "x", "occurred_on": DAY}
    tried = await world.post(f"/pupils/{pupil}/ehc-requests", body, dry_run="true")
    assert (tried.status_code, tried.json()["references"]) == (200, {})
    assert (await world.get(f"/pupils/{pupil}/ehc-requests")).json()["items"] == []
    request = await asked(world, pupil)
    body = {"author": {"id": str(world.people["senco"])}, **submission(world)}
    tried = await world.post(f"/pupils/{pupil}/ehc-requests/{request}/submissions", body, dry_run="true")
    assert tried.status_code == 200
    assert tried.json()["would_append"][0]["facts"]["frozen_at"] > 0
    assert (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()["state"] == "requested"


async def test_evidence_is_frozen_at_what_was_written_last_and_deemed_received_when_the_bundle_is_there(world: World) -> None:
    pupil = await world.pupil(UPN)
    concern = await world.taken(pupil, "concerns", raised_by="teacher", domain="attainment", words="Finds reading hard.")
    request = await asked(world, pupil)
    bundle = await submitted(world, pupil, request)
    waiting = (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()
    assert (waiting["state"], waiting["bundle"]["state"], waiting["received_on"]) == ("submitted", "waiting", None)
    assert waiting["bundle"]["frozen_at"] > concern["ledger_number"]
    assert await maker(world).make(world.school_id, bundle)
    ready = (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()
    assert (ready["state"], ready["received_on"], ready["received_deemed"]) == ("submitted", DAY, True)
    (receipt,) = ready["receipts"]
    assert (receipt["deemed"], receipt["received_on"], receipt["author"]["kind"]) == (True, DAY, "client")
    assert receipt["digest"] == ready["bundle"]["digest"]
    assert receipt["author"]["id"] == str(world.client_id)


async def test_the_authoritys_six_weeks_run_from_the_deemed_day(world: World) -> None:
    """SEND Regulations 2014, regulation 5(1): 5 March 2026 and six weeks."""
    pupil, _ = await sent(world, UPN)
    owed = (await world.get(f"/pupils/{pupil}/obligations")).json()["items"]
    (decision,) = [item for item in owed if item["rule"] == "authority-decides-within-six-weeks"]
    assert decision["due"] == "2026-04-16"


@pytest.mark.parametrize(("by", "missing"), [("senco", "second person other than the first"), (None, "second person among the staff")])
async def test_a_disclosure_is_confirmed_by_somebody_else_on_the_staff(world: World, by: str | None, missing: str) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    person = str(world.people[by]) if by else pupil
    answer = await world.step(pupil, f"ehc-requests/{request}/submissions", occurred_on=DAY, confirmed_by={"id": person})
    assert answer.status_code == 409
    (finding,) = answer.json()["findings"]
    assert finding["missing"] == [missing]
    assert finding["citations"]
    assert "known at the school for 24 hours" in finding["cure"]
    assert (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()["state"] == "requested"


async def test_without_the_schools_setting_a_second_person_is_proved_and_known_for_a_day(database: DatabaseUrls, world: World) -> None:
    strict = await add_school(world.app, world.http, str(next(_urns)))
    pupil = await strict.pupil(UPN)
    on = {"occurred_on": "2026-03-02"}
    request = await asked(strict, pupil, **on)
    fresh = await strict.step(pupil, f"ehc-requests/{request}/submissions", **{**submission(strict), **on})
    assert fresh.json()["findings"][0]["used"]["known_for_hours"] == 24
    await strict.post("/clock", {"now": "2026-03-03T09:01:00Z"})
    asserted = await strict.step(pupil, f"ehc-requests/{request}/submissions", **{**submission(strict), **on})
    assert asserted.json()["findings"][0]["missing"] == ["proof of who the second person is"]
    await prepared(strict)
    assert (await strict.step(pupil, f"ehc-requests/{request}/submissions", **submission(strict))).status_code == 201


async def test_evidence_is_submitted_once_and_for_a_request_of_this_pupil(world: World) -> None:
    pupil, request = await sent(world, UPN)
    again = await world.step(pupil, f"ehc-requests/{request}/submissions", **submission(world))
    assert (again.status_code, again.json()["type"]) == (409, "/problems/step-refused")
    other = await world.pupil("V999999925002")
    stray = await world.step(other, f"ehc-requests/{request}/submissions", **submission(world))
    assert stray.status_code == 404


async def test_a_submission_that_was_withdrawn_is_not_made_again(world: World) -> None:
    """What left the school has left; a withdrawn entry cannot be sent a second time under the same request."""
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    taken = await world.taken(pupil, f"ehc-requests/{request}/submissions", **submission(world))
    number = taken["ledger_number"]
    await world.taken(pupil, "withdrawals", corrects=number, reason="Sent in error.", occurred_on=DAY)
    again = await world.step(pupil, f"ehc-requests/{request}/submissions", **submission(world))
    assert again.status_code == 409
    assert "frozen before" in again.json()["findings"][0]["cure"]


async def test_who_may_submit_is_decided_by_role(world: World) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil, author="teacher")
    refused = await world.step(pupil, f"ehc-requests/{request}/submissions", author="teacher", **submission(world))
    assert (refused.status_code, refused.json()["findings"][0]["used"]["needs"]) == (409, "head or senco")


async def test_requests_and_looks_come_in_pages_and_belong_to_their_pupil(world: World) -> None:
    pupil, request = await sent(world, UPN)
    second = await asked(world, pupil)
    first_page = (await world.get(f"/pupils/{pupil}/ehc-requests", limit="1")).json()
    rest = (await world.get(f"/pupils/{pupil}/ehc-requests", cursor=first_page["next"])).json()
    assert [item["id"] for item in first_page["items"] + rest["items"]] == [request, second]
    county = await authority(world)
    assert (await county.take(request, {"Officer-Reference": "officer-17"})).status_code == 200
    assert (await county.take(request, {"Officer-Reference": "officer-18"})).status_code == 200
    looks = (await world.get(f"/pupils/{pupil}/accesses", limit="1")).json()
    more = (await world.get(f"/pupils/{pupil}/accesses", cursor=looks["next"])).json()
    assert [look["person"] for look in looks["items"] + more["items"]] == ["officer-17", "officer-18"]
    other = await world.pupil("V999999925002")
    assert (await world.get(f"/pupils/{other}/accesses")).json()["items"] == []
    assert (await world.get(f"/pupils/{other}/ehc-requests/{request}")).status_code == 404
    assert (await world.get(f"/pupils/{request}/accesses")).status_code == 404


@pytest.mark.parametrize(
    "change", [{"authority": "99"}, {"requester": "neighbour"}, {"reason": ""}, {"corrects": 3}, {"occurred_on": "2027-01-01"}]
)
async def test_a_request_of_the_wrong_shape_is_refused_and_not_stored(world: World, change: dict[str, object]) -> None:
    pupil = await world.pupil(UPN)
    body = {"requester": "school", "authority": "999", "reason": "x", "occurred_on": DAY, **change}
    answer = await world.step(pupil, "ehc-requests", **body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{next(iter(change))}")
    assert (await world.get(f"/pupils/{pupil}/ehc-requests")).json()["items"] == []


async def test_a_second_person_is_proved_by_the_schools_identity_provider_once(world: World) -> None:
    strict = await add_school(world.app, world.http, str(next(_urns)))
    await strict.post("/clock", {"now": "2026-03-04T09:00:00Z"})
    key = ec.generate_private_key(ec.SECP256R1())
    by = {"author": {"id": str(strict.people["head"])}, "occurred_on": "2026-03-04"}
    provider = {**by, "issuer": "https://login.example", "jwks": {"keys": [public(key)]}}
    set_up = await strict.http.put(strict.path("/identity-provider"), json=provider, headers=strict.headers())
    assert set_up.status_code == 200, set_up.text
    await strict.post("/clock", {"now": f"{DAY}T09:00:00Z"})
    pupil = await strict.pupil(UPN)
    first, second = [await asked(strict, pupil) for _ in range(2)]
    proof = proof_of(str(strict.people["head"]), key)
    confirmed = {"occurred_on": DAY, "confirmed_by": {"id": str(strict.people["head"]), "proof": proof}}
    of_another = {"occurred_on": DAY, "confirmed_by": {"id": str(strict.people["teacher"]), "proof": proof}}
    assert (await strict.step(pupil, f"ehc-requests/{first}/submissions", **of_another)).status_code == 422
    assert (await strict.step(pupil, f"ehc-requests/{first}/submissions", **confirmed)).status_code == 201
    again = await strict.step(pupil, f"ehc-requests/{second}/submissions", **confirmed)
    assert (again.status_code, "used before" in again.text) == (422, True)


def public(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "kid": "school-1", "alg": "ES256", "use": "sig", "x": x, "y": y}


def proof_of(person: str, key: ec.EllipticCurvePrivateKey) -> str:
    """Proofs live by the world's clock, whatever the school's own shows."""
    now = int(NOW.timestamp())
    claims = {"iss": "https://login.example", "sub": person, "aud": ISSUER, "iat": now, "exp": now + 120, "jti": "one"}
    return forge({"alg": "ES256", "typ": AUTHOR_PROOF_TYP, "kid": "school-1"}, claims, key)
