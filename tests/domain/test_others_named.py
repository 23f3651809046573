"""Another child named in what leaves the school is found by full name or number, however it is written, and nobody else is."""

from datetime import date
from uuid import UUID

import pytest

from app.domain.others_named import OnRoll, Others, words_of
from tests.domain.builders import a_plan

DAY = date(2026, 3, 2)
OWN, BEN, ZOE, LEE, TWIN, LUK = (UUID(int=n) for n in range(1, 7))
ROLL = (
    OnRoll(id=OWN, surname="Example", forename="Ada", upn="A999999925001"),
    OnRoll(id=BEN, surname="Example", forename="Ben", upn="B999999925002"),
    OnRoll(id=ZOE, surname="O'Invented-Name", forename="Zoë Marie", upn="C999999925003"),
    OnRoll(id=LEE, surname="Sample", forename="Lee", upn="D999999925004"),
    OnRoll(id=TWIN, surname="Example", forename="Ada", upn="E999999925005"),
    OnRoll(id=LUK, surname="Wałøsa", forename="Łuk-Jan", upn="F999999925006"),
)


def found(text: str) -> set[UUID]:
    return set(Others(ROLL, [OWN]).found_in(text))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("He sat with Lee Sample at lunch.", LEE),
        ("lee sample", LEE),
        ("SAMPLE, Lee (7B)", LEE),
        ("Lee John Peter Sample's report", LEE),
        ("Zoe O\u2019Invented Name joined the group", ZOE),
        ("Zoë O'Invented-Name", ZOE),
        ("Number D999999925004.", LEE),
        ("number d999999925004", LEE),
        ("D 999 999 925 004", LEE),
        ("D999-999-925-004,", LEE),
        ("her brother Ben Example", BEN),
        ("Lee\nSample", LEE),
        ("Lee Sam-\nple", LEE),
        ("Lee Sam\u2010 \r\n ple", LEE),
        ("Lee Sam\ufffeple", LEE),
        ("Lee Sam\x02\r\nple", LEE),
        ("L\u00adee Sam\u00adple", LEE),
        ("Le\u200be Sam\u2060ple", LEE),
        ("Lee\u200bSample", LEE),
        ("\u202eLee\u202c Sa\u034fmple", LEE),
        ("Lee\u200d \u200eSample\u200f", LEE),
        ("\U0001d40bee Sample", LEE),
        ("Zoe OInventedName", ZOE),
        ("Lukjan Walosa", LUK),
        ("WAŁØSA, ŁUK", LUK),
    ],
)
def test_a_full_name_or_a_number_is_found(text: str, named: UUID) -> None:
    assert found(text) == {named}


@pytest.mark.parametrize(
    "text",
    [
        "Ada Example read aloud.",
        "Lee read aloud with a sample of others.",
        "A sample was taken. Everybody was pleased, and in the afternoon came Lee.",
        "Samples of Lee's work",
        "Zoe Invented",
        "D9999999250041",
        "1D999999925004",
        "Lee re-\nsampled it",
        "",
    ],
)
def test_a_half_of_a_name_and_the_pupils_own_are_not(text: str) -> None:
    assert found(text) == set()


def test_all_who_are_named_are_found_at_once() -> None:
    assert found("Ben Example, Lee Sample and Ada Example") == {BEN, LEE}


def test_whoever_has_the_pupils_own_name_is_found_by_number_alone() -> None:
    assert found("E999999925005") == {TWIN}


def test_records_that_were_joined_are_the_pupils_own() -> None:
    assert set(Others(ROLL, [OWN, BEN]).found_in("Ben Example and Lee Sample")) == {LEE}


def test_a_pupil_without_a_surname_is_looked_for_by_number_alone() -> None:
    roll = (OnRoll(id=LEE, surname="", forename="Lee", upn="D999999925004"), OnRoll(id=BEN, surname="-", forename="Ben", upn="X"))
    assert set(Others(roll, []).found_in("Lee and Ben - D999999925004")) == {LEE}


def test_every_text_of_an_entry_is_looked_at_however_deep_and_no_code_is() -> None:
    plan = a_plan(DAY, DAY)
    words = set(words_of(plan))
    assert {outcome.text for outcome in plan.outcomes} <= words
    assert plan.type not in words
