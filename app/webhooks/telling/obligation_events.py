"""What subscribers are sent when an obligation is due soon or overdue: where it is read, and neither whose it is nor what it is about."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson

from app.db.deliveries import OBLIGATION_DUE_SOON, OBLIGATION_OVERDUE, Withholding
from app.db.obligation_lists import find_standing
from app.domain.obligation import State
from app.webhooks.delivering.gate import endpoint_withholding
from app.webhooks.telling.events import EventKind, NothingToSayError, Push, Turn, told

STILL: Final[Mapping[str, State]] = MappingProxyType({OBLIGATION_DUE_SOON: State.DUE, OBLIGATION_OVERDUE: State.BROKEN})


async def gate_of_obligation(turn: Turn) -> Withholding | None:
    """Withhold what is met by now, owed no more or due another day, and what its subscriber may not read at this school."""
    refused = await endpoint_withholding(turn.opened, turn.delivery)
    if refused is not None:
        return refused
    if turn.delivery.obligation_id is None:
        raise NothingToSayError("a delivery about no obligation")
    standing = await find_standing(turn.opened.session, turn.delivery.obligation_id, turn.opened.today)
    is_still = standing is not None and (standing["due"], standing["state"]) == (turn.delivery.due, STILL[turn.delivery.event])
    return None if is_still else Withholding.SUPERSEDED


async def obligation_payload(turn: Turn) -> Push:
    """Name the obligation by its id, its last day, and where it is read."""
    obligation, due = str(turn.delivery.obligation_id), turn.delivery.due
    path = f"/v1/schools/{turn.opened.now.urn}/obligations/{obligation}"
    return Push(body=orjson.dumps(told(turn, obligation=obligation, due=None if due is None else due.isoformat(), path=path)))


OBLIGATION_EVENTS: Final[Mapping[str, EventKind]] = MappingProxyType(
    dict.fromkeys(STILL, EventKind(gate=gate_of_obligation, payload=obligation_payload))
)
