"""What people contribute meets an expectation as the record does; what they were asked for is a part, and late once its day has passed."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.domain.contributed import BROUGHT_BY, MEETS, mender_of
from app.domain.contributing import give_contribution
from app.domain.entries import (
    ContributionKind,
    Contributor,
    ContributorKind,
    Entry,
    EvidenceSubmitted,
    PaperRedacted,
)
from app.domain.local_expectations import local_findings
from app.domain.paper_limits import PaperLimit, PaperOverLimit, end_of, papers_over_limits
from app.domain.profile import Expectation, Looks, Mender, PageLimit, Papers
from app.domain.profiles.national import NATIONAL
from app.domain.readiness import Readiness, Weighed, readiness
from tests.domain.builders import AS_SENCO, TEACHER, a_record, an_assessment, enrolled
from tests.domain.evidence import a_paper, advised, asked, attended, declined, given

ON, WANTED_BY = date(2016, 3, 1), date(2016, 4, 15)
MET, PARTLY, MISSING = Readiness.MET, Readiness.PARTLY, Readiness.MISSING
K = ContributionKind
MONTHS = {Looks.RECENT_ADVICE: 12, Looks.ATTENDANCE: 12}
PAIRS = [(looks, kind) for looks, kinds in MEETS.items() for kind in kinds]
DAYS_TOO_OLD = date(2015, 2, 28)
LAST_DAY = date(2015, 3, 1)


def weighed(looks: Looks, *entries: Entry, on: date = ON, months: int | None = None) -> Weighed:
    months = months or MONTHS.get(looks)
    expectation = Expectation(id="one", asks="The thing itself", looks=looks, mender=Mender.SENCO, months=months)
    profile = replace(NATIONAL, expectations=(expectation,))
    (found,) = readiness(a_record(enrolled(), *entries), profile, on, wanted_by=WANTED_BY)
    return found


def test_views_reports_attendance_and_forms_are_what_people_can_contribute() -> None:
    assert set(PAIRS) == {
        (Looks.PARENTS_VIEW, K.PARENTS_VIEW),
        (Looks.PUPILS_VIEW, K.PUPILS_VIEW),
        (Looks.RECENT_ADVICE, K.SPECIALISTS_REPORT),
        (Looks.WIDER_DEVELOPMENT, K.SPECIALISTS_REPORT),
        (Looks.ATTENDANCE, K.ATTENDANCE),
        (Looks.NOT_HELD_HERE, K.LOCAL_FORM),
        (Looks.NOT_HELD_HERE, K.DECLARATION),
    }


@pytest.mark.parametrize(("looks", "kind"), PAIRS)
def test_what_was_given_meets_what_it_was_given_for(looks: Looks, kind: ContributionKind) -> None:
    assert weighed(looks).readiness is MISSING
    found = weighed(looks, given(kind, date(2016, 1, 5)))
    assert (found.readiness, found.entries, found.missing, found.mender) == (MET, (2,), (), None)


@pytest.mark.parametrize(("looks", "kind"), PAIRS)
def test_what_was_given_for_something_else_meets_nothing(looks: Looks, kind: ContributionKind) -> None:
    others = [given(other, date(2016, 1, 5), of=n) for n, other in enumerate(set(K) - set(MEETS[looks]))]
    assert weighed(looks, *others).readiness is MISSING


@pytest.mark.parametrize(("looks", "kind"), PAIRS)
def test_what_was_asked_for_is_a_part_until_it_is_given(looks: Looks, kind: ContributionKind) -> None:
    asking = asked(kind, date(2016, 2, 1), date(2016, 3, 20))
    found = weighed(looks, asking)
    assert (found.readiness, found.mend_by, found.missing != ()) == (PARTLY, date(2016, 3, 20), True)
    assert [(one.asked, one.due, one.is_late) for one in found.awaited] == [(2, date(2016, 3, 20), False)]
    assert weighed(looks, asking, given(kind, date(2016, 2, 29))).awaited == ()
    assert weighed(looks, asking, given(kind, date(2016, 2, 29))).readiness is MET


@pytest.mark.parametrize(("due", "is_late"), [(date(2016, 2, 29), True), (date(2016, 3, 1), False)])
def test_what_was_asked_for_is_late_once_its_last_day_has_passed(due: date, is_late: bool) -> None:
    found = weighed(Looks.PARENTS_VIEW, asked(K.PARENTS_VIEW, date(2016, 2, 1), due))
    assert [one.is_late for one in found.awaited] == [is_late]
    assert (found.readiness, found.mend_by) == (PARTLY, WANTED_BY if is_late else due)


def test_whoever_was_asked_can_mend_it() -> None:
    found = weighed(Looks.PARENTS_VIEW, asked(K.PARENTS_VIEW, date(2016, 2, 1), date(2016, 3, 20)))
    assert found.mender is Mender.PARENT
    assert weighed(Looks.PARENTS_VIEW).mender is Mender.SENCO


def test_what_was_declined_is_missing_and_says_so() -> None:
    found = weighed(Looks.PUPILS_VIEW, asked(K.PUPILS_VIEW, date(2016, 2, 1), date(2016, 3, 20)), declined(date(2016, 2, 8)))
    assert (found.readiness, found.facts["declined_on"], found.awaited) == (MISSING, "2016-02-08", ())


@pytest.mark.parametrize("looks", [Looks.RECENT_ADVICE, Looks.ATTENDANCE])
def test_what_was_given_too_long_ago_is_a_part(looks: Looks) -> None:
    (kind,) = MEETS[looks]
    old, recent = weighed(looks, given(kind, DAYS_TOO_OLD)), weighed(looks, given(kind, LAST_DAY))
    assert (old.readiness, old.entries) == (PARTLY, (2,))
    assert (recent.readiness, recent.holds_until) == (MET, ON)


@pytest.mark.parametrize(("dated_on", "readiness"), [(DAYS_TOO_OLD, PARTLY), (LAST_DAY, MET)])
def test_the_age_of_a_report_counts_from_the_day_that_it_bears(dated_on: date, readiness: Readiness) -> None:
    found = weighed(Looks.RECENT_ADVICE, given(K.SPECIALISTS_REPORT, date(2016, 2, 1), a_paper(), dated_on=dated_on))
    assert (found.readiness, found.holds_until) == (readiness, ON if readiness is MET else None)


@pytest.mark.parametrize(("dated_on", "is_refused"), [(date(2016, 2, 1), False), (date(2016, 2, 2), True)])
def test_a_report_is_not_given_before_the_day_that_it_bears(dated_on: date, is_refused: bool) -> None:
    record = a_record(enrolled(), advised(date(2015, 1, 5))[0])
    entry = given(K.SPECIALISTS_REPORT, date(2016, 2, 1), a_paper(), dated_on=dated_on)
    assert give_contribution(record, entry, AS_SENCO).is_refused is is_refused


def test_of_advice_and_a_report_the_younger_says_how_long_it_holds() -> None:
    both = weighed(Looks.RECENT_ADVICE, *advised(date(2015, 6, 30)), given(K.SPECIALISTS_REPORT, date(2015, 9, 1)))
    assert (both.readiness, both.holds_until) == (MET, date(2016, 9, 1))
    other = weighed(Looks.RECENT_ADVICE, *advised(date(2015, 6, 30)), given(K.SPECIALISTS_REPORT, DAYS_TOO_OLD))
    assert (other.readiness, other.holds_until) == (MET, date(2016, 6, 30))


def test_what_the_record_holds_for_good_does_not_end_with_a_paper() -> None:
    whole = attended(date(2015, 2, 1), date(2016, 2, 1))
    assert weighed(Looks.ATTENDANCE, whole, given(K.ATTENDANCE, LAST_DAY)).holds_until is None


def test_a_view_in_the_record_and_one_that_was_given_stand_beside_each_other() -> None:
    assert weighed(Looks.PARENTS_VIEW, an_assessment(date(2015, 1, 5)), given(K.PARENTS_VIEW, ON)).entries == (2, 3)


def test_what_was_given_after_the_day_asked_for_is_not_seen() -> None:
    assert weighed(Looks.PARENTS_VIEW, given(K.PARENTS_VIEW, date(2016, 3, 2))).readiness is MISSING
    assert weighed(Looks.PARENTS_VIEW, given(K.PARENTS_VIEW, date(2016, 3, 1))).readiness is MET


def test_nobody_but_the_kinds_there_are_can_mend() -> None:
    assert set(BROUGHT_BY) == set(ContributorKind)
    teacher = Contributor(kind=ContributorKind.STAFF, person=TEACHER)
    found = {kind: mender_of(kind, teacher) for kind in K}
    assert found[K.TEACHERS_REPORT] is Mender.TEACHER
    assert found[K.SENCOS_SUMMARY] is Mender.SENCO
    assert {found[kind] for kind in (K.ATTENDANCE, K.DECLARATION, K.LOCAL_FORM)} == {Mender.OFFICE}


def test_what_local_forms_ask_for_is_found_among_contributions_too() -> None:
    """A submission remarks on what is wanting, and a view that was given is not."""
    submitted = EvidenceSubmitted(occurred_on=ON, request=UUID(int=0x601), frozen_at=3, confirmed_by=None)

    def wanting(*entries: Entry) -> tuple[str, ...]:
        finding, _ = local_findings(a_record(enrolled(), *entries), submitted)
        return finding.missing

    assert {"parents' view", "pupil's view"} <= set(wanting())
    given_one = wanting(given(K.PARENTS_VIEW, ON))
    assert "parents' view" not in given_one
    assert "pupil's view" in given_one


LIMITED = Papers(types=("pdf",), largest_file=1_000_000, most_pages=20, limits=(PageLimit(kind=K.SPECIALISTS_REPORT, each=15),))


def over(*entries: Entry, papers: Papers = LIMITED) -> tuple[PaperOverLimit, ...]:
    return papers_over_limits(a_record(enrolled(), *entries), replace(NATIONAL, papers=papers), ON, wanted_by=WANTED_BY)


@pytest.mark.parametrize(
    ("paper", "limits"),
    [
        (a_paper(pages=15, size=1_000_000), []),
        (a_paper(pages=16), [PaperLimit.PAGES]),
        (a_paper(size=1_000_001), [PaperLimit.SIZE]),
        (a_paper(media_type="image/png", pages=1), [PaperLimit.TYPE]),
        (a_paper(media_type="text/plain; charset=utf-8", pages=None), [PaperLimit.TYPE]),
        (a_paper(pages=20), [PaperLimit.PAGES]),
        (a_paper(pages=21, size=1_000_001), [PaperLimit.SIZE, PaperLimit.PAGES, PaperLimit.PAGES_TOGETHER]),
    ],
)
def test_a_paper_is_shown_with_each_limit_that_it_breaks(paper: object, limits: list[PaperLimit]) -> None:
    found = over(given(K.SPECIALISTS_REPORT, date(2016, 2, 1), paper))
    assert [one.limit for one in found] == limits
    assert all((one.mender, one.mend_by, one.entry) == (Mender.SPECIALIST, WANTED_BY, 2) for one in found if one.paper)


def test_a_limit_for_one_kind_says_nothing_of_another() -> None:
    assert over(given(K.OTHER, date(2016, 2, 1), a_paper(pages=16))) == ()


def test_pages_of_all_papers_are_counted_together_and_the_last_is_inside() -> None:
    first, rest = given(K.OTHER, date(2016, 2, 1), a_paper(1, pages=12), of=1), given(K.OTHER, date(2016, 2, 2), a_paper(2, pages=8), of=2)
    one_more = given(K.OTHER, date(2016, 2, 3), a_paper(3, pages=1), of=3)
    assert over(first, rest) == ()
    (found,) = over(first, rest, one_more)
    assert (found.limit, found.taken, found.found, found.paper, found.mender) == (PaperLimit.PAGES_TOGETHER, "20", "21", None, Mender.SENCO)


def test_a_paper_that_was_replaced_or_blacked_out_is_looked_at_as_it_goes_out() -> None:
    long = given(K.SPECIALISTS_REPORT, date(2016, 2, 1), a_paper(1, pages=16))
    assert over(long, given(K.SPECIALISTS_REPORT, date(2016, 2, 2), a_paper(2, pages=3))) == ()
    shown = PaperRedacted(
        occurred_on=date(2016, 2, 2), paper=a_paper(1).id, redacted=a_paper(2, pages=15), pages=(1,), reason="Another child."
    )
    assert [one.limit for one in over(long)] == [PaperLimit.PAGES]
    assert over(long, shown) == ()


def test_papers_that_come_after_the_day_asked_for_are_not_looked_at() -> None:
    assert over(given(K.SPECIALISTS_REPORT, date(2016, 3, 2), a_paper(pages=16))) == ()


def test_where_nothing_is_said_nothing_is_broken() -> None:
    papers = Papers(types=("pdf",))
    assert over(given(K.OTHER, date(2016, 2, 1), a_paper(pages=900, size=900_000_000)), papers=papers) == ()


def test_a_type_that_no_profile_can_name_is_never_taken() -> None:
    assert end_of("application/x-unknown") is None
    assert [one.found for one in over(given(K.OTHER, ON, a_paper(media_type="application/x-unknown")))] == ["application/x-unknown"]
