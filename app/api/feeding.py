"""The cursors of the feed: a few places are sealed into the cursor itself, many are kept as a row that it names; neither ever changes."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.api.manners.pages import Cursors, SortKey
from app.api.manners.problems import ApiError
from app.casework.expiry import PLACES_LIVE
from app.casework.feed import Position
from app.db import feed_places
from app.db.feed import Place
from app.db.feed_places import KeptPlaces, Places, packed, unpacked
from app.db.session import Sessions

MOST_INSIDE: Final = 100
"""So many places go into a cursor itself."""
LONGEST_CURSOR: Final = 2_000
KEPT_ANEW_AFTER: Final = PLACES_LIVE / 2
"""A reader to whom nothing happens for so long is given a new row, since the old one will be forgotten."""
RAN_OUT: Final = (
    "This cursor was given out more than {days} days ago and its places were let go. Begin again with start=beginning and pass over what "
    "you have, by urn and number; or show yourself by /ledger/windows that you have everything, then begin with start=now."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What a cursor says: a position, and the row upon which it is written, if any."""

    position: Position
    upon: KeptPlaces | None
    text: str | None


class FeedCursors:
    """Writes and reads the cursors of one client; `new_id` and `now` are for the rows."""

    def __init__(self, cursors: Cursors, sessions: Sessions, client_id: UUID, *, new_id: Callable[[], UUID], now: datetime) -> None:
        self._cursors = cursors
        self._sessions = sessions
        self._client_id = client_id
        self._new_id = new_id
        self._now = now

    async def stand(self, cursor: str) -> Stand:
        """Read a cursor; ApiError when it is not this client's, or its row was let go."""
        key = self._cursors.open(_name(self._client_id), cursor)
        row, turn, inside = key or ("", "", "")
        upon = await self._found(UUID(str(row))) if row else None
        places = {**({} if upon is None else upon.places), **unpacked(base64.b64decode(str(inside)))}
        return Stand(position=Position(places=places, turn=str(turn)), upon=upon, text=cursor)

    async def _found(self, row: UUID) -> KeptPlaces:
        async with self._sessions.shared() as session:
            upon = await feed_places.find(session, row, self._client_id)
        if upon is None:
            raise ApiError("gone", RAN_OUT.format(days=PLACES_LIVE.days), act_by="vendor")
        return upon

    async def cursor(self, position: Position, before: Stand | None = None) -> str:
        """Write a position that was come to from another; where nothing changed it is the same cursor, and no row is written."""
        upon = None if before is None else before.upon
        is_ageing = upon is not None and self._now - upon.made_at > KEPT_ANEW_AFTER
        if before is not None and before.text is not None and before.position == position and not is_ageing:
            return before.text
        inside = _beyond({} if upon is None else upon.places, position.places)
        if is_ageing or len(inside) > MOST_INSIDE:
            upon = KeptPlaces(id=self._new_id(), client_id=self._client_id, places=position.places, made_at=self._now)
            async with self._sessions.shared() as session:
                await feed_places.keep(session, upon)
            inside = {}
        return _sealed(self._cursors, self._client_id, ("" if upon is None else str(upon.id), position.turn, _text(inside)))


def snapshot(cursors: Cursors, client_id: UUID, urn: str, place: Place) -> str:
    """Write the cursor of a client that stands at one place of one school."""
    return _sealed(cursors, client_id, ("", "", _text({urn: place})))


def _sealed(cursors: Cursors, client_id: UUID, key: SortKey) -> str:
    return cursors.seal(_name(client_id), key)


def _name(client_id: UUID) -> str:
    return f"changes {client_id}"


def _beyond(kept: Places, places: Places) -> Mapping[str, Place]:
    return {urn: place for urn, place in places.items() if kept.get(urn) != place}


def _text(places: Places) -> str:
    return base64.b64encode(packed(places)).decode()
