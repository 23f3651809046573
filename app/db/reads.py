"""The hottest reads: each is one statement and so a transaction of its own, which sets its tenant, and answers in JSON as it is sent."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.db.entrance import Entrance, standing_from
from app.db.session import Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a hot read found: JSON text, and the last ledger numbers of the pupil and of the school's own entries."""

    body: str
    number: int
    school_number: int


_PUPIL: Final = "select * from read_pupil($1, $2, $3)"


async def read_pupil(sessions: Sessions, entrance: Entrance, pupil_id: UUID) -> Shown | None:
    """Read where one pupil stands; None when the school has no such pupil.

    Raises the errors of `app.db.entrance` when the client may not do this at this moment.
    """
    row = await sessions.ask(_PUPIL, entrance.urn, entrance.client_id, pupil_id)
    if row is None:
        entrance.admit(None)
        return None
    *standing, number, school_number, body = row.values()
    entrance.admit(standing_from(standing))
    return None if body is None else Shown(body=body, number=number, school_number=school_number)
