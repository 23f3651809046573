"""What a bundle says of its papers: a cover page before each, and at the end of the record the list of all with where each lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.db.chain import Json
from app.documents.bundle.bag_names import cover_file, paper_file
from app.documents.bundle.frozen import FrozenPaper, FrozenRecord
from app.documents.drawing.outline import Items, Outline, Section, Words, facts, table
from app.documents.record.labels import counted, day, label

NO_PAGES: Final = "not counted: a file of this type has none"
_LIMITED: Final = "The profile {} sets limits on pages. What passes a limit is sent all the same."


@dataclass(frozen=True, slots=True)
class Placed:
    """A paper by its place among the papers, from 1, and the names of its file and its cover page in the bag."""

    number: int
    paper: FrozenPaper

    @property
    def file(self) -> str:
        """Where the paper lies."""
        return paper_file(self.number, self.paper.kind, self.paper.media_type)

    @property
    def cover(self) -> str:
        """Where its cover page lies."""
        return cover_file(self.number)

    def told(self) -> dict[str, Json]:
        """The paper as the list of a set has it."""
        one = self.paper
        return {
            "file": self.file,
            "cover": self.cover,
            "entry": one.entry,
            "kind": one.kind.value,
            "title": one.title,
            "given_on": one.given_on.isoformat(),
            "contributor": one.contributor,
            "media_type": one.media_type,
            "sha256": one.sha256.hex(),
            "size": one.size,
            "pages": one.pages,
            "redacted": one.is_redacted,
        }


def placed_of(frozen: FrozenRecord) -> tuple[Placed, ...]:
    """Number the papers of a freeze in their order."""
    return tuple(Placed(number, paper) for number, paper in enumerate(frozen.papers, start=1))


def cover_of(frozen: FrozenRecord, placed: Placed) -> Outline:
    """The page that goes before a paper, as a document by itself."""
    one = placed.paper
    shown = facts(
        what_it_is=label(one.kind),
        contributed_by=one.contributor,
        contributed_on=day(one.given_on),
        title=one.title,
        file=placed.file,
        type=one.media_type,
        pages=NO_PAGES if one.pages is None else str(one.pages),
        size=f"{one.size:,} bytes",
        entry_of_the_record=str(one.entry),
        digest=one.sha256.hex(),
    )
    follows = "The paper follows as it was handed in, in a file of its own."
    blacked_out = "Something in this paper was blacked out by the school; it follows so, in a file of its own."
    about = Section("paper", "The paper", (shown, Words(blacked_out if one.is_redacted else follows)))
    return Outline(
        title=f"Paper {placed.number} of {len(frozen.papers)}: {label(one.kind)}",
        school=frozen.school.name,
        reference=frozen.pupil.reference,
        digest=frozen.digest.hex(),
        unprinted=(frozen.pupil.upn,) if frozen.pupil.upn else (),
        sections=(about,),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCount:
    """How many pages there are of what a profile limits, and the most it allows, inside; `file` is the paper where it is about one."""

    limit: str
    file: str | None
    pages: int
    most: int

    def told(self) -> dict[str, Json]:
        """The limit as the list of a set has it."""
        return {"limit": self.limit, "file": self.file, "pages": self.pages, "most": self.most}


def limits_of(frozen: FrozenRecord, pages_of_record: int) -> tuple[PageCount, ...]:
    """Compare pages with what the profile says of them; a paper without pages counts for none."""
    said = frozen.profile.papers
    placed = placed_of(frozen)
    found = []
    if said.most_record_pages is not None:
        found.append(PageCount(limit="record", file=None, pages=pages_of_record, most=said.most_record_pages))
    if said.most_pages is not None:
        together = sum(one.paper.pages or 0 for one in placed)
        found.append(PageCount(limit="papers", file=None, pages=together, most=said.most_pages))
    for one in placed:
        most = said.most_pages_of(one.paper.kind)
        if most is not None and one.paper.pages is not None:
            found.append(PageCount(limit=one.paper.kind.value, file=one.file, pages=one.paper.pages, most=most))
    return tuple(found)


def papers_document(frozen: FrozenRecord, parts: Mapping[int, int], limits: Sequence[PageCount]) -> Outline:
    """The list of papers, each with the part (`parts`, by the paper's number) and file it lies in, and what is said of pages."""
    rows = [
        (
            str(one.number),
            one.paper.title,
            label(one.paper.kind),
            one.paper.contributor,
            day(one.paper.given_on),
            "-" if one.paper.pages is None else str(one.paper.pages),
            str(parts.get(one.number, 1)),
            one.file.rpartition("/")[2],
        )
        for one in placed_of(frozen)
    ]
    columns = ("Number", "Title", "What it is", "From", "Given on", "Pages", "Part", "File")
    sections = [
        Section(
            "papers",
            "Papers with this record",
            (table("Papers in the order they were given; their files lie in data/papers", columns, rows),),
        )
    ]
    if limits:
        sections.append(Section("pages", "Numbers of pages", (Words(_LIMITED.format(frozen.profile.name)), _limits_told(limits))))
    return Outline(title="Papers", school="", reference="", digest="", sections=tuple(sections))


def _limits_told(limits: Sequence[PageCount]) -> Items:
    lines = []
    for one in limits:
        what = {"record": "This record", "papers": "All papers together"}.get(one.limit) or f"{one.file}"
        verdict = "within the limit" if one.pages <= one.most else "more than the limit"
        lines.append(f"{what}: {counted(one.pages, 'page', 'pages')} of at most {one.most}, {verdict}.")
    return Items(tuple(lines))
