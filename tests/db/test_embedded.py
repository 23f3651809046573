"""The embedded database survives what a machine does to it: kills, leftovers, second starts, long paths, root and ordinary users."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app import launch
from app.db import embedded_folder
from app.db.embedded import EmbeddedUnavailableError, binaries, embedded_cluster, identity_for, running_cluster
from app.db.embedded_folder import EmbeddedInUseError, end_leftovers, locked
from app.keys.secrets_key import SecretsKeyError, kept_secrets_key, put_new_key_first
from app.settings import child_environment
from tests.conftest import run_sql

CHECKOUT = Path(__file__).parents[2]

# Opens the database, says so, and writes numbers for ever; each number is printed only once its commit was acknowledged.
WRITER = """
import asyncio, sys
from pathlib import Path
import asyncpg
from app.db.embedded import running_cluster

async def write(cluster):
    connection = await asyncpg.connect(cluster.urls.owner)
    await connection.execute("create table if not exists kept (number int primary key)")
    number = await connection.fetchval("select coalesce(max(number), 0) from kept")
    print("ready", cluster.pid, flush=True)
    while True:
        number += 1
        await connection.execute("insert into kept values ($1)", number)
        print(number, flush=True)

with running_cluster(Path(sys.argv[1])) as cluster:
    asyncio.run(write(cluster))
"""

# Opens the database and tells which account it runs as.
TELLER = """
import os, sys
from pathlib import Path
from app.db.embedded import running_cluster
with running_cluster(Path(sys.argv[1])) as cluster:
    print("up as", os.geteuid(), cluster.identity.way, flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="grad-", ignore_cleanup_errors=True) as path:
        yield Path(path)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    async def read() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(read())


def python(script: str, folder: Path) -> "subprocess.Popen[str]":
    environment = child_environment({"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"})
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process that owns the database and writes to it, and the id of its server; killed at the end if it still lives."""
    process = python(WRITER, folder)
    try:
        word, pid = process.stdout.readline().split()
        assert word == "ready"
        yield process, int(pid)
    finally:
        process.kill()
        process.communicate()


def acknowledged_after(process: "subprocess.Popen[str]", victim: int) -> int:
    """Kill the victim once 50 rows were acknowledged, and give the last number that was."""
    for line in process.stdout:
        if int(line) % 50 == 0:
            break
    os.kill(victim, signal.SIGKILL)
    return max((int(line) for line in process.stdout if line.strip().isdigit()), default=int(line))


def numbers_kept(folder: Path) -> tuple[int, int]:
    with embedded_cluster(folder) as urls:
        return rows(urls.owner, "select count(*)::int, coalesce(max(number), 0) from kept")[0]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_no_acknowledged_row_is_lost_when_the_server_is_killed(folder):
    with writing(folder) as (process, server):
        acknowledged = acknowledged_after(process, server)
    count, last = numbers_kept(folder)
    assert count == last >= acknowledged >= 50


def test_no_acknowledged_row_is_lost_when_the_owning_process_is_killed_and_the_server_ends_with_it(folder):
    with writing(folder) as (process, server):
        acknowledged = acknowledged_after(process, process.pid)
    count, last = numbers_kept(folder)
    assert count == last >= acknowledged >= 50
    assert not is_alive(server)


def test_a_server_that_outlived_its_owner_is_ended_before_the_next_start(folder, monkeypatch):
    """A stopped server cannot act on its parent's death, so it is the orphan that the next start meets."""
    monkeypatch.setattr(embedded_folder, "GRACE_SECONDS", 0.2)
    with writing(folder) as (process, server):
        os.kill(server, signal.SIGSTOP)
        process.kill()
        process.wait()
        assert is_alive(server)
        count, last = numbers_kept(folder)
    assert count == last
    assert not is_alive(server)


def test_a_running_cluster_can_be_started_again_after_its_server_was_killed(folder):
    with running_cluster(folder) as cluster:
        run_sql(cluster.urls.owner, "create table kept (number int)", "insert into kept values (1)")
        os.kill(cluster.pid, signal.SIGKILL)
        while cluster.is_running:
            time.sleep(0.01)
        cluster.start()
        assert rows(cluster.urls.app, "select session_user::text") == [("graduated_app",)]
        assert rows(cluster.urls.owner, "select number from kept") == [(1,)]


def test_a_pid_file_that_names_a_process_of_somebody_else_is_void(folder):
    with embedded_cluster(folder) as urls:
        run_sql(urls.owner, "create table kept (number int)")
        pid_file = (folder / "postgres/postmaster.pid").read_text()
    (folder / "postgres/postmaster.pid").write_text(re.sub(r"^\d+", str(os.getppid()), pid_file))
    with embedded_cluster(folder) as urls:
        assert rows(urls.owner, "select count(*)::int from kept") == [(0,)]
    assert is_alive(os.getppid())


