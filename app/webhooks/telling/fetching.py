"""The words of a notice, fetched by the school's messaging system: through the gate, and never without a trace."""

from typing import NamedTuple
from uuid import UUID

from app.casework.taking import Casework, Opened
from app.casework.tellings import find_notice
from app.db.accesses import Access
from app.db.deliveries import Withholding
from app.db.entrance import Entrance
from app.db.notices import Notice
from app.db.records import load_record
from app.db.session import SchoolSession
from app.documents.notices.notice_wishes import Written
from app.domain.purposes import NOTICE
from app.domain.record import Record
from app.webhooks.delivering.gate import person_withholding
from app.webhooks.delivering.withholding import withhold_notice
from app.webhooks.telling.events import NothingToSayError
from app.webhooks.telling.words import AskedFor, note_handed_out, words_of


class WithheldError(Exception):
    """The notice may not be handed out; the reason is not for the caller."""

    def __init__(self, reason: Withholding) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Fetched(NamedTuple):
    """A notice and its words."""

    notice: Notice
    written: Written


async def fetch_words(casework: Casework, entrance: Entrance, notice_id: UUID, asked: AskedFor) -> Fetched:
    """Hand out the words once the fetch is written down. Raises NoticeUnknownError, WithheldError, LanguageUnknownError."""
    async with casework.sessions.enter(entrance) as session:
        came = await _fetch(casework, session, await find_notice(session, notice_id), asked)
    if isinstance(came, Withholding):
        raise WithheldError(came)
    return came


async def _fetch(casework: Casework, session: SchoolSession, notice: Notice, asked: AskedFor) -> Fetched | Withholding:
    opened = await casework.open(session)
    passed = await pass_gate(casework, opened, notice)
    if isinstance(passed, Withholding):
        return passed
    try:
        found = await words_of(opened, passed, notice, asked)
    except NothingToSayError:
        return Withholding.NOT_FOUND
    state = "composed" if notice.state == "withheld" else None
    await note_handed_out(opened, notice, found, reading(casework, session, notice), state=state)
    return Fetched(notice, found)


async def pass_gate(casework: Casework, opened: Opened, notice: Notice) -> Record | Withholding:
    """Give the record where the notice's person may be told at this moment; otherwise why not, which is then noted on the notice."""
    record = await load_record(opened.session, opened.school, notice.pupil_id)
    withheld = person_withholding(record, notice, opened.today)
    if withheld is None:
        return record
    await withhold_notice(casework, opened.session, notice.id, withheld)
    return withheld


def reading(casework: Casework, session: SchoolSession, notice: Notice) -> Access:
    """The read of a notice's words by the client of this transaction."""
    if session.client_id is None:
        raise LookupError("only clients fetch words")
    means = casework.means
    return Access(id=means.new_id(), pupil_id=notice.pupil_id, client_id=session.client_id, purpose=NOTICE, at=means.now())
