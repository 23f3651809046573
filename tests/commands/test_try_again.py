"""What an operator types once a cause is mended: work that was given up is tried again, at one school or at all."""

import asyncio
from base64 import b64encode
from collections.abc import Callable

import asyncpg
import pytest
from typer.testing import CliRunner

from app.casework.working import FileGoneError
from app.cli import FOR_THE_OPERATOR, commands
from app.db.embedded import DatabaseUrls
from tests.api.doors import SEALING_KEY

Typing = Callable[..., str]
GIVEN_UP = """
insert into work (school_id, kind, subject, state, attempts, next_at, created_at, done_at, reason, progress)
select school_id, 'totals', school_id, 'dead', 8, now(), now(), now(), 'exhausted', '{}' from school
"""


@pytest.fixture
def admin(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Typing:
    """Type one command at the installation of this module's database, and give what it printed."""
    monkeypatch.setenv("DATABASE_URL", database.app)
    monkeypatch.setenv("SECRETS_KEY", b64encode(SEALING_KEY).decode())

    def run(*words: str) -> str:
        result = CliRunner().invoke(commands, ["admin", *words])
        if isinstance(result.exception, Exception):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run


def waiting(database: DatabaseUrls, *statements: str) -> list[str]:
    """Run some statements, and list the schools whose totals wait to be tried for the first time."""

    async def run() -> list[str]:
        connection = await asyncpg.connect(database.superuser)
        for statement in statements:
            await connection.execute(statement)
        rows = await connection.fetch(
            "select s.urn from work w join school s on s.school_id = w.school_id"
            " where w.state = 'waiting' and w.attempts = 0 and w.reason is null order by 1"
        )
        await connection.close()
        return [row[0] for row in rows]

    return asyncio.run(run())


def test_work_that_was_given_up_is_tried_again_at_one_school_and_then_at_all(admin: Typing, database: DatabaseUrls) -> None:
    for urn in ("999711", "999712", "999713"):
        owner = admin("create-organisation", "school", "Invented School", "--sandbox")
        admin("create-school", owner, urn, "Invented School", "--authority", "999", "--type", "academy_mainstream")
    assert waiting(database, GIVEN_UP) == []
    assert admin("try-again", "totals", "--urn", "999712") == "1 to be tried again."
    assert waiting(database) == ["999712"]
    assert admin("try-again", "bundle") == "0 to be tried again."
    assert admin("try-again", "totals") == "2 to be tried again."
    assert waiting(database) == ["999711", "999712", "999713"]


def test_an_import_is_handed_in_anew_and_the_operator_is_told_so(admin: Typing) -> None:
    with pytest.raises(FileGoneError, match="hands it in again"):
        admin("try-again", "import")
    assert FileGoneError in FOR_THE_OPERATOR
