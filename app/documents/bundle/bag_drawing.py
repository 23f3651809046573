"""Draws the documents of a bundle until what they say of parts and pages is so, since the record tells in which part each paper lies."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import pikepdf

from app.documents.bundle.bag_files import File, file_of, file_of_paper
from app.documents.bundle.bag_names import RECORD_HTML, RECORD_LARGE_PRINT, RECORD_PDF, RECORD_TEXT
from app.documents.bundle.bag_set import Lot, PartPlan, beside, share_out
from app.documents.bundle.frozen import FrozenRecord
from app.documents.drawing.record_html import render_html
from app.documents.drawing.record_pdf import Pdf, render_pdf
from app.documents.drawing.record_text import render_text
from app.documents.drawing.stacking import stacked
from app.documents.papers.paper_pages import PageCount, Placed, cover_of, limits_of, papers_document, placed_of
from app.documents.record.record_book import book_of

_STEP: Final = 16 << 10
"""Room for the record is kept in steps of so many bytes, so that another number in it does not move a file."""
_MOST_DRAWINGS: Final = 8
_COVERS_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """The parts with their files, the limits on pages, and the PDF standards that every PDF we drew meets."""

    files: Mapping[str, File]
    parts: tuple[PartPlan, ...]
    limits: tuple[PageCount, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the record says of where papers lie, and how many pages it has."""

    parts: tuple[PartPlan, ...]
    pages: int


def draw(frozen: FrozenRecord, first: Sequence[File], cap: int | None) -> Drawn:
    """Draw record and cover pages and share everything out; `first` are the files that part 1 always holds."""
    papers = _covers(frozen)
    bound = [(file_of(one.cover, cover.content), file_of_paper(one.file, one.paper)) for cover, one in papers]
    lots = [Lot(tuple((file.name, file.size) for file in pair)) for pair in bound]
    layout, room = _Layout((), 0), dict.fromkeys((RECORD_PDF, RECORD_HTML, RECORD_LARGE_PRINT, RECORD_TEXT), 0)
    for _ in range(_MOST_DRAWINGS):
        limits = limits_of(frozen, layout.pages)
        pdf, files = _record(frozen, layout, limits)
        room = {file.name: max(room[file.name], -(-file.size // _STEP) * _STEP) for file in files}
        all_lots = [Lot(tuple((file.name, file.size) for file in first)), *(Lot(((name, size),)) for name, size in room.items()), *lots]
        settled = _Layout(share_out(all_lots, cap, beside(frozen, all_lots, limits, cap)), max(layout.pages, _pages(pdf)))
        if _says_the_same(frozen, layout, settled):
            break
        layout = settled
    together = [*first, *files, *(file for pair in bound for file in pair)]
    claims = pdf.claims if all(cover.claims for cover, _ in papers) else ()
    return Drawn({file.name: file for file in together}, settled.parts, limits_of(frozen, settled.pages), claims)


def _says_the_same(frozen: FrozenRecord, before: _Layout, after: _Layout) -> bool:
    limits = limits_of(frozen, before.pages) == limits_of(frozen, after.pages)
    return limits and _places(frozen, before.parts) == _places(frozen, after.parts)


def _places(frozen: FrozenRecord, parts: Sequence[PartPlan]) -> Mapping[int, int]:
    """In which part each paper lies; in the first while nothing is shared out."""
    lies_in = {name: number for number, part in enumerate(parts, start=1) for name in part.names}
    return {one.number: lies_in.get(one.file, 1) for one in placed_of(frozen)}


def _record(frozen: FrozenRecord, layout: _Layout, limits: Sequence[PageCount]) -> tuple[Pdf, tuple[File, ...]]:
    book = book_of(frozen, papers_document(frozen, _places(frozen, layout.parts), limits))
    pdf = render_pdf(book, frozen.frozen_moment)
    return pdf, (
        file_of(RECORD_PDF, pdf.content),
        file_of(RECORD_HTML, render_html(book)),
        file_of(RECORD_LARGE_PRINT, render_html(stacked(book), large=True)),
        file_of(RECORD_TEXT, render_text(book)),
    )


def _covers(frozen: FrozenRecord) -> list[tuple[Pdf, Placed]]:
    """Draw the cover pages, several at once: the typesetter lets other threads run."""
    placed = placed_of(frozen)
    with ThreadPoolExecutor(_COVERS_AT_ONCE) as pool:
        drawn = pool.map(lambda one: render_pdf(cover_of(frozen, one), frozen.frozen_moment), placed)
        return list(zip(drawn, placed, strict=True))


def _pages(pdf: Pdf) -> int:
    with pikepdf.open(BytesIO(pdf.content)) as opened:
        return len(opened.pages)
