"""Whether somebody may be told, and an endpoint may hear of it, at this very moment; asked before every attempt and every fetch."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from app.casework.taking import Opened
from app.db import subscriptions
from app.db.deliveries import NOTICE_READY, OBLIGATION_DUE_SOON, OBLIGATION_OVERDUE, REQUEST_OPENED, Claimed, Withholding
from app.db.notices import Notice
from app.domain.notices import barred
from app.domain.record import Record

TO_DELIVER: Final = "notices:deliver"
"""The scope of whoever takes words to those they are for."""
NEEDED: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        TO_DELIVER: (NOTICE_READY,),
        "obligations:read": (OBLIGATION_DUE_SOON, OBLIGATION_OVERDUE),
        "evidence:submit": (REQUEST_OPENED,),
    }
)
"""The scopes that a school grants so that others hear of it, and for which kinds of event each is needed.

Under any of them an endpoint hears of the school, if not of everything; what is of no kind named here needs none in particular.
"""


_SCOPE_OF: Final = MappingProxyType({event: scope for scope, events in NEEDED.items() for event in events})
HEARING: Final = ("active", "disabled")
OF_THE_ENDPOINT: Final = frozenset({Withholding.SUBSCRIPTION_NOT_ACTIVE, Withholding.NOT_GRANTED})
"""Where one of these is the reason, the endpoint may hear nothing of the school at all, not even that something was withheld."""


async def endpoint_withholding(opened: Opened, delivery: Claimed) -> Withholding | None:
    """Whether an endpoint may hear of this school: attached here, active, and its organisation the school's own or under a grant.

    Whoever was granted another scope than the one that this kind of event needs is told the bare number, so as to see no gap.

    One that is disabled because it fails may hear all the same: what it is sent then finds out whether it accepts again.
    """
    session = opened.session
    found = await subscriptions.find(session, delivery.subscription_id)
    if found is None or found.state not in HEARING:
        return Withholding.SUBSCRIPTION_NOT_ACTIVE
    if not await subscriptions.attached(session, [delivery.subscription_id]):
        return Withholding.NOT_GRANTED
    needed = _SCOPE_OF.get(delivery.event)
    if needed is not None and await subscriptions.may_serve(session, found.organisation_id, needed):
        return None
    hears = [await subscriptions.may_serve(session, found.organisation_id, scope) for scope in NEEDED if scope != needed]
    if not any(hears):
        return Withholding.NOT_GRANTED
    return None if needed is None else Withholding.SCOPE_NOT_GRANTED


def person_withholding(record: Record, notice: Notice, today: date) -> Withholding | None:
    """Whether the notice's person may be told of its entry on the school's day."""
    reason = barred(record, notice.about, notice.person_id, today)
    return None if reason is None else Withholding(reason.value)
