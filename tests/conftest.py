"""What all tests share: a PostgreSQL, a database that the migrations built, and a network that ends at loopback."""

import asyncio
import fcntl
import hashlib
import ipaddress
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from app.db.embedded import DatabaseUrls, binaries, embedded_cluster
from app.db.migrations import upgrade
from app.db.roles import make_roles
from tests.webhooks.scanning import Mark, require_nothing_personal, went_out

ROLES = ("owner", "app", "sweep", "erasure")


class NetworkForbiddenError(Exception):
    """A test tried to reach a machine other than this one."""


def _is_loopback(address: object) -> bool:
    if not isinstance(address, tuple):
        return True
    try:
        return ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback
    except ValueError:
        return str(address[0]) == "localhost"


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Refuse every connection that would leave the machine; unix sockets and loopback pass."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: object, original: Callable[..., object] = original) -> object:
            if not _is_loopback(address):
                raise NetworkForbiddenError(f"tests may not reach {address}")
            return original(self, address)

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()


def in_database(url: str, database: str) -> str:
    """Give the URL of another database on the same server, as the same role."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def with_role(url: str, role: str, password: str) -> str:
    """Give the URL as another role, with its password."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{place}"))


def run_sql(url: str, *statements: str) -> None:
    """Run statements one by one, each in a transaction of its own."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def moved_to(urls: DatabaseUrls, database: str) -> DatabaseUrls:
    """Give all the roles' URLs of another database on the same server."""
    return replace(urls, **{name: in_database(getattr(urls, name), database) for name in (*ROLES, "superuser")})


@contextmanager
def _external_server(superuser: str, run: str) -> Iterator[DatabaseUrls]:
    """Make the roles on a server given by URL; the test workers of one run agree on the passwords without talking to each other."""
    passwords = {role: hashlib.sha256(f"{superuser}{run}{role}".encode()).hexdigest() for role in ROLES}
    database = f"graduated_test_{os.getpid()}"
    with (Path(tempfile.gettempdir()) / f"graduated-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_roles(binaries() / "psql", superuser, database=database, passwords=passwords)
    urls = {role: with_role(superuser, f"graduated_{role}", passwords[role]) for role in ROLES}
    yield moved_to(DatabaseUrls(**urls, superuser=superuser), database)
    run_sql(superuser, f"drop database {database} with (force)")


@pytest.fixture(scope="session")
def cluster(worker_id: str) -> Iterator[DatabaseUrls]:
    """A server with the roles on it: the one TEST_DATABASE_URL names (a superuser's URL, PostgreSQL 15 or newer) or an embedded one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or os.urandom(8).hex()
        with _external_server(given, run) as urls:
            yield urls
        return
    with tempfile.TemporaryDirectory(prefix="grad-") as folder, embedded_cluster(Path(folder)) as urls:
        yield urls


@pytest.fixture(scope="session")
def template(cluster: DatabaseUrls, worker_id: str) -> Iterator[str]:
    """The name of a database that the real migrations built and nobody else uses."""
    name = f"template_{worker_id}_{os.getpid()}"
    make_roles(binaries() / "psql", cluster.superuser, database=name)
    upgrade(moved_to(cluster, name).owner)
    yield name
    run_sql(cluster.superuser, f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def database(cluster: DatabaseUrls, template: str) -> Iterator[DatabaseUrls]:
    """A fresh, migrated, empty database for one test module, as each role reaches it."""
    name = f"test_{os.getpid()}_{os.urandom(4).hex()}"
    run_sql(cluster.superuser, f"create database {name} owner graduated_owner template {template}")
    yield moved_to(cluster, name)
    run_sql(cluster.superuser, f"drop database {name} with (force)")


@pytest.fixture(autouse=True)
def nothing_personal_goes_out(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail whatever test pushed, leased or saw in the feed a word that is personal by its database."""
    database = request.getfixturevalue("database") if "database" in request.fixturenames else None
    since = Mark.now()
    yield
    if isinstance(database, DatabaseUrls) and went_out(since):
        require_nothing_personal(database.superuser, since)
