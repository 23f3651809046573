"""Reads the feed: asks in one look which of many ledgers have moved, and visits those in turn, each in a transaction of its own."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from app.casework.lookout import Lookout
from app.db.entrance import Entrance, NoGrantError, SchoolUnknownError, Scope
from app.db.feed import BEGINNING, Change, Place, Seen, fitting, read_changes, seen_schools, survived
from app.db.feed_places import Places
from app.db.session import Sessions
from app.db.sweep import Sweep

PORTION: Final = 20
"""So many changes of one school are dealt out before it is the next one's turn."""
MOST_VISITS: Final = 100
"""A page looks into so many schools at most, and is shorter than was asked for where each of them has little to tell."""
MOST_BYTES: Final = 8_000_000
"""What the entries of a page say may take so much, and one entry more; beyond that the page is shorter than was asked for."""
_log = structlog.get_logger("app.casework.feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, and what: the schools named, or all that the client may see; `in_full` with what each entry says."""

    client_id: UUID
    scope: Scope
    token_scopes: frozenset[str]
    schools: frozenset[str] | None = None
    limit: int = 100
    in_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a reader is: a place at each school, and the URN of the school that had the last turn, empty before the first."""

    places: Places
    turn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One page: changes with the URN of their school, and the position after them.

    `has_more` when more was there already. `restarted` are the schools whose ledger was restored from a backup after some of what had been
    read was written, with the number after which it goes on; `stopped` those that can be read no further because a number is missing.
    """

    changes: tuple[tuple[str, Change], ...]
    position: Position
    has_more: bool
    not_seen: tuple[str, ...]
    restarted: Mapping[str, Place]
    stopped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A school whose ledger ends elsewhere than where the reader is."""

    urn: str
    place: Place
    head: Place

    @property
    def pending(self) -> int:
        """How many changes wait there; one at least, since a ledger that was restored is looked at even so."""
        return max(1, self.head.number - self.place.number)

    @property
    def is_behind(self) -> bool:
        """Whether the ledger ends before the place, in the same life or an earlier one: a backup was put in place and nobody said so."""
        return self.head < self.place


@dataclass(slots=True)
class _Taken:
    """What was taken so far, and for how many bytes there is room still."""

    places: dict[str, Place]
    room: int
    changes: list[tuple[str, Change]] = field(default_factory=list)
    restarted: dict[str, Place] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


class Feed:
    """Gives pages of the feed; nothing is remembered between two of them."""

    def __init__(self, sessions: Sessions, sweep: Sweep, lookout: Lookout, *, most_bytes: int = MOST_BYTES) -> None:
        self._sessions = sessions
        self._sweep = sweep
        self._lookout = lookout
        self._most_bytes = most_bytes

    async def ends(self, reader: Reader) -> Position:
        """Give the position after all that is written now."""
        seen = await self._seen(reader)
        heads = await self._sweep.heads([school.school_id for school in seen])
        return Position(places={school.urn: heads[school.school_id] for school in seen})

    async def page(self, reader: Reader, position: Position, wait_s: float) -> FeedPage:
        """Give what follows a position, and wait up to so many seconds where there is nothing yet.

        Raises ClientRevokedError and ScopeMissingError.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            mark = self._lookout.mark
            seen = await self._seen(reader)
            heads = await self._sweep.heads([school.school_id for school in seen])
            page = await self._page(reader, position, seen, heads)
            if page.changes or page.restarted or page.has_more or loop.time() >= until:
                return page
            await self._lookout.until_moved(heads, mark, until - loop.time())

    async def _seen(self, reader: Reader) -> list[Seen]:
        async with self._sessions.shared() as session:
            seen = await seen_schools(session, reader.client_id, reader.scope)
        return [school for school in seen if reader.schools is None or school.urn in reader.schools]

    async def _page(self, reader: Reader, position: Position, seen: Sequence[Seen], heads: Mapping[UUID, Place]) -> FeedPage:
        moved = in_turn(moved_of(position.places, seen, heads), position.turn)
        shares = shares_of([school.pending for school in moved[:MOST_VISITS]], reader.limit)
        taken = _Taken(places=dict(position.places), room=self._most_bytes)
        turn = position.turn
        for school, share in zip(moved, shares, strict=False):
            if share and taken.room > 0:
                await self._visit(reader, school, share, taken)
                turn = school.urn
        left = (school for school in moved if taken.places.get(school.urn) != school.head and school.urn not in taken.closed)
        return FeedPage(
            changes=tuple(taken.changes),
            position=Position(places=taken.places, turn=turn),
            has_more=any(left),
            not_seen=tuple(sorted((reader.schools or frozenset()) - {school.urn for school in seen})),
            restarted=taken.restarted,
            stopped=tuple(taken.stopped),
        )

    async def _visit(self, reader: Reader, school: Moved, share: int, taken: _Taken) -> None:
        """Take a school's share; a school that lets the client in no more is passed over and its place kept."""
        entrance = Entrance(urn=school.urn, client_id=reader.client_id, scope=reader.scope, token_scopes=reader.token_scopes)
        try:
            async with self._sessions.enter(entrance, read_only=True) as session:
                after = await survived(session, school.place) if school.head.epoch > school.place.epoch else school.place.number
                if reader.in_full:
                    share, spent = await fitting(session, after, share, taken.room)
                    taken.room -= spent
                changes = () if school.is_behind else await read_changes(session, after, share, in_full=reader.in_full)
        except (NoGrantError, SchoolUnknownError):
            taken.closed.append(school.urn)
            return
        if after < school.place.number:
            taken.restarted[school.urn] = Place(school.head.epoch, after)
        if school.is_behind or len(changes) < min(share, school.head.number - after):
            taken.stopped.append(school.urn)
            taken.closed.append(school.urn)
            _log.error("feed.gap", school=str(session.school_id), count=after + len(changes))
        if not school.is_behind:
            taken.places[school.urn] = Place(school.head.epoch, after + len(changes))
            taken.changes += [(school.urn, change) for change in changes]


def moved_of(places: Places, seen: Sequence[Seen], heads: Mapping[UUID, Place]) -> list[Moved]:
    """List the schools whose ledgers end elsewhere than where the reader is."""
    ended = ((urn, places.get(urn, BEGINNING), heads.get(school_id, BEGINNING)) for urn, school_id in seen)
    return [Moved(urn, place, head) for urn, place, head in ended if place != head]


def in_turn(moved: Sequence[Moved], turn: str) -> list[Moved]:
    """Put schools in the order of their turns: those after the one that had the last, then the others."""
    return sorted(moved, key=lambda school: (school.urn <= turn, school.urn))


def shares_of(pending: Sequence[int], limit: int) -> list[int]:
    """Deal `limit` changes out in portions, one after another and round again, until nothing is left of the limit or of what waits."""
    shares = [0] * len(pending)
    while limit and any(share < there for share, there in zip(shares, pending, strict=True)):
        for place, there in enumerate(pending):
            portion = min(PORTION, there - shares[place], limit)
            shares[place] += portion
            limit -= portion
    return shares
