"""Papers blacked out in part: who may do it, what must be said, and that one paper leads to one other and never back."""

from datetime import date
from uuid import UUID

import pytest

from app.domain.author import Author
from app.domain.codes import StaffRole
from app.domain.corrections import decided
from app.domain.entries import ContributionGiven, ContributionKind, Contributor, ContributorKind, Entry, PaperNamed, PaperRedacted
from app.domain.papers import entries_naming, redact_paper, redactions_of
from app.domain.record import Record
from app.domain.writers import WRITERS
from tests.domain.builders import AS_HEAD, AS_MOTHER, AS_SENCO, AS_TEACHER, TEACHER, a_record

DAY = date(2026, 3, 2)
FIRST, SECOND, THIRD = (UUID(int=0x700 + n) for n in range(3))


def named(paper: UUID) -> PaperNamed:
    return PaperNamed(id=paper, sha256="0" * 64, size=9, media_type="application/pdf", title="Report", pages=3)


def blacked_out(paper: UUID, into: UUID, pages: tuple[int, ...] = (1, 3), reason: str = "It names another child.") -> PaperRedacted:
    return PaperRedacted(occurred_on=DAY, paper=paper, redacted=named(into), pages=pages, reason=reason)


def given(*papers: UUID) -> ContributionGiven:
    return ContributionGiven(
        occurred_on=DAY,
        contribution=UUID(int=0x800),
        kind=ContributionKind.TEACHERS_REPORT,
        contributor=Contributor(kind=ContributorKind.STAFF, person=TEACHER),
        papers=tuple(map(named, papers)),
    )


def is_refused(entry: PaperRedacted, *before: Entry, by: Author = AS_SENCO) -> bool:
    return redact_paper(a_record(*before), entry, by).is_refused


@pytest.mark.parametrize(("by", "refused"), [(AS_SENCO, False), (AS_HEAD, False), (AS_TEACHER, True), (AS_MOTHER, True)])
def test_the_senco_and_the_head_black_out(by: Author, refused: bool) -> None:
    assert is_refused(blacked_out(FIRST, SECOND), by=by) is refused
    assert WRITERS[PaperRedacted].roles == {StaffRole.SENCO, StaffRole.HEAD}


@pytest.mark.parametrize("pages", [(), (0,), (2, 1), (1, 1)])
def test_pages_are_named_once_each_in_order(pages: tuple[int, ...]) -> None:
    assert is_refused(blacked_out(FIRST, SECOND, pages))
    assert not is_refused(blacked_out(FIRST, SECOND, (1, 2)))


def test_a_reason_is_given() -> None:
    assert is_refused(blacked_out(FIRST, SECOND, reason=" "))


def test_a_paper_is_blacked_out_once_and_then_the_one_that_came_of_it() -> None:
    once = blacked_out(FIRST, SECOND)
    assert is_refused(blacked_out(FIRST, THIRD), once)
    assert not is_refused(blacked_out(SECOND, THIRD), once)


def test_what_was_blacked_out_is_changed_by_a_correction() -> None:
    record = a_record(blacked_out(FIRST, SECOND))
    number = redactions_of(record)[FIRST][0]
    _, decision = decided(record, number, redact_paper, blacked_out(FIRST, THIRD), AS_SENCO)
    assert not decision.is_refused


def test_no_paper_leads_back_to_itself() -> None:
    assert is_refused(blacked_out(FIRST, FIRST))
    assert is_refused(blacked_out(SECOND, FIRST), blacked_out(FIRST, SECOND))


def test_every_entry_that_names_a_paper_is_found() -> None:
    record: Record = a_record(given(FIRST, THIRD), blacked_out(FIRST, SECOND))
    numbers = [recorded.number for recorded in record.known if isinstance(recorded.entry, ContributionGiven | PaperRedacted)]
    assert entries_naming(record) == {FIRST: tuple(sorted(numbers)), THIRD: (min(numbers),), SECOND: (max(numbers),)}
