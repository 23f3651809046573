"""A bundle in one part is named by its file's digest, one in several by the list of theirs."""

from hashlib import sha256

import pytest

from app.domain.set_digest import digest_of_parts

ONE, TWO = sha256(b"one").digest(), sha256(b"two").digest()


def test_one_part_is_its_own_digest() -> None:
    assert digest_of_parts([ONE]) == ONE


def test_several_parts_are_digested_in_their_order() -> None:
    assert digest_of_parts([ONE, TWO]) == sha256(b"graduated/set/1\n" + ONE + TWO).digest()
    assert digest_of_parts([ONE, TWO]) != digest_of_parts([TWO, ONE])


def test_no_part_is_no_bundle() -> None:
    with pytest.raises(ValueError, match="at least one"):
        digest_of_parts([])
