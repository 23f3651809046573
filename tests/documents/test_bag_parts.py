"""A bundle in parts: each file once, each part under the cap and a bag that others accept, all of them saying the same of the set."""

import json
import zipfile
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random

import bagit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.bundle.bag import PartTooLargeError, prepare, write_part
from app.documents.bundle.bag_names import BUNDLE_TYP, SET, folder_of
from app.documents.bundle.bag_set import Lot, share_out
from app.documents.bundle.frozen import FrozenRecord
from app.keys.jws import sign_detached
from tests.documents.builders import FROZEN_AT, REQUEST, a_freeze, bundle_key, parts_of, signed
from tests.documents.contributed import frozen_with_papers

SIX = tuple(Random(place).randbytes(50_000 + 30_000 * place) for place in range(6))
CAPS = (400_000, 460_000, 500_001, 700_000, 10_000_000)


def files_of(archive: bytes) -> tuple[str, dict[str, bytes]]:
    """The folder of a part, and its files by their names below it."""
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        assert opened.testzip() is None
        folder = opened.namelist()[0].partition("/")[0]
        return folder, {name.removeprefix(f"{folder}/"): opened.read(name) for name in opened.namelist()}


def about(files: dict[str, bytes]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in files["bag-info.txt"].decode().splitlines())


def signed_anew(frozen: FrozenRecord, cap: int | None) -> list[dict[str, bytes]]:
    bundle, parts = prepare(frozen, cap), []
    for part in bundle.parts:
        sink = BytesIO()
        write_part(bundle, part, lambda tags: sign_detached(tags, bundle_key(), typ=BUNDLE_TYP, at=FROZEN_AT), sink)
        parts.append(files_of(sink.getvalue())[1])
    return parts


@pytest.mark.parametrize("cap", [None, 500_000])
def test_two_builds_of_the_same_freeze_differ_in_their_signatures_alone(cap: int | None) -> None:
    first, second = (signed_anew(frozen_with_papers(*SIX), cap) for _ in range(2))
    assert len(first) == len(second) == (1 if cap is None else 4)
    for one, other in zip(first, second, strict=True):
        assert list(one) == list(other)
        assert [name for name in one if one[name] != other[name]] == ["tagmanifest-sha256.txt.jws"]


@pytest.mark.parametrize("cap", CAPS)
def test_each_part_is_under_the_cap_and_each_file_is_in_one_of_them(cap: int) -> None:
    parts, _ = parts_of(frozen_with_papers(*SIX), cap)
    assert [len(part) <= cap for part in parts] == [True] * len(parts)
    opened = [files_of(part)[1] for part in parts]
    payload = [{name: content for name, content in files.items() if name.startswith("data/")} for files in opened]
    counted = Counter(name for files in payload for name in files if name != SET)
    assert set(counted.values()) == {1}
    told = json.loads(opened[0][SET])
    assert all(files[SET] == opened[0][SET] for files in opened)
    assert (told["cap"], [part["over_cap"] for part in told["parts"]]) == (cap, [False] * len(parts))
    for number, (part, files) in enumerate(zip(told["parts"], payload, strict=True), start=1):
        assert part["number"] == number
        listed = [{"name": n, "sha256": sha256(c).hexdigest(), "size": len(c)} for n, c in sorted(files.items()) if n != SET]
        assert part["files"] == listed


def test_a_paper_lies_with_its_cover_page_and_the_papers_follow_in_their_order() -> None:
    parts, _ = parts_of(frozen_with_papers(*SIX), 500_000)
    lies = [[name for name in files_of(part)[1] if name.startswith("data/papers/")] for part in parts]
    assert [name for names in lies for name in names] == sorted(
        f"data/papers/{n:03d}-{what}.pdf" for n in range(1, 7) for what in ("cover", "parents-view")
    )
    assert all(len(names) % 2 == 0 for names in lies)
    assert "data/chain.json" in files_of(parts[0])[1]


