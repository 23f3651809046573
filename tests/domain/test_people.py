from datetime import date
from itertools import product

import pytest

from app.domain.care import care_on, home_authority
from app.domain.entries import CapacityDecided, CareDescribed, HomeDescribed, SharingAgreed
from app.domain.people import Basis, Person, PersonKind, RightHolder, WithheldReason, people_to_tell, right_holder
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


@pytest.mark.parametrize(("responsibility", "care", "birth"), list(product((True, False), repeat=3)))
def test_a_contact_with_responsibility_or_care_and_a_parent_by_birth_is_told(responsibility, care, birth):
    """Each alone makes a parent in education law (Education Act 1996 s. 576), and nothing else does."""
    record = a_record(enrolled(), a_contact(MOTHER, parental_responsibility=responsibility, has_care=care, natural_parent=birth))
    told = people_to_tell(record, A_DAY)
    if responsibility or care or birth:
        assert told.persons == MOTHER_IS_TOLD
    else:
        assert [(withheld.reason, withheld.asks) for withheld in told.withheld] == [(WithheldReason.NOT_A_PARENT, False)]


@pytest.mark.parametrize(
    ("restriction", "reason", "asks"),
    [
        ({"information_restricted": True}, WithheldReason.INFORMATION_RESTRICTED, False),
        ({"contact_restricted": True}, WithheldReason.CONTACT_RESTRICTED, True),
        ({"contact_restricted": True, "information_restricted": True}, WithheldReason.INFORMATION_RESTRICTED, False),
    ],
)
@pytest.mark.parametrize("basis", ["parental_responsibility", "has_care", "natural_parent"])
def test_a_restriction_takes_every_kind_of_parent_out(basis, restriction, reason, asks):
    none = {"parental_responsibility": False, "has_care": False, "natural_parent": False}
    told = people_to_tell(a_record(enrolled(), a_contact(MOTHER, **{**none, basis: True, **restriction})), A_DAY)
    assert told.is_nobody
    assert [(withheld.reason, withheld.asks) for withheld in told.withheld] == [(reason, asks)]


def test_a_parent_by_birth_is_told_of_a_child_and_not_of_a_young_person():
    father = a_contact(FATHER, parental_responsibility=False, has_care=False, natural_parent=True)
    record = a_record(enrolled(date(1999, 8, 31)), father)
    assert [told.basis for told in people_to_tell(record, date(2015, 6, 26)).told] == [Basis.BIRTH]
    assert [told.basis for told in people_to_tell(record, date(2015, 6, 27)).told] == [Basis.OWN_RIGHT]


A_YOUNG_PERSON = enrolled(date(1998, 3, 1), date(2010, 9, 1))
"""Over compulsory school age from 28 June 2014 on."""


def a_parent(contact=MOTHER, **changes):
    return a_contact(contact, date(2010, 9, 1), **changes)


def lacks_capacity(on=date(2014, 10, 1), representative=None):
    return CapacityDecided(occurred_on=on, has_capacity=False, representative=representative, basis="Best interests meeting")


def test_without_capacity_the_parents_act_from_the_day_of_the_decision_until_it_is_decided_otherwise():
    again = CapacityDecided(occurred_on=date(2015, 1, 5), has_capacity=True, basis="Assessed again")
    record = a_record(A_YOUNG_PERSON, a_parent(), lacks_capacity(), again)
    days = (date(2014, 9, 30), date(2014, 10, 1), date(2015, 1, 4), date(2015, 1, 5))
    holders = [RightHolder.YOUNG_PERSON, RightHolder.PARENTS, RightHolder.PARENTS, RightHolder.YOUNG_PERSON]
    assert [right_holder(record, day) for day in days] == holders
    told = people_to_tell(record, date(2014, 10, 1))
    assert told.persons == MOTHER_IS_TOLD
    assert [(w.person.id, w.reason) for w in told.withheld] == [(PUPIL, WithheldReason.LACKS_CAPACITY)]


def test_a_representative_goes_before_the_parents_and_needs_neither_responsibility_nor_care():
    grandmother = a_parent(GRANDMOTHER, parental_responsibility=False, has_care=False)
    record = a_record(A_YOUNG_PERSON, a_parent(), grandmother, lacks_capacity(representative=GRANDMOTHER))
    assert right_holder(record, A_DAY) is RightHolder.REPRESENTATIVE
    told = people_to_tell(record, A_DAY)
    assert [(t.person.id, t.basis) for t in told.told] == [(GRANDMOTHER, Basis.REPRESENTS)]
    reasons = {w.person.id: w.reason for w in told.withheld}
    assert reasons == {PUPIL: WithheldReason.LACKS_CAPACITY, MOTHER: WithheldReason.REPRESENTATIVE_HOLDS_THE_RIGHTS}


def test_a_representative_who_may_not_be_informed_is_not_and_nobody_steps_in_unseen():
    grandmother = a_parent(GRANDMOTHER, information_restricted=True)
    record = a_record(A_YOUNG_PERSON, a_parent(), grandmother, lacks_capacity(representative=GRANDMOTHER))
    assert people_to_tell(record, A_DAY).is_nobody


