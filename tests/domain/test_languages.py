"""Tags of languages: one spelling of each, and the one that fits a wish best."""

import re

import pytest

from app.domain.languages import SHAPE, language_tag, lookup


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        ("PL", "pl"),
        ("pt-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("sr-latn", "sr-Latn"),
        ("sl-ROZAJ", "sl-rozaj"),
        ("es-419", "es-419"),
    ],
)
def test_a_tag_is_written_in_the_usual_case(given: str, usual: str) -> None:
    """RFC 5646, 2.1.1."""
    assert language_tag(given) == usual
    assert language_tag(usual) == usual


@pytest.mark.parametrize(
    ("wished", "there_are", "found"),
    [
        ("pl", ("en", "pl"), "pl"),
        ("pl-PL", ("en", "pl"), "pl"),
        ("PT-br", ("pt", "pt-BR"), "pt-BR"),
        ("zh-Hant-TW", ("zh", "zh-Hant"), "zh-Hant"),
        ("en-GB", ("en",), "en"),
        ("pl", ("en", "pl-PL"), None),
        ("pt", ("pl",), None),
        ("pl", (), None),
    ],
)
def test_the_nearest_tag_that_a_wish_narrows_fits_it_and_a_narrower_one_does_not(
    wished: str, there_are: tuple[str, ...], found: str | None
) -> None:
    """RFC 4647, 3.4: a wish for Polish as spoken somewhere is met by Polish, not the other way round."""
    assert lookup(wished, there_are) == found


@pytest.mark.parametrize(
    ("text", "fits"), [("pl", True), ("ckb-Arab", True), ("p", False), ("pl_PL", False), ("x-own", False), ("", False)]
)
def test_a_tag_has_a_language_of_two_or_three_letters_first(text: str, fits: bool) -> None:
    assert bool(re.match(SHAPE, text)) is fits
