"""What somebody gets who wishes for a form or a language, and what is said where that is something else."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.db.translations import Translation
from app.documents.notices.notice_wishes import Shortfall, Wishes, written
from app.documents.notices.notice_words import Format
from app.domain.entries import Matter
from tests.documents.notice_builders import DAY, PLAN
from tests.documents.notice_builders import written as notice_on
from tests.domain.builders import a_transition

ON_A_PLAN = notice_on(Matter.PLAN, PLAN)
ON_A_TRANSITION = notice_on(Matter.TRANSITION, a_transition(DAY))
IN_POLISH = Translation(
    notice_id=UUID(int=1),
    language="pl",
    of_digest=ON_A_PLAN.digest,
    subject="Wiadomość",
    body="Plan\n\nPomoc.",
    supplied_by=UUID(int=2),
    supplied_at=datetime(2026, 3, 2, tzinfo=UTC),
)
OF_OTHER_WORDS = replace(IN_POLISH, of_digest=b"0" * 32)


@pytest.mark.parametrize("form", ["text", "html", "large_print", "easy_read"])
def test_what_is_written_is_given_as_wished_and_nothing_is_said_of_a_fallback(form: Format) -> None:
    found = written(ON_A_PLAN, Wishes(format=form), [])
    assert (found.format, found.language, found.shortfalls, found.words) == (form, "en", (), ON_A_PLAN.words(form))


@pytest.mark.parametrize("form", ["text", "html", "large_print"])
@pytest.mark.parametrize("language", ["pl", "pl-PL"])
def test_a_translation_of_the_present_words_is_given_in_every_form_of_the_text(form: Format, language: str) -> None:
    found = written(ON_A_PLAN, Wishes(format=form, language=language), [IN_POLISH])
    assert (found.format, found.language, found.shortfalls, found.words.subject) == (form, "pl", (), "Wiadomość")
    assert "Pomoc." in found.words.body
    assert (form == "text") is (found.words.body == "Plan\n\nPomoc.\n")
    assert (form == "text") is ('lang="pl"' not in found.words.body)


def test_a_translation_of_other_words_is_not_given() -> None:
    found = written(ON_A_PLAN, Wishes(language="pl"), [OF_OTHER_WORDS])
    assert (found.language, found.shortfalls, found.words) == ("en", (Shortfall.TRANSLATION_OUT_OF_DATE,), ON_A_PLAN.words("text"))


def test_a_current_translation_that_fits_less_well_goes_before_one_that_is_out_of_date() -> None:
    narrower = replace(OF_OTHER_WORDS, language="pl-PL")
    assert written(ON_A_PLAN, Wishes(language="pl-PL"), [IN_POLISH, narrower]).language == "pl"


def test_without_a_translation_the_words_are_english() -> None:
    found = written(ON_A_PLAN, Wishes(language="bn", format="large_print"), [IN_POLISH])
    assert (found.format, found.language, found.shortfalls) == ("large_print", "en", (Shortfall.LANGUAGE_NOT_TRANSLATED,))


def test_easy_read_that_nobody_has_written_gives_way_to_text() -> None:
    found = written(ON_A_TRANSITION, Wishes(format="easy_read"), [])
    assert (found.format, found.shortfalls, found.words) == ("text", (Shortfall.FORMAT_NOT_WRITTEN,), ON_A_TRANSITION.words("text"))


def test_somebodys_own_language_goes_before_easy_read() -> None:
    found = written(ON_A_PLAN, Wishes(format="easy_read", language="pl"), [IN_POLISH])
    assert (found.format, found.language, found.shortfalls) == ("text", "pl", (Shortfall.FORMAT_NOT_WRITTEN,))


def test_both_can_be_missing_and_both_are_said() -> None:
    found = written(ON_A_TRANSITION, Wishes(format="easy_read", language="pl"), [])
    assert (found.format, found.language) == ("text", "en")
    assert found.shortfalls == (Shortfall.LANGUAGE_NOT_TRANSLATED, Shortfall.FORMAT_NOT_WRITTEN)
