"""Papers that were handed in: what each turned out to be, and whose it is."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from app.db.session import SchoolSession
from app.domain.entries import PaperNamed

_NAMED: Final = """
select p.id, p.media_type, p.title, p.pages, f.digest, f.size
  from paper p
  join pupil u on u.school_id = p.school_id and u.id = p.pupil_id
  join blob f on f.school_id = p.school_id and f.id = p.blob_id
 where p.school_id = $1 and (u.id = $2 or u.merged_into = $2) and p.id = any($3::uuid[])
"""


async def named(session: SchoolSession, pupil_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, PaperNamed]:
    """Find papers as an entry about this pupil names them, those of records joined to it too; a paper of anybody else is not found."""
    rows = await session.connection.fetch(_NAMED, session.school_id, pupil_id, list(ids))
    return {
        row["id"]: PaperNamed(
            id=row["id"],
            sha256=row["digest"].hex(),
            size=row["size"],
            media_type=row["media_type"],
            title=row["title"],
            pages=row["pages"],
        )
        for row in rows
    }
