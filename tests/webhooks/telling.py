"""A school whose parents are told: the API, an endpoint on loopback that is attached to it, and what a worker delivers with."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from app.db.deliveries import Claimed
from app.db.embedded import DatabaseUrls
from app.db.session import open_pool
from app.db.sweep import Sweep
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.delivering.dispatch import Dispatcher
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from app.webhooks.telling.catalogue import catalogue
from tests.api.world import NOW, World, add_school, running
from tests.webhooks.receivers import LOOPBACK

_urns = itertools.count(999_500)
_serial = itertools.count(1)
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def a_upn() -> str:
    """An invented unique pupil number with the right first letter."""
    digits = f"999{next(_serial):09d}"
    return LETTERS[sum((place + 2) * int(digit) for place, digit in enumerate(digits)) % 23] + digits


@dataclass
class Moment:
    """The world's clock as the deliverer reads it, moved by the tests."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return NOW + self.ahead


@dataclass
class Telling:
    """What a test needs to see somebody told."""

    world: World
    database: DatabaseUrls
    clock: Moment
    deliverer: Deliverer
    sweep: Sweep
    pupil: str = ""
    parent: str = ""

    async def with_pupil(self) -> "Telling":
        self.pupil = await self.world.pupil(a_upn())
        self.parent = await self.world.contact(self.pupil)
        return self

    async def subscribe(self, port: int, words: str = "thin", by: str = "head") -> tuple[str, str]:
        """Register and attach an endpoint; gives its id and secret."""
        answer = await self.world.http.post(
            "/v1/subscriptions",
            json={"url": f"http://127.0.0.1:{port}/hook", "events": ["notice.ready"]},
            headers=self.world.headers(),
        )
        assert answer.status_code == 201, answer.text
        made = answer.json()
        attached = await self.attach(made["id"], words, by)
        assert attached == 200
        return made["id"], made["secret"]

    async def attach(self, subscription: str, words: str, by: str = "head") -> int:
        body = {"words": words, "chosen_by": {"id": str(self.world.people[by])}}
        headers = self.world.headers(**{"If-Match": "*"})
        answer = await self.world.http.put(self.world.path(f"/subscriptions/{subscription}"), json=body, headers=headers)
        return answer.status_code

    async def decide(self, pupil: str = "", **facts: object) -> None:
        """Decide for SEN Support, which owes the parent a notice."""
        stated = {
            "judgement": "K",
            "difficulty": "Reads far below age",
            "provision_beyond_ordinary": "Daily precision teaching",
            "reason": "No catch-up after a term of aimed teaching",
            "considered": ["Reading ages", "Parents' view", "Pupil's view"],
            "parents_view": "Worried",
            "pupils_view": "Wants to read alone",
            "provision_starts_on": "2026-03-02",
            "review_on": "2026-06-01",
        }
        await self.world.taken(pupil or self.pupil, "sen-decisions", **{**stated, **facts})

    async def plan(self, pupil: str = "") -> None:
        """Agree a plan, which owes the parent another notice."""
        teacher = str(self.world.people["teacher"])
        on = {"on": "2026-03-02"}
        outcome = {"number": 1, "text": "Reads a page alone", "measure": "Words a minute"}
        support = {"number": 1, "support": "Precision teaching", "sessions_per_week": 5, "minutes_per_session": 10}
        await self.world.taken(
            pupil or self.pupil,
            "plans",
            cycle=1,
            outcomes=[{**outcome, "target_on": "2026-05-01", "expected_impact": "Joins in"}],
            provision=[{**support, "outcomes": [1], "delivered_by": teacher, "accountable_teacher": teacher}],
            review_on="2026-05-01",
            responsible_teacher=teacher,
            parents_consulted=on,
            pupil_consulted=on,
        )

    async def notices(self) -> list[dict[str, object]]:
        return (await self.world.get("/notices")).json()["items"]

    async def proof(self, notice: str) -> dict[str, object]:
        return (await self.world.get(f"/notices/{notice}")).json()

    async def deliveries(self) -> list[dict[str, object]]:
        return (await self.world.get("/deliveries")).json()["items"]

    async def claim(self, limit: int = 10, without: tuple[UUID, ...] = ()) -> list[Claimed]:
        return await claimed_of(self.deliverer, self.database, self.world.school_id, limit, without)

    async def deliver(self) -> list[dict[str, object]]:
        """Attempt what is due now, once, and give the log."""
        for claimed in await self.claim():
            await self.deliverer.deliver(claimed)
        return await self.deliveries()

    def dispatcher(self, ring: Callable[[], None] = lambda: None) -> Dispatcher:
        return Dispatcher(self.deliverer, self.sweep, now=self.clock, ring=ring)


@asynccontextmanager
async def telling(database: DatabaseUrls) -> AsyncIterator[Telling]:
    """A fresh school on the database, with nobody on roll yet."""
    async with running(database) as (app, http), await open_pool(database.sweep, size=2) as sweeping:
        moment, sender = Moment(), Sender(allowed=LOOPBACK)
        casework = app.state.casework
        object.__setattr__(casework.means, "now", moment)
        app.state.subscribing = Subscribing(app.state.sessions, casework.means, app.state.sealer, sender)
        world = await add_school(app, http, str(next(_urns)))
        deliverer = Deliverer(casework, sender, Signers(app.state.sealer, app.state.keyring), catalogue(app.state.blobs), dice=lambda: 0.5)
        try:
            yield Telling(world=world, database=database, clock=moment, deliverer=deliverer, sweep=Sweep(sweeping))
        finally:
            sender.close()


def is_bare(body: bytes) -> bool:
    """Whether a body is the number of an event that was withheld, and not a word more."""
    told = json.loads(body)
    return told.keys() == {"id", "type", "number", "school", "subscription"} and told["type"] == "delivery.withheld"


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    """Wait for something that another process or task does; a TimeoutError when it does not."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.05)


async def claimed_of(
    deliverer: Deliverer, database: DatabaseUrls, school_id: UUID, limit: int = 10, without: tuple[UUID, ...] = ()
) -> list[Claimed]:
    """Claim what is due at a school, so much at most for each endpoint that something is owed to."""
    rows = await run_sql_with(database, "select distinct subscription_id from delivery where school_id = $1", school_id)
    return await deliverer.claim(school_id, {row[0]: limit for row in rows if row[0] not in without})


async def run_sql_with(database: DatabaseUrls, statement: str, *arguments: object) -> list[asyncpg.Record]:
    """Run one statement as the superuser and give its rows."""
    connection = await asyncpg.connect(database.superuser)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
        return rows
    finally:
        await connection.close()
