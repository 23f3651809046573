"""Obligations as rows: never changed in place. A change closes the row at a ledger number and opens another from it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from app.db.session import SchoolSession
from app.domain.obligation import Obligation

Facts = tuple[object, ...]

_CONTENT = (
    "rule, person_id, occasion, who, force, shape, arises_on, opens_on, due, met_on, met_by, ended_on, excused_by, departed_by, missing"
)
_OPEN = f"""
select id, {_CONTENT}, pupil_id from obligation where school_id = $1 and pupil_id = any($2::uuid[]) and known_until is null
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What must be closed and opened so that the open rows say what was derived."""

    closed: tuple[UUID, ...]
    opened: tuple[Facts, ...]

    def __bool__(self) -> bool:
        return bool(self.closed or self.opened)


def facts_of(obligation: Obligation) -> Facts:
    """Give an obligation's columns in the order of the table's content."""
    o = obligation
    dates = (o.arises_on, o.opens_on, o.due, o.met_on, o.met_by, o.ended_on, o.excused_by, o.departed_by)
    return (o.rule.id, o.person, o.occasion, o.rule.who.value, o.rule.force.value, o.shape.value, *dates, list(o.missing))


def changes_between(open_rows: Sequence[asyncpg.Record], derived: Iterable[Obligation]) -> Changes:
    """Compare the open rows with what the record now says."""
    standing = {tuple(row.values())[1:4]: (row["id"], tuple(row.values())[1:-1]) for row in open_rows}
    wanted = {facts[:3]: facts for facts in map(facts_of, derived)}
    closed = tuple(found[0] for key, found in standing.items() if wanted.get(key) != found[1])
    opened = tuple(facts for key, facts in wanted.items() if key not in standing or standing[key][1] != facts)
    return Changes(closed=closed, opened=opened)


async def open_rows_of(session: SchoolSession, pupils: Sequence[UUID]) -> dict[UUID, list[asyncpg.Record]]:
    """Read the obligations of pupils as known now, in one statement; a pupil who owes nothing has an empty list."""
    found: dict[UUID, list[asyncpg.Record]] = {pupil_id: [] for pupil_id in pupils}
    for row in await session.connection.fetch(_OPEN, session.school_id, list(pupils)):
        found[row["pupil_id"]].append(row)
    return found


async def open_rows(session: SchoolSession, pupil_id: UUID) -> list[asyncpg.Record]:
    """Read a pupil's obligations as known now."""
    return (await open_rows_of(session, [pupil_id]))[pupil_id]


_CLOSE = "update obligation set known_until = $3 where school_id = $1 and id = $2"
_INSERT = f"""
insert into obligation (school_id, id, pupil_id, rules_version, known_from, {_CONTENT})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """What changes for a pupil as known from the ledger number `known_from` on."""

    pupil_id: UUID
    known_from: int
    changes: Changes


async def write_all(session: SchoolSession, rewrites: Sequence[Rewrite], *, rules_version: str, new_id: Callable[[], UUID]) -> None:
    """Close and open the rows of however many pupils, in at most two statements."""
    closed = [(session.school_id, id_, rewrite.known_from) for rewrite in rewrites for id_ in rewrite.changes.closed]
    if closed:
        await session.connection.executemany(_CLOSE, closed)
    opened = [
        (session.school_id, new_id(), rewrite.pupil_id, rules_version, rewrite.known_from, *facts)
        for rewrite in rewrites
        for facts in rewrite.changes.opened
    ]
    if opened:
        await session.connection.executemany(_INSERT, opened)


async def write_changes(
    session: SchoolSession, pupil_id: UUID, changes: Changes, *, known_from: int, rules_version: str, new_id: Callable[[], UUID]
) -> None:
    """Close and open a pupil's rows as known from the ledger number `known_from` on."""
    rewrite = Rewrite(pupil_id=pupil_id, known_from=known_from, changes=changes)
    await write_all(session, [rewrite], rules_version=rules_version, new_id=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which obligations are asked for: as they stand on `day`, as known at a ledger number; None leaves a filter out."""

    day: date
    known_at: int
    pupil_id: UUID | None = None
    state: str | None = None
    due_before: date | None = None
    who: str | None = None
    rule: str | None = None
    after: tuple[date, UUID] | None = None
    limit: int = 50


# The state of the domain's table, for whole lists at once; a test holds the two together.
STATE = """case
  when $2::date < arises_on then null
  when cardinality(missing) > 0 then 'not_known'
  when excused_by is not null then 'excused'
  when met_on <= $2 and (met_on <= coalesce(due, arises_on)) then 'kept'
  when met_on <= $2 then 'kept_late'
  when departed_by is not null and force = 'should' then 'departed'
  when ended_on <= $2 and (due is null or ended_on <= due) then null
  when due is null or $2 > due then 'broken'
  when opens_on is not null and $2 < opens_on then 'not_due'
  else 'due' end"""
_LIST = f"""
with standing as (
  select id, pupil_id, person_id, rule, who, force, shape, occasion, arises_on, opens_on, due, met_on, met_by, ended_on, excused_by,
         departed_by, missing, {STATE} as state, coalesce(due, arises_on) as sorts_on
    from obligation
   where school_id = $1 and known_from <= $3 and (known_until is null or known_until > $3)
     and ($4::uuid is null or pupil_id = $4) and ($6::date is null or due < $6) and ($7::text is null or who = $7)
     and ($8::text is null or rule = $8)
)
select * from standing
 where state is not null and ($5::text is null or state = $5) and ($9::date is null or (sorts_on, id) > ($9, $10::uuid))
 order by sorts_on, id limit $11
"""  # noqa: S608


async def list_obligations(session: SchoolSession, wanted: Wanted) -> list[asyncpg.Record]:
    """List obligations by the day they are due (or arose), with the state of each on the day asked for."""
    w = wanted
    after_on, after_id = w.after or (None, None)
    rows: list[asyncpg.Record] = await session.connection.fetch(
        _LIST, session.school_id, w.day, w.known_at, w.pupil_id, w.state, w.due_before, w.who, w.rule, after_on, after_id, w.limit
    )
    return rows
