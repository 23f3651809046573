"""Deliveries as they go over the wire: in the log, one by one with what was answered, and beside the notice they announce."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field

from app.api.shown.notice_shapes import A_NOTICE
from app.api.shown.shapes import Moment, Out
from app.db.redelivery import LoggedAttempt, LogRow
from app.webhooks.delivering.redelivering import Looked

A_DELIVERY = "01932b4e-5f00-7000-8000-0000000000e5"


class AttemptOut(Out):
    """One attempt to reach an endpoint, by the world's clock; an interrupted one counts, and its outcome is not known."""

    attempt: int = Field(examples=[1])
    at: Moment
    outcome: str = Field(examples=["accepted"])
    status: int | None = Field(examples=[204])
    duration_ms: int = Field(examples=[41])


class DeliveryOut(Out):
    """One event owed to one subscription; a withheld one keeps its number and says nothing of what it was about."""

    id: UUID = Field(description="The webhook-id of every attempt.", examples=[A_DELIVERY])
    subscription: UUID = Field(examples=[A_DELIVERY])
    number: int = Field(description="Counts without gaps for this subscription at this school.", examples=[7])
    event: str = Field(examples=["notice.ready"])
    notice: UUID | None = Field(examples=[A_NOTICE])
    request: UUID | None = Field(examples=[None])
    edition: int | None = Field(description="Of the bundle, where a part of one is sent.", examples=[None])
    part: int | None = Field(description="Its number in that edition.", examples=[None])
    state: str = Field(description="waiting, delivered, withheld or dead.", examples=["delivered"])
    reason: str | None = Field(
        description="Why it is withheld or dead. Of a part of a bundle: split_anew (it comes in smaller parts), receiver_too_small or "
        "receiver_refuses_type (413 or 415 for what cannot be split further).",
        examples=[None],
    )
    attempts: int = Field(examples=[1])
    next_at: Moment | None
    created_at: Moment
    done_at: Moment | None
    log: list[AttemptOut] = Field(description="The attempts, the newest fifty.")

    @classmethod
    def of(cls, row: LogRow, attempts: Sequence[LoggedAttempt]) -> Self:
        """Write a delivery with those of the attempts that were made at it, and without what was answered to them."""
        return cls.model_validate(_members(row) | {"log": [_attempt(each) for each in attempts if each.delivery_id == row.id]})


class LoggedOut(DeliveryOut):
    """One event owed to one subscription; a withheld one keeps its number and says nothing of what it was about."""

    school: str = Field(examples=["999999"])
    obligation: UUID | None = Field(examples=[None])
    disabled: UUID | None = Field(description="The subscription that was disabled, where it tells of one.", examples=[None])
    tried_before: int = Field(description="So many of the attempts were made before it was last sent again.", examples=[0])


class AnsweredAttemptOut(AttemptOut):
    """One attempt with what was answered to it."""

    answer: str | None = Field(
        description="The first 2 KiB of the answer, as UTF-8 where it is; only for clients of the organisation whose endpoint it is.",
        examples=["accepted"],
    )


class LookedOut(LoggedOut):
    """A delivery with each attempt at it."""

    log: list[AnsweredAttemptOut]  # type: ignore[assignment]  # a list of what is more than an attempt is read, never written to

    @classmethod
    def looked(cls, found: Looked) -> Self:
        """Write a delivery for the wire, with what was answered where the caller may see it."""
        attempts = [_attempt(each) | {"answer": text_of(each.answer)} for each in found.attempts]
        return cls.model_validate(_members(found.row) | {"log": attempts})


def text_of(answer: bytes | None) -> str | None:
    """Write the first bytes of an answer as text; what is no UTF-8 becomes replacement characters."""
    return None if answer is None else answer.decode("utf-8", "replace")


def _members(row: LogRow) -> dict[str, object]:
    r = row
    about: dict[str, object] = {"notice": r.notice_id, "request": r.request_id, "obligation": r.obligation_id, "disabled": r.disabled_id}
    which = {"number": r.number, "event": r.event, "edition": r.edition, "part": r.part}
    went = {"state": r.state, "reason": r.reason, "attempts": r.attempts, "tried_before": r.tried_before, "next_at": r.next_at}
    when = {"created_at": r.created_at, "done_at": r.done_at}
    return {"id": r.id, "school": r.urn, "subscription": r.subscription_id, **which, **about, **went, **when}


def _attempt(each: LoggedAttempt) -> dict[str, object]:
    return {"attempt": each.attempt, "at": each.at, "outcome": each.outcome, "status": each.status, "duration_ms": each.duration_ms}
