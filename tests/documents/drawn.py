"""Every document that our templates draw, in each of its forms, for the checks that hold for all of them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pypdfium2
from lxml import html

from app.documents.drawing.book import Book
from app.documents.drawing.outline import Outline, Section, Words, table
from app.documents.drawing.record_html import render_html
from app.documents.drawing.record_pdf import Pdf, render_pdf
from app.documents.drawing.stacking import stacked
from app.documents.papers.paper_pages import PageCount, cover_of, papers_document, placed_of
from app.documents.people.document import DocumentKind
from app.documents.record.record_book import book_of
from app.documents.record.record_outline import outline_of
from tests.documents.builders import FROZEN_AT, a_freeze
from tests.documents.contributed import frozen_with_papers
from tests.documents.people_builders import MOMENT, NAMES_IN_MANY_SCRIPTS, every_document

REFERENCE = "P-0042"
HYPHEN_AT_LINE_END = "\x02"
"""What PDFium reads where a line is broken after a hyphen."""
BLOCKS = ("h1", "h2", "h3", "h4", "li", "dt", "dd", "th", "td", "caption", "p")


@dataclass(frozen=True)
class Drawn:
    """A document, bound with others or by itself, as a page and as a PDF; `name` is how a test calls it."""

    name: str
    outline: Outline | Book
    moment: datetime
    large: bool = False

    @property
    def page(self) -> bytes:
        return render_html(self._shown, large=self.large)

    @property
    def pdf(self) -> Pdf:
        return render_pdf(self._shown, self.moment, large=self.large)

    @property
    def _shown(self) -> Outline | Book:
        return stacked(self.outline) if self.large else self.outline


def many_names() -> Outline:
    rows = list(NAMES_IN_MANY_SCRIPTS.items())
    blocks = (table("Names", ("Script", "Name"), rows), Words("\U0001f600 \u2714 \u2192 \u263a"))
    sections = (Section("names", "Names in many scripts", blocks),)
    return Outline(title=f"Plan for {NAMES_IN_MANY_SCRIPTS['Bengali']}", school="Invented School", reference=REFERENCE, sections=sections)


def _all() -> Iterator[Drawn]:
    for document in every_document():
        for large in (False, True):
            name = f"{document.kind}-{document.number}{'-large' if large else ''}"
            yield Drawn(name, document.outline, document.moment, large)
    yield Drawn("names", many_names(), MOMENT)
    yield Drawn("names-large", many_names(), MOMENT, large=True)
    record = outline_of(a_freeze())
    yield Drawn("record", record, FROZEN_AT)
    names = Book(title="Names", school="Invented School", reference=REFERENCE, digest="", documents=(many_names(),))
    yield Drawn("book-of-names", names, MOMENT)
    frozen = frozen_with_papers(b"one invented paper", b"another")
    for placed in placed_of(frozen):
        yield Drawn(f"cover-{placed.number}", cover_of(frozen, placed), FROZEN_AT)
    limits = (PageCount(limit="papers", file=None, pages=2, most=40),)
    book = book_of(frozen, papers_document(frozen, {1: 1, 2: 2}, limits))
    yield Drawn("book", book, FROZEN_AT)
    yield Drawn("book-large", book, FROZEN_AT, large=True)


EVERY = {drawn.name: drawn for drawn in _all()}
assert {kind for kind in DocumentKind if not any(name.startswith(kind) for name in EVERY)} == set()


@cache
def pdf_of(name: str) -> Pdf:
    return EVERY[name].pdf


@cache
def page_of(name: str) -> html.HtmlElement:
    return html.document_fromstring(EVERY[name].page)


@cache
def text_of(name: str) -> str:
    """The text of a PDF as PDFium reads it, each page's footer and all white space taken out."""
    document = pypdfium2.PdfDocument(pdf_of(name).content)
    return "".join(_without_footer(page.get_textpage().get_text_bounded()) for page in document)


def _without_footer(text: str) -> str:
    found = re.sub(rf"Pupilreference{REFERENCE}(,recorddigest[0-9a-f]{{64}})?Page\d+of\d+$", "", bare(text))
    assert len(found) < len(bare(text)), "a page has no footer"
    return found


def bare(text: str) -> str:
    """A text without white space, joiners of lines and composed accents, which are layout and not content."""
    return unicodedata.normalize("NFC", re.sub(r"[\s\u200b\u00ad\ufffe\ufe0f]", "", text.replace(HYPHEN_AT_LINE_END, "-")))


def said_by(page: html.HtmlElement) -> list[str]:
    """What a page says, block by block: the head, then the main part; the mark is in the PDF's footers and the contents are links."""
    blocks = [block for part in (*page.iter("header"), *page.iter("main")) for block in part.iter(*BLOCKS)]
    told = [bare(one.text_content()) for one in blocks if one.get("class") != "mark" and one.find(".//p") is None]
    return [text for text in told if text]
