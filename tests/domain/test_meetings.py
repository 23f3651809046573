"""Meeting the parents: who leads, whose view is heard, what is given, and how often."""

from datetime import date
from uuid import UUID

import pytest

from app.domain import meetings
from app.domain.calendar import end_of_school_year
from app.domain.entries import Entry, EvidenceSource, MeetingHeld, PupilLeft
from app.domain.obligation import Obligation, State
from app.domain.obligations import obligations
from app.domain.oblige.meetings import meetings_owed
from app.domain.record import Record
from app.domain.rules.code_of_practice_2015 import graduated_approach as approach
from tests.domain.builders import (
    AS_TEACHER,
    ASSISTANT,
    MOTHER,
    SAID,
    TEACHER,
    a_contact,
    a_record,
    a_school,
    enrolled,
    sen_decided,
    with_changes,
)


def a_meeting(on: date, **changes: object) -> MeetingHeld:
    entry = MeetingHeld(
        occurred_on=on,
        attended_by=(MOTHER,),
        led_by=TEACHER,
        senco_present=True,
        minutes=30,
        pupils_view=SAID,
        agreed="Reading at home, daily.",
        shared_with_staff_on=on,
        given_to_parents_on=on,
    )
    return with_changes(entry, changes)


def on_support(since: date, *entries: Entry) -> Record:
    return a_record(enrolled(), a_contact(), sen_decided(since), *entries)


def owed(record: Record, until: date) -> list[Obligation]:
    return [found for found in obligations(record, until=until) if found.rule is approach.MEET_PARENTS_THREE_TIMES_A_YEAR]


def test_a_full_meeting_keeps_all_that_the_code_asks_of_it() -> None:
    """Code of Practice 6.67, 6.70 and 6.71."""
    decision = meetings.hold_meeting(on_support(date(2025, 9, 1)), a_meeting(date(2025, 10, 6)), AS_TEACHER)
    assert [finding.kept for finding in decision.findings] == [True, True, True]


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"led_by": ASSISTANT}, "teacher who leads"),
        ({"senco_present": False}, "SENCO's support"),
        ({"pupils_view": EvidenceSource()}, "pupils_view"),
        ({"given_to_parents_on": None}, "given_to_parents_on"),
        ({"shared_with_staff_on": None}, "shared_with_staff_on"),
    ],
)
def test_what_a_meeting_lacks_is_remarked_on(changes: dict[str, object], lacking: str) -> None:
    decision = meetings.hold_meeting(on_support(date(2025, 9, 1)), a_meeting(date(2025, 10, 6), **changes), AS_TEACHER)
    assert not decision.is_refused
    assert [finding.missing for finding in decision.findings if not finding.kept] == [(lacking,)]


def test_a_meeting_is_with_somebody_whom_the_record_knows() -> None:
    record = on_support(date(2025, 9, 1))
    assert meetings.hold_meeting(record, a_meeting(date(2025, 10, 6), attended_by=()), AS_TEACHER).is_refused
    assert meetings.hold_meeting(record, a_meeting(date(2025, 10, 6), attended_by=(UUID(int=0x999),)), AS_TEACHER).is_refused


@pytest.mark.parametrize(("days", "count"), [(1, 1), (121, 1), (122, 2), (243, 2), (244, 3), (365, 3), (366, 3)])
def test_three_meetings_a_year_are_fewer_in_part_of_one_and_never_none(days: int, count: int) -> None:
    """Code of Practice 6.65, by proportion and rounded up."""
    assert meetings_owed(days) == count


def test_the_k_th_meeting_is_met_by_the_k_th_that_was_held_or_offered() -> None:
    day = date(2026, 8, 31)
    declined = a_meeting(date(2026, 2, 2), attended_by=(), declined_by=(MOTHER,), minutes=0)
    found = owed(on_support(date(2025, 9, 1), a_meeting(date(2025, 10, 6)), declined), day)
    assert [item.met_on for item in found] == [date(2025, 10, 6), date(2026, 2, 2), None]
    assert {item.due for item in found} == {end_of_school_year(day)}


@pytest.mark.parametrize(("day", "state"), [(date(2026, 8, 31), State.DUE), (date(2026, 9, 1), State.BROKEN)])
def test_a_meeting_that_never_came_is_missed_after_the_last_day_of_the_school_year(day: date, state: State) -> None:
    third = owed(on_support(date(2025, 9, 1)), day)[2]
    assert third.state_on(day) is state


def test_a_meeting_on_the_last_day_of_the_year_counts_for_it_and_one_after_for_the_next() -> None:
    held = (a_meeting(date(2026, 8, 31)), a_meeting(date(2026, 9, 1)))
    found = owed(on_support(date(2025, 9, 1), *held), date(2026, 9, 1))
    assert [item.occasion for item in found if item.met_on] == ["2025/2026 meeting 1", "2026/2027 meeting 1"]


def test_the_later_meetings_of_a_year_are_not_asked_for_at_once() -> None:
    first, second, third = owed(on_support(date(2025, 9, 1)), date(2025, 9, 1))
    assert first.state_on(date(2025, 9, 1)) is State.DUE
    assert second.opens_on is not None
    assert second.state_on(date(2025, 12, 30)) is State.NOT_DUE
    assert second.state_on(second.opens_on) is State.DUE
    assert third.state_on(second.opens_on) is State.NOT_DUE


def test_who_starts_in_may_is_met_once_by_the_end_of_august() -> None:
    assert len(owed(on_support(date(2026, 5, 11)), date(2026, 5, 11))) == 1


def test_nothing_more_is_owed_to_a_pupil_who_left() -> None:
    left = PupilLeft(occurred_on=date(2026, 1, 5), reason="Moved away.")
    found = owed(on_support(date(2025, 9, 1), left), date(2026, 8, 31))
    assert [item.state_on(date(2026, 8, 31)) for item in found] == [None, None]


def test_days_before_the_schools_record_begins_are_not_counted() -> None:
    school = a_school(record_begins_on=date(2026, 5, 11))
    record = a_record(enrolled(), a_contact(), sen_decided(date(2024, 9, 2)), school=school)
    found = owed(record, date(2026, 5, 11))
    assert [item.arises_on for item in found] == [date(2026, 5, 11)]
