"""Requests that an authority received itself and told a school of; whom one is about lies sealed until the school has answered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.db.session import AuthoritySession, SchoolSession, Session

WAITING: Final = "waiting"
LINKED: Final = "linked"
NOT_OURS: Final = "not_ours"
UNANSWERED: Final = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOpening:
    """A request as the authority told of it; `opened_at` is the world's time."""

    id: UUID
    authority: str
    reference: str
    requester: str
    received_on: date
    sealed_about: bytes
    officer: str
    client_id: UUID
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A request that an authority opened, and what the school answered; `sealed_about` is empty from then on."""

    id: UUID
    authority: str
    reference: str
    requester: str
    received_on: date
    state: str
    sealed_about: bytes | None
    officer: str
    client_id: UUID
    opened_at: datetime
    answered_at: datetime | None
    pupil_id: UUID | None
    request_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An opening as its authority sees it: which school it went to and what came of it, and nothing of the child."""

    id: UUID
    urn: str
    reference: str
    requester: str
    received_on: date
    state: str
    request_id: UUID | None
    opened_at: datetime
    answered_at: datetime | None


_COLUMNS: Final = (
    "o.id, o.authority, o.reference, o.requester, o.received_on, o.state, o.sealed_about, o.officer, o.client_id, o.opened_at,"
    " o.answered_at, o.pupil_id, o.request_id"
)
_TOLD: Final = """
select o.id, d.urn, o.reference, o.requester, o.received_on, o.state, o.request_id, o.opened_at, o.answered_at
  from opened_request o join directory d on d.school_id = o.school_id
"""


async def school_at(session: Session, urn: str, *, is_sandbox: bool) -> UUID | None:
    """Find a school of the caller's side in the directory."""
    found: UUID | None = await session.connection.fetchval(
        "select school_id from directory where urn = $1 and is_sandbox = $2", urn, is_sandbox
    )
    return found


async def insert(session: SchoolSession, new: NewOpening) -> bool:
    """Keep an opening; False where the authority told this school of one under the same reference before."""
    row = await session.connection.fetchrow(
        "insert into opened_request (school_id, id, authority, is_sandbox, reference, requester, received_on, state, sealed_about,"
        " officer, client_id, opened_at)"
        " select $1, $2, $3, is_sandbox, $4, $5, $6, 'waiting', $7, $8, $9, $10 from school where school_id = $1"
        " on conflict (school_id, authority, reference) do nothing returning id",
        *(session.school_id, new.id, new.authority, new.reference, new.requester, new.received_on),
        *(new.sealed_about, new.officer, new.client_id, new.opened_at),
    )
    return row is not None


async def under(session: SchoolSession, authority: str, reference: str) -> Opening | None:
    """Find what an authority told the school of under a reference of its own."""
    row = await session.connection.fetchrow(
        f"select {_COLUMNS} from opened_request o where o.school_id = $1 and o.authority = $2 and o.reference = $3",  # noqa: S608
        session.school_id,
        authority,
        reference,
    )
    return None if row is None else Opening(**dict(row.items()))


async def find(session: SchoolSession, opening_id: UUID, *, lock: bool = False) -> Opening | None:
    """Find one by its id, locked until the transaction ends where it is to be answered."""
    row = await session.connection.fetchrow(
        f"select {_COLUMNS} from opened_request o where o.school_id = $1 and o.id = $2{' for update' if lock else ''}",  # noqa: S608
        session.school_id,
        opening_id,
    )
    return None if row is None else Opening(**dict(row.items()))


async def of_school(session: SchoolSession, *, state: str | None, after: UUID | None, limit: int) -> list[Opening]:
    """List what the school was told of, in the order of the ids, which is that of their making."""
    rows = await session.connection.fetch(
        f"select {_COLUMNS} from opened_request o where o.school_id = $1"  # noqa: S608
        " and ($2::text is null or o.state = $2) and ($3::uuid is null or o.id > $3) order by o.id limit $4",
        session.school_id,
        state,
        after,
        limit,
    )
    return [Opening(**dict(row.items())) for row in rows]


async def answered(
    session: SchoolSession, opening_id: UUID, state: str, *, at: datetime, pupil_id: UUID | None = None, request_id: UUID | None = None
) -> None:
    """Note what the school answered, and forget what it was told of the child."""
    await session.connection.execute(
        "update opened_request set state = $3, answered_at = $4, pupil_id = $5, request_id = $6, sealed_about = null"
        " where school_id = $1 and id = $2",
        *(session.school_id, opening_id, state, at, pupil_id, request_id),
    )


async def forget_unanswered(session: SchoolSession, before: datetime) -> None:
    """Forget whom requests are about that were opened before a moment and that the school never answered."""
    await session.connection.execute(
        "update opened_request set state = 'unanswered', sealed_about = null where school_id = $1 and state = 'waiting' and opened_at < $2",
        session.school_id,
        before,
    )


async def of_authority(session: AuthoritySession, *, state: str | None, after: UUID | None, limit: int) -> list[Told]:
    """List what the authority told schools of, in the order of the ids."""
    rows = await session.connection.fetch(
        f"{_TOLD} where ($1::text is null or o.state = $1) and ($2::uuid is null or o.id > $2) order by o.id limit $3", state, after, limit
    )
    return [Told(**dict(row.items())) for row in rows]


async def told(session: AuthoritySession, opening_id: UUID) -> Told | None:
    """Find one that the authority told a school of."""
    row = await session.connection.fetchrow(f"{_TOLD} where o.id = $1", opening_id)
    return None if row is None else Told(**dict(row.items()))
