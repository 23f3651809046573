"""The webhooks that we send, described for whoever receives them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Header
from pydantic import BaseModel, Field

from app.api.shown.delivery_shapes import A_DELIVERY
from app.api.shown.notice_shapes import A_NOTICE
from app.api.shown.notice_words import WordsToldOut
from app.api.shown.shapes import Day, Moment, Out

router = APIRouter(tags=["Webhooks"])
MessageId = Annotated[str, Header(alias="webhook-id", description="The same over all attempts at one delivery.", examples=[A_DELIVERY])]
Timestamp = Annotated[
    str, Header(alias="webhook-timestamp", description="The moment of this attempt, in seconds since 1970.", examples=["1415007000"])
]
Signature = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description="Signatures over id.timestamp.body as Standard Webhooks ask, with spaces between; one that holds is enough. "
        "`v1,<base64>` is HMAC-SHA256 under your secret, and stands twice during a rotation. `v1a,<base64>` is Ed25519 under a key of "
        "/.well-known/webhook-keys.json, the same for all receivers: compare `subscription` with yours. Pass over versions that you do not "
        "know.",
        examples=["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="],
    ),
]


class PushedWordsOut(WordsToldOut):
    """The words of a notice, as its person wishes for them, pushed only where the school chose so; they may name the child."""


class AnnouncedOut(Out):
    """What every event says first."""

    id: UUID = Field(description="The delivery, as in webhook-id. What comes twice under one id is one event.", examples=[A_DELIVERY])
    number: int = Field(
        description="Counts without gaps for this subscription at this school: a gap means that something is still to come, or was lost.",
        examples=[7],
    )
    school: str = Field(description="The school's unique reference number.", examples=["999999"])
    subscription: UUID = Field(description="Whose count the number belongs to.", examples=[A_DELIVERY])


class NoticeReadyOut(AnnouncedOut):
    """A person must be told something; nothing here says whom or what, unless the school chose to push the words too."""

    type: Literal["notice.ready"] = Field(examples=["notice.ready"])
    notice: UUID = Field(examples=[A_NOTICE])
    stage: str = Field(examples=["decision"])
    due: Day | None = Field(description="The last day; null where it is counted by a calendar that the school has not loaded.")
    path: str = Field(description="Where the notice and its words lie.", examples=[f"/v1/schools/999999/notices/{A_NOTICE}"])
    words: PushedWordsOut | None = None


@router.post("notice.ready", status_code=204)
async def notice_ready(body: NoticeReadyOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Answer any 2xx within 15 seconds to accept; 410 ends the subscription; anything else is tried again, twelve times over three days."""


A_REQUEST = "01932b4e-5f00-7000-8000-0000000000c3"
A_DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
ContentDigest = Annotated[
    str,
    Header(
        alias="content-digest",
        description="SHA-256 of the body (RFC 9530); for a bundle the signature is over id.timestamp.this.",
        examples=["sha-256=:LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=:"],
    ),
]


class RequestMadeOut(AnnouncedOut):
    """A request for an EHC needs assessment is there for the authority; nothing here says about whom."""

    type: Literal["request.made"] = Field(examples=["request.made"])
    request: UUID = Field(examples=[A_REQUEST])
    path: str = Field(description="Where the request is read.", examples=[f"/v1/local-authorities/999/requests/{A_REQUEST}"])


