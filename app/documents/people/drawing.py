"""A document for people in each of its forms, all drawn from the one outline."""

from enum import StrEnum
from typing import Final

from app.documents.drawing.drawn_from import drawn_from
from app.documents.drawing.record_html import render_html
from app.documents.drawing.record_pdf import PDF_RENDERER, render_pdf
from app.documents.drawing.record_text import render_text
from app.documents.drawing.stacking import stacked
from app.documents.people.document import Document

_TEMPLATES: Final = ("record.html", "record_large_print.html", "record.typ")
_WORDING: Final = 1
"""Goes up with every change of what documents for people say or how text is laid out."""


class Appearance(StrEnum):
    """The forms of a document."""

    HTML = "html"
    PDF = "pdf"
    TEXT = "text"
    LARGE_PRINT = "large-print"
    LARGE_PRINT_PDF = "large-print-pdf"


def drawn(document: Document, appearance: Appearance) -> bytes:
    """Give the bytes of a document in one form, the same for the same document; compute-bound, so run it off the event loop."""
    match appearance:
        case Appearance.HTML:
            return render_html(document.outline)
        case Appearance.LARGE_PRINT:
            return render_html(stacked(document.outline), large=True)
        case Appearance.PDF:
            return render_pdf(document.outline, document.moment).content
        case Appearance.LARGE_PRINT_PDF:
            return render_pdf(stacked(document.outline), document.moment, large=True).content
        case Appearance.TEXT:
            return render_text(document.outline)


def people_renderer() -> str:
    """What draws documents for people: the version of what is said, a digest of templates and fonts, and the typesetter."""
    return f"people {_WORDING}, {drawn_from(*_TEMPLATES)}, {PDF_RENDERER}"
