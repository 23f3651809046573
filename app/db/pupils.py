"""The roll: pupils by name and number, the people around them, and the summaries that lists are made of."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.session import SchoolSession
from app.domain.others_named import OnRoll


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPupil:
    """A pupil who comes on roll."""

    id: UUID
    upn: str
    surname: str
    forename: str
    date_of_birth: date
    sex: str | None = None
    year_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilStanding:
    """A pupil of a list: who, and what is derived from the record."""

    id: UUID
    upn: str
    surname: str
    forename: str
    date_of_birth: date
    sex: str | None
    year_group: str | None
    left_on: date | None
    last_number: int
    summary: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """How a contact is named and reached."""

    id: UUID
    pupil_id: UUID
    name: str
    channel: str
    email: str | None
    phone: str | None
    address: str | None
    language: str
    format: str


def id_from(text: str) -> UUID:
    """Read an id that we wrote as text."""
    return UUID(text)


async def has_upn(session: SchoolSession, upn: str) -> bool:
    """Whether a pupil of this school has this UPN."""
    return await session.connection.fetchval("select true from pupil where school_id = $1 and upn = $2", session.school_id, upn) is not None


_INSERT = """
insert into pupil (school_id, id, upn, surname, forename, date_of_birth, sex, year_group, last_number, status, summary)
values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'N', '{}')
"""


async def insert(session: SchoolSession, new: NewPupil) -> None:
    """Put a pupil on roll, with nothing recorded yet."""
    n = new
    await session.connection.execute(_INSERT, session.school_id, n.id, n.upn, n.surname, n.forename, n.date_of_birth, n.sex, n.year_group)


_LIST = """
select id, upn, surname, forename, date_of_birth, sex, year_group, left_on, last_number, summary
  from pupil
 where school_id = $1 and id > $2
   and ($3::text is null or status = $3) and ($4::boolean is null or (undecided_since is not null) = $4)
   and ($5::boolean or left_on is null) and merged_into is null and erased_by is null
 order by id limit $6
"""
_FIRST = UUID(int=0)


async def list_pupils(
    session: SchoolSession,
    *,
    after: UUID | None,
    limit: int,
    status: str | None = None,
    undecided: bool | None = None,
    with_leavers: bool = False,
) -> list[PupilStanding]:
    """List pupils in the order of their ids, after one of them."""
    rows = await session.connection.fetch(_LIST, session.school_id, after or _FIRST, status, undecided, with_leavers, limit)
    return [PupilStanding(**dict(row.items())) for row in rows]


# $2 is the pupil; with it come those whose records were joined to the pupil's.
JOINED = "$2::uuid || array(select p.id from pupil p where p.school_id = $1 and p.merged_into = $2::uuid)"
_CONTACT = "id, pupil_id, name, channel, email, phone, address, language, format"


async def insert_contact(session: SchoolSession, contact: ContactDetails) -> None:
    """Keep how a contact is named and reached."""
    c = contact
    await session.connection.execute(
        f"insert into contact (school_id, {_CONTACT}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",  # noqa: S608
        session.school_id, c.id, c.pupil_id, c.name, c.channel, c.email, c.phone, c.address, c.language, c.format,
    )  # fmt: skip


async def update_contact(session: SchoolSession, contact: ContactDetails) -> bool:
    """Change how a contact is named and reached; False when the pupil has no such contact."""
    c = contact
    found = await session.connection.fetchval(
        "update contact set name = $4, channel = $5, email = $6, phone = $7, address = $8, language = $9, format = $10"
        " where school_id = $1 and id = $2 and pupil_id = $3 returning true",
        session.school_id, c.id, c.pupil_id, c.name, c.channel, c.email, c.phone, c.address, c.language, c.format,
    )  # fmt: skip
    return bool(found)


async def contacts_of(session: SchoolSession, pupil_id: UUID, *, lock: bool = False) -> list[ContactDetails]:
    """Read a pupil's contacts, and those of records that were joined to the pupil's."""
    query = f"select {_CONTACT} from contact where school_id = $1 and pupil_id = any({JOINED}) order by id"  # noqa: S608
    rows = await session.connection.fetch(f"{query} for update" if lock else query, session.school_id, pupil_id)
    return [ContactDetails(**dict(row.items())) for row in rows]


async def exists(session: SchoolSession, pupil_id: UUID) -> bool:
    """Whether this school has such a pupil, who was not erased."""
    found = await session.connection.fetchval(
        "select true from pupil where school_id = $1 and id = $2 and erased_by is null", session.school_id, pupil_id
    )
    return found is not None


async def everybody(session: SchoolSession) -> list[OnRoll]:
    """Name every pupil whose record is at this school, on roll or gone, and not erased."""
    rows = await session.connection.fetch(
        "select id, surname, forename, upn from pupil where school_id = $1 and erased_by is null order by id", session.school_id
    )
    return [OnRoll(**dict(row.items())) for row in rows]


async def joined_to(session: SchoolSession, pupil_id: UUID) -> list[UUID]:
    """The ids under which a pupil's own entries stand: the pupil's, and those of records that were joined to it."""
    rows = await session.connection.fetch(f"select unnest({JOINED}) as id", session.school_id, pupil_id)
    return [row["id"] for row in rows]
