"""How a school stands on a day: its obligations counted by rule and state, in one statement over the rows that were known."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.db.obligations import STATE
from app.db.session import SchoolSession

_KNOWN_NOW: Final = "known_until is null"
_KNOWN_THEN: Final = "known_from <= $3 and (known_until is null or known_until > $3)"
_COUNT: Final = """
select rule, force, who, state, count(*) as count
  from (select rule, force, who, {state} as state from obligation where school_id = $1 and {known} and arises_on <= $2) as standing
 where state is not null group by rule, force, who, state order by rule, force, who, state
"""
_NOW: Final = _COUNT.format(state=STATE, known=_KNOWN_NOW)
_THEN: Final = _COUNT.format(state=STATE, known=_KNOWN_THEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many obligations of a rule stand in one state, with force and actor as they were derived."""

    rule: str
    force: str
    who: str
    state: str
    count: int


async def totals_of(session: SchoolSession, *, day: date, known_at: int | None) -> tuple[Total, ...]:
    """Count a school's obligations as they stand at the end of a day, by rule and state; as known now where no ledger number is given."""
    known = () if known_at is None else (known_at,)
    rows = await session.connection.fetch(_NOW if known_at is None else _THEN, session.school_id, day, *known)
    return tuple(Total(**dict(row.items())) for row in rows)
