"""Schools that live through the same months, alone or beside each other, and everything that their receivers see of them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

from app.db.deliveries import REQUEST_OPENED, SUBSCRIBABLE
from app.db.embedded import DatabaseUrls
from app.db.session import open_pool
from app.db.sweep import Sweep
from app.documents.bundle.bundling import BundleMaker
from app.exchange.roll_import import RollImports
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.delivering.dispatch import Dispatcher
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from app.webhooks.telling.catalogue import catalogue
from app.worker import Kind, Tools, kinds
from tests.api.sending import DAY, Authority, asked, asked_by_parent, authority, opened, prepared, submitted
from tests.api.world import World, add_school, running
from tests.db.stores import blobs_in
from tests.webhooks.leasing import Item, Taker, grant, own, vendor
from tests.webhooks.receivers import LOOPBACK, Behaviour, heard, receiving
from tests.webhooks.telling import LETTERS, Moment, Telling

ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
OF_SCHOOLS = tuple(event for event in SUBSCRIBABLE if event == REQUEST_OPENED or not event.startswith(("request.", "evidence.")))
WORDS_OF_EVIDENCE = ("request.made", "request.withdrawn", "evidence.ready")
SHARED = ("vendor", "county")
MOTHER = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
VARIES = {"webhook-signature"}
_SIZE = re.compile(r'(size\\*"): ?[0-9]+')
"""Of a bundle: the PDF in it compresses the ids that it holds, so that no two plays give the same length."""
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_SHOWN = re.compile(_UUID + r"|\b[0-9a-f]{64}\b|:[A-Za-z0-9+/]{43}=:|eyJ[\w-]+\.[\w-]+\.[\w-]+|\bP-[0-9A-F]{8}\b")
"""What is new in every play: ids, digests in either spelling, signatures, and references made of ids."""


@dataclass
class Seen:
    """One thing that a receiver saw: through which way, during which step, about which school and as which number."""

    receiver: str
    step: int
    urn: str
    number: int
    kind: str
    text: str
    shown: str = ""

    @property
    def compared(self) -> str:
        """What two plays have in common but for ids and digests: all of it, or of a bundle what is not compressed or signed."""
        return _SIZE.sub(r"\1: 0", self.shown or self.text)


@dataclass
class Tenant:
    """A school that speaks of `pupils` children, all with a word in them that nobody else uses."""

    telling: Telling
    word: str
    first_upn: int
    count: int
    pupils: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    county: Authority | None = None

    @property
    def world(self) -> World:
        return self.telling.world


@dataclass
class Stage:
    """The API, a worker that does all of its kinds of work when told, and who shares receivers with whom."""

    world: World
    database: DatabaseUrls
    clock: Moment
    work: list[Kind]
    dispatcher: Dispatcher
    stack: AsyncExitStack
    tenants: list[Tenant] = field(default_factory=list)
    takers: dict[str, Taker] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    county: Authority | None = None
    step: int = 0

    async def receiver(self, name: str, answer: bytes = ACCEPTED) -> int:
        """Listen for pushes under a name; gives the port."""
        return (await self.stack.enter_async_context(receiving(self._hearing(name, answer)))).port

    def _hearing(self, name: str, answer: bytes) -> Behaviour:
        async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                _, headers, body = await heard(reader)
                self.seen.append(self._pushed(name, headers, body))
                writer.write(answer)
                await writer.drain()

        return behave

    def _pushed(self, name: str, headers: dict[str, str], body: bytes) -> Seen:
        kept = {key: value for key, value in headers.items() if key not in VARIES}
        if headers["content-type"] == "application/json":
            told = json.loads(body)
            about = (told["school"], told["number"], told["type"])
            return Seen(f"push {name}", self.step, *about, json.dumps([{**kept, "host": ""}, told]))
        request = headers["graduated-request"]
        whose = next(t.world.urn for t in self.tenants if request in t.requests)
        kept = {**kept, "host": "", "content-length": ""}
        told = json.dumps([kept, members(body)])
        return Seen(f"push {name}", self.step, whose, 0, "evidence.bundle", told + body.decode("latin-1"), shown=told)

    async def settle(self) -> None:
        """Do all work there is, and deliver all that may be, until nothing more begins at this moment."""
        for _ in range(40):
            began = [await kind.turn() for kind in self.work]
            await self.dispatcher.finish()
            if not any(began):
                return
        raise TimeoutError("there is always more to do")

    async def pull(self) -> None:
        """Let every mailbox be emptied and every feed be read to its end."""
        for name, taker in self.takers.items():
            while items := await taker.lease(limit=100):
                self.seen += [self._pulled(name, item) for item in items]
                await taker.receipt(*items)
            if name != "county":
                await self._read_on(name, taker)

    def _pulled(self, name: str, item: Item) -> Seen:
        body = item["body"]
        return Seen(f"mailbox {name}", self.step, item["school"], body["number"], body["type"], json.dumps(item))

    async def _read_on(self, name: str, taker: Taker) -> None:
        more = True
        while more:
            params = {"include": "entries", **({"cursor": self.cursors[name]} if name in self.cursors else {})}
            answer = await taker.http.get("/v1/changes", params=params, headers=taker.headers)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            self.cursors[name], more = page["next"], page["has_more"]
            self.seen += [self._read(name, change) for change in page["items"]]

    def _read(self, name: str, change: Item) -> Seen:
        header = change["header"]
        return Seen(f"feed {name}", self.step, change["urn"], header["number"], header["type"], json.dumps(change))

    async def add(self, urn: str, word: str, first_upn: int, count: int) -> Tenant:
        """Open a school, with endpoints and mailboxes of its own, those of its own vendor, and the ones that are shared."""
        world = await add_school(self.world.app, self.world.http, urn)
        told = Telling(world=world, database=self.database, clock=self.clock, deliverer=None, sweep=None)  # type: ignore[arg-type]
        tenant = Tenant(telling=told, word=word, first_upn=first_upn, count=count)
        tenant.county = self.county
        self.tenants.append(tenant)
        await prepared(world)
        mine = self.takers[f"own {urn}"] = own(world)
        theirs = self.takers[f"vendor {urn}"] = await vendor(world)
        for client in (theirs, self.takers["vendor"]):
            await grant(world, client, "notices:deliver", "obligations:read", "evidence:submit", "records:read")
        await self._attach(tenant, await self.endpoint(mine, f"thin {urn}", OF_SCHOOLS))
        await self._attach(tenant, await self.endpoint(mine, f"full {urn}", ("notice.ready",)), words="full")
        await self._attach(tenant, await self.endpoint(mine, f"failing {urn}", ("notice.ready",), REFUSED))
        await self._attach(tenant, await mine.mailbox(*OF_SCHOOLS))
        await self._attach(tenant, await mine.mailbox("notice.ready"), words="full")
        await self._attach(tenant, await self.endpoint(theirs, f"vendor {urn}", OF_SCHOOLS))
        await self._attach(tenant, await theirs.mailbox(*OF_SCHOOLS))
        for subscription in self.shared:
            await self._attach(tenant, subscription)
        return tenant

    async def endpoint(self, taker: Taker, name: str, events: Sequence[str], answer: bytes = ACCEPTED) -> str:
        body = {"url": f"http://127.0.0.1:{await self.receiver(name, answer)}/hook", "events": list(events)}
        made = await taker.http.post("/v1/subscriptions", json=body, headers=taker.headers)
        assert made.status_code == 201, made.text
        return made.json()["id"]

    async def _attach(self, tenant: Tenant, subscription: str, words: str = "thin") -> None:
        assert await tenant.telling.attach(subscription, words) == 200

    async def share(self) -> None:
        """Make a vendor and an authority whose receivers hear of every school."""
        seller = self.takers["vendor"] = await vendor(self.world)
        self.shared = [await self.endpoint(seller, "vendor", OF_SCHOOLS), await seller.mailbox(*OF_SCHOOLS)]
        county = self.county = await authority(self.world)
        officer = Taker(self.world.app, self.world.http, county.organisation_id, county.client_id, county.token)
        self.takers["county"] = officer
        for name, events in (("county", WORDS_OF_EVIDENCE), ("county bundles", ("evidence.bundle",))):
            await self.endpoint(officer, name, events)
        await officer.mailbox(*WORDS_OF_EVIDENCE)


@asynccontextmanager
async def stage(database: DatabaseUrls, folder: Path) -> AsyncIterator[Stage]:
    """An installation of its own with a school on it that does nothing at all."""
    async with (
        running(database) as (app, http),
        await open_pool(database.sweep, size=2) as sweeping,
        AsyncExitStack() as stack,
    ):
        state, clock, sender, sweep = app.state, Moment(), Sender(allowed=LOOPBACK), Sweep(sweeping)
        state.blobs = blobs_in(folder / "blobs")
        object.__setattr__(state.casework.means, "now", clock)
        state.subscribing = Subscribing(state.sessions, state.casework.means, state.sealer, sender)
        deliverer = Deliverer(state.casework, sender, Signers(state.sealer, state.keyring), catalogue(state.blobs), dice=lambda: 0.5)
        dispatcher = Dispatcher(deliverer, sweep, now=clock, ring=lambda: None)
        tools = Tools(
            casework=state.casework,
            sweep=sweep,
            dispatcher=dispatcher,
            imports=RollImports(state.casework, state.sealer),
            bundles=BundleMaker(state.casework, state.keyring, state.blobs),
            blobs=state.blobs,
        )
        idle = await add_school(app, http, "999899")
        work = [kind for kind in kinds(tools) if kind.name != "files"]
        found = Stage(world=idle, database=database, clock=clock, work=work, dispatcher=dispatcher, stack=stack)
        await found.share()
        try:
            yield found
        finally:
            sender.close()


def members(bundle: bytes) -> dict[str, str]:
    """The names of all files in a bundle, and what stands in those that are text and hold no sizes and no signature."""
    with ZipFile(BytesIO(bundle)) as file:
        return {name: file.read(name).decode() if name.endswith((".json", ".html")) else "" for name in file.namelist()}


def upn(serial: int) -> str:
    """An invented unique pupil number that is the same each time."""
    digits = f"999{serial:09d}"
    return LETTERS[sum((place + 2) * int(digit) for place, digit in enumerate(digits)) % 23] + digits


async def enrol(tenant: Tenant) -> None:
    for serial in range(tenant.count):
        pupil = await tenant.world.pupil(upn(tenant.first_upn + serial), forename=tenant.word)
        tenant.pupils.append(pupil)
        tenant.parents.append(await tenant.world.contact(pupil, name=f"Gita {tenant.word}"))


async def decide(tenant: Tenant) -> None:
    for pupil in tenant.pupils:
        await tenant.telling.decide(pupil, difficulty=f"Reads far below age, says {tenant.word}.")


async def correct(tenant: Tenant) -> None:
    """Correct what was decided, which gives up a notice that waits and owes another."""
    pupil = tenant.pupils[0]
    about = next(notice["about"] for notice in await tenant.telling.notices() if notice["pupil"] == pupil)
    await tenant.telling.decide(pupil, corrects=about, reason=f"Another test was meant, says {tenant.word}.")


async def plan_and_bar(tenant: Tenant) -> None:
    """Agree a plan for every pupil, and bar the first one's parent before anybody can be told of it."""
    for pupil in tenant.pupils:
        await tenant.telling.plan(pupil)
    barred = {**MOTHER, "information_restricted": True, "restriction_basis": f"Order that {tenant.word} asked for"}
    await tenant.world.taken(tenant.pupils[0], f"contacts/{tenant.parents[0]}/facts", **barred)


