"""Our Ed25519 keys for webhooks (Standard Webhooks `v1a`, RFC 8032, RFC 8037): they sign nothing else, and nothing else signs those."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.keys.strict import read_base64url, write_base64url

PUBLIC_PREFIX: Final = "whpk_"


@dataclass(frozen=True)
class WebhookKey:
    """A key that signs webhooks; `pem` is PKCS 8 in the clear and is stored sealed."""

    kid: str
    pem: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Give the 64 bytes of a signature over these bytes; ValueError when the PEM holds anything but an Ed25519 private key."""
        return self._signer.sign(message)

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half as it is published (RFC 8037), ready for JSON; it names no `alg`, for it signs no JWS."""
        return {**_members(self._signer.public_key()), "kid": self.kid, "use": "sig"}

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        key = serialization.load_pem_private_key(self.pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the key is not an Ed25519 private key")
        return key


def generate_webhook_key() -> WebhookKey:
    """A fresh key whose kid is its RFC 7638 thumbprint."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    required = json.dumps(_members(key.public_key()), sort_keys=True, separators=(",", ":"))
    return WebhookKey(write_base64url(sha256(required.encode("ascii")).digest()), pem)


def standard_spelling(jwk: Mapping[str, object]) -> str:
    """Spell a published key as Standard Webhooks do: `whpk_` and the base64 of its 32 bytes; ValueError for a key of another type."""
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        raise ValueError("the key is not an Ed25519 key")
    return PUBLIC_PREFIX + base64.b64encode(read_base64url(str(jwk["x"]))).decode("ascii")


def _members(public: Ed25519PublicKey) -> dict[str, str]:
    """The members that make up the key, which are those of its thumbprint (RFC 8037 section 2)."""
    return {"crv": "Ed25519", "kty": "OKP", "x": write_base64url(public.public_bytes_raw())}
