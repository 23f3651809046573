"""An authority tells a school of a request that it received itself; nothing is looked up in any record, so the answer tells of none."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Final
from uuid import UUID

import orjson

from app.casework.evidence import RequestUnknownError
from app.casework.taking import Casework, require_bounds
from app.db import deliveries, opened_requests
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.deliveries import REQUEST_OPENED, Event
from app.db.opened_requests import NewOpening, Opening, Told
from app.db.sealed import opened_about
from app.db.session import SchoolSession
from app.domain.entries import Requester
from app.keys.sealing import Sealer

PADDED_TO: Final = 1_024
"""So long is what is sealed, so that the length of a name stands nowhere."""


class SchoolNotHereError(Exception):
    """No school of the caller's side is here under that number."""


class ReferenceReusedError(Exception):
    """The authority told the school of another request under the same reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """Whom a request is about, as the authority says; the number only where it knows one."""

    surname: str
    forename: str
    date_of_birth: date
    upn: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """What an authority says of a request that it received; reference and officer are its own."""

    urn: str
    reference: str
    requester: Requester
    received_on: date
    about: Child
    officer: str


async def open_request(casework: Casework, sealer: Sealer, entrance: AuthorityEntrance, opens: Opens) -> Told:
    """Keep it for the school to answer, and tell its subscribers; the same once more is the same opening, with what came of it.

    Raises SchoolNotHereError, ReferenceReusedError, OccurredOutOfBoundsError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter_authority(entrance) as session:
        school_id = await opened_requests.school_at(session, opens.urn, is_sandbox=session.is_sandbox)
    if school_id is None:
        raise SchoolNotHereError
    async with casework.sessions.for_school(school_id) as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        opening_id = await _keep(casework, sealer, session, entrance, opens)
    casework.means.wake()
    async with casework.sessions.enter_authority(entrance) as session:
        found = await opened_requests.told(session, opening_id)
    if found is None:
        raise RequestUnknownError
    return found


async def _keep(casework: Casework, sealer: Sealer, session: SchoolSession, entrance: AuthorityEntrance, opens: Opens) -> UUID:
    """The one named step of an authority in a school's transaction."""
    require_bounds((await casework.open(session)).today, None, opens.received_on)
    means, opening_id = casework.means, casework.means.new_id()
    new = NewOpening(
        id=opening_id,
        authority=entrance.authority,
        reference=opens.reference,
        requester=opens.requester.value,
        received_on=opens.received_on,
        sealed_about=sealer.seal(_written(opens.about), about=opened_about(opening_id)),
        officer=opens.officer,
        client_id=entrance.client_id,
        opened_at=means.now(),
    )
    if await opened_requests.insert(session, new):
        await deliveries.owe(session, [Event(event=REQUEST_OPENED)], new_id=means.new_id, now=means.now())
        return opening_id
    earlier = await opened_requests.under(session, entrance.authority, opens.reference)
    if earlier is None or not _is_same(sealer, earlier, opens):
        raise ReferenceReusedError
    return earlier.id


def _is_same(sealer: Sealer, earlier: Opening, opens: Opens) -> bool:
    """Whoever writes at the authority may change; once the school has answered, whom it was about is forgotten and compared no more."""
    if (earlier.requester, earlier.received_on) != (opens.requester.value, opens.received_on):
        return False
    about = child_of(sealer, earlier)
    return about is None or about == opens.about


def child_of(sealer: Sealer, opening: Opening) -> Child | None:
    """Unseal whom an opening is about, None once the school has answered."""
    if opening.sealed_about is None:
        return None
    said = orjson.loads(sealer.unseal(opening.sealed_about, about=opened_about(opening.id)))
    return Child(**{**said, "date_of_birth": date.fromisoformat(said["date_of_birth"])})


def _written(about: Child) -> bytes:
    return orjson.dumps(asdict(about)).ljust(PADDED_TO)
