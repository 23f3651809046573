"""A school whose evidence is pushed to an authority's endpoints, and what a worker delivers it with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.db.embedded import DatabaseUrls
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from app.webhooks.telling.catalogue import catalogue
from tests.api.sending import Authority, authority, sending
from tests.api.world import World
from tests.webhooks.receivers import LOOPBACK
from tests.webhooks.telling import Moment, claimed_of

Heard = list[tuple[str, dict[str, str], bytes]]


@dataclass
class Pushing:
    """A school, an authority with an endpoint, and what a worker delivers with."""

    world: World
    database: DatabaseUrls
    county: Authority
    deliverer: Deliverer
    clock: Moment

    async def subscribe(self, port: int, *events: str, by: Authority | None = None) -> tuple[str, str]:
        body = {"url": f"http://127.0.0.1:{port}/evidence", "events": list(events)}
        answer = await self.world.http.post("/v1/subscriptions", json=body, headers=(by or self.county).headers())
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], answer.json()["secret"]

    async def deliver(self, after: timedelta = timedelta()) -> list[dict[str, object]]:
        """Attempt what is due at a moment, once, and give the school's log."""
        self.clock.ahead = after
        for claimed in await claimed_of(self.deliverer, self.database, self.world.school_id):
            await self.deliverer.deliver(claimed)
        return (await self.world.get("/deliveries")).json()["items"]

    async def looks(self, pupil: str) -> list[dict[str, object]]:
        return (await self.world.get(f"/pupils/{pupil}/accesses")).json()["items"]


@asynccontextmanager
async def pushing_from(database: DatabaseUrls, folder: Path, urn: str) -> AsyncIterator[Pushing]:
    async with sending(database, folder, urn) as world:
        state, sender, moment = world.app.state, Sender(allowed=LOOPBACK), Moment()
        object.__setattr__(state.casework.means, "now", moment)
        state.subscribing = Subscribing(state.sessions, state.casework.means, state.sealer, sender)
        events = catalogue(state.blobs)
        deliverer = Deliverer(state.casework, sender, Signers(state.sealer, state.keyring), events, dice=lambda: 0.5)
        yield Pushing(world, database, await authority(world), deliverer, moment)
        sender.close()
