"""What was written at schools, read forward in each ledger's own order, and where each reader of it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from app.db.chain import Header
from app.db.grants import STANDS
from app.db.ledger import LedgerMissingError
from app.db.schools import RECORDED, recorded_from
from app.db.session import SchoolSession, Session
from app.domain.author import Assurance, Author, AuthorKind
from app.domain.entries import Entry, EntryErased, LedgerRestored, PupilErased, Recorded, RecordMerged


class Place(NamedTuple):
    """How far a ledger was read: the last number taken, and the life (epoch) of the ledger in which it was given."""

    epoch: int
    number: int


BEGINNING: Final = Place(1, 0)
"""Before the first entry of any ledger."""


class Seen(NamedTuple):
    """A school that a client may see."""

    urn: str
    school_id: UUID


_SEEN: Final = f"""
with caller as (
  select c.id, c.organisation_id, o.is_sandbox from client c join organisation o on o.id = c.organisation_id
   where c.id = $1 and c.revoked_at is null and $2 = any(c.scopes)
)
select d.urn, d.school_id from caller join directory d on d.organisation_id = caller.organisation_id and d.is_sandbox = caller.is_sandbox
union
select d.urn, d.school_id
  from caller
  join client_grant g on g.client_id = caller.id and {STANDS} and $2 = any(g.scopes)
  join directory d on d.school_id = g.school_id and d.is_sandbox = caller.is_sandbox
order by urn
"""  # noqa: S608


async def seen_schools(session: Session, client_id: UUID, scope: str) -> list[Seen]:
    """List the schools at which a client may do a thing at this moment, by their URNs; whoever enters one is asked again there."""
    return [Seen(*row.values()) for row in await session.connection.fetch(_SEEN, client_id, scope)]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an entry is about beside its own pupil: the entry it erases, or the pupils it erases or joins."""

    entries: tuple[int, ...] = ()
    pupils: tuple[UUID, ...] = ()


NOTHING_ELSE: Final = About()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry as the feed shows it; `recorded` is there where what it says was asked for, or says what else the entry is about.

    An erased entry shows what the chain needs and nothing more; `erased_by` is the number of the entry that says so.
    """

    header: Header
    digest: bytes
    link: bytes
    supersedes: int | None
    is_erased: bool
    erased_by: int | None
    recorded: Recorded | None
    about: About


_TELLING: Final = frozenset({EntryErased.type, PupilErased.type, RecordMerged.type})
_CHANGES: Final = f"""
select {RECORDED}, client_id, commitment, digest, link from entry where school_id = $1 and number > $2 order by number limit $3
"""  # noqa: S608
_RECORDED_COLUMNS: Final = len(RECORDED.split(","))
_ERASED_BY: Final = """
select e.number, coalesce(p.erased_by, (
         select max(x.number) from entry x
          where x.school_id = $1 and (x.pupil_id = e.pupil_id or (x.pupil_id is null and e.pupil_id is null)) and x.number > e.number
            and x.type = $3 and (x.body::jsonb ->> 'number')::bigint = e.number)) as by
  from entry e left join pupil p on p.school_id = e.school_id and p.id = e.pupil_id
 where e.school_id = $1 and e.number = any($2::bigint[])
"""


async def read_changes(session: SchoolSession, after: int, limit: int, *, in_full: bool) -> tuple[Change, ...]:
    """Read the entries that follow a number, at most `limit`, up to the first gap; `in_full` gives what each says along with it.

    It is one statement and so one snapshot. Numbers are given under the lock of the head, which is kept until the commit: whoever sees an
    entry sees all before it. A gap is therefore never a change that is still to come, and nothing beyond it is given.
    """
    rows = await session.connection.fetch(_CHANGES, session.school_id, after, limit)
    rows = [row for number, row in enumerate(rows, start=after + 1) if row["number"] == number]
    erased = [row["number"] for row in rows if row["body"] is None]
    by = await _erased_by(session, erased) if erased else {}
    return tuple(_change(session.school_id, row, by, in_full=in_full) for row in rows)


_FITTING: Final = """
select count(*), coalesce(max(so_far), 0)::bigint
  from (select sum(coalesce(octet_length(body), 0)) over (order by number) as so_far, row_number() over (order by number) as place
          from (select number, body from entry where school_id = $1 and number > $2 order by number limit $3) next) sized
 where so_far <= $4 or place = 1
