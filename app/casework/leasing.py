"""Hands out requests to an authority's clients, each to one at a time: found as the authority, taken as the school they came from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from app.casework.evidence import RequestUnknownError
from app.casework.taking import Casework
from app.db import ehc_requests, request_leases
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.ehc_requests import Sent
from app.db.request_leases import Due, Lease

LOOKED_AT = 20
"""So many more than are asked for are looked at in one go, since others may be taking the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """Requests that are the caller's until a moment, the oldest first."""

    requests: tuple[Sent, ...]
    until: datetime


async def lease(casework: Casework, entrance: AuthorityEntrance, *, most: int, seconds: int) -> Leased:
    """Lease at most so many requests for so long, those that wait longest. Raises the errors of `app.db.entrance`.

    A lease that runs out gives its request back by itself, whatever became of who held it.
    """
    now = casework.means.now()
    holding = Lease(client_id=entrance.client_id, now=now, until=now + timedelta(seconds=seconds))
    async with casework.sessions.enter_authority(entrance) as session:
        waiting = await request_leases.due(session, now=now, limit=most + LOOKED_AT)
    taken: set[UUID] = set()
    while waiting and len(taken) < most:
        tried, waiting = waiting[: most - len(taken)], waiting[most - len(taken) :]
        for school_id, ids in _by_school(tried):
            taken |= await _take(casework, entrance, school_id, ids, holding)
    async with casework.sessions.enter_authority(entrance) as session:
        found = await ehc_requests.sent_with(session, list(taken))
    return Leased(requests=tuple(sorted(found, key=_age)), until=holding.until)


async def give_back(casework: Casework, entrance: AuthorityEntrance, request_id: UUID) -> None:
    """Let others have a request before its time is over; where the caller holds no lease of it, nothing changes.

    Raises RequestUnknownError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter_authority(entrance) as session:
        sent = await ehc_requests.find_sent(session, request_id)
    if sent is None:
        raise RequestUnknownError
    async with casework.sessions.for_school(sent.school_id) as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        await request_leases.give_back(session, request_id, entrance.client_id)


async def _take(casework: Casework, entrance: AuthorityEntrance, school_id: UUID, ids: Sequence[UUID], holding: Lease) -> set[UUID]:
    async with casework.sessions.for_school(school_id) as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        return await request_leases.take(session, ids, holding)


def _by_school(tried: Sequence[Due]) -> Iterator[tuple[UUID, list[UUID]]]:
    in_order = sorted(tried, key=lambda due: due.school_id)
    for school_id, of_school in groupby(in_order, key=lambda due: due.school_id):
        yield school_id, [due.id for due in of_school]


def _age(sent: Sent) -> tuple[object, ...]:
    return (sent.deemed_on, sent.id)
