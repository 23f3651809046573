"""The pupils who left and whose file has been kept for its time."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """A pupil who left; `retained_until` is the last day on which the file is kept, `held_by` the oldest hold that stands."""

    id: UUID
    left_on: date
    retained_until: date
    held_by: int | None


_ENDED = """
select id, left_on, retained_until, held_by from pupil
 where school_id = $1 and left_on is not null and retained_until is not null and merged_into is null and erased_by is null
   and retained_until < $2 and ($3::date is null or (retained_until, id) > ($3, $4::uuid))
 order by retained_until, id limit $5
"""


async def list_ended(session: SchoolSession, *, before: date, after: tuple[date, UUID] | None, limit: int) -> list[Retained]:
    """List them by their last day, which lies before a day (not inside), after one of them."""
    after_day, after_id = after or (None, None)
    rows = await session.connection.fetch(_ENDED, session.school_id, before, after_day, after_id, limit)
    return [Retained(**dict(row.items())) for row in rows]
