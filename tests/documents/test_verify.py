"""A stranger can tell a good bundle from any other with a file of public keys and nothing else."""

import json
import random
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import bagit
import pytest
import typer
from typer.testing import CliRunner

from app.commands.verify_bundle import bundle as bundle_command
from app.db.chain import canonical, first_link, next_link
from app.documents.bundle.bag_names import BUNDLE_TYP, SIGNATURE, TAG_MANIFEST
from app.documents.bundle.verify import Verdict, verify_bundle, verify_files
from app.domain.entries import RecordMerged
from app.keys.jwks import KeyUse, generate_key, read_public_jwks
from app.keys.jws import sign_detached
from tests.documents.builders import FROZEN_AT, SCHOOL, Ledger, a_bundle, a_freeze, a_story, bundle_key, jwks, the_bundle
from tests.documents.tampering import FOLDER, Files, manifest, pack, unpack, with_manifests
from tests.domain.builders import HEAD, OTHER_PUPIL

ENTRY = "data/entries/000004.json"


def verdict_on(archive: bytes, keys: bytes | None = None) -> Verdict:
    return verify_files([BytesIO(archive)], read_public_jwks(keys or jwks()))


def flipped(files: Files, name: str, at: int = -20) -> Files:
    content = bytearray(files[name])
    content[at] ^= 1
    return {**files, name: bytes(content)}


def without(files: Files, name: str) -> Files:
    return {other: content for other, content in files.items() if other != name}


def test_a_bundle_as_written_is_accepted() -> None:
    verdict = verdict_on(the_bundle())
    assert verdict.ok, verdict.sentence
    assert [check.name for check in verdict.checks] == [
        *("structure", "bag", "form", "signature", "set", "profile"),
        *("entries", "chain", "record digest", "papers", "digest"),
    ]


def test_the_reference_library_accepts_the_bag_that_we_write(tmp_path: Path) -> None:
    """The `bagit` package of the Library of Congress checks completeness and every digest."""
    with zipfile.ZipFile(BytesIO(the_bundle())) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    bag = bagit.Bag(str(tmp_path / FOLDER))
    assert bag.validate(processes=1)
    assert bag.info["External-Identifier"] == FOLDER.removeprefix("bundle-")
    assert bag.version_info == (1, 0)


def test_the_entries_of_a_record_that_was_joined_to_the_pupils_belong_to_the_bundle() -> None:
    """The other pupil's concern, entry 19, is foreign until the two are found to be one child."""
    on = date(2026, 3, 1)
    merged = RecordMerged(occurred_on=on, other=OTHER_PUPIL, is_kept=True, reason="One child.", confirmed_by=HEAD)
    archive, _ = a_bundle(a_freeze(merged))
    assert "data/entries/000019.json" in unpack(archive)
    assert verdict_on(archive).ok, verdict_on(archive).sentence
    assert "data/entries/000019.json" not in unpack(the_bundle())


@pytest.mark.parametrize("name", [ENTRY, "data/record.html", "data/record.pdf", "data/authority.json", "data/chain.json", "bag-info.txt"])
def test_a_flipped_byte_is_named_by_its_file(name: str) -> None:
    verdict = verdict_on(pack(flipped(unpack(the_bundle()), name)))
    assert not verdict.ok
    assert f"{name}: its bytes do not have the SHA-256" in verdict.sentence


@pytest.mark.parametrize("name", ["manifest-sha256.txt", "tagmanifest-sha256.txt", "bagit.txt"])
def test_a_flipped_byte_in_a_manifest_or_declaration_is_not_accepted(name: str) -> None:
    verdict = verdict_on(pack(flipped(unpack(the_bundle()), name)))
    assert not verdict.ok
    assert name in verdict.sentence


@pytest.mark.parametrize("name", [ENTRY, "data/record.pdf", "data/chain.json", "bag-info.txt", SIGNATURE, TAG_MANIFEST])
def test_a_missing_file_is_named(name: str) -> None:
    verdict = verdict_on(pack(without(unpack(the_bundle()), name)))
    assert not verdict.ok
    assert f"{name}: the file is missing" in verdict.sentence


@pytest.mark.parametrize("name", ["data/extra.txt", "data/entries/000005-copy.json", "notes.txt"])
def test_an_extra_file_is_named(name: str) -> None:
    verdict = verdict_on(pack({**unpack(the_bundle()), name: b"more"}))
    assert not verdict.ok
    assert name in verdict.sentence


