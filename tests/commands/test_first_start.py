"""What a first start makes, once: the demo school, and its roll in the hands of the worker."""

import asyncio
import base64
from pathlib import Path

import asyncpg

from app.commands.demo_school import STAFF
from app.commands.first_start import load_demo
from app.db.embedded import DatabaseUrls

ROLL = Path(__file__).parents[2] / "demo" / "9999999_CTF_9999999_001.xml"


def started(database: DatabaseUrls) -> dict[str, str]:
    return {
        "DATABASE_URL": database.app,
        "SECRETS_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
        "PUBLIC_URL": "http://127.0.0.1:8000",
    }


def waiting_rolls(database: DatabaseUrls) -> list[tuple[str, str, bool]]:
    async def read() -> list[tuple[str, str, bool]]:
        connection = await asyncpg.connect(database.superuser)
        try:
            rows = await connection.fetch("select state, format, is_dry_run from import_job")
        finally:
            await connection.close()
        return [(row["state"], row["format"], row["is_dry_run"]) for row in rows]

    return asyncio.run(read())


def test_a_first_start_makes_the_demo_school_and_hands_in_its_roll_and_a_second_does_neither(database: DatabaseUrls) -> None:
    made = load_demo(started(database), ROLL)
    assert made is not None
    assert set(made.staff) == set(STAFF)
    assert len(made.clients) == 4
    assert all(client.secret and any(client.secret in line for line in made.lines()) for client in made.clients)
    assert waiting_rolls(database) == [("waiting", "ctf", False)]
    assert load_demo(started(database), ROLL) is None
    assert waiting_rolls(database) == [("waiting", "ctf", False)]
