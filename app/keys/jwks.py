"""Our P-256 signing keys, and the public key sets that clients and schools' identity providers register (RFC 7517, 7638)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.keys.strict import read_base64url, read_json_object, write_base64url

MAX_SET_BYTES = 65_536
MAX_KEYS = 100
MAX_KID_CHARS = 200
RSA_BITS = range(2048, 4097)
RSA_EXPONENTS = range(65_537, 2**32)
# RFC 7518 section 6: what only the owner may hold; `k` is a shared secret and `oth` more primes.
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "n", "e", "kid", "alg", "use")
THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}


class KeyUse(StrEnum):
    """What a key of ours may sign; the sets are never mixed, and those for webhooks are in `app.keys.webhook_keys`."""

    TOKENS = "tokens"
    BUNDLES = "bundles"
    HEADS = "heads"
    WEBHOOKS = "webhooks"


JwsUse = Literal[KeyUse.TOKENS, KeyUse.BUNDLES, KeyUse.HEADS]


class KeysRefusedError(ValueError):
    """A key set cannot be registered; `pointer` is the JSON pointer of the key, empty for the whole set."""

    def __init__(self, reason: str, pointer: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies, with the only algorithms it may be used with; of ours also what it signs, and from when until when.

    None is for what the set does not say: then it may sign anything, or at any time.
    """

    kid: str
    algorithms: frozenset[str]
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
    signs: str | None = None
    signs_from: datetime | None = None
    signs_until: datetime | None = None

    def signed_at(self, moment: datetime) -> bool:
        """Whether this key signed at a moment; the first is inside, the last is not."""
        begun = self.signs_from is None or self.signs_from <= moment
        return begun and (self.signs_until is None or moment < self.signs_until)


