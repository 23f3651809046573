"""What we send, checked by what others use: `standardwebhooks` in Python and JavaScript, `cryptography`, and Node's own crypto."""

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app import clock
from app.casework.keyring import BOTH_SIGN_WEBHOOKS, KNOWN_BEFORE_IT_SIGNS, rotate
from app.db.embedded import DatabaseUrls
from app.db.session import open_pool
from app.db.sweep import Sweep
from app.keys.jwks import KeyUse
from app.keys.webhook_keys import WebhookKey, generate_webhook_key, standard_spelling
from app.main import create_app
from app.settings import Settings
from app.webhooks.delivering.circuit import DISABLED_AFTER, FIRST_PROBE, LONGEST_BETWEEN_PROBES, OPENS_AFTER
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.delivering.schedule import WAITS
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.connections import MOST_BODY_KEPT, MOST_BODY_READ
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.signing import Signer, new_signing_secret
from app.webhooks.sending.signing_secrets import OVERLAP
from app.webhooks.sending.transport import DEADLINE_S, Sender
from app.webhooks.telling.catalogue import catalogue
from tests.api.world import add_school, running
from tests.webhooks.receivers import LOOPBACK, answering, receiving
from tests.webhooks.samples import GUIDE, PACKAGE, blocks, by_node, sample
from tests.webhooks.telling import Telling

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
OLD, NEW = new_signing_secret(bytes(range(24))), new_signing_secret(bytes(range(64)))
OLD_KEY, NEW_KEY = generate_webhook_key(), generate_webhook_key()
SUBSCRIPTION = "01932b4e-5f00-7000-8000-000000000999"
PAYLOAD = json.dumps({"type": "notice.ready", "number": 7, "subscription": SUBSCRIPTION, "note": "naïve ✓"}, ensure_ascii=False).encode()
NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")

needs_package = pytest.mark.skipif(
    not PACKAGE.exists(),
    reason="the JavaScript package standardwebhooks is not installed, because npm could not be reached: make verify-js",
)


@dataclass(frozen=True)
class Rotation:
    """A moment of a change of secrets or keys: what signs, and what a receiver holds of it."""

    secrets: tuple[str, ...]
    keys: tuple[WebhookKey, ...]


BEFORE = Rotation((OLD,), (OLD_KEY,))
DURING = Rotation((NEW, OLD), (NEW_KEY, OLD_KEY))
AFTER = Rotation((NEW,), (NEW_KEY,))
ROTATION = pytest.mark.parametrize("stage", [BEFORE, DURING, AFTER], ids=["before", "during", "after"])


def sent(stage: Rotation, payload: bytes = PAYLOAD, *, ago: timedelta = timedelta()) -> dict[str, str]:
    return Signer(secrets=stage.secrets, keys=stage.keys).sign("msg_999", datetime.now(UTC) - ago, payload)


def published(*keys: WebhookKey) -> list[dict[str, str]]:
    """Keys as the service shows them."""
    shown = {"signs": "webhooks", "signs_from": "2026-01-01T00:00:00+00:00"}
    return [{**key.public_jwk, **shown, "whpk": standard_spelling(key.public_jwk)} for key in keys]


