"""Subscriptions: where an organisation hears of events, and how much a school lets each carry."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.budgets import Budgets
from app.api.manners.callers import Caller, needs, needs_client
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.steps import A_PERSON, AuthorIn
from app.api.manners.versions import MustMatch, require_match, require_named, version_of
from app.api.shown.delivery_shapes import A_DELIVERY
from app.api.shown.shapes import In, Moment, Out, refusal
from app.casework.taking import Casework
from app.db import subscriptions
from app.db.deliveries import SUBSCRIBABLE
from app.db.entrance import Entrance
from app.db.subscriptions import Attached, Subscription
from app.webhooks.delivering.resuming import try_at_once
from app.webhooks.receiving.attaching import Choice, attach
from app.webhooks.receiving.subscribing import Kind, State, Subscribing, Wish, organisation_of

router = APIRouter(prefix="/v1", tags=["Subscriptions"], route_class=StrictRoute)
MUST_MATCH = may_answer("precondition-failed", "precondition-required")
MaySubscribe = Annotated[Caller, Depends(needs_client("subscriptions:write"))]
MayAttach = Annotated[Entrance, Depends(needs("subscriptions:write"))]
SubscriptionPath = Annotated[UUID, Path(description="The subscription, by its id.", examples=[A_DELIVERY])]
A_VERSION = '"5d41402abc4b2a76b9719d911017c592"'
A_SECRET = "whsec_ZXhhbXBsZSBleGFtcGxlIGV4YW1wbGUgZXhhbXBsZSE="  # noqa: S105  # spells "example" four times


EventName = Literal[
    "notice.ready",
    "request.made",
    "request.withdrawn",
    "request.opened",
    "evidence.ready",
    "evidence.bundle",
    "obligation.due_soon",
    "obligation.overdue",
    "subscription.disabled",
]
Url = Annotated[str, Field(min_length=1, max_length=2048)]
Events = Annotated[list[EventName], Field(min_length=1, max_length=len(SUBSCRIBABLE))]


class SubscriptionIn(In):
    """Where an organisation wants to hear of what: pushed to an address of its own, or kept in a mailbox until it comes for it."""

    kind: Kind = Field(
        default="push",
        description="push: we send to `url`. mailbox: you lease what waits at `/v1/mailbox/lease`, and need no address.",
        examples=["push"],
    )
    url: Url | None = Field(
        default=None,
        description="An https address of yours on the public network; none with a mailbox.",
        examples=["https://example.com/hook"],
    )
    events: Events = Field(
        description="A mailbox holds no files: there it is evidence.ready, not evidence.bundle.", examples=[["notice.ready"]]
    )


class SubscriptionOut(Out):
    """A subscription: a paused or disabled one is not sent to for now, an ended one never again."""

    id: UUID = Field(examples=[A_DELIVERY])
    kind: Kind = Field(examples=["push"])
    url: str | None = Field(description="null for a mailbox.", examples=["https://example.com/hook"])
    events: list[str] = Field(examples=[["notice.ready"]])
    state: Literal["active", "paused", "disabled", "ended"] = Field(
        description="disabled: attempts failed for so long that no more are made but to see whether it works again; active ends that.",
        examples=["active"],
    )
    failures: int = Field(description="Attempts that failed in a row.", examples=[0])
    failing_since: Moment | None = Field(description="When the first of these was; null while all is well.", examples=[None])
    next_probe_at: Moment | None = Field(
        description="After several failures one attempt at a time is made: the next not before this moment.", examples=[None]
    )
    created_at: Moment
    version: str = Field(description="What If-Match names to change or end it; failures are no part of it.", examples=[A_VERSION])

    @classmethod
    def of(cls, found: Subscription) -> Self:
        """Write a subscription for the wire."""
        told = asdict(found) | {"next_probe_at": found.probe_at, "version": version_of(found.choice)}
        return cls.model_validate(told)


class SubscriptionChangeIn(In):
    """What is to change; a member that is left out stays as it is. The numbers go on, and so does the secret."""

    state: State | None = Field(
        default=None,
        description="paused: what comes to be owed waits. active: it goes out; one that fails, or is disabled, is tried at once, and the "
        "first event that it accepts lets all others go.",
        examples=["paused"],
    )
    url: Url | None = Field(default=None, description="Of a push alone; looked at as a new one is.", examples=["https://example.com/hook"])
    events: Events | None = Field(
        default=None,
        description="What it hears of; where something of another kind is owed already, its number alone goes out.",
        examples=[["notice.ready"]],
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.state is None and self.url is None and self.events is None:
            raise refusal("nothing_to_change", "Give at least one of state, url and events.")
        return self

    def wish(self) -> Wish:
        """Give the change as it is asked of the subscription."""
        return Wish(state=self.state, url=self.url, events=self.events)


class NewSubscriptionOut(SubscriptionOut):
    """A subscription with the secret that verifies what is pushed (Standard Webhooks), shown this once."""

    secret: str | None = Field(description="null for a mailbox.", examples=[A_SECRET])


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
    words: str = Field(description="What was chosen.", examples=["thin"])
    carries: str = Field(
        description="What it carries now: full words that were chosen for another address are not carried to the present one.",
        examples=["thin"],
    )
    chosen_by: UUID | None = Field(examples=[A_PERSON])
    number: int = Field(description="The last number given to it.", examples=[7])
    version: str = Field(description="What If-Match names to choose anew; the numbers given are no part of it.", examples=[A_VERSION])

    @classmethod
    def of(cls, found: Attached) -> Self:
        """Write a standing for the wire."""
        f = found
        return cls(
            subscription=f.subscription_id,
            words=f.words,
            carries=f.carries,
            chosen_by=f.chosen_by,
            number=f.number,
            version=version_of(f.choice),
        )


@router.post("/subscriptions", status_code=201, openapi_extra=may_answer("conflict"))
async def subscribe(request: Request, response: Response, caller: MaySubscribe, body: SubscriptionIn) -> NewSubscriptionOut:
    """Register an endpoint or a mailbox of your organisation; a school's events come to it once it is attached there."""
    _draw(request, caller, body.url)
    found, secret = await _subscribing(request).register(caller.client_id, body.kind, Wish(url=body.url, events=body.events))
    response.headers["ETag"] = version_of(found.choice)
    return NewSubscriptionOut(**dict(SubscriptionOut.of(found)), secret=secret)


