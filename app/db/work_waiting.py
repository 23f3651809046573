"""What work waits, found in two ways: by its row, and by what makes it due, so that it is found even where no row was ever written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Self

from app.db.work import WorkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The moment in the world of which it is asked what waits, the rules that hold, and up to when what is kept for a time has run out."""

    now: datetime
    rules_version: str
    yesterday: date
    keys_before: datetime
    dry_runs_before: datetime
    openings_before: datetime


_TODAY: Final = "((:now::timestamptz + s.clock_ahead * interval '1 microsecond') at time zone 'Europe/London')::date"
_OF_SCHOOL: Final = "select s.school_id, s.school_id as subject from school s where"
_OF_NOTICES: Final = "select n.school_id, n.school_id as subject from notice n join school s on s.school_id = n.school_id where"
# The horizon is the 31 August after the end of this school year, so it is too near once it is less than a year away. Totals and clocks
# wait until what is owed is derived under the rules that hold, and come once on each day of the school's own clock.
_DUE: Final[Mapping[WorkKind, str]] = MappingProxyType(
    {
        WorkKind.IMPORT: "select j.school_id, j.id as subject from import_job j where j.state = 'waiting'",
        WorkKind.BUNDLE: "select b.school_id, b.id as subject from bundle b where b.state = 'waiting'",
        WorkKind.OBLIGATIONS: (
            f"{_OF_SCHOOL} s.rules_version is distinct from :rules_version or s.horizon is null or s.horizon < {_TODAY} + interval '1 year'"
        ),
        WorkKind.TOTALS: (f"{_OF_SCHOOL} s.rules_version = :rules_version and (s.totals_built_on is null or s.totals_built_on < {_TODAY})"),
        WorkKind.ACCESSES: f"{_OF_SCHOOL} s.accesses_digested_to is null or s.accesses_digested_to < :yesterday",
        WorkKind.CLOCKS: (f"{_OF_SCHOOL} s.rules_version = :rules_version and (s.clocks_told_on is null or s.clocks_told_on < {_TODAY})"),
        WorkKind.NOTICES: f"{_OF_NOTICES} n.look_again_on <= {_TODAY}",
        WorkKind.FORGETTING: (
            "select i.school_id, i.school_id as subject from idempotency i where i.at < :keys_before"
            " union select j.school_id, j.school_id from import_job j where j.is_dry_run and j.finished_at < :dry_runs_before"
            " union select o.school_id, o.school_id from opened_request o where o.state = 'waiting' and o.opened_at < :openings_before"
        ),
    }
)
_WAITING: Final = """
select w.school_id, w.subject from work w where w.kind = '{kind}' and w.state = 'waiting' and w.next_at <= :now
union
select d.school_id, d.subject from ({due}) d
 where not exists (select from work w where w.school_id = d.school_id and w.kind = '{kind}' and w.subject = d.subject
                      and (w.state = 'dead' or w.state = 'waiting' and w.next_at > :now))
"""
_UNWRITTEN: Final = """
select d.school_id, '{kind}' as kind, count(*) as count from ({due}) d
 where not exists (select from work w where w.school_id = d.school_id and w.kind = '{kind}' and w.subject = d.subject and w.state <> 'done')
 group by d.school_id
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement with the names of what is put into its places, in their order."""

    statement: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Number the places that a text names after a colon."""
        names = tuple(field.name for field in fields(Asking) if f":{field.name}" in text)
        for place, name in enumerate(names, start=1):
            text = re.sub(rf"(?<!:):{name}\b", f"${place}", text)
        return cls(text, names)

    def values(self, asking: Asking) -> tuple[object, ...]:
        """Give what is put into the places."""
        return tuple(getattr(asking, name) for name in self.names)


WAITING: Final[Mapping[WorkKind, Question]] = MappingProxyType(
    {kind: Question.of(_WAITING.format(kind=kind.value, due=due)) for kind, due in _DUE.items()}
)
"""By kind, the pieces of all schools that may be taken at a moment, as school and subject: none that is held, put off or given up."""
COUNTED: Final = tuple(kind for kind in WorkKind if kind is not WorkKind.FORGETTING)
"""Nobody waits for what is forgotten, and to count it would mean to read through all that is kept for a time."""
UNWRITTEN: Final = Question.of(" union all ".join(_UNWRITTEN.format(kind=kind.value, due=_DUE[kind]) for kind in COUNTED))
"""How many pieces are due at each school for which no row stands yet, by school and kind."""
