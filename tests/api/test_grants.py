"""A school lets others act for it, for a purpose and until a day, and takes it back at once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.db.organisations import OrganisationKind
from tests.api.doors import ASchool, World, a_world

NOBODY = "01932b4e-5f00-7000-8000-00000000ffff"


@pytest.fixture
async def world(database) -> AsyncIterator[World]:
    async with a_world(database.app) as world:
        yield world


@pytest.fixture
async def school(world) -> ASchool:
    return await world.school()


@pytest.fixture
async def own(world, school) -> dict[str, str]:
    return await world.bearer(await world.client(school.organisation, "grants:write"))


@pytest.fixture
async def vendor(world):
    return await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read", "records:write", "grants:write")


def a_grant(world: World, school: ASchool, vendor_id, /, **changed: object) -> dict[str, object]:
    day = str(world.clock().date() + timedelta(days=30))
    usual = {
        "client_id": str(vendor_id),
        "scopes": ["records:read"],
        "purpose": "Trying out.",
        "until": day,
        "granted_by": str(school.head),
    }
    return {**usual, **changed}


async def test_a_grant_names_client_scopes_purpose_last_day_and_giver(world, school, own, vendor):
    sent = a_grant(world, school, vendor.id)
    answer = await world.http.post(f"/v1/schools/{school.urn}/grants", json=sent, headers=own)
    given = answer.json()
    assert (answer.status_code, given["state"], given["revoked_at"]) == (201, "active", None)
    assert {name: given[name] for name in sent} == sent
    assert answer.headers["location"].endswith(given["id"])
    listed = (await world.http.get(f"/v1/schools/{school.urn}/grants", headers=own)).json()
    assert (listed["items"], listed["next"]) == ([given], None)


async def test_grants_are_listed_in_pages_newest_first(world, school, own, vendor):
    path = f"/v1/schools/{school.urn}/grants"
    made = [(await world.http.post(path, json=a_grant(world, school, vendor.id), headers=own)).json()["id"] for _ in range(3)]
    first = (await world.http.get(f"{path}?limit=2", headers=own)).json()
    second = (await world.http.get(path, params={"limit": 2, "cursor": first["next"]}, headers=own)).json()
    assert [item["id"] for item in (*first["items"], *second["items"])] == made[::-1]
    assert second["next"] is None


async def test_revoking_twice_gives_the_same_answer(world, school, own, vendor):
    path = f"/v1/schools/{school.urn}/grants"
    grant_id = (await world.http.post(path, json=a_grant(world, school, vendor.id), headers=own)).json()["id"]
    answers = [await world.http.delete(f"{path}/{grant_id}", headers=own) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["state"] == "revoked"


async def test_a_grant_that_is_over_no_longer_works_and_says_so(world, school, own, vendor):
    path = f"/v1/schools/{school.urn}/grants"
    await world.http.post(path, json=a_grant(world, school, vendor.id), headers=own)
    async with world.sessions.shared() as session:
        await session.connection.execute("update client_grant set until = current_date - 1 where client_id = $1", vendor.id)
    assert (await world.http.get(path, headers=own)).json()["items"][0]["state"] == "ended"
    assert (await world.http.get(f"/v1/schools/{school.urn}/pupils", headers=await world.bearer(vendor))).status_code == 403


async def test_the_last_day_of_a_grant_is_inside(world, school, own, vendor):
    today = str(world.clock().date())
    answer = await world.http.post(f"/v1/schools/{school.urn}/grants", json=a_grant(world, school, vendor.id, until=today), headers=own)
    assert answer.json()["state"] == "active"
    assert (await world.http.get(f"/v1/schools/{school.urn}/pupils", headers=await world.bearer(vendor))).status_code == 200


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"until": "2020-01-01"}, "/until", "already_over"),
        ({"scopes": ["grants:write"]}, "/scopes/0", "scope_not_grantable"),
        ({"scopes": ["records:read", "no:such"]}, "/scopes/1", "scope_not_grantable"),
        ({"scopes": ["roll:write"]}, "/scopes/0", "scope_not_held"),
        ({"granted_by": NOBODY}, "/granted_by", "role_missing"),
        ({"client_id": NOBODY}, "/client_id", "client_unknown"),
        ({"scopes": []}, "/scopes", "too_short"),
        ({"purpose": " "}, "/purpose", "string_too_short"),
        ({"note": "x"}, "/note", "extra_forbidden"),
    ],
)
async def test_what_is_wrong_with_a_grant_is_pointed_at_and_nothing_is_given(world, school, own, vendor, changed, pointer, code):
    path = f"/v1/schools/{school.urn}/grants"
    answer = await world.http.post(path, json=a_grant(world, school, vendor.id, **changed), headers=own)
    assert answer.status_code == 422
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert (await world.http.get(path, headers=own)).json()["items"] == []


async def test_everything_wrong_with_a_grant_is_told_at_once(world, school, own):
    sent = a_grant(world, school, NOBODY, until="2020-01-01", granted_by=NOBODY, scopes=["no:such"])
    answer = await world.http.post(f"/v1/schools/{school.urn}/grants", json=sent, headers=own)
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/client_id", "/until", "/granted_by", "/scopes/0"}


@pytest.mark.parametrize("which", ["revoked", "live", "own"])
async def test_a_client_that_the_school_could_not_let_in_is_refused(world, school, own, which):
    owner = school.organisation if which == "own" else await world.organisation(OrganisationKind.VENDOR, is_sandbox=which != "live")
    client = await world.client(owner, "records:read")
    if which == "revoked":
        async with world.sessions.shared() as session:
            await world.registry.revoke_client(session, client.id)
    answer = await world.http.post(f"/v1/schools/{school.urn}/grants", json=a_grant(world, school, client.id), headers=own)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/client_id")


async def test_nobody_gives_themselves_a_grant(world, school, vendor):
    headers = await world.bearer(vendor)
    answer = await world.http.post(f"/v1/schools/{school.urn}/grants", json=a_grant(world, school, vendor.id), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/no-grant")


async def test_another_schools_grant_is_neither_seen_nor_revoked(world, school, own, vendor):
    path = f"/v1/schools/{school.urn}/grants"
    grant_id = (await world.http.post(path, json=a_grant(world, school, vendor.id), headers=own)).json()["id"]
    other = await world.school()
    stranger = await world.bearer(await world.client(other.organisation, "grants:write"))
    seen = await world.http.get(f"/v1/schools/{other.urn}/grants", headers=stranger)
    revoked = await world.http.delete(f"/v1/schools/{other.urn}/grants/{grant_id}", headers=stranger)
    assert (seen.json()["items"], revoked.status_code) == ([], 404)
    assert (await world.http.get(path, headers=own)).json()["items"][0]["state"] == "active"
