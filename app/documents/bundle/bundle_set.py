"""The list that every part of a bundle carries: what lies in which part, and of which entry each paper is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.db.chain import canonical
from app.documents.bundle.bag_names import FORMAT, SET
from app.documents.bundle.bundle_contents import BundleBrokenError, Contents
from app.documents.bundle.bundle_proof import Proved
from app.keys.strict import read_json_object

MOST_BYTES: Final = 16 << 20
"""So large a list would be of some hundred thousand files."""
GIVING: Final = frozenset({"contribution.given", "paper.redacted"})
"""The types of entry whose bodies name the bytes of papers."""
Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ListedFile(_Told):
    """One file below the folder of its part."""

    name: str
    sha256: Hex
    size: Size


class ListedPart(_Told):
    """One part; `over_cap` where what cannot be divided is larger than was asked for."""

    number: Annotated[int, Field(ge=1)]
    over_cap: bool
    files: list[ListedFile]


class ListedPaper(_Told):
    """One paper: its files, and the entry whose body names its bytes."""

    file: str
    cover: str
    entry: int
    kind: str
    title: str
    given_on: str
    contributor: str
    media_type: str
    sha256: Hex
    size: Size
    pages: int | None
    redacted: bool


class ListedLimit(_Told):
    """One limit on pages, and how many there are; more than it allows is said and refuses nothing."""

    limit: str
    file: str | None
    pages: Size
    most: Size


class ListedOmission(_Told):
    """An entry whose content was left out, and why."""

    number: int
    reason: str


class BundleSet(_Told):
    """A bundle as its list tells it."""

    format: Literal["2"]
    request: str
    record_digest: Hex
    cap: Annotated[int, Field(ge=1)] | None
    parts: Annotated[list[ListedPart], Field(min_length=1)]
    papers: list[ListedPaper]
    limits: list[ListedLimit]
    left_out: list[ListedOmission]


@dataclass(frozen=True, slots=True)
class PartOfSet:
    """An opened part with the list that it carries and its place in it."""

    contents: Contents
    number: int
    listed: BundleSet
    digest: str


def read_part(bundle: Contents, about: Mapping[str, str]) -> PartOfSet:
    """Read the list, and check that the part is as the list has it: its place, its files, its size."""
    if SET in bundle.files and bundle.files[SET].size > MOST_BYTES:
        raise BundleBrokenError(SET, f"it has more than {MOST_BYTES} bytes, which no list of ours has")
    raw = bundle.bytes_of(SET)
    digest = sha256(raw).hexdigest()
    if about.get("Set-Digest") != digest:
        raise BundleBrokenError("bag-info.txt", f"Set-Digest is not the SHA-256 of {SET}")
    listed = _read(raw)
    count = len(listed.parts)
    if [part.number for part in listed.parts] != list(range(1, count + 1)) or count != bundle.count:
        raise BundleBrokenError(SET, f"its parts are not those from 1 to {bundle.count} that the folder names")
    if listed.request != str(bundle.request) or about.get("Bag-Count") != f"{bundle.number} of {count}":
        raise BundleBrokenError(SET, "it is the list of another request, or bag-info.txt counts other parts")
    part = PartOfSet(bundle, bundle.number, listed, digest)
    _check_files(part)
    _check_cap(part)
    return part


def check_whole(parts: Sequence[PartOfSet]) -> None:
    """All parts of one set are there, each once."""
    first = parts[0]
    for part in parts[1:]:
        if part.digest != first.digest:
            raise BundleBrokenError(f"part {part.number}", f"it belongs to another set than part {first.number}")
    there = [part.number for part in parts]
    for number in range(1, len(first.listed.parts) + 1):
        if there.count(number) != 1:
            what = "is missing" if number not in there else "was given twice"
            raise BundleBrokenError(f"part {number} of {len(first.listed.parts)}", f"it {what}")


def check_papers(listed: BundleSet, proved: Mapping[int, Proved]) -> int:
    """Each paper lies beside its cover, and an entry of this child names its bytes; gives how many there are."""
    places = {file.name: (part.number, file) for part in listed.parts for file in part.files}
    for paper in listed.papers:
        number, file = places.get(paper.file, (0, None))
        if file is None or (file.sha256, file.size) != (paper.sha256, paper.size):
            raise BundleBrokenError(paper.file, f"no part holds the paper as {SET} describes it")
        if places.get(paper.cover, (0, None))[0] != number:
            raise BundleBrokenError(paper.cover, "the cover page does not lie beside its paper")
        entry = proved.get(paper.entry)
        if entry is None or entry.type not in GIVING or paper.sha256 not in _named_in(entry.body):
            raise BundleBrokenError(paper.file, f"entry {paper.entry} does not name the bytes of this paper")
    loose = {name for name in places if name.startswith("data/papers/")} - {n for p in listed.papers for n in (p.file, p.cover)}
    for name in sorted(loose):
        raise BundleBrokenError(name, "it is no paper of an entry")
    return len(listed.papers)


def check_omissions(listed: BundleSet, proved: Mapping[int, Proved]) -> None:
    """What was left out is there without its content; the reason stands in the list."""
    for one in listed.left_out:
        if one.number not in proved or proved[one.number].body is not None:
            raise BundleBrokenError(SET, f"entry {one.number} is said to be left out and is not")


def _read(raw: bytes) -> BundleSet:
    try:
        told = read_json_object(raw)
        if canonical(told) != raw:  # type: ignore[arg-type]  # what a JSON parser gives is JSON
            raise BundleBrokenError(SET, "it is not in canonical form")
        return BundleSet.model_validate(told)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise BundleBrokenError(SET, f"it is no list of format {FORMAT}: {place or 'it'} does not fit") from None
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        raise BundleBrokenError(SET, "it is not a JSON object") from None


def _check_files(part: PartOfSet) -> None:
    bundle = part.contents
    listed = {file.name: file for file in part.listed.parts[part.number - 1].files}
    there = {name for name in bundle.files if name.startswith("data/")} - {SET}
    for name in sorted(there ^ listed.keys()):
        raise BundleBrokenError(
            name, f"the file is missing, though {SET} has it in this part" if name in listed else f"{SET} does not list it"
        )
    for name, file in sorted(listed.items()):
        if bundle.files[name].size != file.size or bundle.digest_of(name) != file.sha256:
            raise BundleBrokenError(name, f"it is not the file that {SET} describes")


def _check_cap(part: PartOfSet) -> None:
    cap, listed = part.listed.cap, part.listed.parts[part.number - 1]
    if cap is not None and part.contents.size > cap and not listed.over_cap:
        raise BundleBrokenError(SET, f"part {part.number} has more bytes than the {cap} that it may")


def _named_in(body: object) -> Iterable[object]:
    """The digests that an entry's body names, of papers given or of one blacked out."""
    told = body if isinstance(body, Mapping) else {}
    papers = told.get("papers")
    named = [told.get("redacted"), *(papers if isinstance(papers, list) else [])]
    return {one.get("sha256") for one in named if isinstance(one, Mapping)}
