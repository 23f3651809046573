"""What an organisation is sent about its own endpoints: that one failed for so long that it is sent to no more."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson

from app.db import bundles, subscriptions
from app.db.deliveries import SUBSCRIPTION_DISABLED, Withholding
from app.webhooks.delivering.gate import endpoint_withholding
from app.webhooks.telling.events import EventKind, NothingToSayError, Push, Turn, told


async def gate_of_disabled(turn: Turn) -> Withholding | None:
    """Tell the organisation whose endpoint it is, and nobody else; no one grant is needed, for it is about nothing of the school's."""
    refused = await endpoint_withholding(turn.opened, turn.delivery)
    if refused is Withholding.NOT_GRANTED and await bundles.is_attached(turn.opened.session, turn.delivery.subscription_id):
        refused = None
    if refused is not None:
        return refused
    disabled = turn.delivery.disabled_id
    found = None if disabled is None else await subscriptions.find(turn.opened.session, disabled)
    if found is None or found.organisation_id != turn.delivery.organisation_id:
        raise NothingToSayError("no such endpoint of this organisation")
    return None


async def disabled_payload(turn: Turn) -> Push:
    """Name the endpoint and where it is looked at; its address may hold a token and is no part of it."""
    disabled = str(turn.delivery.disabled_id)
    return Push(body=orjson.dumps(told(turn, disabled=disabled, path=f"/v1/subscriptions/{disabled}")))


SUBSCRIPTION_EVENTS: Final[Mapping[str, EventKind]] = MappingProxyType(
    {SUBSCRIPTION_DISABLED: EventKind(gate=gate_of_disabled, payload=disabled_payload)}
)
