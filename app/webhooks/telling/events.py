"""What every kind of event has: a gate that is asked before each attempt, and the making of what is sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.casework.taking import Opened
from app.db.deliveries import Claimed, Withholding
from app.webhooks.sending.attempt import StreamedBody
from app.webhooks.sending.transport import DEADLINE_S

JSON = "application/json"


class NothingToSayError(Exception):
    """What an event or a notice is about is no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A delivery whose turn has come, with its school as it stands in this transaction; `now` is the world's time.

    It stays thin where it is handed to somebody who could not fetch the words.
    """

    opened: Opened
    delivery: Claimed
    now: datetime
    new_id: Callable[[], UUID]
    is_thin: bool = False


def told(turn: Turn, **members: object) -> dict[str, object]:
    """Begin every body alike: the delivery's id, the kind of event, its place in the count, the school, and whose subscription it is."""
    delivery = turn.delivery
    return {
        "id": str(delivery.id),
        "type": delivery.event,
        "number": delivery.number,
        "school": turn.opened.now.urn,
        "subscription": str(delivery.subscription_id),
        **members,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What goes out; a streamed body comes with its SHA-256, which is what is signed then."""

    body: bytes | StreamedBody
    content_type: str = JSON
    sha256: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """How one kind of event is sent; gate and payload run in one transaction, the payload only if the gate withholds nothing.

    `deadline_s` is for the whole attempt. Either may raise NothingToSayError, which withholds it.
    """

    gate: Callable[[Turn], Awaitable[Withholding | None]]
    payload: Callable[[Turn], Awaitable[Push]]
    deadline_s: float = DEADLINE_S
