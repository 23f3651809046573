"""Which record was joined to which, as rows: so that a record is read whole, and its requests are found where it goes on."""

from collections.abc import Sequence
from uuid import UUID

from app.db.session import SchoolSession

_JOIN = "update pupil set merged_into = $2 where school_id = $1 and (id = $3 or merged_into = $3)"
_REQUESTS_TO = "update ehc_request set pupil_id = $2 where school_id = $1 and pupil_id = $3"
_NOTICES_TO = "update notice set pupil_id = $2 where school_id = $1 and pupil_id = $3"
_PART = "update pupil set merged_into = null where school_id = $1 and id = $2"
_ALONG = "update pupil set merged_into = $2 where school_id = $1 and id = any($3::uuid[])"
_REQUESTS_BACK = "update ehc_request set pupil_id = $2 where school_id = $1 and id = any($3::uuid[])"
_NOTICES_BACK = """
update notice n set pupil_id = $2 from entry e
 where n.school_id = $1 and e.school_id = $1 and e.number = n.about and e.pupil_id = any($3::uuid[])
"""
_WAITING = """
select exists (select from bundle b join ehc_request r on r.school_id = $1 and r.id = b.request_id
                where b.school_id = $1 and b.state = 'waiting' and r.pupil_id = any($2::uuid[]))
"""


async def join(session: SchoolSession, kept: UUID, other: UUID) -> None:
    """Note that a record goes on in another, with whatever had been joined to it, and move its requests and notices there.

    From here on the record that goes on says who may be told, and takes the word that they were.
    """
    await session.connection.execute(_JOIN, session.school_id, kept, other)
    await session.connection.execute(_REQUESTS_TO, session.school_id, kept, other)
    await session.connection.execute(_NOTICES_TO, session.school_id, kept, other)


async def part(session: SchoolSession, other: UUID, requests: Sequence[UUID], along: Sequence[UUID]) -> None:
    """Let a record stand by itself again, with its own requests and notices and with those that had been joined to it before."""
    await session.connection.execute(_PART, session.school_id, other)
    await session.connection.execute(_ALONG, session.school_id, other, list(along))
    await session.connection.execute(_REQUESTS_BACK, session.school_id, other, list(requests))
    await session.connection.execute(_NOTICES_BACK, session.school_id, other, [other, *along])


async def has_bundle_waiting(session: SchoolSession, pupils: Sequence[UUID]) -> bool:
    """Whether a bundle about one of these pupils is still being made."""
    return bool(await session.connection.fetchval(_WAITING, session.school_id, list(pupils)))
