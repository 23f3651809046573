"""Pupils' records: locked, read, and the summary of each kept beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from app.db.chain import Json
from app.db.once import once
from app.db.schools import RECORDED, recorded_from
from app.db.session import SchoolSession
from app.domain.cycle import Cycle
from app.domain.record import Record
from app.domain.school import School

_ENTRIES = f"""
select {RECORDED} from entry
 where school_id = $1
   and pupil_id = any($2::uuid || array(select p.id from pupil p where p.school_id = $1 and p.merged_into = $2::uuid))
 order by number
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilRef:
    """A pupil as the roll names them, and the last ledger number of their record."""

    id: UUID
    upn: str
    surname: str
    forename: str
    date_of_birth: date
    sex: str | None
    year_group: str | None
    left_on: date | None
    last_number: int


_PUPIL = (
    "select id, upn, surname, forename, date_of_birth, sex, year_group, left_on, last_number from pupil"
    " where school_id = $1 and id = $2 and erased_by is null"
)


async def find_pupil(session: SchoolSession, pupil_id: UUID, *, lock: bool = False) -> PupilRef | None:
    """Find a pupil of this school who was not erased; with `lock`, nobody else writes on the record until the transaction ends."""
    row = await session.connection.fetchrow(f"{_PUPIL} for update" if lock else _PUPIL, session.school_id, pupil_id)
    return None if row is None else PupilRef(**dict(row.items()))


_ENTRIES_OF: Final = f"select {RECORDED} from entry where school_id = $1 and pupil_id = any($2::uuid[]) order by number"  # noqa: S608
_JOINED: Final = "select id, merged_into from pupil where school_id = $1 and merged_into = any($2::uuid[])"


async def rows_of_records(session: SchoolSession, pupils: Sequence[UUID]) -> Mapping[UUID, Sequence[asyncpg.Record]]:
    """Read the entries of many pupils, each with those of records that were joined to it, in few statements however many they are."""
    joined = {row["id"]: row["merged_into"] for row in await session.connection.fetch(_JOINED, session.school_id, list(pupils))}
    rows: dict[UUID, list[asyncpg.Record]] = {pupil: [] for pupil in pupils}
    for row in await session.connection.fetch(_ENTRIES_OF, session.school_id, [*rows, *joined]):
        for pupil in {row["pupil_id"], joined.get(row["pupil_id"])} & rows.keys():
            rows[pupil].append(row)
    return rows


@once
async def load_record(session: SchoolSession, school: School, pupil_id: UUID) -> Record:
    """Fold a pupil's record from all of its entries, and those of records that were joined to it."""
    rows = await session.connection.fetch(_ENTRIES, session.school_id, pupil_id)
    return Record.fold(school, (recorded_from(row) for row in rows), pupil_id)


def summary_of(record: Record) -> dict[str, Json]:
    """Say where a pupil stands, in the few facts that are read most."""
    cycle, undecided = record.last_cycle, record.open_withdrawn
    return {
        "status": record.status.value,
        "status_since": _text(record.status_since),
        "status_is_imported": bool(record.statuses and record.statuses[-1].imported),
        "needs": [{"type": need.need_type.value, "rank": need.rank, "since": _text(need.since)} for need in record.needs],
        "undecided": None if undecided is None else {"came_from": undecided.status.value, "since": _text(undecided.since)},
        "cycle": None if cycle is None else {"number": cycle.number, "stage": _stage(cycle), "review_on": _text(cycle.review_on)},
    }


def _stage(cycle: Cycle) -> str:
    if cycle.review is not None:
        return "reviewed"
    if cycle.plan is None:
        return "assess"
    return "do" if cycle.briefings or cycle.sessions else "plan"


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
