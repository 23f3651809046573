from datetime import date
from uuid import UUID

import pytest

from app.domain.access_exports import released
from app.domain.access_requests import (
    acknowledge_complaint,
    answer_access,
    ask_for_access,
    complain_of_data,
    extend_access,
    pause_access,
    resume_access,
    review_exemptions,
)
from app.domain.codes import SchoolType
from app.domain.entries import (
    AccessAnswered,
    AccessAsked,
    AccessExtended,
    AccessPaused,
    AccessResumed,
    AccessRight,
    Awaited,
    BankHolidaysLoaded,
    DataComplaintAcknowledged,
    DataComplaintMade,
    Exemption,
    ExemptionsReviewed,
    Flagged,
    TermDated,
    TermName,
)
from app.domain.obligation import State
from app.domain.obligations import obligations
from app.domain.rules.data_protection import (
    ACKNOWLEDGE_A_DATA_COMPLAINT,
    ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH,
    REVIEW_EXEMPTIONS_BEFORE_RELEASE,
)
from app.domain.rules.pupil_information_regulations_2005 import SHOW_THE_EDUCATIONAL_RECORD
from tests.domain.builders import (
    A_SCHOOL,
    AS_HEAD,
    AS_SENCO,
    FATHER,
    MOTHER,
    PUPIL,
    STRANGER,
    a_contact,
    a_record,
    a_school,
    enrolled,
    with_changes,
)

ASKED_ON = date(2026, 3, 2)
ASKED = AccessAsked(occurred_on=ASKED_ON, right=AccessRight.SUBJECT_ACCESS, person=MOTHER, in_writing=True)
BY_PARENT = with_changes(ASKED, {"right": AccessRight.EDUCATIONAL_RECORD})
OPEN_ALL_SPRING = (
    TermDated(occurred_on=date(2025, 9, 1), term=TermName.SPRING, first_on=date(2026, 1, 5), last_on=date(2026, 3, 27)),
    TermDated(occurred_on=date(2025, 9, 1), term=TermName.SUMMER, first_on=date(2026, 4, 13), last_on=date(2026, 7, 17)),
    BankHolidaysLoaded(occurred_on=date(2025, 9, 1), year=2026, days=(date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4)), source="list"),
)


def asked(entry: AccessAsked, *after, school=A_SCHOOL):
    return a_record(enrolled(), a_contact(), entry, *after, school=school)


def answered_on(day: date, **changes: object) -> AccessAnswered:
    return with_changes(AccessAnswered(occurred_on=day, asked=3), changes)


def clock(record, rule):
    (found,) = [owed for owed in obligations(record, until=date(2027, 8, 31)) if owed.rule is rule]
    return found


@pytest.mark.parametrize(
    ("received", "due"),
    [(date(2026, 3, 2), date(2026, 4, 2)), (date(2026, 1, 31), date(2026, 2, 28)), (date(2024, 1, 31), date(2024, 2, 29))],
)
def test_a_subject_access_request_is_answered_by_the_corresponding_date_next_month(received: date, due: date) -> None:
    """UK GDPR article 12(3); a month that is too short ends with its last day."""
    for day, state in ((due, State.KEPT), (date.fromordinal(due.toordinal() + 1), State.KEPT_LATE)):
        record = asked(with_changes(ASKED, {"occurred_on": received}), answered_on(day))
        found = clock(record, ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH)
        assert (found.due, found.state_on(day)) == (due, state)


@pytest.mark.parametrize(("told_on", "due"), [(date(2026, 4, 2), date(2026, 6, 2)), (date(2026, 4, 3), date(2026, 4, 2))])
def test_an_extension_counts_only_when_told_within_the_first_month(told_on: date, due: date) -> None:
    extended = AccessExtended(occurred_on=told_on, asked=3, months=2, reason="Many papers.")
    assert clock(asked(ASKED, extended), ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH).due == due
    (finding,) = extend_access(asked(ASKED), extended, AS_HEAD).findings
    assert finding.kept is (due > date(2026, 4, 2))


def test_the_clock_stands_still_while_somebody_is_asked_who_they_are() -> None:
    """Data (Use and Access) Act 2025, in force from 5 February 2026."""
    paused = AccessPaused(occurred_on=date(2026, 3, 9), asked=3, awaited=Awaited.IDENTITY)
    still = clock(asked(ASKED, paused), ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH)
    assert still.state_on(date(2026, 12, 1)) is State.NOT_KNOWN
    assert still.missing == ("identity awaited since 2026-03-09",)
    going_on = clock(asked(ASKED, paused, AccessResumed(occurred_on=date(2026, 3, 19), asked=3)), ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH)
    assert going_on.due == date(2026, 4, 12)


