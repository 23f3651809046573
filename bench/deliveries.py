"""Deliveries by a real worker beside a bare signed loop over the same sender, and how long it is from a commit to the arrival."""

import asyncio
import base64
import itertools
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from statistics import median, quantiles
from typing import Final

import asyncpg
import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from app import clock, launch
from app.clock import monotonic
from app.db.embedded import DatabaseUrls
from app.main import create_app
from app.settings import Settings, child_environment
from app.webhooks.delivering.room import MOST
from app.webhooks.sending.attempt import Outgoing
from app.webhooks.sending.signing import Signer
from app.webhooks.sending.transport import Sender
from bench.owing import Notice, Owed, invent_owed, owe_again
from bench.servers import free_port
from bench.times import Times, Way, in_turn

LEAST: Final = 0.5
MOST_P95_MS: Final = 100.0
PATIENCE_S: Final = 120.0
LOOPBACK: Final = "127.0.0.0/8"
AGAIN: Final = (
    "update subscription set state = 'paused'",
    "truncate delivery_attempt",
    "update delivery set state = 'waiting', attempts = 0, next_at = now(), done_at = null",
    "vacuum analyze delivery, delivery_attempt, notice_event",
)
GO: Final = ("update subscription set state = 'active'", "notify graduated_wake")
WAITING: Final = "select exists (select from delivery where state = 'waiting')"
UNSETTLED: Final = "select exists (select from school where rules_version is null or totals_built_on is null)"
TICK_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is owed in a round, how many rounds there are, and how many commits are timed, one after another and at half load."""

    schools: int = 8
    pupils_each: int = 250
    rounds: int = 3
    idle: int = 100
    loaded_s: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A row of the report: milliseconds from commit to arrival."""

    work: str
    milliseconds: Sequence[float]

    def report(self) -> str:
        """Write the row as it is printed."""
        p95 = quantiles(self.milliseconds, n=20)[-1]
        line = f"  p50 {median(self.milliseconds):8.1f} ms  p95 {p95:8.1f} ms  of {len(self.milliseconds)}"
        return f"commit to arrival, {self.work} (target p95 < {MOST_P95_MS:.0f} ms)\n{line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A service that owes notices to a receiver, and the worker that delivers them."""

    app: FastAPI
    owed: Owed
    port: int
    worker: int
    superuser: "asyncpg.Connection[asyncpg.Record]"

    async def arrived(self) -> dict[str, float]:
        """Tell what arrived since this was last asked, and when."""
        async with httpx.AsyncClient() as http:
            told: dict[str, float] = (await http.get(f"http://127.0.0.1:{self.port}/")).json()
        return told

    async def until_settled(self) -> None:
        """Wait until the worker has done what it does for every new school."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.superuser.fetchval(UNSETTLED):  # noqa: ASYNC110 - the worker is another process
                await asyncio.sleep(0.1)

    async def until_delivered(self) -> None:
        """Wait until nothing waits any more."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.superuser.fetchval(WAITING):  # noqa: ASYNC110 - the worker is another process
                await asyncio.sleep(0.005)


async def run(urls: DatabaseUrls, size: Size) -> list[Times | Waits]:
    """Measure on a migrated, empty database."""
    async with running(urls, size) as found:
        await found.until_settled()
        await found.until_delivered()
        rows: list[Times | Waits] = [await _throughput(found, size)]
        per_second = len(found.owed.notices) / median(taken.gone_by for taken in rows[0].ours)  # type: ignore[union-attr]
        rows.append(Waits(work="idle", milliseconds=await _idle(found, size)))
        rows.append(Waits(work=f"at half load, {per_second / 2:.0f} a second", milliseconds=await _loaded(found, per_second / 2, size)))
        return rows


@asynccontextmanager
async def running(urls: DatabaseUrls, size: Size) -> AsyncIterator[Running]:
    """Run receiver and worker, each a process of its own; what commits is here, as in the API."""
    port, secret = free_port(), base64.b64encode(clock.random_bytes(32)).decode()
    environment = {"DATABASE_URL": urls.app, "DATABASE_SWEEP_URL": urls.sweep, "SECRETS_KEY": secret, "EGRESS_ALLOW": LOOPBACK}
    settings = Settings(database_url=urls.app, database_sweep_url=urls.sweep, secrets_key=SecretStr(secret), public_url="http://127.0.0.1")
    app = create_app(settings)
    superuser = await asyncpg.connect(urls.superuser)
    async with app.router.lifespan_context(app):
        owed = await invent_owed(app, schools=size.schools, pupils_each=size.pupils_each, url=f"http://127.0.0.1:{port}/hook")
        processes = [_started(["bench.receiver", str(port)]), _started(["app.worker"], environment)]
        try:
            yield Running(app=app, owed=owed, port=port, worker=processes[1].pid, superuser=superuser)
        finally:
            for process in processes:
                process.terminate()
                await asyncio.to_thread(process.wait, 15)
            await superuser.close()


