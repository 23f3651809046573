"""The mailbox: all that is pushed to others may be pulled instead, under a lease and with a receipt."""

from typing import Annotated, Literal, Self
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from pydantic import Field, JsonValue
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.callers import Caller, needs_client
from app.api.manners.openapi import may_answer
from app.api.shown.delivery_shapes import A_DELIVERY
from app.api.shown.notice_shapes import A_NOTICE
from app.api.shown.shapes import In, Line, Moment, Out
from app.db.client_entrance import ClientEntrance
from app.db.scopes import scope_of
from app.webhooks.receiving.mailbox import Asked, Handed, Item, Mailbox
from app.webhooks.receiving.receipting import CameTo, Outcome, Receipt, Receipted, give_receipts

router = APIRouter(prefix="/v1/mailbox", tags=["Mailbox"], route_class=StrictRoute)
SCOPE = "mailbox:take"
MayTake = Annotated[Caller, Depends(needs_client(SCOPE))]
Urn = Annotated[str, Field(pattern="^[0-9]{6}$", examples=["999999"])]
AN_ITEM = {
    "id": A_DELIVERY,
    "type": "notice.ready",
    "number": 7,
    "school": "999999",
    "subscription": "01932b4e-5f00-7000-8000-0000000000f6",
    "notice": A_NOTICE,
    "stage": "decision",
    "due": "2014-11-03",
    "path": f"/v1/schools/999999/notices/{A_NOTICE}",
}


class LeaseIn(In):
    """What is to be leased, and for how long."""

    subscription: UUID | None = Field(
        default=None, description="One mailbox of your organisation; all that are active, if left out.", examples=[A_DELIVERY]
    )
    schools: list[Urn] | None = Field(
        default=None, min_length=1, max_length=100, description="Items about these schools alone.", examples=[["999999"]]
    )
    limit: int = Field(default=10, ge=1, le=100, description="How many items at most.", examples=[10])
    seconds: int = Field(
        default=60, ge=10, le=900, description="How long the items are yours. Without a receipt they come back after that.", examples=[60]
    )
    wait: int = Field(
        default=0,
        ge=0,
        le=30,
        description="For how many seconds to wait where nothing is there yet; 16 requests of a client may at once.",
        examples=[20],
    )


class LeasedItemOut(Out):
    """An item that is yours until a moment; nobody else is given it before."""

    school: str = Field(description="The school's unique reference number.", examples=["999999"])
    delivery: UUID = Field(description="The same over all attempts; name it in the receipt.", examples=[A_DELIVERY])
    attempt: int = Field(description="Which attempt this lease is; name it in the receipt.", examples=[1])
    leased_until: Moment
    body: dict[str, JsonValue] = Field(
        description="The very JSON that a push would have carried, as the webhooks of this document say.", examples=[AN_ITEM]
    )

    @classmethod
    def of(cls, item: Item) -> Self:
        """Write an item for the wire."""
        c = item.claimed
        return cls(school=item.urn, delivery=c.id, attempt=c.attempt, leased_until=item.until, body=orjson.loads(item.body))


class LeaseOut(Out):
    """What was leased, and how much waits beyond it."""

    items: list[LeasedItemOut]
    waiting: int = Field(
        description="How many more nobody has leased. Some of them may be given only once the earlier ones about the same pupil are done.",
        examples=[0],
    )
    waiting_since: Moment | None = Field(description="Since when the one of these that waits longest could have been leased.")

    @classmethod
    def of(cls, handed: Handed) -> Self:
        """Write a lease for the wire."""
        return cls(items=[LeasedItemOut.of(item) for item in handed.items], waiting=handed.waiting, waiting_since=handed.since)


