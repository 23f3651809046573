"""The log of deliveries, for a school and for an authority that owns endpoints, and the sending again of what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.deliveries import Withholding
from app.db.session import AuthoritySession, SchoolSession, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A delivery as the log shows it, with its school and whose endpoint it was for; a withheld one has no id of what it was about.

    `tried_before` of its attempts were made before it was last sent again.
    """

    school_id: UUID
    urn: str
    organisation_id: UUID
    id: UUID
    subscription_id: UUID
    number: int
    event: str
    notice_id: UUID | None
    request_id: UUID | None
    edition: int | None
    part: int | None
    obligation_id: UUID | None
    disabled_id: UUID | None
    state: str
    reason: str | None
    attempts: int
    tried_before: int
    next_at: datetime | None
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAttempt:
    """One attempt at a delivery, with the first bytes of what was answered where that was asked for."""

    delivery_id: UUID
    attempt: int
    at: datetime
    outcome: str
    status: int | None
    duration_ms: int
    answer: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of a log is wanted; both numbers are inside, and None leaves a thing open."""

    subscription_id: UUID | None = None
    state: str | None = None
    event: str | None = None
    from_number: int | None = None
    to_number: int | None = None
    after: UUID | None = None
    limit: int = 1


# Why one is withheld stays on it, whatever became of its bare number; any other reason says how it died.
_WITHHELD_FOR: Final = ", ".join(f"'{reason}'" for reason in Withholding)
_IS_TOLD: Final = f"d.state <> 'withheld' and (d.reason is null or d.reason not in ({_WITHHELD_FOR}))"
_SHOWN: Final = f"""
select d.school_id, l.urn, s.organisation_id, d.id, d.subscription_id, d.number, d.event,
       case when {_IS_TOLD} then d.notice_id end as notice_id, case when {_IS_TOLD} then d.request_id end as request_id,
       case when {_IS_TOLD} then d.edition end as edition, case when {_IS_TOLD} then d.part end as part,
       case when {_IS_TOLD} then d.obligation_id end as obligation_id, case when {_IS_TOLD} then d.disabled_id end as disabled_id,
       d.state, d.reason, d.attempts, d.tried_before, case when d.state = 'waiting' then d.next_at end as next_at, d.created_at, d.done_at
  from ({{}}) d join subscription s on s.id = d.subscription_id join directory l on l.school_id = d.school_id order by d.id
"""  # noqa: S608  # constants alone are put in
_WANTED: Final = """
       ($2::uuid is null or subscription_id = $2) and ($3::text is null or state = $3) and ($4::text is null or event = $4)
   and ($5::bigint is null or number >= $5) and ($6::bigint is null or number <= $6) and ($7::uuid is null or id > $7)
 order by id limit $8
"""
_OF_SCHOOL: Final = _SHOWN.format(f"""
select * from delivery
 where school_id = $1 and ($9::uuid is null or subscription_id in (select id from subscription where organisation_id = $9)) and {_WANTED}
""")  # noqa: S608
# Row security shows an authority what is owed to its endpoints alone; asked by endpoint, it is read off an index in its order.
_OF_AUTHORITY: Final = _SHOWN.format(f"""
select found.* from subscription own join organisation o on o.id = own.organisation_id
 cross join lateral (
   select * from delivery
    where subscription_id = own.id and ($9::text is null or school_id = (select school_id from directory where urn = $9)) and {_WANTED}
 ) found
 where o.kind = 'authority' and o.authority = $1 and o.is_sandbox = $10
 order by found.id limit $8
""")  # noqa: S608


def _values(wanted: Wanted) -> tuple[object, ...]:
    w = wanted
    return w.subscription_id, w.state, w.event, w.from_number, w.to_number, w.after, w.limit


async def log_of(session: SchoolSession, wanted: Wanted, *, to: UUID | None) -> list[LogRow]:
    """List a school's deliveries, or those to one organisation alone, in the order in which they came to be owed."""
    rows = await session.connection.fetch(_OF_SCHOOL, session.school_id, *_values(wanted), to)
    return [LogRow(**dict(row.items())) for row in rows]


async def log_of_authority(session: AuthoritySession, wanted: Wanted, *, urn: str | None) -> list[LogRow]:
    """List what was owed to an authority's endpoints about all schools, or one, in the order in which it came to be owed."""
    rows = await session.connection.fetch(_OF_AUTHORITY, session.authority, *_values(wanted), urn, session.is_sandbox)
    return [LogRow(**dict(row.items())) for row in rows]


