"""Every kind of event that is told, pushed or pulled: the one table that whoever delivers, and whoever describes it, goes by."""

from collections.abc import Mapping

from app.db.blobs import Blobs
from app.webhooks.telling.events import EventKind
from app.webhooks.telling.evidence import evidence_events
from app.webhooks.telling.obligation_events import OBLIGATION_EVENTS
from app.webhooks.telling.opening_events import OPENING_EVENTS
from app.webhooks.telling.payloads import NOTICE_EVENTS
from app.webhooks.telling.subscription_events import SUBSCRIPTION_EVENTS


def catalogue(blobs: Blobs) -> Mapping[str, EventKind]:
    """Give each kind of event its gate and the making of what is sent."""
    return {**NOTICE_EVENTS, **evidence_events(blobs), **OBLIGATION_EVENTS, **OPENING_EVENTS, **SUBSCRIPTION_EVENTS}
