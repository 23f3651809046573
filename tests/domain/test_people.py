from datetime import date

import pytest

from app.domain.people import Person, PersonKind, RightHolder, WithheldReason, people_to_tell, right_holder
from tests.domain.builders import FATHER, GRANDMOTHER, MOTHER, PUPIL, a_contact, a_record, enrolled

MOTHER_IS_TOLD = (Person(MOTHER, PersonKind.CONTACT),)
A_DAY = date(2014, 11, 3)


@pytest.mark.parametrize(
    ("born", "on", "holder"),
    [
        (date(2009, 8, 31), date(2025, 6, 27), RightHolder.PARENTS),
        (date(2009, 8, 31), date(2025, 6, 28), RightHolder.YOUNG_PERSON),
        (date(2009, 9, 1), date(2025, 9, 1), RightHolder.PARENTS),
        (date(2009, 9, 1), date(2026, 6, 26), RightHolder.PARENTS),
        (date(2009, 9, 1), date(2026, 6, 27), RightHolder.YOUNG_PERSON),
        (date(2007, 9, 23), date(2024, 6, 29), RightHolder.YOUNG_PERSON),
        (date(2000, 2, 1), date(2025, 1, 31), RightHolder.YOUNG_PERSON),
        (date(2000, 2, 1), date(2025, 2, 1), RightHolder.NOBODY),
    ],
)
def test_rights_pass_the_day_after_the_school_leaving_date_and_last_until_25(born, on, holder):
    """Education Act 1996 s. 8(3), Children and Families Act 2014 s. 83(2): not the sixteenth birthday."""
    record = a_record(enrolled(born, date(2014, 9, 1)))
    assert right_holder(record, on) is holder


def test_without_a_date_of_birth_nobody_is_told_and_the_reason_is_given():
    told = people_to_tell(a_record(a_contact(MOTHER)), A_DAY)
    assert told.is_nobody
    assert [withheld.reason for withheld in told.withheld] == [WithheldReason.DATE_OF_BIRTH_NOT_KNOWN]


@pytest.mark.parametrize(
    ("responsibility", "care", "is_told"), [(True, True, True), (True, False, True), (False, True, True), (False, False, False)]
)
def test_a_contact_with_responsibility_or_care_is_told(responsibility, care, is_told):
    """A carer is a parent in education law (Education Act 1996 s. 576)."""
    record = a_record(enrolled(), a_contact(MOTHER, parental_responsibility=responsibility, has_care=care))
    assert people_to_tell(record, A_DAY).persons == (MOTHER_IS_TOLD if is_told else ())


def test_an_information_restriction_takes_somebody_out():
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER, information_restricted=True, restriction_basis="order"))
    told = people_to_tell(record, A_DAY)
    assert told.persons == MOTHER_IS_TOLD
    assert [(w.person.id, w.reason, w.asks) for w in told.withheld] == [(FATHER, WithheldReason.INFORMATION_RESTRICTED, False)]


def test_a_contact_restriction_alone_withholds_and_asks_a_person():
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER, contact_restricted=True, restriction_basis="order"))
    told = people_to_tell(record, A_DAY)
    assert told.persons == MOTHER_IS_TOLD
    assert [(w.person.id, w.reason, w.asks) for w in told.withheld] == [(FATHER, WithheldReason.CONTACT_RESTRICTED, True)]


def test_a_restriction_begins_on_its_day_and_the_newest_facts_count():
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(MOTHER, date(2015, 3, 1), information_restricted=True))
    assert people_to_tell(record, date(2015, 2, 28)).persons == MOTHER_IS_TOLD
    assert people_to_tell(record, date(2015, 3, 1)).is_nobody


def test_a_young_person_is_told_in_person_and_the_parents_are_not():
    record = a_record(enrolled(date(1998, 3, 1)), a_contact(MOTHER), a_contact(GRANDMOTHER, parental_responsibility=False))
    told = people_to_tell(record, A_DAY)
    assert told.persons == (Person(PUPIL, PersonKind.PUPIL),)
    assert {withheld.reason for withheld in told.withheld} == {WithheldReason.YOUNG_PERSON_HOLDS_THE_RIGHTS}


def test_from_25_on_nobody_holds_the_rights_and_nobody_is_told():
    told = people_to_tell(a_record(enrolled(date(1989, 3, 1)), a_contact(MOTHER)), A_DAY)
    assert told.is_nobody
    assert [withheld.reason for withheld in told.withheld] == [WithheldReason.NO_LONGER_UNDER_25]


def test_nobody_left_to_tell_is_an_empty_list_and_no_error():
    assert people_to_tell(a_record(enrolled()), A_DAY).is_nobody
