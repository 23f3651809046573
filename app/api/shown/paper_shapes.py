"""Papers as they cross the wire."""

from typing import ClassVar, Self
from uuid import UUID

from pydantic import Field

from app.api.ehc_requests import A_DIGEST
from app.api.manners.steps import StepIn
from app.api.paper_tray import HandedFile
from app.api.shown.contribution_shapes import A_PAPER
from app.api.shown.shapes import In, Line, Moment, Out, Words
from app.casework.papers import PaperFacts
from app.db.papers import HeldPaper
from app.documents.papers.inspection import MEDIA_TYPES, SENTENCES, PaperFault, PaperKind
from app.documents.papers.redaction import MOST_PAGES, Box, Marked
from app.domain.entries import Entry, PaperRedacted

MOST_BOXES = 100
AN_IMAGE = MEDIA_TYPES[PaperKind.PDF]


class KeptPaperOut(Out):
    """A file that is kept. `file` is its place in the form, from 0; `name` is the one that you gave it, which is not kept."""

    file: int = Field(examples=[0])
    id: UUID = Field(examples=[A_PAPER])
    name: str = Field(examples=["view.pdf"])
    title: str = Field(examples=["Parent's view"])
    sha256: str = Field(examples=[A_DIGEST])
    size: int = Field(examples=[48_211])
    media_type: str = Field(examples=[AN_IMAGE])
    pages: int | None = Field(description="null where it has none, as a text.", examples=[2])

    @classmethod
    def of(cls, place: int, handed: HandedFile, paper: HeldPaper) -> Self:
        """Write a paper for whoever handed it in."""
        return cls(
            file=place,
            id=paper.id,
            name=handed.name,
            title=paper.title,
            sha256=paper.file.digest.hex(),
            size=paper.file.size,
            media_type=paper.media_type,
            pages=paper.pages,
        )


class RefusedPaperOut(Out):
    """A file that is not kept, and why."""

    file: int = Field(examples=[1])
    name: str = Field(examples=["locked.pdf"])
    code: PaperFault = Field(examples=["encrypted"])
    detail: str = Field(examples=[SENTENCES[PaperFault.ENCRYPTED]])

    @classmethod
    def of(cls, place: int, handed: HandedFile, fault: PaperFault) -> Self:
        """Write a refusal for whoever handed the file in."""
        return cls(file=place, name=handed.name, code=fault, detail=SENTENCES[fault])


class HandedInOut(Out):
    """What became of each file."""

    kept: list[KeptPaperOut]
    refused: list[RefusedPaperOut]


class RedactedByOut(Out):
    """What stands in the place of a paper that was blacked out."""

    entry: int = Field(description="The ledger number of the entry that says so.", examples=[214])
    paper: UUID = Field(examples=[A_PAPER])


class PaperOut(Out):
    """A paper. One that no entry names goes at `goes_at`, by the world's clock."""

    id: UUID = Field(examples=[A_PAPER])
    title: str = Field(examples=["Parent's view"])
    sha256: str = Field(examples=[A_DIGEST])
    size: int = Field(examples=[48_211])
    media_type: str = Field(examples=[AN_IMAGE])
    pages: int | None = Field(description="null where it has none, as a text.", examples=[2])
    handed_in_at: Moment
    named_by: list[int] = Field(description="The ledger numbers of the entries that name it.", examples=[[213]])
    redacts: UUID | None = Field(description="The paper in whose place this one goes out, blacked out in part.", examples=[None])
    redacted_by: RedactedByOut | None = Field(description="null where it was not blacked out.", examples=[None])
    goes_at: Moment | None = None

    @classmethod
    def of(cls, facts: PaperFacts) -> Self:
        """Write a paper for the wire."""
        paper, redacted = facts.paper, facts.redacted_by
        return cls(
            id=paper.id,
            title=paper.title,
            sha256=paper.file.digest.hex(),
            size=paper.file.size,
            media_type=paper.media_type,
            pages=paper.pages,
            handed_in_at=paper.handed_in_at,
            named_by=list(facts.named_by),
            redacts=paper.redacts,
            redacted_by=None if redacted is None else RedactedByOut(entry=redacted[0], paper=redacted[1]),
            goes_at=facts.goes_at,
        )


class BoxIn(In):
    """A place on a page as it is seen, in fractions of the page, from its upper left corner; what reaches beyond the page is cut off."""

    x: float = Field(ge=0, lt=1, examples=[0.1])
    y: float = Field(ge=0, lt=1, examples=[0.25])
    width: float = Field(gt=0, le=1, examples=[0.4])
    height: float = Field(gt=0, le=1, examples=[0.05])

    def box(self) -> Box:
        """Give the place."""
        return Box(x=self.x, y=self.y, width=self.width, height=self.height)


class MarkedPageIn(In):
    """A page with the places on it that are to be black."""

    page: int = Field(ge=1, le=1_000_000, description="Counted from 1.", examples=[1])
    boxes: list[BoxIn] = Field(min_length=1, max_length=MOST_BOXES)


class RedactionIn(StepIn):
    """Places on a paper are to be blacked out, for good; the paper that comes of it goes out in its place."""

    kind: ClassVar[type[Entry]] = PaperRedacted

    pages: list[MarkedPageIn] = Field(min_length=1, max_length=MOST_PAGES)
    reason: Words = Field(examples=["It names another child."])
    title: Line | None = Field(default=None, description="Of the paper that comes of it; else that of the first.", examples=[None])

    def marked(self) -> Marked:
        """Give the places by page."""
        found: dict[int, list[Box]] = {}
        for page in self.pages:
            found.setdefault(page.page, []).extend(box.box() for box in page.boxes)
        return {number: found[number] for number in sorted(found)}
