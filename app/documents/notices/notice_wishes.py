"""Which form and language of a notice somebody gets, when what they wish for is not always to be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.db.translations import Translation
from app.documents.notices.notice_words import TEXT, Format, Original, Words
from app.domain.languages import ENGLISH, lookup


class Shortfall(StrEnum):
    """Why words are not as they were wished for."""

    FORMAT_NOT_WRITTEN = "format_not_written"
    LANGUAGE_NOT_TRANSLATED = "language_not_translated"
    TRANSLATION_OUT_OF_DATE = "translation_out_of_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How somebody wishes to be told; without a channel nobody has said how they are reached."""

    format: Format = TEXT
    language: str = ENGLISH
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The words that are handed out, what they are, what was wished for, and why that is not the same, where it is not."""

    words: Words
    format: Format
    language: str
    wished: Wishes
    shortfalls: tuple[Shortfall, ...] = ()


def written(original: Original, wished: Wishes, supplied: Sequence[Translation]) -> Written:
    """Write a notice as near to the wishes as it can be: a translation of other words than the present ones is no translation of it.

    The language goes before the format: Easy Read in a language that one does not read helps nobody.
    """
    translation, tag, missed = _translation(original, wished, supplied)
    words, form = _in_form(original, translation, wished.format, tag), wished.format
    if words is None:
        words, form, missed = _in_form(original, translation, TEXT, tag), TEXT, (*missed, Shortfall.FORMAT_NOT_WRITTEN)
    if words is None:
        raise AssertionError("every notice is written as text")
    return Written(words=words, format=form, language=tag, wished=wished, shortfalls=missed)


def _translation(
    original: Original, wished: Wishes, supplied: Sequence[Translation]
) -> tuple[Translation | None, str, tuple[Shortfall, ...]]:
    current = {each.language: each for each in supplied if each.of_digest == original.digest}
    tag = lookup(wished.language, (ENGLISH, *current))
    if tag is not None:
        return current.get(tag), tag, ()
    is_stale = lookup(wished.language, (each.language for each in supplied)) is not None
    return None, ENGLISH, (Shortfall.TRANSLATION_OUT_OF_DATE if is_stale else Shortfall.LANGUAGE_NOT_TRANSLATED,)


def _in_form(original: Original, translation: Translation | None, form: Format, tag: str) -> Words | None:
    if translation is None:
        return original.words(form)
    return original.translated(translation.subject, translation.body, form, tag)
