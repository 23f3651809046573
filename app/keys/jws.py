"""Every JSON Web Signature made or checked here; python-jose is called with one prebuilt key and one pinned algorithm."""

import json
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jose import jws
from jose.backends.base import Key
from jose.backends.cryptography_backend import CryptographyECKey, CryptographyRSAKey
from jose.exceptions import JOSEError

from app.keys.claims import (
    TIME_OF_SIGNING,
    AccessClaims,
    OnceOnly,
    TokenRefusedError,
    read_access_claims,
    read_claims,
    read_header,
    read_once_only,
    split_compact,
)
from app.keys.jwks import KeyUse, PrivateKey, PublicKey
from app.keys.strict import read_base64url, write_base64url

ES256 = frozenset({"ES256"})
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (SEC 2, section 2.4.2)."""
FROM_OTHERS = frozenset({"ES256", "RS256", "PS256"})
ACCESS_TYP = "at+jwt"
ASSERTION_TYPS = (None, "jwt", "client-authentication+jwt")
AUTHOR_PROOF_TYP = "author-proof+jwt"
NO_MEMBERS: Mapping[str, object] = MappingProxyType({})


class PssKey(Key):
    """PS256, which python-jose lacks: RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 7518 section 3.5)."""

    def __init__(self, key: rsa.RSAPublicKey) -> None:
        super().__init__(key, "PS256")
        self.key = key

    def verify(self, msg: bytes, sig: bytes) -> bool:
        try:
            self.key.verify(sig, msg, padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


def sign_access_token(claims: AccessClaims, key: PrivateKey) -> str:
    """An RFC 9068 token under ES256; ValueError when the key is not one for tokens."""
    if key.use is not KeyUse.TOKENS:
        raise ValueError("the key is not one for tokens")
    return _sign(_json(claims.members()), key, typ=ACCESS_TYP)


def verify_access_token(token: str, keys: Mapping[str, PublicKey], *, issuer: str, audience: str, now: datetime) -> AccessClaims:
    """The claims of a live ES256 token of this issuer for this audience; raises TokenRefusedError."""
    payload, _ = _verify(token, keys, typs=(ACCESS_TYP,), algorithms=ES256)
    return read_access_claims(read_claims(payload), issuer=issuer, audience=audience, now=now)


def named_key(assertion: str) -> str:
    """The kid that a client assertion names, nothing of which is checked yet; raises TokenRefusedError."""
    return read_header(split_compact(assertion)[0], typs=ASSERTION_TYPS).kid


def verify_client_assertion(
    assertion: str, client_jwks: Mapping[str, PublicKey], *, client_id: str, audiences: Collection[str], now: datetime
) -> OnceOnly:
    """RFC 7523 `private_key_jwt`: the client speaks for itself, to us alone, for five minutes at most; the caller refuses a known jti."""
    payload, _ = _verify(assertion, client_jwks, typs=ASSERTION_TYPS, algorithms=FROM_OTHERS)
    claims = read_claims(payload)
    claims.require("iss", client_id)
    claims.require("sub", client_id)
    claims.audience(audiences)
    return read_once_only(claims, now=now)


def verify_author_proof(proof: str, keys: Mapping[str, PublicKey], *, issuer: str, audience: str, staff_id: str, now: datetime) -> OnceOnly:
    """A school's identity provider says that this member of staff is acting; the caller refuses a known jti."""
    payload, _ = _verify(proof, keys, typs=(AUTHOR_PROOF_TYP,), algorithms=FROM_OTHERS)
    claims = read_claims(payload)
    claims.require("iss", issuer)
    claims.require("sub", staff_id)
    claims.audience({audience})
    claims.moment("iat")
    return read_once_only(claims, now=now)


@dataclass(frozen=True, slots=True)
class Detached:
    """A detached signature that holds: the key, and when it says it was made, which lies in the time in which the key signed."""

    key: PublicKey
    at: datetime


def sign_detached(payload: bytes, key: PrivateKey, *, typ: str, at: datetime) -> str:
    """A compact JWS with its middle part removed (RFC 7515 appendix F) that says when it was signed; ValueError for a token key.

    Of the two numbers that hold as the second half of an ES256 signature it has the lower one.
    """
    _refuse_token_key(key)
    header, _, signature = _sign(payload, key, typ=typ, members={TIME_OF_SIGNING: int(at.timestamp())}).split(".")
    return f"{header}..{write_base64url(_lower(read_base64url(signature)))}"


