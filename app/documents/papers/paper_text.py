"""The words of a paper, so that it can be searched for names: those that are seen, and those that go along unseen in its margins."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from lxml import etree
from PIL import Image

from app import clock
from app.documents.papers.inspection import MEDIA_TYPES, PaperKind
from app.documents.papers.pdf_weight import is_too_heavy
from app.documents.papers.pdfium import opened

MOST_CHARACTERS: Final = 5_000_000
MOST_PAGES: Final = 2_000
MOST_PART_BYTES: Final = 20 << 20
"""Of a Word document; what is read of it takes some thirty times as much."""
WITHIN_S: Final = 20.0
KIND_OF: Final[Mapping[str, PaperKind]] = MappingProxyType({media_type: kind for kind, media_type in MEDIA_TYPES.items()})
MOST_REVISIONS: Final = 20
"""So many states of a PDF that was saved over itself are read; the earlier ones go along in the file."""
_END_OF_REVISION: Final = re.compile(rb"%%EOF[ \t]*\r?\n?")
IN_STREAMS: Final = ("/V", "/DV", "/RV", "/RC", "/Metadata")
"""What a field or a note says may be a stream, and what a document or a picture says of itself is one."""
_RUNNING: Final = ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://schemas.openxmlformats.org/drawingml/2006/main")
"""In these vocabularies a text runs on over its elements but for those that part it; in all others each element is by itself."""
WRITTEN_IN: Final = ("utf-8", "utf-16-le", "utf-16-be")
"""How properties in a block of bytes may be written."""
PARTING: Final = frozenset({"p", "tab", "br", "cr", "comment", "tc"})
SAYING: Final = frozenset({"descr", "title", "name", "author", "tooltip", "instr", "string", "alt", "displayText", "value", "Target"})
"""Attributes in which a Word document keeps words that somebody wrote."""
SAYING_BY_VALUE: Final = frozenset({"alias", "tag", "listEntry", "default", "statusText", "helpText", "result"})


class TextUnreadableError(Exception):
    """The words of a paper cannot be read in full, or not within the bounds; whoever searches must not say that nothing was found."""


def text_of(
    media_type: str, chunks: Iterable[bytes], *, within_s: float = WITHIN_S, monotonic: Callable[[], float] = clock.monotonic
) -> Iterator[str]:
    """Give the words of a kept paper: of a PDF by page, of a Word document by part, of a text at once; of a picture its captions.

    Words that are broken over lines are given so. It blocks, so run it in a thread. Raises TextUnreadableError, perhaps half-way.
    """
    kind = KIND_OF.get(media_type)
    if kind is None:
        raise TextUnreadableError
    content = b"".join(chunks)
    try:
        yield from _READERS[kind](content, _Bounds(monotonic, within_s))
    except Exception:
        # None of the readers lists all the ways in which it fails on a damaged file.
        raise TextUnreadableError from None


class _Bounds:
    """How much may be read, and for how long, from the first words on."""

    def __init__(self, monotonic: Callable[[], float], within_s: float) -> None:
        self._monotonic = monotonic
        self._within_s = within_s
        self._end: float | None = None
        self._left = MOST_CHARACTERS

    def within(self, words: str) -> str:
        """Give the words back. Raises TextUnreadableError where they are too many or come too late."""
        now = self._monotonic()
        self._end = now + self._within_s if self._end is None else self._end
        self._left -= len(words)
        if self._left < 0 or now > self._end:
            raise TextUnreadableError
        return words


def _of_pdf(content: bytes, bounds: _Bounds) -> Iterator[str]:
    for revision in (content, *_earlier(content)):
        yield from _pages(revision, bounds)
        with pikepdf.open(io.BytesIO(revision)) as document:
            yield from (bounds.within(words) for words in _beside(document))


def _earlier(content: bytes) -> Iterator[bytes]:
    """Give the PDF as it was before it was saved over itself, the newest state first, as far as each still opens as it is."""
    ends = [found.end() for found in _END_OF_REVISION.finditer(content) if found.end() < len(content)]
    if len(ends) > MOST_REVISIONS:
        raise TextUnreadableError
    for end in reversed(ends):
        revision = content[:end]
        try:
            with pikepdf.open(io.BytesIO(revision), attempt_recovery=False) as document:
                if is_too_heavy(document):
                    raise TextUnreadableError
        except pikepdf.PdfError:
            continue
        yield revision


def _pages(content: bytes, bounds: _Bounds) -> list[str]:
    """The words of all pages at once: a caller that takes its time between two of them would keep everybody else from PDFium."""
    with opened(content) as document:
        if len(document) > MOST_PAGES:
            raise TextUnreadableError
        return [bounds.within(_words_on(document, number)) for number in range(len(document))]


def _words_on(document: pypdfium2.PdfDocument, number: int) -> str:
    """What is drawn on a page and on the notes that lie on it, whether within the edges of the page or outside."""
    page = document[number]
    pypdfium2.raw.FPDFPage_Flatten(page, pypdfium2.raw.FLAT_NORMALDISPLAY)
    page.close()
    page = document[number]
    words: str = page.get_textpage().get_text_range()
    page.close()
    return words


def _beside(document: pikepdf.Pdf) -> Iterator[str]:
    """What a PDF says beside its pages: notes, fields, bookmarks, properties, names of layers, and what is read out for pictures."""
    for thing in document.objects:
        within: list[object] = [thing]
        while within:
            inner = within.pop()
            if isinstance(inner, pikepdf.String):
                yield str(inner)
            elif isinstance(inner, pikepdf.Array):
                within.extend(part for part in inner if _lies_within(part))
            elif isinstance(inner, pikepdf.Dictionary | pikepdf.Stream):
                within.extend(part for _, part in inner.items() if _lies_within(part))
                yield from _in_streams(inner)


def _lies_within(part: object) -> bool:
    return isinstance(part, pikepdf.Object) and not part.is_indirect


def _in_streams(thing: pikepdf.Object) -> Iterator[str]:
    for name in IN_STREAMS:
        stream = thing.get(name)
        if isinstance(stream, pikepdf.Stream):
            yield stream.read_bytes().decode("utf-8", errors="replace")


def _of_docx(content: bytes, bounds: _Bounds) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            if part.filename.lower().endswith((".xml", ".rels")):
                yield bounds.within(_words_in(archive, part))


def _words_in(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """The text of one part, headers, notes, comments and deleted words included; a name that runs over several runs is put together."""
    if part.file_size > MOST_PART_BYTES:
        raise TextUnreadableError
    root = etree.fromstring(archive.read(part), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    return "\n".join(("".join(_text_under(root)), *_attributes_under(root)))


def _text_under(root: etree._Element) -> Iterator[str]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            yield from (_between(element), str(element.tail or ""))
        elif isinstance(element.tag, str):
            yield from (_between(element), str(element.text or ""))


def _between(element: etree._Element) -> str:
    """What parts the words of an element from those before and after it."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return "" if name.namespace in _RUNNING and name.localname not in PARTING else "\n"


