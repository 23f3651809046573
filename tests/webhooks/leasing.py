"""Clients that take what waits in a mailbox, and the mailboxes and grants they need for it."""

import itertools
from dataclasses import dataclass, replace
from uuid import UUID

import httpx
from fastapi import FastAPI

from app import clock
from app.db.organisations import NewClient, OrganisationKind, create_client
from app.db.scopes import SCOPES
from tests.api.world import NOW, World, add_client, add_school, token_for
from tests.webhooks.telling import Telling, a_upn

Item = dict[str, object]
_urns = itertools.count(999_700)


@dataclass
class Taker:
    """A client that leases and receipts."""

    app: FastAPI
    http: httpx.AsyncClient
    organisation_id: UUID
    client_id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def ask(self, **asked: object) -> httpx.Response:
        return await self.http.post("/v1/mailbox/lease", json=asked, headers=self.headers)

    async def look(self, **asked: object) -> dict[str, object]:
        """Lease, and give the whole answer."""
        answer = await self.ask(**asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def lease(self, **asked: object) -> list[Item]:
        return (await self.look(**asked))["items"]

    async def send(self, receipts: list[Item]) -> httpx.Response:
        return await self.http.post("/v1/mailbox/receipts", json={"receipts": receipts}, headers=self.headers)

    async def receipt(self, *items: Item, outcome: str = "accepted", **facts: object) -> list[tuple[str, str | None]]:
        """Send one receipt for each item, and give what became of it and where its delivery stands."""
        answer = await self.send([receipt_of(item, outcome, **facts) for item in items])
        assert answer.status_code == 200, answer.text
        return [(one["result"], one["state"]) for one in answer.json()["items"]]

    async def mailbox(self, *events: str) -> str:
        """Open a mailbox of the client's organisation."""
        body = {"kind": "mailbox", "events": list(events) or ["notice.ready"]}
        answer = await self.http.post("/v1/subscriptions", json=body, headers=self.headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def colleague(self) -> "Taker":
        """Another client of the same organisation."""
        client = clock.new_id()
        async with self.app.state.sessions.shared() as session:
            new = NewClient(id=client, organisation_id=self.organisation_id, name="colleague", scopes=tuple(SCOPES))
            await create_client(session, new, at=NOW)
        return Taker(self.app, self.http, self.organisation_id, client, await token_for(self.app, client, frozenset(SCOPES)))


def receipt_of(item: Item, outcome: str = "accepted", **facts: object) -> Item:
    return {**{name: item[name] for name in ("school", "delivery", "attempt")}, "outcome": outcome, **facts}


def own(world: World) -> Taker:
    """The school's own client."""
    return Taker(world.app, world.http, world.organisation_id, world.client_id, world.token)


async def vendor(world: World) -> Taker:
    """A vendor's client, which no school has granted anything yet."""
    organisation, client = await add_client(world.app, OrganisationKind.VENDOR)
    return Taker(world.app, world.http, organisation, client, await token_for(world.app, client, frozenset(SCOPES)))


async def opened(school: Telling, taker: Taker, *events: str, words: str = "thin") -> str:
    """Open a mailbox and attach it at a school."""
    mailbox = await taker.mailbox(*events)
    assert await school.attach(mailbox, words) == 200
    return mailbox


async def grant(world: World, taker: Taker, *scopes: str) -> str:
    """Let the school grant a client some scopes, `notices:deliver` if none is named; gives the grant's id."""
    body = {"client_id": str(taker.client_id), "scopes": list(scopes) or ["notices:deliver"], "purpose": "Letters home"}
    answer = await world.post("/grants", {**body, "until": "2030-01-01", "granted_by": str(world.people["head"])})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def revoke(world: World, given: str) -> None:
    answer = await world.http.delete(world.path(f"/grants/{given}"), headers=world.headers())
    assert answer.status_code == 200, answer.text


async def another(school: Telling) -> Telling:
    """A second school behind the same API, with one pupil."""
    world = await add_school(school.world.app, school.world.http, str(next(_urns)))
    return await replace(school, world=world, pupil="", parent="").with_pupil()


async def with_pupils(school: Telling, count: int) -> None:
    """Owe the parents of so many more pupils a notice each."""
    for _ in range(count):
        pupil = await school.world.pupil(a_upn())
        await school.world.contact(pupil)
        await school.decide(pupil)


async def attempts(school: Telling) -> list[list[str]]:
    return [[attempt["outcome"] for attempt in delivery["log"]] for delivery in await school.deliveries()]


async def states(school: Telling) -> list[tuple[str, str | None]]:
    return [(delivery["state"], delivery["reason"]) for delivery in await school.deliveries()]
