"""A document as a PDF for screen readers and archives alike (PDF/UA-1, PDF/A-2a): always the same bytes, no clock, no system fonts."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Final, Literal

from typst import Compiler, Fonts, TypstError

from app.documents.drawing.book import Book
from app.documents.drawing.outline import Outline

PDF_RENDERER: Final = f"typst {version('typst')}"
STANDARDS: Final[tuple[Literal["ua-1", "a-2a"], ...]] = ("ua-1", "a-2a")
CLAIMS: Final = ("PDF/UA-1", "PDF/A-2a")
_MISSING_GLYPH: Final = "could not be displayed with font"


@dataclass(frozen=True, slots=True)
class Pdf:
    """The file, and the standards that it claims; none when a character has no glyph in the bundled fonts."""

    content: bytes
    claims: tuple[str, ...]


def render_pdf(outline: Outline | Book, moment: datetime, *, large: bool = False) -> Pdf:
    """Typeset a document or a book, dated `moment`; TypstError for all but a missing glyph. Compute-bound: run it off the event loop."""
    try:
        return Pdf(_compile(outline, moment, STANDARDS, large=large), CLAIMS)
    except TypstError as breach:
        if _MISSING_GLYPH not in breach.message:
            raise
        return Pdf(_compile(outline, moment, (), large=large), ())


def _compile(outline: Outline | Book, moment: datetime, standards: tuple[Literal["ua-1", "a-2a"], ...], *, large: bool) -> bytes:
    # A compiler of its own for each document: two threads never share one, and none keeps a child's words.
    inputs = {"outline": json.dumps(outline.printable()), "large": "yes" if large else "no"}
    compiler = Compiler(_template(), font_paths=_fonts(), sys_inputs=inputs)
    content = compiler.compile(format="pdf", pdf_standards=list(standards), timestamp=int(moment.timestamp()), pdf_tags=True)
    if not isinstance(content, bytes):
        raise TypeError("typst gave no single file")
    return content


@cache
def _template() -> bytes:
    return files("app.documents").joinpath("templates/record.typ").read_bytes()


@cache
def _fonts() -> Fonts:
    return Fonts(include_system_fonts=False, font_paths=[str(files("app.documents").joinpath("fonts"))])
