"""Subscriptions: where an organisation hears of events, how much a school lets each carry, and the log of what was sent."""

from functools import partial
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
from app.api.pages import Page, PagingDep
from app.api.problems import invalid
from app.api.shapes import In, Moment, Out
from app.api.steps import A_PERSON, AuthorIn
from app.api.versions import MustMatch, require_match, require_named, version_of
from app.db import deliveries, subscriptions
from app.db.entrance import Entrance
from app.db.subscriptions import Attached, Subscription
from app.webhooks.attaching import Choice, attach
from app.webhooks.egress import EgressRefusedError
from app.webhooks.subscribing import Subscribing, organisation_of

router = APIRouter(prefix="/v1", tags=["Subscriptions"], route_class=StrictRoute)
MUST_MATCH = may_answer("precondition-failed", "precondition-required")
MaySubscribe = Annotated[Caller, Depends(needs_client("subscriptions:write"))]
MayAttach = Annotated[Entrance, Depends(needs("subscriptions:write"))]
SubscriptionPath = Annotated[UUID, Path(description="The subscription, by its id.", examples=[A_DELIVERY])]
A_VERSION = '"5d41402abc4b2a76b9719d911017c592"'
A_SECRET = "whsec_ZXhhbXBsZSBleGFtcGxlIGV4YW1wbGUgZXhhbXBsZSE="  # noqa: S105  # spells "example" four times


class SubscriptionIn(In):
    """An endpoint and the events it wants."""

    url: str = Field(
        min_length=1, max_length=2048, description="An https address of yours on the public network.", examples=["https://example.com/hook"]
    )
    events: list[Literal["notice.ready", "request.made", "evidence.ready", "evidence.bundle"]] = Field(
        min_length=1, max_length=4, examples=[["notice.ready"]]
    )


class SubscriptionOut(Out):
    """An endpoint; a paused one is not sent to for now, an ended one is never sent to again."""

    id: UUID = Field(examples=[A_DELIVERY])
    url: str | None = Field(description="None for a mailbox.", examples=["https://example.com/hook"])
    events: list[str] = Field(examples=[["notice.ready"]])
    state: str = Field(description="active, paused or ended.", examples=["active"])
    created_at: Moment
    version: str = Field(description="What If-Match names to change or end it.", examples=[A_VERSION])

    @classmethod
    def of(cls, found: Subscription) -> Self:
        """Write a subscription for the wire."""
        f = found
        return cls(id=f.id, url=f.url, events=list(f.events), state=f.state, created_at=f.created_at, version=version_of(f))


class SubscriptionChangeIn(In):
    """Whether an endpoint is sent to; what comes to be owed to a paused one waits until it is active again."""

    state: Literal["active", "paused"] = Field(examples=["paused"])


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
    version: str = Field(description="What If-Match names to choose anew; the numbers given are no part of it.", examples=[A_VERSION])

    @classmethod
    def of(cls, found: Attached) -> Self:
        """Write a standing for the wire."""
        f = found
        return cls(subscription=f.subscription_id, words=f.words, chosen_by=f.chosen_by, number=f.number, version=version_of(f.choice))


@router.post("/subscriptions", status_code=201, openapi_extra=may_answer("conflict"))
async def subscribe(request: Request, response: Response, caller: MaySubscribe, body: SubscriptionIn) -> NewSubscriptionOut:
    """Register an endpoint of your organisation; a school hears through it once it is attached there."""
    try:
        found, secret = await _subscribing(request).register(caller.client_id, body.url, body.events)
    except EgressRefusedError as refused:
        raise invalid([Fault("/url", refused.told.value, refused.sentence)]) from None
    response.headers["ETag"] = version_of(found)
    return NewSubscriptionOut(**dict(SubscriptionOut.of(found)), secret=secret)


@router.get("/subscriptions")
async def list_subscriptions(request: Request, caller: MaySubscribe, paging: PagingDep) -> Page[SubscriptionOut]:
    """List your organisation's endpoints, ended ones too."""
    after = paging.after_id("subscriptions")
    async with request.app.state.sessions.shared() as session:
        organisation = await organisation_of(session, caller.client_id)
        found = await subscriptions.list_of(session, organisation, after=after, limit=paging.fetch)
    return paging.page("subscriptions", found, SubscriptionOut.of)