def test_an_extra_file_at_the_place_of_an_entry_is_refused_even_when_signed() -> None:
    verdict = verdict_on(pack(with_manifests({**unpack(the_bundle()), "data/entries/note.json": b"{}"})))
    assert "data/entries/note.json: it is not named by an entry's number" in verdict.sentence


def test_a_bundle_signed_with_another_key_says_that_the_key_is_not_in_the_file() -> None:
    stranger = generate_key(KeyUse.BUNDLES)
    files = with_manifests(unpack(the_bundle()), lambda tag_manifest: sign_detached(tag_manifest, stranger, typ=BUNDLE_TYP, at=FROZEN_AT))
    assert f"{SIGNATURE}: it was signed with the key '{stranger.kid}', which is not in the key file" in verdict_on(pack(files)).sentence


def test_a_signature_over_other_bytes_is_not_accepted() -> None:
    files = {**unpack(the_bundle()), SIGNATURE: sign_detached(b"something else", bundle_key(), typ=BUNDLE_TYP, at=FROZEN_AT).encode()}
    assert f"{SIGNATURE}: it does not sign {TAG_MANIFEST} as it is here" in verdict_on(pack(files)).sentence


def test_a_signature_made_for_another_purpose_is_not_accepted() -> None:
    files = with_manifests(
        unpack(the_bundle()), lambda tag_manifest: sign_detached(tag_manifest, bundle_key(), typ="something-else+jws", at=FROZEN_AT)
    )
    assert f"{SIGNATURE}: its signature is not readable" in verdict_on(pack(files)).sentence


def test_a_head_signed_with_an_unknown_key_is_not_accepted() -> None:
    verdict = verdict_on(the_bundle(), jwks(bundle_key()))
    assert "data/chain.json: it was signed with the key" in verdict.sentence


def chain_with(files: Files, **changes: object) -> Files:
    chain = json.loads(files["data/chain.json"])
    return with_manifests({**files, "data/chain.json": canonical({**chain, **changes})})


def test_a_cut_chain_is_not_accepted() -> None:
    chain = json.loads(unpack(the_bundle())["data/chain.json"])
    verdict = verdict_on(pack(chain_with(unpack(the_bundle()), digests=chain["digests"][:-1])))
    assert "data/chain.json: it holds 18 digests, which does not agree with its head" in verdict.sentence


def test_a_cut_chain_with_a_shortened_head_is_not_accepted() -> None:
    """The links hold up to the cut, but nobody signed that head."""
    chain = json.loads(unpack(the_bundle())["data/chain.json"])
    digests = chain["digests"][:-1]
    link = first_link(SCHOOL)
    for digest in digests:
        link = next_link(link, bytes.fromhex(digest))
    head = {**chain["head"], "number": len(digests), "link": link.hex()}
    files = chain_with(unpack(the_bundle()), digests=digests, head=head, frozen_at=len(digests))
    assert "data/chain.json: the signed head is that of another school or another moment" in verdict_on(pack(files)).sentence


def test_digests_in_another_order_do_not_end_at_the_head() -> None:
    digests = json.loads(unpack(the_bundle())["data/chain.json"])["digests"]
    digests[-1] = digests[0]
    verdict = verdict_on(pack(chain_with(unpack(the_bundle()), digests=digests)))
    assert "data/chain.json: the links over its digests do not end at the head's link" in verdict.sentence


def test_another_childs_entry_is_not_accepted_though_it_is_true_and_signed() -> None:
    ledger = Ledger()
    for entry, pupil in a_story():
        ledger.append(entry, pupil)
    foreign = next(one for one, told in zip(ledger.entries, ledger.recorded, strict=True) if told.pupil == OTHER_PUPIL)
    told = {"number": foreign.number, "header": json.loads(foreign.header), "salt": foreign.salt.hex(), "body": json.loads(foreign.body)}
    name = f"data/entries/{foreign.number:06d}.json"
    verdict = verdict_on(pack(with_manifests({**unpack(the_bundle()), name: canonical(told)})))
    assert f"{name}: the entry is about another pupil" in verdict.sentence


def test_an_entry_later_than_the_freeze_is_not_accepted() -> None:
    files = chain_with(unpack(the_bundle()), frozen_at=17)
    assert "data/entries/000018.json: the entry is later than the freeze" in verdict_on(pack(files)).sentence