Act = Callable[[Tenant], Awaitable[None]]


def request(place: int, *, by_parent: bool) -> Act:
    """Ask for an assessment of one pupil, and submit the evidence, which the worker puts together."""

    async def ask(tenant: Tenant) -> None:
        for pupil in tenant.pupils[place : place + 1]:
            made = await (asked_by_parent if by_parent else asked)(tenant.world, pupil, reason=f"Too little is done for {tenant.word}.")
            tenant.requests.append(made)
            await submitted(tenant.world, pupil, made)

    return ask


async def take_back(tenant: Tenant) -> None:
    """Withdraw the first request, whose evidence has gone out."""
    pupil = tenant.pupils[1]
    await tenant.world.taken(pupil, f"ehc-requests/{tenant.requests[0]}/withdrawal", occurred_on=DAY, reason=f"{tenant.word} moves away.")


async def tell_the_school(tenant: Tenant) -> None:
    """Let the authority tell of a request that it received itself."""
    assert tenant.county is not None
    about = {"surname": "Example", "forename": tenant.word, "date_of_birth": "2014-05-04"}
    await opened(tenant.county, tenant.world, about=about)


def on(day: str) -> Act:
    """Move the school's own clock on."""

    async def move(tenant: Tenant) -> None:
        moved = await tenant.world.post("/clock", {"now": f"{day}T09:00:00Z"})
        assert moved.status_code == 200, moved.text

    return move


