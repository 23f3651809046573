"""What a token must say once its signature holds, and the shape it must have before (RFC 7519, 8725, 9068, 7523)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.keys.strict import read_base64url, read_json_object

MAX_TOKEN_CHARS = 8192
MAX_TEXT_CHARS = 512
LEEWAY = timedelta(seconds=30)
LONGEST_AHEAD = timedelta(minutes=5)
LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z, the last that a datetime holds
SCOPES = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")  # RFC 6749 section 3.3
HEADER_MEMBERS = frozenset({"alg", "typ", "kid"})
TIME_OF_SIGNING = "iat"


class TokenRefusedError(Exception):
    """A token, assertion, proof or signature is not accepted; `reason` is a fixed phrase and never repeats what was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """The protected header: an algorithm, a key id, and when it says it was signed; all still unverified."""

    alg: str
    kid: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OnceOnly:
    """A claim that is good once: its id (with the issuer, the caller's replay key) and when the id may be forgotten."""

    jti: str
    exp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """An access token's content (RFC 9068); moments are aware, in whole seconds."""

    iss: str
    sub: str
    client_id: str
    aud: str
    scope: frozenset[str]
    iat: datetime
    exp: datetime
    nbf: datetime | None = None
    jti: str

    def members(self) -> dict[str, str | int]:
        """The JSON members, scopes in alphabetical order, fractions of a second dropped."""
        members: dict[str, str | int] = {"iss": self.iss, "sub": self.sub, "client_id": self.client_id, "aud": self.aud, "jti": self.jti}
        members |= {"iat": int(self.iat.timestamp()), "exp": int(self.exp.timestamp())}
        if self.scope:
            members["scope"] = " ".join(sorted(self.scope))
        if self.nbf is not None:
            members["nbf"] = int(self.nbf.timestamp())
        return members

    def require_live(self, now: datetime) -> None:
        """Refuse from the moment of `exp` on, and before `nbf` or `iat` less 30 seconds."""
        require_live(exp=self.exp, starts=(self.iat, self.nbf), now=now)


@dataclass(frozen=True, slots=True)
class Claims:
    """The members of a payload whose signature has been verified; every reading refuses what it does not expect."""

    members: Mapping[str, object]

    def text(self, name: str) -> str:
        """A required string of 1 to 512 printable characters."""
        value = self.members.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT_CHARS or not value.isprintable():
            raise TokenRefusedError(f"{name} is missing or is not a short printable string")
        return value

    def moment(self, name: str) -> datetime:
        """A required whole number of seconds since 1970, up to the year 9999."""
        value = self.members.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LAST_SECOND:
            raise TokenRefusedError(f"{name} is missing or is not a whole number of seconds")
        return datetime.fromtimestamp(value, UTC)

    def moment_if_any(self, name: str) -> datetime | None:
        """As `moment`, or None when the member is absent (null is not absent)."""
        return self.moment(name) if name in self.members else None

    def scopes(self) -> frozenset[str]:
        """The scopes of RFC 6749 section 3.3; absent means none."""
        if "scope" not in self.members:
            return frozenset()
        value = self.members["scope"]
        if not isinstance(value, str) or not SCOPES.fullmatch(value):
            raise TokenRefusedError("scope is not a list of scope names with single spaces")
        return frozenset(value.split(" "))

    def require(self, name: str, expected: str) -> None:
        """The member is exactly this string."""
        if self.text(name) != expected:
            raise TokenRefusedError(f"{name} is not the one expected")

    def audience(self, accepted: Collection[str]) -> str:
        """The single audience, as a string or a list of one; a second audience could replay the token against us."""
        value = self.members.get("aud")
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, str) or value not in frozenset(accepted):
            raise TokenRefusedError("aud is not this audience alone")
        return value