def verify_detached(detached: str, payload: bytes, jwks: Mapping[str, PublicKey], *, typ: str) -> Detached:
    """Who signed exactly these bytes as this type, and when; raises TokenRefusedError, also for a key that did not sign then."""
    header, middle, signature = split_compact(detached)
    if middle:
        raise TokenRefusedError("the signature is not detached")
    at = read_header(header, typs=(typ.lower(),), is_timed=True).at
    parts = (header, write_base64url(payload), signature)
    _, key = _verify_parts(parts, jwks, typs=(typ.lower(),), algorithms=ES256, is_timed=True)
    if _lower(raw := read_base64url(signature)) != raw:
        raise TokenRefusedError("the signature is the other of two that hold")
    if at is None or not key.signed_at(at):
        raise TokenRefusedError("the key was not in force when this was signed")
    return Detached(key, at)


def sign_statement(claims: Mapping[str, object], key: PrivateKey, *, typ: str) -> str:
    """A compact JWS over JSON with sorted members, such as a ledger head; ValueError for a token key."""
    _refuse_token_key(key)
    return _sign(_json(claims), key, typ=typ)


def verify_statement(statement: str, jwks: Mapping[str, PublicKey], *, typ: str) -> dict[str, object]:
    """What was stated; a statement has no expiry. Raises TokenRefusedError."""
    payload, _ = _verify(statement, jwks, typs=(typ.lower(),), algorithms=ES256)
    return dict(read_claims(payload).members)


class VerifiedTokens:
    """Access tokens whose signature already held, at most `capacity` of them; lifetime, key set and audience are asked anew each time."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._known: OrderedDict[bytes, tuple[AccessClaims, PublicKey]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def kid_of(self, token: str) -> str | None:
        """Name the key of a token whose signature already held, so that its header need not be read again."""
        known = self._known.get(_digest(token))
        return None if known is None else known[1].kid

    def verify(self, token: str, keys: Mapping[str, PublicKey], *, issuer: str, audience: str, now: datetime) -> AccessClaims:
        """As `verify_access_token`; a key taken out of `keys` ends its tokens at once."""
        digest = _digest(token)
        known = self._known.get(digest)
        if known is not None:
            claims, key = known
            if keys.get(key.kid) == key and (claims.iss, claims.aud) == (issuer, audience) and now < claims.exp:
                self._known.move_to_end(digest)
                claims.require_live(now)
                return claims
            del self._known[digest]
        payload, key = _verify(token, keys, typs=(ACCESS_TYP,), algorithms=ES256)
        claims = read_access_claims(read_claims(payload), issuer=issuer, audience=audience, now=now)
        self._remember(digest, claims, key)
        return claims

    def _remember(self, digest: bytes, claims: AccessClaims, key: PublicKey) -> None:
        if len(self._known) >= self._capacity:
            self._known.popitem(last=False)
        self._known[digest] = (claims, key)


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _sign(payload: bytes, key: PrivateKey, *, typ: str, members: Mapping[str, object] = NO_MEMBERS) -> str:
    headers = {"typ": typ, "kid": key.kid, **members}
    return jws.sign(payload, CryptographyECKey(key.signer, "ES256"), headers=headers, algorithm="ES256")


def _verify(
    token: str, keys: Mapping[str, PublicKey], *, typs: Collection[str | None], algorithms: frozenset[str]
) -> tuple[bytes, PublicKey]:
    return _verify_parts(split_compact(token), keys, typs=typs, algorithms=algorithms)


def _verify_parts(
    parts: tuple[str, str, str],
    keys: Mapping[str, PublicKey],
    *,
    typs: Collection[str | None],
    algorithms: frozenset[str],
    is_timed: bool = False,
) -> tuple[bytes, PublicKey]:
    """Choose the one key by kid and the one algorithm by that key, never by the token alone; then check the signature."""
    header = read_header(parts[0], typs=typs, is_timed=is_timed)
    key = keys.get(header.kid)
    if key is None:
        raise TokenRefusedError("kid names no key that is accepted here")
    if header.alg not in algorithms & key.algorithms:
        raise TokenRefusedError("alg is not accepted for this key")
    try:
        return jws.verify(".".join(parts), _prebuilt(key, header.alg), algorithms=[header.alg]), key
    except JOSEError:
        raise TokenRefusedError("the signature does not match") from None


def _prebuilt(key: PublicKey, alg: str) -> Key:
    if not isinstance(key.key, rsa.RSAPublicKey):
        return CryptographyECKey(key.key, alg)
    return PssKey(key.key) if alg == "PS256" else CryptographyRSAKey(key.key, alg)


def _lower(signature: bytes) -> bytes:
    """Give an ES256 signature with the lower of the two numbers that hold as its second half, lest anybody make another of it."""
    half = int.from_bytes(signature[32:], "big")
    return signature[:32] + min(half, ORDER - half).to_bytes(32, "big")


def _refuse_token_key(key: PrivateKey) -> None:
    if key.use is KeyUse.TOKENS:
        raise ValueError("a token key signs tokens alone")


def _json(members: Mapping[str, object]) -> bytes:
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")
