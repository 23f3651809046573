"""Runs what was queued: woken by a notification, and looking by itself every so often in case one was lost."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final
from uuid import UUID

import structlog
from pydantic import ValidationError

from app import clock, logs
from app.casework.access_digest import digest_accesses
from app.casework.authors import ProofReader
from app.casework.clock_events import tell_clocks
from app.casework.expiry import forget_places_in_the_feed, forget_used_statements, forget_what_ran_out
from app.casework.keyring import Keyring, KeysUnreadableError
from app.casework.looking_again import take_up_again
from app.casework.rederivation import rederive
from app.casework.taking import Casework, Means
from app.casework.totals import build_totals
from app.casework.waiting import asking
from app.casework.working import attempt_whole
from app.db.blobs import Blobs, open_blobs, remove_unnamed
from app.db.file_stores import FileStoreError
from app.db.roles import RoleTooPowerfulError, check_app_role
from app.db.session import AWAY, Sessions, open_pool
from app.db.sweep import Sweep
from app.db.wake import Bell, Waker, listen
from app.db.work import WorkKind
from app.documents.bundle.bundling import BundleMaker
from app.exchange.roll_import import RollImports
from app.keys.sealing import Sealer, keys_from_text
from app.settings import Settings, in_one_line
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.delivering.dispatch import Dispatcher
from app.webhooks.sending.adapters import adapters
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from app.webhooks.telling.catalogue import catalogue

# Longer than attempts under way are given, and shorter than whoever supervises us waits before it kills.
DEADLINE_S = 13.0
HOUR_S: Final = 3600.0
"""The rest of what nobody waits for: it is not woken by what others are woken for."""
PACES: Final[Mapping[WorkKind, tuple[float, float]]] = MappingProxyType(
    {
        WorkKind.IMPORT: (2.0, 0.1),
        WorkKind.BUNDLE: (2.0, 0.1),
        WorkKind.OBLIGATIONS: (5.0, 0.5),
        WorkKind.TOTALS: (60.0, 10.0),
        WorkKind.ACCESSES: (60.0, 10.0),
        WorkKind.CLOCKS: (60.0, 10.0),
        WorkKind.NOTICES: (60.0, 10.0),
        WorkKind.FORGETTING: (1.0, HOUR_S),
    }
)
"""Of each kind of work, the seconds between looks, and of rest between turns."""
_log = structlog.get_logger("app.worker")


class CannotWorkError(Exception):
    """A setting that the worker needs is missing; the message is one line for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of work: `turn` does what waits and tells whether to look again at once; seconds between looks, and of rest between turns."""

    name: str
    turn: Callable[[], Awaitable[bool]]
    poll_s: float
    rest_s: float = 0.0


async def keep_at(kind: Kind, ear: asyncio.Event) -> None:
    """Do a kind of work for ever; an error is logged and the work looked at again later."""
    while True:
        ear.clear()
        again = False
        try:
            again = await kind.turn()
        except Exception as error:
            _log.error("work.failed", kind=kind.name, exc_info=error)
            await asyncio.sleep(kind.poll_s)
        await asyncio.sleep(kind.rest_s)
        if not again:
            await _heard(ear, kind.poll_s)


async def _heard(ear: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ear.wait()
    except TimeoutError:
        return


async def each(find: Callable[[], Awaitable[Sequence[tuple[UUID, UUID]]]], do: Callable[[UUID, UUID], Awaitable[object]]) -> bool:
    """Do each piece of work that was found, by school and subject; `do` claims it, so that two workers may find the same.

    What fails for one is logged and does not keep it from the others.
    """
    for school_id, subject in await find():
        try:
            await do(school_id, subject)
        except Exception as error:
            _log.error("work.failed", school=str(school_id), subject=str(subject), exc_info=error)
    return False


def of_school(do: Callable[[UUID], Awaitable[object]]) -> Callable[[UUID, UUID], Awaitable[object]]:
    """Take work on a whole school for work on a subject, which is the school."""
    return lambda school_id, _subject: do(school_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the worker works with, put together once."""

    casework: Casework
    sweep: Sweep
    dispatcher: Dispatcher
    imports: RollImports
    bundles: BundleMaker
    blobs: Blobs


