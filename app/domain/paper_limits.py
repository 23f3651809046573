"""Papers that were given and are not what a profile takes: by type, size or pages; who can bring them anew is told, and nothing barred."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.contributed import mender_of
from app.domain.papers_going_out import PaperGoingOut, papers_going_out
from app.domain.profile import PAPER_TYPES, Mender, Papers, Profile
from app.domain.record import Record


class PaperLimit(StrEnum):
    """What of a paper is bounded."""

    TYPE = "type"
    SIZE = "size"
    PAGES = "pages"
    PAGES_TOGETHER = "pages_together"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOverLimit:
    """A limit that a paper breaks: what is taken at most and what was found, in bytes or pages, or the end of a name.

    Where it is the pages of all papers together, no one paper and no entry is named.
    """

    limit: PaperLimit
    taken: str
    found: str
    mender: Mender
    mend_by: date
    paper: UUID | None = None
    entry: int | None = None
    title: str | None = None


ENDS: Final = {media_type: end for end, media_type in PAPER_TYPES.items()}


def papers_over_limits(record: Record, profile: Profile, on: date, *, wanted_by: date) -> tuple[PaperOverLimit, ...]:
    """List what the papers that would go out on a day break, paper by paper, and at last what they break together."""
    going = papers_going_out(record.as_at(on))
    each = (one for paper in going for one in _of_one(paper, profile.papers, wanted_by))
    return (*each, *_together(going, profile.papers, wanted_by))


def end_of(media_type: str) -> str | None:
    """The usual end of the name of a paper of this media type, parameters aside; None for one that no profile can name."""
    return ENDS.get(media_type.partition(";")[0].strip().lower())


def _of_one(going: PaperGoingOut, papers: Papers, wanted_by: date) -> Iterator[PaperOverLimit]:
    for limit, taken, found in _breaks(going, papers):
        yield PaperOverLimit(
            limit=limit,
            taken=taken,
            found=found,
            mender=mender_of(going.kind, going.contributor),
            mend_by=wanted_by,
            paper=going.paper.id,
            entry=going.entry,
            title=going.paper.title,
        )


def _breaks(going: PaperGoingOut, papers: Papers) -> Iterator[tuple[PaperLimit, str, str]]:
    paper, end, pages = going.paper, end_of(going.paper.media_type), papers.most_pages_of(going.kind)
    if end not in papers.types:
        yield PaperLimit.TYPE, ", ".join(papers.types), end or paper.media_type
    if papers.largest_file is not None and paper.size > papers.largest_file:
        yield PaperLimit.SIZE, str(papers.largest_file), str(paper.size)
    if pages is not None and paper.pages is not None and paper.pages > pages:
        yield PaperLimit.PAGES, str(pages), str(paper.pages)


def _together(going: tuple[PaperGoingOut, ...], papers: Papers, wanted_by: date) -> Iterator[PaperOverLimit]:
    """Pages that nobody can count, as of a text, are none."""
    pages = sum(one.paper.pages or 0 for one in going)
    if papers.most_pages is not None and pages > papers.most_pages:
        taken, found = str(papers.most_pages), str(pages)
        yield PaperOverLimit(limit=PaperLimit.PAGES_TOGETHER, taken=taken, found=found, mender=Mender.SENCO, mend_by=wanted_by)
