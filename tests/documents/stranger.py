"""A verifier that a stranger wrote from `docs/bundle-format.md` alone: standard library, one library for signatures, one for RFC 8785."""

import json
import zipfile
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

Files = dict[str, bytes]
TAGS = {"bag-info.txt", "bagit.txt", "manifest-sha256.txt"}
OUTSIDE = {"tagmanifest-sha256.txt", "tagmanifest-sha256.txt.jws"}
OF_PART_ONE = {"data/authority.json", "data/chain.json", "data/profile.json"}


def check(parts: Sequence[bytes], keys: Mapping[str, Any]) -> str:
    """Give the digest of the bundle in hex. Raises AssertionError, or anything, where a check of the page does not hold."""
    opened = sorted((_part(part, keys) for part in parts), key=lambda one: int(one[0]["Bag-Count"].split(" of ")[0]))
    told = json.loads(opened[0][1]["data/set.json"])
    assert all(files["data/set.json"] == opened[0][1]["data/set.json"] for _, files in opened)
    assert [about["Bag-Count"] for about, _ in opened] == [f"{n} of {len(told['parts'])}" for n in range(1, len(told["parts"]) + 1)]
    first = opened[0][1]
    assert set(first) >= OF_PART_ONE and not any(OF_PART_ONE & set(files) for _, files in opened[1:])
    profile = json.loads(first["data/profile.json"])
    assert all(about["Authority-Profile"] == f"{profile['id']}/{profile['version']}" for about, _ in opened)
    entries = {entry["number"]: entry for name, held in first.items() if name.startswith("data/entries/") for entry in [json.loads(held)]}
    digest = _ledger(json.loads(first["data/chain.json"]), entries, keys)
    assert {about["Record-Digest"] for about, _ in opened} == {digest} == {told["record_digest"]}
    _papers(told, entries, [files for _, files in opened])
    digests = [sha256(part).digest() for part in sorted(parts, key=lambda part: [file for _, file in opened].index(_unpacked(part)))]
    return (digests[0] if len(digests) == 1 else sha256(b"graduated/set/1\n" + b"".join(digests)).digest()).hex()


def _unpacked(part: bytes) -> Files:
    with zipfile.ZipFile(BytesIO(part)) as archive:
        (folder,) = {name.partition("/")[0] for name in archive.namelist()}
        return {name.removeprefix(f"{folder}/"): archive.read(name) for name in archive.namelist()}


def _part(part: bytes, keys: Mapping[str, Any]) -> tuple[dict[str, str], Files]:
    files = _unpacked(part)
    data = {name for name in files if name.startswith("data/")}
    assert set(files) == data | TAGS | OUTSIDE
    for manifest, listed in (("manifest-sha256.txt", data), ("tagmanifest-sha256.txt", TAGS)):
        lines = [line.split("  ") for line in files[manifest].decode().splitlines()]
        assert {name for _, name in lines} == listed
        assert all(sha256(files[name]).hexdigest() == digest for digest, name in lines)
    _signature(files["tagmanifest-sha256.txt.jws"].decode(), files["tagmanifest-sha256.txt"], keys)
    about = dict(line.split(": ", 1) for line in files["bag-info.txt"].decode().splitlines())
    raw = files["data/set.json"]
    told = json.loads(raw)
    assert (about["Set-Digest"], rfc8785.dumps(told)) == (sha256(raw).hexdigest(), raw)
    listed_here = told["parts"][int(about["Bag-Count"].split(" of ")[0]) - 1]
    here = {one["name"]: (one["sha256"], one["size"]) for one in listed_here["files"]}
    assert here == {name: (sha256(files[name]).hexdigest(), len(files[name])) for name in data - {"data/set.json"}}
    assert told["cap"] is None or listed_here["over_cap"] or len(part) <= told["cap"]
    return about, files


def _signature(jws: str, payload: bytes, keys: Mapping[str, Any]) -> None:
    head, nothing, signature = jws.split(".")
    header = json.loads(_bytes(head))
    assert (nothing, set(header)) == ("", {"alg", "typ", "kid", "iat"})
    assert (header["alg"], header["typ"]) == ("ES256", "graduated-bundle+jws")
    key = keys[header["kid"]]
    at = datetime.fromtimestamp(header["iat"], UTC)
    assert key.get("signs", "bundles") == "bundles"
    assert "signs_from" not in key or datetime.fromisoformat(key["signs_from"]) <= at
    assert key.get("signs_until") is None or at < datetime.fromisoformat(key["signs_until"])
    _verify(key, head, urlsafe_b64encode(payload).rstrip(b"=").decode(), signature)


def _verify(key: Mapping[str, str], head: str, payload: str, signature: str) -> None:
    both = _bytes(signature)
    point = ec.EllipticCurvePublicNumbers(_number(_bytes(key["x"])), _number(_bytes(key["y"])), ec.SECP256R1())
    whole = encode_dss_signature(_number(both[:32]), _number(both[32:]))
    point.public_key().verify(whole, f"{head}.{payload}".encode(), ec.ECDSA(SHA256()))


def _ledger(chain: Mapping[str, Any], entries: Mapping[int, Mapping[str, Any]], keys: Mapping[str, Any]) -> str:
    digests = [bytes.fromhex(one) for one in chain["digests"]]
    pupils = {chain["pupil"], *_joined_to(chain["pupil"], entries)}
    for number, entry in entries.items():
        header = entry["header"]
        assert sha256(b"graduated/entry/1\n" + rfc8785.dumps(header)).digest() == digests[number - 1]
        assert header["pupil"] in pupils and header["school"] == chain["school"] and number <= chain["frozen_at"]
        if entry["salt"] is not None:
            assert sha256(bytes.fromhex(entry["salt"]) + rfc8785.dumps(entry["body"])).hexdigest() == header["commitment"]
    link = sha256(chain["school"].encode()).digest()
    for digest in digests:
        link = sha256(b"graduated/link/1\n" + link + digest).digest()
    assert link.hex() == chain["head"]["link"]
    head, payload, signature = chain["head"]["jws"].split(".")
    said = json.loads(_bytes(payload))
    assert (said["school"], said["number"], said["link"]) == (chain["school"], chain["head"]["number"], chain["head"]["link"])
    assert (json.loads(_bytes(head))["typ"], said["number"]) == ("graduated-head+jws", len(digests))
    _verify(keys[json.loads(_bytes(head))["kid"]], head, payload, signature)
    record = sha256(b"graduated/record/1\n" + b"".join(digests[number - 1] for number in sorted(entries)) + link).hexdigest()
    assert record == chain["record_digest"]
    return record


def _joined_to(pupil: str, entries: Mapping[int, Mapping[str, Any]]) -> set[str]:
    merged = (entry for entry in entries.values() if entry["header"]["type"] == "record.merged" and entry["header"]["pupil"] == pupil)
    return {entry["body"]["other"] for entry in merged if entry["body"] and entry["body"]["is_kept"]}


def _papers(told: Mapping[str, Any], entries: Mapping[int, Mapping[str, Any]], parts: Sequence[Files]) -> None:
    for paper in told["papers"]:
        (held,) = (files for files in parts if paper["file"] in files)
        assert paper["cover"] in held
        body = entries[paper["entry"]]["body"]
        given = [*body.get("papers", ()), *([body["redacted"]] if "redacted" in body else [])]
        assert paper["sha256"] in [one["sha256"] for one in given]
    named = {name for paper in told["papers"] for name in (paper["file"], paper["cover"])}
    assert named == {name for files in parts for name in files if name.startswith("data/papers/")}
    assert all(entries[one["number"]]["body"] is None for one in told["left_out"])


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
