"""What is sent about a notice: thin by default, with the words where the school chose so."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson

from app.db import notices, subscriptions
from app.db.accesses import Access
from app.db.deliveries import NOTICE_READY, Withholding
from app.db.notices import Notice
from app.db.records import load_record
from app.domain.purposes import PUSHED
from app.webhooks.delivering.gate import endpoint_withholding, person_withholding
from app.webhooks.telling.events import EventKind, NothingToSayError, Push, Turn, told
from app.webhooks.telling.words import members_of, note_handed_out, words_of

FULL: Final = "full"


async def gate_of_notice(turn: Turn) -> Withholding | None:
    """Withhold a notice from an endpoint that may not hear of this school, or whose person may not be told."""
    refused = await endpoint_withholding(turn.opened, turn.delivery)
    if refused is not None:
        return refused
    notice = await _notice(turn)
    record = await load_record(turn.opened.session, turn.opened.school, notice.pupil_id)
    return person_withholding(record, notice, turn.opened.today)


async def notice_payload(turn: Turn) -> Push:
    """Say that a notice is ready: ids, a neutral type, the stage, the last day and where the words lie; names nobody unless full."""
    opened, notice = turn.opened, await _notice(turn)
    due = None if notice.due is None else notice.due.isoformat()
    path = f"/v1/schools/{opened.now.urn}/notices/{notice.id}"
    body = told(turn, notice=str(notice.id), stage=notice.stage, due=due, path=path)
    standing = await subscriptions.attached(opened.session, [turn.delivery.subscription_id])
    if not turn.is_thin and any(each.carries == FULL for each in standing):
        body["words"] = await _words(turn, notice)
    return Push(body=orjson.dumps(body))


async def _words(turn: Turn, notice: Notice) -> dict[str, object]:
    """Write the words as the person wishes, and note that they leave as a read by the subscription."""
    opened = turn.opened
    record = await load_record(opened.session, opened.school, notice.pupil_id)
    found = await words_of(opened, record, notice)
    leaving = Access(id=turn.new_id(), pupil_id=notice.pupil_id, client_id=turn.delivery.subscription_id, purpose=PUSHED, at=turn.now)
    await note_handed_out(opened, notice, found, leaving)
    return members_of(notice, found)


async def _notice(turn: Turn) -> Notice:
    if turn.delivery.notice_id is None:
        raise NothingToSayError("a delivery about no notice")
    notice = await notices.find(turn.opened.session, turn.delivery.notice_id)
    if notice is None:
        raise NothingToSayError("no such notice")
    return notice


NOTICE_EVENTS: Final[Mapping[str, EventKind]] = MappingProxyType({NOTICE_READY: EventKind(gate=gate_of_notice, payload=notice_payload)})
