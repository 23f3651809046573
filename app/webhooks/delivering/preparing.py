"""What a delivery whose turn has come may say at this moment; asked before each attempt to push it and each time it is leased."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from app.casework.taking import Casework, Opened
from app.db import subscriptions
from app.db.deliveries import Claimed, Withholding
from app.webhooks.delivering.gate import OF_THE_ENDPOINT
from app.webhooks.sending.transport import DEADLINE_S
from app.webhooks.telling.events import EventKind, NothingToSayError, Push, Turn, told

WITHHELD: Final = "delivery.withheld"
"""The kind of what takes the place of an event that is withheld, so that its number leaves no gap; it is not subscribed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What may be handed out, in how many seconds; where `withheld` gives a reason, it is the bare number in the event's place."""

    push: Push
    deadline_s: float = DEADLINE_S
    withheld: Withholding | None = None


async def prepare(
    casework: Casework, opened: Opened, claimed: Claimed, events: Mapping[str, EventKind], *, now: datetime, is_thin: bool = False
) -> Prepared | Withholding:
    """Ask the gate and make what is handed out, in the caller's transaction; a Withholding where not even the number may be told.

    What was withheld once stays so, whatever the gate says later: who may be told again is told by a delivery of its own. What is to be
    thin carries no words, whatever the school chose for the subscription.
    """
    turn = Turn(opened=opened, delivery=claimed, now=now, new_id=casework.means.new_id, is_thin=is_thin)
    kind = events.get(claimed.event)
    refused = Withholding.NOT_FOUND if kind is None else await _asked(kind, turn)
    if refused in OF_THE_ENDPOINT:
        return refused
    if claimed.reason is not None:
        refused = Withholding(claimed.reason)
    if refused is None and kind is not None:
        try:
            return Prepared(push=await kind.payload(turn), deadline_s=kind.deadline_s)
        except NothingToSayError:
            refused = Withholding.NOT_FOUND
    return Prepared(push=Push(body=orjson.dumps({**told(turn), "type": WITHHELD})), withheld=refused)


async def _asked(kind: EventKind, turn: Turn) -> Withholding | None:
    try:
        return await kind.gate(turn) or await _unwanted(turn)
    except NothingToSayError:
        return Withholding.NOT_FOUND


async def _unwanted(turn: Turn) -> Withholding | None:
    """Withhold what the endpoint has ceased to ask for since it came to be owed; its number is told all the same."""
    found = await subscriptions.find(turn.opened.session, turn.delivery.subscription_id)
    return None if found is not None and turn.delivery.event in found.events else Withholding.NOT_WANTED