class ReceiptIn(In):
    """What became of one item, named as in the lease."""

    school: Urn
    delivery: UUID = Field(examples=[A_DELIVERY])
    attempt: int = Field(ge=1, le=2**31 - 1, examples=[1])
    outcome: Outcome = Field(
        description="accepted: it is done. refused: it comes again later, as after a failed push. refused_for_good: it never comes again.",
        examples=["accepted"],
    )
    remark: Line | None = Field(default=None, description="Kept with the attempt. No names or addresses belong in it.", examples=[None])

    def receipt(self) -> Receipt:
        """Give the receipt as it is recorded."""
        return Receipt(urn=self.school, delivery_id=self.delivery, attempt=self.attempt, outcome=self.outcome, remark=self.remark)


class ReceiptsIn(In):
    """Receipts, each of which is answered by itself."""

    receipts: list[ReceiptIn] = Field(min_length=1, max_length=100)


class ReceiptedOut(Out):
    """What became of one receipt, in the place that it had in the request."""

    school: str = Field(examples=["999999"])
    delivery: UUID = Field(examples=[A_DELIVERY])
    attempt: int = Field(examples=[1])
    result: CameTo = Field(
        description="recorded: it counts, now or from an earlier sending. conflict: somebody else has leased the item since, or the "
        "attempt ended otherwise; do not repeat it. not_found: nothing of the kind was leased to you.",
        examples=["recorded"],
    )
    state: Literal["waiting", "delivered", "withheld", "dead"] | None = Field(
        description="Where the delivery stands now; null if not found.", examples=["delivered"]
    )

    @classmethod
    def of(cls, receipted: Receipted) -> Self:
        """Write what became of a receipt for the wire."""
        r = receipted.receipt
        members = {"school": r.urn, "delivery": r.delivery_id, "attempt": r.attempt, "result": receipted.came_to, "state": receipted.state}
        return cls.model_validate(members)


class ReceiptsOut(Out):
    """What became of the receipts, in their order."""

    items: list[ReceiptedOut]


@router.post("/lease", openapi_extra=may_answer("not-found"))
async def lease_items(request: Request, caller: MayTake, body: LeaseIn) -> LeaseOut:
    """Lease what waits in your organisation's mailboxes. All that can be pushed can be fetched so, with requests of yours alone: the same
    bodies, numbers and log of deliveries.

    Each item passes the gate at this moment; where nothing may be told any more, the bare number comes in its place. Items about one pupil
    come one after the other: the next one once the one before it is done. At a school that is not your client's own, you get what this
    client was granted: notices under `notices:deliver`, obligations under `obligations:read`; the rest stays for a client that may. Where a
    school lets a mailbox carry words, they come along for clients that could fetch them, with `notices:deliver`. An item
    without a receipt comes back when its lease ends, as another attempt; only after twelve attempts and 75 hours is it given up. A paused
    or ended mailbox gives nothing.
    """
    state, asked = request.app.state, _asked(caller, body)
    mailbox = Mailbox(state.casework, state.sweep, state.events)
    with state.budgets.waiting(caller.client_id, body.wait):
        return LeaseOut.of(await mailbox.wait(asked, state.bell, body.wait, request.is_disconnected))


@router.post("/receipts")
async def give_mailbox_receipts(request: Request, caller: MayTake, body: ReceiptsIn) -> ReceiptsOut:
    """Say what became of leased items. They are safe to send again, and one that comes late counts as long as nobody else has leased the
    item since.

    A refusal is taken for a passing trouble, since what would be lost is a letter that the law requires: the item comes again after the
    waits of a push. `refused_for_good` ends it as dead, where a later one about the pupil no longer waits for it and the school sees it.
    """
    receipts = [each.receipt() for each in body.receipts]
    given = await give_receipts(request.app.state.casework, _entrance(caller), receipts)
    return ReceiptsOut(items=[ReceiptedOut.of(each) for each in given])


def _asked(caller: Caller, body: LeaseIn) -> Asked:
    return Asked(entrance=_entrance(caller), mailbox_id=body.subscription, urns=body.schools, limit=body.limit, seconds=body.seconds)


def _entrance(caller: Caller) -> ClientEntrance:
    return ClientEntrance(client_id=caller.client_id, scope=scope_of(SCOPE), token_scopes=caller.scopes)
