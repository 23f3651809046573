"""Every route knows who calls, and lets in who may."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.api.manners.budgets import READS, REQUESTS, Budget, Budgets
from app.api.manners.callers import NeedsAuthority, NeedsClient, NeedsSchool, Tenant, needs, needs_authority, needs_client
from app.casework.keyring import rotate
from app.db.organisations import OrganisationKind
from app.db.scopes import GRANTABLE, OF_AUTHORITIES, SCOPES, may_hold
from app.keys.jwks import KeyUse
from tests.api.doors import ISSUER, World, a_world
from tests.forging import forge, hs256


@pytest.fixture
async def world(database) -> AsyncIterator[World]:
    async with a_world(database.app) as world:
        yield world


async def grant(world: World, school, client, *scopes: str):
    own = await world.client(school.organisation, "grants:write")
    body = {
        "client_id": str(client.id),
        "scopes": list(scopes),
        "purpose": "Trying out.",
        "until": str(world.clock().date() + timedelta(days=1)),
        "granted_by": str(school.head),
    }
    answer = await world.http.post(f"/v1/schools/{school.urn}/grants", json=body, headers=await world.bearer(own))
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], own


async def test_the_schools_own_client_is_let_in(world):
    school = await world.school()
    client = await world.client(school.organisation, "records:read")
    answer = await world.http.get(f"/v1/schools/{school.urn}/pupils", headers=await world.bearer(client))
    assert (answer.status_code, answer.json()) == (200, {"school": str(school.id)})


@pytest.mark.parametrize(("header", "error"), [(None, None), ("Basic abc", "invalid_request"), ("Bearer", "invalid_request")])
async def test_without_a_token_the_answer_is_a_challenge(world, header, error):
    answer = await world.http.get("/v1/schools/999999/pupils", headers={"Authorization": header} if header else {})
    challenge = answer.headers["www-authenticate"]
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    assert challenge == 'Bearer realm="graduated"' + (f', error="{error}"' if error else "")


async def test_two_tokens_in_one_request_are_refused(world):
    school = await world.school()
    bearer = (await world.bearer(await world.client(school.organisation, "records:read")))["Authorization"]
    answer = await world.http.get(f"/v1/schools/{school.urn}/pupils", headers=[("Authorization", bearer)] * 2)
    assert answer.status_code == 401


def token_parts(world: World, kid: str, **changed: object):
    now = int(world.clock().timestamp())
    client = str(uuid4())
    claims = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": client,
        "client_id": client,
        "jti": "1",
        "iat": now,
        "exp": now + 60,
        "scope": "records:read",
    }
    return {"alg": "ES256", "typ": "at+jwt", "kid": kid}, {**claims, **changed}


@pytest.mark.parametrize(
    "changed",
    [{"iss": "https://elsewhere.example"}, {"aud": "https://elsewhere.example"}, {"exp": 1}, {"client_id": "no uuid"}, {"iat": 10**10}],
)
async def test_a_token_of_another_issuer_audience_or_time_is_refused(world, changed):
    key = await world.keyring.signing_key(KeyUse.TOKENS)
    token = forge(*token_parts(world, key.kid, **changed), key.signer)
    answer = await world.http.get("/v1/schools/999999/pupils", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, 'error="invalid_token"' in answer.headers["www-authenticate"]) == (401, True)


async def test_a_token_of_another_key_algorithm_or_type_is_refused(world):
    key = await world.keyring.signing_key(KeyUse.TOKENS)
    bundles = await world.keyring.signing_key(KeyUse.BUNDLES)
    header, claims = token_parts(world, key.kid)
    wrong = [
        forge(header, claims, ec.generate_private_key(ec.SECP256R1())),
        forge({**header, "kid": "unheard of"}, claims, key.signer),
        forge({**header, "kid": bundles.kid}, claims, bundles.signer),
        forge({**header, "alg": "HS256"}, claims, b"secret", sign=hs256),
        forge({**header, "alg": "none"}, claims, key.signer),
        forge({**header, "typ": "jwt"}, claims, key.signer),
        "not.a.token",
        "ä",
    ]
    answers = [await world.http.get("/v1/rules", headers={"Authorization": f"Bearer {token}".encode()}) for token in wrong]
    assert [answer.status_code for answer in answers] == [401] * len(wrong)
    assert "unheard" not in answers[1].text


async def test_a_lacking_scope_is_named_whether_the_token_or_the_client_lacks_it(world):
    school = await world.school()
    narrowed = await world.bearer(await world.client(school.organisation, "records:read", "staff:write"), scope="records:read")
    without = await world.bearer(await world.client(school.organisation, "records:read"))
    for headers in (narrowed, without):
        answer = await world.http.post(f"/v1/schools/{school.urn}/staff", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/insufficient-scope")
        assert 'scope="staff:write"' in answer.headers["www-authenticate"]
        assert "staff:write" in answer.json()["detail"]


async def test_a_scope_taken_from_the_client_is_gone_at_the_next_request(world):
    school = await world.school()
    client = await world.client(school.organisation, "records:read", "subscriptions:write")
    headers = await world.bearer(client)
    async with world.sessions.shared() as session:
        await session.connection.execute("update client set scopes = '{subscriptions:write}' where id = $1", client.id)
    answers = [await world.http.get(path, headers=headers) for path in (f"/v1/schools/{school.urn}/pupils", "/v1/rules")]
    assert [answer.status_code for answer in answers] == [403, 200]


async def test_a_revoked_client_is_refused_everywhere_at_the_next_request(world):
    school = await world.school()
    client = await world.client(school.organisation, "records:read", "subscriptions:write")
    headers = await world.bearer(client)
    paths = (f"/v1/schools/{school.urn}/pupils", "/v1/rules")
    before = [(await world.http.get(path, headers=headers)).status_code for path in paths]
    async with world.sessions.shared() as session:
        await world.registry.revoke_client(session, client.id)
    after = [(await world.http.get(path, headers=headers)).status_code for path in paths]
    assert (before, after) == ([200, 200], [401, 401])


async def test_a_vendor_acts_under_a_grant_and_only_until_it_is_revoked(world):
    school = await world.school()
    vendor = await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read")
    headers = await world.bearer(vendor)
    path = f"/v1/schools/{school.urn}/pupils"
    without = await world.http.get(path, headers=headers)
    grant_id, own = await grant(world, school, vendor, "records:read")
    granted = await world.http.get(path, headers=headers)
    await world.http.delete(f"/v1/schools/{school.urn}/grants/{grant_id}", headers=await world.bearer(own))
    revoked = await world.http.get(path, headers=headers)
    assert [answer.status_code for answer in (without, granted, revoked)] == [403, 200, 403]
    assert (revoked.json()["type"], revoked.json()["act_by"]) == ("/problems/no-grant", "school")


async def test_a_grant_for_one_school_opens_no_other(world):
    school, other = await world.school(), await world.school()
    vendor = await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read")
    await grant(world, school, vendor, "records:read")
    answer = await world.http.get(f"/v1/schools/{other.urn}/pupils", headers=await world.bearer(vendor))
    assert answer.status_code == 403


async def test_what_only_the_schools_own_clients_may_do_no_grant_opens(world):
    school = await world.school()
    vendor = await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read", "staff:write")
    await grant(world, school, vendor, "records:read")
    async with world.sessions.shared() as session:
        await session.connection.execute("update client_grant set scopes = '{staff:write}' where client_id = $1", vendor.id)
    own = await world.client(school.organisation, "staff:write")
    answers = [await world.http.post(f"/v1/schools/{school.urn}/staff", headers=await world.bearer(one)) for one in (vendor, own)]
    assert [answer.status_code for answer in answers] == [403, 200]


@pytest.mark.parametrize("school_is_sandbox", [True, False])
async def test_sandbox_clients_and_live_schools_never_meet(world, school_is_sandbox):
    school = await world.school(is_sandbox=school_is_sandbox)
    vendor = await world.client(await world.organisation(OrganisationKind.VENDOR, is_sandbox=not school_is_sandbox), "records:read")
    async with world.sessions.shared() as session:
        await session.connection.execute(
            "insert into client_grant (id, school_id, client_id, scopes, purpose, until, granted_by, granted_at) "
            "values ($1, $2, $3, '{records:read}', 'none', 'infinity', $4, now())",
            uuid4(),
            school.id,
            vendor.id,
            school.head,
        )
    answer = await world.http.get(f"/v1/schools/{school.urn}/pupils", headers=await world.bearer(vendor))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/no-grant")


@pytest.mark.parametrize("urn", ["123456", "12345", "abcdef", "%00%00%00", "٩٩٩٩٩٩"])
async def test_a_school_that_does_not_exist_is_not_found(world, urn):
    school = await world.school()
    headers = await world.bearer(await world.client(school.organisation, "records:read"))
    assert (await world.http.get(f"/v1/schools/{urn}/pupils", headers=headers)).status_code == 404


async def test_an_authority_sees_its_own_address_and_no_other(world):
    authority = await world.organisation(OrganisationKind.AUTHORITY, authority="999")
    client = await world.client(authority, "evidence:take")
    headers = await world.bearer(client)
    answers = {
        code: await world.http.get(f"/v1/local-authorities/{code}/requests", headers=headers) for code in ("999", "998", "%00", "99")
    }
    assert {code: answer.status_code for code, answer in answers.items()} == {"999": 200, "998": 404, "%00": 404, "99": 404}
    async with world.sessions.shared() as session:
        await world.registry.revoke_client(session, client.id)
    assert (await world.http.get("/v1/local-authorities/999/requests", headers=headers)).status_code == 401


async def test_who_is_no_authority_is_not_let_in_as_one(world):
    vendor = await world.organisation(OrganisationKind.VENDOR)
    client = await world.client(vendor, "records:read")
    async with world.sessions.shared() as session:
        await session.connection.execute("update organisation set authority = '999' where id = $1", vendor.id)
        await session.connection.execute("update client set scopes = '{evidence:take}' where id = $1", client.id)
    answer = await world.http.get("/v1/local-authorities/999/requests", headers=await world.bearer(client))
    assert answer.status_code == 404


async def test_a_token_signed_by_a_key_that_another_process_made_is_accepted(world, database):
    school = await world.school()
    client = await world.client(school.organisation, "records:read")
    async with a_world(database.app) as other, other.sessions.shared() as session:
        await rotate(session, KeyUse.TOKENS, other.sealer, now=other.clock() - timedelta(minutes=2))
    world.clock.ahead += timedelta(seconds=6)
    async with a_world(database.app) as other:
        headers = await other.bearer(client)
    answer = await world.http.get(f"/v1/schools/{school.urn}/pupils", headers=headers)
    assert answer.status_code == 200


def test_what_a_route_needs_can_be_read_without_calling_it():
    school, authority, anybody = needs("staff:write", own_only=True), needs_authority("evidence:take"), needs_client("subscriptions:write")
    assert (school, school.tenant) == (NeedsSchool(school.required_scope, own_only=True), Tenant.SCHOOL)
    assert (type(authority), authority.tenant, authority.required_scope) == (NeedsAuthority, Tenant.AUTHORITY, "evidence:take")
    assert (type(anybody), anybody.tenant, anybody.required_scope) == (NeedsClient, Tenant.NOBODY, "subscriptions:write")


def test_a_route_cannot_ask_for_a_scope_that_does_not_exist():
    with pytest.raises(ValueError, match="records:eat"):
        needs("records:eat")


def test_the_catalogue_keeps_authorities_and_sandboxes_apart():
    assert may_hold(OrganisationKind.AUTHORITY, is_sandbox=True) == OF_AUTHORITIES
    assert "evidence:take" not in may_hold(OrganisationKind.VENDOR, is_sandbox=True)
    assert set(SCOPES) - may_hold(OrganisationKind.SCHOOL, is_sandbox=False) == {"evidence:take", "clock:write"}
    assert not {"staff:write", "grants:write", "evidence:take"} & GRANTABLE


async def test_a_route_about_no_school_draws_on_a_budget_too(world):
    vendor = await world.organisation(OrganisationKind.VENDOR)
    bearer = await world.bearer(await world.client(vendor, "subscriptions:write"))
    world.app.state.callers._budgets = Budgets({kind: Budget(rate=0.001, burst=2) for kind in (READS, REQUESTS)}, world.clock)
    answers = [await world.http.get("/v1/rules", headers=bearer) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["type"] == "/problems/too-many-requests"
