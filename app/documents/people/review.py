"""The record of a review that is given to the parents (Code of Practice 6.71): outcomes, views, what was agreed, and what is next."""

from collections.abc import Iterator

from app.documents.drawing.outline import Section
from app.documents.notices.notice_passages import passages_on
from app.documents.people.document import Document, DocumentKind, Letterhead, about_section
from app.documents.people.meeting import agreed_section, meetings_on, present_section
from app.documents.people.wording import sections_of, sentences, told_of
from app.documents.record.cycle_sections import delivered, ratings_table
from app.documents.record.labels import day
from app.domain.cycle import Cycle
from app.domain.entries import Matter
from app.domain.record import Record


def reviews(record: Record, head: Letterhead) -> Iterator[Document]:
    """The review of each cycle that has one, in order of the cycles, with the meetings of the same day."""
    for cycle in record.cycles:
        review, recorded = cycle.review_entry, cycle.review
        if review is None or recorded is None:
            continue
        told = told_of(record, review.occurred_on, head, cycle.plan_entry)
        met = meetings_on(record, review.occurred_on)
        in_place = {"What difference the help made": (ratings_table(review, cycle.plan_entry),)}
        outline = head.outline(
            f"Review for {head.names.pupil_name}, {day(review.occurred_on)}",
            *sections_of(passages_on(Matter.REVIEW, review, told), "The review", in_place),
            _given(cycle),
            present_section(met, head),
            agreed_section(met),
            _next_review(record, cycle),
            about_section(recorded, *(() if cycle.plan is None else (cycle.plan,)), *(one for one, _ in met)),
        )
        yield Document.about(DocumentKind.REVIEW, recorded, outline)


def _given(cycle: Cycle) -> Section:
    return sentences("given", "How much help there was", delivered(cycle) if cycle.plan else None)


def _next_review(record: Record, cycle: Cycle) -> Section:
    following = next((later for later in record.cycles if later.number > cycle.number and later.review_on), None)
    told = f"The next review is on or before {day(following.review_on)}." if following else "No day is set yet for the next review."
    return sentences("next-review", "The next review", told)