def kinds(tools: Tools) -> list[Kind]:
    """List every kind of work; another is one line here."""
    casework, sweep = tools.casework, tools.sweep
    done_by: dict[WorkKind, Callable[[UUID, UUID], Awaitable[object]]] = {
        WorkKind.IMPORT: tools.imports.run,
        WorkKind.BUNDLE: tools.bundles.make,
        WorkKind.OBLIGATIONS: of_school(partial(rederive, casework)),
        WorkKind.ACCESSES: of_school(partial(digest_accesses, casework)),
        WorkKind.TOTALS: of_school(partial(build_totals, casework)),
        WorkKind.CLOCKS: of_school(partial(tell_clocks, casework)),
        WorkKind.NOTICES: of_school(partial(attempt_whole, casework, WorkKind.NOTICES, partial(take_up_again, casework))),
        WorkKind.FORGETTING: of_school(partial(forget_what_ran_out, casework)),
    }
    pieces = {kind: partial(each, partial(_waiting, casework, sweep, kind), do) for kind, do in done_by.items()}
    return [
        Kind(name="deliveries", turn=tools.dispatcher.turn, poll_s=2.0),
        Kind(name="files", turn=partial(_remove_unnamed, casework, tools.blobs), poll_s=1.0, rest_s=HOUR_S),
        Kind(name="shared", turn=partial(_forget_shared, casework), poll_s=1.0, rest_s=HOUR_S),
        *(Kind(name=kind.value, turn=turn, poll_s=PACES[kind][0], rest_s=PACES[kind][1]) for kind, turn in pieces.items()),
    ]


async def _waiting(casework: Casework, sweep: Sweep, kind: WorkKind) -> Sequence[tuple[UUID, UUID]]:
    return await sweep.work(kind, asking(casework))


async def _forget_shared(casework: Casework) -> bool:
    """Let go of what belongs to no school, so that no row of work stands for it; it is safe to do twice."""
    await forget_used_statements(casework)
    await forget_places_in_the_feed(casework)
    return False


async def _remove_unnamed(casework: Casework, blobs: Blobs) -> bool:
    removed = await remove_unnamed(blobs, casework.sessions, now=casework.means.now())
    if removed:
        _log.info("files.removed", count=removed)
    return False


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Work until told to stop. Raises CannotWorkError or RoleTooPowerfulError at the start."""
    missing = [name for name in ("database_url", "database_sweep_url", "secrets_key") if getattr(settings, name) is None]
    if settings.database_url is None or settings.database_sweep_url is None or settings.secrets_key is None:
        named = " and ".join(name.upper() for name in missing)
        raise CannotWorkError(f"set {named}; `graduated serve` does so for a worker of its own over the embedded database")
    sealer = Sealer(*keys_from_text(settings.secrets_key.get_secret_value()), random_bytes=clock.random_bytes)
    async with await open_pool(settings.database_url) as pool, await open_pool(settings.database_sweep_url, size=2) as sweeping:
        async with pool.acquire() as connection:
            await check_app_role(connection)
        bell, waker, sender = Bell(), Waker(settings.database_url), Sender(allowed=settings.egress_allow)
        proofs = ProofReader(audience=settings.public_url, now=clock.now)
        means = Means(now=clock.now, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=waker.wake)
        casework, sweep = Casework(Sessions(pool), means), Sweep(sweeping)
        keyring, blobs = Keyring(casework.sessions, sealer, clock.now), open_blobs(settings.files, sealer, clock.random_bytes)
        await keyring.start()
        deliverer = Deliverer(casework, adapters(sender), Signers(sealer, keyring), catalogue(blobs), dice=partial(clock.jitter, 0.0, 1.0))
        tools = Tools(
            casework=casework,
            sweep=sweep,
            dispatcher=Dispatcher(deliverer, sweep, now=clock.now, ring=bell.ring),
            imports=RollImports(casework, sealer),
            bundles=BundleMaker(casework, keyring, blobs),
            blobs=blobs,
        )
        loops = [keep_at(kind, bell.ear()) for kind in kinds(tools)]
        await _until(stop, [*loops, listen(settings.database_url, bell.ring), waker.run()])
        await tools.dispatcher.finish()
        sender.close()


async def _until(stop: asyncio.Event, loops: Sequence[Coroutine[object, object, None]]) -> None:
    tasks = [asyncio.create_task(loop) for loop in loops]
    _log.info("worker.ready", count=len(loops))
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _end(stop: asyncio.Event) -> None:
    """Stop in order, and by the deadline in any case: a database that is gone can keep a pool waiting; leases bring back what was begun."""
    stop.set()
    deadline = threading.Timer(DEADLINE_S, os._exit, (1,))
    deadline.daemon = True
    deadline.start()


async def _run() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _end, stop)
    while not stop.is_set():
        try:
            await work(Settings(), stop)
        except AWAY as error:
            _log.error("database.away", exc_info=error)
            await asyncio.sleep(1.0)


def main() -> None:
    """Run the worker as a process; exits 1 with one line when the operator must act."""
    try:
        settings = Settings()
        logs.set_up(clock.now, sys.stderr, settings.log_level)
        asyncio.run(_run())
    except ValidationError as error:
        sys.exit(f"graduated worker: {in_one_line(error)}")
    except (CannotWorkError, FileStoreError, KeysUnreadableError, RoleTooPowerfulError) as error:
        sys.exit(f"graduated worker: {error}")


if __name__ == "__main__":
    main()
