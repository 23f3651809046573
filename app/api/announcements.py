"""The webhooks that we send, described for whoever receives them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Header
from pydantic import Field

from app.api.notices import A_DELIVERY, A_NOTICE
from app.api.shapes import Day, Out
from app.api.steps import A_PERSON
from app.domain.people import PersonKind

router = APIRouter(tags=["Webhooks"])
MessageId = Annotated[str, Header(alias="webhook-id", description="The same over all attempts at one delivery.", examples=[A_DELIVERY])]
Timestamp = Annotated[
    str, Header(alias="webhook-timestamp", description="The moment of this attempt, in seconds since 1970.", examples=["1415007000"])
]
Signature = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description="One or more of `v1,<base64>`, with spaces between: HMAC-SHA256 over id.timestamp.body, as Standard Webhooks ask.",
        examples=["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="],
    ),
]


class PushedWordsOut(Out):
    """The words of a notice, pushed only where the school chose so; they may name the child."""

    person: UUID = Field(examples=[A_PERSON])
    person_kind: PersonKind = Field(examples=["contact"])
    subject: str = Field(examples=["A message from Example Invented School"])
    body: str = Field(examples=["Dear Grace Madeup\n\nAda will get extra help at school."])
    media_type: str = Field(examples=["text/plain; charset=utf-8"])
    version: str = Field(examples=["en-1"])


class NoticeReadyOut(Out):
    """A person must be told something; nothing here says whom or what, unless the school chose to push the words too."""

    id: UUID = Field(description="The delivery, as in webhook-id.", examples=[A_DELIVERY])
    type: Literal["notice.ready"] = Field(examples=["notice.ready"])
    number: int = Field(description="Counts without gaps for this subscription at this school.", examples=[7])
    school: str = Field(examples=["999999"])
    subscription: UUID = Field(description="Whose count the number belongs to.", examples=[A_DELIVERY])
    notice: UUID = Field(examples=[A_NOTICE])
    stage: str = Field(examples=["decision"])
    due: Day | None = Field(description="The last day; null where it is counted by a calendar that the school has not loaded.")
    path: str = Field(description="Where the notice and its words lie.", examples=[f"/v1/schools/999999/notices/{A_NOTICE}"])
    words: PushedWordsOut | None = None


@router.post("notice.ready", status_code=204)
async def notice_ready(body: NoticeReadyOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Answer any 2xx within 15 seconds to accept; 410 ends the subscription; anything else is tried again, twelve times over three days."""


A_REQUEST = "01932b4e-5f00-7000-8000-0000000000c3"
ContentDigest = Annotated[
    str,
    Header(
        alias="content-digest",
        description="SHA-256 of the body (RFC 9530); for a bundle the signature is over id.timestamp.this.",
        examples=["sha-256=:LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=:"],
    ),
]


class RequestMadeOut(Out):
    """A request for an EHC needs assessment is there for the authority; nothing here says about whom."""

    id: UUID = Field(description="The delivery, as in webhook-id.", examples=[A_DELIVERY])
    type: Literal["request.made"] = Field(examples=["request.made"])
    number: int = Field(description="Counts without gaps for this subscription at this school.", examples=[7])
    school: str = Field(examples=["999999"])
    subscription: UUID = Field(description="Whose count the number belongs to.", examples=[A_DELIVERY])
    request: UUID = Field(examples=[A_REQUEST])
    path: str = Field(description="Where the request is read.", examples=[f"/v1/local-authorities/999/requests/{A_REQUEST}"])


@router.post("request.made", status_code=204)
async def request_made(body: RequestMadeOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent when a request becomes visible to the authority: a parent's or young person's as soon as it is made, a school's own with its
    evidence. An endpoint registered later is not sent what went before: the list of requests holds all of them.
    """


class EvidenceReadyOut(Out):
    """The evidence of a request can be taken by the authority; nothing here says whose it is."""

    id: UUID = Field(description="The delivery, as in webhook-id.", examples=[A_DELIVERY])
    type: Literal["evidence.ready"] = Field(examples=["evidence.ready"])
    number: int = Field(description="Counts without gaps for this subscription at this school.", examples=[7])
    school: str = Field(examples=["999999"])
    subscription: UUID = Field(description="Whose count the number belongs to.", examples=[A_DELIVERY])
    request: UUID = Field(examples=[A_REQUEST])
    digest: str = Field(description="SHA-256 of the bundle.", examples=["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"])
    size: int = Field(description="In bytes.", examples=[48_211])
    path: str = Field(description="Where the bundle lies.", examples=[f"/v1/local-authorities/999/requests/{A_REQUEST}/bundle"])


@router.post("evidence.ready", status_code=204)
async def evidence_ready(body: EvidenceReadyOut, message_id: MessageId, timestamp: Timestamp, signature: Signature) -> None:
    """Sent to an endpoint of the authority that a request was made to; answered and tried again as notice.ready is."""


@router.post("evidence.bundle", status_code=204)
async def evidence_bundle(
    body: Annotated[bytes, Body(media_type="application/zip")],
    message_id: MessageId,
    timestamp: Timestamp,
    signature: Signature,
    digest: ContentDigest,
    request: Annotated[UUID, Header(alias="graduated-request", description="Whose evidence this is.", examples=[A_REQUEST])],
) -> None:
    """The bundle itself, for an authority that asked to be sent it: hash the body as it comes and compare with Content-Digest, over which
    the signature is made. Answer within five minutes; the same bytes come again under the same webhook-id until they are accepted.
    """
