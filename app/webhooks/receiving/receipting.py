"""Receipts for what was leased out of a mailbox: each ends an attempt as a receiver's answer ends a push."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from app.casework.taking import Casework
from app.db import deliveries, mailbox, notices
from app.db.client_entrance import ClientEntrance, standing_of
from app.db.deliveries import Claimed, Finished
from app.db.mailbox import Receiptable
from app.db.schools import school_now
from app.db.session import SchoolSession
from app.domain.notice_ledger import Happening
from app.webhooks.receiving.mailbox import after_failing
from app.webhooks.receiving.subscribing import organisation_of


class Outcome(StrEnum):
    """What a client says of an item."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    REFUSED_FOR_GOOD = "refused_for_good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A client's word on one attempt at a delivery about the school with a number; the remark is kept with the attempt."""

    urn: str
    delivery_id: UUID
    attempt: int
    outcome: Outcome
    remark: str | None = None


class CameTo(StrEnum):
    """What became of a receipt."""

    RECORDED = "recorded"
    CONFLICT = "conflict"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipted:
    """A receipt, what became of it, and where its delivery stands if the client may know."""

    receipt: Receipt
    came_to: CameTo
    state: str | None = None


async def give_receipts(casework: Casework, entrance: ClientEntrance, receipts: Sequence[Receipt]) -> list[Receipted]:
    """Record receipts one by one, each in a transaction of its own, so that sent again they record what is missing and nothing twice.

    No grant is asked for: what was leased has arrived, whatever the school decided since. Raises the errors of `app.db.entrance`.
    """
    async with casework.sessions.shared() as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        schools = await mailbox.named(session, list({receipt.urn for receipt in receipts}))
    return [await _give(casework, entrance, schools.get(receipt.urn), receipt) for receipt in receipts]


async def _give(casework: Casework, entrance: ClientEntrance, school_id: UUID | None, receipt: Receipt) -> Receipted:
    if school_id is None:
        return Receipted(receipt=receipt, came_to=CameTo.NOT_FOUND)
    async with casework.sessions.for_school(school_id) as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        organisation = await organisation_of(session, entrance.client_id)
        found = await mailbox.leased(session, receipt.delivery_id, attempt=receipt.attempt, organisation_id=organisation)
        if found is None:
            return Receipted(receipt=receipt, came_to=CameTo.NOT_FOUND)
        if found.outcome == receipt.outcome:
            return Receipted(receipt=receipt, came_to=CameTo.RECORDED, state=found.state)
        if not _is_open(found, receipt):
            return Receipted(receipt=receipt, came_to=CameTo.CONFLICT, state=found.state)
        finished = await _finish(casework, replace(session, client_id=entrance.client_id), found.claimed, receipt)
    casework.means.wake()
    return Receipted(receipt=receipt, came_to=CameTo.RECORDED, state=finished.state)


def _is_open(found: Receiptable, receipt: Receipt) -> bool:
    """Whether nobody said anything of the attempt yet, nobody else has leased the delivery since, and it still waits."""
    return found.outcome is None and found.attempts == receipt.attempt and found.state == "waiting"


async def _finish(casework: Casework, session: SchoolSession, claimed: Claimed, receipt: Receipt) -> Finished:
    now = casework.means.now()
    remark = None if receipt.remark is None else receipt.remark.encode()
    finished = replace(await _leaves(casework, session, claimed, receipt), answer=remark)
    await deliveries.finish(session, claimed, finished, now=now)
    if claimed.notice_id is not None and claimed.reason is None:
        event = Happening.ANNOUNCED if finished.state == "delivered" else Happening.ATTEMPTED
        moment = (await school_now(session)).moment(now)
        await notices.happened(session, claimed.notice_id, event, at=moment, remark=receipt.outcome.value)
    return finished


async def _leaves(casework: Casework, session: SchoolSession, claimed: Claimed, receipt: Receipt) -> Finished:
    outcome, reason = receipt.outcome.value, claimed.reason
    match receipt.outcome:
        case Outcome.ACCEPTED:
            return Finished(state="delivered" if reason is None else "withheld", outcome=outcome, reason=reason)
        case Outcome.REFUSED_FOR_GOOD:
            return Finished(state="dead", outcome=outcome, reason=reason or "refused")
        case Outcome.REFUSED:
            return await after_failing(session, claimed, outcome, now=casework.means.now())
