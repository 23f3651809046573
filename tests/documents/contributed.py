"""Freezes with papers that somebody contributed, some of them blacked out or left out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from uuid import UUID

from app.documents.bundle.frozen import FrozenPaper, FrozenRecord
from app.documents.record.contribution_sections import contributor_name
from app.documents.record.record_outline import names_of
from app.domain.entries import (
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    Entry,
    LeftOut,
    PaperNamed,
    PaperRedacted,
)
from app.domain.leaving_out import leave_out, papers_left_in
from app.domain.papers_going_out import PaperGoingOut
from tests.documents.builders import a_freeze
from tests.domain.builders import MOTHER

DAY = date(2026, 2, 20)
PDF = "application/pdf"
BY_MOTHER = Contributor(kind=ContributorKind.CONTACT, person=MOTHER)
Chunks = Callable[[], Iterable[bytes]]


def named(number: int, content: bytes, title: str = "", media_type: str = PDF, pages: int | None = 1) -> PaperNamed:
    """A paper as an entry names it."""
    about = {"media_type": media_type, "title": title or f"Paper {number}", "pages": pages}
    return PaperNamed(id=UUID(int=0xA000 + number), sha256=sha256(content).hexdigest(), size=len(content), **about)  # type: ignore[arg-type]


def given(*papers: PaperNamed, words: str | None = None, kind: ContributionKind = ContributionKind.PARENTS_VIEW) -> ContributionGiven:
    """The mother gives papers, under an id of its own for each set of them."""
    contribution = UUID(int=0xC000 + (papers[0].id.int % 0x1000 if papers else 0))
    return ContributionGiven(occurred_on=DAY, contribution=contribution, kind=kind, contributor=BY_MOTHER, words=words, papers=papers)


def blacked_out(before: PaperNamed, after: PaperNamed) -> PaperRedacted:
    """A paper in the place of another."""
    return PaperRedacted(occurred_on=DAY, paper=before.id, redacted=after, pages=(1,), reason="Another child is named.")


def frozen_with(contents: Iterable[bytes], *entries: Entry, left_out: Sequence[LeftOut] = (), **changes: object) -> FrozenRecord:
    """The story with more entries, whose papers have these contents, frozen but for the content of what is left out."""
    kept = {sha256(content).hexdigest(): content for content in contents}
    whole, gone = a_freeze(*entries, **changes), {one.number for one in left_out}
    return replace(
        whole,
        record=leave_out(whole.record, gone),
        entries=tuple(replace(one, salt=None, body=None) if one.number in gone else one for one in whole.entries),
        papers=tuple(_paper(going, whole, kept) for going in papers_left_in(whole.record, gone)),
        left_out=tuple(left_out),
    )


def _paper(going: PaperGoingOut, whole: FrozenRecord, kept: dict[str, bytes]) -> FrozenPaper:
    content = kept[going.paper.sha256]
    return FrozenPaper(
        id=going.paper.id,
        entry=going.entry,
        kind=going.kind,
        contributor=contributor_name(going.contributor, whole.record, names_of(whole)),
        title=going.paper.title,
        given_on=going.given_on,
        media_type=going.paper.media_type,
        sha256=sha256(content).digest(),
        size=len(content),
        pages=going.paper.pages,
        is_redacted=going.is_redacted,
        chunks=lambda: (content,),
    )


def frozen_with_papers(*contents: bytes, **changes: object) -> FrozenRecord:
    """The story with one contribution for each content."""
    return frozen_with(contents, *(given(named(number, content)) for number, content in enumerate(contents, start=1)), **changes)  # type: ignore[arg-type]
