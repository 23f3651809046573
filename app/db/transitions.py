"""Where a school stands with a move from a withdrawn category: who is undecided and for how long, who was decided, whom to tell."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.db.session import SchoolSession
from app.domain.programmes import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionLine:
    """One pupil's transition: undecided since a day, or decided by an entry.

    `waiting_since` is the first day on which this school could decide, `due` the last day in time; `letters_owed` counts the people who
    are to be told of the decision and were not yet.
    """

    pupil_id: UUID
    came_from: str
    since: date | None
    waiting_since: date | None
    decided_on: date | None
    judgement: str | None
    entry: int | None
    due: date | None
    letters_owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionsWanted:
    """Which lines of a programme to list on a day; None asks for no such thing."""

    is_decided: bool | None = None
    is_late: bool | None = None
    owes_letters: bool | None = None
    after: UUID | None = None
    limit: int


# $2 is the programme, $3 its statuses, $4 and $5 its first and last day, $6 and $7 the rules by which it decides and tells, $8 today.
# An entry that was superseded decided nothing, and a duty that ended or cannot be met owes no letter.
_LINES: Final = """
with decided as (
  select e.pupil_id, e.body::jsonb as body, e.occurred_on, e.number
    from entry e
   where e.school_id = $1 and e.type = 'transition.decided' and e.body is not null and e.body::jsonb ->> 'programme' = $2
     and not exists (select from entry later where later.school_id = $1 and later.supersedes = e.number)
), owed as (
  select pupil_id, rule, occasion, arises_on, due, met_on, ended_on, missing
    from obligation
   where school_id = $1 and known_until is null and rule = any(array[$6, $7])
), lines as (
  select d.pupil_id, d.body ->> 'came_from' as came_from, null::date as since, null::date as waiting_since, d.occurred_on as decided_on,
         d.body ->> 'judgement' as judgement, d.number as entry, coalesce(o.due, $5) as due,
         (select count(*)::int from owed t
           where t.pupil_id = d.pupil_id and t.rule = $7 and t.occasion = d.number::text
             and t.met_on is null and (t.ended_on is null or t.ended_on > $8) and t.missing = '{}') as letters_owed
    from decided d
    left join owed o on o.pupil_id = d.pupil_id and o.rule = $6 and o.met_on = d.occurred_on
  union all
  select p.id, p.summary -> 'undecided' ->> 'came_from', p.undecided_since, coalesce(o.arises_on, greatest(p.undecided_since, $4)),
         null, null, null, coalesce(o.due, $5), 0
    from pupil p
    left join owed o on o.pupil_id = p.id and o.rule = $6 and o.met_on is null and (o.ended_on is null or o.ended_on > $8)
   where p.school_id = $1 and p.undecided_since is not null and p.left_on is null
     and p.summary -> 'undecided' ->> 'came_from' = any($3::text[])
)
"""
_LATE: Final = "(due is not null and coalesce(decided_on, $8) > due)"
_LIST: Final = f"""{_LINES}
select * from lines
 where ($9::boolean is null or (decided_on is not null) = $9) and ($10::boolean is null or {_LATE} = $10)
   and ($11::boolean is null or (letters_owed > 0) = $11) and pupil_id > $12
 order by pupil_id limit $13
"""  # noqa: S608
_COUNT: Final = f"""{_LINES}
select count(*) filter (where decided_on is null) as undecided,
       count(*) filter (where decided_on is null and {_LATE}) as undecided_late,
       count(*) filter (where decided_on is not null and {_LATE}) as decided_late,
       coalesce(sum(letters_owed), 0)::int as letters_owed,
       max($8 - waiting_since) as longest_wait_days
  from lines
"""  # noqa: S608
_MOVES: Final = f"""{_LINES}
select came_from, judgement, count(*)::int as pupils from lines
 group by came_from, judgement order by came_from, judgement nulls last
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionCounts:
    """How many pupils stand where; those decided late are counted among the decided, too. Letters are counted by person."""

    undecided: int
    undecided_late: int
    decided_late: int
    letters_owed: int
    longest_wait_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCount:
    """How many pupils went from one status to another; no second status where they are still undecided."""

    came_from: str
    judgement: str | None
    pupils: int


def _told(session: SchoolSession, programme: Programme, today: date) -> tuple[object, ...]:
    window, rules = programme.window, programme.rules
    codes = sorted(code.value for code in programme.from_codes)
    return session.school_id, programme.id, codes, window.since, window.until, rules.decide.id, rules.tell.id, today


async def count(session: SchoolSession, programme: Programme, *, today: date) -> TransitionCounts:
    """Count the school's transitions under a programme, as of a day."""
    row = await session.connection.fetchrow(_COUNT, *_told(session, programme, today))
    if row is None:
        raise LookupError("a count without a group has one row")
    return TransitionCounts(**dict(row.items()))


async def moves(session: SchoolSession, programme: Programme, *, today: date) -> list[MoveCount]:
    """Count pupils by the status before and the status after, in the order of their codes."""
    rows = await session.connection.fetch(_MOVES, *_told(session, programme, today))
    return [MoveCount(**dict(row.items())) for row in rows]


async def list_lines(session: SchoolSession, programme: Programme, wanted: TransitionsWanted, *, today: date) -> list[TransitionLine]:
    """List transitions under a programme in the order of the pupils' ids."""
    w = wanted
    told = _told(session, programme, today)
    rows = await session.connection.fetch(_LIST, *told, w.is_decided, w.is_late, w.owes_letters, w.after or UUID(int=0), w.limit)
    return [TransitionLine(**dict(row.items())) for row in rows]
