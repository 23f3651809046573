"""Signatures, verified by the reference library in both directions."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.webhooks.signing import SigningSecretError, new_signing_secret, sign, sign_digest

OLD = new_signing_secret(bytes(range(24)))
NEW = new_signing_secret(bytes(range(64)))
PAYLOAD = b'{"type":"notice.ready","stage":"plan"}'


def now() -> datetime:
    return datetime.now(UTC)


def test_the_reference_library_accepts_what_we_sign():
    headers = sign([NEW], "msg_999", now(), PAYLOAD)
    assert Webhook(NEW).verify(PAYLOAD, headers) == {"type": "notice.ready", "stage": "plan"}


def test_we_sign_exactly_as_the_reference_library_does():
    moment = now()
    assert sign([NEW], "msg_999", moment, PAYLOAD)["webhook-signature"] == Webhook(NEW).sign("msg_999", moment, PAYLOAD.decode())


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_during_a_rotation_the_holder_of_either_secret_can_verify(secret):
    headers = sign([NEW, OLD], "msg_999", now(), PAYLOAD)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert Webhook(secret).verify(PAYLOAD, headers)["stage"] == "plan"


@pytest.mark.parametrize(
    "change", [{"webhook-id": "msg_998"}, {"webhook-timestamp": str(int(now().timestamp()) - 1)}, {"webhook-signature": "v1,AAAA"}]
)
def test_a_changed_header_is_not_accepted(change):
    headers = sign([NEW], "msg_999", now(), PAYLOAD) | change
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(PAYLOAD, headers)


def test_a_streamed_body_is_signed_by_the_value_of_its_digest_header():
    body = b"the bytes of a bundle" * 1000
    headers = sign_digest([OLD], "msg_999", now(), hashlib.sha256(body).digest())
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
        sign([secret], "msg_999", now(), PAYLOAD)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refused.value)


def test_nothing_is_sent_unsigned():
    with pytest.raises(SigningSecretError):
        sign([], "msg_999", now(), PAYLOAD)


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "a\r\nb", "ü", "x" * 129])
def test_a_message_id_that_could_be_read_in_two_ways_is_refused(message_id):
    with pytest.raises(ValueError, match="message id"):
        sign([NEW], message_id, now(), PAYLOAD)


def test_a_timestamp_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        sign([NEW], "msg_999", datetime(2015, 3, 27, 9, 0), PAYLOAD)  # noqa: DTZ001 - what is refused


def test_a_digest_of_another_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        sign_digest([NEW], "msg_999", now(), b"short")
