"""The secrets of a subscription, sealed: one, or two while an old one still signs beside its successor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from app.keys.sealing import Sealer

OVERLAP: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A secret and the moment until which it signs, None for the newest."""

    text: str
    until: datetime | None = None


def seal_secrets(sealer: Sealer, subscription_id: UUID, secrets: Sequence[SigningSecret]) -> bytes:
    """Seal the secrets of one subscription, newest first."""
    written = [[secret.text, None if secret.until is None else secret.until.isoformat()] for secret in secrets]
    return sealer.seal(orjson.dumps(written), about=sealed_about(subscription_id))


def unseal_secrets(sealer: Sealer, subscription_id: UUID, sealed: bytes, *, now: datetime) -> tuple[SigningSecret, ...]:
    """Open the secrets that sign at a moment, newest first; raises UnsealError."""
    written = orjson.loads(sealer.unseal(sealed, about=sealed_about(subscription_id)))
    secrets = [SigningSecret(text, None if until is None else datetime.fromisoformat(until)) for text, until in written]
    return tuple(secret for secret in secrets if secret.until is None or now < secret.until)


def rotated(secrets: Sequence[SigningSecret], new: str, *, now: datetime) -> tuple[SigningSecret, ...]:
    """Put a new secret in front; the newest of the old ones signs beside it for 24 hours, and any older one ends at once."""
    return (SigningSecret(new), *(SigningSecret(old.text, now + OVERLAP) for old in secrets[:1]))


def sealed_about(subscription_id: UUID) -> str:
    """What the seal of a subscription's secrets is bound to."""
    return f"webhook-secrets:{subscription_id}"
