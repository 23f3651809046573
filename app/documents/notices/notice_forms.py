"""A notice as plain text, as a page or as a page in large print, from the same blocks; a translation takes the form of its original."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import starmap
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

_TEMPLATES: Final = Environment(
    loader=PackageLoader("app.documents"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
)
_BETWEEN_PARAGRAPHS: Final = re.compile(r"\n[^\S\n]*\n\s*")
_BULLET: Final = "- "


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


class Part(StrEnum):
    """What a block is within a notice."""

    TITLE = "title"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEMS = "items"
    BASIS = "basis"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a notice, or a whole list; only a list has more than one text."""

    part: Part
    texts: tuple[str, ...]


def blocks_of(letter: Letter) -> tuple[Block, ...]:
    """Take a letter apart; no block holds an empty line, so that as many paragraphs of text come of it as there are blocks."""
    told = [(Part.TITLE, (letter.title,)), (Part.PARAGRAPH, (letter.greeting,)), *_passages(letter.passages)]
    told += [(Part.PARAGRAPH, (text,)) for text in letter.closing]
    return tuple(_block(part, texts) for part, texts in [*told, (Part.BASIS, (letter.basis,))])


def as_text(blocks: Iterable[Block]) -> str:
    """Plain text: paragraphs with an empty line between them, so that any screen can break them."""
    return "\n\n".join(_plain(block) for block in blocks) + "\n"


def as_page(blocks: Sequence[Block], *, language: str = "en-GB", large: bool = False) -> str:
    """A whole page with one heading of the first level; every text in it is escaped. `large` sets nothing smaller than 18 points."""
    page = _TEMPLATES.get_template("notice_large_print.html" if large else "notice.html")
    return page.render(blocks=blocks, language=language)


def translated(body: str, original: Sequence[Block]) -> tuple[Block, ...]:
    """Give the paragraphs of a translation the places of the original's where there are as many; otherwise the first is the title."""
    paragraphs = [text for text in _BETWEEN_PARAGRAPHS.split(_lines(body)) if text]
    if len(paragraphs) == len(original):
        return tuple(_block(block.part, _texts(text, block.part)) for block, text in zip(original, paragraphs, strict=True))
    found = [(Part.PARAGRAPH if place else Part.TITLE, text) for place, text in enumerate(paragraphs)]
    return tuple(_block(part, _texts(text, part)) for part, text in starmap(_listed, found))


def _listed(part: Part, text: str) -> tuple[Part, str]:
    is_list = all(line.startswith(_BULLET) for line in text.split("\n"))
    return (Part.ITEMS if is_list else part), text


def _texts(text: str, part: Part) -> tuple[str, ...]:
    return tuple(line.removeprefix(_BULLET) for line in text.split("\n")) if part is Part.ITEMS else (text,)


def _passages(passages: Iterable[Passage]) -> Iterator[tuple[Part, tuple[str, ...]]]:
    for passage in passages:
        if passage.heading:
            yield Part.HEADING, (passage.heading,)
        for sentence in passage.sentences:
            yield Part.PARAGRAPH, (sentence,)
        if passage.items:
            yield Part.ITEMS, passage.items


def _block(part: Part, texts: tuple[str, ...]) -> Block:
    if part in (Part.TITLE, Part.HEADING, Part.ITEMS):
        return Block(part, tuple(" ".join(text.split()) for text in texts))
    return Block(part, tuple(_BETWEEN_PARAGRAPHS.sub("\n", _lines(text)) for text in texts))


def _lines(text: str) -> str:
    """End every line as we do, whoever wrote it."""
    return "\n".join(text.strip().splitlines())


def _plain(block: Block) -> str:
    return "\n".join(_BULLET + text for text in block.texts) if block.part is Part.ITEMS else "\n".join(block.texts)