"""


async def fitting(session: SchoolSession, after: int, limit: int, room: int) -> tuple[int, int]:
    """Tell how many of the entries that follow a number, at most `limit`, say no more than `room` bytes, and how many bytes they say.

    One fits always, whatever its size, and where there is none.
    """
    entries, size = await session.connection.fetchrow(_FITTING, session.school_id, after, limit, room) or (0, 0)
    return max(1, entries), size


async def _erased_by(session: SchoolSession, numbers: Sequence[int]) -> Mapping[int, int | None]:
    rows = await session.connection.fetch(_ERASED_BY, session.school_id, list(numbers), EntryErased.type)
    return {row["number"]: row["by"] for row in rows}


def _change(school: UUID, row: asyncpg.Record, by: Mapping[int, int | None], *, in_full: bool) -> Change:
    is_erased = row["body"] is None
    is_read = not is_erased and (in_full or row["type"] in _TELLING)
    recorded = recorded_from(dict(islice(row.items(), _RECORDED_COLUMNS))) if is_read else None
    return Change(
        header=_header(school, row),
        digest=row["digest"],
        link=row["link"],
        supersedes=None if is_erased else row["supersedes"],
        is_erased=is_erased,
        erased_by=by.get(row["number"]),
        recorded=recorded,
        about=NOTHING_ELSE if recorded is None else about(recorded.entry),
    )


def _header(school: UUID, row: Mapping[str, Any]) -> Header:
    return Header(
        school=school,
        number=row["number"],
        pupil=row["pupil_id"],
        type=row["type"],
        occurred_on=row["occurred_on"],
        recorded_at=row["recorded_at"],
        author=Author(kind=AuthorKind(row["author_kind"]), id=row["author_id"], assurance=Assurance(row["assurance"])),
        client=row["client_id"],
        commitment=row["commitment"],
    )


def about(entry: Entry) -> About:
    """Say what an entry is about beside its own pupil."""
    if isinstance(entry, EntryErased):
        return About(entries=(entry.number,))
    if isinstance(entry, PupilErased):
        return About(pupils=(entry.erased, *entry.along_with))
    return About(pupils=(entry.other,)) if isinstance(entry, RecordMerged) else NOTHING_ELSE


_RESTORED: Final = "select body::jsonb as said from entry where school_id = $1 and pupil_id is null and type = $2"


async def survived(session: SchoolSession, place: Place) -> int:
    """Tell up to which number what was read to a place is still there, after the ledger was restored from a backup in between.

    Each restore says after which entry it went on; one that says so no more gives 0, so that all is read again.
    """
    kept = place.number
    for row in await session.connection.fetch(_RESTORED, session.school_id, LedgerRestored.type):
        said = row["said"] or {"epoch": place.epoch + 1, "last_number": 0}
        if said["epoch"] > place.epoch:
            kept = min(kept, said["last_number"])
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a school's chain."""

    epoch: int
    number: int
    link: bytes

    @property
    def place(self) -> Place:
        """The place of whoever has everything."""
        return Place(self.epoch, self.number)


async def end_of(session: SchoolSession) -> End:
    """Read the end of the school's chain."""
    row = await session.connection.fetchrow("select epoch, number, link from ledger_head where school_id = $1", session.school_id)
    if row is None:
        raise LedgerMissingError
    return End(**dict(row.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Entries with contiguous numbers, both ends inside: a digest over theirs, and the link of the last."""

    first: int
    last: int
    digest: bytes
    link: bytes


class LedgerGapError(Exception):
    """A number is missing in a school's ledger, which nobody but a fault of ours or of the database can bring about."""


WINDOW_TAG: Final = b"graduated/window/1\n"
_WINDOWS: Final = """
select w.first, w.last, w.digest, w.entries, e.link
  from (select min(number) as first, max(number) as last, count(*) as entries,
               sha256($5::bytea || string_agg(digest, '' order by number)) as digest
          from entry where school_id = $1 and number > $2::bigint * $3 and number <= ($2::bigint + $4) * $3
         group by (number - 1) / $3) w
  join entry e on e.school_id = $1 and e.number = w.last
 order by w.first
"""


async def windows(session: SchoolSession, *, size: int, after: int, limit: int) -> list[Window]:
    """Digest at most `limit` windows of `size` numbers each, but for the last that is not full yet, after so many of them.

    It is one statement and so one snapshot. Raises LedgerGapError.
    """
    rows = await session.connection.fetch(_WINDOWS, session.school_id, after, size, limit, WINDOW_TAG)
    for place, row in enumerate(rows, start=after):
        if row["first"] != place * size + 1 or row["entries"] != row["last"] - row["first"] + 1:
            raise LedgerGapError
        if row["entries"] != size and row is not rows[-1]:
            raise LedgerGapError
    return [Window(first=row["first"], last=row["last"], digest=row["digest"], link=row["link"]) for row in rows]
