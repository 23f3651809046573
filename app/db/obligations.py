"""Obligations as rows: never changed in place. A change closes the row at a ledger number and opens another from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, cast
from uuid import UUID

from orjson import loads

from app.db.chain import Json
from app.db.session import SchoolSession
from app.domain.obligation import Obligation

Facts = tuple[Json, ...]
Standing = Sequence[Sequence[Json]]
"""A pupil's open rows, or the school's own, as JSON has them: each is an id and its facts."""

CONTENT: Final = (
    *("rule", "person_id", "occasion", "who", "force", "shape", "arises_on", "opens_on", "due", "met_on", "met_by", "ended_on"),
    *("excused_by", "departed_by", "missing"),
)
_OPEN: Final = f"""
select pupil_id, json_agg(json_build_array(id, {", ".join(CONTENT)}))::text as standing
  from obligation where school_id = $1 and pupil_id = any($2::uuid[]) and known_until is null group by pupil_id
"""  # noqa: S608
_OPEN_OF_SCHOOL: Final = f"""
select json_agg(json_build_array(id, {", ".join(CONTENT)}))::text
  from obligation where school_id = $1 and pupil_id is null and known_until is null
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What must be closed, by id, and opened so that the open rows say what was derived."""

    closed: tuple[str, ...]
    opened: tuple[Facts, ...]

    def __bool__(self) -> bool:
        return bool(self.closed or self.opened)


def facts_of(obligation: Obligation) -> Facts:
    """Give an obligation's columns in the order of the table's content, as JSON has them."""
    o = obligation
    person = None if o.person is None else str(o.person)
    arises, opens, due, met, ended = map(_text, (o.arises_on, o.opens_on, o.due, o.met_on, o.ended_on))
    outcome = (met, o.met_by, ended, o.excused_by, o.departed_by)
    rule = (o.rule.id, person, o.occasion, o.rule.who, o.rule.force, o.shape)
    missing: list[Json] = [*o.missing]
    return (*rule, arises, opens, due, *outcome, missing)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def changes_between(standing: Standing, derived: Iterable[Obligation]) -> Changes:
    """Compare the open rows with what the record now says."""
    found = {tuple(row[1:4]): (str(row[0]), tuple(row[1:])) for row in standing}
    wanted = {facts[:3]: facts for facts in map(facts_of, derived)}
    closed = tuple(id_ for key, (id_, facts) in found.items() if wanted.get(key) != facts)
    opened = tuple(facts for key, facts in wanted.items() if key not in found or found[key][1] != facts)
    return Changes(closed=closed, opened=opened)


async def open_rows_of(session: SchoolSession, pupils: Sequence[UUID]) -> Mapping[UUID, Standing]:
    """Read the obligations of pupils as known now, in one statement; a pupil who owes nothing has an empty list."""
    if not pupils:
        return MappingProxyType({})
    rows = await session.connection.fetch(_OPEN, session.school_id, list(pupils))
    return MappingProxyType({**dict.fromkeys(pupils, ()), **{row["pupil_id"]: loads(row["standing"]) for row in rows}})


async def open_rows_of_school(session: SchoolSession) -> Standing:
    """Read what the school itself owes, as known now."""
    rows = await session.connection.fetchval(_OPEN_OF_SCHOOL, session.school_id)
    return () if rows is None else cast(Standing, loads(rows))


# The state of the domain's table, for whole lists at once; a test holds the two together. Of what is owed already and not known to lack
# a fact, the dates tell it.
STATE_BY_DATES = """case
  when excused_by is not null then 'excused'
  when met_on <= $2 and (met_on <= coalesce(due, arises_on)) then 'kept'
  when met_on <= $2 then 'kept_late'
  when departed_by is not null and force = 'should' then 'departed'
  when ended_on <= $2 and (due is null or ended_on <= due) then null
  when due is null or $2 > due then 'broken'
  when opens_on is not null and $2 < opens_on then 'not_due'
  else 'due' end"""
STATE = f"case when $2::date < arises_on then null when cardinality(missing) > 0 then 'not_known' else {STATE_BY_DATES} end"
