"""The core documents of a bundle, bound into one: the whole record, then each document as people are given it, and the list of papers."""

from app.documents.book import Book
from app.documents.contribution_sections import contributions_section
from app.documents.frozen import FrozenRecord
from app.documents.labels import Names
from app.documents.outline import Outline
from app.documents.people.document import Letterhead
from app.documents.people.every import documents_of
from app.documents.record_outline import names_of, outline_of


def book_of(frozen: FrozenRecord, papers: Outline) -> Book:
    """Bind the documents in their order; `papers` is the list of papers, which comes last."""
    names = names_of(frozen)
    whole = outline_of(frozen)
    people = (one.outline for one in documents_of(frozen.record, _head(whole, frozen, names)))
    return Book(
        title=f"Evidence for {frozen.pupil.name}",
        school=whole.school,
        reference=whole.reference,
        digest=whole.digest,
        unprinted=whole.unprinted,
        documents=(whole, *people, _contributions(frozen, names), papers),
    )


def _contributions(frozen: FrozenRecord, names: Names) -> Outline:
    section = contributions_section(frozen.record, names)
    return Outline(title="Contributions", school="", reference="", digest="", sections=(section,))


def _head(whole: Outline, frozen: FrozenRecord, names: Names) -> Letterhead:
    return Letterhead(
        school=whole.school,
        reference=whole.reference,
        first_name=frozen.pupil.forename,
        names=names,
        digest=whole.digest,
        unprinted=whole.unprinted,
    )
