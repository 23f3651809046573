"""What the README says is so: its drawing is the table's, its commands exist, its variables are the ones that are read."""

import re
from pathlib import Path

import typer

from app.cli import commands as cli_commands
from app.commands.generate import with_drawing
from app.domain.moves import MOVES
from app.settings import Settings
from tests.db.stores import READ_BY_PROVIDERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
CODE = re.compile(r"`[^`\n]+`|^(?: {4,}).+$", re.MULTILINE)


def test_the_drawing_is_drawn_from_the_state_table() -> None:
    assert with_drawing(README) == README, "run `make docs` and commit what it writes"
    assert README.count(" --> ") == len(MOVES) + 1


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", README))
    assert {"run", "demo", "test"} <= named <= targets


def test_every_graduated_command_that_is_named_exists_with_its_options() -> None:
    named = re.findall(r"\bgraduated ((?:admin |verify )?[a-z][a-z-]+)\b([^`\n>]*)", "\n".join(CODE.findall(README + OPERATING)))
    commands = typer.main.get_command(cli_commands)
    assert {"serve", "migrate", "admin create-school", "verify ledger"} <= {words for words, _ in named}
    for words, rest in named:
        found = commands
        for word in words.split():
            found = found.commands[word]
        options = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert set(re.findall(r"--[a-z-]+", rest)) - {"--help"} <= options, (words, rest)


def test_the_page_for_operators_is_linked_and_names_no_setting_that_is_not_read() -> None:
    assert "(docs/operating.md)" in README
    settings = {name.upper() for name in Settings.model_fields}
    assert set(re.findall(r"\b(?:[A-Z]+_)+[A-Z]+\b", OPERATING)) <= settings | READ_BY_PROVIDERS


def test_every_variable_that_is_named_is_read_and_the_other_way_round() -> None:
    table = README.split("## Running it for a school")[1]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE) for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named == {name.upper() for name in Settings.model_fields}


def test_the_check_calls_the_test_command_of_the_readme() -> None:
    calls = [line.strip() for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.strip() and not line.startswith("#")]
    assert re.fullmatch(r"exec make (--no-print-directory )?test", calls[-1])
    assert "make test" in README
