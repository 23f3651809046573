"""Capacity, care, home and sharing: what is refused because it cannot be, and what is remarked on."""

from datetime import date

import pytest

from app.domain.circumstances import agree_sharing, decide_capacity, describe_care, describe_home, note_changed_details
from app.domain.ehc import request_ehc_assessment
from app.domain.entries import (
    CapacityDecided,
    CareDescribed,
    ContactDetailsChanged,
    EhcAssessmentRequested,
    HomeDescribed,
    Requester,
    SharingAgreed,
)
from app.domain.roll import describe_contact
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules import education_act_1996
from tests.domain.builders import (
    AS_CLIENT,
    AS_HEAD,
    AS_MOTHER,
    AS_PUPIL,
    AS_SENCO,
    AS_TEACHER,
    FATHER,
    GRANDMOTHER,
    MOTHER,
    PUPIL,
    a_contact,
    a_record,
    enrolled,
)

A_DAY = date(2015, 11, 3)
LAST_DAY, DAY_AFTER = date(2015, 6, 26), date(2015, 6, 27)
BORN = date(1999, 8, 31)
YOUNG = (enrolled(BORN, date(2010, 9, 1)), a_contact(MOTHER, date(2010, 9, 1)))
CHILD = (enrolled(), a_contact(MOTHER))
CAPACITY, PARENTS = act.LET_SOMEBODY_ACT_FOR_WHO_CANNOT, education_act_1996.TREAT_CARERS_AS_PARENTS


def capacity(on=A_DAY, has_capacity=False, **facts):
    return CapacityDecided(occurred_on=on, **{"has_capacity": has_capacity, "basis": "Best interests meeting", **facts})


def care(on=A_DAY, **facts):
    return CareDescribed(occurred_on=on, **{"is_looked_after": True, "authority": "999", **facts})


def remarks(decision):
    assert not decision.is_refused
    return [(finding.rule, finding.kept, finding.missing) for finding in decision.findings]


@pytest.mark.parametrize("representative", [None, MOTHER])
def test_a_young_person_may_be_found_to_lack_capacity(representative):
    assert remarks(decide_capacity(a_record(*YOUNG), capacity(representative=representative), AS_SENCO)) == [(CAPACITY, True, ())]


@pytest.mark.parametrize(("on", "missing"), [(LAST_DAY, ("young person over compulsory school age",)), (DAY_AFTER, ())])
def test_capacity_decided_before_the_end_of_compulsory_school_age_is_remarked_on(on, missing):
    assert remarks(decide_capacity(a_record(*YOUNG), capacity(on), AS_HEAD)) == [(CAPACITY, not missing, missing)]


def test_a_decision_about_capacity_says_on_what_it_rests_and_names_nobody_for_who_has_it():
    assert remarks(decide_capacity(a_record(*YOUNG), capacity(basis=" "), AS_SENCO)) == [(CAPACITY, False, ("basis",))]
    named = decide_capacity(a_record(*YOUNG), capacity(has_capacity=True, representative=MOTHER), AS_SENCO)
    assert remarks(named) == [(CAPACITY, False, ())]
    assert remarks(decide_capacity(a_record(*YOUNG), capacity(has_capacity=True), AS_SENCO)) == []


@pytest.mark.parametrize(
    ("step", "entry"),
    [
        (decide_capacity, capacity(representative=GRANDMOTHER)),
        (describe_care, care(social_worker=GRANDMOTHER)),
        (agree_sharing, SharingAgreed(occurred_on=A_DAY, contact=GRANDMOTHER, agrees=True)),
    ],
)
def test_nobody_acts_or_is_told_who_is_not_in_the_record(step, entry):
    assert step(a_record(*YOUNG), entry, AS_SENCO).is_refused
    assert not step(a_record(*YOUNG, a_contact(GRANDMOTHER)), entry, AS_SENCO).is_refused


def test_capacity_is_the_sencos_or_the_heads_to_record_and_no_parents_or_teachers():
    for author, is_refused in ((AS_SENCO, False), (AS_HEAD, False), (AS_TEACHER, True), (AS_MOTHER, True), (AS_PUPIL, True)):
        assert decide_capacity(a_record(*YOUNG), capacity(), author).is_refused is is_refused


@pytest.mark.parametrize(("on", "is_refused"), [(LAST_DAY, True), (DAY_AFTER, False)])
@pytest.mark.parametrize("author", [AS_PUPIL, AS_TEACHER])
def test_sharing_is_the_young_persons_to_agree_to_and_no_childs(on, is_refused, author):
    decision = agree_sharing(a_record(*YOUNG), SharingAgreed(occurred_on=on, contact=MOTHER, agrees=True), author)
    assert decision.is_refused is is_refused


def test_no_parent_agrees_in_the_young_persons_place():
    assert agree_sharing(a_record(*YOUNG), SharingAgreed(occurred_on=A_DAY, contact=MOTHER, agrees=True), AS_MOTHER).is_refused


def test_an_agreement_by_somebody_without_capacity_is_remarked_on_and_taking_it_back_is_not():
    record = a_record(*YOUNG, capacity(DAY_AFTER))
    for agrees, missing in ((True, ("capacity to agree",)), (False, ())):
        decision = agree_sharing(record, SharingAgreed(occurred_on=A_DAY, contact=MOTHER, agrees=agrees), AS_TEACHER)
        assert [lacking for _, _, lacking in remarks(decision)] == [missing]


@pytest.mark.parametrize("number", ["99", "9999", "", "99a", "٩٩٩"])
def test_an_authority_is_known_by_three_digits(number):
    assert describe_home(a_record(*CHILD), HomeDescribed(occurred_on=A_DAY, authority=number), AS_TEACHER).is_refused
    assert describe_care(a_record(*CHILD), care(authority=number), AS_TEACHER).is_refused