async def nothing(tenant: Tenant) -> None:
    """Let time go by."""


RETRIES = (0.1, 1, 20, 67, 69)
"""Hours after the beginning, until an endpoint that always fails has been disabled and its owner told."""
SCRIPT: tuple[tuple[float, Act], ...] = (
    (0, enrol),
    (0, decide),
    (0, correct),
    (0, plan_and_bar),
    *((0, request(place, by_parent=by_parent)) for place in (1, 2) for by_parent in (True, False)),
    (0, take_back),
    (0, tell_the_school),
    *((hours, nothing) for hours in RETRIES),
    *((80, on(day)) for day in ("2026-04-17", "2026-04-30", "2026-05-20", "2026-06-25", "2026-07-20")),
)


async def played(database: DatabaseUrls, folder: Path, *schools: tuple[str, str, int, int]) -> Stage:
    """Play the script with these schools, at each step one after the other and in turn first, and give what everybody saw."""
    async with stage(database, folder) as found:
        for school in schools:
            await found.add(*school)
        for found.step, (hours, act) in enumerate(SCRIPT):
            found.clock.ahead = timedelta(hours=hours)
            for tenant in found.tenants if found.step % 2 else found.tenants[::-1]:
                await act(tenant)
            await found.settle()
            await found.pull()
    return found


def view(found: Stage, urn: str) -> list[tuple[str, int, int, str, str]]:
    """All that anybody saw of one school, way by way in the order of numbers, with ids and digests named as they first appear."""
    views = []
    for receiver in sorted({seen.receiver for seen in found.seen}):
        names: dict[str, str] = {}
        mine = [seen for seen in found.seen if (seen.receiver, seen.urn) == (receiver, urn)]
        ordered = sorted(mine, key=lambda seen: (seen.step, '"words"' in seen.text, seen.number))
        views += [(receiver, seen.step, seen.number, seen.kind, _named(seen.compared, names)) for seen in ordered]
    return views


def _named(text: str, names: dict[str, str]) -> str:
    return _SHOWN.sub(lambda found: names.setdefault(found.group(), f"<{len(names) + 1}>"), text)


def ids_in(rows: Sequence[object]) -> set[str]:
    """Every id in some rows; the one of noughts is nobody's."""
    return {str(value) for row in rows for value in row.values() if isinstance(value, UUID) and value.int}  # type: ignore[attr-defined]
