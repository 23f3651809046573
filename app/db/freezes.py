"""What a bundle is made from: entries as the ledger's own bytes, the chain they stand in, and the names in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.db.chain import Header, entry_digest
from app.db.session import SchoolSession
from app.domain.author import Assurance, Author, AuthorKind


class LedgerTamperedError(Exception):
    """An entry's columns do not give the digest that stands in the chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An entry's bytes; salt and body are None once it was erased."""

    number: int
    header: bytes
    salt: bytes | None
    body: bytes | None


_ENTRIES: Final = """
select number, pupil_id, type, occurred_on, recorded_at, author_kind, author_id, assurance, client_id, commitment, digest, salt, body
  from entry
 where school_id = $1 and number <= $3
   and pupil_id = any($2::uuid || array(select p.id from pupil p where p.school_id = $1 and p.merged_into = $2::uuid))
 order by number
"""


async def entries_of(session: SchoolSession, pupil_id: UUID, *, frozen_at: int) -> list[LedgerEntry]:
    """Read a pupil's entries, and those of joined records, up to a number (inside) as bytes, each compared with its digest.

    Raises LedgerTamperedError.
    """
    rows = await session.connection.fetch(_ENTRIES, session.school_id, pupil_id, frozen_at)
    return [_bytes_of(session.school_id, row) for row in rows]


def _bytes_of(school_id: UUID, row: Mapping[str, Any]) -> LedgerEntry:
    header = Header(
        school=school_id,
        number=row["number"],
        pupil=row["pupil_id"],
        type=row["type"],
        occurred_on=row["occurred_on"],
        recorded_at=row["recorded_at"],
        author=Author(kind=AuthorKind(row["author_kind"]), id=row["author_id"], assurance=Assurance(row["assurance"])),
        client=row["client_id"],
        commitment=row["commitment"],
    ).to_bytes()
    if entry_digest(header) != row["digest"]:
        raise LedgerTamperedError(f"entry {row['number']}")
    body = row["body"]
    return LedgerEntry(number=row["number"], header=header, salt=row["salt"], body=None if body is None else body.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A school's chain up to a number: every entry's digest, the link of the last, and the epoch."""

    epoch: int
    digests: tuple[tuple[int, bytes], ...]
    link: bytes


async def chain_to(session: SchoolSession, number: int) -> Chain:
    """Read the whole chain up to a number, inside; LookupError when there is no such entry."""
    rows = await session.connection.fetch(
        "select number, digest from entry where school_id = $1 and number <= $2 order by number", session.school_id, number
    )
    link = await session.connection.fetchval("select link from entry where school_id = $1 and number = $2", session.school_id, number)
    if link is None:
        raise LookupError("the chain does not reach so far")
    epoch = await session.connection.fetchval("select epoch from ledger_head where school_id = $1", session.school_id)
    return Chain(epoch=epoch, digests=tuple((row["number"], row["digest"]) for row in rows), link=link)


async def people_of(session: SchoolSession, pupil_id: UUID) -> dict[UUID, str]:
    """Name the staff of the school and the pupil's contacts, who may be mentioned in the record by id."""
    rows = await session.connection.fetch(
        "select id, name from staff where school_id = $1 union all select id, name from contact"
        " where school_id = $1 and pupil_id = any("
        "$2::uuid || array(select p.id from pupil p where p.school_id = $1 and p.merged_into = $2::uuid))",
        session.school_id,
        pupil_id,
    )
    return {row["id"]: row["name"] for row in rows}


async def client_behind(session: SchoolSession, number: int) -> UUID | None:
    """The client through which an entry was written."""
    client_id: UUID | None = await session.connection.fetchval(
        "select client_id from entry where school_id = $1 and number = $2", session.school_id, number
    )
    return client_id


_BLACKED_OUT: Final = """
select p.redacts
  from paper p join pupil u on u.school_id = p.school_id and u.id = p.pupil_id
 where p.school_id = $1 and (u.id = $2 or u.merged_into = $2) and p.redacts is not null
"""


async def blacked_out(session: SchoolSession, pupil_id: UUID) -> frozenset[UUID]:
    """The papers about a pupil of which there is one that was blacked out in part, whatever became of the entry that says so."""
    rows = await session.connection.fetch(_BLACKED_OUT, session.school_id, pupil_id)
    return frozenset(row["redacts"] for row in rows)
