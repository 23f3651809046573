"""What becomes of contributions afterwards: withdrawn, corrected, taken from under, and copied to the other parent."""

from dataclasses import replace
from uuid import UUID

from app.domain.access_exports import released
from app.domain.contributing import give_contribution
from app.domain.contributions import standing_of
from app.domain.corrections import may_correct, withdraw_entry
from app.domain.entries import (
    AccessAsked,
    AccessRight,
    ContributionKind,
    Contributor,
    ContributorKind,
    EhcAssessmentRequested,
    EntryWithdrawn,
    Exemption,
    ExemptionsReviewed,
    Flagged,
    Requester,
)
from tests.domain.builders import (
    AS_SENCO,
    FATHER,
    MOTHER,
    a_contact,
    a_record,
    enrolled,
    recorded,
)
from tests.domain.test_contributions import (
    A_DAY,
    ANOTHER,
    ASKED_ON,
    DUE,
    LATE,
    PENDING,
    THE_SPECIALIST,
    around,
    asked,
    declined,
    given,
    states,
)


def test_an_entry_of_an_earlier_day_must_not_take_the_ground_from_a_later_one() -> None:
    record = around(asked(), declined(DUE))
    (finding,) = give_contribution(record, given(DUE - A_DAY), AS_SENCO).findings
    assert finding.cure == "an entry of a later day could not follow this one"
    assert not give_contribution(record, given(DUE), AS_SENCO).is_refused


def test_withdrawing_what_was_given_leaves_it_pending_and_late_in_time() -> None:
    record = around(asked(), given())
    withdrawal = EntryWithdrawn(occurred_on=DUE + A_DAY, reason="Not hers.")
    assert not withdraw_entry(record, withdrawal, AS_SENCO, number=5).is_refused
    withdrawn = around(asked(), given(), recorded(withdrawal, 6, supersedes=5))
    assert states(withdrawn, DUE, DUE + A_DAY) == [PENDING, LATE]
    assert standing_of(withdrawn, DUE)[0].given is None


def test_an_asking_is_withdrawn_unless_somebody_declined_it() -> None:
    withdrawal = EntryWithdrawn(occurred_on=DUE + A_DAY, reason="Asked in error.")
    assert withdraw_entry(around(asked(), declined()), withdrawal, AS_SENCO, number=4).is_refused
    assert not withdraw_entry(around(asked(), given()), withdrawal, AS_SENCO, number=4).is_refused
    twice = around(asked(), asked(ASKED_ON + A_DAY), declined())
    assert not withdraw_entry(twice, withdrawal, AS_SENCO, number=4).is_refused


def test_neither_a_specialist_nor_a_request_is_withdrawn_from_under_a_contribution() -> None:
    withdrawal = EntryWithdrawn(occurred_on=DUE + A_DAY, reason="Never happened.")
    report = asked(kind=ContributionKind.SPECIALISTS_REPORT, contributor=THE_SPECIALIST)
    assert withdraw_entry(around(report), withdrawal, AS_SENCO, number=3).is_refused
    assert not withdraw_entry(around(asked()), withdrawal, AS_SENCO, number=3).is_refused
    made = EhcAssessmentRequested(
        occurred_on=ASKED_ON, request=UUID(int=9), authority="999", requester=Requester.SCHOOL, contact=None, reason="More help."
    )
    assert withdraw_entry(around(made, asked(request=UUID(int=9))), withdrawal, AS_SENCO, number=4).is_refused
    assert not withdraw_entry(around(made, asked()), withdrawal, AS_SENCO, number=4).is_refused


def test_a_correction_keeps_the_contribution_and_stands_in_the_place_of_the_first() -> None:
    record = around(asked(), given(DUE + A_DAY))
    refusal = may_correct(record, 4, asked(contribution=ANOTHER))
    assert refusal is not None and refusal.cure == "keep the contribution, or withdraw"
    assert may_correct(record, 4, asked(due=DUE + A_DAY)) is None
    corrected = around(asked(), given(DUE + A_DAY), recorded(asked(due=DUE + A_DAY), 6, supersedes=4))
    (found,) = standing_of(corrected, DUE + A_DAY)
    assert (found.asked, found.is_late) == (6, False)


def test_what_one_parent_gave_goes_to_the_other_unless_whoever_looked_through_the_record_holds_it_back() -> None:
    """As every other view does: whether it may harm somebody, or is somebody else's, a named person decides before any release."""
    his = Contributor(kind=ContributorKind.CONTACT, person=FATHER)
    gave, again = given(ASKED_ON, contributor=his), given(DUE, contributor=his, words="In other words.")
    corrected = recorded(replace(again, words="In plainer words."), 6, supersedes=5)
    wants = AccessAsked(occurred_on=DUE, person=MOTHER, right=AccessRight.SUBJECT_ACCESS, in_writing=True)
    before = [enrolled(), a_contact(), a_contact(FATHER), gave, again, corrected, wants]
    for flagged, held in [
        ((), set()),
        ((Flagged(number=4, exemption=Exemption.ANOTHER_PERSON),), {4}),
        ((Flagged(number=6, exemption=Exemption.SERIOUS_HARM_EDUCATION),), {5, 6}),
    ]:
        review = ExemptionsReviewed(occurred_on=DUE, asked=7, flagged=flagged)
        copy = released(a_record(*before, review), 7)
        assert {one.recorded.number for one in copy if one.exemption is not None} == held
        assert {4, 5, 6} <= {one.recorded.number for one in copy}