def require_live(*, exp: datetime, starts: Collection[datetime | None], now: datetime) -> None:
    """Refuse from the moment of `exp` on, before any start less 30 seconds, and when a start is not before `exp`."""
    if now >= exp:
        raise TokenRefusedError("the token has expired")
    for start in starts:
        if start is not None and (start > now + LEEWAY or start >= exp):
            raise TokenRefusedError("the token is not valid yet")


def read_access_claims(claims: Claims, *, issuer: str, audience: str, now: datetime) -> AccessClaims:
    """Check every claim that RFC 9068 section 2.2 requires; raises TokenRefusedError."""
    claims.require("iss", issuer)
    access = AccessClaims(
        iss=issuer,
        sub=claims.text("sub"),
        client_id=claims.text("client_id"),
        aud=claims.audience({audience}),
        scope=claims.scopes(),
        iat=claims.moment("iat"),
        exp=claims.moment("exp"),
        nbf=claims.moment_if_any("nbf"),
        jti=claims.text("jti"),
    )
    access.require_live(now)
    return access


def read_once_only(claims: Claims, *, now: datetime) -> OnceOnly:
    """A live claim whose expiry is at most 5 minutes after now and after `iat` if any (that moment included), with its id."""
    exp, iat = claims.moment("exp"), claims.moment_if_any("iat")
    require_live(exp=exp, starts=(iat, claims.moment_if_any("nbf")), now=now)
    if exp > now + LONGEST_AHEAD or (iat is not None and exp > iat + LONGEST_AHEAD):
        raise TokenRefusedError("exp is more than five minutes ahead")
    return OnceOnly(claims.text("jti"), exp)


def split_compact(token: str) -> tuple[str, str, str]:
    """The three parts of a compact JWS of at most 8192 characters, each in canonical base64url; the middle may be empty."""
    if len(token) > MAX_TOKEN_CHARS:
        raise TokenRefusedError("the token is too long")
    parts = token.split(".")
    if len(parts) != 3 or not parts[0] or not parts[2]:
        raise TokenRefusedError("the token does not have three parts")
    try:
        for part in parts:
            read_base64url(part)
    except ValueError:
        raise TokenRefusedError("a part of the token is not canonical base64url") from None
    return parts[0], parts[1], parts[2]


def read_header(part: str, *, typs: Collection[str | None], is_timed: bool = False) -> Header:
    """Allow `alg`, `typ` and `kid` alone, and `iat` where the time of signing must be told; `typs` are in lower case, None for absent."""
    members = _read_object(part)
    at = _moment_of_signing(members.pop(TIME_OF_SIGNING, None)) if is_timed else None
    if not members.keys() <= HEADER_MEMBERS:
        raise TokenRefusedError("the header has a member that is not allowed")
    if _media_type(members) not in typs:
        raise TokenRefusedError("typ is not the one expected")
    alg, kid = members.get("alg"), members.get("kid")
    if not isinstance(alg, str) or not isinstance(kid, str):
        raise TokenRefusedError("the header needs alg and kid")
    return Header(alg, kid, at)


def _moment_of_signing(seconds: object) -> datetime:
    if type(seconds) is not int or not 0 <= seconds <= LAST_SECOND:
        raise TokenRefusedError("the header does not say when it was signed")
    return datetime.fromtimestamp(seconds, UTC)


def read_claims(payload: bytes) -> Claims:
    """The claims of a verified payload; duplicate members or non-finite numbers are refused."""
    try:
        return Claims(read_json_object(payload))
    except ValueError:
        raise TokenRefusedError("the claims are not a JSON object without duplicate members") from None


def _read_object(part: str) -> dict[str, object]:
    try:
        return read_json_object(read_base64url(part))
    except ValueError:
        raise TokenRefusedError("the header is not a JSON object without duplicate members") from None


def _media_type(members: Mapping[str, object]) -> str | None:
    """RFC 7515 section 4.1.9 and RFC 2045: letter case is ignored, `application/` may be left out."""
    if "typ" not in members:
        return None
    typ = members["typ"]
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else ""
