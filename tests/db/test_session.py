"""A start waits for a database that is away for a moment, and gives up on one that stays away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.db.embedded import DatabaseUrls
from app.db.session import until_it_answers


@asynccontextmanager
async def appearing(socket: Path, behind: str, after_s: float) -> AsyncIterator[None]:
    """Let a socket lead to another one, but only after a while."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(behind)
        await asyncio.gather(pass_on(reader, inner_writer), pass_on(inner_reader, writer))

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(4096):
            writer.write(piece)
        writer.close()

    async def appear() -> None:
        await asyncio.sleep(after_s)
        async with await asyncio.start_unix_server(relay, socket) as server:
            await server.serve_forever()

    task = asyncio.create_task(appear())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_database_that_comes_back_in_time_is_waited_for(database: DatabaseUrls, tmp_path: Path) -> None:
    folder = parse_qs(urlsplit(database.app).query).get("host", [""])[0]
    if not folder.startswith("/"):
        pytest.skip("the database given is not behind a socket")
    there = database.app.replace(folder, str(tmp_path))
    async with appearing(tmp_path / ".s.PGSQL.5432", f"{folder}/.s.PGSQL.5432", after_s=0.5):
        await until_it_answers(there, within_s=10)


async def test_a_database_that_stays_away_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await until_it_answers(f"postgresql://graduated_app@/graduated?host={tmp_path}", within_s=0.3)
