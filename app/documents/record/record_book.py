"""The core documents of a bundle, bound into one: the whole record, each document as people are given it, contributions, and papers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from app.documents.bundle.frozen import FrozenRecord
from app.documents.drawing.book import Book
from app.documents.drawing.outline import Outline, Part, Section, Words
from app.documents.people.document import DocumentKind, Letterhead
from app.documents.people.every import documents_of
from app.documents.record.contribution_sections import contributions_section
from app.documents.record.labels import day
from app.documents.record.record_outline import names_of, outline_of
from app.domain.entries import (
    ContributionGiven,
    EhcPlanCeased,
    Erased,
    MeetingHeld,
    PlanAgreed,
    ProvisionMapped,
    ReviewHeld,
    SenDecided,
    SupportEnded,
    TransitionDecided,
)

ORDER: Final = (DocumentKind.PLAN, DocumentKind.REVIEW, DocumentKind.MEETING, DocumentKind.DECISION, DocumentKind.PROVISION_MAP)
_LEFT_OUT: Final[Mapping[str, tuple[DocumentKind, str]]] = MappingProxyType(
    {
        PlanAgreed.type: (DocumentKind.PLAN, "Plan"),
        ReviewHeld.type: (DocumentKind.REVIEW, "Review"),
        MeetingHeld.type: (DocumentKind.MEETING, "Meeting"),
        SenDecided.type: (DocumentKind.DECISION, "Decision"),
        TransitionDecided.type: (DocumentKind.DECISION, "Decision"),
        SupportEnded.type: (DocumentKind.DECISION, "Decision"),
        EhcPlanCeased.type: (DocumentKind.DECISION, "Decision"),
        ProvisionMapped.type: (DocumentKind.PROVISION_MAP, "Provision map"),
    }
)
"""What kind of document is not there when an entry of a type is left out, and how it would be called."""


def book_of(frozen: FrozenRecord, papers: Outline) -> Book:
    """Bind the documents in their order; `papers` is the list of papers, which comes last."""
    whole = outline_of(frozen)
    contributions = contributions_section(frozen.record, names_of(frozen))
    return Book(
        title=f"Evidence for {frozen.pupil.name}",
        school=whole.school,
        reference=whole.reference,
        digest=whole.digest,
        unprinted=whole.unprinted,
        documents=(
            replace(whole, sections=tuple(section for section in whole.sections if section.id != contributions.id)),
            *_for_people(frozen, whole),
            _bare("Contributions", replace(contributions, blocks=(*contributions.blocks, *_contributions_left_out(frozen)))),
            papers,
        ),
    )


def _for_people(frozen: FrozenRecord, whole: Outline) -> Iterator[Outline]:
    """By kind, then by day; where one was left out, a page in its place says so."""
    head = Letterhead(
        school=whole.school,
        reference=whole.reference,
        first_name=frozen.pupil.forename,
        names=names_of(frozen),
        digest=whole.digest,
        unprinted=whole.unprinted,
    )
    drawn = [(one.kind, one.on, one.outline) for one in documents_of(frozen.record, head)]
    for _, _, outline in sorted((*drawn, *_documents_left_out(frozen)), key=lambda one: (ORDER.index(one[0]), one[1])):
        yield outline


def _documents_left_out(frozen: FrozenRecord) -> Iterator[tuple[DocumentKind, date, Outline]]:
    for erased, reason in _left_out(frozen):
        if erased.erased_type in _LEFT_OUT:
            kind, called = _LEFT_OUT[erased.erased_type]
            section = Section("left-out", "Left out of this evidence", (Words(reason),))
            yield kind, erased.occurred_on, _bare(f"{called} of {day(erased.occurred_on)}", section)


def _contributions_left_out(frozen: FrozenRecord) -> Iterator[Part]:
    for erased, reason in _left_out(frozen):
        if erased.erased_type == ContributionGiven.type:
            yield Part(f"Contributed on {day(erased.occurred_on)}", (Words(f"Left out of this evidence: {reason}"),))


def _left_out(frozen: FrozenRecord) -> Iterator[tuple[Erased, str]]:
    reasons = {one.number: one.reason for one in frozen.left_out}
    for recorded, erased in frozen.record.each(Erased):
        if recorded.number in reasons:
            yield erased, reasons[recorded.number]


def _bare(title: str, section: Section) -> Outline:
    return Outline(title=title, school="", reference="", digest="", sections=(section,))
