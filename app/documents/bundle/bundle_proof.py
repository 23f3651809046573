"""What a bundle proves once its files are whole: who signed it, that each entry is as written, and that it stands in the school's chain."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard
from uuid import UUID

import rfc8785

from app.db.chain import Json, canonical, commitment_to, entry_digest, first_link, next_link
from app.documents.bundle.bag_names import BUNDLE_TYP, CHAIN, PROFILE, RECORD_HTML, SIGNATURE, TAG_MANIFEST
from app.documents.bundle.bundle_contents import BundleBrokenError, Contents
from app.documents.bundle.frozen import record_digest
from app.domain.entries import RecordMerged
from app.keys.claims import TokenRefusedError, read_header, split_compact
from app.keys.heads import HEAD_TYP, read_head
from app.keys.jwks import KeyUse, PublicKey
from app.keys.jws import verify_detached

MERGED: Final = RecordMerged.type
_ENTRY_NAME: Final = re.compile(r"data/entries/([0-9]{6,12})\.json")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NOT_HEX: Final = "a salt is not 32 bytes in hexadecimal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The chain file: every entry digest of the school from number 1 to the head, and the head with its signature."""

    school: str
    pupil: str
    frozen_at: int
    digests: tuple[bytes, ...]
    link: bytes
    head: str


def check_signature(bundle: Contents, keys: Mapping[str, PublicKey]) -> str:
    """Give the id of the key that signed the tag manifest and so, through it, every file; and when it says it did."""
    signature = bundle.text_of(SIGNATURE)
    _require_known_key(SIGNATURE, signature, BUNDLE_TYP, keys, KeyUse.BUNDLES)
    try:
        signed = verify_detached(signature, bundle.bytes_of(TAG_MANIFEST), keys, typ=BUNDLE_TYP)
    except TokenRefusedError as refused:
        raise BundleBrokenError(SIGNATURE, f"it does not sign {TAG_MANIFEST} as it is here ({refused.reason})") from None
    return f"{signed.key.kid} at {signed.at.isoformat()}"


def read_chain(bundle: Contents) -> Chain:
    """Read the chain file and check its shape."""
    told = bundle.object_of(CHAIN)
    head, digests, frozen_at = told.get("head"), told.get("digests"), told.get("frozen_at")
    if not isinstance(head, dict) or not isinstance(digests, list) or type(frozen_at) is not int:
        raise BundleBrokenError(CHAIN, "digests, frozen_at or head are missing")
    if not all(_is_digest(one) for one in digests) or not _is_digest(head.get("link")):
        raise BundleBrokenError(CHAIN, "a digest is not 64 hexadecimal digits")
    if head.get("number") != len(digests) or not 0 < frozen_at <= len(digests):
        raise BundleBrokenError(CHAIN, f"it holds {len(digests)} digests, which does not agree with its head and the freeze")
    return Chain(
        school=str(told.get("school")),
        pupil=str(told.get("pupil")),
        frozen_at=frozen_at,
        digests=tuple(bytes.fromhex(one) for one in digests),
        link=bytes.fromhex(head["link"]),
        head=str(head.get("jws")),
    )


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry that is as it was written: its canonical header, its type, and its body, None where that was erased or left out."""

    header: bytes
    type: str
    body: Mapping[str, Json] | None


def check_entries(bundle: Contents, chain: Chain) -> dict[int, Proved]:
    """Give each entry by number, once salt and body match its commitment and its digest is the chain's."""
    proved: dict[int, Proved] = {}
    names = [name for name in sorted(bundle.files) if name.startswith("data/entries/")]
    pupils = _pupils(bundle, names, chain)
    for name in names:
        number = _number_of(name)
        proved[number] = _check_entry(bundle, name, number, chain, pupils)
    if not proved:
        raise BundleBrokenError("data/entries", "there is no entry at all")
    return proved


def check_chain(chain: Chain, keys: Mapping[str, PublicKey]) -> None:
    """The links from the school's first to the head hold, and the service signed that head."""
    from_first = first_link_of(chain)
    for digest in chain.digests:
        from_first = next_link(from_first, digest)
    if from_first != chain.link:
        raise BundleBrokenError(CHAIN, "the links over its digests do not end at the head's link")
    _require_known_key(CHAIN, chain.head, HEAD_TYP, keys, KeyUse.HEADS)
    try:
        head = read_head(chain.head, keys)
    except (TokenRefusedError, ValueError):
        raise BundleBrokenError(CHAIN, "the signature of the head does not hold") from None
    if (str(head.school), head.number, head.link) != (chain.school, len(chain.digests), chain.link):
        raise BundleBrokenError(CHAIN, "the signed head is that of another school or another moment")


