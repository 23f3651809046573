"""Several documents bound into one: a contents list in front, then one after the other, each beginning a page."""

from dataclasses import dataclass, replace

from app.documents.drawing.outline import Outline, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Documents under one title; `reference` and `digest` (hex) stand on every page, and what is in `unprinted` is shown nowhere."""

    title: str
    school: str
    reference: str
    digest: str
    documents: tuple[Outline, ...]
    unprinted: tuple[str, ...] = ()

    def printable(self) -> dict[str, object]:
        """Give it as plain lists and mappings for a template, cleaned as a document by itself is; every id in it is there once."""
        head = Outline(
            title=self.title, school=self.school, reference=self.reference, digest=self.digest, sections=(), unprinted=self.unprinted
        )
        documents = [
            {"id": f"document-{number}", **_bound(one, number, self.unprinted)} for number, one in enumerate(self.documents, start=1)
        ]
        return {**head.printable(), "documents": documents}


def _bound(document: Outline, number: int, unprinted: tuple[str, ...]) -> dict[str, object]:
    sections = tuple(Section(f"document-{number}-{one.id}", one.heading, one.blocks) for one in document.sections)
    return replace(document, sections=sections, unprinted=(*document.unprinted, *unprinted)).printable()
