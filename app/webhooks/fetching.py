"""The words of a notice, fetched by the school's messaging system: through the gate, and never without a trace."""

from typing import NamedTuple
from uuid import UUID

from app.casework.taking import Casework
from app.casework.tellings import find_notice
from app.db import accesses, notices
from app.db.accesses import Access
from app.db.entrance import Entrance
from app.db.notices import Notice
from app.db.records import load_record
from app.db.session import SchoolSession
from app.documents.notice_words import Format, Words
from app.webhooks.delivery import withhold_notice
from app.webhooks.events import NothingToSayError
from app.webhooks.gate import Withholding, person_withholding
from app.webhooks.words import words_of


class WithheldError(Exception):
    """The notice may not be handed out; the reason is not for the caller."""

    def __init__(self, reason: Withholding) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Fetched(NamedTuple):
    """A notice and its words."""

    notice: Notice
    words: Words


async def fetch_words(casework: Casework, entrance: Entrance, notice_id: UUID, *, form: Format, language: str) -> Fetched:
    """Hand out the words once the fetch is written down. Raises NoticeUnknownError, WithheldError, LanguageNotAuthoredError."""
    async with casework.sessions.enter(entrance) as session:
        came = await _fetch(casework, session, await find_notice(session, notice_id), form, language)
    if isinstance(came, Withholding):
        raise WithheldError(came)
    return came


async def _fetch(casework: Casework, session: SchoolSession, notice: Notice, form: Format, language: str) -> Fetched | Withholding:
    opened = await casework.open(session)
    record = await load_record(session, opened.school, notice.pupil_id)
    withheld = person_withholding(record, notice, opened.today)
    if withheld is not None:
        await withhold_notice(casework, session, notice.id, withheld)
        return withheld
    try:
        written = await words_of(opened, record, notice, format_=form, language=language)
    except NothingToSayError:
        return Withholding.NOT_FOUND
    state = "composed" if notice.state == "withheld" else None
    await notices.happened(session, notice.id, "fetched", at=opened.moment, remark=written.version, state=state)
    if session.client_id is None:
        raise LookupError("only clients fetch words")
    means = casework.means
    read = Access(id=means.new_id(), pupil_id=notice.pupil_id, client_id=session.client_id, purpose=accesses.NOTICE, at=means.now())
    await accesses.note(session, read)
    return Fetched(notice, written)
