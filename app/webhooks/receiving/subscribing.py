"""An organisation says where it wants to hear of events; an address is checked at once, and again at every attempt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from app.casework.taking import Means
from app.db import subscriptions
from app.db.deliveries import EVIDENCE_BUNDLE
from app.db.organisations import find_client
from app.db.session import Session, Sessions
from app.db.subscriptions import Subscription
from app.keys.sealing import Sealer
from app.webhooks.sending.adapters import Adapter
from app.webhooks.sending.signing import new_signing_secret
from app.webhooks.sending.signing_secrets import SigningSecret, rotated, seal_secrets, unseal_secrets

SECRET_BYTES: Final = 32
MOST_STANDING: Final = 50
MAILBOX: Final = "mailbox"
Kind = Literal["push", "mailbox"]
State = Literal["active", "paused"]


class SubscriptionUnknownError(Exception):
    """The caller's organisation has no such subscription, or has ended it."""


class TooManySubscriptionsError(Exception):
    """The organisation has as many subscriptions as one may have; those that ended are not counted."""


class OfMailboxError(Exception):
    """A mailbox has no address that could be sent to, and no secret that would sign."""


class WishUnfitError(Exception):
    """What is wished for does not go together: which member, a stable reason and a plain sentence."""

    def __init__(self, member: str, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.member, self.reason, self.sentence = member, reason, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an organisation wants of a subscription; in a change, None leaves a thing as it is."""

    url: str | None = None
    events: Sequence[str] | None = None
    state: State | None = None


class Subscribing:
    """Registers endpoints and mailboxes; the adapter that will send says which addresses there may be."""

    def __init__(self, sessions: Sessions, means: Means, sealer: Sealer, adapter: Adapter) -> None:
        self.sessions = sessions
        self._means = means
        self._sealer = sealer
        self._adapter = adapter

    async def register(self, client_id: UUID, kind: Kind, wish: Wish) -> tuple[Subscription, str | None]:
        """Keep a subscription for the client's organisation and give it with its secret, shown this once; a mailbox has none.

        Raises WishUnfitError, EgressRefusedError for an address that may not be sent to or whose name cannot be resolved now, and
        TooManySubscriptionsError.
        """
        events = tuple(dict.fromkeys(wish.events or ()))
        _require_fit(kind, wish.url, events)
        await self._check(wish.url)
        async with self.sessions.shared() as session:
            organisation = await organisation_of(session, client_id)
            if await subscriptions.count_standing(session, organisation) >= MOST_STANDING:
                raise TooManySubscriptionsError
            id_, now = self._means.new_id(), self._means.now()
            new = Subscription(id=id_, organisation_id=organisation, kind=kind, url=wish.url, events=events, state="active", created_at=now)
            secret = None if kind == MAILBOX else self._new_secret()
            sealed = None if secret is None else seal_secrets(self._sealer, id_, [SigningSecret(secret)])
            await subscriptions.insert(session, new, sealed)
        return new, secret

    async def rotate(self, client_id: UUID, subscription_id: UUID) -> str:
        """Give a new secret, shown this once; the old one signs beside it for 24 hours.

        Raises SubscriptionUnknownError, OfMailboxError.
        """
        async with self.sessions.shared() as session:
            if (await own_subscription(session, client_id, subscription_id)).kind == MAILBOX:
                raise OfMailboxError
            now, new = self._means.now(), self._new_secret()
            sealed = await subscriptions.sealed_secrets(session, subscription_id, lock=True)
            secrets = rotated(unseal_secrets(self._sealer, subscription_id, sealed, now=now), new, now=now)
            await subscriptions.keep_secrets(session, subscription_id, seal_secrets(self._sealer, subscription_id, secrets))
        return new

    async def change(self, client_id: UUID, subscription_id: UUID, wish: Wish, check: Callable[[Subscription], None]) -> Subscription:
        """Change what is wished; active also ends a disabling and forgets the failures: the next attempt is made at once, and by itself.

        Raises SubscriptionUnknownError, WishUnfitError, EgressRefusedError, and what `check` of it raises.
        """
        await self._check(wish.url)
        async with self.sessions.shared() as session:
            found = await own_subscription(session, client_id, subscription_id, lock=True)
            check(found)
            changed = _wished(found, wish, now=self._means.now())
            await subscriptions.keep(session, changed)
        return changed

    async def end(self, client_id: UUID, subscription_id: UUID, check: Callable[[Subscription], None]) -> None:
        """End a subscription for good. Raises SubscriptionUnknownError, and what `check` of it raises."""
        async with self.sessions.shared() as session:
            check(await own_subscription(session, client_id, subscription_id, lock=True))
            await subscriptions.move(session, subscription_id, "ended")

    async def look(self, client_id: UUID, subscription_id: UUID) -> Subscription:
        """Read a subscription of the client's own organisation, an ended one too. Raises SubscriptionUnknownError."""
        async with self.sessions.shared() as session:
            return await _of_own(session, client_id, subscription_id, lock=False)

    async def _check(self, url: str | None) -> None:
        if url is not None:
            await self._adapter.check(url)

    def _new_secret(self) -> str:
        return new_signing_secret(self._means.dice(SECRET_BYTES))


def _wished(found: Subscription, wish: Wish, *, now: datetime) -> Subscription:
    changed = replace(found, url=wish.url or found.url, events=tuple(dict.fromkeys(wish.events or found.events)))
    _require_fit(changed.kind, changed.url, changed.events)
    if wish.state == "active":
        probe_at = now if found.failures or found.probe_at else None
        return replace(changed, state="active", failures=0, failing_since=None, probe_at=probe_at)
    return replace(changed, state=wish.state or found.state)


def _require_fit(kind: str, url: str | None, events: Sequence[str]) -> None:
    if kind == MAILBOX and url is not None:
        raise WishUnfitError("url", "url_of_mailbox", "A mailbox is fetched from, so it has no url.")
    if kind != MAILBOX and url is None:
        raise WishUnfitError("url", "url_missing", "Say where to push to, or ask for a mailbox.")
    if kind == MAILBOX and EVIDENCE_BUNDLE in events:
        sentence = "A mailbox holds no files. Ask for evidence.ready, and take the bundle from the path that it names."
        raise WishUnfitError("events", "bundle_in_mailbox", sentence)


async def organisation_of(session: Session, client_id: UUID) -> UUID:
    """The organisation behind a client that was just let in."""
    client = await find_client(session, client_id)
    if client is None:
        raise LookupError("a client that was let in has a row")
    return client.organisation.id


async def own_subscription(session: Session, client_id: UUID, subscription_id: UUID, *, lock: bool = False) -> Subscription:
    """Find a subscription of the client's own organisation that has not ended. Raises SubscriptionUnknownError."""
    found = await _of_own(session, client_id, subscription_id, lock=lock)
    if found.state == "ended":
        raise SubscriptionUnknownError
    return found


async def _of_own(session: Session, client_id: UUID, subscription_id: UUID, *, lock: bool) -> Subscription:
    found = await subscriptions.find(session, subscription_id, lock=lock)
    if found is None or found.organisation_id != await organisation_of(session, client_id):
        raise SubscriptionUnknownError
    return found
