"""How schools stand on a day: obligations counted by rule and state, in one statement over the rows that were known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.db.obligations import STATE, STATE_BY_DATES
from app.db.session import SchoolSession

# Each part is answered by an index alone, where pages are clean: whoever lacks a fact is in one of its own.
_DATED: Final = "known_until is null and cardinality(missing) = 0"
_LACKING: Final = "known_until is null and cardinality(missing) > 0"
_CLOSED_SINCE: Final = "known_until > $3"
_PARTS: Final = ((_DATED, STATE_BY_DATES), (_LACKING, "'not_known'"))
_PART: Final = """
select school_id, {whose}, {state} as state, count(*) as count
  from obligation where {rows} and arises_on <= $2 group by school_id, {whose}, state
"""


def _counted(whose: str, among: str, parts: Iterator[tuple[str, str]]) -> str:
    return " union all ".join(_PART.format(whose=whose, state=state, rows=f"{among} and {rows}") for rows, state in parts)


EVERYWHERE: Final = _counted("rule", "true", iter(_PARTS)).replace("$2", "$1")
"""The counts of all schools on the day $1 by all that is known now; one without a state is of what is not owed any more."""
_WHOSE: Final = "rule, force, who"
_SUM: Final = f"""
select {_WHOSE}, state, sum(count)::bigint as count from ({{parts}}) as counted where state is not null
 group by {_WHOSE}, state order by {_WHOSE}, state
"""  # noqa: S608
_NOW: Final = _SUM.format(parts=_counted(_WHOSE, "school_id = $1", iter(_PARTS)))
_THEN: Final = _SUM.format(
    parts=_counted(_WHOSE, "school_id = $1 and known_from <= $3", iter((*_PARTS, (_CLOSED_SINCE, STATE)))),
)


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
