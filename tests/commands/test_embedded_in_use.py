"""Without DATABASE_URL the commands work on the embedded database that `graduated serve` is running."""

import sys
from pathlib import Path
from subprocess import CompletedProcess, run

from app.db.embedded import embedded_cluster, running_urls
from app.db.migrations import upgrade
from app.keys.secrets_key import kept_secrets_key
from app.settings import Settings, child_environment

NOBODY = "01932b4e-5f00-7000-8000-00000000ffff"


def graduated(folder: Path, *words: str) -> CompletedProcess[str]:
    environment = child_environment({name.upper(): "" for name in Settings.model_fields} | {"DATA_DIR": str(folder)})
    return run([sys.executable, "-m", "app.cli", *words], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_commands_find_the_running_database_and_its_key_and_say_so_when_there_is_none(tmp_path: Path) -> None:
    away = graduated(tmp_path, "admin", "list")
    assert (away.returncode, "or run `graduated serve`" in away.stderr, list(tmp_path.iterdir())) == (1, True, [])
    with embedded_cluster(tmp_path) as urls:
        upgrade(urls.owner)
        kept_secrets_key(tmp_path)
        assert running_urls(tmp_path) == urls
        made = graduated(tmp_path, "admin", "create-organisation", "vendor", "Invented Vendor", "--sandbox")
        listed = graduated(tmp_path, "admin", "list")
        assert "Invented Vendor" in listed.stdout, made.stderr + listed.stderr
        checked = graduated(tmp_path, "verify", "ledger", "999999")
        erased = graduated(tmp_path, "admin", "erase-entry", "999999", "5", "--reason", "A court order.", "--by", NOBODY)
    assert [done.stderr for done in (checked, erased)] == ["graduated: no school has the number 999999\n"] * 2
    assert running_urls(tmp_path) is None
