"""Appends to a school's ledger and reads it back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from app.db.chain import SALT_BYTES, Header, canonical, commitment_to, entry_digest, next_link
from app.db.codec import body_of
from app.db.session import SchoolSession
from app.domain.author import Author
from app.domain.entries import Entry, Recorded

FEW = 100
"""So many entries are linked on the event loop; more go to a thread, so that requests do not wait."""


class LedgerMissingError(Exception):
    """A school without a ledger head; every school is created with one, so the database was tampered with."""


class Dice(Protocol):
    """Draws unpredictable bytes."""

    def __call__(self, count: int, /) -> bytes:
        """Give `count` bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry that is to be appended."""

    entry: Entry
    author: Author
    pupil_id: UUID | None = None
    client_id: UUID | None = None
    supersedes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a school's chain, locked until the transaction ends."""

    epoch: int
    number: int
    link: bytes
    recorded_at: datetime
    school_number: int


def foreseen(drafts: Sequence[Draft], first: int, at: datetime) -> tuple[Recorded, ...]:
    """Show entries as if recorded from the number `first` on, so that what follows from them can be known before the head is locked."""
    return tuple(
        Recorded(number=first + i, recorded_at=at, author=d.author, entry=d.entry, pupil=d.pupil_id, supersedes=d.supersedes)
        for i, d in enumerate(drafts)
    )


async def lock_head(session: SchoolSession) -> Head:
    """Lock the end of the chain; take it last, when all that can be computed beforehand has been."""
    row = await session.connection.fetchrow(
        "select epoch, number, link, recorded_at, school_number from ledger_head where school_id = $1 for update", session.school_id
    )
    if row is None:
        raise LedgerMissingError
    return Head(**dict(row.items()))


_INSERT = """
with appended as (
  insert into entry (school_id, number, pupil_id, type, occurred_on, recorded_at, author_kind, author_id, assurance, client_id, supersedes,
                     commitment, digest, link, salt, body)
  select $1, n, p, t, o, r, ak, ai, a, c, s, co, d, l, sa, b
    from unnest($2::bigint[], $3::uuid[], $4::text[], $5::date[], $6::timestamptz[], $7::text[], $8::uuid[], $9::text[], $10::uuid[],
                $11::bigint[], $12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[], $16::text[])
         as new (n, p, t, o, r, ak, ai, a, c, s, co, d, l, sa, b)
)
update ledger_head set number = $17, link = $18, recorded_at = $19, school_number = $20 where school_id = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An entry with its place in the chain; `row` holds the entry table's columns in their order, without the school's id."""

    recorded: Recorded
    link: bytes
    row: tuple[object, ...]


def _linked(school: UUID, draft: Draft, place: "_Place", salt: bytes) -> Linked:
    body = canonical(body_of(draft.entry, draft.supersedes))
    commitment = commitment_to(salt, body)
    author, entry = draft.author, draft.entry
    header = Header(
        school=school,
        number=place.number,
        pupil=draft.pupil_id,
        type=entry.type,
        occurred_on=entry.occurred_on,
        recorded_at=place.moment,
        author=author,
        client=draft.client_id,
        commitment=commitment,
    )
    digest = entry_digest(header.to_bytes())
    link = next_link(place.previous, digest)
    who = (author.kind.value, author.id, author.assurance.value, draft.client_id)
    row = (place.number, draft.pupil_id, entry.type, entry.occurred_on, place.moment, *who, draft.supersedes)
    recorded = Recorded(
        number=place.number, recorded_at=place.moment, author=author, entry=entry, pupil=draft.pupil_id, supersedes=draft.supersedes
    )
    return Linked(recorded=recorded, link=link, row=(*row, commitment, digest, link, salt, body.decode()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    number: int
    moment: datetime
    previous: bytes


def linked_after(head: Head, school: UUID, drafts: Sequence[Draft], *, now: datetime, dice: Dice) -> list[Linked]:
    """Chain entries in order to the end of a chain; `recorded_at` never repeats and never goes back."""
    chained: list[Linked] = []
    number, moment, previous = head.number, head.recorded_at, head.link
    for draft in drafts:
        number, moment = number + 1, max(now, moment + timedelta(microseconds=1))
        linked = _linked(school, draft, _Place(number=number, moment=moment, previous=previous), dice(SALT_BYTES))
        previous = linked.link
        chained.append(linked)
    return chained


async def append(session: SchoolSession, head: Head, drafts: Sequence[Draft], *, now: datetime, dice: Dice) -> tuple[Recorded, ...]:
    """Append entries under the locked head, in order; without entries nothing happens."""
    link = partial(linked_after, head, session.school_id, drafts, now=now, dice=dice)
    chained = link() if len(drafts) <= FEW else await asyncio.to_thread(link)
    if not chained:
        return ()
    appended, last = tuple(linked.recorded for linked in chained), chained[-1]
    school_number = max((r.number for r in appended if r.pupil is None), default=head.school_number)
    columns = [list(column) for column in zip(*(linked.row for linked in chained), strict=True)]
    end = (last.recorded.number, last.link, last.recorded.recorded_at, school_number)
    await session.connection.execute(_INSERT, session.school_id, *columns, *end)
    return appended