@router.post("request.made", status_code=204)
async def request_made(body: RequestMadeOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent when a request becomes visible to the authority: a parent's or young person's as soon as it is made, a school's own with its
    evidence. An endpoint registered later is not sent what went before: the list of requests holds all of them.
    """


class RequestWithdrawnOut(AnnouncedOut):
    """A request that the authority could see was taken back; nothing here says about whom it was."""

    type: Literal["request.withdrawn"] = Field(examples=["request.withdrawn"])
    request: UUID = Field(examples=[A_REQUEST])
    path: str = Field(description="Where the request is read.", examples=[f"/v1/local-authorities/999/requests/{A_REQUEST}"])


@router.post("request.withdrawn", status_code=204)
async def request_withdrawn(body: RequestWithdrawnOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent when whoever made a request took it back: its clocks have stopped and nothing of it is let out any more. If that was an error,
    request.made comes again.
    """


class RequestOpenedOut(AnnouncedOut):
    """An authority received a request itself and told the school of it; nothing here says about whom."""

    type: Literal["request.opened"] = Field(examples=["request.opened"])
    path: str = Field(description="Where the school's list of them is read.", examples=["/v1/schools/999999/opened-requests"])


@router.post("request.opened", status_code=204)
async def request_opened(body: RequestOpenedOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent to the school's own endpoints, and to those of others under a grant of evidence:submit: say whose it is, or that it is none of
    the school's. The authority's six weeks run already.
    """


class EvidenceReadyOut(AnnouncedOut):
    """The evidence of a request can be taken by the authority; nothing here says whose it is."""

    type: Literal["evidence.ready"] = Field(examples=["evidence.ready"])
    request: UUID = Field(examples=[A_REQUEST])
    digest: str = Field(description="The bundle's, as its request shows it.", examples=[A_DIGEST])
    size: int = Field(description="In bytes.", examples=[48_211])
    path: str = Field(description="Where its parts are listed.", examples=[f"/v1/local-authorities/999/requests/{A_REQUEST}"])


@router.post("evidence.ready", status_code=204)
async def evidence_ready(body: EvidenceReadyOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent to an endpoint of the authority that a request was made to; answered and tried again as notice.ready is."""


class PartHeaders(BaseModel):
    """Which part of what is sent."""

    graduated_request: UUID = Field(description="Whose evidence this is.", examples=[A_REQUEST])
    graduated_edition: int = Field(description="How often the bundle was split.", examples=[1])
    graduated_part: str = Field(description="Which part of how many.", examples=["1 of 1"])
    graduated_bundle_digest: str = Field(description="What a receipt names, once all parts are there.", examples=[A_DIGEST])


@router.post("evidence.bundle", status_code=204)
async def evidence_bundle(
    body: Annotated[bytes, Body(media_type="application/zip")],
    message_id: MessageId,
    timestamp: Timestamp,
    signature: Signature,
    digest: ContentDigest,
    naming: Annotated[PartHeaders, Header()],
) -> None:
    """One part of the bundle itself, for an authority that asked to be sent it: hash the body as it comes and compare with Content-Digest,
    over which the signature is made. Answer within five minutes; the same bytes come again under the same webhook-id until they are
    accepted. 413 and 415 end that: the bundle comes in smaller parts, once, or is left to be fetched. No answer here is a receipt.
    """


AN_OBLIGATION = "01932b4e-5f00-7000-8000-0000000000b2"


class _ClockEventOut(AnnouncedOut):
    obligation: UUID = Field(examples=[AN_OBLIGATION])
    due: Day = Field(description="The last day on which the duty can be kept.")
    path: str = Field(description="Where the duty is read.", examples=[f"/v1/schools/999999/obligations/{AN_OBLIGATION}"])


class ObligationDueSoonOut(_ClockEventOut):
    """A duty must be kept soon and is not kept yet; which duty, and towards whom, is read at its path."""

    type: Literal["obligation.due_soon"] = Field(examples=["obligation.due_soon"])


class ObligationOverdueOut(_ClockEventOut):
    """The last day of a duty is past, and it is not kept."""

    type: Literal["obligation.overdue"] = Field(examples=["obligation.overdue"])


@router.post("obligation.due_soon", status_code=204)
async def obligation_due_soon(body: ObligationDueSoonOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent once for each last day, and anew where that day is moved, under a grant of obligations:read. What is kept, or moved, before it
    could be told comes as delivery.withheld.
    """


@router.post("obligation.overdue", status_code=204)
async def obligation_overdue(body: ObligationOverdueOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent once for each last day that passes, as obligation.due_soon is."""


class SubscriptionDisabledOut(AnnouncedOut):
    """Another subscription of your organisation failed for so long that it is sent to no more; what it is owed waits."""

    type: Literal["subscription.disabled"] = Field(examples=["subscription.disabled"])
    disabled: UUID = Field(description="The subscription that is disabled.", examples=[A_DELIVERY])
    path: str = Field(description="Where it is looked at.", examples=[f"/v1/subscriptions/{A_DELIVERY}"])


@router.post("subscription.disabled", status_code=204)
async def subscription_disabled(body: SubscriptionDisabledOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent to your other subscriptions, a mailbox first of all, that ask for it. PATCH the disabled one to active once it is mended; from
    time to time one attempt is made to see whether it is.
    """


class DeliveryWithheldOut(AnnouncedOut):
    """The number of an event that may no longer be told, so that your count has no gap; there is nothing to do."""

    type: Literal["delivery.withheld"] = Field(examples=["delivery.withheld"])


@router.post("delivery.withheld", status_code=204)
async def delivery_withheld(body: DeliveryWithheldOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent in place of an event of any kind, and not subscribed to. Who may be told again later is told by a new event."""


class SubscriptionTestOut(Out):
    """A ping that you asked for. It has no number and is about no school."""

    id: UUID = Field(description="As in webhook-id.", examples=[A_DELIVERY])
    type: Literal["subscription.test"] = Field(examples=["subscription.test"])
    subscription: UUID = Field(examples=[A_DELIVERY])
    at: Moment


@router.post("subscription.test", status_code=204)
async def subscription_test(body: SubscriptionTestOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent by POST /v1/subscriptions/{id}/pings, once, whatever is answered."""
