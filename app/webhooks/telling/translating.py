"""Translations of a notice: supplied by the school, each for the exact English words it was made from, and read through the gate."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from unicodedata import normalize
from uuid import UUID

from app.casework.authors import AuthorClaim
from app.casework.taking import Casework, Opened, StepRefusedError
from app.casework.tellings import find_notice
from app.db import notices, translations
from app.db.deliveries import Withholding
from app.db.entrance import Entrance
from app.db.notices import HandedOut, Notice
from app.db.records import PupilRef, find_pupil
from app.db.session import SchoolSession
from app.db.translations import Translation
from app.documents.notices.notice_wishes import Wishes, Written
from app.documents.notices.notice_words import TEXT, Original
from app.domain.author import AuthorKind
from app.domain.notice_ledger import Happening
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.webhooks.telling.events import NothingToSayError
from app.webhooks.telling.fetching import WithheldError, pass_gate, reading
from app.webhooks.telling.words import note_handed_out, original_of

Check = Callable[[Translation | None], None]
MOST_LANGUAGES: Final = 40
"""So many translations may a notice have: all of them are read whenever its words are fetched."""
_LATIN: Final = "a-z\u00df-\u024f"
_WORD: Final = re.compile(rf"[{_LATIN}]+|(?:(?![{_LATIN}])[^\W\d_])+")
"""Letters in a row; Latin ones are a word of their own amid a script that has no spaces."""


class TranslationUnknownError(Exception):
    """The notice has no translation into this language."""


class OtherWordsError(Exception):
    """The translation was made from other words than the notice's present ones."""


class SubjectNamesChildError(Exception):
    """The subject holds the child's first name, which would show on a locked screen."""


class TooManyTranslationsError(Exception):
    """The notice has translations into as many languages as one may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """A translation as a member of staff supplies it; `of_digest` is SHA-256 of the English text that was translated."""

    notice_id: UUID
    language: str
    of_digest: bytes
    subject: str
    body: str
    supplied_by: AuthorClaim


class Found(NamedTuple):
    """A translation, and its words where they are still those of the notice."""

    translation: Translation
    current: Written | None


async def supply(casework: Casework, entrance: Entrance, supplied: Supplied, check: Check) -> Translation:
    """Keep a translation in the place of the one that `check` lets pass; the same again is written nowhere.

    Raises NoticeUnknownError, WithheldError, StepRefusedError for who is not on the staff today, AuthorRefusedError, OtherWordsError,
    SubjectNamesChildError, TooManyTranslationsError and what `check` raises.
    """
    async with casework.sessions.enter(entrance) as session:
        pupil, notice = await _locked(session, supplied.notice_id)
        there = await translations.of_notice(session, notice.id)
        standing = next((each for each in there if each.language == supplied.language), None)
        check(standing)
        if standing is None and len(there) >= MOST_LANGUAGES:
            raise TooManyTranslationsError
        opened = await casework.open(session)
        author_id = await _author(casework, opened, supplied.supplied_by)
        original = await _original(casework, opened, notice)
        if not isinstance(original, Withholding):
            return await _keep(opened, notice, standing, _translation(opened, pupil, supplied, original, author_id))
    raise WithheldError(original)


async def read(casework: Casework, entrance: Entrance, notice_id: UUID, language: str) -> Found:
    """Hand out a translation once that is written down; where the words have changed since, it is shown to exist and no more.

    Raises NoticeUnknownError, TranslationUnknownError, WithheldError.
    """
    async with casework.sessions.enter(entrance) as session:
        notice = await find_notice(session, notice_id)
        found = await translations.find(session, notice_id, language)
        if found is None:
            raise TranslationUnknownError
        opened = await casework.open(session)
        original = await _original(casework, opened, notice)
        if not isinstance(original, Withholding):
            current = _current(original, found)
            if current is not None:
                await note_handed_out(opened, notice, current, reading(casework, session, notice))
            return Found(found, current)
    raise WithheldError(original)


async def remove(casework: Casework, entrance: Entrance, notice_id: UUID, language: str, check: Check) -> None:
    """Take a translation away. Raises NoticeUnknownError, TranslationUnknownError and what `check` of it raises."""
    async with casework.sessions.enter(entrance) as session:
        _, notice = await _locked(session, notice_id)
        found = await translations.find(session, notice_id, language)
        if found is None:
            raise TranslationUnknownError
        check(found)
        await translations.remove(session, notice_id, language)
        opened = await casework.open(session)
        await notices.happened(session, notice.id, Happening.TRANSLATION_REMOVED, at=opened.moment, words=_text_of(found))


async def _locked(session: SchoolSession, notice_id: UUID) -> tuple[PupilRef, Notice]:
    """Find a notice with its pupil locked, as by whoever takes a step, so that two cannot both see what they replace."""
    notice = await find_notice(session, notice_id)
    pupil = await find_pupil(session, notice.pupil_id, lock=True)
    if pupil is None:
        raise LookupError("a notice is about a pupil")
    return pupil, notice


async def _author(casework: Casework, opened: Opened, claim: AuthorClaim) -> UUID:
    author = await casework.means.proofs.author(opened.session, claim, opened.identity_provider, is_dry=False)
    if author.kind is not AuthorKind.STAFF or not opened.school.roles_of(author.id, opened.today):
        raise StepRefusedError([LEAVE_A_TRAIL.broken(needs="any role", on=str(opened.today), missing=("role on the day",))])
    return author.id


async def _original(casework: Casework, opened: Opened, notice: Notice) -> Original | Withholding:
    passed = await pass_gate(casework, opened, notice)
    if isinstance(passed, Withholding):
        return passed
    try:
        return await original_of(opened, passed, notice)
    except NothingToSayError:
        return Withholding.NOT_FOUND


def _translation(opened: Opened, pupil: PupilRef, supplied: Supplied, original: Original, author_id: UUID) -> Translation:
    if supplied.of_digest != original.digest:
        raise OtherWordsError
    if _stands_in(_words(pupil.forename), _words(supplied.subject)):
        raise SubjectNamesChildError
    words = original.translated(supplied.subject, supplied.body, TEXT, supplied.language)
    if words is None:
        raise AssertionError("a text is translated as text")
    return Translation(
        notice_id=supplied.notice_id,
        language=supplied.language,
        of_digest=supplied.of_digest,
        subject=words.subject,
        body=words.body,
        supplied_by=author_id,
        supplied_at=opened.moment,
    )


def _words(text: str) -> Sequence[str]:
    """Take a text apart into its words, whatever stands between them and however their letters are spelt."""
    return _WORD.findall(normalize("NFKC", text).casefold())


def _stands_in(name: Sequence[str], words: Sequence[str]) -> bool:
    return bool(name) and any(words[place : place + len(name)] == name for place in range(len(words)))


async def _keep(opened: Opened, notice: Notice, standing: Translation | None, new: Translation) -> Translation:
    if standing is not None and standing.content == new.content:
        return standing
    await translations.put(opened.session, new)
    remark = f"by {new.supplied_by}"
    await notices.happened(opened.session, notice.id, Happening.TRANSLATED, at=opened.moment, remark=remark, words=_text_of(new))
    return new


def _current(original: Original, found: Translation) -> Written | None:
    words = original.translated(found.subject, found.body, TEXT, found.language) if found.of_digest == original.digest else None
    return None if words is None else Written(words=words, format=TEXT, language=found.language, wished=Wishes(language=found.language))


def _text_of(translation: Translation) -> HandedOut:
    return HandedOut(format=TEXT, language=translation.language, words_digest=translation.digest)
