"""What a school's subscribers are sent when an authority received a request itself: where the list is read, and not whom it is about."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson

from app.db.deliveries import REQUEST_OPENED, Withholding
from app.webhooks.delivering.gate import endpoint_withholding
from app.webhooks.telling.events import EventKind, Push, Turn, told


async def gate_of_opened(turn: Turn) -> Withholding | None:
    """Withhold it from whom the school does not let make requests."""
    return await endpoint_withholding(turn.opened, turn.delivery)


async def opened_payload(turn: Turn) -> Push:
    """Say where the school's list is read."""
    return Push(body=orjson.dumps(told(turn, path=f"/v1/schools/{turn.opened.now.urn}/opened-requests")))


OPENING_EVENTS: Final[Mapping[str, EventKind]] = MappingProxyType({REQUEST_OPENED: EventKind(gate=gate_of_opened, payload=opened_payload)})
