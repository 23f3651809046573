"""Lists of obligations on a day: each question is one statement with only the conditions it asks for, so that an index answers it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from app.db.obligations import STATE
from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which obligations are asked for, as they stand on `day`; None leaves a condition out.

    `known_at` is a ledger number, None for what is known now. `due_from` is inside, `due_before` outside.
    """

    day: date
    known_at: int | None = None
    pupil_id: UUID | None = None
    state: str | None = None
    due_from: date | None = None
    due_before: date | None = None
    who: str | None = None
    rule: str | None = None
    after: tuple[date, UUID] | None = None
    limit: int = 50


COLUMNS: Final = (
    "id, pupil_id, person_id, rule, who, force, shape, occasion, arises_on, opens_on, due, met_on, met_by, ended_on, excused_by, "
    "departed_by, missing"
)
SORTS_ON: Final = "coalesce(due, arises_on)"
_LIST: Final = f"""
select {COLUMNS}, state, sorts_on
  from (select {COLUMNS}, {STATE} as state, {SORTS_ON} as sorts_on from obligation
         where school_id = $1 and arises_on <= $2 and {{conditions}}) as standing
 where {{state}} order by sorts_on, id limit {{limit}}
"""  # noqa: S608


_KEY: Final = "select pupil_id, person_id, rule, occasion from obligation where school_id = $1 and id = $2"
_STANDING: Final = f"""
select {COLUMNS}, {STATE} as state from obligation
 where school_id = $1 and known_until is null and {{pupil}} and person_id is not distinct from $3 and rule = $4 and occasion = $5
"""  # noqa: S608


async def find_standing(session: SchoolSession, obligation_id: UUID, day: date) -> asyncpg.Record | None:
    """Find an obligation by the id of any row that ever told of it, as it is known now, with its state on a day.

    None where there is no such obligation, or it is owed no more; the state is None where it is not owed on that day.
    """
    key = await session.connection.fetchrow(_KEY, session.school_id, obligation_id)
    if key is None:
        return None
    pupil = "pupil_id is null" if key["pupil_id"] is None else "pupil_id = $6"
    of_pupil = () if key["pupil_id"] is None else (key["pupil_id"],)
    named = (key["person_id"], key["rule"], key["occasion"], *of_pupil)
    return await session.connection.fetchrow(_STANDING.format(pupil=pupil), session.school_id, day, *named)


class _Conditions:
    """Numbers the values of a statement in the order in which they are put into it."""

    def __init__(self, *values: object) -> None:
        self.values = [*values]

    def place(self, value: object) -> str:
        """Give the place of one more value."""
        self.values.append(value)
        return f"${len(self.values)}"


def _narrowing(wanted: Wanted, conditions: _Conditions) -> Iterator[str]:
    if wanted.known_at is None:
        yield "known_until is null"
    else:
        number = conditions.place(wanted.known_at)
        yield f"known_from <= {number} and (known_until is null or known_until > {number})"
    for column in ("pupil_id", "who", "rule"):
        if (value := getattr(wanted, column)) is not None:
            yield f"{column} = {conditions.place(value)}"
    if wanted.due_from is not None:
        yield f"due >= {conditions.place(wanted.due_from)}"
    if wanted.due_before is not None:
        yield f"due < {conditions.place(wanted.due_before)}"
    if wanted.after is not None:
        last_on, last_id = (conditions.place(value) for value in wanted.after)
        yield f"({SORTS_ON}, id) > ({last_on}, {last_id})"


async def list_obligations(session: SchoolSession, wanted: Wanted) -> list[asyncpg.Record]:
    """List obligations by the day they are due (or arose), with the state of each on the day asked for; `pupil_id` is None for the
    school's own."""
    conditions = _Conditions(session.school_id, wanted.day)
    narrowed = " and ".join(_narrowing(wanted, conditions))
    state = "state is not null" if wanted.state is None else f"state = {conditions.place(wanted.state)}"
    statement = _LIST.format(conditions=narrowed, state=state, limit=conditions.place(wanted.limit))
    rows: list[asyncpg.Record] = await session.connection.fetch(statement, *conditions.values)
    return rows
