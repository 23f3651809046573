"""Schools: the tenant's own row, its clock, and the school-level part of the record."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from orjson import loads

from app.db.chain import first_link
from app.db.codec import entry_from
from app.db.session import SchoolSession, Session
from app.domain.author import Assurance, Author, AuthorKind
from app.domain.entries import Recorded
from app.domain.school import School

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a school's chain."""

    epoch: int
    number: int
    link: bytes
    recorded_at: datetime
    school_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolNow:
    """A school as it stands when a transaction opens; `clock_ahead` counts microseconds, `number` is the last one of its ledger."""

    urn: str
    name: str
    authority: str
    is_sandbox: bool
    clock_ahead: int
    identity_provider: dict[str, object] | None
    horizon: date | None
    rules_version: str | None
    number: int
    school_number: int
    link: bytes
    recorded_at: datetime
    epoch: int

    @property
    def head(self) -> Head:
        """The end of the ledger as it was read."""
        return Head(epoch=self.epoch, number=self.number, link=self.link, recorded_at=self.recorded_at, school_number=self.school_number)

    def moment(self, now: datetime) -> datetime:
        """Tell what the school's own clock shows; a live school's shows the world's."""
        return now + self.clock_ahead * MOMENT


_NOW = """
select s.urn, s.name, s.authority, s.is_sandbox, s.clock_ahead, s.identity_provider, s.horizon, s.rules_version,
       h.number, h.school_number, h.link, h.recorded_at, h.epoch
  from school s join ledger_head h on h.school_id = s.school_id
 where s.school_id = $1
"""
RECORDED = "number, recorded_at, author_kind, author_id, assurance, type, occurred_on, body, pupil_id, supersedes"
_SCHOOL_ENTRIES = f"select {RECORDED} from entry where school_id = $1 and pupil_id is null order by number"  # noqa: S608


async def school_now(session: SchoolSession) -> SchoolNow:
    """Read the school's own row and the end of its ledger, without locking either."""
    row = await session.connection.fetchrow(_NOW, session.school_id)
    if row is None:
        raise LookupError("the directory names a school that has no row")
    return SchoolNow(**dict(row.items()))


NOW_COLUMNS: Final = tuple(field.name for field in fields(SchoolNow))


def recorded_from(row: Mapping[str, Any]) -> Recorded:
    """Rebuild an entry as the ledger holds it from a row of `RECORDED`."""
    number, recorded_at, kind, author, assurance, type_, occurred_on, body, pupil, supersedes = row.values()
    return Recorded(
        number=number,
        recorded_at=recorded_at,
        author=Author(kind=AuthorKind(kind), id=author, assurance=Assurance(assurance)),
        entry=entry_from(type_, occurred_on, None if body is None else loads(body)),
        pupil=pupil,
        supersedes=supersedes,
    )


class SchoolRecords:
    """The school-level records last read, kept while their last number stands; bounded."""

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._kept: OrderedDict[UUID, tuple[int, School]] = OrderedDict()

    async def load(self, session: SchoolSession, number: int) -> School:
        """Give the school folded from its own entries; `number` is the last school-level number, as just read."""
        kept = self._kept.get(session.school_id)
        if kept is not None and kept[0] == number:
            self._kept.move_to_end(session.school_id)
            return kept[1]
        school = School.fold(recorded_from(row) for row in await session.connection.fetch(_SCHOOL_ENTRIES, session.school_id))
        if school.last_number == number:
            self._kept[session.school_id] = (number, school)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return school


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchool:
    """What is needed to open a school; `clock_ahead` (microseconds) may be other than 0 in a sandbox alone."""

    id: UUID
    urn: str
    name: str
    authority: str
    organisation_id: UUID
    is_sandbox: bool
    clock_ahead: int = 0


_DIRECTORY = "insert into directory (urn, school_id, organisation_id, authority, name, is_sandbox) values ($1, $2, $3, $4, $5, $6)"
_SCHOOL = "insert into school (school_id, urn, name, authority, is_sandbox, clock_ahead, created_at) values ($1, $2, $3, $4, $5, $6, $7)"
_HEAD = "insert into ledger_head (school_id, epoch, number, school_number, link, recorded_at) values ($1, 1, 0, 0, $2, $3)"


async def create_school(session: Session, new: NewSchool, *, at: datetime) -> SchoolSession:
    """Write a school, its place in the directory and the head of its ledger; from here on the transaction is that school's."""
    connection = session.connection
    await connection.execute(_DIRECTORY, new.urn, new.id, new.organisation_id, new.authority, new.name, new.is_sandbox)
    await connection.execute("select app_set_school($1)", new.id)
    await connection.execute(_SCHOOL, new.id, new.urn, new.name, new.authority, new.is_sandbox, new.clock_ahead, at)
    await connection.execute(_HEAD, new.id, first_link(new.id), at + new.clock_ahead * MOMENT)
    return SchoolSession(connection, new.id)


async def move_clock(session: SchoolSession, ahead: int) -> bool:
    """Set a sandbox school's clock; False when it is no sandbox or would go back."""
    moved = await session.connection.fetchval(
        "update school set clock_ahead = $2 where school_id = $1 and is_sandbox and clock_ahead <= $2 returning true",
        session.school_id,
        ahead,
    )
    return bool(moved)


async def ask_for_rederivation(session: SchoolSession) -> None:
    """Note that what is owed must be derived anew for the whole school, which a worker then does."""
    await session.connection.execute("update school set rules_version = null where school_id = $1", session.school_id)


async def set_identity_provider(session: SchoolSession, provider: dict[str, object]) -> None:
    """Keep the issuer and public keys that prove who a member of staff is."""
    await session.connection.execute("update school set identity_provider = $2 where school_id = $1", session.school_id, provider)
