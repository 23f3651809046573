"""Requests for an EHC needs assessment: how each stands, for the school that made it and for the authority it was sent to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.db.session import AuthoritySession, SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as it was made; `deemed_on` is the day from which the authority could have it, None where it waits for the evidence."""

    id: UUID
    pupil_id: UUID
    authority: str
    requester: str
    requested_on: date
    deemed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EhcRequest:
    """A request and its bundle as the school sees them; `receipt_reference` is how the authority named its officer."""

    id: UUID
    pupil_id: UUID
    authority: str
    requester: str
    state: str
    requested_on: date
    submitted_at: datetime | None
    deemed_on: date | None
    received_on: date | None
    received_deemed: bool | None
    receipt_reference: str | None
    bundle_state: str | None
    frozen_at: int | None
    digest: bytes | None
    size: int | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as the authority finds it. The school's and the pupil's ids are for finding the rows and are never shown."""

    id: UUID
    school_id: UUID
    pupil_id: UUID
    urn: str
    requester: str
    state: str
    requested_on: date
    submitted_at: datetime | None
    deemed_on: date | None
    received_on: date | None
    bundle_id: UUID | None
    digest: bytes | None
    size: int | None


async def insert(session: SchoolSession, new: NewRequest) -> None:
    """Keep a new request."""
    await session.connection.execute(
        "insert into ehc_request (school_id, id, pupil_id, authority, is_sandbox, requester, state, requested_on,"
        " deemed_on, received_on, received_deemed)"
        " select $1, $2, $3, $4, is_sandbox, $5, 'requested', $6, $7::date, $7::date, case when $7::date is not null then true end"
        " from school where school_id = $1",
        session.school_id,
        new.id,
        new.pupil_id,
        new.authority,
        new.requester,
        new.requested_on,
        new.deemed_on,
    )


_OF_PUPIL: Final = """
select r.id, r.pupil_id, r.authority, r.requester, r.state, r.requested_on, r.submitted_at, r.deemed_on, r.received_on,
       r.received_deemed, r.receipt_reference, b.state as bundle_state, b.frozen_at, b.digest, b.size, b.made_at
  from ehc_request r left join bundle b on b.school_id = r.school_id and b.request_id = r.id
 where r.school_id = $1 and r.pupil_id = $2
