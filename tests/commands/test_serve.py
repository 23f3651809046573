"""What the operator meets: one clear line when something outside is wrong, and children that are kept alive and ended."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.commands.serve import check_key
from app.commands.supervision import ENDINGS, Child, GaveUpError, keep, until_told_to_stop
from app.settings import Settings, child_environment
from tests.conftest import in_database, run_sql

CHECKOUT = Path(__file__).parents[2]
UNSET = {name.upper() for name in Settings.model_fields}
KEY, OTHER_KEY = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
NOWHERE = "postgresql://graduated_app:invented@127.0.0.1:1/graduated"
OF_ONES_OWN = {"DATABASE_URL": NOWHERE, "DATABASE_SWEEP_URL": NOWHERE, "SECRETS_KEY": KEY, "PORT": "18999"}


def graduated(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    with tempfile.TemporaryDirectory(prefix="grad-") as folder:
        surroundings = child_environment({"PYTHONPATH": str(CHECKOUT), "COLUMNS": "200"})
        surroundings = {name: value for name, value in surroundings.items() if name not in UNSET}
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=surroundings | {"DATA_DIR": f"{folder}/data"} | environment,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


def assert_one_line(told: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr.count("\n") == 1
    assert all(word in told.stderr for word in ("graduated: ", *words)), told.stderr


def test_a_port_in_use_is_one_line_and_nothing_is_started():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_line(graduated("serve", PORT=port), port, "PORT=")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eight-thousand", "integer"),
        ("API_WORKERS", "none-at-all", "integer"),
        ("HOST", "nonsense.invalid", "this machine knows"),
        ("PUBLIC_URL", "foo-bar", "https://"),
        ("PUBLIC_URL", "ftp://foo-bar.example", "https://"),
        ("EGRESS_ALLOW", "foo-bar", "10.20.0.0/16"),
        ("EGRESS_ALLOW", "10.0.0.1/8", "host bits"),
        ("DATABASE_URL", "nonsense", "postgresql://"),
        ("DATABASE_OWNER_URL", "mysql://nonsense", "postgresql://"),
        ("DATABASE_SWEEP_URL", "nonsense", "postgresql://"),
        ("DATABASE_URL", "postgresql://127.0.0.1:nonsense/x", "a number"),
        ("DATABASE_URL", NOWHERE, "cannot be reached"),
        ("DATA_DIR", "/proc/nonsense", "DATA_DIR cannot be used"),
        ("BLOBS_URL", "s3://eight:nonsense@bucket", "no credentials"),
        ("BLOBS_URL", "az://nonsense", "Account must be specified"),
        ("BLOBS_URL", "file:///proc/nonsense", "BLOBS_URL cannot be used"),
        ("SECRETS_KEY", "nonsense", "32 bytes"),
        ("LOG_LEVEL", "nonsense", "pattern"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_in_one_line_and_its_value_is_not_shown(database, name, value, said):
    working = {"DATABASE_URL": database.app, "DATABASE_SWEEP_URL": database.sweep, "SECRETS_KEY": KEY, "PORT": "18999"}
    told = graduated("serve", **{**working, name: value})
    assert_one_line(told, name, said)
    assert not any(word in told.stderr for word in ("nonsense", "eight", "none-at-all", "foo-bar", "10.0.0.1", "invented"))


def test_a_login_with_too_much_power_is_refused_before_anything_is_served(database):
    assert_one_line(graduated("serve", **{**OF_ONES_OWN, "DATABASE_URL": database.superuser}), "superuser")


@pytest.mark.parametrize("missing", ["SECRETS_KEY", "DATABASE_SWEEP_URL"])
def test_a_database_of_ones_own_needs_a_key_and_a_look_out_of_ones_own(missing):
    assert_one_line(graduated("serve", **{**OF_ONES_OWN, missing: ""}), f"set {missing}")


def test_a_worker_by_itself_names_what_is_missing():
    told = graduated("worker", **{**OF_ONES_OWN, "DATABASE_SWEEP_URL": ""})
    assert (told.returncode, told.stderr.splitlines()[-1].split(";")[0]) == (1, "graduated worker: set DATABASE_SWEEP_URL")


def test_a_key_of_another_database_is_refused_before_the_api_is_started(database):
    urls = {"DATABASE_URL": database.app, "DATABASE_SWEEP_URL": database.sweep, "PORT": "18999"}
    asyncio.run(check_key({"DATABASE_URL": database.app, "SECRETS_KEY": KEY, "PUBLIC_URL": "http://127.0.0.1:18999"}))
    assert_one_line(graduated("serve", SECRETS_KEY=OTHER_KEY, **urls), "SECRETS_KEY is not the one this database was made with")


def test_a_roll_that_is_not_there_is_an_error_of_usage_before_anything_starts():
    told = graduated("serve", "--demo-roll", "/nope.xml", PORT="18999")
    assert (told.returncode, told.stdout) == (2, "")
    assert "/nope.xml" in told.stderr


@pytest.mark.parametrize(
    ("words", "setting"),
    [(("migrate",), "DATABASE_OWNER_URL"), (("verify", "ledger", "999999"), "DATABASE_URL"), (("admin", "list"), "DATABASE_URL")],
)
def test_a_database_that_is_away_is_one_line_for_every_command(words, setting):
    assert_one_line(graduated(*words, SECRETS_KEY=KEY, **{setting: NOWHERE}), setting, "cannot be reached: ConnectionRefusedError")


@pytest.mark.parametrize("words", [("verify", "ledger", "999999"), ("admin", "list"), ("serve",)])
def test_a_database_without_our_tables_is_one_line_that_says_migrate(database, words):
    run_sql(database.superuser, "create database empty_one")
    try:
        urls = {"DATABASE_URL": in_database(database.app, "empty_one"), "DATABASE_SWEEP_URL": in_database(database.sweep, "empty_one")}
        assert_one_line(graduated(*words, SECRETS_KEY=KEY, PORT="18999", **urls), "DATABASE_URL", "graduated migrate")
    finally:
        run_sql(database.superuser, "drop database empty_one")


def test_without_a_database_and_without_the_embedded_one_nothing_is_served():
    assert_one_line(graduated("serve", "--no-embedded", PORT="18999"), "DATABASE_URL")


def test_the_script_for_the_administrator_is_printed_as_it_is():
    told = graduated("migrate", "--print-roles")
    assert (told.returncode, told.stdout) == (0, (CHECKOUT / "app/db/roles.sql").read_text())


def test_migrating_twice_is_as_good_as_once(database):
    told = graduated("migrate", DATABASE_OWNER_URL=database.owner)
    assert (told.returncode, told.stdout) == (0, "The database is up to date.\n"), told.stderr


def writing_its_id(folder: Path, *, then: str) -> Child:
    script = f"import os, time; open({str(folder / 'ids')!r}, 'a').write(f'{{os.getpid()}}\\n'); {then}"
    return Child("test child", (sys.executable, "-c", script), child_environment({}))


def ids_in(folder: Path) -> list[int]:
    path = folder / "ids"
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_a_child_that_keeps_dying_is_given_up_after_three_times(tmp_path):
    with pytest.raises(GaveUpError, match="test child"):
        await keep(writing_its_id(tmp_path, then="raise SystemExit(1)"))
    assert len(ids_in(tmp_path)) == 3


async def test_a_killed_child_is_started_again_and_ended_when_no_longer_wanted(tmp_path):
    keeping = asyncio.create_task(keep(writing_its_id(tmp_path, then="time.sleep(60)")))
    async with asyncio.timeout(10):
        while not ids_in(tmp_path):
            await asyncio.sleep(0.02)
        os.kill(ids_in(tmp_path)[0], signal.SIGKILL)
        while len(ids_in(tmp_path)) < 2:
            await asyncio.sleep(0.02)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    with pytest.raises(ProcessLookupError):
        os.kill(ids_in(tmp_path)[1], 0)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_signal_ends_all_children_before_the_supervisor_goes_on(tmp_path, ending):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()

    async def signal_once_both_run() -> None:
        while not all(ids_in(folder) for folder in folders):
            await asyncio.sleep(0.02)
        os.kill(os.getpid(), ending)

    until_told_to_stop(*(keep(writing_its_id(folder, then="time.sleep(60)")) for folder in folders), signal_once_both_run())
    for folder in folders:
        with pytest.raises(ProcessLookupError):
            os.kill(ids_in(folder)[0], 0)


def test_a_worker_whose_database_says_nothing_ends_by_its_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://graduated_app@127.0.0.1:{silent.getsockname()[1]}/x"
        settings = {"DATABASE_URL": url, "DATABASE_SWEEP_URL": url, "SECRETS_KEY": KEY}
        program = [sys.executable, "-c", "from app import worker; worker.DEADLINE_S = 0.5; worker.main()"]
        with subprocess.Popen(program, env=child_environment(settings), cwd=CHECKOUT) as worker:
            silent.settimeout(30)
            held, _ = silent.accept()
            worker.send_signal(signal.SIGHUP)
            assert worker.wait(10) == 1
            held.close()