@router.patch("/subscriptions/{subscription_id}", openapi_extra=MUST_MATCH)
async def change_subscription(
    request: Request,
    response: Response,
    caller: MaySubscribe,
    subscription_id: SubscriptionPath,
    body: SubscriptionChangeIn,
    if_match: MustMatch = None,
) -> SubscriptionOut:
    """Pause an endpoint or let it go on; what came to be owed meanwhile goes out then, in its order."""
    require_named(if_match)
    check = partial(require_match, if_match)
    changed = await _subscribing(request).change(caller.client_id, subscription_id, body.state, check)
    request.app.state.casework.means.wake()
    response.headers["ETag"] = version_of(changed)
    return SubscriptionOut.of(changed)


@router.delete("/subscriptions/{subscription_id}", status_code=204, openapi_extra=MUST_MATCH)
async def end_subscription(request: Request, caller: MaySubscribe, subscription_id: SubscriptionPath, if_match: MustMatch = None) -> None:
    """End an endpoint for good; what still waits for it is withheld."""
    require_named(if_match)
    await _subscribing(request).change(caller.client_id, subscription_id, "ended", partial(require_match, if_match))


@router.post("/subscriptions/{subscription_id}/secret-rotations", status_code=201)
async def rotate_secret(request: Request, caller: MaySubscribe, subscription_id: SubscriptionPath) -> NewSecretOut:
    """Get a new signing secret; old and new both sign for 24 hours."""
    return NewSecretOut(secret=await _subscribing(request).rotate(caller.client_id, subscription_id))


@router.put(
    "/schools/{urn}/subscriptions/{subscription_id}",
    openapi_extra=may_answer("step-refused", "precondition-failed", "precondition-required"),
)
async def attach_subscription(
    request: Request,
    response: Response,
    entrance: MayAttach,
    subscription_id: SubscriptionPath,
    body: AttachmentIn,
    if_match: MustMatch = None,
) -> AttachmentOut:
    """Let a subscription of the school's own organisation, or of one it has granted `notices:deliver`, hear of this school.

    If-Match is `*` where it does not hear of the school yet.
    """
    require_named(if_match)
    choice = Choice(subscription_id=subscription_id, words=body.words, chosen_by=body.chosen_by.claim())
    attached = await attach(request.app.state.casework, entrance, choice, partial(_require_chosen, if_match))
    response.headers["ETag"] = version_of(attached.choice)
    return AttachmentOut.of(attached)


@router.get("/schools/{urn}/subscriptions")
async def list_attachments(request: Request, entrance: MayAttach) -> Page[AttachmentOut]:
    """List the subscriptions that hear of this school; there are never more than a few."""
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        return Page(items=[AttachmentOut.of(found) for found in await subscriptions.attached(session)])


@router.get("/schools/{urn}/deliveries")
async def list_deliveries(
    request: Request,
    entrance: MayAttach,
    paging: PagingDep,
    subscription: Annotated[UUID | None, Query(description="What was owed to this one.", examples=[A_DELIVERY])] = None,
) -> Page[DeliveryOut]:
    """List what was owed to endpoints about this school, with every attempt, in the order in which it came to be owed."""
    after = paging.after_id("deliveries")
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        found = await deliveries.log_of(session, subscription_id=subscription, after=after, limit=paging.fetch)
        attempts = await deliveries.attempts_at(session, [logged.id for logged in found])
    return paging.page("deliveries", found, lambda row: DeliveryOut.of(row, attempts))


def _require_chosen(if_match: str | None, standing: Attached | None) -> None:
    """A first choice replaces nothing, so `*` names that too."""
    if standing is not None or if_match != "*":
        require_match(if_match, None if standing is None else standing.choice)


def _subscribing(request: Request) -> Subscribing:
    subscribing: Subscribing = request.app.state.subscribing
    return subscribing
