"""The pieces of work that are measured: how each is asked of the floor and of ours."""

import base64
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import orjson
from pydantic import SecretStr

from app import clock
from app.db.embedded import DatabaseUrls
from app.main import create_app
from app.settings import Settings
from bench.load import request_bytes
from bench.rounds import Aim, Row, measure
from bench.school import Invented, Place, invent
from bench.servers import Server, free_port, serving

UNBOUNDED = {"READS_PER_SECOND": "1000000", "WRITES_PER_SECOND": "1000000", "REQUESTS_PER_SECOND": "1000000"}
"""One client may not ask so much of a school in service; the budgets are drawn on all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much there is and how long it is driven; `seconds` is the length of one round."""

    schools: int
    pupils_each: int
    rounds: int
    seconds: float
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A row of the table of numbers to reach; each of `of_floor` and `of_ours` writes the request about one pupil."""

    name: str
    target: float
    status: bytes
    of_floor: Callable[[Invented, Place], bytes]
    of_ours: Callable[[Invented, Place], bytes]

    def to_floor(self, invented: Invented) -> Iterator[bytes]:
        """Write requests without end, about one pupil after another, each of the next school."""
        return (self.of_floor(invented, place) for place in itertools.cycle(invented.places_of_floor))

    def to_ours(self, invented: Invented) -> Iterator[bytes]:
        """As `to_floor`, for the service."""
        return (self.of_ours(invented, place) for place in itertools.cycle(invented.places_of_ours))


def _read_floor(_: Invented, place: Place) -> bytes:
    return request_bytes("GET", f"/{place.school_id}/{place.pupil_id}")


def _read_ours(invented: Invented, place: Place) -> bytes:
    return request_bytes("GET", f"/v1/schools/{place.urn}/pupils/{place.pupil_id}", authorization=f"Bearer {invented.token}")


def _concern(place: Place) -> bytes:
    facts = {"raised_by": "parent", "domain": "attainment", "words": "Finds reading hard and gives up after a line or two."}
    return orjson.dumps({"author": {"kind": "staff", "id": place.author}, "occurred_on": clock.now().date().isoformat(), **facts})


def _write_floor(_: Invented, place: Place) -> bytes:
    return request_bytes("POST", f"/{place.school_id}/{place.pupil_id}/concerns", _concern(place), idempotency_key=str(clock.new_id()))


def _write_ours(invented: Invented, place: Place) -> bytes:
    path = f"/v1/schools/{place.urn}/pupils/{place.pupil_id}/concerns"
    bearer = f"Bearer {invented.token}"
    return request_bytes("POST", path, _concern(place), authorization=bearer, idempotency_key=str(clock.new_id()))


def _list_floor(_: Invented, place: Place) -> bytes:
    return request_bytes("GET", f"/{place.school_id}/obligations")


def _list_ours(invented: Invented, place: Place) -> bytes:
    return request_bytes("GET", f"/v1/schools/{place.urn}/obligations?limit=50", authorization=f"Bearer {invented.token}")


READ = Work(name="read one pupil's summary", target=0.70, status=b"200", of_floor=_read_floor, of_ours=_read_ours)
WRITE = Work(name="write one entry with all that follows from it", target=0.40, status=b"201", of_floor=_write_floor, of_ours=_write_ours)

LIST = Work(name="list 50 obligations", target=0.70, status=b"200", of_floor=_list_floor, of_ours=_list_ours)


async def run(urls: DatabaseUrls, works: tuple[Work, ...], scale: Scale) -> list[Row]:
    """Measure works on a migrated, empty database; both servers run all the while, and one of them is idle."""
    async with furnished(urls, scale) as (invented, floor, ours):
        return [await measured(work, invented, floor, ours, scale) for work in works]


async def measured(work: Work, invented: Invented, floor: Server, ours: Server, scale: Scale) -> Row:
    """Drive one work against both servers."""
    return await measure(
        work.name,
        work.target,
        Aim(server=floor, requests=work.to_floor(invented), status=work.status),
        Aim(server=ours, requests=work.to_ours(invented), status=work.status),
        rounds=scale.rounds,
        seconds=scale.seconds,
        connections=scale.connections,
    )


@asynccontextmanager
async def furnished(urls: DatabaseUrls, scale: Scale) -> AsyncIterator[tuple[Invented, Server, Server]]:
    """Fill a migrated, empty database and run the floor and the service over it."""
    ports = free_port(), free_port()
    secret = base64.b64encode(clock.random_bytes(32)).decode()
    address = f"http://127.0.0.1:{ports[1]}"
    databases = {"DATABASE_URL": urls.app, "DATABASE_SWEEP_URL": urls.sweep}
    environment = {**databases, "SECRETS_KEY": secret, "PORT": str(ports[1]), "PUBLIC_URL": address, **UNBOUNDED}
    settings = Settings(database_url=urls.app, database_sweep_url=urls.sweep, secrets_key=SecretStr(secret), public_url=address)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        invented = await invent(app, schools=scale.schools, pupils_each=scale.pupils_each, now=clock.now(), issuer=address)
    async with AsyncExitStack() as stack:
        floor = await stack.enter_async_context(serving("bench.floors:create_floor", ports[0], {"DATABASE_OWNER_URL": urls.owner}))
        ours = await stack.enter_async_context(serving("app.main:create_app", ports[1], environment))
        yield invented, floor, ours
