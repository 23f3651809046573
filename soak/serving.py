"""The service as an operator runs it, over a database of its own, and the means to kill any of its processes without a word."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from app import launch
from app.db.embedded import DatabaseUrls
from app.settings import child_environment

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PARTS: Final = {"service": "uvicorn", "worker": "app.worker", "database": "postgres"}
"""What may be killed, each by a word of its command line."""
UNBOUNDED: Final = {"READS_PER_SECOND": "100000", "WRITES_PER_SECOND": "100000", "REQUESTS_PER_SECOND": "100000"}
READY_SECONDS: Final = 120.0
END_SECONDS: Final = 30.0


class DidNotStartError(Exception):
    """The service was not ready in time, or ended before it was."""


class EndedError(Exception):
    """The service ended, though nobody told it to."""


class Serving:
    """`graduated serve` in a folder that is gone afterwards; ends whatever it started."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="grad-soak-"))
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = int(found.getsockname()[1])
        self.address = f"http://127.0.0.1:{port}"
        self._settings = {"PORT": str(port), "DATA_DIR": str(self.folder / "data"), "EGRESS_ALLOW": "127.0.0.0/8", "LOG_LEVEL": "ERROR"}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        without = {"DATABASE_URL": "", "SECRETS_KEY": "", "PUBLIC_URL": ""}
        program = launch.command([sys.executable, "-m", "app.cli", "serve", "--no-demo"])
        surroundings = child_environment({**without, **self._settings, **UNBOUNDED})
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(program, env=surroundings, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait_until_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def urls(self) -> DatabaseUrls:
        """The database by each role."""
        return DatabaseUrls.over_socket(self.folder / "data" / "socket")

    @property
    def secrets_key(self) -> str:
        """The key that the service made for itself."""
        return (self.folder / "data" / "secrets.key").read_text().strip()

    @property
    def log(self) -> str:
        """What the service said, which holds nothing of any person."""
        return (self.folder / "log").read_text(errors="replace")

    def wait_until_ready(self) -> None:
        """Wait until requests are served; raises DidNotStartError."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise DidNotStartError(self.log[-2000:])
            try:
                if httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise DidNotStartError(self.log[-2000:])

    def require_alive(self) -> None:
        """Raise EndedError where the service gave itself up, which no kill of its parts may bring about."""
        if self._process is None or self._process.poll() is not None:
            raise EndedError(self.log[-2000:])

    def kill(self, part: str) -> bool:
        """Kill one of the parts as a power cut would; False where it is not running at this moment."""
        found = next((pid for pid in self._children() if PARTS[part] in _command_line(pid)), None)
        if found is None:
            return False
        os.kill(found, signal.SIGKILL)
        return True

    def _children(self) -> list[int]:
        if self._process is None:
            return []
        listed = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        return [int(pid) for children in listed for pid in children.read_text().split()]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
