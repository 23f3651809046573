"""Entries left out of what is sent fold as erased ones do, and take along the papers that cannot be told to be fit without them."""

from datetime import UTC, date, datetime
from uuid import UUID

from app.domain.author import Author, AuthorKind
from app.domain.entries import (
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    Entry,
    Erased,
    PaperNamed,
    PaperRedacted,
    Recorded,
)
from app.domain.leaving_out import leave_out, papers_left_in
from app.domain.record import Record
from app.domain.school import School
from tests.domain.builders import PUPIL, a_concern, a_plan, a_record, an_assessment

DAY, BY = date(2026, 3, 2), Author(kind=AuthorKind.STAFF, id=UUID(int=2))


def paper(number: int) -> PaperNamed:
    return PaperNamed(id=UUID(int=number), sha256=f"{number:064x}", size=10, media_type="application/pdf", title="Report", pages=2)


def given(*papers: int) -> Entry:
    kind, contributor = ContributionKind.PUPILS_VIEW, Contributor(kind=ContributorKind.PUPIL)
    named = tuple(paper(number) for number in papers)
    return ContributionGiven(occurred_on=DAY, contribution=UUID(int=9), kind=kind, contributor=contributor, papers=named)


def blacked_out(before: int, after: int) -> Entry:
    return PaperRedacted(occurred_on=DAY, paper=UUID(int=before), redacted=paper(after), pages=(1,), reason="Names another child.")


def going(*entries: Entry, without: tuple[int, ...] = ()) -> list[int]:
    known = [
        Recorded(number=n, recorded_at=datetime(2026, 3, 2, tzinfo=UTC), author=BY, entry=e, pupil=PUPIL) for n, e in enumerate(entries, 1)
    ]
    return [one.paper.id.int for one in papers_left_in(Record.fold(School(), known, PUPIL), without)]


def test_what_is_left_out_is_there_by_type_and_day_alone() -> None:
    record = a_record(a_concern(date(2015, 1, 5)), an_assessment(date(2015, 1, 12)), a_plan(date(2015, 1, 20), date(2015, 3, 27)))
    (plan,) = (recorded.number for recorded in record.entries if recorded.entry.type == "plan.agreed")
    left = leave_out(record, {plan})
    assert [(recorded.number, entry) for recorded, entry in left.each(Erased)] == [
        (plan, Erased(occurred_on=date(2015, 1, 20), erased_type="plan.agreed"))
    ]
    assert all(cycle.plan is None for cycle in left.cycles)
    assert [one.number for one in left.known] == [one.number for one in record.known]
    assert leave_out(left, {plan}).known == left.known
    assert leave_out(record, ()).known == record.known


def test_papers_of_a_contribution_that_is_left_out_stay_too() -> None:
    assert going(given(21, 22)) == [21, 22]
    assert going(given(21, 22), without=(1,)) == []


def test_a_paper_stays_when_its_blacking_out_is_left_out_and_so_does_what_came_of_it() -> None:
    entries = (given(21, 24), blacked_out(21, 22), blacked_out(22, 23))
    assert going(*entries) == [23, 24]
    assert going(*entries, without=(2,)) == [24]
    assert going(*entries, without=(3,)) == [24]
    assert going(*entries, without=(2, 3)) == [24]
