"""Before evidence leaves: a second person or the school's own waiver, what is left out with its reason, and others named with theirs."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.ehc import submit_evidence
from app.domain.entries import EntryWithdrawn, EvidenceSubmitted, LeftOut, OthersNamed, RecordMerged, SettingChanged, SettingName
from app.domain.record import Record
from app.domain.rules.data_protection import RECORD_WHY_EVIDENCE_IS_SHARED, REVIEW_EXEMPTIONS_BEFORE_RELEASE
from app.domain.school import School
from app.domain.submission import waiver_of
from tests.domain.builders import A_SCHOOL, HEAD, SENCO, a_concern, a_record, enrolled, staff, with_changes
from tests.domain.test_ehc import ASKED, a_request, submitted

BEN = UUID(int=77)
REQUEST = 2
CONCERN = 3
BY: Author = staff(SENCO)


def waiving(*values: int) -> School:
    """A school that chose, one after the other, whether a second person is needed; each with the number 100 and up."""
    chosen = [SettingChanged(occurred_on=ASKED, setting=SettingName.SECOND_PERSON_FOR_EVIDENCE, value=value) for value in values]
    known = [with_changes(A_SCHOOL.known[0], {"number": 100 + n, "entry": entry, "pupil": None}) for n, entry in enumerate(chosen)]
    return School.fold((*A_SCHOOL.known, *known))


def decided(entry: EvidenceSubmitted, school: School = A_SCHOOL) -> Decision:
    record: Record = a_record(enrolled(), a_request(), a_concern(ASKED), school=school)
    return submit_evidence(record, entry, BY)


def leaving_out(*omitted: tuple[int, str]) -> EvidenceSubmitted:
    left_out = tuple(LeftOut(number=number, reason=reason) for number, reason in omitted)
    return with_changes(submitted(confirmed_by=HEAD), {"left_out": left_out})


def naming(reason: str) -> EvidenceSubmitted:
    return with_changes(
        submitted(confirmed_by=HEAD), {"others_named": OthersNamed(pupils=(BEN,), entries=(CONCERN,), papers=(), reason=reason)}
    )


def test_a_school_that_says_nothing_asks_for_a_second_person() -> None:
    assert waiver_of(A_SCHOOL, submitted()) is None


@pytest.mark.parametrize(("values", "number"), [((0,), 100), ((0, 1), None), ((0, 1, 0), 102), ((1,), None)])
def test_the_waiver_in_force_is_the_last_choice_that_says_no(values: Sequence[int], number: int | None) -> None:
    assert waiver_of(waiving(*values), submitted()) == number


def test_evidence_goes_under_the_schools_own_waiver_and_the_record_says_by_which_choice() -> None:
    decision = decided(with_changes(submitted(confirmed_by=None), {"waived_by": 100}), waiving(0))
    assert not decision.is_refused
    shared = next(f for f in decision.findings if f.rule is RECORD_WHY_EVIDENCE_IS_SHARED)
    assert (shared.kept, shared.used["waived_by"]) == (True, 100)


@pytest.mark.parametrize("school", [A_SCHOOL, waiving(0, 1)])
def test_a_waiver_that_the_school_did_not_make_is_refused(school: School) -> None:
    assert decided(with_changes(submitted(confirmed_by=None), {"waived_by": 100}), school).is_refused


def test_who_names_a_second_person_names_no_waiver_beside() -> None:
    assert decided(with_changes(submitted(confirmed_by=HEAD), {"waived_by": 100}), waiving(0)).is_refused


def test_an_entry_is_left_out_with_its_reason_and_that_is_remarked_on() -> None:
    decision = decided(leaving_out((CONCERN, "It tells of another family.")))
    assert not decision.is_refused
    assert [f.kept for f in decision.findings if f.rule is REVIEW_EXEMPTIONS_BEFORE_RELEASE] == [True]


@pytest.mark.parametrize(
    "omitted",
    [
        [(CONCERN, " ")],
        [(99, "It tells of another family.")],
        [(CONCERN, "Once."), (CONCERN, "Twice.")],
        [(1, "The enrolment.")],
        [(REQUEST, "The request itself.")],
    ],
)
def test_nothing_is_left_out_without_reason_twice_or_that_the_evidence_rests_on(omitted: list[tuple[int, str]]) -> None:
    assert decided(leaving_out(*omitted)).is_refused


def test_what_says_that_records_are_one_or_that_an_entry_does_not_stand_is_never_left_out() -> None:
    """Without the first a verifier finds entries of a stranger, without the others it takes for good what was taken back."""
    merged = RecordMerged(occurred_on=ASKED, other=BEN, is_kept=True, reason="One child.", confirmed_by=HEAD)
    gone = EntryWithdrawn(occurred_on=ASKED, reason="Another child.")
    record = a_record(enrolled(), a_request(), a_concern(ASKED), merged, gone)
    kinds = {type(recorded.entry): recorded.number for recorded in record.known}
    for kind in (RecordMerged, EntryWithdrawn):
        assert submit_evidence(record, leaving_out((kinds[kind], "It is private.")), BY).is_refused
    assert not submit_evidence(record, leaving_out((CONCERN, "It is private.")), BY).is_refused


def test_others_who_are_named_go_along_only_with_a_reason() -> None:
    assert decided(naming("Her brother, whom the parents name themselves.")).is_refused is False
    refused = decided(naming(" "))
    assert refused.is_refused
    assert refused.findings[0].used["entries"] == str(CONCERN)
    assert refused.findings[0].used["pupils"] == str(BEN)


def test_evidence_in_which_nobody_else_is_named_and_nothing_is_left_out_has_no_remark_on_it() -> None:
    assert [f for f in decided(submitted(confirmed_by=HEAD)).findings if f.rule is REVIEW_EXEMPTIONS_BEFORE_RELEASE] == []
