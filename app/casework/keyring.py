"""The installation's signing keys in one process: made at the first start, read again when they may have changed, rotated with overlap."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.db import keys
from app.db.keys import StoredKey
from app.db.session import Session, Sessions
from app.keys.jwks import JwsUse, KeyUse, PrivateKey, PublicKey, generate_key, parse_public_jwks, public_jwk
from app.keys.sealing import Sealer, UnsealError
from app.keys.webhook_keys import WebhookKey, generate_webhook_key

READ_AGAIN_AFTER: Final = timedelta(minutes=1)
# Somebody who makes key ids up must not turn each request into a query.
UNKNOWN_READ_AFTER: Final = timedelta(seconds=5)
# A new key is published this long before it signs, so that every process has read it by then.
KNOWN_BEFORE_IT_SIGNS: Final = timedelta(minutes=2)
TOKEN_LIFETIME: Final = timedelta(minutes=15)
LATE_CLOCKS: Final = timedelta(minutes=5)
# Whoever fetches the keys for webhooks once a day always has one that signed.
BOTH_SIGN_WEBHOOKS: Final = timedelta(hours=24)


class KeysUnreadableError(Exception):
    """A signing key cannot be opened: SECRETS_KEY is not the one under which it was sealed."""


class NoKeySignsError(Exception):
    """There is no key for this use at this moment; `Keyring.start` was never run against this database."""


@dataclass(frozen=True, slots=True)
class _Read:
    at: datetime
    stored: tuple[StoredKey, ...]
    public: Mapping[str, PublicKey]


class Keyring:
    """Gives the key that signs now and those that verify now; rows are read again once a minute at most, or for an unknown key id."""

    def __init__(self, sessions: Sessions, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._sealer = sealer
        self._now = now
        self._turn = asyncio.Lock()
        self._read: _Read | None = None
        self._opened: dict[str, PrivateKey] = {}
        self._for_webhooks: dict[str, WebhookKey] = {}

    async def start(self) -> None:
        """Make the first key of each use where there is none; of several starters one makes them. Raises KeysUnreadableError."""
        async with self._sessions.shared() as session:
            await keys.lock(session)
            present = {key.use for key in await keys.stored_keys(session)}
            for use in KeyUse:
                if use not in present:
                    await keys.add(session, new_key(use, self._sealer, signs_from=self._now()))
        self._read = None
        for use in KeyUse:
            if use is not KeyUse.WEBHOOKS:
                await self.signing_key(use)
        await self.webhook_keys()

    async def signing_key(self, use: JwsUse) -> PrivateKey:
        """Give the newest key of a use that signs now; raises NoKeySignsError and KeysUnreadableError."""
        newest = (await self._signing(use))[0]
        if newest.kid not in self._opened:
            self._opened[newest.kid] = PrivateKey(newest.kid, use, self._unsealed(newest))
        return self._opened[newest.kid]

    async def webhook_keys(self) -> tuple[WebhookKey, ...]:
        """Give every key that signs webhooks now, newest first, one or two as a rule; raises NoKeySignsError and KeysUnreadableError."""
        signing = await self._signing(KeyUse.WEBHOOKS)
        for key in signing:
            if key.kid not in self._for_webhooks:
                self._for_webhooks[key.kid] = WebhookKey(key.kid, self._unsealed(key))
        return tuple(self._for_webhooks[key.kid] for key in signing)

    async def _signing(self, use: KeyUse) -> tuple[StoredKey, ...]:
        now = self._now()
        signing = tuple(key for key in reversed((await self._current()).stored) if key.use is use and key.signs_at(now))
        if not signing:
            raise NoKeySignsError(use.value)
        return signing

    async def published(self, use: JwsUse) -> Mapping[str, PublicKey]:
        """Give the keys of a use that verify now, by key id."""
        return _published(await self._current(), use, self._now())

    async def published_with(self, use: JwsUse, kid: str) -> Mapping[str, PublicKey]:
        """As `published`, after reading again when the key id is unknown and the last reading is older than five seconds."""
        read = await self._current()
        if kid not in read.public:
            read = await self._current(UNKNOWN_READ_AFTER)
        return _published(read, use, self._now())

    async def stored(self, *uses: KeyUse) -> tuple[StoredKey, ...]:
        """Give the keys of these uses that are published now, oldest first."""
        now = self._now()
        return tuple(key for key in (await self._current()).stored if key.use in uses and key.is_published_at(now))

    async def _current(self, good_for: timedelta = READ_AGAIN_AFTER) -> _Read:
        read = self._read
        if read is not None and self._now() - read.at < good_for:
            return read
        async with self._turn:
            if self._read is None or self._now() - self._read.at >= good_for:
                at = self._now()
                async with self._sessions.shared() as session:
                    stored = await keys.stored_keys(session)
                self._read = _Read(at, stored, _verifying(stored))
            return self._read

    def _unsealed(self, key: StoredKey) -> bytes:
        try:
            return self._sealer.unseal(key.sealed, about=keys.about(key.kid))
        except UnsealError:
            raise KeysUnreadableError("SECRETS_KEY is not the key under which the signing keys of this installation were sealed") from None


def new_key(use: KeyUse, sealer: Sealer, *, signs_from: datetime) -> StoredKey:
    """Make a key that signs from a moment on, cut to its whole second, for so is the time that a signature states."""
    key = generate_webhook_key() if use is KeyUse.WEBHOOKS else generate_key(use)
    published = key.public_jwk if isinstance(key, WebhookKey) else public_jwk(key)
    sealed = sealer.seal(key.pem, about=keys.about(key.kid))
    return StoredKey(kid=key.kid, use=use, sealed=sealed, public_jwk=dict(published), signs_from=signs_from.replace(microsecond=0))


async def rotate(session: Session, use: KeyUse, sealer: Sealer, *, now: datetime, at_once: bool = False) -> StoredKey:
    """Put a new key in the place of those of a use: both are published while either may have signed what is still in hand.

    The new key signs two minutes later. An old one for webhooks signs beside it for a day, any other stops then. Token keys stay published
    until their last token has expired, all others for ever. `at_once` is for a key that leaked: the new one signs now and the old ones do
    not; tokens of the old end within a minute, and an old key for webhooks, under which anybody could write, is published no more.
    """
    await keys.lock(session)
    signs_from = (now if at_once else now + KNOWN_BEFORE_IT_SIGNS).replace(microsecond=0)
    beside = BOTH_SIGN_WEBHOOKS if use is KeyUse.WEBHOOKS and not at_once else timedelta()
    old = [key.kid for key in await keys.stored_keys(session) if key.use is use]
    until = _published_until(use, signs_from, at_once=at_once)
    await keys.retire(session, old, signs_until=signs_from + beside, published_until=until)
    key = new_key(use, sealer, signs_from=signs_from)
    await keys.add(session, key)
    return key


def _published_until(use: KeyUse, signs_from: datetime, *, at_once: bool) -> datetime | None:
    if use in (KeyUse.BUNDLES, KeyUse.HEADS):
        return None
    if at_once:
        return signs_from
    return signs_from + TOKEN_LIFETIME + LATE_CLOCKS if use is KeyUse.TOKENS else None


def _verifying(stored: Sequence[StoredKey]) -> Mapping[str, PublicKey]:
    """The keys that verify a JWS, by key id; those for webhooks verify none."""
    ours = (key for key in stored if key.use is not KeyUse.WEBHOOKS)
    return {key.kid: parse_public_jwks({"keys": [key.public_jwk]})[key.kid] for key in ours}


def _published(read: _Read, use: KeyUse, now: datetime) -> Mapping[str, PublicKey]:
    return {key.kid: read.public[key.kid] for key in read.stored if key.use is use and key.is_published_at(now)}