_ONE: Final = _SHOWN.format("select * from delivery where school_id = $1 and id = $2")
_OF_NOTICE: Final = _SHOWN.format("select * from delivery where school_id = $1 and notice_id = $2")
_ONE_OF_AUTHORITY: Final = _SHOWN.format("""
select found.* from subscription own join organisation o on o.id = own.organisation_id
  join delivery found on found.subscription_id = own.id and found.id = $3
  join directory side on side.school_id = found.school_id and side.is_sandbox = o.is_sandbox
 where o.kind = 'authority' and o.authority = $1 and o.is_sandbox = $2
""")


async def find(session: SchoolSession, delivery_id: UUID) -> LogRow | None:
    """Find a delivery of this school."""
    row = await session.connection.fetchrow(_ONE, session.school_id, delivery_id)
    return None if row is None else LogRow(**dict(row.items()))


async def of_notice(session: SchoolSession, notice_id: UUID) -> list[LogRow]:
    """List what was owed about one notice of this school, in the order in which it came to be owed."""
    rows = await session.connection.fetch(_OF_NOTICE, session.school_id, notice_id)
    return [LogRow(**dict(row.items())) for row in rows]


async def find_of_authority(session: AuthoritySession, delivery_id: UUID) -> LogRow | None:
    """Find a delivery to one of the authority's endpoints, of whichever school."""
    row = await session.connection.fetchrow(_ONE_OF_AUTHORITY, session.authority, session.is_sandbox, delivery_id)
    return None if row is None else LogRow(**dict(row.items()))


MOST_SHOWN: Final = 50
"""So many attempts at a delivery are shown, the newest: one that is leased every ten seconds and never receipted has thousands."""
_ATTEMPTS: Final = f"""
select a.delivery_id, a.attempt, a.at, a.outcome, a.status, a.duration_ms, case when $3 then a.answer end as answer
  from unnest($1::uuid[], $2::uuid[]) wanted (school_id, id)
 cross join lateral (select * from delivery_attempt
                      where school_id = wanted.school_id and delivery_id = wanted.id order by attempt desc limit {MOST_SHOWN}) a
 order by a.delivery_id, a.attempt
"""  # noqa: S608  # as above


async def attempts_at(session: Session, logged: Sequence[LogRow], *, answers: bool = False) -> list[LoggedAttempt]:
    """List the newest attempts at some deliveries, in order; with `answers`, what was answered too."""
    schools, ids = [each.school_id for each in logged], [each.id for each in logged]
    rows = await session.connection.fetch(_ATTEMPTS, schools, ids, answers)
    return [LoggedAttempt(**dict(row.items())) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Part of what was owed to one subscription about a school, by number or by when it came to be owed; every end is inside."""

    from_number: int | None = None
    to_number: int | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


_STRETCH: Final = """
select id from delivery
 where school_id = $1 and subscription_id = $2 and ($3::bigint is null or number >= $3) and ($4::bigint is null or number <= $4)
   and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at <= $6)
 order by number limit $7
"""


async def stretch_of(session: SchoolSession, subscription_id: UUID, stretch: Stretch, *, limit: int) -> list[UUID]:
    """List the deliveries of a stretch in the order of their numbers."""
    s = stretch
    bounds = (s.from_number, s.to_number, s.from_at, s.to_at)
    rows = await session.connection.fetch(_STRETCH, session.school_id, subscription_id, *bounds, limit)
    return [row["id"] for row in rows]


_AGAIN: Final = f"""
update delivery set state = 'waiting', tried_before = attempts, next_at = $3, done_at = null,
       reason = case when reason in ({_WITHHELD_FOR}) then reason end
 where school_id = $1 and id = any($2::uuid[]) and state <> 'waiting'
returning number
"""  # noqa: S608  # as above


async def send_again(session: SchoolSession, delivery_ids: Sequence[UUID], *, now: datetime) -> list[int]:
    """Let deliveries wait anew, with their numbers and ids, all attempts before them and the reason for which one is withheld.

    Gives the numbers of those that did not wait already, in order.
    """
    rows = await session.connection.fetch(_AGAIN, session.school_id, delivery_ids, now)
    return sorted(row["number"] for row in rows)