@pytest.mark.parametrize(("on", "holder"), [(date(2014, 6, 27), RightHolder.PARENTS), (date(2014, 6, 28), RightHolder.REPRESENTATIVE)])
def test_a_decision_about_capacity_made_before_counts_once_compulsory_school_age_has_ended(on, holder):
    record = a_record(A_YOUNG_PERSON, a_parent(), lacks_capacity(date(2014, 6, 2), MOTHER))
    assert right_holder(record, on) is holder


@pytest.mark.parametrize(("on", "holder"), [(date(2023, 2, 28), RightHolder.PARENTS), (date(2023, 3, 1), RightHolder.NOBODY)])
def test_from_25_on_capacity_gives_nobody_the_rights(on, holder):
    record = a_record(A_YOUNG_PERSON, a_parent(), lacks_capacity())
    assert right_holder(record, on) is holder
    assert people_to_tell(record, on).is_nobody is (holder is RightHolder.NOBODY)


def agreed(on=date(2014, 10, 1), *, agrees=True):
    return SharingAgreed(occurred_on=on, contact=MOTHER, agrees=agrees)


@pytest.mark.parametrize(("on", "is_copied"), [(date(2014, 9, 30), False), (date(2014, 10, 1), True), (date(2015, 1, 5), False)])
def test_a_young_persons_parents_are_copied_while_the_young_person_agrees(on, is_copied):
    record = a_record(A_YOUNG_PERSON, a_parent(), a_parent(FATHER), agreed(), agreed(date(2015, 1, 5), agrees=False))
    told = people_to_tell(record, on)
    assert [person.id for person in told.persons] == [PUPIL]
    assert [person.id for person in told.with_copies] == ([PUPIL, MOTHER] if is_copied else [PUPIL])
    assert told.may_be_told(MOTHER) is is_copied
    assert not told.may_be_told(FATHER)


def test_what_a_child_agreed_to_counts_for_nothing_later():
    """Compulsory school age ends on 27 June 2014; agreed on that day it is a child's word, the day after a young person's."""
    for day, is_copied in ((date(2014, 6, 27), False), (date(2014, 6, 28), True)):
        record = a_record(A_YOUNG_PERSON, a_parent(), agreed(day))
        assert people_to_tell(record, A_DAY).may_be_told(MOTHER) is is_copied


def test_an_agreement_gives_no_way_round_a_restriction():
    record = a_record(A_YOUNG_PERSON, a_parent(information_restricted=True), agreed())
    assert not people_to_tell(record, A_DAY).may_be_told(MOTHER)


def test_who_lacks_the_capacity_to_agree_agrees_to_nothing_but_may_take_it_back():
    """Mental Capacity Act 2005, section 3: to decide, somebody must be able to weigh it."""
    lost, before, after = lacks_capacity(representative=GRANDMOTHER), date(2014, 9, 30), date(2014, 10, 2)
    for entries, is_copied in (
        ((agreed(before), lost), True),
        ((lost, agreed(after)), False),
        ((agreed(before), lost, agreed(after, agrees=False)), False),
    ):
        record = a_record(A_YOUNG_PERSON, a_parent(), a_parent(GRANDMOTHER), *entries)
        assert people_to_tell(record, A_DAY).may_be_told(MOTHER) is is_copied


def test_an_agreement_outlasts_the_loss_of_capacity():
    record = a_record(A_YOUNG_PERSON, a_parent(), a_parent(GRANDMOTHER), agreed(), lacks_capacity(representative=GRANDMOTHER))
    assert [(t.person.id, t.basis) for t in people_to_tell(record, A_DAY).told] == [(MOTHER, Basis.AGREED), (GRANDMOTHER, Basis.REPRESENTS)]


def looked_after(on=date(2014, 9, 1), **changes):
    return CareDescribed(occurred_on=on, **{"is_looked_after": True, "authority": "999", **changes})


@pytest.mark.parametrize("has_responsibility", [True, False])
def test_an_authority_is_told_through_its_social_worker_where_it_shares_responsibility(has_responsibility):
    """Parental responsibility comes with a care order and not with accommodation by agreement."""
    worker = a_contact(GRANDMOTHER, relationship="social worker", parental_responsibility=False, has_care=False)
    care = looked_after(has_responsibility=has_responsibility, social_worker=GRANDMOTHER)
    told = people_to_tell(a_record(enrolled(), a_contact(MOTHER), worker, care), A_DAY)
    assert told.may_be_told(GRANDMOTHER) is has_responsibility
    assert told.may_be_told(MOTHER)


def test_care_and_home_hold_from_their_day_until_the_next_is_described():
    home = [HomeDescribed(occurred_on=day, authority=number) for day, number in ((date(2014, 9, 1), "999"), (date(2015, 9, 1), "998"))]
    record = a_record(enrolled(), *home, looked_after(date(2015, 1, 5)), looked_after(date(2015, 6, 1), is_looked_after=False))
    assert [home_authority(record, day) for day in (date(2014, 8, 31), date(2014, 9, 1), date(2015, 9, 1))] == [None, "999", "998"]
    days = (date(2015, 1, 4), date(2015, 1, 5), date(2015, 5, 31), date(2015, 6, 1))
    assert [care_on(record, day) is not None for day in days] == [False, True, True, False]


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
