"""The rows that name the files in the store: whose each is, what it digests to, and the sealed key it was encrypted with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that is kept, as its row names it: SHA-256 and size are those of the bytes that were put."""

    school_id: UUID
    id: UUID
    digest: bytes
    size: int
    sealed_key: bytes

    @property
    def name(self) -> str:
        """Where it lies in the store."""
        return f"{self.school_id}/{self.id}"


async def keep(session: SchoolSession, kept: Kept, *, pupil_id: UUID, at: datetime) -> Kept:
    """Name a file that was put, and give the one that stands: where the pupil has the same bytes already, that is the earlier one.

    Naming it again makes it young again, so that the sweep does not take it before the caller has said what it is for.
    """
    row = await session.connection.fetchrow(
        "insert into blob (school_id, id, pupil_id, digest, size, sealed_key, put_at) values ($1, $2, $3, $4, $5, $6, $7)"
        " on conflict (school_id, pupil_id, digest) do update set put_at = excluded.put_at returning id, sealed_key",
        session.school_id,
        kept.id,
        pupil_id,
        kept.digest,
        kept.size,
        kept.sealed_key,
        at,
    )
    return Kept(school_id=session.school_id, id=row["id"], digest=kept.digest, size=kept.size, sealed_key=row["sealed_key"])


async def names(session: SchoolSession) -> frozenset[str]:
    """The names in the store of all files that a row names."""
    rows = await session.connection.fetch("select id from blob where school_id = $1", session.school_id)
    return frozenset(f"{session.school_id}/{row['id']}" for row in rows)


async def of_papers(session: SchoolSession, paper_ids: Sequence[UUID]) -> Mapping[UUID, Kept]:
    """Find the files of papers; one that was never handed in here is not among them."""
    rows = await session.connection.fetch(_OF_PAPERS, session.school_id, list(paper_ids))
    return {paper: Kept(school_id=session.school_id, **kept) for paper, kept in map(_of_paper, rows)}


def _of_paper(row: Mapping[str, Any]) -> tuple[UUID, dict[str, Any]]:
    kept = dict(row.items())
    return kept.pop("paper"), kept


_OF_PAPERS: Final = """
select p.id as paper, f.id, f.digest, f.size, f.sealed_key
  from paper p join blob f on f.school_id = p.school_id and f.id = p.blob_id
 where p.school_id = $1 and p.id = any($2::uuid[])
"""


async def also_of_others(session: SchoolSession, paper_ids: Sequence[UUID], own: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Pairs of a paper and another pupil for whom the very same bytes were handed in."""
    rows = await session.connection.fetch(_ALSO_OF_OTHERS, session.school_id, list(paper_ids), list(own))
    return [(row["paper"], row["pupil_id"]) for row in rows]


_ALSO_OF_OTHERS: Final = """
select p.id as paper, o.pupil_id
  from paper p join blob f on f.school_id = p.school_id and f.id = p.blob_id
  join blob o on o.school_id = p.school_id and o.digest = f.digest and o.pupil_id <> all($3::uuid[])
  join paper q on q.school_id = o.school_id and q.blob_id = o.id
 where p.school_id = $1 and p.id = any($2::uuid[])
 order by p.id, o.pupil_id
"""


async def forget_unnamed(session: SchoolSession, before: datetime) -> None:
    """Take away the rows of files put before a moment that neither a paper nor a part of a bundle names."""
    await session.connection.execute(
        "delete from blob f where f.school_id = $1 and f.put_at < $2"
        " and not exists (select from paper p where p.school_id = $1 and p.blob_id = f.id)"
        " and not exists (select from bundle_part t where t.school_id = $1 and t.blob_id = f.id)",
        session.school_id,
        before,
    )
