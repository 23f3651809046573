"""A document as plain text: no line longer than 78 characters, tables taken apart row by row, nothing left out."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, Final

from app.documents.drawing.book import Book
from app.documents.drawing.outline import Outline
from app.documents.drawing.stacking import stacked

LONGEST_LINE: Final = 78
_INDENT: Final = "  "


def render_text(document: Outline | Book) -> bytes:
    """Give the text in UTF-8, lines ended by line feeds; headings are underlined."""
    shown: Mapping[str, Any] = stacked(document).printable()
    return ("\n".join(_lines(shown)).rstrip("\n") + "\n").encode()


def _lines(shown: Mapping[str, Any]) -> Iterator[str]:
    yield from _heading(shown["title"], "=")
    yield from _paragraph(shown["school"])
    yield from _paragraph(f"Pupil reference {shown['reference']}")
    if shown["digest"]:
        yield from _paragraph(f"Record digest {shown['digest']}")
    for bound in shown.get("documents", ()):
        yield from _heading(bound["title"], "=")
        yield from _sections(bound)
    yield from _sections(shown)


def _sections(shown: Mapping[str, Any]) -> Iterator[str]:
    for section in shown["sections"]:
        yield from _heading(section["heading"], "-")
        for block in section["blocks"]:
            yield from _block(block)


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    match block["kind"]:
        case "part":
            yield from _paragraph(block["heading"])
            for inner in block["blocks"]:
                yield from _block(inner)
        case "facts":
            for name, value in block["rows"]:
                yield from _hanging(f"{name}: {value}")
            yield ""
        case "items":
            for text in block["texts"]:
                yield from _hanging(text, bullet="- ")
            yield ""
        case _:
            yield from _paragraph(block["text"])


def _heading(text: str, rule: str) -> Iterator[str]:
    lines = wrap(text, LONGEST_LINE) or [""]
    yield from lines
    yield rule * max(map(len, lines))
    yield ""


def _paragraph(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from wrap(line, LONGEST_LINE)
    yield ""


def _hanging(text: str, bullet: str = "") -> Iterator[str]:
    first, *others = text.split("\n")
    yield from wrap(first, LONGEST_LINE, initial_indent=bullet, subsequent_indent=_INDENT) or [bullet.rstrip()]
    for line in others:
        yield from wrap(line, LONGEST_LINE, initial_indent=_INDENT, subsequent_indent=_INDENT)
