"""Papers that were handed in: the rows that say what each is, and which of them may go because nothing names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.db.kept_files import Kept
from app.db.session import SchoolSession
from app.domain.entries import PaperNamed

UNNAMED_FOR: Final = timedelta(days=30)
"""A paper goes that no entry names so long after it was handed in, by the world's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPaper:
    """A paper that is kept: its file, what it turned out to be, and the paper that it was blacked out from, if any."""

    id: UUID
    pupil_id: UUID
    file: Kept
    media_type: str
    pages: int | None
    title: str
    redacts: UUID | None
    handed_in_at: datetime

    @property
    def named(self) -> PaperNamed:
        """The paper as an entry names it."""
        digest, size = self.file.digest.hex(), self.file.size
        return PaperNamed(id=self.id, sha256=digest, size=size, media_type=self.media_type, title=self.title, pages=self.pages)


_PAPERS: Final = """
select p.id, p.pupil_id, p.media_type, p.pages, p.title, p.redacts, p.handed_in_at,
       f.id as file_id, f.digest, f.size, f.sealed_key
  from paper p join blob f on f.school_id = p.school_id and f.id = p.blob_id
 where p.school_id = $1
   and p.pupil_id = any($2::uuid || array(select j.id from pupil j where j.school_id = $1 and j.merged_into = $2::uuid))
"""


async def find(session: SchoolSession, pupil_id: UUID, paper_id: UUID) -> HeldPaper | None:
    """Find a paper of a pupil, or of a pupil whose record was joined to theirs."""
    row = await session.connection.fetchrow(f"{_PAPERS} and p.id = $3", session.school_id, pupil_id, paper_id)
    return None if row is None else _held(session, row)


async def of_pupil(session: SchoolSession, pupil_id: UUID, *, after: UUID | None, limit: int) -> list[HeldPaper]:
    """List a pupil's papers in the order in which they were handed in."""
    listing = f"{_PAPERS} and ($3::uuid is null or p.id > $3) order by p.id limit $4"
    rows = await session.connection.fetch(listing, session.school_id, pupil_id, after, limit)
    return [_held(session, row) for row in rows]


async def named(session: SchoolSession, pupil_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, PaperNamed]:
    """Find papers as an entry about this pupil names them, those of records joined to it too; a paper of anybody else is not found."""
    rows = await session.connection.fetch(f"{_PAPERS} and p.id = any($3::uuid[])", session.school_id, pupil_id, list(ids))
    return {row["id"]: _held(session, row).named for row in rows}


async def find_same(session: SchoolSession, pupil_id: UUID, file_id: UUID) -> HeldPaper | None:
    """Find the paper that was handed in before with this very file; one that was made by blacking out is another."""
    alike = f"{_PAPERS} and p.blob_id = $3 and p.redacts is null order by p.id limit 1"
    row = await session.connection.fetchrow(alike, session.school_id, pupil_id, file_id)
    return None if row is None else _held(session, row)


async def insert(session: SchoolSession, paper: HeldPaper, *, client_id: UUID) -> None:
    """Keep a paper, whose file is named already."""
    await session.connection.execute(
        "insert into paper (school_id, id, pupil_id, blob_id, media_type, pages, title, redacts, handed_in_at, client_id)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        session.school_id,
        paper.id,
        paper.pupil_id,
        paper.file.id,
        paper.media_type,
        paper.pages,
        paper.title,
        paper.redacts,
        paper.handed_in_at,
        client_id,
    )


async def renew(session: SchoolSession, paper_id: UUID, *, at: datetime) -> None:
    """Let a paper that was handed in again wait for an entry from now on."""
    await session.connection.execute("update paper set handed_in_at = $3 where school_id = $1 and id = $2", session.school_id, paper_id, at)


async def hold(session: SchoolSession, paper_ids: Sequence[UUID], *, at: datetime) -> bool:
    """Keep papers from being let go until this transaction has named them, and tell whether all are still there."""
    # Only a changed row makes a waiting delete look again, so whatever is near its end is renewed and not merely locked.
    near = at - UNNAMED_FOR + timedelta(days=1)
    await session.connection.execute(_NEAR_THEIR_END, session.school_id, list(paper_ids), at, near)
    found = await session.connection.fetchval(_THERE, session.school_id, list(paper_ids))
    return bool(found == len(set(paper_ids)))


_NEAR_THEIR_END: Final = "update paper set handed_in_at = $3 where school_id = $1 and id = any($2::uuid[]) and handed_in_at < $4"
_THERE: Final = "select count(*) from paper where school_id = $1 and id = any($2::uuid[])"


async def forget_unnamed(session: SchoolSession, now: datetime) -> None:
    """Let go of papers that no entry has named for 30 days; their files follow with the next sweep of what nothing names."""
    await session.connection.execute(_FORGET, session.school_id, now - UNNAMED_FOR)


# A correction leaves the earlier entry in the ledger, which still names its papers; an erased entry names none.
_FORGET: Final = """
delete from paper p
 where p.school_id = $1 and p.handed_in_at < $2
   and not exists (select from paper r where r.school_id = $1 and r.redacts = p.id)
   and not exists (
     select from entry e
      where e.school_id = $1 and e.type in ('contribution.given', 'paper.redacted') and position(p.id::text in e.body) > 0)
"""


def _held(session: SchoolSession, row: Mapping[str, Any]) -> HeldPaper:
    said = dict(row.items())
    file = Kept(
        school_id=session.school_id,
        id=said.pop("file_id"),
        digest=said.pop("digest"),
        size=said.pop("size"),
        sealed_key=said.pop("sealed_key"),
    )
    return HeldPaper(file=file, **said)