def test_a_second_start_on_the_same_folder_is_refused_with_one_line(folder):
    with locked(folder):
        second = python(TELLER, folder)
        _, errors = second.communicate(timeout=20)
    assert second.returncode == 1
    assert "EmbeddedInUseError" in errors.splitlines()[-1]
    with locked(folder), pytest.raises(EmbeddedInUseError) as refused, embedded_cluster(folder):
        pass
    assert "\n" not in str(refused.value)
    assert str(folder) in str(refused.value)


def test_a_path_too_long_for_a_socket_gets_a_short_folder_that_only_we_can_enter(folder):
    deep = folder / ("a-long-name-" * 8) / "more"
    with running_cluster(deep) as cluster:
        assert rows(cluster.urls.app, "select 1") == [(1,)]
        state = cluster.sockets.stat()
        assert not cluster.sockets.is_relative_to(folder)
        assert (state.st_mode & 0o777, state.st_uid) == (0o700, os.geteuid())
    assert not cluster.sockets.exists()


def test_the_server_listens_on_no_network_and_checks_its_pages(folder):
    settings = ("listen_addresses", "data_checksums", "fsync", "full_page_writes", "synchronous_commit", "log_min_messages")
    with running_cluster(folder) as cluster:
        chosen = rows(cluster.urls.app, "select " + ", ".join(f"current_setting('{name}')" for name in settings))
        locale = rows(cluster.urls.app, "select datlocprovider, datlocale from pg_database where datname = current_database()")
        hba = (folder / "postgres/pg_hba.conf").read_text()
    assert chosen == [("", "on", "on", "on", "on", "log")]
    assert locale == [(b"b", "C.UTF-8")]
    assert hba.split() == ["local", "all", "all", "peer", "map=graduated"]
    assert [oct(path.stat().st_mode & 0o777) for path in (folder / "postgres", folder / "socket")] == ["0o700", "0o700"]


def test_an_interrupted_making_of_the_folder_is_begun_anew(folder):
    (folder / "postgres.new").mkdir(parents=True)
    (folder / "postgres.new/PG_VERSION").write_text("18\n")
    with embedded_cluster(folder) as urls:
        assert rows(urls.app, "select 1") == [(1,)]
    assert not (folder / "postgres.new").exists()


def test_a_server_that_cannot_start_says_why_in_one_line(folder):
    with embedded_cluster(folder):
        pass
    with (folder / "postgres/postgresql.conf").open("a") as configuration:
        configuration.write("max_connections = none\n")
    with pytest.raises(EmbeddedUnavailableError) as refused, embedded_cluster(folder):
        pass
    assert str(refused.value).startswith("PostgreSQL did not start: ")
    assert "\n" not in str(refused.value)


def test_an_ordinary_user_runs_it_plainly(folder):
    """As root this takes an account without powers; as anybody else, it is what we are."""
    identity = identity_for(binaries() / "postgres")
    if identity.way == "setuid":
        os.chown(folder, identity.uid, identity.uid)
    program = [sys.executable, "-c", TELLER, str(folder)]
    if identity.way != "same":
        program = launch.command(program, identity=f"{identity.way}:{identity.uid}")
    environment = child_environment({"PYTHONPATH": str(CHECKOUT)})
    told = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert (told.stdout.strip(), told.returncode) == (f"up as {identity.uid} same", 0), told.stderr
    assert identity.uid != 0


def test_whoever_we_are_the_files_stay_ours(folder):
    with running_cluster(folder) as cluster:
        owner = cluster.identity.uid if cluster.identity.way == "setuid" else os.geteuid()
        assert {path.stat().st_uid for path in cluster.cluster.iterdir()} == {owner}
        assert cluster.identity.way == "same" or os.geteuid() == 0


def test_a_folder_without_processes_has_nothing_to_end(folder):
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (folder / name).write_text(f"{os.getpid()}\n")
    end_leftovers(folder, folder)
    assert list(folder.iterdir()) == []
    assert is_alive(os.getpid())


def test_the_secrets_key_is_made_once_and_is_ours_alone(folder):
    first = kept_secrets_key(folder)
    assert kept_secrets_key(folder) == first
    assert len(first) == 44
    assert (folder / "secrets.key").stat().st_mode & 0o777 == 0o600


def test_a_new_secrets_key_is_put_before_the_old_and_is_ours_alone(folder):
    old = kept_secrets_key(folder)
    put_new_key_first(folder)
    new, after = kept_secrets_key(folder).split(",")
    assert (after, len(new), new != old) == (old, 44, True)
    assert (folder / "secrets.key").read_text() == f"{new}\n{old}\n"
    assert (folder / "secrets.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["secrets.key"]


@pytest.mark.parametrize("wrong", ["A" * 43 + "=\nshort", "", "short", "A" * 43, "not base64 at all, but just as long as one.."])
def test_a_spoiled_secrets_key_is_refused_and_never_replaced(folder, wrong):
    (folder / "secrets.key").write_text(wrong)
    with pytest.raises(SecretsKeyError):
        kept_secrets_key(folder)
    assert (folder / "secrets.key").read_text() == wrong