@dataclass(frozen=True)
class PrivateKey:
    """A P-256 key of ours for one use; `pem` is PKCS 8 in the clear and is stored sealed."""

    kid: str
    use: JwsUse
    pem: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.use not in (KeyUse.TOKENS, KeyUse.BUNDLES, KeyUse.HEADS):
            raise ValueError("a P-256 key signs no webhooks")

    @cached_property
    def signer(self) -> ec.EllipticCurvePrivateKey:
        """The key parsed once; ValueError when the PEM holds anything but a P-256 private key."""
        key = serialization.load_pem_private_key(self.pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("the key is not a P-256 private key")
        return key

    @cached_property
    def public(self) -> PublicKey:
        """The half that verifies, for a mapping by kid."""
        return PublicKey(self.kid, frozenset({"ES256"}), self.signer.public_key())


def generate_key(use: JwsUse) -> PrivateKey:
    """A fresh P-256 key whose kid is its RFC 7638 thumbprint; ValueError for webhooks, whose keys are of another kind."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return PrivateKey(thumbprint(_point(key.public_key())), use, pem)


def public_jwk(key: PrivateKey) -> dict[str, str]:
    """The public half as it is published in a key set, ready for JSON."""
    return {**_point(key.signer.public_key()), "kid": key.kid, "alg": "ES256", "use": "sig"}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638: SHA-256 over the required members alone, base64url; KeyError for a type other than EC or RSA."""
    required = {name: jwk[name] for name in THUMBPRINT_MEMBERS[jwk["kty"]]}
    return write_base64url(sha256(json.dumps(required, sort_keys=True, separators=(",", ":")).encode("utf-8")).digest())


def read_public_jwks(raw: bytes) -> Mapping[str, PublicKey]:
    """Parse the bytes of a fetched or stored key set of at most 64 KiB; raises KeysRefusedError."""
    if len(raw) > MAX_SET_BYTES:
        raise KeysRefusedError("The key set is larger than 64 KiB.")
    try:
        return parse_public_jwks(read_json_object(raw))
    except KeysRefusedError:
        raise
    except ValueError:
        raise KeysRefusedError("The key set is not a JSON object without duplicate members.") from None


def parse_public_jwks(doc: object) -> Mapping[str, PublicKey]:
    """Public keys by kid, 1 to 100 of them; one unacceptable key refuses the whole set with KeysRefusedError."""
    keys = doc.get("keys") if isinstance(doc, Mapping) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_KEYS:
        raise KeysRefusedError("The key set needs a list called keys with 1 to 100 keys.")
    found: dict[str, PublicKey] = {}
    for position, jwk in enumerate(keys):
        try:
            key = _read_key(jwk)
        except KeysRefusedError as refused:
            raise KeysRefusedError(refused.reason, f"/keys/{position}") from None
        if key.kid in found:
            raise KeysRefusedError("Two keys have the same kid.", f"/keys/{position}/kid")
        found[key.kid] = key
    return MappingProxyType(found)


def only_public(doc: object) -> dict[str, object]:
    """The key set with nothing in it but what makes up a public key; raises KeysRefusedError for a set that cannot be registered."""
    parse_public_jwks(doc)
    keys = doc.get("keys") if isinstance(doc, Mapping) else None
    kept = [{name: jwk[name] for name in PUBLIC_MEMBERS if name in jwk} for jwk in keys] if isinstance(keys, list) else []
    return {"keys": kept}


def _read_key(jwk: object) -> PublicKey:
    if not isinstance(jwk, Mapping):
        raise KeysRefusedError("A key is not a JSON object.")
    _refuse_unfit(jwk)
    readers: dict[object, tuple[frozenset[str], Callable[[Mapping[object, object]], ec.EllipticCurvePublicKey | rsa.RSAPublicKey]]] = {
        "EC": (frozenset({"ES256"}), _read_ec),
        "RSA": (frozenset({"RS256", "PS256"}), _read_rsa),
    }
    kty = jwk.get("kty")
    if not isinstance(kty, str) or kty not in readers:
        raise KeysRefusedError("The key type must be EC or RSA.")
    algorithms, read = readers[kty]
    if "alg" in jwk:
        algorithms = frozenset(algorithm for algorithm in algorithms if algorithm == jwk["alg"])
    if not algorithms:
        raise KeysRefusedError("The alg of a key must be ES256 for EC, RS256 or PS256 for RSA.")
    return PublicKey(
        kid=str(jwk["kid"]),
        algorithms=algorithms,
        key=read(jwk),
        signs=str(jwk["signs"]) if "signs" in jwk else None,
        signs_from=_moment(jwk, "signs_from"),
        signs_until=_moment(jwk, "signs_until"),
    )


def _moment(jwk: Mapping[object, object], name: str) -> datetime | None:
    """A moment with its zone, as our own key sets give it."""
    text = jwk.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise KeysRefusedError(f"The member {name} is no moment with a time zone.")
    return moment


def _refuse_unfit(jwk: Mapping[object, object]) -> None:
    if not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise KeysRefusedError("The key holds secret members; send the public half alone and replace this key.")
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_CHARS or not kid.isprintable():
        raise KeysRefusedError("Every key needs a kid of 1 to 200 printable characters.")
    if jwk.get("use", "sig") != "sig" or jwk.get("key_ops", ["verify"]) != ["verify"]:
        raise KeysRefusedError("The key is not meant for verifying signatures (use must be sig).")


def _read_ec(jwk: Mapping[object, object]) -> ec.EllipticCurvePublicKey:
    x, y = _unsigned(jwk, "x", size=32), _unsigned(jwk, "y", size=32)
    if jwk.get("crv") != "P-256":
        raise KeysRefusedError("The curve must be P-256.")
    try:
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError:
        raise KeysRefusedError("The point is not on the curve.") from None


def _read_rsa(jwk: Mapping[object, object]) -> rsa.RSAPublicKey:
    modulus, exponent = _unsigned(jwk, "n"), _unsigned(jwk, "e")
    if modulus.bit_length() not in RSA_BITS or modulus % 2 == 0:
        raise KeysRefusedError("An RSA modulus must be odd and have 2048 to 4096 bits.")
    if exponent not in RSA_EXPONENTS or exponent % 2 == 0:
        raise KeysRefusedError("The RSA exponent must be odd and 65537 or more, below 2 to the power of 32.")
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _unsigned(jwk: Mapping[object, object], name: str, *, size: int | None = None) -> int:
    text = jwk.get(name)
    try:
        raw = read_base64url(text) if isinstance(text, str) else b""
    except ValueError:
        raw = b""
    shortest = size is None and raw[:1] != b"\0"  # RFC 7518 section 2, Base64urlUInt: no leading zero octets
    if not raw or not (shortest or len(raw) == size):
        raise KeysRefusedError(f"The member {name} is missing or not canonical base64url of the right length.")
    return int.from_bytes(raw, "big")


def _point(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    x, y = (write_base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