def v1_in_python(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        return sample("read")(secret, headers, body) == json.loads(body)
    except WebhookVerificationError:
        return False


def v1_in_javascript(secret: str, headers: dict[str, str], body: bytes) -> bool:
    ran = by_node("read", "given.secret, given.headers, given.body", secret=secret, headers=headers, body=body.decode())
    if ran.returncode:
        assert "WebhookVerificationError" in ran.stderr, ran.stderr
        return False
    return json.loads(ran.stdout) == json.loads(body)


def v1a_in_python(keys: list[dict[str, str]], headers: dict[str, str], body: bytes) -> bool:
    return sample("read_signed")(keys, SUBSCRIPTION, headers, body, datetime.now(UTC)) == json.loads(body)


def v1a_in_node(keys: list[dict[str, str]], headers: dict[str, str], body: bytes) -> bool:
    given = {"keys": keys, "headers": headers, "body": base64.b64encode(body).decode()}
    ran = by_node("holds", 'given.keys, given.headers, Buffer.from(given.body, "base64")', **given)
    assert ran.returncode == 0, ran.stderr
    return bool(json.loads(ran.stdout))


V1 = pytest.mark.parametrize("verifies", [v1_in_python, pytest.param(v1_in_javascript, marks=needs_package)], ids=["python", "javascript"])
V1A = pytest.mark.parametrize("verifies", [v1a_in_python, v1a_in_node], ids=["cryptography", "node"])


@V1
@ROTATION
def test_the_reference_libraries_verify_v1_through_a_rotation_and_pass_over_v1a(verifies, stage):
    headers = sent(stage)
    assert "v1a," in headers["webhook-signature"]
    assert [verifies(secret, headers, PAYLOAD) for secret in (OLD, NEW)] == [OLD in stage.secrets, NEW in stage.secrets]


@V1
def test_the_reference_libraries_refuse_what_only_v1a_vouches_for(verifies):
    headers = sent(DURING)
    of_v1a = [each for each in headers["webhook-signature"].split(" ") if each.startswith("v1a,")]
    assert not verifies(NEW, {**headers, "webhook-signature": " ".join(of_v1a)}, PAYLOAD)


@V1
@pytest.mark.parametrize(
    ("ago", "changed", "body"),
    [
        (timedelta(), {}, PAYLOAD.replace(b"7", b"8")),
        (timedelta(), {"webhook-id": "msg_998"}, PAYLOAD),
        (timedelta(minutes=6), {}, PAYLOAD),
        (timedelta(minutes=-6), {}, PAYLOAD),
    ],
    ids=["another body", "another id", "too old", "too early"],
)
def test_the_reference_libraries_refuse_what_was_changed_or_is_not_of_now(verifies, ago, changed, body):
    """Signed within the test, for by the time it runs what was signed when it was gathered may be of another minute."""
    assert not verifies(NEW, sent(AFTER, ago=ago) | changed, body)


@V1A
@ROTATION
def test_v1a_holds_under_the_public_keys_through_a_rotation(verifies, stage):
    headers = sent(stage)
    seen = [verifies(published(key), headers, PAYLOAD) for key in (OLD_KEY, NEW_KEY)]
    assert seen == [OLD_KEY in stage.keys, NEW_KEY in stage.keys]
    assert verifies(published(OLD_KEY, NEW_KEY), headers, PAYLOAD)


@V1A
def test_v1a_does_not_hold_for_another_body_time_id_or_key(verifies):
    headers = sent(AFTER)
    assert not verifies(published(NEW_KEY), headers, PAYLOAD.replace(b"7", b"8"))
    assert not verifies(published(NEW_KEY), headers | {"webhook-id": "msg_998"}, PAYLOAD)
    assert not verifies(published(NEW_KEY), headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}, PAYLOAD)
    assert not verifies(published(generate_webhook_key()), headers, PAYLOAD)
    assert not verifies([], headers, PAYLOAD)


@V1A
def test_a_key_counts_for_the_time_in_which_it_signs_alone(verifies):
    headers = sent(AFTER)
    (key,) = published(NEW_KEY)
    assert not verifies([{**key, "signs_until": "2026-02-01T00:00:00+00:00"}], headers, PAYLOAD)
    assert not verifies([{**key, "signs_from": "2999-01-01T00:00:00+00:00"}], headers, PAYLOAD)


def test_what_we_signed_for_another_receiver_is_not_taken_for_ours():
    """The key is one for all, so the body must say whose it is; the guide's reader compares."""
    read = sample("read_signed")
    headers, now = sent(AFTER), datetime.now(UTC)
    assert read(published(NEW_KEY), SUBSCRIPTION, headers, PAYLOAD, now) is not None
    assert read(published(NEW_KEY), "01932b4e-5f00-7000-8000-000000000998", headers, PAYLOAD, now) is None
    assert read(published(NEW_KEY), SUBSCRIPTION, headers, PAYLOAD, now + timedelta(minutes=6)) is None


def test_a_streamed_file_is_checked_by_its_digest():
    chunks = [b"the bytes of a bundle"] * 1000
    digest = hashlib.sha256(b"".join(chunks))
    headers = Signer(secrets=DURING.secrets, keys=DURING.keys).sign_digest("msg_999", datetime.now(UTC), digest.digest())
    read = sample("read_stream")
    assert read(OLD, headers, chunks) == read(NEW, headers, chunks) == digest.hexdigest()
    assert v1a_in_node(published(NEW_KEY), headers, headers["content-digest"].encode())
    assert sample("holds")(published(NEW_KEY), datetime.now(UTC), headers, headers["content-digest"].encode())
    with pytest.raises(ValueError, match="not the one"):
        read(NEW, headers, [*chunks, b"more"])
    with pytest.raises(WebhookVerificationError):
        read(NEW, headers | {"content-digest": "sha-256=:" + "A" * 43 + "=:"}, chunks)


