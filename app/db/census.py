"""All pupils of a school with what the census asks of their records, in two statements however many they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.db.schools import RECORDED, recorded_from
from app.db.session import SchoolSession
from app.domain.census import GIVE_A_STATUS, GIVE_NEEDS
from app.domain.entries import Entry, EntryWithdrawn, PupilEnrolled, PupilLeft, RecordMerged, UnitPlacementDescribed
from app.domain.record import Record
from app.domain.school import School

_OF_THE_ROLL: Final[tuple[type[Entry], ...]] = (UnitPlacementDescribed, PupilEnrolled, PupilLeft, EntryWithdrawn, RecordMerged)
ASKED_FOR: Final = tuple(kind.type for kind in (*GIVE_A_STATUS, *GIVE_NEEDS, *_OF_THE_ROLL))
_PUPILS: Final = "select id, upn, date_of_birth, sex, merged_into from pupil where school_id = $1 and erased_by is null order by id"
_ENTRIES: Final = f"select {RECORDED} from entry where school_id = $1 and type = any($2::text[]) and pupil_id is not null order by number"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """A pupil as the roll names them, with the rows of their entries, not yet decoded; those of joined records are among them."""

    id: UUID
    upn: str
    date_of_birth: date
    sex: str | None
    rows: tuple[Mapping[str, Any], ...]

    def record(self, school: School) -> Record:
        """Fold what the census asks for; nothing else can be read from this record."""
        return Record.fold(school, (recorded_from(row) for row in self.rows), self.id)


async def rolled(session: SchoolSession) -> list[Rolled]:
    """Read every pupil the school ever had but for the erased, in the order of their ids; joined doubles count once."""
    pupils = await session.connection.fetch(_PUPILS, session.school_id)
    into = {row["id"]: row["merged_into"] for row in pupils}
    rows: dict[UUID, list[Mapping[str, Any]]] = {id_: [] for id_ in into}
    for row in await session.connection.fetch(_ENTRIES, session.school_id, list(ASKED_FOR)):
        kept = _kept(into, row["pupil_id"])
        if kept in rows:
            rows[kept].append(row)
    return [
        Rolled(id=row["id"], upn=row["upn"], date_of_birth=row["date_of_birth"], sex=row["sex"], rows=tuple(rows[row["id"]]))
        for row in pupils
        if row["merged_into"] is None
    ]


def _kept(into: Mapping[UUID, UUID | None], pupil: UUID) -> UUID:
    """Follow a joined record to the one that goes on; a ring, which no step makes, ends where it began."""
    seen = {pupil}
    while (following := into.get(pupil)) is not None and following not in seen:
        seen.add(following)
        pupil = following
    return pupil
