"""What was sent, or given up, is sent again when its owner or its school asks; the gate is asked anew, and what is withheld stays so."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from app.casework.taking import Casework
from app.db import redelivery, subscriptions
from app.db.client_entrance import AuthorityEntrance, standing_of
from app.db.entrance import Entrance
from app.db.organisations import find_school
from app.db.redelivery import LoggedAttempt, LogRow, Stretch, Wanted
from app.db.session import SchoolSession, Session
from app.domain.notices import Barred
from app.webhooks.receiving.subscribing import SubscriptionUnknownError, organisation_of, own_subscription

MOST_REPLAYED: Final = 10_000
OF_SOMEBODY: Final = frozenset(Barred)
WITHHELD: Final = "withheld"
"""What others read in the place of a reason that lies in the child or the person: it may itself be what they must not be told."""


class DeliveryUnknownError(Exception):
    """There is no such delivery that the caller may see, or none that the caller may have sent again."""


class SubscriptionEndedError(Exception):
    """The subscription has ended, so nothing is sent to it any more."""


class StretchTooLongError(Exception):
    """The stretch holds more deliveries than are sent again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A delivery with its attempts; what was answered is there for the organisation that answered."""

    row: LogRow
    attempts: list[LoggedAttempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of a replay: the numbers that wait anew, in order, and how many waited already."""

    numbers: list[int]
    waiting_already: int


async def log(casework: Casework, entrance: Entrance, wanted: Wanted) -> tuple[list[LogRow], list[LoggedAttempt]]:
    """List a school's deliveries with the attempts at them: all of them to itself, to others what they were owed themselves.

    Raises the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance, read_only=True) as session:
        to = None if session.is_own else await organisation_of(session, entrance.client_id)
        found = [_for_caller(session, row) for row in await redelivery.log_of(session, wanted, to=to)]
        return found, await redelivery.attempts_at(session, found)


async def look(casework: Casework, entrance: Entrance, delivery_id: UUID) -> Looked:
    """Read a delivery of a school. Raises DeliveryUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter(entrance, read_only=True) as session:
        return await _looked(session, await _own(session, entrance.client_id, delivery_id), entrance.client_id)


async def look_of_authority(casework: Casework, entrance: AuthorityEntrance, delivery_id: UUID) -> Looked:
    """Read a delivery to an endpoint of the authority. Raises DeliveryUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter_authority(entrance, read_only=True) as session:
        return await _looked(session, _there(await redelivery.find_of_authority(session, delivery_id)), entrance.client_id)


async def resend(casework: Casework, entrance: Entrance, delivery_id: UUID) -> Looked:
    """Send one delivery of a school again; one that waits already is left as it is.

    Raises DeliveryUnknownError, SubscriptionEndedError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance) as session:
        row = await _own(session, entrance.client_id, delivery_id)
        again = await _resent(casework, session, row, entrance.client_id)
    casework.means.wake()
    return again


async def resend_of_authority(casework: Casework, entrance: AuthorityEntrance, delivery_id: UUID) -> Looked:
    """As `resend`, for a delivery to an endpoint of the caller's own organisation, an authority."""
    async with casework.sessions.enter_authority(entrance, read_only=True) as asking:
        row = _there(await redelivery.find_of_authority(asking, delivery_id))
        if row.organisation_id != await organisation_of(asking, entrance.client_id):
            raise DeliveryUnknownError
    async with casework.sessions.for_school(row.school_id) as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        again = await _resent(casework, session, row, entrance.client_id)
    casework.means.wake()
    return again


async def replay(casework: Casework, entrance: Entrance, subscription_id: UUID, stretch: Stretch) -> Replayed:
    """Send a stretch of a school's deliveries to one subscription again, in the order of their numbers.

    Raises SubscriptionUnknownError, StretchTooLongError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance) as session:
        found = await subscriptions.find(session, subscription_id)
        if found is None or not session.is_own:
            found = await own_subscription(session, entrance.client_id, subscription_id)
        replayed = await _replayed(casework, session, found.id, stretch)
    casework.means.wake()
    return replayed


async def replay_of_authority(
    casework: Casework, entrance: AuthorityEntrance, subscription_id: UUID, urn: str, stretch: Stretch
) -> Replayed:
    """As `replay`, at the school with a number, for a subscription of the caller's own organisation, an authority."""
    async with casework.sessions.enter_authority(entrance, read_only=True) as asking:
        await own_subscription(asking, entrance.client_id, subscription_id)
        school = await find_school(asking, urn)
    if school is None:
        raise SubscriptionUnknownError
    async with casework.sessions.for_school(school.school_id) as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        replayed = await _replayed(casework, session, subscription_id, stretch)
    casework.means.wake()
    return replayed


async def _own(session: SchoolSession, client_id: UUID, delivery_id: UUID) -> LogRow:
    """Find a delivery that is the caller's to look at: any of its own school, elsewhere one to its own organisation."""
    row = _there(await redelivery.find(session, delivery_id))
    if not session.is_own and row.organisation_id != await organisation_of(session, client_id):
        raise DeliveryUnknownError
    return _for_caller(session, row)


def _for_caller(session: SchoolSession, row: LogRow) -> LogRow:
    return row if session.is_own or row.reason not in OF_SOMEBODY else replace(row, reason=WITHHELD)


def _there(row: LogRow | None) -> LogRow:
    if row is None:
        raise DeliveryUnknownError
    return row


async def _looked(session: Session, row: LogRow, client_id: UUID) -> Looked:
    is_owner = row.organisation_id == await organisation_of(session, client_id)
    return Looked(row=row, attempts=await redelivery.attempts_at(session, [row], answers=is_owner))


async def _resent(casework: Casework, session: SchoolSession, row: LogRow, client_id: UUID) -> Looked:
    await _require_going_on(session, row.subscription_id)
    await redelivery.send_again(session, [row.id], now=casework.means.now())
    return await _looked(session, _for_caller(session, _there(await redelivery.find(session, row.id))), client_id)


async def _replayed(casework: Casework, session: SchoolSession, subscription_id: UUID, stretch: Stretch) -> Replayed:
    if not await subscriptions.attached(session, [subscription_id]):
        raise SubscriptionUnknownError
    await _require_going_on(session, subscription_id)
    found = await redelivery.stretch_of(session, subscription_id, stretch, limit=MOST_REPLAYED + 1)
    if len(found) > MOST_REPLAYED:
        raise StretchTooLongError
    numbers = await redelivery.send_again(session, found, now=casework.means.now())
    return Replayed(numbers=numbers, waiting_already=len(found) - len(numbers))


async def _require_going_on(session: SchoolSession, subscription_id: UUID) -> None:
    found = await subscriptions.find(session, subscription_id)
    if found is None or found.state == "ended":
        raise SubscriptionEndedError
