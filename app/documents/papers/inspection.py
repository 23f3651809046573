"""Looks into a paper that somebody hands in, before it is kept: what it is by its own bytes, and whether it could harm who opens it.

Nothing is believed of what the sender says it is. What is refused is named with its reason, and nothing of its content is repeated.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import pikepdf
from PIL import Image

from app.documents.papers.docx_reach import is_active
from app.documents.papers.pdf_weight import MOST_PIXELS, is_too_heavy


class PaperKind(StrEnum):
    """What a paper may be; the value is the usual end of its name."""

    PDF = "pdf"
    DOCX = "docx"
    JPEG = "jpg"
    PNG = "png"
    TEXT = "txt"


MEDIA_TYPES: Final[Mapping[PaperKind, str]] = MappingProxyType(
    {
        PaperKind.PDF: "application/pdf",
        PaperKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        PaperKind.JPEG: "image/jpeg",
        PaperKind.PNG: "image/png",
        PaperKind.TEXT: "text/plain; charset=utf-8",
    }
)


class PaperFault(StrEnum):
    """Why a paper is not kept; stable, for machines."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    TYPE_NOT_TAKEN = "type_not_taken"
    LIES = "not_what_it_says"
    ENCRYPTED = "encrypted"
    ACTIVE = "active_content"
    BOMB = "archive_bomb"
    DAMAGED = "damaged"


SENTENCES: Final[Mapping[PaperFault, str]] = MappingProxyType(
    {
        PaperFault.EMPTY: "The file is empty.",
        PaperFault.TOO_LARGE: "The file is larger than may be handed in.",
        PaperFault.UNKNOWN_TYPE: "The file is none of PDF, Word (docx), JPEG, PNG or plain text in UTF-8.",
        PaperFault.TYPE_NOT_TAKEN: "Files of this type are not taken here.",
        PaperFault.LIES: "The file is not of the type it was said to be.",
        PaperFault.ENCRYPTED: "The file is encrypted or needs a password; save it without.",
        PaperFault.ACTIVE: "The file holds scripts, macros, embedded files or actions; save it without, or print it to a PDF.",
        PaperFault.BOMB: "The file unpacks to far more than it holds.",
        PaperFault.DAMAGED: "The file cannot be read to its end; save it anew.",
    }
)


