"""A document whose tables are taken apart, each row a list of names and values: what large print and plain text have room for."""

from collections.abc import Iterator
from dataclasses import replace

from app.documents.drawing.book import Book
from app.documents.drawing.outline import Block, Facts, Items, Outline, Part, Table, Words


def stacked(document: Outline | Book) -> Outline | Book:
    """Give the same document, or documents bound together, with every cell beside the heading of its column; nothing is left out."""
    if isinstance(document, Book):
        return replace(document, documents=tuple(_stacked(one) for one in document.documents))
    return _stacked(document)


def _stacked(outline: Outline) -> Outline:
    sections = tuple(replace(one, blocks=tuple(_blocks(one.blocks))) for one in outline.sections)
    return replace(outline, sections=sections)


def _blocks(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Part):
            yield replace(block, blocks=tuple(_inner(block.blocks)))
        else:
            yield from _inner((block,))


def _inner(blocks: tuple[Words | Items | Facts | Table, ...]) -> Iterator[Words | Items | Facts]:
    for block in blocks:
        if isinstance(block, Table):
            yield Words(f"{block.caption}:")
            yield from (Facts(tuple(zip(block.columns, row, strict=True))) for row in block.rows)
        else:
            yield block
