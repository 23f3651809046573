"""A whole roll at once: the pupils that a school already has, and those that come new, in few statements however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.db.pupils import ContactDetails, NewPupil
from app.db.records import PupilRef
from app.db.schools import RECORDED, recorded_from
from app.db.session import SchoolSession
from app.domain.entries import Recorded
from app.domain.record import Record
from app.domain.school import School


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A pupil whom the school already has, with the whole record and how the contacts are named and reached."""

    pupil: PupilRef
    record: Record
    contacts: tuple[ContactDetails, ...] = ()


# The number of a record that was joined to another leads to that other one.
_PUPILS: Final = """
select k.id, p.upn, k.surname, k.forename, k.date_of_birth, k.sex, k.year_group, k.left_on, k.last_number
  from pupil p join pupil k on k.school_id = $1 and k.id = coalesce(p.merged_into, p.id)
 where p.school_id = $1 and p.upn = any($2::text[]) order by k.id
"""
_JOINED: Final = "select id, merged_into from pupil where school_id = $1 and merged_into = any($2::uuid[])"
_ENTRIES: Final = f"select {RECORDED} from entry where school_id = $1 and pupil_id = any($2::uuid[]) order by number"  # noqa: S608
_CONTACTS: Final = """
select id, pupil_id, name, channel, email, phone, address, language, format
  from contact where school_id = $1 and pupil_id = any($2::uuid[]) order by id
"""
_ADD_PUPILS: Final = """
insert into pupil (school_id, id, upn, surname, forename, date_of_birth, sex, year_group, last_number, status, summary)
select $1, p.*, 0, 'N', '{}'
  from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[]) p
"""
_RENAME: Final = """
update pupil p set surname = n.surname, forename = n.forename, sex = n.sex, year_group = n.year_group
  from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) n (id, surname, forename, sex, year_group)
 where p.school_id = $1 and p.id = n.id
"""
_ADD_CONTACTS: Final = """
insert into contact (school_id, id, pupil_id, name, channel, email, phone, address, language, format)
select $1, c.* from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]) c
"""


async def held_by_upn(session: SchoolSession, school: School, upns: Sequence[str], *, lock: bool) -> dict[str, Held]:
    """Read the pupils of this school who have, or whose joined record has, one of these UPNs.

    With `lock`, in order of id, nobody else writes on their records.
    """
    query = f"{_PUPILS} for update of k" if lock else _PUPILS
    found = [PupilRef(**dict(row.items())) for row in await session.connection.fetch(query, session.school_id, list(upns))]
    ids = [pupil.id for pupil in found]
    kept = {id_: id_ for id_ in ids}
    kept |= {row["id"]: row["merged_into"] for row in await session.connection.fetch(_JOINED, session.school_id, ids)}
    entries: dict[UUID, list[Recorded]] = {id_: [] for id_ in ids}
    for row in await session.connection.fetch(_ENTRIES, session.school_id, list(kept)):
        entries[kept[row["pupil_id"]]].append(recorded_from(row))
    contacts: dict[UUID, list[ContactDetails]] = {id_: [] for id_ in ids}
    for row in await session.connection.fetch(_CONTACTS, session.school_id, list(kept)):
        contacts[kept[row["pupil_id"]]].append(ContactDetails(**dict(row.items())))
    return {
        pupil.upn: Held(pupil=pupil, record=Record.fold(school, entries[pupil.id], pupil.id), contacts=tuple(contacts[pupil.id]))
        for pupil in found
    }


async def add_pupils(session: SchoolSession, new: Sequence[NewPupil]) -> None:
    """Put pupils on roll, with nothing recorded yet; a UPN that somebody else put there meanwhile is a unique violation."""
    rows = [(n.id, n.upn, n.surname, n.forename, n.date_of_birth, n.sex, n.year_group) for n in new]
    await _by_columns(session, _ADD_PUPILS, rows)


async def rename_pupils(session: SchoolSession, named: Sequence[NewPupil]) -> None:
    """Change how pupils are named and grouped; number and date of birth stay."""
    await _by_columns(session, _RENAME, [(n.id, n.surname, n.forename, n.sex, n.year_group) for n in named])


async def add_contacts(session: SchoolSession, new: Sequence[ContactDetails]) -> None:
    """Keep how contacts are named and reached."""
    rows = [(c.id, c.pupil_id, c.name, c.channel, c.email, c.phone, c.address, c.language, c.format) for c in new]
    await _by_columns(session, _ADD_CONTACTS, rows)


async def _by_columns(session: SchoolSession, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        await session.connection.execute(statement, session.school_id, *(list(column) for column in zip(*rows, strict=True)))
