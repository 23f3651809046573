"""Test pings: one signed attempt at an endpoint, at once, so that whoever sets it up sees what comes of it."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.budgets import Budgets
from app.api.manners.openapi import may_answer
from app.api.shown.delivery_shapes import A_DELIVERY, text_of
from app.api.shown.shapes import Out
from app.api.subscriptions import MaySubscribe, SubscriptionPath
from app.webhooks.receiving.pinging import Pinged, Pinging

router = APIRouter(prefix="/v1/subscriptions", tags=["Subscriptions"], route_class=StrictRoute)


class PingOut(Out):
    """What came of a ping."""

    id: UUID = Field(description="The webhook-id under which it was sent.", examples=[A_DELIVERY])
    outcome: str = Field(
        description="accepted, refused, or why there was no answer: timeout, connect, tls, closed, not_http, too_large_headers, or why the "
        "address may not be sent to.",
        examples=["accepted"],
    )
    sentence: str = Field(description="The same in words.", examples=["The receiver accepted it."])
    status: int | None = Field(description="The HTTP status; null where there was no answer.", examples=[204])
    duration_ms: int = Field(examples=[41])
    answer: str | None = Field(description="The first 2 KiB of the answer, as UTF-8 where it is.", examples=["accepted"])

    @classmethod
    def of(cls, pinged: Pinged) -> Self:
        """Write what came of a ping for the wire."""
        p = pinged
        return cls(id=p.id, outcome=p.outcome, sentence=p.sentence, status=p.status, duration_ms=p.duration_ms, answer=text_of(p.answer))


@router.post("/{subscription_id}/pings", openapi_extra=may_answer("conflict"))
async def ping_subscription(request: Request, caller: MaySubscribe, subscription_id: SubscriptionPath) -> PingOut:
    """Send one signed `subscription.test` to your endpoint now, and see what comes of it within 15 seconds.

    It has no number, stands in no log and counts neither as a failure nor as a success. An organisation may send five a minute.
    """
    pinging: Pinging = request.app.state.pinging
    budgets: Budgets = request.app.state.budgets
    return PingOut.of(await pinging.ping(caller.client_id, subscription_id, budgets.draw_ping))
