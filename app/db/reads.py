"""The hottest reads: each is one statement and so a transaction of its own, which sets its tenant, and answers in JSON as it is sent."""

from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of what is owed at a school by the ids of its rows, with all that its version is made of.

    `last_on` is the day by which the last row of the page is sorted; None where fewer than a whole page are left.
    """

    clock_ahead: int
    horizon: date | None
    rules_version: str | None
    number: int
    school_number: int
    ids: tuple[str, ...]
    last_on: date | None


_OBLIGATIONS: Final = "select * from read_obligations($1, $2, $3, $4, $5, $6)"


async def read_obligations(sessions: Sessions, entrance: Entrance, day: date, after: tuple[date, UUID] | None, *, page: int) -> Listed:
    """Name the rows of one page, and the one after it, of all that is owed at a school as known now and as it stands on a day.

    Raises the errors of `app.db.entrance` when the client may not do this at this moment.
    """
    row = await sessions.ask(_OBLIGATIONS, entrance.urn, entrance.client_id, day, *(after or (None, None)), page)
    if row is None:
        entrance.admit(None)
        raise AssertionError("nobody is let in without a row")
    *standing, clock_ahead, horizon, rules_version, number, school_number, ids, last_on = row.values()
    entrance.admit(standing_from(standing))
    return Listed(
        clock_ahead=clock_ahead,
        horizon=horizon,
        rules_version=rules_version,
        number=number,
        school_number=school_number,
        ids=tuple((ids or "").split()),
        last_on=last_on,
    )