def test_every_sample_of_the_guide_is_run_here():
    assert [len(blocks(language)) for language in ("python", "javascript")] == [3, 2]


def test_every_route_that_the_guide_names_is_one():
    named = {(verb.lower(), path) for verb, path in re.findall(r"`(GET|POST|PUT)\s(/v1/[^`?]+)[^`]*`", GUIDE.read_text())}
    paths = create_app(Settings()).openapi()["paths"]
    assert len(named) == 11
    assert {(verb, path) for verb, path in named if verb not in paths.get(path, {})} == set()
    assert "/.well-known/webhook-keys.json" in paths


def test_the_guide_tells_the_waits_and_the_circuit_as_they_are():
    told = " ".join(GUIDE.read_text().split())
    seconds, (one, *minutes), hours = WAITS[0], WAITS[1:4], WAITS[4:]
    assert [wait.total_seconds() for wait in (seconds, one)] == [5, 60]
    in_minutes = " and ".join(f"{wait.total_seconds() / 60:g}" for wait in minutes)
    *first, last = (f"{wait.total_seconds() / 3600:g}" for wait in hours)
    assert f"after 5 seconds, then 1, {in_minutes} minutes, {', '.join(first)} and {last} hours" in told
    assert (len(WAITS) + 1, OPENS_AFTER, DISABLED_AFTER) == (12, 8, timedelta(hours=66))
    assert (timedelta(seconds=10), timedelta(minutes=15)) == (FIRST_PROBE, LONGEST_BETWEEN_PROBES)
    assert (15, 64 * 1024, 2 * 1024, timedelta(hours=24)) == (DEADLINE_S, MOST_BODY_READ, MOST_BODY_KEPT, OVERLAP)
    assert timedelta(hours=24) == BOTH_SIGN_WEBHOOKS


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    """A school in real time, for those who verify look at their own clocks."""
    async with running(database, now=None) as (app, http), await open_pool(database.sweep, size=2) as sweeping:
        state, sender = app.state, Sender(allowed=LOOPBACK)
        state.subscribing = Subscribing(state.sessions, state.casework.means, state.sealer, sender)
        world = await add_school(app, http, "999499")
        deliverer = Deliverer(state.casework, sender, Signers(state.sealer, state.keyring), catalogue(state.blobs), dice=lambda: 0.5)
        yield Telling(world=world, database=database, clock=clock.now, deliverer=deliverer, sweep=Sweep(sweeping))
        sender.close()


async def test_what_arrives_in_the_middle_of_both_rotations_is_verified_by_whoever_holds_the_old_or_the_new(school: Telling) -> None:
    """From the subscription to the receiver and back to the published keys."""
    heard: list[tuple[str, dict[str, str], bytes]] = []
    app, http = school.world.app, school.world.http
    await school.with_pupil()
    async with receiving(answering(OK, heard)) as receiver:
        subscription, old = await school.subscribe(receiver.port)
        (earlier,) = (await http.get("/.well-known/webhook-keys.json")).json()["keys"]
        rotated = await http.post(f"/v1/subscriptions/{subscription}/secret-rotations", headers=school.world.headers())
        async with app.state.sessions.shared() as session:
            await rotate(session, KeyUse.WEBHOOKS, app.state.sealer, now=clock.now() - KNOWN_BEFORE_IT_SIGNS)
        await app.state.keyring.start()
        await school.decide()
        await school.deliver()
    ((_, headers, body),) = heard
    keys = (await http.get("/.well-known/webhook-keys.json")).json()["keys"]
    assert [key["kid"] == earlier["kid"] for key in sorted(keys, key=lambda key: "signs_until" not in key)] == [True, False]
    for secret in (old, rotated.json()["secret"]):
        assert Webhook(secret).verify(body, headers)["subscription"] == subscription
        assert not PACKAGE.exists() or v1_in_javascript(secret, headers, body)
    signed = {name: headers[name] for name in NAMES}
    for key in keys:
        assert sample("read_signed")([key], subscription, signed, body, datetime.now(UTC)) == json.loads(body)
        assert v1a_in_node([key], signed, body)
