"""What goes out with the evidence: the papers of contributions that stand, as they were last given and last blacked out."""

from datetime import UTC, date, datetime
from uuid import UUID

from app.domain.author import Author, AuthorKind
from app.domain.entries import ContributionGiven, ContributionKind, Contributor, ContributorKind, Entry, PaperNamed, PaperRedacted, Recorded
from app.domain.papers_going_out import papers_going_out
from app.domain.record import Record
from app.domain.school import School

PUPIL, FIRST, SECOND = UUID(int=1), UUID(int=11), UUID(int=12)
TEACHER = Contributor(kind=ContributorKind.STAFF, person=UUID(int=2))
BY = Author(kind=AuthorKind.STAFF, id=UUID(int=2))
DAY, MOMENT = date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)


def paper(number: int) -> PaperNamed:
    return PaperNamed(id=UUID(int=number), sha256=f"{number:064x}", size=10, media_type="application/pdf", title="Report", pages=2)


def given(contribution: UUID, *papers: int) -> Entry:
    return ContributionGiven(
        occurred_on=DAY,
        contribution=contribution,
        kind=ContributionKind.TEACHERS_REPORT,
        contributor=TEACHER,
        papers=tuple(paper(number) for number in papers),
    )


def blacked_out(before: int, after: int) -> Entry:
    return PaperRedacted(occurred_on=DAY, paper=UUID(int=before), redacted=paper(after), pages=(1,), reason="Names another child.")


def going(*entries: Entry, supersedes: int | None = None) -> list[tuple[int, int, bool]]:
    known = [
        Recorded(number=n, recorded_at=MOMENT, author=BY, entry=e, pupil=PUPIL, supersedes=supersedes if n == len(entries) else None)
        for n, e in enumerate(entries, start=1)
    ]
    return [(one.paper.id.int, one.entry, one.is_redacted) for one in papers_going_out(Record.fold(School(), known, PUPIL))]


def test_each_paper_goes_out_once_in_the_order_of_giving() -> None:
    assert going(given(FIRST, 21, 22), given(SECOND, 22, 23)) == [(21, 1, False), (22, 1, False), (23, 2, False)]


def test_what_was_given_again_takes_the_place_of_before() -> None:
    assert going(given(FIRST, 21), given(SECOND, 23), given(FIRST, 22)) == [(23, 2, False), (22, 3, False)]


def test_a_giving_that_was_superseded_gives_nothing() -> None:
    assert going(given(FIRST, 21), given(FIRST, 22), supersedes=1) == [(22, 2, False)]


def test_a_paper_blacked_out_twice_goes_out_as_it_was_last() -> None:
    assert going(given(FIRST, 21, 24), blacked_out(21, 22), blacked_out(22, 23)) == [(23, 3, True), (24, 1, False)]


def test_blacking_out_a_paper_that_nobody_gave_sends_nothing() -> None:
    assert going(blacked_out(21, 22)) == []


def test_papers_that_name_each_other_end_somewhere() -> None:
    assert going(given(FIRST, 21), blacked_out(21, 22), blacked_out(22, 21)) == [(22, 2, True)]
