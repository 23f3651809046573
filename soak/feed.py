"""Writers that give up, sleep and lose their connections, and readers of the feed: each must end with just what was acknowledged."""

import asyncio
import base64
import json
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final
from uuid import UUID

import asyncpg
import httpx
from pydantic import SecretStr

from app import clock, launch
from app.db import grants, organisations
from app.db.embedded import DatabaseUrls
from app.db.grants import Grant
from app.db.organisations import NewClient, Organisation, OrganisationKind
from app.db.session import Sessions
from app.keys.claims import AccessClaims
from app.keys.jwks import KeyUse
from app.keys.jws import sign_access_token
from app.main import create_app
from app.settings import Settings, child_environment
from bench.school import Invented, Place, invent
from bench.servers import free_port, serving
from soak.feed_reading import Held, Reader, ReaderByTime, faults_of

UNBOUNDED: Final = {"READS_PER_SECOND": "1000000", "WRITES_PER_SECOND": "1000000", "REQUESTS_PER_SECOND": "1000000"}
PUPILS_EACH: Final = 40
READS: Final = frozenset({"records:read"})
_ENTRIES: Final = "select school_id::text as school, digest from entry order by school_id, number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is written by how many, and how many read."""

    changes: int
    schools: int = 16
    processes: int = 4
    writers_each: int = 16
    readers: int = 8
    seed: int = 1


