"""Appends to a school's ledger and reads it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from app.db.chain import SALT_BYTES, Header, canonical, commitment_to, entry_digest, next_link
from app.db.codec import body_of
from app.db.projections import PROJECTED
from app.db.schools import Head
from app.db.session import SchoolSession
from app.domain.author import Author
from app.domain.entries import Entry, Recorded


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


async def lock_head(session: SchoolSession) -> Head:
    """Lock the end of the chain; take it last, when all that can be computed beforehand has been."""
    row = await session.connection.fetchrow(
        "select epoch, number, link, recorded_at, school_number from ledger_head where school_id = $1 for update", session.school_id
    )
    if row is None:
        raise LedgerMissingError
    return Head(**dict(row.items()))


async def begin_epoch(session: SchoolSession, epoch: int) -> None:
    """Let every head that is signed from here on say that it is of this epoch."""
    await session.connection.execute("update ledger_head set epoch = $2 where school_id = $1", session.school_id, epoch)


COLUMNS: Final = (
    *("number", "pupil_id", "type", "occurred_on", "recorded_at", "author_kind", "author_id", "assurance", "client_id", "supersedes"),
    *("commitment", "digest", "link", "salt", "body"),
)
# The head is the one that was linked to, or nothing is written at all.
_APPEND: Final = f"""
with head as (
  update ledger_head set number = $7, link = $8, recorded_at = $9, school_number = $10 where school_id = $1 and link = $11 returning true
), appended as (
  insert into entry select e.* from head, jsonb_populate_recordset(null::entry, $12) e
), remembered as (
  insert into idempotency select i.* from head, jsonb_populate_recordset(null::idempotency, $13) i
), {PROJECTED}
select true from head
"""  # noqa: S608


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Appending:
    """Entries linked to a head, and the rows that go with them: `projected` as `app.db.projections` gives them, `remembered` for keys."""

    head: Head
    linked: Sequence[Linked]
    projected: tuple[object, ...]
    remembered: Sequence[Mapping[str, object]] = ()


async def append(session: SchoolSession, appending: Appending) -> bool:
    """Write entries and what goes with them in one statement; False, and nothing is written, where the head moved on."""
    head, last = appending.head, appending.linked[-1]
    school_number = max((i.recorded.number for i in appending.linked if i.recorded.pupil is None), default=head.school_number)
    end = (last.recorded.number, last.link, last.recorded.recorded_at, school_number, head.link)
    rows = [{"school_id": session.school_id, **dict(zip(COLUMNS, linked.row, strict=True))} for linked in appending.linked]
    found = await session.connection.fetchval(_APPEND, *appending.projected, *end, rows, list(appending.remembered))
    return found is not None
