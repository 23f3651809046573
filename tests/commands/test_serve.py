"""What the operator meets: one clear line when something outside is wrong, and children that are kept alive and ended."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.commands.supervision import Child, GaveUpError, keep, until_told_to_stop
from app.settings import child_environment

CHECKOUT = Path(__file__).parents[2]
UNSET = ("DATABASE_URL", "DATABASE_OWNER_URL", "SECRETS_KEY", "PORT", "HOST", "PUBLIC_URL", "DATA_DIR")


def graduated(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    with tempfile.TemporaryDirectory(prefix="grad-") as folder:
        surroundings = child_environment({"PYTHONPATH": str(CHECKOUT), "COLUMNS": "200"})
        surroundings = {name: value for name, value in surroundings.items() if name not in UNSET}
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=surroundings | environment | {"DATA_DIR": f"{folder}/data"},
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


def test_a_setting_that_makes_no_sense_is_named_and_its_value_is_not_shown():
    told = graduated("serve", PORT="eight-thousand")
    assert_one_line(told, "PORT")
    assert "eight" not in told.stderr


def test_a_database_that_does_not_answer_is_one_line_without_its_password():
    told = graduated("serve", DATABASE_URL="postgresql://graduated_app:invented@127.0.0.1:1/graduated", PORT="18999")
    assert_one_line(told, "DATABASE_URL")
    assert "invented" not in told.stderr


def test_a_login_with_too_much_power_is_refused_before_anything_is_served(database):
    assert_one_line(graduated("serve", DATABASE_URL=database.superuser, PORT="18999"), "superuser")


def test_a_database_of_ones_own_needs_a_key_of_ones_own(database):
    assert_one_line(graduated("serve", DATABASE_URL=database.app, PORT="18999"), "SECRETS_KEY")


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


def test_a_signal_ends_all_children_before_the_supervisor_goes_on(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()

    async def signal_once_both_run() -> None:
        while not all(ids_in(folder) for folder in folders):
            await asyncio.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    until_told_to_stop(*(keep(writing_its_id(folder, then="time.sleep(60)")) for folder in folders), signal_once_both_run())
    for folder in folders:
        with pytest.raises(ProcessLookupError):
            os.kill(ids_in(folder)[0], 0)
