"""Bundles that are sent out part by part: who wants which edition, what was sent before, and which parts need not go any more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.deliveries import EVIDENCE_BUNDLE, Claimed
from app.db.session import SchoolSession

SPLIT_ANEW: Final = "split_anew"
"""Why a part was given up whose bundle goes out in smaller ones, as another edition."""

_WISHING: Final = """
select ss.subscription_id from school_subscription ss join subscription s on s.id = ss.subscription_id
 where ss.school_id = $1 and s.organisation_id = any($2::uuid[]) and s.state <> 'ended' and s.events && $3::text[] order by 1
"""
_SPLIT_FOR: Final = """
select subscription_id from delivery where school_id = $1 and bundle_id = $2 and event = $3
 group by subscription_id
having max(edition) < $4 and max(edition) = max(edition) filter (where reason = $5) order by 1
"""
_OWED: Final = """
select event, part from delivery
 where school_id = $1 and subscription_id = $2 and bundle_id = $3 and (edition is null or edition = $4)
"""
_STOP: Final = """
update delivery set state = 'dead', reason = $6, done_at = $7
 where school_id = $1 and subscription_id = $2 and bundle_id = $3 and edition = $4 and event = $5 and state = 'waiting' and reason is null
   and id <> $8
"""
_SPLITTING: Final = """
select b.profile, b.edition, b.wanted_cap is not null as is_under_way,
       (select max(p.size) from bundle_part p where p.school_id = b.school_id and p.bundle_id = b.id and p.edition = $3) as largest
  from bundle b where b.school_id = $1 and b.id = $2 for update
"""


async def wishing(session: SchoolSession, organisations: list[UUID], events: list[str]) -> list[UUID]:
    """List the endpoints of some organisations that hear of this school and wish for one of these kinds."""
    return [row[0] for row in await session.connection.fetch(_WISHING, session.school_id, organisations, events)]


async def split_for(session: SchoolSession, bundle_id: UUID, edition: int) -> list[UUID]:
    """List the endpoints for which the last edition they were sent was given up, to be split anew into one like this."""
    rows = await session.connection.fetch(_SPLIT_FOR, session.school_id, bundle_id, EVIDENCE_BUNDLE, edition, SPLIT_ANEW)
    return [row[0] for row in rows]


async def owed(session: SchoolSession, subscription_id: UUID, bundle_id: UUID, edition: int) -> frozenset[tuple[str, int | None]]:
    """Which kinds of event about a bundle, and which parts of one edition, a subscription was owed before, whatever became of them."""
    rows = await session.connection.fetch(_OWED, session.school_id, subscription_id, bundle_id, edition)
    return frozenset((row["event"], row["part"]) for row in rows)


async def stop(session: SchoolSession, claimed: Claimed, reason: str, *, now: datetime) -> None:
    """Give up, for this endpoint, all other parts of the edition that wait; `now` is the world's time."""
    of = (claimed.subscription_id, claimed.bundle_id, claimed.edition)
    await session.connection.execute(_STOP, session.school_id, *of, EVIDENCE_BUNDLE, reason, now, claimed.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Splitting:
    """The edition that counts, whether another is being made, and the largest part in bytes of the one asked for."""

    profile: str
    edition: int
    is_under_way: bool
    largest: int | None


async def splitting(session: SchoolSession, bundle_id: UUID, edition: int) -> Splitting | None:
    """Tell how a bundle is split, and keep everybody else from splitting it until the transaction ends."""
    row = await session.connection.fetchrow(_SPLITTING, session.school_id, bundle_id, edition)
    return None if row is None else Splitting(**dict(row.items()))
