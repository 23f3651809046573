"""A bundle as a BagIt 1.0 bag in the one ZIP form: the same freeze gives the same bytes, the signature file apart."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from app.db.chain import Json, canonical
from app.documents.authority_fields import authority_fields
from app.documents.bag_names import (
    DECLARATION,
    FORMAT,
    MANIFEST,
    PROFILE,
    PROFILE_VERSION,
    SIGNATURE,
    TAG_MANIFEST,
    entry_file,
    folder_of,
)
from app.documents.frozen import FrozenEntry, FrozenRecord
from app.documents.outline import Outline
from app.documents.record_html import render_html
from app.documents.record_outline import outline_of
from app.documents.record_pdf import PDF_RENDERER, Pdf, render_pdf
from app.documents.zip_form import Member, Sink, member_of, write
from app.keys.strict import read_json_object

TEMPLATES: Final = ("record.html", "record.typ")


@cache
def renderer() -> str:
    """What drew the documents: the version of what is said, a digest of the templates that say how, and the typesetter."""
    drawn = sha256(b"".join(files("app.documents").joinpath("templates", name).read_bytes() for name in TEMPLATES))
    return f"graduated-documents 3, templates {drawn.hexdigest()[:12]}, {PDF_RENDERER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What was written: the SHA-256 of the ZIP's bytes, their number, and the PDF standards that its record meets."""

    digest: bytes
    size: int
    record_digest: bytes
    pdf_claims: tuple[str, ...]


def write_bundle(frozen: FrozenRecord, sign: Callable[[bytes], str], sink: Sink) -> Bundle:
    """Render, hash, have the tag manifest signed once, and write; slow enough to be run off the event loop."""
    outline = outline_of(frozen)
    pdf = render_pdf(outline, frozen.frozen_moment)
    payload = _payload(frozen, outline, pdf)
    tags = _tags(frozen, payload, pdf)
    tag_manifest = _manifest(tags)
    members = [*payload, *tags, member_of(TAG_MANIFEST, tag_manifest), member_of(SIGNATURE, sign(tag_manifest).encode("ascii"))]
    hashing = _Hashing(sink)
    folder = folder_of(frozen.request_id)
    size = write(hashing, (Member(f"{folder}/{one.name}", one.size, one.chunks) for one in members))
    return Bundle(digest=hashing.digest.digest(), size=size, record_digest=frozen.digest, pdf_claims=pdf.claims)


class _Hashing:
    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.digest = sha256()

    def write(self, chunk: bytes, /) -> None:
        self.digest.update(chunk)
        self.sink.write(chunk)


def _payload(frozen: FrozenRecord, outline: Outline, pdf: Pdf) -> list[Member]:
    return [
        member_of("data/authority.json", canonical(authority_fields(frozen))),
        member_of("data/chain.json", canonical(_chain(frozen))),
        *(member_of(entry_file(one.number), canonical(_entry(one))) for one in frozen.entries),
        member_of("data/record.html", render_html(outline)),
        member_of("data/record.pdf", pdf.content),
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


def _tags(frozen: FrozenRecord, payload: Sequence[Member], pdf: Pdf) -> list[Member]:
    about = {
        "Source-Organization": _one_line(frozen.school.name),
        "External-Identifier": str(frozen.request_id),
        "Bagging-Date": frozen.frozen_moment.date().isoformat(),
        "Payload-Oxum": f"{sum(one.size for one in payload)}.{len(payload)}",
        "Bundle-Format": FORMAT,
        "Bundle-Profile": PROFILE,
        "Bundle-Profile-Version": PROFILE_VERSION,
        "Renderer": renderer(),
        "Record-Digest": frozen.digest.hex(),
        "Pdf-Standards": ", ".join(pdf.claims) or "none; tagged, but a character has no glyph in the fonts (the HTML shows it)",
    }
    return [
        member_of("bagit.txt", DECLARATION),
        member_of("bag-info.txt", "".join(f"{label}: {value}\n" for label, value in about.items()).encode()),
        member_of(MANIFEST, _manifest(payload)),
    ]


def _manifest(members: Iterable[Member]) -> bytes:
    return "".join(f"{_sha256(one)}  {one.name}\n" for one in sorted(members, key=lambda one: one.name)).encode()


def _sha256(member: Member) -> str:
    digest = sha256()
    for chunk in member.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _one_line(text: str) -> str:
    return " ".join(text.split())
