"""Signatures: what is signed, by what, and what is never sent. Others' verifiers are in test_reference_verifiers.py."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.keys.webhook_keys import WebhookKey, generate_webhook_key
from app.webhooks.sending.signing import Signer, SigningSecretError, new_signing_secret

OLD = new_signing_secret(bytes(range(24)))
NEW = new_signing_secret(bytes(range(64)))
KEY, SECOND_KEY = generate_webhook_key(), generate_webhook_key()
PAYLOAD = b'{"type":"notice.ready","stage":"plan"}'


def now() -> datetime:
    return datetime.now(UTC)


def by(*secrets: str, keys: tuple[WebhookKey, ...] = (KEY,)) -> Signer:
    return Signer(secrets=secrets, keys=keys)


def signatures(headers: dict[str, str]) -> list[list[str]]:
    return [signature.split(",") for signature in headers["webhook-signature"].split(" ")]


def test_the_reference_library_accepts_what_we_sign():
    headers = by(NEW).sign("msg_999", now(), PAYLOAD)
    assert Webhook(NEW).verify(PAYLOAD, headers) == {"type": "notice.ready", "stage": "plan"}


def test_we_sign_exactly_as_the_reference_library_does():
    moment = now()
    ours, _ = by(NEW).sign("msg_999", moment, PAYLOAD)["webhook-signature"].split(" ")
    assert ours == Webhook(NEW).sign("msg_999", moment, PAYLOAD.decode())


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_during_a_rotation_the_holder_of_either_secret_can_verify(secret):
    headers = by(NEW, OLD).sign("msg_999", now(), PAYLOAD)
    assert [version for version, _ in signatures(headers)] == ["v1", "v1", "v1a"]
    assert Webhook(secret).verify(PAYLOAD, headers)["stage"] == "plan"


@pytest.mark.parametrize(
    "change", [{"webhook-id": "msg_998"}, {"webhook-timestamp": str(int(now().timestamp()) - 1)}, {"webhook-signature": "v1,AAAA"}]
)
def test_a_changed_header_is_not_accepted(change):
    headers = by(NEW).sign("msg_999", now(), PAYLOAD) | change
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(PAYLOAD, headers)


def test_a_streamed_body_is_signed_by_the_value_of_its_digest_header():
    body = b"the bytes of a bundle" * 1000
    headers = by(OLD).sign_digest("msg_999", now(), hashlib.sha256(body).digest())
    assert headers["content-digest"] == headers["repr-digest"]
    Webhook(OLD).verify(headers["content-digest"], headers, json_parse=False)
    member = headers["content-digest"].removeprefix("sha-256=:").removesuffix(":")
    assert base64.b64decode(member, validate=True) == hashlib.sha256(body).digest()
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(headers["content-digest"].swapcase(), headers, json_parse=False)


@pytest.mark.parametrize(("length", "lawful"), [(23, False), (24, True), (64, True), (65, False)])
def test_a_secret_holds_24_to_64_bytes(length, lawful):
    if lawful:
        assert new_signing_secret(b"\x07" * length).startswith("whsec_")
    else:
        with pytest.raises(SigningSecretError):
            new_signing_secret(b"\x07" * length)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_" + "AAAA" * 8 + "!!!!", base64.b64encode(bytes(24)).decode()])
def test_what_is_no_secret_is_refused_without_repeating_it(secret):
    with pytest.raises(SigningSecretError) as refused:
        by(secret).sign("msg_999", now(), PAYLOAD)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refused.value)


@pytest.mark.parametrize("signer", [by(), by(keys=()), by(NEW, keys=())], ids=["no secret", "nothing", "no key"])
def test_nothing_is_sent_without_both_signatures(signer):
    with pytest.raises(SigningSecretError):
        signer.sign("msg_999", now(), PAYLOAD)


def test_every_secret_signs_before_every_key_and_each_key_over_the_same_bytes():
    headers = by(NEW, OLD, keys=(SECOND_KEY, KEY)).sign("msg_999", now(), PAYLOAD)
    assert [version for version, _ in signatures(headers)] == ["v1", "v1", "v1a", "v1a"]
    signed = f"msg_999.{headers['webhook-timestamp']}.".encode() + PAYLOAD
    assert [base64.b64decode(text, validate=True) for _, text in signatures(headers)[2:]] == [SECOND_KEY.sign(signed), KEY.sign(signed)]


def test_a_signer_shows_no_secret_when_printed():
    assert NEW not in repr(by(NEW))
    assert "PRIVATE" not in repr(by(NEW))


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "a\r\nb", "ü", "x" * 129])
def test_a_message_id_that_could_be_read_in_two_ways_is_refused(message_id):
    with pytest.raises(ValueError, match="message id"):
        by(NEW).sign(message_id, now(), PAYLOAD)


def test_a_timestamp_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        by(NEW).sign("msg_999", datetime(2015, 3, 27, 9, 0), PAYLOAD)  # noqa: DTZ001 - what is refused


def test_a_digest_of_another_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        by(NEW).sign_digest("msg_999", now(), b"short")