@router.get("/subscriptions")
async def list_subscriptions(request: Request, caller: MaySubscribe, paging: PagingDep) -> Page[SubscriptionOut]:
    """List your organisation's subscriptions, ended ones too."""
    after = paging.after_id("subscriptions")
    async with request.app.state.sessions.shared() as session:
        organisation = await organisation_of(session, caller.client_id)
        found = await subscriptions.list_of(session, organisation, after=after, limit=paging.fetch)
    return paging.page("subscriptions", found, SubscriptionOut.of)


@router.get("/subscriptions/{subscription_id}")
async def read_subscription(
    request: Request, response: Response, caller: MaySubscribe, subscription_id: SubscriptionPath
) -> SubscriptionOut:
    """Read one of your organisation's subscriptions: whether it is sent to, and since when its attempts fail."""
    found = await _subscribing(request).look(caller.client_id, subscription_id)
    response.headers["ETag"] = version_of(found.choice)
    return SubscriptionOut.of(found)


@router.patch("/subscriptions/{subscription_id}", openapi_extra=MUST_MATCH)
async def change_subscription(
    request: Request,
    response: Response,
    caller: MaySubscribe,
    subscription_id: SubscriptionPath,
    body: SubscriptionChangeIn,
    if_match: MustMatch = None,
) -> SubscriptionOut:
    """Pause a subscription or let it go on, or say anew where it is sent and what it hears of.

    Words that a school chose to have carried to the old address are not carried to the new one until it chooses again.
    """
    require_named(if_match)
    _draw(request, caller, body.url)
    changed = await _subscribing(request).change(caller.client_id, subscription_id, body.wish(), _seen(if_match))
    casework: Casework = request.app.state.casework
    if body.state == "active" and changed.probe_at is not None:
        await try_at_once(casework, request.app.state.sweep, subscription_id)
    casework.means.wake()
    response.headers["ETag"] = version_of(changed.choice)
    return SubscriptionOut.of(changed)


@router.delete("/subscriptions/{subscription_id}", status_code=204, openapi_extra=MUST_MATCH)
async def end_subscription(request: Request, caller: MaySubscribe, subscription_id: SubscriptionPath, if_match: MustMatch = None) -> None:
    """End a subscription for good; what still waits for it is withheld."""
    require_named(if_match)
    await _subscribing(request).end(caller.client_id, subscription_id, _seen(if_match))


@router.post("/subscriptions/{subscription_id}/secret-rotations", status_code=201, openapi_extra=may_answer("conflict"))
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
    """Let a subscription hear of this school: of its own organisation, or of one granted `notices:deliver` or `obligations:read`.

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


def _seen(if_match: str | None) -> Callable[[Subscription], None]:
    return lambda found: require_match(if_match, found.choice)


def _require_chosen(if_match: str | None, standing: Attached | None) -> None:
    """A first choice replaces nothing, so `*` names that too."""
    if standing is not None or if_match != "*":
        require_match(if_match, None if standing is None else standing.choice)


def _draw(request: Request, caller: Caller, url: str | None) -> None:
    """Count an address that is looked up, whether it is taken or not."""
    if url is not None:
        budgets: Budgets = request.app.state.budgets
        budgets.draw_address(caller.client_id)


def _subscribing(request: Request) -> Subscribing:
    subscribing: Subscribing = request.app.state.subscribing
    return subscribing
