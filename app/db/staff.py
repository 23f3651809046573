"""Staff by name; which role they hold when stands in the school's record."""

from dataclasses import dataclass
from uuid import UUID

from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """A member of staff."""

    id: UUID
    name: str


async def insert(session: SchoolSession, member: StaffMember) -> None:
    """Keep a member of staff's name."""
    await session.connection.execute(
        "insert into staff (school_id, id, name) values ($1, $2, $3)", session.school_id, member.id, member.name
    )


async def list_staff(session: SchoolSession, *, after: UUID | None, limit: int) -> list[StaffMember]:
    """List staff in the order of their ids, after one of them."""
    rows = await session.connection.fetch(
        "select id, name from staff where school_id = $1 and id > $2 order by id limit $3", session.school_id, after or UUID(int=0), limit
    )
    return [StaffMember(**dict(row.items())) for row in rows]


async def is_known(session: SchoolSession, staff_id: UUID) -> bool:
    """Whether the school has such a member of staff."""
    known = await session.connection.fetchval("select true from staff where school_id = $1 and id = $2", session.school_id, staff_id)
    return known is not None


async def names_of(session: SchoolSession, ids: list[UUID]) -> dict[UUID, str]:
    """Name members of staff for a document."""
    rows = await session.connection.fetch(
        "select id, name from staff where school_id = $1 and id = any($2::uuid[])", session.school_id, ids
    )
    return {row["id"]: row["name"] for row in rows}