@pytest.mark.parametrize(("resumed_on", "due"), [(date(2026, 2, 5), date(2026, 2, 19)), (date(2026, 2, 6), date(2026, 2, 20))])
def test_days_before_5_february_2026_are_counted_all_the_same(resumed_on: date, due: date) -> None:
    entry = with_changes(ASKED, {"occurred_on": date(2026, 1, 19)})
    paused = AccessPaused(occurred_on=date(2026, 1, 26), asked=3, awaited=Awaited.CLARIFICATION)
    assert clock(asked(entry, paused, AccessResumed(occurred_on=resumed_on, asked=3)), ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH).due == due


def test_a_parent_sees_the_educational_record_within_fifteen_school_days() -> None:
    """Education (Pupil Information) (England) Regulations 2005, regulation 5: counted across the Easter holiday and its bank holidays."""
    school = a_school(*OPEN_ALL_SPRING)
    entry = with_changes(BY_PARENT, {"occurred_on": date(2026, 3, 20)})
    for day, state in ((date(2026, 4, 24), State.KEPT), (date(2026, 4, 27), State.KEPT_LATE)):
        found = clock(asked(entry, answered_on(day), school=school), SHOW_THE_EDUCATIONAL_RECORD)
        assert (found.due, found.state_on(day)) == (date(2026, 4, 24), state)


def test_without_terms_it_is_not_known_by_when_and_academies_are_not_bound() -> None:
    found = clock(asked(BY_PARENT), SHOW_THE_EDUCATIONAL_RECORD)
    assert found.state_on(ASKED_ON) is State.NOT_KNOWN
    assert "spring term 2025/2026" in found.missing
    academy = asked(BY_PARENT, school=a_school(*OPEN_ALL_SPRING, kind=SchoolType.ACADEMY_MAINSTREAM))
    assert [owed for owed in obligations(academy, until=ASKED_ON) if owed.rule is SHOW_THE_EDUCATIONAL_RECORD] == []


def test_only_asking_in_writing_starts_the_fifteen_days() -> None:
    spoken = with_changes(BY_PARENT, {"in_writing": False})
    assert [owed for owed in obligations(asked(spoken), until=ASKED_ON) if owed.rule is SHOW_THE_EDUCATIONAL_RECORD] == []
    (finding,) = ask_for_access(a_record(enrolled(), a_contact()), spoken, AS_HEAD).findings
    assert finding.missing == ("request in writing",)


@pytest.mark.parametrize(("made_on", "count"), [(date(2026, 6, 18), 0), (date(2026, 6, 19), 1)])
def test_complaints_are_acknowledged_within_thirty_days_from_19_june_2026_on(made_on: date, count: int) -> None:
    record = a_record(enrolled(), a_contact(), DataComplaintMade(occurred_on=made_on, person=MOTHER))
    found = [owed for owed in obligations(record, until=date(2026, 12, 31)) if owed.rule is ACKNOWLEDGE_A_DATA_COMPLAINT]
    assert len(found) == count


@pytest.mark.parametrize(("on", "state"), [(date(2026, 7, 31), State.KEPT), (date(2026, 8, 1), State.KEPT_LATE)])
def test_the_thirtieth_day_is_in_time(on: date, state: State) -> None:
    made = DataComplaintMade(occurred_on=date(2026, 7, 1), person=MOTHER)
    record = a_record(enrolled(), a_contact(), made, DataComplaintAcknowledged(occurred_on=on, complaint=3))
    assert clock(record, ACKNOWLEDGE_A_DATA_COMPLAINT).state_on(on) is state


@pytest.mark.parametrize(("reviewed_on", "is_kept"), [(date(2026, 3, 16), True), (date(2026, 3, 17), False), (None, False)])
def test_exemptions_are_reviewed_before_anything_is_released(reviewed_on: date | None, is_kept: bool) -> None:
    reviewed = () if reviewed_on is None else (ExemptionsReviewed(occurred_on=reviewed_on, asked=3),)
    findings = answer_access(asked(ASKED, *reviewed), answered_on(date(2026, 3, 16)), AS_HEAD).findings
    assert [finding.kept for finding in findings if finding.rule is REVIEW_EXEMPTIONS_BEFORE_RELEASE] == [is_kept]


