"""A signed head is read back only as it was signed, and only as a head."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from app.keys.claims import TokenRefusedError
from app.keys.heads import HEAD_TYP, HeadStatement, read_head, sign_head
from app.keys.jwks import KeyUse, generate_key
from app.keys.jws import sign_statement, verify_statement

HEAD = HeadStatement(school=UUID(int=9), epoch=1, number=12, link=bytes(range(32)))
TIMED = replace(HEAD, at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
KEY = generate_key(KeyUse.HEADS)
KEYS = {KEY.kid: KEY.public}


@pytest.mark.parametrize("head", [HEAD, TIMED])
def test_a_head_is_read_back_as_it_was_signed(head: HeadStatement) -> None:
    assert read_head(sign_head(head, KEY), KEYS) == head


def test_a_head_without_a_moment_is_of_the_version_that_stands_in_bundles_and_one_with_it_is_the_next() -> None:
    def claims(head: HeadStatement) -> dict[str, object]:
        return verify_statement(sign_head(head, KEY), KEYS, typ=HEAD_TYP)

    plain = {"school": str(HEAD.school), "epoch": 1, "number": 12, "link": HEAD.link.hex()}
    assert claims(HEAD) == {"v": 1, **plain}
    assert claims(TIMED) == {"v": 2, **plain, "at": "2026-03-02T09:00:00.000000Z"}
    elsewhere = replace(TIMED, at=TIMED.at.astimezone(timezone(timedelta(hours=1))))
    assert claims(elsewhere) == claims(TIMED)


def test_a_head_signed_by_a_stranger_is_refused() -> None:
    with pytest.raises(TokenRefusedError):
        read_head(sign_head(HEAD, generate_key(KeyUse.HEADS)), KEYS)


def test_a_statement_of_another_type_is_no_head() -> None:
    claims = {"v": 1, "school": str(HEAD.school), "epoch": 1, "number": 12, "link": HEAD.link.hex()}
    with pytest.raises(TokenRefusedError):
        read_head(sign_statement(claims, KEY, typ="other+jws"), KEYS)


OTHERWISE = (
    {"v": 2},
    {"v": True},
    {"v": 3, "at": "2026-03-02T09:00:00.000000Z"},
    {"at": "2026-03-02T09:00:00.000000Z"},
    {"v": 2, "at": "2026-03-02T09:00:00.000000+01:00"},
    {"v": 2, "at": 1772442000},
    {"v": 2, "at": "noZ"},
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
