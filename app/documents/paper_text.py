"""The words of a paper, so that it can be searched for names: those that are seen, and those that go along unseen in its margins."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from lxml import etree

from app import clock
from app.documents.inspection import MEDIA_TYPES, PaperKind, things_of
from app.documents.pdfium import opened

MOST_CHARACTERS: Final = 5_000_000
MOST_PAGES: Final = 2_000
MOST_PART_BYTES: Final = 50 << 20
WITHIN_S: Final = 60.0
KIND_OF: Final[Mapping[str, PaperKind]] = MappingProxyType({media_type: kind for kind, media_type in MEDIA_TYPES.items()})
UNSEEN: Final = ("/Contents", "/RC", "/V", "/DV", "/T", "/TU", "/Title", "/Author", "/Subject", "/Subj", "/Keywords", "/Alt", "/ActualText")
"""Where a PDF keeps words beside its pages: notes, fields, bookmarks, properties, and what is read out in place of pictures."""
PARAGRAPH: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p"
APART: Final = frozenset("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}" + name for name in ("tab", "br", "cr", "p"))


class TextUnreadableError(Exception):
    """The words of a paper cannot be read in full, or not within the bounds; whoever searches must not say that nothing was found."""


def text_of(
    media_type: str, chunks: Iterable[bytes], *, within_s: float = WITHIN_S, monotonic: Callable[[], float] = clock.monotonic
) -> Iterator[str]:
    """Give the words of a kept paper: of a PDF by page, of a Word document by part, of a text at once; a picture gives none.

    Words that are broken over lines are given so. It blocks, so run it in a thread. Raises TextUnreadableError, perhaps half-way.
    """
    kind = KIND_OF.get(media_type)
    if kind is None:
        raise TextUnreadableError
    if kind not in _READERS:
        return
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
    yield from _pages(content, bounds)
    with pikepdf.open(io.BytesIO(content)) as document:
        for thing in things_of(document):
            yield from (bounds.within(words) for words in _beside(thing))


def _pages(content: bytes, bounds: _Bounds) -> list[str]:
    """The words of all pages at once: a caller that takes its time between two of them would keep everybody else from PDFium."""
    with opened(content) as document:
        if len(document) > MOST_PAGES:
            raise TextUnreadableError
        return [bounds.within(_words_on(document[number])) for number in range(len(document))]


def _words_on(page: pypdfium2.PdfPage) -> str:
    words: str = page.get_textpage().get_text_bounded()
    page.close()
    return words


def _beside(thing: pikepdf.Object) -> Iterator[str]:
    for name in UNSEEN:
        said = thing.get(name)
        if isinstance(said, pikepdf.String):
            yield str(said)


def _of_docx(content: bytes, bounds: _Bounds) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            if part.filename.lower().endswith(".xml"):
                yield bounds.within(_words_in(archive, part))


def _words_in(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """The text of one part, headers, notes, comments and deleted words included; a name that runs over several runs is put together."""
    if part.file_size > MOST_PART_BYTES:
        raise TextUnreadableError
    root = etree.fromstring(archive.read(part), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    return "".join(_text_under(root))


def _text_under(root: etree._Element) -> Iterator[str]:
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            if element.tag in APART:
                yield "\n" if element.tag == PARAGRAPH else " "
            if isinstance(element.tag, str) and element.text:
                yield element.text
        elif element.tail:
            yield element.tail


def _of_text(content: bytes, bounds: _Bounds) -> Iterator[str]:
    yield bounds.within(content.decode("utf-8-sig"))


_READERS: Final[Mapping[PaperKind, Callable[[bytes, _Bounds], Iterator[str]]]] = MappingProxyType(
    {PaperKind.PDF: _of_pdf, PaperKind.DOCX: _of_docx, PaperKind.TEXT: _of_text}
)
