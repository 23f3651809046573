from datetime import UTC, datetime, timedelta

import pytest

from app.domain.author import Assurance, Author
from app.domain.choices import choice_refusal, provider_refusal
from app.domain.codes import StaffRole
from app.domain.entries import IdentityProviderSet, Recorded, RoleGiven, SettingChanged, SettingName
from app.domain.school import School
from tests.domain.builders import (
    A_SCHOOL,
    AS_CLIENT,
    AS_HEAD,
    AS_IMPORT,
    AS_MOTHER,
    AS_SENCO,
    AS_TEACHER,
    CLERK,
    HEAD,
    SENCO,
    STRANGER,
    recorded,
    staff,
)

NOON = datetime(2025, 9, 10, 12, tzinfo=UTC)
TODAY = NOON.date()
FEWER_DAYS = SettingChanged(occurred_on=TODAY, setting=SettingName.TELL_WITHIN_DAYS, value=3)
ACCEPTED = SettingChanged(occurred_on=TODAY, setting=SettingName.ASSERTED_SECOND_PERSON_ACCEPTED, value=1)
PROVIDER = IdentityProviderSet(occurred_on=TODAY, issuer="https://login.example", key_ids=("one",))


def with_provider(at: datetime) -> School:
    return with_entry(recorded(PROVIDER, 5, pupil=None, at=at))


def with_entry(entry: Recorded) -> School:
    return School.fold([*A_SCHOOL.known, entry])


@pytest.mark.parametrize("by", [AS_HEAD, AS_SENCO])
def test_head_and_senco_choose_from_today_on(by: Author) -> None:
    assert choice_refusal(A_SCHOOL, FEWER_DAYS, by, None, NOON) is None


@pytest.mark.parametrize("by", [AS_TEACHER, AS_CLIENT, AS_IMPORT, AS_MOTHER, staff(STRANGER), staff(CLERK)])
def test_nobody_else_chooses_a_setting(by: Author) -> None:
    refusal = choice_refusal(A_SCHOOL, FEWER_DAYS, by, None, NOON)
    assert refusal is not None
    assert refusal.missing == ("role on the day",)


def test_a_setting_never_rewrites_days_gone_by() -> None:
    yesterday = SettingChanged(occurred_on=TODAY - timedelta(days=1), setting=SettingName.TELL_WITHIN_DAYS, value=366)
    refusal = choice_refusal(A_SCHOOL, yesterday, AS_HEAD, None, NOON)
    assert refusal is not None
    assert refusal.used["today"] == str(TODAY)


def test_who_is_a_head_since_today_alone_chooses_today() -> None:
    school = with_entry(recorded(RoleGiven(occurred_on=TODAY, staff=STRANGER, role=StaffRole.HEAD), 5, pupil=None))
    assert choice_refusal(school, FEWER_DAYS, staff(STRANGER), None, NOON) is None
    assert choice_refusal(school, FEWER_DAYS, staff(STRANGER), None, NOON - timedelta(days=1)) is not None


def test_one_person_alone_never_weakens_the_rule_of_two() -> None:
    assert choice_refusal(A_SCHOOL, ACCEPTED, AS_HEAD, None, NOON) is not None
    assert choice_refusal(A_SCHOOL, ACCEPTED, AS_HEAD, AS_HEAD, NOON) is not None
    assert choice_refusal(A_SCHOOL, ACCEPTED, AS_HEAD, AS_SENCO, NOON) is None
    back = SettingChanged(occurred_on=TODAY, setting=SettingName.ASSERTED_SECOND_PERSON_ACCEPTED, value=0)
    assert choice_refusal(A_SCHOOL, back, AS_HEAD, None, NOON) is None


def test_where_the_school_has_an_identity_provider_the_second_person_is_proved() -> None:
    school = with_provider(NOON - timedelta(days=30))
    assert choice_refusal(school, ACCEPTED, AS_HEAD, AS_SENCO, NOON) is not None
    assert choice_refusal(school, ACCEPTED, AS_HEAD, staff(SENCO, Assurance.PROVED), NOON) is None


@pytest.mark.parametrize("value", [2, 366])
def test_yes_and_no_are_one_and_nought(value: int) -> None:
    entry = SettingChanged(occurred_on=TODAY, setting=SettingName.ASSERTED_SECOND_PERSON_ACCEPTED, value=value)
    assert choice_refusal(A_SCHOOL, entry, AS_HEAD, AS_SENCO, NOON) is not None


def test_the_first_identity_provider_is_named_by_head_or_office_and_the_next_with_a_second_person() -> None:
    assert provider_refusal(A_SCHOOL, PROVIDER, staff(CLERK), None, NOON) is None
    assert provider_refusal(A_SCHOOL, PROVIDER, AS_HEAD, None, NOON) is None
    assert provider_refusal(A_SCHOOL, PROVIDER, AS_TEACHER, None, NOON) is not None
    school = with_provider(NOON - timedelta(days=30))
    assert provider_refusal(school, PROVIDER, AS_HEAD, None, NOON) is not None
    assert provider_refusal(school, PROVIDER, AS_HEAD, AS_SENCO, NOON) is not None
    assert provider_refusal(school, PROVIDER, AS_SENCO, staff(HEAD, Assurance.PROVED), NOON) is not None
    assert provider_refusal(school, PROVIDER, AS_HEAD, staff(SENCO, Assurance.PROVED), NOON) is None


@pytest.mark.parametrize(("hours", "counts"), [(0, False), (23, False), (24, True), (25, True)])
def test_an_identity_provider_vouches_from_24_hours_on(hours: int, counts: bool) -> None:
    assert with_provider(NOON - timedelta(hours=hours)).trusts_identity_provider(NOON) is counts
    assert not A_SCHOOL.trusts_identity_provider(NOON)


def chosen(setting: SettingName, value: int) -> SettingChanged:
    return SettingChanged(occurred_on=TODAY, setting=setting, value=value)


@pytest.mark.parametrize(("value", "is_refused"), [(0, False), (1, True), (19, True), (20, False), (366, False)])
def test_progress_is_owed_every_twenty_days_at_most(value: int, is_refused: bool) -> None:
    """A day would owe hundreds of checks to every pupil on roll; 20 is ours, for the Code of Practice (6.17) says regularly."""
    refusal = choice_refusal(A_SCHOOL, chosen(SettingName.CHECK_PROGRESS_WITHIN_DAYS, value), AS_HEAD, None, NOON)
    assert (refusal is not None) is is_refused
    assert refusal is None or "at least 20 days" in refusal.cure


@pytest.mark.parametrize(("value", "is_refused"), [(-1, True), (0, False), (366, False), (367, True), (2**53 - 1, True)])
def test_a_setting_is_a_number_within_a_year(value: int, is_refused: bool) -> None:
    assert (choice_refusal(A_SCHOOL, chosen(SettingName.TELL_WITHIN_DAYS, value), AS_HEAD, None, NOON) is not None) is is_refused


@pytest.mark.parametrize("setting", [SettingName.RETENTION_YEARS_WITH_SEN, SettingName.RETENTION_YEARS_WITHOUT_SEN])
def test_one_person_alone_never_lets_files_go_sooner(setting: SettingName) -> None:
    held = A_SCHOOL.setting(setting, TODAY)
    for years, by_one in ((held - 1, False), (held, True), (held + 1, True)):
        assert (choice_refusal(A_SCHOOL, chosen(setting, years), AS_HEAD, None, NOON) is None) is by_one
    assert choice_refusal(A_SCHOOL, chosen(setting, held - 1), AS_HEAD, AS_SENCO, NOON) is None