def _started(program: Sequence[str], environment: dict[str, str] | None = None) -> "subprocess.Popen[bytes]":
    command = launch.command([sys.executable, "-m", *program])
    return subprocess.Popen(command, env=child_environment(environment or {}), stderr=subprocess.DEVNULL)


async def _throughput(found: Running, size: Size) -> Times:
    sender = Sender(allowed=[ip_network(LOOPBACK)])
    signer = Signer(secrets=[found.owed.secret], keys=await found.app.state.keyring.webhook_keys())

    async def floor() -> None:
        await signed_loop(sender, signer, found)

    async def ours() -> None:
        for statement in GO:
            await found.superuser.execute(statement)
        await found.until_delivered()
        if len(await found.arrived()) < len(found.owed.notices):
            raise AssertionError("a delivery was recorded that did not arrive")

    async def again() -> None:
        for statement in AGAIN:
            await found.superuser.execute(statement)
        await found.arrived()

    taken = await in_turn(
        Way(work=floor, pids=(os.getpid(),), before=again), Way(work=ours, pids=(found.worker,), before=again), rounds=size.rounds
    )
    sender.close()
    work = f"{len(found.owed.notices)} notices announced to one endpoint, gate and record included, {MOST} at once"
    return Times(work=work, floor=taken[0], ours=taken[1], least=LEAST, is_rate=True)


async def signed_loop(sender: Sender, signer: Signer, found: Running) -> None:
    """Sign and send as many bodies of the same length, as many at once, and do nothing else."""
    left = iter(found.owed.notices)

    async def go_on() -> None:
        for number, notice in enumerate(left):
            await sender.send(_outgoing(signer, found, number, notice))

    await asyncio.gather(*(go_on() for _ in range(MOST)))


def _outgoing(signer: Signer, found: Running, number: int, notice: Notice) -> Outgoing:
    message, school = str(clock.new_id()), "999000"
    told = {"id": message, "type": "notice.ready", "number": number, "school": school, "subscription": str(found.owed.subscription_id)}
    path = f"/v1/schools/{school}/notices/{notice.id}"
    body = json.dumps({**told, "notice": str(notice.id), "stage": "decision", "due": "2015-03-27", "path": path}).encode()
    signature = signer.sign(message, clock.now(), body)
    return Outgoing(url=f"http://127.0.0.1:{found.port}/hook", headers={"Content-Type": "application/json", **signature}, body=body)


async def _idle(found: Running, size: Size) -> list[float]:
    """Commit one after another, with a rest between that is never the same."""
    committed: dict[str, float] = {}
    for i, notice in enumerate(found.owed.notices[: size.idle]):
        ids = await owe_again(found.app, [notice])
        committed |= dict.fromkeys(ids, monotonic())
        await asyncio.sleep(0.05 + (i % 17) * 0.003)
    return await _milliseconds(found, committed)


async def _loaded(found: Running, per_second: float, size: Size) -> list[float]:
    """Commit so many a second, in a few transactions each tick, school after school."""
    by_school = itertools.groupby(sorted(found.owed.notices, key=lambda n: n.school_id), key=lambda n: n.school_id)
    wheels = [itertools.cycle(list(notices)) for _, notices in by_school]
    committed: dict[str, float] = {}
    began, owed = monotonic(), 0
    for i in itertools.count():
        gone_by = monotonic() - began
        if gone_by > size.loaded_s:
            break
        count = int(gone_by * per_second) - owed
        if count > 0:
            ids = await owe_again(found.app, [next(wheels[i % len(wheels)]) for _ in range(count)])
            committed |= dict.fromkeys(ids, monotonic())
            owed += count
        await asyncio.sleep(max(0.0, TICK_S - (monotonic() - began - gone_by)))
    return await _milliseconds(found, committed)


async def _milliseconds(found: Running, committed: dict[str, float]) -> list[float]:
    await found.until_delivered()
    arrived = await found.arrived()
    return [(arrived[id_] - at) * 1000 for id_, at in committed.items()]
