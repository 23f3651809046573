"""Where a school stands with the move from the withdrawn categories: who is undecided, who was decided, and how."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionLine:
    """One pupil's transition: undecided since a day, or decided by an entry."""

    pupil_id: UUID
    came_from: str
    since: date | None
    decided_on: date | None
    judgement: str | None
    entry: int | None


# An entry that was superseded decided nothing.
_LINES = """
with decided as (
  select e.pupil_id, e.body::jsonb as body, e.occurred_on, e.number
    from entry e
   where e.school_id = $1 and e.type = 'transition.decided' and e.body is not null
     and not exists (select from entry later where later.school_id = $1 and later.supersedes = e.number)
), lines as (
  select pupil_id, body ->> 'came_from' as came_from, null::date as since, occurred_on as decided_on, body ->> 'judgement' as judgement,
         number as entry
    from decided
  union all
  select id, summary -> 'undecided' ->> 'came_from', undecided_since, null, null, null
    from pupil where school_id = $1 and undecided_since is not null and left_on is null
)
"""
_LIST = f"""{_LINES}
select * from lines where ($2::boolean is null or (decided_on is not null) = $2) and pupil_id > $3 order by pupil_id limit $4
"""  # noqa: S608
_COUNT = f"""{_LINES}
select count(*) filter (where decided_on is null) as undecided,
       count(*) filter (where judgement = 'K') as to_sen_support,
       count(*) filter (where judgement = 'N') as to_no_sen,
       count(*) filter (where decided_on > $2) as decided_late
  from lines
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionCounts:
    """How many pupils stand where; those decided late are counted among the decided, too."""

    undecided: int
    to_sen_support: int
    to_no_sen: int
    decided_late: int


async def count(session: SchoolSession, last_in_time: date) -> TransitionCounts:
    """Count the school's transitions; `last_in_time` is the window's last day."""
    row = await session.connection.fetchrow(_COUNT, session.school_id, last_in_time)
    return (
        TransitionCounts(**dict(row.items()))
        if row is not None
        else TransitionCounts(undecided=0, to_sen_support=0, to_no_sen=0, decided_late=0)
    )


async def list_lines(session: SchoolSession, *, is_decided: bool | None, after: UUID | None, limit: int) -> list[TransitionLine]:
    """List transitions in the order of the pupils' ids, after one of them."""
    rows = await session.connection.fetch(_LIST, session.school_id, is_decided, after or UUID(int=0), limit)
    return [TransitionLine(**dict(row.items())) for row in rows]
