"""The log of what was owed to endpoints and mailboxes about a school, looked at one by one and sent again: one, or a stretch."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, model_validator
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.shown.delivery_shapes import A_DELIVERY, LoggedOut, LookedOut
from app.api.shown.shapes import In, Instant, Out, refusal
from app.api.subscriptions import EventName, MayAttach, SubscriptionPath
from app.db.redelivery import Stretch, Wanted
from app.webhooks.delivering.redelivering import Replayed, log, look, replay, resend

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Subscriptions"], route_class=StrictRoute)
A_NUMBER = 7
DeliveryPath = Annotated[UUID, Path(description="The delivery, by its id, which is the webhook-id.", examples=[A_DELIVERY])]
Number = Annotated[int, Field(ge=1, le=2**62)]


class ReplayIn(In):
    """Which deliveries are to be sent again: by number, or by when they came to be owed. Both ends are inside; the later may be open."""

    from_number: Number | None = Field(default=None, examples=[A_NUMBER])
    to_number: Number | None = Field(default=None, examples=[12])
    from_at: Instant | None = Field(default=None, examples=[None])
    to_at: Instant | None = Field(default=None, examples=[None])

    @model_validator(mode="after")
    def _begins_once(self) -> Self:
        by_number, by_time = (self.from_number, self.to_number), (self.from_at, self.to_at)
        if (by_number[0] is None) == (by_time[0] is None) or any(by_time if by_number[0] else by_number):
            raise refusal("one_beginning", "Give either from_number, with to_number if you like, or from_at, with to_at.")
        return self

    def stretch(self) -> Stretch:
        """Give the part of the log that is meant."""
        return Stretch(from_number=self.from_number, to_number=self.to_number, from_at=self.from_at, to_at=self.to_at)


class ReplayOut(Out):
    """What is sent again, each under its old number and id, and in the order of the numbers as far as a pupil goes."""

    subscription: UUID = Field(examples=[A_DELIVERY])
    replayed: int = Field(description="So many wait to be sent again.", examples=[6])
    first_number: int | None = Field(examples=[A_NUMBER])
    last_number: int | None = Field(examples=[12])
    waiting_already: int = Field(description="So many were waiting anyway, and are left as they are.", examples=[0])

    @classmethod
    def of(cls, subscription_id: UUID, replayed: Replayed) -> Self:
        """Write what came of a replay for the wire."""
        numbers = replayed.numbers
        first, last = (numbers[0], numbers[-1]) if numbers else (None, None)
        count, waiting = len(numbers), replayed.waiting_already
        return cls(subscription=subscription_id, replayed=count, first_number=first, last_number=last, waiting_already=waiting)


class Filters:
    """Which part of a log a request asks for."""

    def __init__(
        self,
        subscription: Annotated[UUID | None, Query(description="What was owed to this one.", examples=[A_DELIVERY])] = None,
        state: Annotated[
            Literal["waiting", "delivered", "withheld", "dead"] | None, Query(description="Deliveries in this state.", examples=["dead"])
        ] = None,
        event: Annotated[EventName | None, Query(description="Events of this kind.", examples=["notice.ready"])] = None,
        from_number: Annotated[int | None, Query(ge=1, le=2**62, description="The first number, inside.", examples=[A_NUMBER])] = None,
        to_number: Annotated[int | None, Query(ge=1, le=2**62, description="The last number, inside.", examples=[12])] = None,
    ) -> None:
        self.subscription, self.state, self.event = subscription, state, event
        self.from_number, self.to_number = from_number, to_number

    def wanted(self, *, after: UUID | None, limit: int) -> Wanted:
        """Give the part of the log that is asked for, one page of it."""
        return Wanted(
            subscription_id=self.subscription,
            state=self.state,
            event=self.event,
            from_number=self.from_number,
            to_number=self.to_number,
            after=after,
            limit=limit,
        )


FiltersDep = Annotated[Filters, Depends()]


@router.get("/deliveries")
async def list_deliveries(request: Request, entrance: MayAttach, paging: PagingDep, filters: FiltersDep) -> Page[LoggedOut]:
    """List what was owed to subscriptions about this school, with every attempt, in the order in which it came to be owed.

    A client of the school sees all of it, any other what its own organisation was owed.
    """
    wanted = filters.wanted(after=paging.after_id("deliveries"), limit=paging.fetch)
    found, attempts = await log(request.app.state.casework, entrance, wanted)
    return paging.page("deliveries", found, lambda row: LoggedOut.of(row, attempts))


@router.get("/deliveries/{delivery_id}")
async def read_delivery(request: Request, entrance: MayAttach, delivery_id: DeliveryPath) -> LookedOut:
    """Read one delivery with each attempt: when, what came of it, how long it took, and what your endpoint answered."""
    return LookedOut.looked(await look(request.app.state.casework, entrance, delivery_id))


@router.post("/deliveries/{delivery_id}/resends", status_code=202, openapi_extra=may_answer("conflict"))
async def resend_delivery(request: Request, entrance: MayAttach, delivery_id: DeliveryPath) -> LookedOut:
    """Send one delivery again, under the same id and number, as if it had never been tried.

    Whether it may be told is asked anew; what was withheld goes out as its bare number. One that waits already is left as it is. For
    clients of the school, and of the organisation whose subscription it is.
    """
    return LookedOut.looked(await resend(request.app.state.casework, entrance, delivery_id))


@router.post("/subscriptions/{subscription_id}/replays", status_code=202, openapi_extra=may_answer("conflict"))
async def replay_deliveries(request: Request, entrance: MayAttach, subscription_id: SubscriptionPath, body: ReplayIn) -> ReplayOut:
    """Send a stretch of what one subscription was owed about this school again, 10,000 deliveries at most; each as a resend does."""
    return ReplayOut.of(subscription_id, await replay(request.app.state.casework, entrance, subscription_id, body.stretch()))
