"""A changed address is not written to for some days, unless somebody made sure of it: which days, for whom, and who may cut them short."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from app.domain.author import Assurance, Author
from app.domain.choices import choice_refusal
from app.domain.circumstances import confirm_details
from app.domain.codes import StaffRole
from app.domain.cooling_off import cooling_off
from app.domain.corrections import withdraw_entry
from app.domain.decision import Decision
from app.domain.entries import (
    CapacityDecided,
    ContactDetailsChanged,
    ContactDetailsConfirmed,
    DayUnit,
    Entry,
    EntryWithdrawn,
    Erased,
    Recorded,
    RoleGiven,
    SettingChanged,
    SettingName,
)
from app.domain.notices import Barred, barred, look_again_on, owed_to_new_holder
from app.domain.record import Record
from app.domain.school import School
from tests.domain.builders import (
    AS_CLIENT,
    AS_HEAD,
    AS_MOTHER,
    AS_PUPIL,
    AS_SENCO,
    AS_TEACHER,
    CLERK,
    FATHER,
    GRANDMOTHER,
    HEAD,
    MOTHER,
    STRANGER,
    a_contact,
    a_record,
    a_school,
    enrolled,
    recorded,
    sen_decided,
    staff,
)
from tests.domain.calendars import WHOLE_YEAR

CHANGED_ON = date(2025, 9, 12)
"""A Friday."""
LAST, FREE = date(2025, 9, 15), date(2025, 9, 16)
COOLING = SettingName.ADDRESS_COOLING_OFF_DAYS
ACCEPTED = SettingChanged(occurred_on=date(2015, 9, 1), setting=SettingName.ASSERTED_SECOND_PERSON_ACCEPTED, value=1)
DECISION, CHANGE = 4, 5


def chosen(value: int, unit: DayUnit = DayUnit.CALENDAR_DAYS, on: date = date(2025, 9, 1)) -> SettingChanged:
    return SettingChanged(occurred_on=on, setting=COOLING, value=value, unit=unit)


def changed(on: date = CHANGED_ON, contact: UUID = MOTHER, number: int = CHANGE, *, otherwise: bool = True) -> Recorded:
    entry = ContactDetailsChanged(occurred_on=on, contact=contact, is_reached_otherwise=otherwise)
    return recorded(entry, number, by=AS_CLIENT)


def confirmed(on: date = CHANGED_ON, contact: UUID = MOTHER, change: int = CHANGE, basis: str = "Rang her.") -> ContactDetailsConfirmed:
    return ContactDetailsConfirmed(occurred_on=on, contact=contact, change=change, basis=basis)


def family(*entries: Entry | Recorded, school: School | None = None) -> Record:
    """Mother and father, and a decision of which both must be told; its number is 4."""
    decided = (enrolled(), a_contact(MOTHER), a_contact(FATHER), sen_decided(date(2025, 9, 10)))
    return a_record(*decided, *entries, school=school or a_school(ACCEPTED))


def why(record: Record, on: date, person: UUID = MOTHER) -> Barred | None:
    return barred(record, DECISION, person, on)


@pytest.mark.parametrize(
    ("on", "reason"), [(CHANGED_ON, Barred.ADDRESS_CHANGED), (LAST, Barred.ADDRESS_CHANGED), (FREE, None), (date(2025, 9, 11), None)]
)
def test_three_days_after_a_change_are_waited_for_and_the_last_is_inside(on: date, reason: Barred | None) -> None:
    assert why(family(changed()), on) is reason


def test_the_days_are_over_by_themselves_and_it_is_known_when() -> None:
    record = family(changed())
    assert look_again_on(record, MOTHER, Barred.ADDRESS_CHANGED, CHANGED_ON) == FREE
    assert look_again_on(record, MOTHER, Barred.NOT_TO_BE_TOLD, CHANGED_ON) is None
    assert look_again_on(record, MOTHER, None, FREE) is None


def test_only_whose_address_changed_waits() -> None:
    assert why(family(changed()), CHANGED_ON, FATHER) is None


def test_how_a_contact_was_first_reached_is_no_change() -> None:
    assert cooling_off(a_record(enrolled(), a_contact(MOTHER, CHANGED_ON)), MOTHER, CHANGED_ON) is None


def test_another_language_or_format_alone_reaches_nobody_else() -> None:
    assert why(family(changed(otherwise=False)), CHANGED_ON) is None


def test_a_second_change_begins_the_days_anew() -> None:
    record = family(changed(), changed(LAST, number=6))
    assert [why(record, LAST + timedelta(days=days)) for days in (3, 4)] == [Barred.ADDRESS_CHANGED, None]


@pytest.mark.parametrize(("value", "last"), [(0, None), (1, date(2025, 9, 13)), (10, date(2025, 9, 22))])
def test_the_days_are_the_schools_to_choose_and_none_are_none(value: int, last: date | None) -> None:
    found = cooling_off(family(changed(), school=a_school(chosen(value))), MOTHER, CHANGED_ON)
    assert (None if found is None else found.last.day) == last


def test_what_was_chosen_afterwards_does_not_shorten_the_days() -> None:
    record = family(changed(), school=a_school(chosen(0, on=date(2025, 9, 13))))
    assert why(record, LAST) is Barred.ADDRESS_CHANGED


def test_school_days_are_counted_by_the_calendar_and_without_it_one_waits_and_looks_again_each_day() -> None:
    days = chosen(3, DayUnit.SCHOOL_DAYS)
    found = cooling_off(family(changed(), school=a_school(*WHOLE_YEAR, days)), MOTHER, CHANGED_ON)
    assert found is not None
    assert found.last.day == date(2025, 9, 17)
    record = family(changed(), school=a_school(days))
    assert why(record, date(2025, 12, 1)) is Barred.ADDRESS_CHANGED
    assert look_again_on(record, MOTHER, Barred.ADDRESS_CHANGED, date(2025, 12, 1)) == date(2025, 12, 2)


def test_that_nothing_may_be_told_at_all_weighs_more_than_where_it_would_go() -> None:
    restricted = recorded(a_contact(MOTHER, CHANGED_ON, information_restricted=True), 6)
    assert why(family(changed(), restricted), CHANGED_ON) is Barred.NOT_TO_BE_TOLD


def test_a_notice_is_composed_for_who_takes_over_even_while_it_waits() -> None:
    """Sixteen on 1 September 2024: the rights passed in June 2025, and nobody was told before; the representative just moved."""
    lacking = CapacityDecided(occurred_on=date(2025, 9, 11), has_capacity=False, representative=GRANDMOTHER, basis="Meeting")
    young = (enrolled(date(2009, 5, 1)), a_contact(GRANDMOTHER), lacking, sen_decided(date(2025, 9, 10)))
    record = a_record(*young, changed(contact=GRANDMOTHER), school=a_school(ACCEPTED))
    assert [owed.person.id for owed in owed_to_new_holder(record, 4, CHANGED_ON)] == [GRANDMOTHER]


def decision(entry: ContactDetailsConfirmed, by: Author = AS_HEAD, *more: Recorded, school: School | None = None) -> Decision:
    return confirm_details(family(changed(), *more, school=school), entry, by)


@pytest.mark.parametrize("by", [AS_HEAD, AS_SENCO, staff(CLERK)])
def test_head_senco_or_office_may_confirm_and_then_nobody_waits(by: Author) -> None:
    assert not decision(confirmed(), by).is_refused
    assert why(family(changed(), recorded(confirmed(), 6)), CHANGED_ON) is None


@pytest.mark.parametrize("by", [AS_TEACHER, AS_CLIENT, AS_MOTHER, AS_PUPIL, staff(STRANGER)])
def test_neither_a_client_nor_the_family_nor_who_keeps_no_addresses_may_confirm(by: Author) -> None:
    assert decision(confirmed(), by).is_refused


def test_a_mere_assertion_is_enough_only_where_the_school_chose_so_before_the_change() -> None:
    """The client that changes the address could otherwise name any member of staff as the one who confirms it."""
    strict, late = a_school(), a_school(SettingChanged(occurred_on=date(2025, 9, 13), setting=ACCEPTED.setting, value=1))
    for school in (strict, late):
        refused = decision(confirmed(date(2025, 9, 13)), AS_HEAD, school=school)
        assert [finding.missing for finding in refused.findings] == [("proof of who the second person is",)]
    assert not decision(confirmed(), staff(HEAD, Assurance.PROVED), school=strict).is_refused


@pytest.mark.parametrize(("hours", "is_refused"), [(23, True), (24, False)])
def test_who_was_not_known_for_a_day_when_the_address_was_changed_does_not_confirm_it(hours: int, is_refused: bool) -> None:
    moment = datetime.combine(CHANGED_ON, time(16), UTC)
    new = recorded(
        RoleGiven(occurred_on=date(2025, 9, 1), staff=STRANGER, role=StaffRole.HEAD), -1, pupil=None, at=moment - timedelta(hours=hours)
    )
    school = School.fold([*a_school(ACCEPTED).known, new])
    assert decision(confirmed(), staff(STRANGER), school=school).is_refused is is_refused


def test_nobody_confirms_a_change_of_their_own() -> None:
    own = recorded(changed().entry, CHANGE, by=AS_SENCO)
    assert confirm_details(family(own), confirmed(), AS_SENCO).is_refused
    assert not confirm_details(family(own), confirmed(), AS_HEAD).is_refused


@pytest.mark.parametrize(
    "entry",
    [
        confirmed(change=DECISION),
        confirmed(contact=FATHER),
        confirmed(contact=GRANDMOTHER),
        confirmed(date(2025, 9, 11)),
        confirmed(basis=" "),
    ],
)
def test_what_is_confirmed_is_a_change_of_that_very_contact_and_how_it_was_checked_is_said(entry: ContactDetailsConfirmed) -> None:
    assert decision(entry).is_refused


def test_a_change_that_came_in_between_is_not_confirmed_along_with_the_one_before() -> None:
    later = changed(date(2025, 9, 13), number=6)
    assert decision(confirmed(date(2025, 9, 13)), AS_HEAD, later).is_refused
    record = family(changed(), recorded(confirmed(), 6), changed(date(2025, 9, 13), number=7))
    assert why(record, date(2025, 9, 13)) is Barred.ADDRESS_CHANGED
    assert not confirm_details(record, confirmed(date(2025, 9, 13), change=7), AS_HEAD).is_refused


def test_what_was_confirmed_is_not_confirmed_again() -> None:
    assert decision(confirmed(), AS_HEAD, recorded(confirmed(), 6)).is_refused


def test_a_confirmation_that_is_withdrawn_counts_no_more() -> None:
    withdrawn = recorded(EntryWithdrawn(occurred_on=CHANGED_ON, reason="It was another's number."), 7, supersedes=6)
    assert why(family(changed(), recorded(confirmed(), 6), withdrawn), CHANGED_ON) is Barred.ADDRESS_CHANGED


def test_to_withdraw_the_trace_of_a_change_or_to_erase_it_does_not_end_the_days() -> None:
    withdrawn = recorded(EntryWithdrawn(occurred_on=CHANGED_ON, reason="No."), 6, supersedes=CHANGE)
    assert why(family(changed(), withdrawn), LAST) is Barred.ADDRESS_CHANGED
    erased = recorded(Erased(occurred_on=CHANGED_ON, erased_type="contact_details.changed"), CHANGE, by=AS_CLIENT)
    assert [why(family(erased), day) for day in (LAST, FREE)] == [Barred.ADDRESS_CHANGED, None]


def test_a_change_that_was_confirmed_is_not_withdrawn_from_under_it() -> None:
    record = family(changed(), recorded(confirmed(), 6))
    entry = EntryWithdrawn(occurred_on=CHANGED_ON, reason="No.")
    assert withdraw_entry(record, entry, AS_HEAD, number=CHANGE).is_refused
    assert not withdraw_entry(record, entry, AS_HEAD, number=6).is_refused


@pytest.mark.parametrize(
    ("held", "entry", "is_weaker"),
    [
        ((), chosen(2), True),
        ((), chosen(0), True),
        ((), chosen(3), False),
        ((), chosen(30), False),
        ((chosen(3, DayUnit.SCHOOL_DAYS),), chosen(3), True),
        ((chosen(0, DayUnit.SCHOOL_DAYS),), chosen(3), False),
        ((), chosen(3, DayUnit.SCHOOL_DAYS), False),
    ],
)
def test_fewer_days_are_chosen_by_two(held: tuple[Entry, ...], entry: SettingChanged, is_weaker: bool) -> None:
    school, noon = a_school(*WHOLE_YEAR, *held), datetime(2025, 9, 1, 12, tzinfo=UTC)
    assert (choice_refusal(school, entry, AS_HEAD, None, noon) is not None) is is_weaker
    assert choice_refusal(school, entry, AS_HEAD, AS_SENCO, noon) is None
