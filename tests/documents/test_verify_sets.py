"""A bundle of several parts is accepted whole, in any order, and what is missing, doubled, strange or not in force is named."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from random import Random

import pytest

from app.db.chain import canonical
from app.documents.bundle import zip_form
from app.documents.bundle.bag_names import BUNDLE_TYP, SET, SIGNATURE, TAG_MANIFEST, folder_of
from app.documents.bundle.verify import Verdict, verify_files
from app.domain.set_digest import digest_of_parts
from app.keys.jwks import PublicKey, read_public_jwks
from app.keys.jws import sign_detached
from tests.documents.builders import FROZEN_AT, REQUEST, bundle_key, head_key, jwks, parts_of, the_bundle
from tests.documents.contributed import frozen_with_papers
from tests.documents.tampering import FOLDER, Files, pack, unpack, with_manifests

PAPERS = tuple(Random(place).randbytes(90_000 + 40_000 * place) for place in range(4))


@cache
def the_parts() -> tuple[bytes, ...]:
    parts, _ = parts_of(frozen_with_papers(*PAPERS), 400_000)
    assert len(parts) > 2
    return tuple(parts)


@cache
def of_one_part() -> bytes:
    (part,), _ = parts_of(frozen_with_papers(*PAPERS))
    return part


def verdict_on(*parts: bytes, keys: dict[str, PublicKey] | None = None) -> Verdict:
    return verify_files([BytesIO(part) for part in parts], keys or read_public_jwks(jwks()))


def spoilt(change: Callable[[dict[str, object]], None]) -> str:
    """What is said of a bundle of one part whose list was changed by somebody who holds the key."""
    files = unpack(of_one_part())
    told = json.loads(files[SET])
    change(told)
    files[SET] = canonical(told)
    return verdict_on(pack(with_manifests(files, lists_anew=False))).sentence


def test_all_parts_in_any_order_are_accepted_and_their_digest_is_the_bundles() -> None:
    parts = the_parts()
    verdict = verdict_on(*reversed(parts))
    assert verdict.ok, verdict.sentence
    assert verdict.checks[-1].found == digest_of_parts([sha256(part).digest() for part in parts]).hex()
    assert {check.name: check.found for check in verdict.checks}["papers"] == (
        "4 papers are as the entries name them, 0 entries were left out"
    )


def test_a_part_that_is_missing_or_doubled_is_named() -> None:
    parts = the_parts()
    count = len(parts)
    for place in range(count):
        rest = [part for number, part in enumerate(parts) if number != place]
        assert verdict_on(*rest).sentence == f"Not accepted: part {place + 1} of {count}: it is missing."
        doubled = verdict_on(*parts, parts[place]).sentence
        assert doubled == f"Not accepted: part {place + 1} of {count}: it was given twice."


def test_parts_of_two_bundles_are_no_set() -> None:
    others, _ = parts_of(frozen_with_papers(*PAPERS[:3], b"x" * 200_000), 400_000)
    mixed = verdict_on(*the_parts()[:-1], others[-1])
    assert not mixed.ok
    assert "it belongs to another set than part 1" in mixed.sentence or "part" in mixed.sentence


def test_nothing_given_is_nothing_accepted() -> None:
    assert verify_files([], read_public_jwks(jwks())).sentence == "Not accepted: the bundle: no file was given."


def test_a_later_part_holds_no_entries() -> None:
    """Somebody with the key moves an entry into part 2, so that it would be looked at by nobody."""
    first, second, *rest = the_parts()
    folder = folder_of(REQUEST, 2, 2 + len(rest))
    files = {
        one.name.removeprefix(f"{folder}/"): b"".join(zip_form.content(BytesIO(second), one)) for one in zip_form.read(BytesIO(second))
    }
    moved = pack(with_manifests({**files, "data/entries/000001.json": b"{}"}, lists_anew=False), folder)
    assert verdict_on(first, moved, *rest).sentence == "Not accepted: data/entries/000001.json: only part 1 holds this file."


def drop_paper(told: dict[str, object]) -> None:
    told["papers"] = list(told["papers"])[1:]  # type: ignore[call-overload]


def other_entry(told: dict[str, object]) -> None:
    told["papers"][0]["entry"] = 1  # type: ignore[index]


def other_digest(told: dict[str, object]) -> None:
    told["papers"][0]["sha256"] = "0" * 64  # type: ignore[index]


def cover_elsewhere(told: dict[str, object]) -> None:
    told["papers"][0]["cover"] = "data/papers/099-cover.pdf"  # type: ignore[index]


def small_cap(told: dict[str, object]) -> None:
    told["cap"] = 1_000


def left_out(told: dict[str, object]) -> None:
    told["left_out"] = [{"number": 2, "reason": "It tells of another child."}]


def more_parts(told: dict[str, object]) -> None:
    told["parts"] = [*told["parts"], {"number": 2, "over_cap": False, "files": []}]  # type: ignore[misc]


def other_request(told: dict[str, object]) -> None:
    told["request"] = "00000000-0000-0000-0000-000000000902"


def unlisted(told: dict[str, object]) -> None:
    told["parts"][0]["files"] = [one for one in told["parts"][0]["files"] if not one["name"].endswith("record.pdf")]  # type: ignore[index]


def other_size(told: dict[str, object]) -> None:
    told["parts"][0]["files"][0]["size"] += 1  # type: ignore[index]


def new_member(told: dict[str, object]) -> None:
    told["note"] = "hello"


def number_as_text(told: dict[str, object]) -> None:
    told["parts"][0]["number"] = "1"  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_paper, "data/papers/001-cover.pdf: it is no paper of an entry."),
        (other_entry, "entry 1 does not name the bytes of this paper."),
        (other_digest, "no part holds the paper as data/set.json describes it."),
        (cover_elsewhere, "data/papers/099-cover.pdf: the cover page does not lie beside its paper."),
        (small_cap, "data/set.json: part 1 has more bytes than the 1000 that it may."),
        (left_out, "data/set.json: entry 2 is said to be left out and is not."),
        (more_parts, "data/set.json: its parts are not those from 1 to 1 that the folder names."),
        (other_request, "data/set.json: it is the list of another request, or bag-info.txt counts other parts."),
        (unlisted, "data/record.pdf: data/set.json does not list it."),
        (other_size, "it is not the file that data/set.json describes."),
        (new_member, "data/set.json: it is no list of format 2: note does not fit."),
        (number_as_text, "data/set.json: it is no list of format 2: parts.0.number does not fit."),
    ],
)
def test_a_list_that_does_not_fit_is_named_though_its_signature_holds(change: Callable[[dict[str, object]], None], said: str) -> None:
    assert spoilt(change).endswith(said)


def test_a_list_larger_than_any_of_ours_is_not_read() -> None:
    def swell(told: dict[str, object]) -> None:
        told["papers"][0]["title"] = "x" * (17 << 20)  # type: ignore[index]

    assert spoilt(swell) == "Not accepted: data/set.json: it has more than 16777216 bytes, which no list of ours has."


def test_a_list_that_is_not_canonical_is_refused() -> None:
    files = unpack(of_one_part())
    files[SET] = files[SET].replace(b'":', b'": ', 1)
    assert "data/set.json: it is not in canonical form" in verdict_on(pack(with_manifests(files, lists_anew=False))).sentence


def test_a_set_digest_that_is_not_the_lists_is_named() -> None:
    files = unpack(the_bundle())
    about = files["bag-info.txt"].replace(b"Set-Digest: ", b"Set-Digest: 0")
    lines = with_manifests({**files, "bag-info.txt": about})
    kept: Files = {**lines, "bag-info.txt": about}
    assert not verdict_on(pack(kept)).ok


def test_another_profile_than_the_one_named_is_refused() -> None:
    files = unpack(the_bundle())
    told = json.loads(files["data/profile.json"])
    files["data/profile.json"] = canonical({**told, "version": 9})
    said = verdict_on(pack(with_manifests(files))).sentence
    assert said == "Not accepted: data/profile.json: it is not the profile that bag-info.txt names."


def in_force(**moments: timedelta) -> dict[str, PublicKey]:
    """The keys as the service publishes them, the bundle key from or until so long after the freeze."""
    dated = {name: FROZEN_AT + span for name, span in moments.items()}
    key = replace(bundle_key().public, signs="bundles", **dated)  # type: ignore[arg-type]
    return {key.kid: key, head_key().kid: replace(head_key().public, signs="heads")}


def test_a_key_that_was_in_force_when_it_signed_is_good_for_ever() -> None:
    keys = in_force(signs_from=timedelta(days=-1), signs_until=timedelta(seconds=1))
    assert verdict_on(the_bundle(), keys=keys).ok


@pytest.mark.parametrize(
    "moments", [{"signs_until": timedelta()}, {"signs_from": timedelta(seconds=1)}, {"signs_until": timedelta(days=-900)}]
)
def test_a_key_that_had_expired_or_not_begun_is_named(moments: dict[str, timedelta]) -> None:
    said = verdict_on(the_bundle(), keys=in_force(**moments)).sentence
    assert said.startswith(f"Not accepted: {SIGNATURE}: ")
    assert "the key was not in force when this was signed" in said


def test_a_key_for_something_else_signs_no_bundle() -> None:
    key = replace(bundle_key().public, signs="heads")
    said = verdict_on(the_bundle(), keys={key.kid: key, head_key().kid: head_key().public}).sentence
    assert f"it was signed with the key '{key.kid}', which signs no bundles" in said


def test_a_signature_that_does_not_say_when_it_was_made_is_refused() -> None:
    files = unpack(the_bundle())
    header, _, rest = sign_detached(files[TAG_MANIFEST], bundle_key(), typ=BUNDLE_TYP, at=FROZEN_AT).split(".")
    assert header
    assert rest
    files[SIGNATURE] = b"eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJncmFkdWF0ZWQtYnVuZGxlK2p3cyJ9..AAAA"
    assert "does not say when it was signed" in verdict_on(pack(files, FOLDER)).sentence
