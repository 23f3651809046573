"""A client gets a token when it proves itself, and otherwise learns nothing."""

from base64 import b64decode, urlsafe_b64decode
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.api import tokens
from app.casework.keyring import rotate
from app.casework.registration import Registered
from app.db.organisations import OrganisationKind
from app.keys.claims import TokenRefusedError
from app.keys.jwks import KeyUse, generate_key, public_jwk, read_public_jwks
from app.keys.jws import verify_access_token
from tests.api.doors import ISSUER, World, a_world
from tests.forging import forge

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def world(database) -> AsyncIterator[World]:
    async with a_world(database.app) as world:
        yield world


@pytest.fixture
async def client(world) -> Registered:
    vendor = await world.organisation(OrganisationKind.VENDOR)
    return await world.client(vendor, "records:read", "records:write")


async def claims_of(world: World, answer: httpx.Response):
    keys = await world.keyring.published(KeyUse.TOKENS)
    return verify_access_token(answer.json()["access_token"], keys, issuer=ISSUER, audience=ISSUER, now=world.clock())


def assertion_of(client: Registered, key, kid: str, world: World, **changed: object) -> dict[str, str]:
    now = int(world.clock().timestamp())
    claims = {"iss": str(client.id), "sub": str(client.id), "aud": ISSUER, "jti": str(uuid4()), "iat": now, "exp": now + 60, **changed}
    return {**GRANT, "client_assertion_type": ASSERTION, "client_assertion": forge({"alg": "ES256", "kid": kid}, claims, key)}


@pytest.fixture
async def keyed(world):
    """A client that proves itself by a key, with the means to sign for it."""
    own = generate_key(KeyUse.HEADS)
    vendor = await world.organisation(OrganisationKind.VENDOR)
    jwks = httpx.Response(200, json={"keys": [public_jwk(own)]}).content
    return await world.client(vendor, "records:read", jwks=jwks), own


async def test_a_client_with_its_secret_gets_a_token_of_fifteen_minutes_with_all_it_holds(world, client):
    answer = await world.ask(client)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "records:read records:write",
    }
    claims = await claims_of(world, answer)
    assert (claims.sub, claims.client_id, claims.aud) == (str(client.id), str(client.id), ISSUER)
    assert claims.exp - claims.iat == timedelta(minutes=15)


async def test_the_secret_may_come_in_the_form(world, client):
    form = {**GRANT, "client_id": str(client.id), "client_secret": client.secret}
    assert (await world.http.post("/oauth2/token", data=form)).status_code == 200


async def test_a_token_can_be_narrowed_and_never_widened(world, client):
    narrowed = await world.ask(client, scope="records:read")
    widened = await world.ask(client, scope="records:read staff:write")
    made_up = await world.ask(client, scope="records:read <made-up>")
    assert (await claims_of(world, narrowed)).scope == {"records:read"}
    assert (widened.status_code, widened.json()["error"]) == (400, "invalid_scope")
    assert "staff:write" in widened.json()["error_description"]
    assert (made_up.status_code, "made-up" in made_up.text) == (400, False)


async def test_a_wrong_secret_and_an_unknown_client_get_the_same_answer(world, client):
    wrong = await world.http.post("/oauth2/token", data=GRANT, auth=(str(client.id), "gs_wrong"))
    nobody = await world.http.post("/oauth2/token", data=GRANT, auth=(str(uuid4()), "gs_wrong"))
    no_uuid = await world.http.post("/oauth2/token", data=GRANT, auth=("no\x00body", "gs_wrong"))
    assert wrong.status_code == nobody.status_code == no_uuid.status_code == 401
    assert wrong.content == nobody.content == no_uuid.content
    assert wrong.json()["error"] == "invalid_client"
    assert wrong.headers["www-authenticate"] == 'Basic realm="graduated"'


async def test_an_unknown_client_goes_through_the_same_comparison(world, client, monkeypatch):
    seen = []
    checker = world.app.state.issuer.checker
    compared = checker.matches

    async def watched(secret: str, stored: str | None) -> bool:
        seen.append(stored is None)
        return await compared(secret, stored)

    monkeypatch.setattr(checker, "matches", watched)
    await world.http.post("/oauth2/token", data=GRANT, auth=(str(uuid4()), "gs_wrong"))
    await world.http.post("/oauth2/token", data=GRANT, auth=(str(client.id), "gs_wrong"))
    assert seen == [True, False]