@pytest.mark.parametrize("line", ["External-Identifier: other", "Bundle-Format: 1", "no label", "Bagging-Date: twice"])
def test_a_description_that_does_not_fit_the_bag_is_not_accepted(line: str) -> None:
    files = unpack(the_bundle())
    label = line.partition(":")[0]
    kept = [one for one in files["bag-info.txt"].decode().splitlines() if label == "Bagging-Date" or not one.startswith(label)]
    files["bag-info.txt"] = "".join(f"{one}\n" for one in [*kept, line]).encode()
    verdict = verdict_on(pack(with_manifests(files)))
    assert "bag-info.txt: " in verdict.sentence


def test_a_wrong_count_of_the_payload_is_not_accepted() -> None:
    files = unpack(the_bundle())
    files["bag-info.txt"] = files["bag-info.txt"].replace(b".26\n", b".27\n")
    tags = {name: files[name] for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")}
    files[TAG_MANIFEST] = manifest(tags)
    files[SIGNATURE] = sign_detached(files[TAG_MANIFEST], bundle_key(), typ=BUNDLE_TYP, at=FROZEN_AT).encode()
    assert "bag-info.txt: Payload-Oxum is not" in verdict_on(pack(files)).sentence


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"body": {"words": "Something nicer."}}, "salt and body do not match the commitment in its header"),
        ({"salt": "00" * 32}, "salt and body do not match the commitment in its header"),
        ({"salt": None}, "a salt is not 32 bytes"),
        ({"number": 5}, "its number is not the one of its file name"),
        ({"header": {}}, "its number is not the one of its file name"),
        ({"header": "x"}, "it is not number, header, salt and body"),
        ({"more": 1}, "it is not number, header, salt and body"),
        ({"body": {"big": 10**30}}, "it holds values that have no canonical form"),
    ],
)
def test_an_entry_changed_by_somebody_with_the_bundle_key_is_still_found_out(change: dict[str, object], reason: str) -> None:
    files = unpack(the_bundle())
    files[ENTRY] = json.dumps({**json.loads(files[ENTRY]), **change}).encode()
    assert f"{ENTRY}: {reason}" in verdict_on(pack(with_manifests(files))).sentence


def test_a_changed_header_no_longer_has_the_digest_in_the_chain() -> None:
    files = unpack(the_bundle())
    told = json.loads(files[ENTRY])
    told["header"]["occurred_on"] = "2014-09-01"
    files[ENTRY] = json.dumps(told).encode()
    assert f"{ENTRY}: its header does not have the digest" in verdict_on(pack(with_manifests(files))).sentence


def test_an_entry_left_out_no_longer_gives_the_record_digest() -> None:
    files = with_manifests(without(unpack(the_bundle()), ENTRY))
    assert "bag-info.txt: it does not carry the record digest" in verdict_on(pack(files)).sentence


def test_a_page_about_another_record_is_not_accepted() -> None:
    files = with_manifests({**unpack(the_bundle()), "data/record.html": b"<h1>Another page</h1>"})
    assert "data/record.html: it does not carry the record digest" in verdict_on(pack(files)).sentence


def test_an_erased_entry_is_accepted_by_its_header_alone() -> None:
    files = unpack(the_bundle())
    told = json.loads(files[ENTRY])
    files[ENTRY] = canonical({**told, "salt": None, "body": None})
    assert verdict_on(pack(with_manifests(files))).ok


def rezipped(archive: bytes, compression: int = zipfile.ZIP_STORED, *, backwards: bool = False) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as before, zipfile.ZipFile(sink, "w", compression) as after:
        for name in sorted(before.namelist(), reverse=backwards):
            after.writestr(name, before.read(name))
    return sink.getvalue()


def test_a_compressed_archive_is_not_accepted() -> None:
    verdict = verdict_on(rezipped(the_bundle(), zipfile.ZIP_DEFLATED))
    assert "it is compressed" in verdict.sentence


def test_files_in_another_order_are_not_accepted() -> None:
    files = unpack(the_bundle())
    one, other = pack({"bag-info.txt": files["bag-info.txt"]}), pack({"zz": b"last"})
    assert "it is not in its place" in verdict_on(other[: other.index(b"PK\x01\x02")] + one).sentence


def test_an_archive_packed_again_with_other_flags_or_dates_is_not_accepted() -> None:
    assert "ZIP flags or extra fields" in verdict_on(rezipped(the_bundle())).sentence
    dated = bytearray(the_bundle())
    dated[12] ^= 1
    assert "the archive is not in the one ZIP form of a bundle" in verdict_on(bytes(dated)).sentence


