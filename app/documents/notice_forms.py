"""A notice as plain text or as HTML, from the same paragraphs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

_TEMPLATES: Final = Environment(
    loader=PackageLoader("app.documents"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading with sentences and then a list; any of the three may be empty."""

    heading: str = ""
    sentences: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notice before it has a form; `basis` is the footnote with the law behind it."""

    title: str
    greeting: str
    passages: tuple[Passage, ...]
    closing: tuple[str, ...]
    basis: str


def as_text(letter: Letter) -> str:
    """Plain text: paragraphs with an empty line between them, one line each, so that any screen can break them."""
    return "\n\n".join([letter.title, letter.greeting, *_paragraphs(letter.passages), *letter.closing, letter.basis]) + "\n"


def as_html(letter: Letter) -> str:
    """A whole page in English with one heading of the first level; every text in it is escaped."""
    return _TEMPLATES.get_template("notice.html").render(letter=letter)


def _paragraphs(passages: Iterable[Passage]) -> Iterable[str]:
    for passage in passages:
        if passage.heading:
            yield passage.heading
        yield from passage.sentences
        if passage.items:
            yield "\n".join(f"- {_one_line(item)}" for item in passage.items)


def _one_line(text: str) -> str:
    return " ".join(text.split())
