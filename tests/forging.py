"""Tokens made by hand from cryptography's primitives, so that any of their parts can be wrong."""

import base64
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def es256(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def rs256(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def ps256(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256())


def hs256(secret: bytes, message: bytes) -> bytes:
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(message)
    return mac.finalize()


def as_bytes(part: Mapping[str, object] | str | bytes) -> bytes:
    if isinstance(part, Mapping):
        return json.dumps(part).encode()
    return part.encode() if isinstance(part, str) else part


def forge(header: Mapping[str, object] | str | bytes, payload: Mapping[str, object] | str | bytes, key: object, sign=es256) -> str:
    """A compact token whose signature is right for whatever its parts say."""
    message = f"{b64(as_bytes(header))}.{b64(as_bytes(payload))}"
    return f"{message}.{b64(sign(key, message.encode()))}"


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str, **more: object) -> dict[str, object]:
    numbers = key.public_key().public_numbers()
    n, e = (b64(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e))
    return {"kty": "RSA", "kid": kid, "n": n, "e": e, **more}