@pytest.mark.parametrize("more", [b"\0", b"PK\x05\x06"])
def test_bytes_after_the_archive_are_not_accepted(more: bytes) -> None:
    assert "the directory of the archive" in verdict_on(the_bundle() + more).sentence


@pytest.mark.parametrize(
    "name", ["../escape.txt", "data/../../escape.txt", "/etc/escape", "data//x", "data/.hidden", "C:\\x", "data/a b", "é"]
)
def test_a_name_that_could_lead_outside_is_refused_before_anything_is_read(name: str) -> None:
    verdict = verdict_on(pack({**unpack(the_bundle()), name: b"x"}))
    assert "could lead outside the bundle's folder" in verdict.sentence
    assert verdict.checks == ()


@pytest.mark.parametrize("folder", ["bundle-x", "other", "bundle-00000000000000000000000000000901"])
def test_a_folder_that_is_not_named_by_the_request_is_refused(folder: str) -> None:
    assert "its folder is not named bundle-" in verdict_on(pack(unpack(the_bundle()), folder)).sentence


def test_a_header_that_promises_four_gigabytes_is_refused_without_reading_them() -> None:
    archive = bytearray(the_bundle())
    archive[18:26] = b"\xff" * 8
    assert "the archive ends within this file" in verdict_on(bytes(archive)).sentence


def test_five_hundred_damaged_bundles_are_all_refused_and_none_raises() -> None:
    dice = random.Random(2014)
    good = the_bundle()
    for _ in range(500):
        bad = bytearray(good)
        for _ in range(dice.randint(1, 4)):
            bad[dice.randrange(len(bad))] ^= dice.randint(1, 255)
        if dice.random() < 0.2:
            del bad[dice.randrange(len(bad)) :]
        if bytes(bad) != good:
            assert not verdict_on(bytes(bad)).ok


@pytest.mark.parametrize("rubbish", [b"", b"PK", b"PK\x03\x04", b"not a zip", b"PK\x05\x06" + bytes(18), bytes(1000)])
def test_rubbish_is_refused_with_a_sentence(rubbish: bytes) -> None:
    verdict = verdict_on(rubbish)
    assert not verdict.ok
    assert verdict.sentence.startswith("Not accepted: ")


@pytest.mark.parametrize("chain", [b"[]", b"{}", b'{"head": 1, "digests": [1]}', b"\xff", b'{"a": 1, "a": 2}', b"[" * 100_000])
def test_a_chain_file_that_is_none_is_refused_with_its_name(chain: bytes) -> None:
    verdict = verdict_on(pack(with_manifests({**unpack(the_bundle()), "data/chain.json": chain})))
    assert "data/chain.json: " in verdict.sentence


def test_keys_that_cannot_be_used_are_named_before_the_bundle_is_opened(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(the_bundle())
    (tmp_path / "keys.json").write_text('{"keys": []}')
    verdict = verify_bundle([tmp_path / "bundle.zip"], tmp_path / "keys.json")
    assert verdict.sentence == "The key file cannot be used: The key set needs a list called keys with 1 to 100 keys."
    no_keys, no_zip = tmp_path / "none.json", tmp_path / "none.zip"
    assert verify_bundle([tmp_path / "bundle.zip"], no_keys).sentence == f"The key file {no_keys} cannot be read."
    (tmp_path / "keys.json").write_bytes(jwks())
    assert verify_bundle([no_zip], tmp_path / "keys.json").sentence == f"The bundle file {no_zip} cannot be read."
    assert verify_bundle([tmp_path / "bundle.zip"], tmp_path / "keys.json").ok


def test_the_command_says_what_held_and_exits_1_when_something_did_not(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(bundle_command)
    good, bad, keys = tmp_path / "good.zip", tmp_path / "bad.zip", tmp_path / "keys.json"
    good.write_bytes(the_bundle())
    bad.write_bytes(pack(flipped(unpack(the_bundle()), "data/record.pdf")))
    keys.write_bytes(jwks())
    accepted = CliRunner().invoke(app, [str(good), "--jwks", str(keys)])
    assert (accepted.exit_code, accepted.stdout.count("held: ")) == (0, 11)
    refused = CliRunner().invoke(app, [str(bad), "--jwks", str(keys)])
    assert refused.exit_code == 1
    assert refused.stdout.splitlines()[-1].startswith("Not accepted: data/record.pdf: ")
