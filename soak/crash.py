"""Kills the service, the worker and the database again and again while thousands of deliveries are under way, and counts what arrived."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import asyncpg

from app import clock
from soak import town
from soak.listener import Listener
from soak.serving import PARTS, Serving
from soak.town import School

URNS: Final = ("999101", "999102")
WRITERS: Final = 8
FEWEST_SECONDS_BETWEEN: Final = 11.0
"""Between two deaths of one part: who dies three times within ten seconds of a start is given up, rightly."""
PATIENCE_SECONDS: Final = 900.0
# Time goes by for what waits for its next attempt, and for no lease: hours need not be sat out.
LATER: Final = """
update delivery d set next_at = now()
 where state = 'waiting' and next_at > now() + interval '2 seconds'
   and (attempts = 0 or exists (select from delivery_attempt a
         where a.school_id = d.school_id and a.delivery_id = d.id and a.attempt = d.attempts and a.outcome <> 'interrupted'))
"""
PROBE: Final = "update subscription set probe_at = now() where probe_at > now()"
COUNTED: Final = "select state, count(*) from delivery group by state"
NUMBERED: Final = """
select ss.subscription_id::text as id, ss.number, count(d.*) as owed, count(distinct d.number) as numbers, max(d.number) as last
  from school_subscription ss left join delivery d on d.school_id = ss.school_id and d.subscription_id = ss.subscription_id
 group by ss.subscription_id, ss.number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How many pupils each school has, and how often something is killed."""

    pupils: int
    kills: int
    seed: int = 1

    @property
    def deliveries(self) -> int:
        """How many are owed in the end: two steps to each pupil, told to each parent, through each endpoint."""
        return len(URNS) * self.pupils * 2 * town.CONTACTS * town.ENDPOINTS


def can_kill() -> bool:
    """Whether the processes of the service can be found here."""
    return Path("/proc/self/task").exists()


async def run(scale: Scale, say: Callable[[str], None]) -> list[str]:
    """Raise the storm and give every fault found, none when all is well."""
    listener = Listener(scale.seed)
    async with listener.serving():
        with Serving() as serving:
            schools = [await town.open_school(serving, urn) for urn in URNS]
            try:
                for school in schools:
                    await town.subscribe(school, listener)
                enrolling = (partial(town.enrol, school) for _ in range(scale.pupils) for school in schools)
                await town.side_by_side(enrolling, at_once=WRITERS)
                say(f"{len(schools)} schools with {scale.pupils} pupils each; the storm begins")
                killed = await _storm(serving, schools, scale)
                say("killed " + ", ".join(f"the {part} {count} times" for part, count in killed.items()))
                told = await _until_all_is_told(serving, scale)
                say(f"deliveries: {told}; requests heard: {sum(heard.requests for heard in listener.heard.values())}")
                return [*_short_of(killed, scale), *await _faults(serving, schools, listener, scale)]
            finally:
                for school in schools:
                    await school.http.aclose()


async def _storm(serving: Serving, schools: list[School], scale: Scale) -> dict[str, int]:
    """Take all steps while parts are killed at random, and go on killing until each was often enough."""
    stepping = asyncio.create_task(town.side_by_side(_steps(schools), at_once=WRITERS))
    lightning = asyncio.create_task(_kill(serving, scale))
    passing = asyncio.create_task(_let_time_pass(serving))
    try:
        await stepping
        return await lightning
    finally:
        for task in (stepping, lightning, passing):
            task.cancel()
        await asyncio.gather(stepping, lightning, passing, return_exceptions=True)


def _steps(schools: list[School]) -> Iterator[Callable[[], Awaitable[None]]]:
    for pupils in zip(*(school.pupils for school in schools), strict=True):
        for school, pupil in zip(schools, pupils, strict=True):
            yield partial(town.decide_and_plan, school, pupil)


async def _kill(serving: Serving, scale: Scale) -> dict[str, int]:
    dice, last, killed = Random(scale.seed), dict.fromkeys(PARTS, 0.0), dict.fromkeys(PARTS, 0)
    while sum(killed.values()) < scale.kills:
        await asyncio.sleep(dice.uniform(0.5, 6.0))
        part = dice.choice(sorted(PARTS))
        if clock.monotonic() - last[part] >= FEWEST_SECONDS_BETWEEN and serving.kill(part):
            last[part], killed[part] = clock.monotonic(), killed[part] + 1
    return killed


async def _let_time_pass(serving: Serving) -> None:
    while True:
        await asyncio.sleep(3.0)
        await _asked(serving, LATER, PROBE)


async def _asked(serving: Serving, *statements: str) -> list[asyncpg.Record]:
    """Run statements as the database's owner of all; nothing where it is down at this moment."""
    try:
        connection = await asyncpg.connect(serving.urls.superuser, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return []
    try:
        rows: list[asyncpg.Record] = []
        for statement in statements:
            rows = await connection.fetch(statement)
        return rows
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return []
    finally:
        connection.terminate()


async def _until_all_is_told(serving: Serving, scale: Scale) -> dict[str, int]:
    deadline, states = clock.monotonic() + PATIENCE_SECONDS, dict[str, int]()
    while clock.monotonic() < deadline:
        serving.require_alive()
        await _asked(serving, LATER, PROBE)
        states = {row["state"]: row["count"] for row in await _asked(serving, COUNTED)} or states
        if states.get("waiting", 0) == 0 and sum(states.values()) >= scale.deliveries:
            break
        await asyncio.sleep(1.0)
    return states


def _short_of(killed: dict[str, int], scale: Scale) -> Iterator[str]:
    if sum(killed.values()) < scale.kills or (scale.kills >= len(PARTS) * 3 and not all(killed.values())):
        yield f"the storm was weaker than asked for: {killed}"


async def _faults(serving: Serving, schools: list[School], listener: Listener, scale: Scale) -> list[str]:
    """Compare what was acknowledged, what is numbered and what arrived."""
    numbered = {row["id"]: row for row in await _asked(serving, NUMBERED)}
    faults = [] if sum(row["owed"] for row in numbered.values()) == scale.deliveries else ["not as many deliveries as were to be owed"]
    for school in schools:
        for path, subscription in school.paths.items():
            faults += [f"{path}: {fault}" for fault in faults_of_one(school, numbered[subscription], listener, path, subscription)]
    return faults


def faults_of_one(school: School, row: Mapping[str, int], listener: Listener, path: str, subscription: str) -> Iterator[str]:
    """Say what is wrong with one subscription: its numbers run from 1 without a gap, and each arrived under one id, here alone."""
    heard, expected = listener.heard[path], set(range(1, school.acknowledged + 1))
    if not row["number"] == row["owed"] == row["numbers"] == row["last"] == school.acknowledged:
        yield f"numbers do not run from 1 to {school.acknowledged}: {dict(row)}"
    if set(heard.ids_of) != expected:
        lost, strange = sorted(expected - set(heard.ids_of)), sorted(set(heard.ids_of) - expected)
        yield f"{len(lost)} numbers never arrived, {len(strange)} were never owed"
    if any(len(ids) != 1 for ids in heard.ids_of.values()):
        yield "one number came under two ids"
    if heard.schools != {school.urn} or heard.subscriptions != {subscription}:
        yield "something of another school or endpoint arrived"
    if heard.forged:
        yield f"{heard.forged} requests were not signed for this endpoint"
