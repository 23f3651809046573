"""A bundle as BagIt 1.0 bags in the one ZIP form: the same freeze and cap give the same bytes, the signature files apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Final

from app.db.chain import Json
from app.documents.bundle.authority_fields import authority_fields
from app.documents.bundle.bag_drawing import draw
from app.documents.bundle.bag_files import File, file_of, json_file, manifest_of
from app.documents.bundle.bag_names import (
    ABOUT,
    AUTHORITY,
    BAG_PROFILE,
    CHAIN,
    DECLARATION,
    FORMAT,
    MANIFEST,
    PROFILE,
    SIGNATURE,
    TAG_MANIFEST,
    entry_file,
    folder_of,
)
from app.documents.bundle.bag_set import set_file
from app.documents.bundle.frozen import FrozenEntry, FrozenRecord
from app.documents.bundle.zip_form import Member, Sink, write
from app.documents.drawing.drawn_from import drawn_from
from app.documents.drawing.record_pdf import PDF_RENDERER
from app.domain.profile import Profile
from app.keys.strict import read_json_object

TEMPLATES: Final = ("record.html", "record_large_print.html", "record.typ")
Sign = Callable[[bytes], str]
"""Gives the detached JWS over a tag manifest."""


class PartTooLargeError(Exception):
    """A part became larger than the list of the set says it may be."""


@cache
def renderer() -> str:
    """What drew the documents: the version of what is said, a digest of the templates and fonts that say how, and the typesetter."""
    return f"graduated-documents 4, templates and fonts {drawn_from(*TEMPLATES)}, {PDF_RENDERER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BagPart:
    """One part, all but written: its number from 1 of so many, its files under `data/`, and whether it is larger than was asked for."""

    number: int
    count: int
    payload: tuple[File, ...]
    is_over_cap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle whose every part can now be written; `pdf_claims` are the standards that each PDF in it meets, papers apart."""

    frozen: FrozenRecord
    cap: int | None
    parts: tuple[BagPart, ...]
    pdf_claims: tuple[str, ...]


def prepare(frozen: FrozenRecord, cap: int | None = None) -> Bundle:
    """Draw the documents, read each paper through once, and share all out in parts of at most `cap` bytes where that can be.

    Slow enough to be run off the event loop. Raises PaperAlteredError.
    """
    drawn = draw(frozen, _first(frozen), cap)
    about = set_file(frozen, drawn.parts, drawn.files, drawn.limits, cap)
    parts = tuple(
        BagPart(
            number=number,
            count=len(drawn.parts),
            payload=(about, *(drawn.files[name] for name in sorted(part.names))),
            is_over_cap=part.is_over_cap,
        )
        for number, part in enumerate(drawn.parts, start=1)
    )
    return Bundle(frozen=frozen, cap=cap, parts=parts, pdf_claims=drawn.claims)


def write_part(bundle: Bundle, part: BagPart, sign: Sign, sink: Sink) -> int:
    """Have the part's tag manifest signed, write it, and give its size in bytes; papers are read anew, in pieces.

    Raises PartTooLargeError, and ZipFormError where a paper changed since it was read through.
    """
    tags = _tags(bundle, part)
    tag_manifest = file_of(TAG_MANIFEST, manifest_of(tags))
    signature = file_of(SIGNATURE, sign(manifest_of(tags)).encode("ascii"))
    folder = folder_of(bundle.frozen.request_id, part.number, part.count)
    size = write(sink, (_in(folder, file) for file in (*part.payload, *tags, tag_manifest, signature)))
    if bundle.cap is not None and size > bundle.cap and not part.is_over_cap:
        raise PartTooLargeError(f"part {part.number} of {part.count}")
    return size


def _in(folder: str, file: File) -> Member:
    one = file.member
    return Member(f"{folder}/{one.name}", one.size, one.chunks, one.checksum)


def _first(frozen: FrozenRecord) -> list[File]:
    return [
        json_file(AUTHORITY, authority_fields(frozen)),
        json_file(CHAIN, _chain(frozen)),
        json_file(PROFILE, _profile(frozen.profile)),
        *(json_file(entry_file(one.number), _entry(one)) for one in frozen.entries),
    ]


def _entry(one: FrozenEntry) -> dict[str, Json]:
    return {
        "number": one.number,
        "header": _json_of(one.header),
        "salt": None if one.salt is None else one.salt.hex(),
        "body": None if one.body is None else _json_of(one.body),
    }


def _json_of(raw: bytes) -> dict[str, Json]:
    return read_json_object(raw)  # type: ignore[return-value]  # what a JSON parser gives is JSON


def _chain(frozen: FrozenRecord) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "school": str(frozen.school.id),
        "pupil": str(frozen.pupil.id),
        "frozen_at": frozen.frozen_at,
        "digests": [digest.hex() for _, digest in sorted(frozen.digests)],
        "head": {"number": frozen.head.number, "link": frozen.head.link.hex(), "jws": frozen.head.jws},
        "record_digest": frozen.digest.hex(),
    }


def _profile(profile: Profile) -> dict[str, Json]:
    """The profile whole, under the names that it has here."""
    return {name: _plain(one) for name, one in asdict(profile).items()}


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


def _tags(bundle: Bundle, part: BagPart) -> Sequence[File]:
    frozen, payload = bundle.frozen, part.payload
    about = {
        "BagIt-Profile-Identifier": BAG_PROFILE,
        "Source-Organization": _one_line(frozen.school.name),
        "External-Identifier": str(frozen.request_id),
        "Bag-Group-Identifier": str(frozen.request_id),
        "Bag-Count": f"{part.number} of {part.count}",
        "Bagging-Date": frozen.frozen_moment.date().isoformat(),
        "Payload-Oxum": f"{sum(one.size for one in payload)}.{len(payload)}",
        "Bundle-Format": FORMAT,
        "Authority-Profile": frozen.profile.name,
        "Renderer": renderer(),
        "Record-Digest": frozen.digest.hex(),
        "Set-Digest": payload[0].sha256,
        "Pdf-Standards": ", ".join(bundle.pdf_claims) or "none; tagged, but a character has no glyph in the fonts (the HTML shows it)",
    }
    return [
        file_of("bagit.txt", DECLARATION),
        file_of(ABOUT, "".join(f"{label}: {value}\n" for label, value in about.items()).encode()),
        file_of(MANIFEST, manifest_of(payload)),
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())
