"""The words of one notice, made from the record as it stands, for whoever passed the gate; and the trace that they leave."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Final, cast, get_args
from uuid import UUID

from app.casework.taking import Opened
from app.db import accesses, notices, pupils, staff, translations
from app.db.accesses import Access
from app.db.notices import HandedOut, Notice
from app.db.records import PupilRef, find_pupil
from app.documents.notices.notice_passages import Known
from app.documents.notices.notice_voice import Addressee
from app.documents.notices.notice_wishes import Shortfall, Wishes, Written, written
from app.documents.notices.notice_words import TEXT, Format, Original, original
from app.domain.entries import Entry, Matter, PlanAgreed, ReviewHeld
from app.domain.languages import ENGLISH, language_tag
from app.domain.notice_ledger import Happening
from app.domain.people import PersonKind
from app.domain.purposes import PUSHED
from app.domain.record import Record
from app.webhooks.telling.events import NothingToSayError


class LanguageUnknownError(Exception):
    """Somebody asked for a language that this notice was neither written in nor translated into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """A format or language asked for at this moment, which goes before what the person wishes for at all times."""

    format: Format | None = None
    language: str | None = None


AS_WISHED: Final = AskedFor()


async def words_of(opened: Opened, record: Record, notice: Notice, asked: AskedFor = AS_WISHED) -> Written:
    """Write a notice as its person wishes, or as near to that as can be. Raises NothingToSayError, or LanguageUnknownError."""
    wished = wishes_of(notice)
    if asked.format is not None:
        wished = replace(wished, format=asked.format)
    if asked.language is not None:
        wished = replace(wished, language=language_tag(asked.language))
    found = written(await original_of(opened, record, notice), wished, await translations.of_notice(opened.session, notice.id))
    if asked.language is not None and Shortfall.LANGUAGE_NOT_TRANSLATED in found.shortfalls:
        raise LanguageUnknownError
    return found


def wishes_of(notice: Notice) -> Wishes:
    """How the person of a notice wishes to be told now; text in English where nothing else is known."""
    form = notice.format if notice.format in get_args(Format) else TEXT
    return Wishes(format=cast("Format", form), language=language_tag(notice.language or ENGLISH), channel=notice.channel)


async def original_of(opened: Opened, record: Record, notice: Notice) -> Original:
    """Write a notice in English, as the record stands. Raises NothingToSayError."""
    pupil = await find_pupil(opened.session, notice.pupil_id)
    about = record.entry(notice.about)
    if pupil is None or about is None:
        raise NothingToSayError("the notice is about nothing that stands")
    people = await staff.names_of(opened.session, sorted(set(_ids_in(about.entry))))
    return original(
        Matter(notice.matter),
        about.entry,
        to=await _addressee(opened, pupil, notice),
        child_first_name=pupil.forename,
        school_name=opened.now.name,
        known=Known(people=people, plan=_plan_of(record, about.entry)),
    )


def members_of(notice: Notice, found: Written) -> dict[str, object]:
    """Write the words as the members that everybody gets who gets them."""
    missed = {"wished_format": found.wished.format, "wished_language": found.wished.language, "reasons": list(found.shortfalls)}
    return {
        "person": str(notice.person_id),
        "person_kind": notice.person_kind,
        "channel": found.wished.channel,
        "subject": found.words.subject,
        "body": found.words.body,
        "media_type": found.words.media_type,
        "format": found.format,
        "language": found.language,
        "digest": found.words.digest.hex(),
        "version": found.words.version,
        "fallback": missed if found.shortfalls else None,
    }


async def note_handed_out(opened: Opened, notice: Notice, found: Written, leaving: Access, *, state: str | None = None) -> None:
    """Write down that words go out, and what was wished for where that is not it; the caller commits before it lets them go."""
    session, words = opened.session, HandedOut(format=found.format, language=found.language, words_digest=found.words.digest)
    if found.shortfalls:
        wished = f"{found.wished.format} in {found.wished.language}: {', '.join(found.shortfalls)}"
        await notices.happened(session, notice.id, Happening.FALLBACK, at=opened.moment, remark=wished, words=words)
    kind = Happening.PUSHED if leaving.purpose == PUSHED else Happening.FETCHED
    await notices.happened(session, notice.id, kind, at=opened.moment, remark=found.words.version, state=state, words=words)
    await accesses.note(session, leaving)


async def _addressee(opened: Opened, pupil: PupilRef, notice: Notice) -> Addressee:
    if notice.person_kind == PersonKind.PUPIL:
        return Addressee(name=pupil.forename, is_young_person=True)
    for contact in await pupils.contacts_of(opened.session, notice.pupil_id):
        if contact.id == notice.person_id:
            return Addressee(name=contact.name, is_young_person=False)
    raise NothingToSayError("the notice is for nobody who is known")


def _plan_of(record: Record, entry: Entry) -> PlanAgreed | None:
    if not isinstance(entry, ReviewHeld):
        return None
    return next((cycle.plan_entry for cycle in record.cycles if cycle.number == entry.cycle), None)


def _ids_in(value: object) -> Iterator[UUID]:
    if isinstance(value, UUID):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _ids_in(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _ids_in(getattr(value, field.name))