@pytest.mark.parametrize(("number", "is_listed"), [("999", True), ("301", True), ("000", False)])
def test_an_authority_of_no_such_number_today_is_remarked_on_for_it_may_be_gone(number, is_listed):
    found = remarks(describe_home(a_record(*CHILD), HomeDescribed(occurred_on=A_DAY, authority=number), AS_TEACHER))
    assert [missing for _, _, missing in found] == ([] if is_listed else [("authority of that number today",)])


@pytest.mark.parametrize(
    ("people", "facts", "missing"),
    [
        ([a_contact(MOTHER)], {}, ()),
        ([], {}, ("person with responsibility or care",)),
        ([a_contact(MOTHER, parental_responsibility=False, has_care=False)], {}, ("person with responsibility or care",)),
        ([a_contact(MOTHER)], {"has_responsibility": True}, ("contact who speaks for the authority",)),
        ([a_contact(MOTHER)], {"has_responsibility": True, "social_worker": MOTHER}, ()),
    ],
)
def test_a_looked_after_pupil_has_somebody_with_responsibility_to_tell(people, facts, missing):
    decision = describe_care(a_record(enrolled(), *people), care(**facts), AS_TEACHER)
    assert remarks(decision) == [(PARENTS, not missing, missing)]


def test_care_without_its_authority_is_remarked_on_and_the_end_of_care_is_not():
    found = remarks(describe_care(a_record(*CHILD), care(authority=None), AS_TEACHER))
    assert [missing for _, _, missing in found] == [("number of the authority that looks after the pupil",), ()]
    assert remarks(describe_care(a_record(*CHILD), care(is_looked_after=False, authority=None), AS_TEACHER)) == []


def by_birth(**facts):
    return a_contact(FATHER, A_DAY, parental_responsibility=False, has_care=False, natural_parent=True, **facts)


@pytest.mark.parametrize(
    ("entry", "asks"),
    [
        (by_birth(), True),
        (by_birth(restriction_basis="No order and no safeguarding decision was found"), False),
        (a_contact(FATHER, A_DAY, natural_parent=True), False),
    ],
)
def test_a_parent_by_birth_alone_is_taken_and_a_named_person_is_asked_whether_anything_bars_them(entry, asks):
    decision = describe_contact(a_record(*CHILD), entry, AS_TEACHER)
    missing = [("whether anything bars a parent by birth",)] if asks else []
    assert [lacking for _, _, lacking in remarks(decision)] == missing


def asked(requester=Requester.PARENT, contact=MOTHER, authority="999"):
    facts = {"request": PUPIL, "requester": requester, "contact": contact, "authority": authority, "reason": "Needs more."}
    return EhcAssessmentRequested(occurred_on=A_DAY, **facts)


@pytest.mark.parametrize(("authority", "is_remarked"), [("999", False), ("998", True)])
def test_a_request_to_another_than_the_home_authority_is_remarked_on_and_taken(authority, is_remarked):
    """Children and Families Act 2014, section 24: where the pupil lives counts, not where the school lies."""
    record = a_record(*CHILD, HomeDescribed(occurred_on=date(2014, 9, 1), authority="999"))
    decision = request_ehc_assessment(record, asked(authority=authority), AS_MOTHER)
    assert not decision.is_refused
    assert any(not finding.kept and finding.used.get("home_authority") == "999" for finding in decision.findings) is is_remarked


def test_where_the_home_is_not_known_nothing_is_said_of_it():
    decision = request_ehc_assessment(a_record(*CHILD), asked(authority="998"), AS_MOTHER)
    assert not any("home_authority" in finding.used for finding in decision.findings)


@pytest.mark.parametrize(
    ("lacking", "contact", "is_refused"),
    [
        (None, MOTHER, True),
        (capacity(DAY_AFTER), MOTHER, False),
        (capacity(DAY_AFTER, representative=GRANDMOTHER), GRANDMOTHER, False),
        (capacity(DAY_AFTER, representative=GRANDMOTHER), MOTHER, True),
    ],
)
def test_a_request_for_a_young_person_without_capacity_is_the_representatives_or_else_the_parents(lacking, contact, is_refused):
    grandmother = a_contact(GRANDMOTHER, parental_responsibility=False, has_care=False)
    record = a_record(*YOUNG, grandmother, *([] if lacking is None else [lacking]))
    assert request_ehc_assessment(record, asked(contact=contact), AS_SENCO).is_refused is is_refused


def test_a_young_person_is_never_turned_away_for_want_of_capacity():
    decision = request_ehc_assessment(a_record(*YOUNG, capacity(DAY_AFTER)), asked(Requester.YOUNG_PERSON, None), AS_PUPIL)
    assert not decision.is_refused
    assert [finding.kept for finding in decision.findings if finding.rule is CAPACITY] == [False]


def test_a_parent_by_birth_may_ask():
    record = a_record(enrolled(), by_birth())
    assert not request_ehc_assessment(record, asked(contact=FATHER), AS_SENCO).is_refused


def test_a_change_of_address_is_noted_by_the_client_alone_and_only_of_a_contact():
    changed = ContactDetailsChanged(occurred_on=A_DAY, contact=MOTHER)
    assert not note_changed_details(a_record(*CHILD), changed, AS_CLIENT).is_refused
    assert note_changed_details(a_record(*CHILD), changed, AS_SENCO).is_refused
    assert note_changed_details(a_record(enrolled()), changed, AS_CLIENT).is_refused
