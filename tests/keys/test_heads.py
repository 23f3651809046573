"""A signed head is read back only as it was signed, and only as a head."""

from uuid import UUID

import pytest

from app.keys.claims import TokenRefusedError
from app.keys.heads import HEAD_TYP, HeadStatement, read_head, sign_head
from app.keys.jwks import KeyUse, generate_key
from app.keys.jws import sign_statement

HEAD = HeadStatement(school=UUID(int=9), epoch=1, number=12, link=bytes(range(32)))
KEY = generate_key(KeyUse.HEADS)
KEYS = {KEY.kid: KEY.public}


def test_a_head_is_read_back_as_it_was_signed() -> None:
    assert read_head(sign_head(HEAD, KEY), KEYS) == HEAD


def test_a_head_signed_by_a_stranger_is_refused() -> None:
    with pytest.raises(TokenRefusedError):
        read_head(sign_head(HEAD, generate_key(KeyUse.HEADS)), KEYS)


def test_a_statement_of_another_type_is_no_head() -> None:
    claims = {"v": 1, "school": str(HEAD.school), "epoch": 1, "number": 12, "link": HEAD.link.hex()}
    with pytest.raises(TokenRefusedError):
        read_head(sign_statement(claims, KEY, typ="other+jws"), KEYS)


OTHERWISE = (
    {"v": 2},
    {"number": -1},
    {"number": True},
    {"number": "12"},
    {"link": "00"},
    {"link": "z" * 64},
    {"link": None},
    {"school": "x"},
    {"more": 1},
)


@pytest.mark.parametrize("change", OTHERWISE)
def test_a_head_with_other_members_is_refused(change: dict[str, object]) -> None:
    claims = {"v": 1, "school": str(HEAD.school), "epoch": 1, "number": 12, "link": HEAD.link.hex(), **change}
    with pytest.raises(ValueError, match=r".+"):
        read_head(sign_statement(claims, KEY, typ=HEAD_TYP), KEYS)
