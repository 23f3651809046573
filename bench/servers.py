"""Servers under measurement, each a process of its own with the settings the service runs under."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from app import launch
from app.settings import child_environment

MANNER: Final = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
READY_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server; `pid` is the one process that answers."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Tell the processor time that the process has used; the clock's number is made from the process id as Linux does."""
        return time.clock_gettime((~self.pid << 3) | 2)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(factory: str, port: int, environment: Mapping[str, str]) -> AsyncIterator[Server]:
    """Run an app by its factory until the block ends; it ends with us, too."""
    process = _started(factory, port, environment)
    try:
        async with asyncio.timeout(READY_SECONDS):
            await _listening(port, process)
        yield Server(port=port, pid=process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)


def _started(factory: str, port: int, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    program = [sys.executable, "-m", "uvicorn", factory, "--factory", "--host", "127.0.0.1", "--port", str(port), *MANNER]
    return subprocess.Popen(launch.command(program), env=child_environment(environment), stderr=subprocess.DEVNULL)


async def _listening(port: int, process: "subprocess.Popen[bytes]") -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.poll() is not None:
                raise
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
