"""The keys that sign webhooks: Ed25519, for that alone, and no other key for them."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.keys.claims import TokenRefusedError
from app.keys.jwks import KeysRefusedError, KeyUse, PrivateKey, generate_key, parse_public_jwks, public_jwk
from app.keys.jws import sign_access_token, sign_detached, sign_statement, verify_statement
from app.keys.strict import read_base64url
from app.keys.webhook_keys import WebhookKey, generate_webhook_key, standard_spelling
from tests.forging import b64

KEY = generate_webhook_key()
JWK = KEY.public_jwk
# RFC 8037 appendix A.
RFC_SECRET = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC_PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def pem_of(key) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def test_the_examples_of_the_standard_come_out(monkeypatch):
    """RFC 8037 appendices A.2 (public key), A.3 (thumbprint) and A.4 (signature)."""
    key = Ed25519PrivateKey.from_private_bytes(read_base64url(RFC_SECRET))
    monkeypatch.setattr(Ed25519PrivateKey, "generate", lambda: key)
    made = generate_webhook_key()
    assert (made.kid, made.public_jwk["x"]) == (RFC_KID, RFC_PUBLIC)
    signed = made.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")
    assert b64(signed) == "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"


def test_the_published_half_holds_no_secret_and_no_algorithm_of_a_jws():
    assert set(JWK) == {"kty", "crv", "x", "kid", "use"}
    assert "PRIVATE" not in repr(KEY)


def test_a_key_loaded_again_from_its_pem_is_the_same_key():
    again = WebhookKey(KEY.kid, KEY.pem)
    assert (again.public_jwk, again.sign(b"message")) == (JWK, KEY.sign(b"message"))


def test_a_signature_holds_for_its_own_message_alone():
    public = Ed25519PublicKey.from_public_bytes(read_base64url(JWK["x"]))
    public.verify(KEY.sign(b"message"), b"message")
    with pytest.raises(InvalidSignature):
        public.verify(KEY.sign(b"message"), b"another")


def test_a_published_key_is_also_spelled_as_standard_webhooks_do():
    spelled = standard_spelling(JWK)
    assert base64.b64decode(spelled.removeprefix("whpk_"), validate=True) == read_base64url(JWK["x"])
    with pytest.raises(ValueError, match="not an Ed25519 key"):
        standard_spelling(public_jwk(generate_key(KeyUse.HEADS)))


def test_no_other_key_can_be_one_for_webhooks():
    other = generate_key(KeyUse.TOKENS)
    with pytest.raises(ValueError, match="signs no webhooks"):
        PrivateKey("kid", KeyUse.WEBHOOKS, other.pem)
    with pytest.raises(ValueError, match="signs no webhooks"):
        generate_key(KeyUse.WEBHOOKS)
    with pytest.raises(ValueError, match="not an Ed25519"):
        WebhookKey("kid", other.pem).sign(b"message")


@pytest.mark.parametrize("use", [KeyUse.TOKENS, KeyUse.BUNDLES, KeyUse.HEADS])
def test_a_key_for_webhooks_can_be_no_other(use):
    with pytest.raises(ValueError, match="not a P-256"):
        _ = PrivateKey(KEY.kid, use, KEY.pem).signer


@pytest.mark.parametrize(
    "misuse",
    [
        lambda key: sign_access_token(None, key),
        lambda key: sign_statement({}, key, typ="graduated-head+jws"),
        lambda key: sign_detached(b"manifest", key, typ="graduated-bundle+jws", at=datetime(2026, 3, 2, tzinfo=UTC)),
    ],
    ids=["a token", "a head", "a bundle"],
)
def test_a_key_for_webhooks_signs_nothing_else(misuse):
    with pytest.raises((AttributeError, ValueError)):
        misuse(KEY)


def test_what_a_key_for_webhooks_signed_passes_as_no_statement_of_ours():
    """The message of a webhook has three parts with full stops between them, like a JWS; it must not be taken for one."""
    with pytest.raises(KeysRefusedError):
        parse_public_jwks({"keys": [JWK]})
    header = b64(json.dumps({"alg": "EdDSA", "typ": "graduated-head+jws", "kid": KEY.kid}).encode())
    signed = f"{header}.{b64(b'{}')}"
    heads = generate_key(KeyUse.HEADS)
    with pytest.raises(TokenRefusedError):
        verify_statement(f"{signed}.{b64(KEY.sign(signed.encode()))}", {KEY.kid: heads.public}, typ="graduated-head+jws")
