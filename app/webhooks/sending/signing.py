"""Signs what is sent, as Standard Webhooks ask: HMAC-SHA256 for the one receiver (`v1`), Ed25519 before everybody (`v1a`)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.keys.webhook_keys import WebhookKey

SECRET_PREFIX = "whsec_"  # noqa: S105 - a public marker, not a secret
FEWEST_SECRET_BYTES = 24
MOST_SECRET_BYTES = 64
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class SigningSecretError(ValueError):
    """A signing secret is not `whsec_` and the base64 of 24 to 64 bytes; the message never repeats it."""


def new_signing_secret(random_bytes: bytes) -> str:
    """Spell 24 to 64 random bytes (both inclusive) as a secret to be shown once to its owner."""
    return SECRET_PREFIX + _base64(_of_lawful_length(random_bytes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """What signs a message: the secrets of its subscription, newest first, and our own keys, which everybody can check, newest first."""

    secrets: Sequence[str] = field(repr=False)
    keys: Sequence[WebhookKey]

    def sign(self, message_id: str, timestamp: datetime, payload: bytes) -> dict[str, str]:
        """Give the three headers over `id.seconds.payload`: a signature `v1` for each secret, then one `v1a` for each key.

        The timestamp is the moment of this attempt, aware, cut to whole seconds; the id stays the same over all attempts and holds
        no full stop, so that the three parts cannot be read in two ways. Raises ValueError otherwise.
        """
        if not self.secrets or not self.keys:
            raise SigningSecretError("there is nothing to sign with")
        if not _MESSAGE_ID.fullmatch(message_id):
            raise ValueError("a message id is 1 to 128 letters, digits, hyphens and underscores")
        seconds = _whole_seconds(timestamp)
        signed = b".".join((message_id.encode("ascii"), seconds.encode("ascii"), payload))
        by_secrets = (("v1", hmac.digest(_key(secret), signed, hashlib.sha256)) for secret in self.secrets)
        by_keys = (("v1a", key.sign(signed)) for key in self.keys)
        return {
            "webhook-id": message_id,
            "webhook-timestamp": seconds,
            "webhook-signature": " ".join(f"{version},{_base64(signature)}" for version, signature in (*by_secrets, *by_keys)),
        }

    def sign_digest(self, message_id: str, timestamp: datetime, sha256: bytes) -> dict[str, str]:
        """Give the five headers of a body that is streamed and so is signed by its digest.

        `Content-Digest` and `Repr-Digest` (RFC 9530) carry the same value, `sha-256=:<base64 of the SHA-256 of the whole body>:`,
        for the body is sent whole and without a content coding. The Standard Webhooks payload is that header value: the signed
        octets are `webhook-id` + `.` + `webhook-timestamp` + `.` + the value of `Content-Digest`, in ASCII, without spaces around
        it. A receiver verifies the signature over the value it was sent, hashes the body as it arrives, and compares.
        """
        digest = digest_field(sha256)
        return {"content-digest": digest, "repr-digest": digest} | self.sign(message_id, timestamp, digest.encode("ascii"))


def digest_field(sha256: bytes) -> str:
    """Spell a SHA-256 digest as the RFC 9530 dictionary member `sha-256=:<base64>:`."""
    if len(sha256) != hashlib.sha256().digest_size:
        raise ValueError("a SHA-256 digest has 32 bytes")
    return f"sha-256=:{_base64(sha256)}:"


def _whole_seconds(timestamp: datetime) -> str:
    if timestamp.tzinfo is None:
        raise ValueError("a webhook timestamp knows its time zone")
    return str(int(timestamp.timestamp()))


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        raise SigningSecretError("a signing secret begins with whsec_")
    try:
        decoded = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SigningSecretError("a signing secret is written in base64") from None
    return _of_lawful_length(decoded)


def _of_lawful_length(key: bytes) -> bytes:
    if not FEWEST_SECRET_BYTES <= len(key) <= MOST_SECRET_BYTES:
        raise SigningSecretError("a signing secret holds 24 to 64 bytes")
    return key
