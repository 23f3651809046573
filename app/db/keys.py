"""Our signing keys: private halves sealed, public halves as they are published, and when each signs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.db.session import Session
from app.keys.jwks import KeyUse

# One number for all starters and rotations of an installation; any fixed number serves.
_LOCK: Final = 7_274_011_926
_KEYS: Final = "select kid, use, sealed, public_jwk, signs_from, signs_until, published_until from signing_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key of ours: it signs from `signs_from` on, before `signs_until`, and verifies before `published_until`; None is for ever."""

    kid: str
    use: KeyUse
    sealed: bytes
    public_jwk: dict[str, object]
    signs_from: datetime
    signs_until: datetime | None = None
    published_until: datetime | None = None

    def signs_at(self, moment: datetime) -> bool:
        """Whether this key signs at a moment."""
        return self.signs_from <= moment and (self.signs_until is None or moment < self.signs_until)

    def is_published_at(self, moment: datetime) -> bool:
        """Whether signatures of this key are still to be verified; true before it signs, so that verifiers can learn it first."""
        return self.published_until is None or moment < self.published_until


async def lock(session: Session) -> None:
    """Keep other starters and rotations waiting until this transaction ends."""
    await session.connection.execute("select pg_advisory_xact_lock($1)", _LOCK)


async def stored_keys(session: Session) -> tuple[StoredKey, ...]:
    """Give every key there ever was, oldest first."""
    rows = await session.connection.fetch(f"{_KEYS} order by signs_from, kid")
    return tuple(StoredKey(**{**dict(row.items()), "use": KeyUse(row["use"])}) for row in rows)


async def add(session: Session, key: StoredKey) -> None:
    """Write a new key."""
    await session.connection.execute(
        "insert into signing_key (kid, use, sealed, public_jwk, signs_from) values ($1, $2, $3, $4, $5)",
        key.kid,
        key.use.value,
        key.sealed,
        key.public_jwk,
        key.signs_from,
    )


async def retire(session: Session, kids: Collection[str], *, signs_until: datetime, published_until: datetime | None) -> None:
    """Let keys sign until one moment and verify until another; an end that was already earlier stands."""
    await session.connection.execute(
        "update signing_key set signs_until = least(signs_until, $2), published_until = least(published_until, $3) where kid = any($1)",
        list(kids),
        signs_until,
        published_until,
    )


def about(kid: str) -> str:
    """What a private half is sealed for."""
    return f"signing-key:{kid}"
