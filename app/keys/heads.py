"""The signed head of a school's ledger: what we vouched for at one moment, so that a cut or rewritten chain shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app.keys.jwks import PrivateKey, PublicKey
from app.keys.jws import sign_statement, verify_statement

HEAD_TYP: Final = "graduated-head+jws"
UNTIMED: Final = 1
"""As it stands in bundles, whose bytes come from the freeze alone."""
TIMED: Final = 2
_LINK_HEX: Final = 64
_MEMBERS: Final = frozenset({"v", "school", "epoch", "number", "link"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStatement:
    """Where a school's chain stood: the last number given, its link, and the epoch that a restore begins anew; `at` when we said so."""

    school: UUID
    epoch: int
    number: int
    link: bytes
    at: datetime | None = None


def sign_head(head: HeadStatement, key: PrivateKey) -> str:
    """Give the head as a compact JWS, of version 2 where it says when; ValueError for a key that signs tokens."""
    claims = {"v": UNTIMED, "school": str(head.school), "epoch": head.epoch, "number": head.number, "link": head.link.hex()}
    if head.at is not None:
        claims |= {"v": TIMED, "at": head.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")}
    return sign_statement(claims, key, typ=HEAD_TYP)


def read_head(statement: str, keys: Mapping[str, PublicKey]) -> HeadStatement:
    """Give back a head of either version that one of these keys signed; TokenRefusedError for the signature, ValueError for its members."""
    claims = verify_statement(statement, keys, typ=HEAD_TYP)
    is_timed = "at" in claims
    if set(claims) - {"at"} != _MEMBERS or claims["v"] != (TIMED if is_timed else UNTIMED) or type(claims["v"]) is not int:
        raise ValueError("the head has other members than this format")
    link = claims["link"]
    if not isinstance(link, str) or len(link) != _LINK_HEX:
        raise ValueError("the head's link is not a SHA-256 digest")
    return HeadStatement(
        school=UUID(str(claims["school"])),
        epoch=_count(claims["epoch"]),
        number=_count(claims["number"]),
        link=bytes.fromhex(link),
        at=_moment(claims["at"]) if is_timed else None,
    )


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or not value.endswith("Z"):
        raise ValueError("the head's moment is not in UTC")
    return datetime.fromisoformat(value)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("the head's numbers are not whole numbers")
    return value
