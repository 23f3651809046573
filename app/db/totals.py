"""Totals by month end: built school by school, read by an authority over its area and by a trust over its schools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.db.grants import STANDS
from app.db.obligations import STATE
from app.db.session import AuthoritySession, SchoolSession, Session, TrustSession

_STATE_THEN: Final = STATE.replace("$2::date", "ends.month_end").replace("$2", "ends.month_end")
_CLEAR: Final = "delete from totals where school_id = $1 and month_end = any($2::date[])"
_BUILD: Final = f"""
insert into totals (school_id, month_end, rule, state, count, authority, is_sandbox, built_at)
select $1, month_end, rule, state, count(*), authority, is_sandbox, $3
  from (select ends.month_end, o.rule, {_STATE_THEN} as state, s.authority, s.is_sandbox
          from unnest($2::date[]) as ends (month_end)
          join obligation o on o.school_id = $1 and o.known_until is null and o.arises_on <= ends.month_end
          join school s on s.school_id = $1) as standing
 where state is not null group by month_end, rule, state, authority, is_sandbox
"""  # noqa: S608


async def build(session: SchoolSession, month_ends: Sequence[date], *, on: date, at: datetime) -> None:
    """Count the school's duties anew as they stood at the ends of these months, as known now; `on` is the school's own day."""
    connection, school = session.connection, session.school_id
    await connection.execute(_CLEAR, school, list(month_ends))
    await connection.execute(_BUILD, school, list(month_ends), at)
    await connection.execute("update school set totals_built_on = $2 where school_id = $1", school, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Duties counted by rule and state: of each school that granted it, by URN, and of the others together, with how many those are.

    Granted is what any client of the organisation was granted, for they can lay their answers side by side; `own` are the URNs of the
    schools that granted it to the client that asks.
    """

    granted: Mapping[str, Mapping[tuple[str, str], int]]
    others: Mapping[tuple[str, str], int]
    left_out: int
    own: frozenset[str]


# Schools that did not grant it are added up where they are counted, so that none of them leaves the database by itself.
_READ: Final = """
select case when d.urn = any($3::text[]) then d.urn end as urn, t.rule, t.state, sum(t.count)::bigint as count
  from totals t join directory d on d.school_id = t.school_id where t.month_end = $2 and {narrowed} group by 1, 2, 3
"""
_LEFT_OUT: Final = """
select count(distinct t.school_id) from totals t join directory d on d.school_id = t.school_id
 where t.month_end = $2 and {narrowed} and d.urn <> all($3::text[])
"""
_NEWEST: Final = "select max(t.month_end) from totals t join directory d on d.school_id = t.school_id where {narrowed}"
_OF_AUTHORITY: Final = "t.authority = $1"
_OF_TRUST: Final = "t.school_id = any(select m.school_id from trust_membership m where m.trust_id = $1)"
_GRANTED: Final = f"""
select d.urn, bool_or(g.client_id = $1) as is_own
  from client asking join client c on c.organisation_id = asking.organisation_id
  join client_grant g on g.client_id = c.id join directory d on d.school_id = g.school_id
 where asking.id = $1 and {STANDS} and 'totals:read' = any(g.scopes)
 group by d.urn
"""  # noqa: S608


async def newest_of_authority(session: AuthoritySession) -> date | None:
    """Give the last month's end for which anything was counted in this transaction's authority."""
    return await _newest(session, _OF_AUTHORITY, session.authority)


async def newest_of_trust(session: TrustSession) -> date | None:
    """Give the last month's end for which anything was counted in this transaction's trust."""
    return await _newest(session, _OF_TRUST, session.trust)


async def _newest(session: Session, narrowed: str, whose: str | UUID) -> date | None:
    found: date | None = await session.connection.fetchval(_NEWEST.format(narrowed=narrowed), whose)
    return found


async def of_authority(session: AuthoritySession, month_end: date, client_id: UUID) -> Totals:
    """Read the totals of the schools in this transaction's authority, as far as this client may know them."""
    return await _read(session, _OF_AUTHORITY, session.authority, month_end, client_id)


async def of_trust(session: TrustSession, month_end: date, client_id: UUID) -> Totals:
    """Read the totals of the schools that were in this transaction's trust at the month's end, as far as this client may know them."""
    return await _read(session, _OF_TRUST, session.trust, month_end, client_id)


async def _read(session: Session, narrowed: str, whose: str | UUID, month_end: date, client_id: UUID) -> Totals:
    connection = session.connection
    is_own = {row["urn"]: row["is_own"] for row in await connection.fetch(_GRANTED, client_id)}
    granting = list(is_own)
    rows = await connection.fetch(_READ.format(narrowed=narrowed), whose, month_end, granting)
    counts: dict[str | None, dict[tuple[str, str], int]] = {}
    for row in rows:
        counts.setdefault(row["urn"], {})[(row["rule"], row["state"])] = row["count"]
    others = counts.pop(None, {})
    left_out = await connection.fetchval(_LEFT_OUT.format(narrowed=narrowed), whose, month_end, granting) if others else 0
    granted = {urn: found for urn, found in counts.items() if urn is not None}
    return Totals(granted=granted, others=others, left_out=left_out, own=frozenset(urn for urn in granted if is_own[urn]))