def _attributes_under(root: etree._Element) -> Iterator[str]:
    """What somebody wrote into attributes, such as what a picture shows; by itself, for a bookmark may stand within a name."""
    for element in root.iter(etree.Element):
        says_by_value = etree.QName(element).localname in SAYING_BY_VALUE
        for name, value in element.items():
            local = etree.QName(name).localname
            if local in SAYING or (says_by_value and local == "val"):
                yield str(value)


def _of_text(content: bytes, bounds: _Bounds) -> Iterator[str]:
    yield bounds.within(content.decode("utf-8-sig"))


def _of_picture(content: bytes, bounds: _Bounds) -> Iterator[str]:
    """What cameras and editors write into the file beside the picture: captions, comments and properties."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
        if picture.format == "PNG":
            picture.load()  # what it says may stand behind its points
        told = [said for name, said in picture.info.items() if name != "icc_profile"]
    for said in told:
        if isinstance(said, bytes):
            yield from (bounds.within(said.decode(form, errors="replace")) for form in WRITTEN_IN)
        elif isinstance(said, str):
            yield bounds.within(said)


_READERS: Final[Mapping[PaperKind, Callable[[bytes, _Bounds], Iterator[str]]]] = MappingProxyType(
    {
        PaperKind.PDF: _of_pdf,
        PaperKind.DOCX: _of_docx,
        PaperKind.TEXT: _of_text,
        PaperKind.JPEG: _of_picture,
        PaperKind.PNG: _of_picture,
    }
)
