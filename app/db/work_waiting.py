"""What work waits, found in two ways: by its row, and by what makes it due, so that it is found even where no row was ever written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from app.db.work import WorkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The moment in the world of which it is asked what waits, the rules that hold, and up to when what is kept for a time has run out."""

    now: datetime
    rules_version: str
    yesterday: date
    keys_before: datetime
    dry_runs_before: datetime


_TODAY: Final = "(($1::timestamptz + s.clock_ahead * interval '1 microsecond') at time zone 'Europe/London')::date"
# The horizon is the 31 August after the end of this school year, so it is too near once it is less than a year away. Totals and clocks
# wait until what is owed is derived under the rules that hold, and come once on each day of the school's own clock.
_DUE: Final[Mapping[WorkKind, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        WorkKind.IMPORT: ("select j.school_id, j.id as subject from import_job j where j.state = 'waiting'", ()),
        WorkKind.BUNDLE: ("select b.school_id, b.id as subject from bundle b where b.state = 'waiting'", ()),
        WorkKind.OBLIGATIONS: (
            "select s.school_id, s.school_id as subject from school s where s.rules_version is distinct from $2 or s.horizon is null"
            " or s.horizon < TODAY + interval '1 year'",
            ("rules_version",),
        ),
        WorkKind.TOTALS: (
            "select s.school_id, s.school_id as subject from school s"
            " where s.rules_version = $2 and (s.totals_built_on is null or s.totals_built_on < TODAY)",
            ("rules_version",),
        ),
        WorkKind.ACCESSES: (
            "select s.school_id, s.school_id as subject from school s"
            " where s.accesses_digested_to is null or s.accesses_digested_to < $2",
            ("yesterday",),
        ),
        WorkKind.CLOCKS: (
            "select s.school_id, s.school_id as subject from school s"
            " where s.rules_version = $2 and (s.clocks_told_on is null or s.clocks_told_on < TODAY)",
            ("rules_version",),
        ),
        WorkKind.NOTICES: (
            "select n.school_id, n.school_id as subject from notice n join school s on s.school_id = n.school_id"
            " where n.look_again_on <= TODAY",
            (),
        ),
        WorkKind.FORGETTING: (
            "select i.school_id, i.school_id as subject from idempotency i where i.at < $2"
            " union select j.school_id, j.school_id from import_job j where j.is_dry_run and j.finished_at < $3",
            ("keys_before", "dry_runs_before"),
        ),
    }
)
_WAITING: Final = """
select w.school_id, w.subject from work w where w.kind = '{kind}' and w.state = 'waiting' and w.next_at <= $1::timestamptz
union
select d.school_id, d.subject from ({due}) d
 where not exists (select from work w where w.school_id = d.school_id and w.kind = '{kind}' and w.subject = d.subject
                      and (w.state = 'dead' or w.state = 'waiting' and w.next_at > $1::timestamptz))
"""
WAITING: Final[Mapping[WorkKind, str]] = MappingProxyType(
    {kind: _WAITING.format(kind=kind.value, due=due.replace("TODAY", _TODAY)) for kind, (due, _) in _DUE.items()}
)
"""By kind, the pieces of all schools that may be taken at a moment, as school and subject: none that is held, put off or given up."""


def arguments(kind: WorkKind, asking: Asking) -> tuple[object, ...]:
    """Give the values for the places of a kind's statement, the moment first."""
    return (asking.now, *(getattr(asking, name) for name in _DUE[kind][1]))
