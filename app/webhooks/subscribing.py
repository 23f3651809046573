"""An organisation says where it wants to hear of events; the address is checked at once, and again at every attempt."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Literal
from uuid import UUID

from app.casework.taking import Means
from app.db import subscriptions
from app.db.organisations import find_client
from app.db.session import Session, Sessions
from app.db.subscriptions import Subscription
from app.keys.sealing import Sealer
from app.webhooks.egress import Range, Resolver, check_url, resolve, system_resolver
from app.webhooks.signing import new_signing_secret
from app.webhooks.signing_secrets import SigningSecret, rotated, seal_secrets, unseal_secrets

SECRET_BYTES: Final = 32
MOST_STANDING: Final = 50
State = Literal["active", "paused", "ended"]


class SubscriptionUnknownError(Exception):
    """The caller's organisation has no such subscription, or has ended it."""


class TooManySubscriptionsError(Exception):
    """The organisation has as many subscriptions as one may have; those that ended are not counted."""


class Subscribing:
    """Registers endpoints; `allowed` are the operator's own ranges that may be sent to beside the public network."""

    def __init__(
        self, sessions: Sessions, means: Means, sealer: Sealer, *, allowed: Sequence[Range] = (), resolver: Resolver = system_resolver
    ) -> None:
        self.sessions = sessions
        self._means = means
        self._sealer = sealer
        self._allowed = tuple(allowed)
        self._resolver = resolver

    async def register(self, client_id: UUID, url: str, events: Sequence[str]) -> tuple[Subscription, str]:
        """Keep an endpoint for the client's organisation and give it with its secret, which is shown this once.

        Raises EgressRefusedError for an address that may not be sent to, or whose name cannot be resolved now; TooManySubscriptionsError.
        """
        await resolve(check_url(url, self._allowed), self._resolver, self._allowed)
        secret = self._new_secret()
        async with self.sessions.shared() as session:
            organisation = await organisation_of(session, client_id)
            if await subscriptions.count_standing(session, organisation) >= MOST_STANDING:
                raise TooManySubscriptionsError
            new = Subscription(
                id=self._means.new_id(),
                organisation_id=organisation,
                url=url,
                events=tuple(dict.fromkeys(events)),
                state="active",
                created_at=self._means.now(),
            )
            await subscriptions.insert(session, new, seal_secrets(self._sealer, new.id, [SigningSecret(secret)]))
        return new, secret

    async def rotate(self, client_id: UUID, subscription_id: UUID) -> str:
        """Give a new secret, shown this once; the old one signs beside it for 24 hours. Raises SubscriptionUnknownError."""
        async with self.sessions.shared() as session:
            await own_subscription(session, client_id, subscription_id)
            now, new = self._means.now(), self._new_secret()
            sealed = await subscriptions.sealed_secrets(session, subscription_id, lock=True)
            secrets = rotated(unseal_secrets(self._sealer, subscription_id, sealed, now=now), new, now=now)
            await subscriptions.keep_secrets(session, subscription_id, seal_secrets(self._sealer, subscription_id, secrets))
        return new

    async def change(self, client_id: UUID, subscription_id: UUID, state: State, check: Callable[[Subscription], None]) -> Subscription:
        """Pause a subscription, let it go on, or end it for good. Raises SubscriptionUnknownError, and what `check` of it raises."""
        async with self.sessions.shared() as session:
            found = await own_subscription(session, client_id, subscription_id, lock=True)
            check(found)
            await subscriptions.move(session, subscription_id, state)
        return replace(found, state=state)

    def _new_secret(self) -> str:
        return new_signing_secret(self._means.dice(SECRET_BYTES))


async def organisation_of(session: Session, client_id: UUID) -> UUID:
    """The organisation behind a client that was just let in."""
    client = await find_client(session, client_id)
    if client is None:
        raise LookupError("a client that was let in has a row")
    return client.organisation.id


async def own_subscription(session: Session, client_id: UUID, subscription_id: UUID, *, lock: bool = False) -> Subscription:
    """Find a subscription of the client's own organisation that has not ended. Raises SubscriptionUnknownError."""
    found = await subscriptions.find(session, subscription_id, lock=lock)
    if found is None or found.state == "ended" or found.organisation_id != await organisation_of(session, client_id):
        raise SubscriptionUnknownError
    return found