@pytest.mark.parametrize("cap", [None, 500_000])
def test_each_part_names_its_set_and_is_accepted_by_the_reference_library(cap: int | None, tmp_path: Path) -> None:
    parts, _ = parts_of(frozen_with_papers(*SIX), cap)
    for number, part in enumerate(parts, start=1):
        folder, files = files_of(part)
        assert folder == folder_of(REQUEST, number, len(parts))
        with zipfile.ZipFile(BytesIO(part)) as archive:
            archive.extractall(tmp_path)
        bag = bagit.Bag(str(tmp_path / folder))
        assert bag.validate(processes=1)
        assert bag.info["Bag-Group-Identifier"] == bag.info["External-Identifier"] == str(REQUEST)
        assert bag.info["Bag-Count"] == f"{number} of {len(parts)}"
        assert bag.info["Set-Digest"] == sha256(files[SET]).hexdigest()
        assert (bag.info["Bundle-Format"], bag.info["Authority-Profile"]) == ("2", "national/1")
    assert folder_of(REQUEST) == f"bundle-{REQUEST}"


def test_a_paper_above_the_cap_lies_in_a_part_of_its_own_which_says_so() -> None:
    large = Random(7).randbytes(700_000)
    parts, _ = parts_of(frozen_with_papers(SIX[0], large, SIX[1]), 500_000)
    told = json.loads(files_of(parts[0])[1][SET])
    assert [part["over_cap"] for part in told["parts"]] == [False, False, True, False]
    assert [one["name"] for one in told["parts"][2]["files"]] == ["data/papers/002-cover.pdf", "data/papers/002-parents-view.pdf"]
    assert [len(part) > 500_000 for part in parts] == [False, False, True, False]


def test_what_part_one_must_hold_is_never_divided() -> None:
    """Authority, chain, entries and profile lie in part 1 though they pass the cap; the record then follows."""
    parts, _ = parts_of(a_freeze(), 20_000)
    told = json.loads(files_of(parts[0])[1][SET])
    first, *others = [{one["name"] for one in part["files"]} for part in told["parts"]]
    assert {"data/authority.json", "data/chain.json", "data/entries/000001.json", "data/profile.json"} < first
    assert others == [{"data/record.pdf"}, {"data/record.html"}, {"data/record-large-print.html"}, {"data/record.txt"}]
    assert [part["over_cap"] for part in told["parts"]] == [True, True, True, True, True]


def test_another_cap_gives_the_same_files_but_for_the_list_and_where_the_record_says_papers_lie() -> None:
    frozen = frozen_with_papers(*SIX)
    one, several = (
        {name: content for part in parts_of(frozen, cap)[0] for name, content in files_of(part)[1].items() if name.startswith("data/")}
        for cap in (None, 500_000)
    )
    assert one.keys() == several.keys()
    assert {name for name in one if one[name] != several[name]} == {
        SET,
        "data/record.pdf",
        "data/record.html",
        "data/record-large-print.html",
        "data/record.txt",
    }


def test_lots_go_into_parts_in_their_order_and_one_that_just_fits_fits() -> None:
    def lot(takes: int) -> Lot:
        overhead = Lot((("a", 0),)).takes
        return Lot((("a", takes - overhead),))

    def shared(sizes: list[int], most: int) -> list[bool]:
        return [part.is_over_cap for part in share_out([lot(size) for size in sizes], most, 100)]

    assert shared([500, 400, 500], 1_000) == [False, False]
    assert shared([500, 401, 500], 1_000) == [False, False, False]
    assert shared([900, 901, 10], 1_000) == [False, True, False]
    assert shared([500, 400, 500], 10**9) == [False]
    assert [part.is_over_cap for part in share_out([lot(3 << 30), lot(2 << 30)], None, 0)] == [False, False]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 2_000), min_size=1, max_size=30), st.integers(1_000, 6_000), st.integers(0, 500))
def test_shared_out_each_lot_is_in_one_part_in_its_order_and_only_one_alone_passes_the_cap(
    sizes: list[int], most: int, beside: int
) -> None:
    lots = [Lot(((f"file-{place:02d}", size),)) for place, size in enumerate(sizes)]
    parts = share_out(lots, most, beside)
    assert [name for part in parts for name in sorted(part.names)] == [f"file-{place:02d}" for place in range(len(sizes))]
    takes = {name: lot.takes for lot in lots for name in lot.names}
    for part in parts:
        assert part.is_over_cap is (beside + sum(takes[name] for name in part.names) > most)
        assert len(part.names) == 1 or not part.is_over_cap


def test_a_part_that_would_pass_the_cap_after_all_is_not_handed_over() -> None:
    bundle = prepare(a_freeze(), 10_000_000)
    with pytest.raises(PartTooLargeError):
        write_part(replace(bundle, cap=1_000), bundle.parts[0], signed, BytesIO())
