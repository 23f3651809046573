"""Subscriptions: where an organisation hears of events, how much a school lets each carry, and the log of what was sent."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.body import StrictRoute
from app.api.callers import Caller, needs, needs_client
from app.api.faults import Fault
from app.api.notices import A_DELIVERY, DeliveryOut
from app.api.openapi import may_answer
from app.api.pages import Page, PageDep, link_next, page_of
from app.api.problems import invalid
from app.api.shapes import In, Moment, Out
from app.api.steps import A_PERSON, AuthorIn
from app.db import deliveries, subscriptions
from app.db.entrance import Entrance
from app.db.subscriptions import Attached, Subscription
from app.webhooks.attaching import Choice, attach
from app.webhooks.egress import EgressRefusedError
from app.webhooks.subscribing import Subscribing, organisation_of

router = APIRouter(prefix="/v1", tags=["Subscriptions"], route_class=StrictRoute)
MaySubscribe = Annotated[Caller, Depends(needs_client("subscriptions:write"))]
MayAttach = Annotated[Entrance, Depends(needs("subscriptions:write"))]
SubscriptionPath = Annotated[UUID, Path(description="The subscription, by its id.", examples=[A_DELIVERY])]
A_SECRET = "whsec_ZXhhbXBsZSBleGFtcGxlIGV4YW1wbGUgZXhhbXBsZSE="  # noqa: S105  # spells "example" four times


class SubscriptionIn(In):
    """An endpoint and the events it wants."""

    url: str = Field(
        min_length=1, max_length=2048, description="An https address of yours on the public network.", examples=["https://example.com/hook"]
    )
    events: list[Literal["notice.ready", "evidence.ready", "evidence.bundle"]] = Field(
        min_length=1, max_length=3, examples=[["notice.ready"]]
    )


class SubscriptionOut(Out):
    """An endpoint; an ended one is never sent to again."""

    id: UUID = Field(examples=[A_DELIVERY])
    url: str = Field(examples=["https://example.com/hook"])
    events: list[str] = Field(examples=[["notice.ready"]])
    state: str = Field(description="active, paused or ended.", examples=["active"])
    created_at: Moment

    @classmethod
    def of(cls, found: Subscription) -> Self:
        """Write a subscription for the wire."""
        return cls(id=found.id, url=found.url, events=list(found.events), state=found.state, created_at=found.created_at)


class NewSubscriptionOut(SubscriptionOut):
    """An endpoint with the secret that verifies what it is sent (Standard Webhooks), shown this once."""

    secret: str = Field(examples=[A_SECRET])


class NewSecretOut(Out):
    """A new secret, shown this once; for 24 hours the old one signs beside it."""

    secret: str = Field(examples=[A_SECRET])


class AttachmentIn(In):
    """How much a subscription carries from this school, chosen by a member of its staff."""

    words: Literal["thin", "full"] = Field(
        description="thin: ids, stage and day. full: the words of the notice too, which may name the child.", examples=["thin"]
    )
    chosen_by: AuthorIn = Field(examples=[{"kind": "staff", "id": A_PERSON}])


class AttachmentOut(Out):
    """A subscription's standing at a school."""

    subscription: UUID = Field(examples=[A_DELIVERY])
    words: str = Field(examples=["thin"])
    chosen_by: UUID | None = Field(examples=[A_PERSON])
    number: int = Field(description="The last number given to it.", examples=[7])

    @classmethod
    def of(cls, found: Attached) -> Self:
        """Write a standing for the wire."""
        return cls(subscription=found.subscription_id, words=found.words, chosen_by=found.chosen_by, number=found.number)


@router.post("/subscriptions", status_code=201)
async def subscribe(request: Request, caller: MaySubscribe, body: SubscriptionIn) -> NewSubscriptionOut:
    """Register an endpoint of your organisation; a school hears through it once it is attached there."""
    try:
        found, secret = await _subscribing(request).register(caller.client_id, body.url, body.events)
    except EgressRefusedError as refused:
        raise invalid([Fault("/url", refused.reason.value, refused.sentence)]) from None
    return NewSubscriptionOut(**dict(SubscriptionOut.of(found)), secret=secret)


@router.get("/subscriptions")
async def list_subscriptions(request: Request, response: Response, caller: MaySubscribe, page: PageDep) -> Page[SubscriptionOut]:
    """List your organisation's endpoints, ended ones too."""
    cursors = request.app.state.cursors
    after = cursors.open("subscriptions", page.cursor)
    async with request.app.state.sessions.shared() as session:
        organisation = await organisation_of(session, caller.client_id)
        found = await subscriptions.list_of(session, organisation, after=UUID(str(after[0])) if after else None, limit=page.fetch)
    listed = page_of(found, page, SubscriptionOut.of, lambda row: cursors.seal("subscriptions", (str(row.id),)))
    link_next(request, response, listed.next)
    return listed


@router.delete("/subscriptions/{subscription_id}", status_code=204)
async def end_subscription(request: Request, caller: MaySubscribe, subscription_id: SubscriptionPath) -> None:
    """End an endpoint for good; what still waits for it is withheld."""
    await _subscribing(request).end(caller.client_id, subscription_id)


@router.post("/subscriptions/{subscription_id}/secret-rotations", status_code=201)
async def rotate_secret(request: Request, caller: MaySubscribe, subscription_id: SubscriptionPath) -> NewSecretOut:
    """Get a new signing secret; old and new both sign for 24 hours."""
    return NewSecretOut(secret=await _subscribing(request).rotate(caller.client_id, subscription_id))


@router.put("/schools/{urn}/subscriptions/{subscription_id}", openapi_extra=may_answer("step-refused"))
async def attach_subscription(
    request: Request, entrance: MayAttach, subscription_id: SubscriptionPath, body: AttachmentIn
) -> AttachmentOut:
    """Let a subscription of the school's own organisation, or of one it has granted `notices:deliver`, hear of this school."""
    choice = Choice(subscription_id=subscription_id, words=body.words, chosen_by=body.chosen_by.claim())
    return AttachmentOut.of(await attach(request.app.state.casework, entrance, choice))


@router.get("/schools/{urn}/subscriptions")
async def list_attachments(request: Request, entrance: MayAttach) -> Page[AttachmentOut]:
    """List the subscriptions that hear of this school; there are never more than a few."""
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        return Page(items=[AttachmentOut.of(found) for found in await subscriptions.attached(session)])


@router.get("/schools/{urn}/deliveries")
async def list_deliveries(
    request: Request,
    response: Response,
    entrance: MayAttach,
    page: PageDep,
    subscription: Annotated[UUID | None, Query(description="What was owed to this one.", examples=[A_DELIVERY])] = None,
) -> Page[DeliveryOut]:
    """List what was owed to endpoints about this school, with every attempt, in the order in which it came to be owed."""
    cursors = request.app.state.cursors
    after = cursors.open("deliveries", page.cursor)
    after_id = UUID(str(after[0])) if after else None
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        found = await deliveries.log_of(session, subscription_id=subscription, after=after_id, limit=page.fetch)
        attempts = await deliveries.attempts_at(session, [logged.id for logged in found])
    listed = page_of(found, page, lambda row: DeliveryOut.of(row, attempts), lambda row: cursors.seal("deliveries", (str(row.id),)))
    link_next(request, response, listed.next)
    return listed


def _subscribing(request: Request) -> Subscribing:
    subscribing: Subscribing = request.app.state.subscribing
    return subscribing