"""


async def of_pupil(session: SchoolSession, pupil_id: UUID, *, after: UUID | None, limit: int, state: str | None = None) -> list[EhcRequest]:
    """List the requests about a pupil, or those in one state, in the order of their ids, which is that of their making."""
    rows = await session.connection.fetch(
        f"{_OF_PUPIL} and ($3::uuid is null or r.id > $3) and ($5::text is null or r.state = $5) order by r.id limit $4",
        *(session.school_id, pupil_id, after, limit, state),
    )
    return [EhcRequest(**dict(row.items())) for row in rows]


async def find(session: SchoolSession, pupil_id: UUID, request_id: UUID) -> EhcRequest | None:
    """Find one request about a pupil."""
    row = await session.connection.fetchrow(f"{_OF_PUPIL} and r.id = $3", session.school_id, pupil_id, request_id)
    return None if row is None else EhcRequest(**dict(row.items()))


async def lock(session: SchoolSession, request_id: UUID) -> str | None:
    """Keep everybody else from this request until the transaction ends; gives its authority, None where there is no such request."""
    authority: str | None = await session.connection.fetchval(
        "select authority from ehc_request where school_id = $1 and id = $2 for update", session.school_id, request_id
    )
    return authority


async def lock_standing(session: SchoolSession, request_id: UUID) -> bool:
    """As `lock`; whether there is such a request that was not withdrawn."""
    state: str | None = await session.connection.fetchval(
        "select state from ehc_request where school_id = $1 and id = $2 for update", session.school_id, request_id
    )
    return state not in (None, "withdrawn")


async def submitted(session: SchoolSession, request_id: UUID, *, at: datetime) -> str | None:
    """Note that the evidence was submitted, and tell who asked; `at` is the school's time."""
    requester: str | None = await session.connection.fetchval(
        "update ehc_request set state = 'submitted', submitted_at = $3 where school_id = $1 and id = $2 returning requester",
        session.school_id,
        request_id,
        at,
    )
    return requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A request that was withdrawn or stands again: its authority, and whether it had left the school."""

    pupil_id: UUID
    authority: str
    has_left: bool


_GONE: Final = """
returning pupil_id, authority, (requester <> 'school' or submitted_at is not null or deemed_on is not null) as has_left
"""
_WITHDRAW: Final = f"""
update ehc_request set state = 'withdrawn', leased_by = null, leased_until = null
 where school_id = $1 and id = $2 and state <> 'withdrawn'
{_GONE}"""  # noqa: S608
_STAND_AGAIN: Final = f"""
update ehc_request
   set state = case when $3 then 'received' when submitted_at is null then 'requested' else 'submitted' end
 where school_id = $1 and id = $2 and state = 'withdrawn'
{_GONE}"""  # noqa: S608


async def withdrawn(session: SchoolSession, request_id: UUID) -> Gone | None:
    """Note that a request was withdrawn and is leased to nobody; None where there is none like that."""
    row = await session.connection.fetchrow(_WITHDRAW, session.school_id, request_id)
    return None if row is None else Gone(**dict(row.items()))


async def withdrawn_of(session: SchoolSession, pupil_id: UUID) -> list[UUID]:
    """List the withdrawn requests about a pupil."""
    query = "select id from ehc_request where school_id = $1 and pupil_id = $2 and state = 'withdrawn' order by id"
    return [row["id"] for row in await session.connection.fetch(query, session.school_id, pupil_id)]


async def stands_again(session: SchoolSession, request_id: UUID, *, is_received: bool) -> Gone | None:
    """Note that a request was not withdrawn after all; `is_received` tells whether the authority had said that it has its evidence."""
    row = await session.connection.fetchrow(_STAND_AGAIN, session.school_id, request_id, is_received)
    return None if row is None else Gone(**dict(row.items()))


async def deemed_received(session: SchoolSession, request_id: UUID, day: date) -> None:
    """Note the day on which the evidence became available, unless the request itself was there before it and its clock runs."""
    await session.connection.execute(
        "update ehc_request set deemed_on = $3, received_on = $3, received_deemed = true"
        " where school_id = $1 and id = $2 and deemed_on is null",
        session.school_id,
        request_id,
        day,
    )


async def received(session: SchoolSession, request_id: UUID, day: date, *, reference: str, has_evidence: bool) -> None:
    """Note the day that the authority itself named, how it named its officer, and whether it has the evidence or the request alone.

    Whoever had leased the request holds it no more.
    """
    await session.connection.execute(
        "update ehc_request set state = case when $5 then 'received' else state end, received_on = $3, received_deemed = false,"
        " receipt_reference = $4, leased_by = null, leased_until = null where school_id = $1 and id = $2",
        session.school_id,
        request_id,
        day,
        reference,
        has_evidence,
    )


_SENT: Final = """
select r.id, r.school_id, r.pupil_id, d.urn, r.requester, r.state, r.requested_on, r.submitted_at, r.deemed_on, r.received_on,
       b.id as bundle_id, b.digest, b.size
  from ehc_request r
  join directory d on d.school_id = r.school_id
  left join bundle b on b.school_id = r.school_id and b.request_id = r.id and b.state = 'ready'
"""


async def sent_to(session: AuthoritySession, *, state: str | None, after: UUID | None, limit: int) -> list[Sent]:
    """List what was sent to the authority, in the order of the requests' ids."""
    rows = await session.connection.fetch(
        f"{_SENT} where ($1::text is null or r.state = $1) and ($2::uuid is null or r.id > $2) order by r.id limit $3",
        state,
        after,
        limit,
    )
    return [Sent(**dict(row.items())) for row in rows]


async def sent_with(session: AuthoritySession, request_ids: Sequence[UUID]) -> list[Sent]:
    """Read those of the requests with these ids that were sent to the authority."""
    rows = await session.connection.fetch(f"{_SENT} where r.id = any($1::uuid[])", request_ids)
    return [Sent(**dict(row.items())) for row in rows]


async def find_sent(session: AuthoritySession, request_id: UUID) -> Sent | None:
    """Find one request that was sent to the authority."""
    row = await session.connection.fetchrow(f"{_SENT} where r.id = $1", request_id)
    return None if row is None else Sent(**dict(row.items()))