async def test_a_revoked_client_gets_no_token(world, client):
    async with world.sessions.shared() as session:
        await world.registry.revoke_client(session, client.id)
    assert (await world.ask(client)).json()["error"] == "invalid_client"


async def test_a_rotated_secret_is_refused_and_the_new_one_accepted(world, client):
    async with world.sessions.shared() as session:
        fresh = await world.registry.rotate_secret(session, client.id)
    new = Registered(id=client.id, name=client.name, scopes=client.scopes, secret=fresh)
    assert [(await world.ask(one)).status_code for one in (client, new)] == [401, 200]


async def test_a_signed_assertion_gives_a_token_once(world, keyed):
    client, own = keyed
    form = assertion_of(client, own.signer, own.kid, world)
    answers = [await world.http.post("/oauth2/token", data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[1].json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "changed",
    [{"aud": "https://elsewhere.example"}, {"iss": "somebody"}, {"exp": 1}, {"jti": ""}, {"aud": [ISSUER, "https://elsewhere.example"]}],
)
async def test_an_assertion_with_a_wrong_claim_is_refused(world, keyed, changed):
    client, own = keyed
    answer = await world.http.post("/oauth2/token", data=assertion_of(client, own.signer, own.kid, world, **changed))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_by_another_key_or_for_a_client_without_keys_is_refused(world, keyed, client):
    by_key, own = keyed
    stranger = ec.generate_private_key(ec.SECP256R1())
    forms = [assertion_of(by_key, stranger, own.kid, world), assertion_of(client, own.signer, own.kid, world)]
    assert [(await world.http.post("/oauth2/token", data=form)).status_code for form in forms] == [401, 401]


async def test_a_signature_is_checked_even_for_a_client_that_is_unknown_or_has_no_such_key(world, keyed, client, monkeypatch):
    """Otherwise the time an answer takes would tell which clients exist."""
    by_key, own = keyed
    reasons = []
    verify = tokens.verify_client_assertion

    def watched(*given: object, **named: object) -> object:
        try:
            return verify(*given, **named)
        except TokenRefusedError as refused:
            reasons.append(refused.reason)
            raise

    monkeypatch.setattr(tokens, "verify_client_assertion", watched)
    unknown = Registered(id=uuid4(), name="", scopes=(), secret=None)
    for one, kid in ((unknown, own.kid), (client, own.kid), (by_key, "another kid")):
        answer = await world.http.post("/oauth2/token", data=assertion_of(one, own.signer, kid, world))
        assert answer.status_code == 401
    assert reasons == ["the signature does not match"] * 3


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({**GRANT, "client_secret": "gs_second"}, "invalid_request"),
        ({**GRANT, "client_id": "another"}, "invalid_request"),
        ({**GRANT, "scope": "records:read  records:write"}, "invalid_scope"),
    ],
)
async def test_a_request_put_together_wrongly_says_so_in_the_words_of_oauth(world, client, form, error):
    answer = await world.http.post("/oauth2/token", data=form, auth=(str(client.id), client.secret))
    assert (answer.status_code, answer.json()["error"], answer.headers["cache-control"]) == (400, error, "no-store")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"grant_type":"client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(50)), "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_that_is_no_form_is_an_invalid_request(world, content, content_type):
    answer = await world.http.post("/oauth2/token", content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer abc", "Basic w6Q="])
async def test_a_header_that_proves_nothing_is_an_invalid_client(world, header):
    answer = await world.http.post("/oauth2/token", data=GRANT, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_guessing_at_one_client_is_stopped_for_a_while(world, client):
    world.clock.stopped = world.clock()
    answers = [await world.http.post("/oauth2/token", data=GRANT, auth=(str(client.id), "gs_guess")) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    world.clock.ahead += timedelta(seconds=5)
    assert (await world.ask(client)).status_code == 200


async def post_from(world: World, address: str, client_id: str, secret: str) -> int:
    transport = httpx.ASGITransport(app=world.app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://local") as elsewhere:
        return (await elsewhere.post("/oauth2/token", data=GRANT, auth=(client_id, secret))).status_code


async def test_guessing_elsewhere_locks_no_client_out_where_it_is(world, client):
    world.clock.stopped = world.clock()
    for _ in range(31):
        last = await post_from(world, "192.0.2.1", str(client.id), "gs_guess")
    assert last == 429
    assert await post_from(world, "192.0.2.2", str(client.id), client.secret) == 200


async def test_another_way_to_write_a_client_id_gives_no_further_guesses(world, client):
    world.clock.stopped = world.clock()
    ways = [str(client.id), str(client.id).upper(), client.id.hex, f"{{{client.id}}}"]
    answers = [await world.http.post("/oauth2/token", data=GRANT, auth=(ways[i % 4], "gs_guess")) for i in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


async def test_only_a_failure_draws_on_the_guesses_at_a_client(world, client):
    world.clock.stopped = world.clock()
    for _ in range(15):
        assert (await world.ask(client)).status_code == 200
    answers = [await world.http.post("/oauth2/token", data=GRANT, auth=(str(client.id), "gs_guess")) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


async def test_guessing_at_many_clients_from_one_address_is_stopped_too(world):
    world.clock.stopped = world.clock()
    answers = [await world.http.post("/oauth2/token", data=GRANT, auth=(str(uuid4()), "gs_guess")) for _ in range(61)]
    assert [answer.status_code for answer in answers].count(429) == 1
    assert answers[-1].status_code == 429


async def test_the_metadata_names_what_there_is(world):
    metadata = (await world.http.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == ISSUER
    assert metadata["token_endpoint"] == f"{ISSUER}/oauth2/token"
    assert metadata["grant_types_supported"] == ["client_credentials"]
    assert set(metadata["token_endpoint_auth_methods_supported"]) == {"client_secret_basic", "client_secret_post", "private_key_jwt"}


async def test_the_key_set_verifies_the_tokens_and_holds_no_secret(world, client):
    published = await world.http.get("/.well-known/jwks.json")
    keys = read_public_jwks(published.content)
    token = (await world.ask(client)).json()["access_token"]
    assert verify_access_token(token, keys, issuer=ISSUER, audience=ISSUER, now=world.clock()).client_id == str(client.id)
    assert '"d"' not in published.text


async def test_bundle_keys_stay_published_for_ever_with_the_time_in_which_they_signed(world):
    async with world.sessions.shared() as session:
        await rotate(session, KeyUse.BUNDLES, world.sealer, now=world.clock())
    world.clock.ahead += timedelta(days=3650)
    published = (await world.http.get("/.well-known/bundle-keys.json")).json()["keys"]
    bundles = [key for key in published if key["signs"] == "bundles"]
    assert {key["signs"] for key in published} == {"bundles", "heads"}
    assert len(bundles) == 2
    assert bundles[0]["signs_until"] == bundles[1]["signs_from"]


async def test_the_keys_of_webhooks_are_published_with_their_time_and_in_both_spellings(world):
    async with world.sessions.shared() as session:
        await rotate(session, KeyUse.WEBHOOKS, world.sealer, now=world.clock())
    world.clock.ahead += timedelta(days=3650)
    answer = await world.http.get("/.well-known/webhook-keys.json")
    old, new = answer.json()["keys"]
    assert {key["signs"] for key in (old, new)} == {"webhooks"}
    assert [key.kid for key in await world.keyring.webhook_keys()] == [new["kid"]]
    assert datetime.fromisoformat(old["signs_until"]) == datetime.fromisoformat(new["signs_from"]) + timedelta(days=1)
    assert "signs_until" not in new
    for key in (old, new):
        assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")
        assert b64decode(key["whpk"].removeprefix("whpk_")) == urlsafe_b64decode(key["x"] + "=")
    assert '"d"' not in answer.text


async def test_no_set_holds_the_keys_of_another_use(world):
    sets = [(await world.http.get(f"/.well-known/{name}.json")).json()["keys"] for name in ("jwks", "bundle-keys", "webhook-keys")]
    kids = [{key["kid"] for key in keys} for keys in sets]
    assert all(kids)
    assert sum(map(len, kids)) == len(set.union(*kids))