class PaperRefusedError(Exception):
    """A paper that is not kept, and why."""

    def __init__(self, fault: PaperFault) -> None:
        super().__init__(SENTENCES[fault])
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a paper turned out to be; `pages` where it has any, each image being one."""

    kind: PaperKind
    pages: int | None


MOST_PARTS: Final = 2_000
MOST_UNPACKED: Final = 200 << 20
MOST_MARKUP: Final = 50 << 20
"""So many bytes of XML a document unpacks to at most, whose parts are read one by one."""
MOST_TIMES: Final = 200
"""A part of an archive that unpacks to more than so many times its size is no document."""
SMALL: Final = 1 << 20
MOST_FRAMES: Final = 1
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of the old Office begin, and those of the new one that are encrypted."""
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
ACTIVE_KINDS: Final = ("/FileAttachment", "/RichMedia", "/3D", "/Movie", "/Sound", "/Screen")
ACTIVE_MEMBERS: Final = ("/JS", "/AA", "/EF")
ACTIVE_ACTIONS: Final = (
    *("/JavaScript", "/Launch", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData"),
    *("/Rendition", "/RichMediaExecute", "/GoTo3DView", "/Thread", "/SetOCGState"),
)
ACTIVE_IN_NAMES: Final = ("/JavaScript", "/EmbeddedFiles")
ELSEWHERE: Final = ("/F", "/Ref")
"""With one of these a stream has its content from another file."""
HARMLESS_ACTIONS: Final = frozenset({"/GoTo", "/URI", "/Named"})
"""To jump within the paper, or to open an address once a person clicks on it and is asked."""


def kind_of(content: bytes) -> PaperKind:
    """Tell what a paper is by its bytes. Raises PaperRefusedError."""
    if not content:
        raise PaperRefusedError(PaperFault.EMPTY)
    if content.startswith(OLD_OFFICE):
        raise PaperRefusedError(PaperFault.ENCRYPTED)
    for start, kind in ((b"%PDF-", PaperKind.PDF), (b"\xff\xd8\xff", PaperKind.JPEG), (b"\x89PNG\r\n\x1a\n", PaperKind.PNG)):
        if content.startswith(start):
            return kind
    if content.startswith(b"PK\x03\x04"):
        return PaperKind.DOCX
    if _is_text(content):
        return PaperKind.TEXT
    raise PaperRefusedError(PaperFault.UNKNOWN_TYPE)


def inspect(content: bytes, *, said: str | None, taken: frozenset[PaperKind], largest: int) -> Paper:
    """Look into a paper of at most `largest` bytes, said to be of a media type or None. Raises PaperRefusedError.

    It reads the whole paper and takes its time: run it in a thread.
    """
    if len(content) > largest:
        raise PaperRefusedError(PaperFault.TOO_LARGE)
    kind = kind_of(content)
    if said is not None and said.partition(";")[0].strip().lower() != MEDIA_TYPES[kind].partition(";")[0]:
        raise PaperRefusedError(PaperFault.LIES)
    if kind not in taken:
        raise PaperRefusedError(PaperFault.TYPE_NOT_TAKEN)
    if kind is not PaperKind.DOCX and _is_an_archive_too(content):
        raise PaperRefusedError(PaperFault.LIES)
    return Paper(kind=kind, pages=_INSPECTED[kind](content))


def _is_an_archive_too(content: bytes) -> bool:
    """Whether a paper of another kind opens as an archive, whose list stands at the end and not at the beginning."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.infolist())
    except Exception:
        return False


def _is_text(content: bytes) -> bool:
    """Whether it reads as UTF-8 without control characters but for tabs and the ends of lines and pages."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return CONTROLS.search(text) is None


def _inspect_pdf(content: bytes) -> int:
    try:
        with _readable(), pikepdf.open(io.BytesIO(content)) as document:
            if document.is_encrypted:
                raise PaperRefusedError(PaperFault.ENCRYPTED)
            if not len(document.pages):
                raise PaperRefusedError(PaperFault.DAMAGED)
            if is_too_heavy(document):
                raise PaperRefusedError(PaperFault.BOMB)
            if any(_is_active(thing) for thing in things_of(document)) or _acts_by_itself(document):
                raise PaperRefusedError(PaperFault.ACTIVE)
            return len(document.pages)
    except pikepdf.PasswordError:
        raise PaperRefusedError(PaperFault.ENCRYPTED) from None


def _acts_by_itself(document: pikepdf.Pdf) -> bool:
    """Whether something happens on opening it, or it carries scripts, other files or a form that is a program (XFA)."""
    root = document.Root
    names, form = root.get("/Names"), root.get("/AcroForm")
    opens = root.get("/OpenAction")
    return (
        "/AA" in root
        or (isinstance(opens, pikepdf.Dictionary) and opens.get("/S", "/GoTo") != "/GoTo")
        or (isinstance(names, pikepdf.Dictionary) and any(name in names for name in ACTIVE_IN_NAMES))
        or (isinstance(form, pikepdf.Dictionary) and "/XFA" in form)
    )


def things_of(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Give every dictionary in a PDF, the streams' own and those within others, each once."""
    for thing in document.objects:
        within: list[object] = [thing]
        while within:
            inner = within.pop()
            if isinstance(inner, pikepdf.Array):
                within.extend(part for part in inner if isinstance(part, _HOLDERS) and not part.is_indirect)
            elif isinstance(inner, pikepdf.Dictionary | pikepdf.Stream):
                yield inner
                within.extend(part for _, part in inner.items() if isinstance(part, _HOLDERS) and not part.is_indirect)


_HOLDERS: Final = (pikepdf.Array, pikepdf.Dictionary)


def _is_active(thing: pikepdf.Object) -> bool:
    """Whether a thing within a PDF is an action that does more than jump, a script, another file, sound, film or a model.

    Readers take an action for one wherever they meet it, whether or not it says so itself.
    """
    if any(name in thing for name in ACTIVE_MEMBERS) or thing.get("/Type") == "/EmbeddedFile" or thing.get("/Subtype") in ACTIVE_KINDS:
        return True
    if thing.get("/S") in ACTIVE_ACTIONS or (isinstance(thing, pikepdf.Stream) and any(name in thing for name in ELSEWHERE)):
        return True
    actions = [thing] if thing.get("/Type") == "/Action" else []
    attached = thing.get("/A")
    if isinstance(attached, pikepdf.Dictionary):
        actions.append(attached)
    return any(not _is_harmless(action) for action in actions)


def _is_harmless(action: pikepdf.Object) -> bool:
    return str(action.get("/S", "/GoTo")) in HARMLESS_ACTIONS and "/JS" not in action


def _inspect_docx(content: bytes) -> None:
    with _readable(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        _require_no_bomb(parts)
        if any(part.flag_bits & 1 for part in parts):
            raise PaperRefusedError(PaperFault.ENCRYPTED)
        names = {part.filename.lower() for part in parts}
        if not {"[content_types].xml", "word/document.xml"} <= names:
            raise PaperRefusedError(PaperFault.UNKNOWN_TYPE)
        if is_active(archive):
            raise PaperRefusedError(PaperFault.ACTIVE)
        if archive.testzip() is not None:
            raise PaperRefusedError(PaperFault.DAMAGED)


def _require_no_bomb(parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    swells = any(part.file_size > SMALL and part.file_size > MOST_TIMES * max(1, part.compress_size) for part in parts)
    markup = sum(part.file_size for part in parts if part.filename.lower().endswith((".xml", ".rels")))
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or markup > MOST_MARKUP or swells:
        raise PaperRefusedError(PaperFault.BOMB)


def _inspect_image(content: bytes) -> int:
    with _readable(), _open_image(content) as image:
        width, height = image.size
        if width * height > MOST_PIXELS or getattr(image, "n_frames", 1) > MOST_FRAMES:
            raise PaperRefusedError(PaperFault.BOMB)
        image.load()
    return 1


def _open_image(content: bytes) -> Image.Image:
    """Read the size of a picture and no more."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise PaperRefusedError(PaperFault.BOMB) from None


def _inspect_text(content: bytes) -> None:
    """A text was read already to tell that it is one."""


@contextmanager
def _readable() -> Iterator[None]:
    """Say of a paper that it is damaged where its reader fails in any way: none of them lists all the ways in which they do."""
    try:
        yield
    except (PaperRefusedError, pikepdf.PasswordError):
        raise
    except Exception:
        raise PaperRefusedError(PaperFault.DAMAGED) from None


_INSPECTED: Final[Mapping[PaperKind, Callable[[bytes], int | None]]] = MappingProxyType(
    {
        PaperKind.PDF: _inspect_pdf,
        PaperKind.DOCX: _inspect_docx,
        PaperKind.JPEG: _inspect_image,
        PaperKind.PNG: _inspect_image,
        PaperKind.TEXT: _inspect_text,
    }
)
