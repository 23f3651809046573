"""The page on the format is enough: a verifier written from it, without a line of ours, says what ours says."""

import json
import zipfile
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from random import Random
from typing import Any

import pytest

from app.documents.bundle.verify import verify_files
from app.domain.entries import RecordMerged
from app.keys.jwks import read_public_jwks
from tests.documents import stranger
from tests.documents.builders import a_freeze, jwks, parts_of
from tests.documents.contributed import frozen_with_papers
from tests.domain.builders import HEAD, OTHER_PUPIL

KEYS: dict[str, Any] = {key["kid"]: key for key in json.loads(jwks())["keys"]}


def a_set(cap: int | None) -> list[bytes]:
    return parts_of(frozen_with_papers(*(Random(place).randbytes(60_000) for place in range(3))), cap)[0]


def by_ours(parts: Sequence[bytes]) -> str | None:
    verdict = verify_files([BytesIO(part) for part in parts], read_public_jwks(jwks()))
    return next(check.found for check in verdict.checks if check.name == "digest") if verdict.ok else None


@pytest.mark.parametrize("cap", [None, 300_000])
def test_a_stranger_who_has_read_the_page_accepts_what_we_write_and_gets_the_same_digest(cap: int | None) -> None:
    parts = a_set(cap)
    assert (len(parts) > 1) is (cap is not None)
    assert stranger.check(parts[::-1], KEYS) == by_ours(parts)


def test_a_stranger_takes_the_entries_of_a_record_that_was_joined() -> None:
    merged = RecordMerged(occurred_on=date(2026, 3, 1), other=OTHER_PUPIL, is_kept=True, reason="One child.", confirmed_by=HEAD)
    for frozen, is_joined in ((a_freeze(merged), True), (a_freeze(), False)):
        (whole,) = parts_of(frozen)[0]
        assert ("000019.json" in {name.rpartition("/")[2] for name in zipfile.ZipFile(BytesIO(whole)).namelist()}) is is_joined
        assert stranger.check([whole], KEYS) == by_ours([whole])


def accepts(parts: Sequence[bytes]) -> bool:
    try:
        return bool(stranger.check(parts, KEYS))
    except Exception:
        return False


def with_a_bit_flipped_in(part: bytes, name: str, random: Random) -> bytes:
    """The same archive with another content under one name, and check sums of its own that fit."""
    sink = BytesIO()
    with zipfile.ZipFile(BytesIO(part)) as archive, zipfile.ZipFile(sink, "w") as anew:
        for each in archive.namelist():
            content = bytearray(archive.read(each))
            if each == name:
                content[random.randrange(len(content))] ^= 1 << random.randrange(8)
            anew.writestr(each, bytes(content))
    return sink.getvalue()


def test_a_bit_flipped_in_any_file_is_found_by_the_stranger_as_by_us() -> None:
    (whole,) = a_set(None)
    random, names = Random(999), zipfile.ZipFile(BytesIO(whole)).namelist()
    assert len(names) > 20
    for name in names:
        spoilt = [with_a_bit_flipped_in(whole, name, random)]
        assert (accepts(spoilt), by_ours(spoilt)) == (False, None), name
    assert accepts([whole])


def test_a_part_that_is_missing_or_of_another_set_is_found_by_the_stranger_as_by_us() -> None:
    parts = a_set(300_000)
    for spoilt in (parts[1:], parts[:-1], [*parts[:-1], a_set(400_000)[-1]]):
        assert (accepts(spoilt), by_ours(spoilt)) == (False, None)
