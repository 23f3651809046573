"""What takes readied deliveries to endpoints, chosen by the scheme of an endpoint's URL: one table, to which a file of its own may add."""

from collections.abc import Mapping
from typing import Protocol

from app.webhooks.sending.attempt import Answer, FailReason, Outgoing, SendFailedError
from app.webhooks.sending.egress import EgressRefusedError, Refusal
from app.webhooks.sending.transport import DEADLINE_S, Sender


class Adapter(Protocol):
    """Sends to endpoints of some kind; what is sent, whether it may be, and what follows from the answer is decided elsewhere."""

    async def check(self, url: str) -> None:
        """Look at an address that somebody registers; raises EgressRefusedError where nothing may be sent to it."""

    async def send(self, request: Outgoing, *, deadline_s: float = DEADLINE_S) -> Answer:
        """Make one attempt in so many seconds, the address checked anew, and answer as an HTTP receiver would: any 2xx is acceptance.

        Raises SendFailedError, and lets through what a streamed body raises. A body is read once, and may be sent again under its id.
        """


class Adapters:
    """The adapters by scheme, in lower case; itself an adapter, which refuses a scheme that nobody has."""

    def __init__(self, by_scheme: Mapping[str, Adapter]) -> None:
        self._by_scheme = dict(by_scheme)

    async def check(self, url: str) -> None:
        """Have an address looked at by the adapter of its scheme; raises EgressRefusedError."""
        await self._of(url).check(url)

    async def send(self, request: Outgoing, *, deadline_s: float = DEADLINE_S) -> Answer:
        """Have an attempt made by the adapter of the URL's scheme; raises SendFailedError."""
        try:
            adapter = self._of(request.url)
        except EgressRefusedError as refused:
            raise SendFailedError(FailReason.EGRESS, detail=refused.told.value) from None
        return await adapter.send(request, deadline_s=deadline_s)

    def _of(self, url: str) -> Adapter:
        scheme, colon, _ = url.partition("://")
        found = self._by_scheme.get(scheme.lower()) if colon else None
        if found is None:
            raise EgressRefusedError(Refusal.SCHEME if colon else Refusal.URL)
        return found


def adapters(sender: Sender) -> Adapters:
    """Give the table: which schemes there are, and who sends to them."""
    return Adapters({"https": sender, "http": sender})
