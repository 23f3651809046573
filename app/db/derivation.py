"""How far and under which rules a school's obligations were derived."""

from datetime import date
from uuid import UUID

from app.db.session import SchoolSession


async def lock_pupils(session: SchoolSession, *, after: UUID | None, limit: int) -> list[UUID]:
    """Lock the next pupils, but no erased ones, by id, so that nobody writes on their records until the transaction ends."""
    rows = await session.connection.fetch(
        "select id from pupil where school_id = $1 and ($2::uuid is null or id > $2) and erased_by is null order by id limit $3 for update",
        session.school_id,
        after,
        limit,
    )
    return [row["id"] for row in rows]


async def has_pupils(session: SchoolSession) -> bool:
    """Whether the school has ever had a pupil here, so that there may be something to derive."""
    return bool(await session.connection.fetchval("select exists (select from pupil where school_id = $1)", session.school_id))


async def derived(session: SchoolSession, *, horizon: date, rules_version: str) -> None:
    """Note that all obligations stand as these rules give them, up to the horizon, inside."""
    await session.connection.execute(
        "update school set horizon = $2, rules_version = $3 where school_id = $1",
        session.school_id,
        horizon,
        rules_version,
    )