@dataclass(slots=True)
class Written:
    """What the writers said."""

    entries: dict[str, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    ended: Counter[str] = field(default_factory=Counter)
    count: int = 0
    faults: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Take one line of a writer."""
        if line.startswith("{"):
            self.ended.update(json.loads(line))
            return
        school, number, digest = line.split()
        if int(number) in self.entries[school]:
            self.faults.append(f"number {number} of {school} was acknowledged twice")
        self.entries[school][int(number)] = bytes.fromhex(digest)
        self.count += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Where it takes place: the schools, two tokens, the second of a client that one school lets in late, and the address."""

    urls: DatabaseUrls
    places: tuple[Place, ...]
    token: str
    late_token: str
    late_client: UUID
    address: str

    @property
    def schools(self) -> dict[str, str]:
        """Each school's id by its URN."""
        return {place.urn: str(place.school_id) for place in self.places}

    @property
    def late(self) -> str:
        """The URN of the school that lets the second client in late."""
        return max(self.schools)


async def run(urls: DatabaseUrls, scale: Scale, say: Callable[[str], None]) -> list[str]:
    """Run the trial on a migrated, empty database and give every fault found, none when all is well."""
    async with _furnished(urls, scale) as ground, AsyncExitStack() as stack:
        before = await _entries(urls)
        readers = [await _reader(stack, ground, place, scale) for place in range(scale.readers)]
        by_time, ended, written = ReaderByTime(), asyncio.Event(), Written()
        reading = [asyncio.create_task(reader.read_on(ended)) for reader in readers]
        reading.append(asyncio.create_task(by_time.read_on(urls.superuser, ended)))
        began = clock.monotonic()
        await asyncio.gather(_write(ground, scale, written), _let_in_late(ground, scale, written))
        wrote_s = clock.monotonic() - began
        ended.set()
        await asyncio.gather(*reading)
        _report(scale, written, readers, wrote_s, clock.monotonic() - began, say)
        expected, faults = _expected(before, written)
        faults += [f"the database: {fault}" for fault in faults_of(await _entries(urls), expected)]
        for reader in readers:
            faults += reader.faults
            faults += [f"{reader.name}: {fault}" for fault in faults_of(reader.held, _for(reader, expected, ground))]
        caught = faults_of(by_time.held, expected)
        say(f"a reader by recorded_at is caught: {caught[0]}" if caught else "a reader by recorded_at missed nothing")
        return faults if caught else [*faults, "the trial would not find a reader out who misses what commits late"]


def _report(scale: Scale, written: Written, readers: Sequence[Reader], wrote_s: float, all_s: float, say: Callable[[str], None]) -> None:
    writers = scale.processes * scale.writers_each
    say(f"{writers} writers at {scale.schools} schools: {written.count} changes in {wrote_s:.1f} s, {written.count / wrote_s:.0f} a second")
    say("transactions: " + ", ".join(f"{name} {count}" for name, count in written.ended.most_common()))
    for reader in readers:
        said = ", ".join(f"{name} {reader.counts[name]}" for name in ("items", "pages", "crashes", "waits", "broken lines"))
        say(f"reader {reader.name}: {said}")
    items, pages = (sum(reader.counts[name] for reader in readers) for name in ("items", "pages"))
    say(f"read: {items} items on {pages} pages in {all_s:.1f} s, {items / all_s:.0f} items a second")


def _expected(before: Held, written: Written) -> tuple[dict[str, list[bytes]], list[str]]:
    """What was there and what was acknowledged, by school in the order of the numbers; they must be contiguous."""
    expected, faults = dict(before), list(written.faults)
    for school, entries in written.entries.items():
        first = len(before[school]) + 1
        if sorted(entries) != list(range(first, first + len(entries))):
            faults.append(f"the numbers acknowledged at {school} are not contiguous")
        expected[school] = before[school] + [entries[number] for number in sorted(entries)]
    return expected, faults


def _for(reader: Reader, expected: Mapping[str, list[bytes]], ground: Field) -> dict[str, list[bytes]]:
    """What this reader may see of it in the end."""
    named = reader.asked.get("schools")
    seen: Iterable[str] = ground.schools if named is None else named if isinstance(named, list) else ()
    return {ground.schools[urn]: expected[ground.schools[urn]] for urn in seen}


async def _entries(urls: DatabaseUrls) -> Held:
    connection = await asyncpg.connect(urls.superuser)
    found: Held = defaultdict(list)
    for row in await connection.fetch(_ENTRIES):
        found[row["school"]].append(bytes(row["digest"]))
    await connection.close()
    return found


async def _reader(stack: AsyncExitStack, ground: Field, place: int, scale: Scale) -> Reader:
    """Make a reader: the first recomputes the chain, the second is let in late, the third reads in full, the fourth some schools alone."""
    token = ground.late_token if place == 1 else ground.token
    http = httpx.AsyncClient(base_url=ground.address, headers={"Authorization": f"Bearer {token}"}, timeout=120)
    await stack.enter_async_context(http)
    asked: Mapping[int, dict[str, object]] = {2: {"include": "entries"}, 3: {"schools": sorted(ground.schools)[::2]}}
    name = f"{place + 1} {('recomputes', 'let in late', 'in full', 'some schools')[place] if place < 4 else ''}".strip()
    return Reader(name, http, Random(scale.seed * 1_000 + place), asked.get(place, {}), recomputes=place == 0)


async def _write(ground: Field, scale: Scale, written: Written) -> None:
    """Run the writers, each process with its share, and hear what they say."""
    by_school: dict[UUID, list[str]] = {}
    for place in ground.places:
        by_school.setdefault(place.school_id, [str(place.school_id), str(place.author)]).append(str(place.pupil_id))
    told = {"grounds": list(by_school.values()), "writers": scale.writers_each, "changes": scale.changes // scale.processes}
    async with asyncio.TaskGroup() as group:
        for number in range(scale.processes):
            seed = scale.seed * 100 + number
            group.create_task(_hear(ground, json.dumps({**told, "seed": seed}), written))


async def _hear(ground: Field, told: str, written: Written) -> None:
    program = launch.command([sys.executable, "-m", "soak.feed_writing", told])
    environment = child_environment({"DATABASE_URL": ground.urls.app})
    process = await asyncio.create_subprocess_exec(*program, env=environment, stdout=asyncio.subprocess.PIPE)
    if process.stdout is not None:
        async for line in process.stdout:
            written.hear(line.decode())
    if await process.wait() != 0:
        raise RuntimeError("a writer broke off")


async def _let_in_late(ground: Field, scale: Scale, written: Written) -> None:
    """Let the second client in at the last school once half is written."""
    while written.count < scale.changes // 2:
        await asyncio.sleep(0.1)
    place = next(place for place in ground.places if place.urn == ground.late)
    connection = await asyncpg.connect(ground.urls.superuser)
    await connection.execute(
        "insert into client_grant (id, school_id, client_id, scopes, purpose, until, granted_by, granted_at)"
        " values ($1, $2, $3, $4, 'reading', current_date + 30, $5, now())",
        *(clock.new_id(), place.school_id, ground.late_client, list(READS), place.author),
    )
    await connection.close()


@asynccontextmanager
async def _furnished(urls: DatabaseUrls, scale: Scale) -> AsyncIterator[Field]:
    """Fill a migrated, empty database and run the service over it."""
    port, secret = free_port(), base64.b64encode(clock.random_bytes(32)).decode()
    address, now = f"http://127.0.0.1:{port}", clock.now()
    reached = {"DATABASE_URL": urls.app, "DATABASE_SWEEP_URL": urls.sweep, "SECRETS_KEY": secret}
    settings = Settings(database_url=urls.app, database_sweep_url=urls.sweep, secrets_key=SecretStr(secret), public_url=address)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        invented = await invent(app, schools=scale.schools, pupils_each=PUPILS_EACH, now=now, issuer=address)
        late_client = await _second_client(app.state.sessions, invented)
        claims = AccessClaims(
            **{"iss": address, "aud": address, "sub": str(late_client), "client_id": str(late_client), "scope": READS},
            **{"iat": now, "exp": now + timedelta(hours=1), "jti": str(clock.new_id())},
        )
        late_token = sign_access_token(claims, await app.state.keyring.signing_key(KeyUse.TOKENS))
    places = (*invented.places_of_floor, *invented.places_of_ours)
    environment = {**reached, "PORT": str(port), "PUBLIC_URL": address, **UNBOUNDED}
    async with serving("app.main:create_app", port, environment):
        yield Field(urls=urls, places=places, token=invented.token, late_token=late_token, late_client=late_client, address=address)


async def _second_client(sessions: Sessions, invented: Invented) -> UUID:
    """Make a client that every school but the last lets in."""
    places = {place.urn: place for place in (*invented.places_of_floor, *invented.places_of_ours)}
    now, client_id = clock.now(), clock.new_id()
    vendor = Organisation(id=clock.new_id(), kind=OrganisationKind.VENDOR, name="Invented Mirror", authority=None, is_sandbox=True)
    async with sessions.shared() as session:
        await organisations.create_organisation(session, vendor, at=now)
        new = NewClient(id=client_id, organisation_id=vendor.id, name="mirror", scopes=tuple(READS))
        await organisations.create_client(session, new, at=now)
    for place in (places[urn] for urn in places if urn != max(places)):
        given = {"id": clock.new_id(), "client_id": client_id, "scopes": tuple(READS), "purpose": "reading", "granted_by": place.author}
        async with sessions.for_school(place.school_id) as school:
            await grants.give(school, Grant(**given, until=now.date() + timedelta(days=30), granted_at=now))
    return client_id
