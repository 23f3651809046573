"""What is derived from records, as rows: where each pupil stands, and what is owed. Written in one statement however many pupils."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.db.obligations import CONTENT, Changes
from app.db.records import summary_of
from app.db.session import SchoolSession
from app.domain.keeping import holds, retention_until
from app.domain.record import Record

# `head` has one row, or none where nothing may be written; $1 is the school. Rows are named twice over, by `any` too, so that they are
# found by their key whatever is known of how many a school has.
PROJECTED: Final = """
summarised as (
  update pupil p
     set last_number = n.last_number, status = n.status, status_since = n.status_since, undecided_since = n.undecided_since,
         left_on = n.left_on, summary = n.summary, retained_until = n.retained_until, held_by = n.held_by
    from head, jsonb_populate_recordset(null::pupil, $3) n
   where p.school_id = $1 and p.id = any($2::uuid[]) and p.id = n.id
     and (p.last_number, p.status, p.status_since, p.undecided_since, p.left_on, p.summary, p.retained_until, p.held_by)
         is distinct from
         (n.last_number, n.status, n.status_since, n.undecided_since, n.left_on, n.summary, n.retained_until, n.held_by)
), closed as (
  update obligation o set known_until = n.number from head, unnest($4::uuid[], $5::bigint[]) n (id, number)
   where o.school_id = $1 and o.id = any($4) and o.id = n.id
), opened as (
  insert into obligation select o.* from head, jsonb_populate_recordset(null::obligation, $6) o
)
"""
_PROJECT: Final = f"with head as (select), {PROJECTED} select"


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What one record now says, by `last_number`; what changed in what is owed is known from the ledger number `known_from` on.

    Without a record it is what the school itself owes.
    """

    record: Record | None
    last_number: int
    changes: Changes
    known_from: int


def projected(school: UUID, projections: Sequence[Projection], *, rules_version: str, new_id: Callable[[], UUID]) -> tuple[object, ...]:
    """Give the arguments $1 to $6 of a statement with `PROJECTED` in it."""
    closed = [(id_, p.known_from) for p in projections for id_ in p.changes.closed]
    opened = [
        {**_place(school, p), "id": new_id(), "rules_version": rules_version, **dict(zip(CONTENT, facts, strict=True))}
        for p in projections
        for facts in p.changes.opened
    ]
    pupils = [(p.record, p.last_number) for p in projections if p.record is not None]
    rows = [_summary_row(record, last_number) for record, last_number in pupils]
    return school, [record.pupil for record, _ in pupils], rows, [id_ for id_, _ in closed], [number for _, number in closed], opened


def _place(school: UUID, projection: Projection) -> dict[str, object]:
    pupil = None if projection.record is None else projection.record.pupil
    return {"school_id": school, "pupil_id": pupil, "known_from": projection.known_from}


def _summary_row(record: Record, last_number: int) -> dict[str, object]:
    held = holds(record)
    undecided = record.open_withdrawn if record.merged_into is None else None
    return {
        "id": record.pupil,
        "last_number": last_number,
        "status": record.status.value,
        "status_since": record.status_since,
        "undecided_since": None if undecided is None else undecided.since,
        "left_on": record.merged_on or record.left_on,
        "summary": summary_of(record),
        "retained_until": retention_until(record),
        "held_by": held[0].number if held else None,
    }


async def project(session: SchoolSession, projections: Sequence[Projection], *, rules_version: str, new_id: Callable[[], UUID]) -> None:
    """Write what is derived where no entry is appended."""
    await session.connection.execute(_PROJECT, *projected(session.school_id, projections, rules_version=rules_version, new_id=new_id))
