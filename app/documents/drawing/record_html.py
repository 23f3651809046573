"""A document as one HTML page: landmarks, headings, table headers, its own style, no scripts and nothing fetched."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.documents.drawing.book import Book
from app.documents.drawing.outline import Outline

_TEMPLATES: Final = Environment(
    loader=PackageLoader("app.documents"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
)


def render_html(outline: Outline | Book, *, large: bool = False) -> bytes:
    """Give the page in UTF-8, with a contents list; every text in it is escaped. `large` sets nothing smaller than 18 points."""
    page = _TEMPLATES.get_template("record_large_print.html" if large else "record.html")
    return page.render(outline.printable()).encode()
