"""The processes of the story on loopback: the service over a database in a temporary folder, and whoever listens to it."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from app import launch
from app.db.embedded import DatabaseUrls
from app.settings import child_environment
from demo.client import until
from demo.narrator import StoryDiffersError

CHECKOUT = Path(__file__).resolve().parents[1]
END_SECONDS = 30.0
EVALUATIONS_PER_SECOND = "500"
"""Enough for all published cases at once; a service is asked for fewer by default."""
_CLIENT = re.compile(r"  (?P<name>\S.*)\n    client id     (?P<id>\S+)\n    client secret (?P<secret>\S+)")


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Stage:
    """Starts what the story needs, and ends it, each process by its own id; even a killed story leaves none behind."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="grad-demo-"))
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._processes: list[subprocess.Popen[str]] = []
        self._said: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in reversed(self._processes):
            _end(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def said(self) -> str:
        """Everything the service printed, secrets that it shows once among it."""
        return "".join(self._said)

    def serve(self) -> None:
        """Start the service as a newcomer does, in a folder of its own, and wait until it is ready."""
        settings = {"PORT": str(self.port), "DATA_DIR": str(self.folder / "data"), "EGRESS_ALLOW": "127.0.0.0/8", "LOG_LEVEL": "WARNING"}
        settings["EVALUATIONS_PER_SECOND"] = EVALUATIONS_PER_SECOND
        service = self._start([sys.executable, "-m", "app.cli", "serve"], settings)
        threading.Thread(target=self._listen, args=(service,), daemon=True).start()

        def ready() -> bool:
            if service.poll() is not None:
                raise StoryDiffersError("the service ended before it was ready")
            try:
                return httpx.get(f"{self.address}/readyz").status_code == 200
            except httpx.TransportError:
                return False

        until("the service is ready", ready, seconds=120)

    def receive(self, program: str, configuration: dict[str, object]) -> str:
        """Start a receiver, give it its configuration on standard input, and tell its address once it listens."""
        receiver = self._start([sys.executable, "-m", "demo.receivers", program], {}, stdin=subprocess.PIPE)
        assert receiver.stdin is not None
        assert receiver.stdout is not None
        receiver.stdin.write(json.dumps(configuration))
        receiver.stdin.close()
        if not receiver.stdout.readline():
            raise StoryDiffersError(f"the receiver {program} did not start")
        return f"http://127.0.0.1:{configuration['port']}"

    def secrets(self) -> dict[str, tuple[str, str]]:
        """Read from what the service showed at its first start: each client's id and secret, by name."""
        return {found["name"]: (found["id"], found["secret"]) for found in _CLIENT.finditer(self.said)}

    def graduated(self, *words: str, status: int = 0, **settings: str) -> str:
        """Run a command of the command line over the story's database, with settings of its own, and give what it printed."""
        told = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=child_environment({**self._operators_settings(), **settings}),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if told.returncode != status:
            raise StoryDiffersError(f"graduated {' '.join(words[:2])} ended with {told.returncode}: {told.stderr or told.stdout}")
        return told.stdout.strip()

    def _operators_settings(self) -> dict[str, str]:
        data = self.folder / "data"
        return {
            "DATABASE_URL": DatabaseUrls.over_socket(data / "socket").app,
            "SECRETS_KEY": (data / "secrets.key").read_text().strip(),
            "PUBLIC_URL": self.address,
        }

    def _start(self, command: list[str], settings: dict[str, str], *, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[str]":
        surroundings = child_environment({"PYTHONUNBUFFERED": "1", "DATABASE_URL": "", "SECRETS_KEY": "", "PUBLIC_URL": "", **settings})
        process = subprocess.Popen(launch.command(command), env=surroundings, cwd=CHECKOUT, stdin=stdin, stdout=subprocess.PIPE, text=True)
        self._processes.append(process)
        return process

    def _listen(self, service: "subprocess.Popen[str]") -> None:
        assert service.stdout is not None
        for line in service.stdout:
            self._said.append(line)


def _end(process: "subprocess.Popen[str]") -> None:
    """Ask one process to end, and after a while make it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
