"""Finds what signs a delivery at this moment: the secrets of its subscription and the keys of this installation."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.casework.keyring import Keyring
from app.db import subscriptions
from app.db.session import Session
from app.keys.sealing import Sealer
from app.keys.webhook_keys import WebhookKey
from app.webhooks.sending.signing import Signer
from app.webhooks.sending.signing_secrets import unseal_secrets


class Signers:
    """Opens secrets and keys; one for each process."""

    def __init__(self, sealer: Sealer, keyring: Keyring) -> None:
        self._sealer = sealer
        self._keyring = keyring

    async def keys(self) -> Sequence[WebhookKey]:
        """Give our keys that sign now; asked before a school's session is opened, for it may need a connection of its own."""
        return await self._keyring.webhook_keys()

    async def of(self, session: Session, subscription_id: UUID, keys: Sequence[WebhookKey], *, now: datetime) -> Signer:
        """Give what signs for a subscription; LookupError for a mailbox, to which nothing is sent."""
        sealed = await subscriptions.sealed_secrets(session, subscription_id)
        secrets = unseal_secrets(self._sealer, subscription_id, sealed, now=now)
        return Signer(secrets=[secret.text for secret in secrets], keys=keys)