def check_record_digest(
    parts: Sequence[Contents], told: Sequence[tuple[str, str | None]], headers: Mapping[int, bytes], chain: Chain
) -> str:
    """Give the record digest, once the chain, every place that tells it and the readable record carry what the entries give."""
    digest = record_digest(headers, chain.link).hex()
    page = next((part.text_of(RECORD_HTML) for part in parts if RECORD_HTML in part.files), "")
    carried = (*told, (CHAIN, str(parts[0].object_of(CHAIN).get("record_digest"))), (RECORD_HTML, digest if digest in page else None))
    for place, there in carried:
        if there != digest:
            raise BundleBrokenError(place, "it does not carry the record digest that the entries give")
    return digest


def check_profile(bundle: Contents, about: Mapping[str, str]) -> str:
    """Give the profile that the bundle was made for, once the file that holds it is the one named."""
    told = bundle.object_of(PROFILE)
    name = f"{told.get('id')}/{told.get('version')}"
    if about.get("Authority-Profile") != name:
        raise BundleBrokenError(PROFILE, "it is not the profile that bag-info.txt names")
    return name


def first_link_of(chain: Chain) -> bytes:
    """The link before the school's first entry, from the id as the chain file spells it."""
    try:
        return first_link(UUID(chain.school))
    except ValueError:
        raise BundleBrokenError(CHAIN, "school is not an id") from None


def _pupils(bundle: Contents, names: Iterable[str], chain: Chain) -> frozenset[str]:
    """The pupil, and whoever's record was joined to the pupil's by an entry that the bundle holds; the entry itself is checked later."""
    joins: list[tuple[object, str]] = []
    for name in names:
        told = bundle.object_of(name)
        header, body = told.get("header"), told.get("body")
        if _is_object(header) and _is_object(body) and header.get("type") == MERGED and body.get("is_kept") is True:
            joins.append((header.get("pupil"), str(body.get("other"))))
    found, more = frozenset[str](), frozenset({chain.pupil})
    while found != more:
        found = more
        more = found | {other for kept, other in joins if kept in found}
    return found


def _check_entry(bundle: Contents, name: str, number: int, chain: Chain, pupils: frozenset[str]) -> Proved:
    told = bundle.object_of(name)
    header = told.get("header")
    if set(told) != {"number", "header", "salt", "body"} or not _is_object(header):
        raise BundleBrokenError(name, "it is not number, header, salt and body")
    raw = _canonical(name, header)
    if header.get("number") != number or told["number"] != number:
        raise BundleBrokenError(name, "its number is not the one of its file name")
    if header.get("pupil") not in pupils or header.get("school") != chain.school:
        raise BundleBrokenError(name, "the entry is about another pupil or another school")
    if number > chain.frozen_at:
        raise BundleBrokenError(name, "the entry is later than the freeze")
    if entry_digest(raw) != chain.digests[number - 1]:
        raise BundleBrokenError(name, f"its header does not have the digest that {CHAIN} holds for number {number}")
    body = _check_commitment(name, header, told["salt"], told["body"])
    return Proved(raw, str(header.get("type")), body)


def _check_commitment(name: str, header: Mapping[str, Json], salt: object, body: object) -> Mapping[str, Json] | None:
    if salt is None and body is None:
        return None
    if not _is_digest(salt) or not _is_object(body):
        raise BundleBrokenError(name, _NOT_HEX if _is_object(body) else "its body is not an object")
    if commitment_to(bytes.fromhex(salt), _canonical(name, body)).hex() != header.get("commitment"):
        raise BundleBrokenError(name, "salt and body do not match the commitment in its header")
    return body


def _number_of(name: str) -> int:
    found = _ENTRY_NAME.fullmatch(name)
    number = int(found[1]) if found else 0
    if number == 0 or name != f"data/entries/{number:06d}.json":
        raise BundleBrokenError(name, "it is not named by an entry's number")
    return number


def _canonical(name: str, value: Mapping[str, Json]) -> bytes:
    try:
        return canonical(value)
    except (rfc8785.CanonicalizationError, RecursionError):
        raise BundleBrokenError(name, "it holds values that have no canonical form") from None


def _require_known_key(place: str, signature: str, typ: str, keys: Mapping[str, PublicKey], use: KeyUse) -> None:
    try:
        kid = read_header(split_compact(signature)[0], typs=(typ,), is_timed=typ == BUNDLE_TYP).kid
    except TokenRefusedError as refused:
        raise BundleBrokenError(place, f"its signature is not readable ({refused.reason})") from None
    if kid not in keys:
        raise BundleBrokenError(place, f"it was signed with the key {kid[:80]!r}, which is not in the key file")
    if keys[kid].signs not in (None, use.value):
        raise BundleBrokenError(place, f"it was signed with the key {kid[:80]!r}, which signs no {use.value}")


def _is_digest(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_object(value: object) -> TypeGuard[dict[str, Json]]:
    return isinstance(value, dict)
