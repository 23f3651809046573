from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.author import Author, AuthorKind
from app.domain.codes import NeedType, SenStatus, StaffRole
from app.domain.entries import KINDS, OF_THE_SCHOOL, Matter, PersonTold, RoleEnded, RoleGiven, Telling, kinds_of
from app.domain.roles import late_role, presence_refusal, role_refusal
from app.domain.school import School
from app.domain.writers import WRITERS
from tests.domain.builders import (
    AS_CLIENT,
    AS_HEAD,
    AS_IMPORT,
    AS_MOTHER,
    AS_PUPIL,
    AS_SENCO,
    AS_TEACHER,
    ASSISTANT,
    CLERK,
    FATHER,
    MOTHER,
    SENCO,
    STRANGER,
    a_concern,
    a_contact,
    a_plan,
    a_record,
    a_review,
    a_school,
    a_transition,
    enrolled,
    imported,
    needs_set,
    plan_issued,
    recorded,
    sen_decided,
    staff,
)

DAY = date(2014, 11, 3)
RECORD = a_record(enrolled(), a_contact())
AS_OFFICER = Author(kind=AuthorKind.AUTHORITY_OFFICER, id=STRANGER)
A_TELLING = PersonTold(occurred_on=DAY, person=MOTHER, matter=Matter.SEN_PROVISION, about=1, notice=None, how=Telling.IN_PERSON)
AS_ASSISTANT, AS_CLERK, AS_STRANGER = staff(ASSISTANT), staff(CLERK), staff(STRANGER)


def test_every_kind_of_a_pupils_entries_has_its_writers():
    of_the_school = {kind for module in OF_THE_SCHOOL for kind in kinds_of(module)}
    assert set(WRITERS) == set(KINDS.values()) - of_the_school
    assert all(writers.rule.cites and (writers.roles or writers.others) for writers in WRITERS.values())


@pytest.mark.parametrize(
    ("entry", "allowed", "refused"),
    [
        (sen_decided(DAY), [AS_TEACHER, AS_SENCO, AS_HEAD], [AS_ASSISTANT, AS_CLERK, AS_STRANGER, AS_IMPORT, AS_CLIENT, AS_MOTHER]),
        (a_transition(DAY), [AS_SENCO, AS_HEAD], [AS_TEACHER, AS_ASSISTANT, AS_IMPORT, AS_CLIENT, AS_MOTHER]),
        (needs_set(DAY, NeedType.SLCN), [AS_SENCO, AS_HEAD], [AS_TEACHER, AS_IMPORT]),
        (a_plan(DAY, date(2015, 2, 2)), [AS_TEACHER, AS_SENCO], [AS_HEAD, AS_ASSISTANT, AS_MOTHER]),
        (a_review(DAY), [AS_TEACHER, AS_SENCO], [AS_ASSISTANT]),
        (a_concern(DAY), [AS_TEACHER, AS_CLERK, AS_MOTHER, AS_PUPIL], [AS_IMPORT, AS_CLIENT, AS_STRANGER]),
        (imported(SenStatus.NONE, DAY), [AS_IMPORT], [AS_SENCO, AS_HEAD, AS_CLIENT]),
        (plan_issued(DAY), [AS_SENCO, AS_HEAD, AS_CLERK], [AS_TEACHER, AS_CLIENT, AS_OFFICER, AS_IMPORT, AS_MOTHER]),
        (A_TELLING, [AS_TEACHER, AS_SENCO, AS_HEAD, AS_CLERK, AS_CLIENT], [AS_ASSISTANT, AS_MOTHER, AS_PUPIL, AS_OFFICER, AS_IMPORT]),
    ],
)
def test_a_step_is_taken_by_those_to_whom_the_law_gives_it_and_by_nobody_else(entry, allowed, refused):
    assert [role_refusal(RECORD, entry, by) for by in allowed] == [None] * len(allowed)
    assert all(role_refusal(RECORD, entry, by) is not None for by in refused)


def test_a_role_counts_on_the_day_of_the_entry():
    record = a_record(enrolled(), school=a_school(RoleEnded(occurred_on=DAY, staff=SENCO, role=StaffRole.SENCO)))
    assert role_refusal(record, a_transition(date(2014, 11, 2)), AS_SENCO) is None
    assert role_refusal(record, a_transition(DAY), AS_SENCO) is not None


def test_an_author_outside_the_record_is_refused():
    stranger = Author(kind=AuthorKind.CONTACT, id=FATHER)
    other_pupil = Author(kind=AuthorKind.PUPIL, id=STRANGER)
    unknown_clerk = Author(kind=AuthorKind.IMPORT, id=STRANGER)
    assert role_refusal(RECORD, a_concern(DAY), stranger) is not None
    assert role_refusal(RECORD, a_concern(DAY), other_pupil) is not None
    assert role_refusal(RECORD, imported(SenStatus.NONE, DAY), unknown_clerk) is not None


def test_facts_of_the_roll_may_be_older_than_the_author_at_the_school():
    old = enrolled(on=date(2005, 9, 1))
    assert role_refusal(RECORD, old, AS_CLERK) is None
    assert role_refusal(RECORD, old, AS_STRANGER) is not None
    assert role_refusal(RECORD, a_concern(date(2005, 9, 1)), AS_CLERK) is not None


def test_a_school_entry_is_no_step_on_a_pupils_record():
    refusal = role_refusal(RECORD, RoleEnded(occurred_on=DAY, staff=SENCO, role=StaffRole.SENCO), AS_HEAD)
    assert refusal is not None
    assert refusal.missing == ("step for this kind of entry",)


def test_a_refusal_names_the_roles_and_no_person():
    refusal = role_refusal(RECORD, a_transition(DAY), AS_TEACHER)
    assert refusal is not None
    assert refusal.used["needs"] == "head or senco"
    assert str(AS_TEACHER.id) not in str(dict(refusal.used))


def test_whoever_writes_holds_a_role_on_the_day_of_writing_too():
    school = a_school(RoleEnded(occurred_on=DAY, staff=SENCO, role=StaffRole.SENCO))
    eve = DAY - timedelta(days=1)
    assert presence_refusal(school, AS_SENCO, eve) is None
    assert presence_refusal(school, AS_SENCO, DAY) is not None
    assert presence_refusal(school, Author(kind=AuthorKind.IMPORT, id=SENCO), DAY) is not None
    assert presence_refusal(school, AS_STRANGER, DAY) is not None
    assert presence_refusal(school, AS_MOTHER, DAY) is None


def test_a_role_written_down_after_the_day_it_is_used_for_is_remarked_on():
    given = recorded(RoleGiven(occurred_on=date(2012, 9, 1), staff=STRANGER, role=StaffRole.HEAD), 5, pupil=None, at=AT_NOON)
    record = a_record(enrolled(), school=School.fold([*a_school().known, given]))
    remark = late_role(record.school, sen_decided(DAY - timedelta(days=1)), AS_STRANGER)
    assert remark is not None
    assert (remark.kept, remark.used["role_known_since"]) == (False, str(DAY))
    assert late_role(record.school, sen_decided(DAY), AS_STRANGER) is None
    assert late_role(record.school, enrolled(on=date(2013, 9, 1)), AS_STRANGER) is None
    assert late_role(record.school, sen_decided(DAY), AS_HEAD) is None


AT_NOON = datetime(2014, 11, 3, 12, tzinfo=UTC)
