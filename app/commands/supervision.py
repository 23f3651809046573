"""Keeping the service's processes alive, and ending them in order."""

import asyncio
import signal
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from app import clock, launch
from app.db.embedded import EmbeddedCluster

QUICK_SECONDS = 10.0
QUICK_DEATHS_ALLOWED = 3
PATIENCE_SECONDS = 15.0


ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class GaveUpError(Exception):
    """A process ended again and again soon after its start."""


@dataclass(frozen=True, slots=True)
class Child:
    """A program that must be running, and the name a person knows it by."""

    name: str
    program: Sequence[str]
    environment: Mapping[str, str]


async def keep(child: Child) -> None:
    """Run the child and start it again whenever it ends; raises GaveUpError after three quick deaths in a row; cancel to end it."""
    quick_deaths = 0
    while quick_deaths < QUICK_DEATHS_ALLOWED:
        started = clock.monotonic()
        process = await asyncio.create_subprocess_exec(*launch.command(list(child.program)), env=child.environment)
        try:
            await process.wait()
        finally:
            await _end(process)
        quick_deaths = quick_deaths + 1 if clock.monotonic() - started < QUICK_SECONDS else 0
        await asyncio.sleep(clock.jitter(0.2, 0.5))
    raise GaveUpError(f"the {child.name} ended {QUICK_DEATHS_ALLOWED} times in a row within {QUICK_SECONDS:.0f} seconds of its start")


async def keep_database(cluster: EmbeddedCluster) -> None:
    """Start the embedded database again when its server was killed; nothing committed is lost by that."""
    while True:
        if not cluster.is_running:
            cluster.start()
        await asyncio.sleep(0.2)


def until_told_to_stop(*tasks: Coroutine[object, object, None]) -> None:
    """Run the tasks together until SIGTERM, SIGINT or SIGHUP, then cancel them and wait; the first error of one ends all and is raised."""
    asyncio.run(_run_together(tasks))


async def _run_together(tasks: Sequence[Coroutine[object, object, None]]) -> None:
    """Wait for each task to end its own process before returning, which a bare gather would not."""
    cancel = cast("asyncio.Task[None]", asyncio.current_task()).cancel
    for number in ENDINGS:
        asyncio.get_running_loop().add_signal_handler(number, cancel)
    try:
        async with asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(task)
    except asyncio.CancelledError:
        return
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the process to end, and after a while make it."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
