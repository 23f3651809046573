"""The signed head of a school's ledger: what we vouched for at one moment, so that a cut or rewritten chain shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.keys.jwks import PrivateKey, PublicKey
from app.keys.jws import sign_statement, verify_statement

HEAD_TYP: Final = "graduated-head+jws"
FORMAT: Final = 1
_LINK_HEX: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStatement:
    """Where a school's chain stood: the last number given, its link, and the epoch that a restore begins anew."""

    school: UUID
    epoch: int
    number: int
    link: bytes


def sign_head(head: HeadStatement, key: PrivateKey) -> str:
    """Give the head as a compact JWS; ValueError for a key that signs tokens."""
    claims = {"v": FORMAT, "school": str(head.school), "epoch": head.epoch, "number": head.number, "link": head.link.hex()}
    return sign_statement(claims, key, typ=HEAD_TYP)


def read_head(statement: str, keys: Mapping[str, PublicKey]) -> HeadStatement:
    """Give back a head that one of these keys signed; TokenRefusedError for the signature, ValueError for its members."""
    claims = verify_statement(statement, keys, typ=HEAD_TYP)
    if set(claims) != {"v", "school", "epoch", "number", "link"} or claims["v"] != FORMAT:
        raise ValueError("the head has other members than this format")
    link = claims["link"]
    if not isinstance(link, str) or len(link) != _LINK_HEX:
        raise ValueError("the head's link is not a SHA-256 digest")
    return HeadStatement(
        school=UUID(str(claims["school"])), epoch=_count(claims["epoch"]), number=_count(claims["number"]), link=bytes.fromhex(link)
    )


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("the head's numbers are not whole numbers")
    return value
