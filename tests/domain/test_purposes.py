"""Why papers are read is chosen from a list, and a parent can understand it."""

import pytest

from app.domain.purposes import AT_THE_PERSON, CENSUS, MEANINGS, NOTICE, PUSHED, TRANSFER_FILE, Purpose, Reader, purposes_of, words_of


@pytest.mark.parametrize("purpose", list(Purpose))
def test_each_purpose_has_a_sentence_of_its_own_and_somebody_who_may_use_it(purpose: Purpose) -> None:
    words = words_of(purpose.value)
    assert words.endswith(".")
    assert [words_of(other) for other in Purpose].count(words) == 1
    assert MEANINGS[purpose].readers


def test_a_side_may_not_read_for_what_is_the_others() -> None:
    authority, school = (frozenset(purposes_of(reader)) for reader in (Reader.AUTHORITY, Reader.SCHOOL))
    assert authority | school == frozenset(Purpose)
    assert Purpose.EHC_NEEDS_ASSESSMENT in authority - school
    assert Purpose.EVIDENCE_PREPARATION in school - authority


@pytest.mark.parametrize("code", [NOTICE, PUSHED, CENSUS, TRANSFER_FILE])
def test_what_is_written_down_without_being_asked_for_has_words_too(code: str) -> None:
    assert words_of(code) != code


def test_a_look_at_the_person_alone_says_so() -> None:
    code = f"{Purpose.TRIBUNAL.value}{AT_THE_PERSON}"
    assert words_of(code) == "To prepare for an appeal to the tribunal. Only whom the request is about was read."


def test_a_code_that_nobody_lists_stands_for_itself() -> None:
    assert words_of("of-another-time") == "of-another-time"
