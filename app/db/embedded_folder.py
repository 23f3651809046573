"""The folder of an embedded PostgreSQL: its lock, its socket, its owner, and processes left over from an earlier run."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app import clock

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107
GRACE_SECONDS = 5.0


class EmbeddedInUseError(Exception):
    """Another process runs the database in this folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process alone; the kernel lets go when the process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedInUseError(f"the database in {folder} is in use by another process; stop it or choose another DATA_DIR") from None
        yield


@contextmanager
def socket_folder(folder: Path) -> Iterator[Path]:
    """Give a folder of mode 0700 that is ours and short enough for a socket; a temporary one when the usual path is too long."""
    usual = folder / "socket"
    if len(os.fsencode(usual / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        usual.mkdir(mode=0o700, exist_ok=True)
        usual.chmod(0o700)
        yield usual
        return
    with tempfile.TemporaryDirectory(prefix="graduated-", ignore_cleanup_errors=True) as short:
        yield Path(short)


def give(folder: Path, uid: int) -> None:
    """Make `uid` the owner of a folder and all in it, where it is not already; only root may change owners."""
    if folder.stat().st_uid == uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, -1, follow_symlinks=False)


def end_leftovers(cluster: Path, sockets: Path) -> None:
    """Wait for every process of this cluster to end, then make it; after that its pid files are void, even if their number is in use."""
    for ending in (None, signal.SIGQUIT, signal.SIGKILL):
        if ending is not None:
            _signal_all(cluster, ending)
        if _all_ended(cluster):
            for void in (cluster / "postmaster.pid", sockets / SOCKET_NAME, sockets / f"{SOCKET_NAME}.lock"):
                void.unlink(missing_ok=True)
            return
    raise EmbeddedInUseError(f"processes of an earlier run of the database in {cluster} do not end: {_processes_of(cluster)}")


def _signal_all(cluster: Path, ending: signal.Signals) -> None:
    for pid in _processes_of(cluster):
        with suppress(ProcessLookupError):
            os.kill(pid, ending)


def _all_ended(cluster: Path) -> bool:
    deadline = clock.monotonic() + GRACE_SECONDS
    while _processes_of(cluster):
        if clock.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _processes_of(cluster: Path) -> list[int]:
    """List the server and its backends: all of them work in the cluster's folder."""
    if sys.platform != "linux":
        return _servers_named_by_ps(cluster)
    mine = cluster.resolve()
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and (process / "cwd").readlink() == mine and _is_postgres(process):
                found.append(int(process.name))
    return found


def _is_postgres(process: Path) -> bool:
    return process.joinpath("comm").read_text().strip() == "postgres"


def _servers_named_by_ps(cluster: Path) -> list[int]:
    listing = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True).stdout  # noqa: S607 - on the PATH
    return [int(line.split()[0]) for line in listing.splitlines() if "postgres" in line and f"-D {cluster} " in line]