def test_nothing_needs_review_where_nothing_is_released() -> None:
    findings = answer_access(asked(ASKED), answered_on(date(2026, 3, 16), refused_because="Not who they said."), AS_HEAD).findings
    assert REVIEW_EXEMPTIONS_BEFORE_RELEASE not in {finding.rule for finding in findings}


def test_a_release_to_somebody_who_may_not_be_told_is_remarked_on() -> None:
    barred = a_contact(information_restricted=True, restriction_basis="Order of 3 March")
    record = a_record(enrolled(), barred, ASKED, ExemptionsReviewed(occurred_on=ASKED_ON, asked=3))
    broken = [finding for finding in answer_access(record, answered_on(date(2026, 3, 16)), AS_HEAD).findings if not finding.kept]
    assert [finding.used["withheld"] for finding in broken] == ["information_restricted"]


@pytest.mark.parametrize(("born", "is_asked"), [(date(2014, 3, 2), True), (date(2014, 3, 3), False)])
def test_a_child_of_about_twelve_is_asked_before_somebody_else_is_answered(born: date, is_asked: bool) -> None:
    findings = ask_for_access(a_record(enrolled(born=born), a_contact()), ASKED, AS_HEAD).findings
    assert bool(findings) is is_asked


PAUSED = AccessPaused(occurred_on=date(2026, 3, 9), asked=3, awaited=Awaited.IDENTITY)


@pytest.mark.parametrize(
    ("step", "record", "entry"),
    [
        (ask_for_access, a_record(enrolled(), a_contact()), with_changes(ASKED, {"person": STRANGER})),
        (ask_for_access, a_record(enrolled(), a_contact()), with_changes(BY_PARENT, {"person": PUPIL})),
        (pause_access, asked(BY_PARENT), PAUSED),
        (pause_access, asked(ASKED, PAUSED), with_changes(PAUSED, {"occurred_on": date(2026, 3, 10)})),
        (resume_access, asked(ASKED), AccessResumed(occurred_on=date(2026, 3, 19), asked=3)),
        (extend_access, asked(ASKED), AccessExtended(occurred_on=date(2026, 3, 19), asked=3, months=3, reason="Many papers.")),
        (extend_access, asked(BY_PARENT), AccessExtended(occurred_on=date(2026, 3, 19), asked=3, months=1, reason="Many papers.")),
        (
            review_exemptions,
            asked(ASKED),
            ExemptionsReviewed(occurred_on=ASKED_ON, asked=3, flagged=(Flagged(number=9, exemption=Exemption.CHILD_ABUSE),)),
        ),
        (answer_access, asked(ASKED), answered_on(date(2026, 3, 1))),
        (answer_access, asked(ASKED, answered_on(date(2026, 3, 16))), answered_on(date(2026, 3, 17))),
        (answer_access, asked(ASKED), with_changes(answered_on(date(2026, 3, 16)), {"asked": 2})),
        (complain_of_data, a_record(enrolled(), a_contact()), DataComplaintMade(occurred_on=ASKED_ON, person=FATHER)),
        (acknowledge_complaint, asked(ASKED), DataComplaintAcknowledged(occurred_on=ASKED_ON, complaint=3)),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(step, record, entry) -> None:
    decision = step(record, entry, AS_SENCO if step is review_exemptions else AS_HEAD)
    assert decision.is_refused
    assert decision.findings[0].cure


def test_the_wording_on_subject_access_changed_on_5_february_2026() -> None:
    before, after = (ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.wording_on(day) for day in (date(2026, 2, 4), date(2026, 2, 5)))
    assert before is not None
    assert after is not None
    assert "awaited" not in before.duty
    assert "awaited" in after.duty


@pytest.mark.parametrize(("restricted", "held"), [(FATHER, [2]), (MOTHER, [])])
def test_a_restriction_on_somebody_else_never_goes_out_with_a_copy(restricted: UUID, held: list[int]) -> None:
    bars = {"contact_restricted": True, "restriction_basis": "Order of 3 March"}
    contacts = [a_contact(who, **(bars if who == restricted else {})) for who in (FATHER, MOTHER)]
    reviewed = ExemptionsReviewed(occurred_on=ASKED_ON, asked=4)
    record = a_record(enrolled(), *contacts, ASKED, reviewed)
    assert [one.recorded.number for one in released(record, 4) if one.exemption is Exemption.ANOTHER_PERSON] == held
