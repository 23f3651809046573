from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.author import Assurance, Author, AuthorKind
from app.domain.codes import StaffRole
from app.domain.entries import RoleEnded, RoleGiven, SettingChanged, SettingName
from app.domain.school import School
from app.domain.second_person import second_person_refusal
from tests.domain.builders import A_SCHOOL, AS_SENCO, HEAD, SENCO, STRANGER, a_school, recorded, staff

NOON = datetime(2014, 11, 3, 12, tzinfo=UTC)
PROVED_HEAD = staff(HEAD, Assurance.PROVED)


def test_another_proved_member_of_staff_may_confirm():
    assert second_person_refusal(A_SCHOOL, AS_SENCO, PROVED_HEAD, NOON) is None


@pytest.mark.parametrize(
    "second",
    [
        staff(SENCO, Assurance.PROVED),
        staff(STRANGER, Assurance.PROVED),
        Author(kind=AuthorKind.CLIENT, id=HEAD, assurance=Assurance.PROVED),
        staff(HEAD, Assurance.ASSERTED),
    ],
)
def test_the_first_person_a_stranger_a_client_and_an_unproved_person_may_not(second):
    assert second_person_refusal(A_SCHOOL, AS_SENCO, second, NOON) is not None


@pytest.mark.parametrize(
    ("known_for", "is_refused"), [(timedelta(hours=24), False), (timedelta(hours=24) - timedelta(microseconds=1), True)]
)
def test_a_second_person_has_been_known_for_24_hours(known_for, is_refused):
    given = RoleGiven(occurred_on=date(2014, 9, 1), staff=STRANGER, role=StaffRole.TEACHER)
    school = School.fold([*A_SCHOOL.known, recorded(given, 5, pupil=None, at=NOON - known_for)])
    refusal = second_person_refusal(school, AS_SENCO, staff(STRANGER, Assurance.PROVED), NOON)
    assert (refusal is not None) is is_refused


def test_an_asserted_second_person_is_enough_where_the_school_chose_so():
    school = a_school(SettingChanged(occurred_on=date(2014, 9, 1), setting=SettingName.ASSERTED_SECOND_PERSON_ACCEPTED, value=1))
    assert second_person_refusal(school, AS_SENCO, staff(HEAD), NOON) is None


def test_somebody_who_left_the_school_may_not():
    school = a_school(RoleEnded(occurred_on=date(2014, 9, 1), staff=HEAD, role=StaffRole.HEAD))
    assert second_person_refusal(school, AS_SENCO, PROVED_HEAD, NOON) is not None
