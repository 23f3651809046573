"""An authority sees the parts of the edition that counts, of the bundles that it sees; the policy is what hides the rest."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.db.rows import fill

EDITION, EARLIER, LATER = 7, 6, 8
OPENED = "alter policy bundle_part_select_of_authority on bundle_part using (true)"


@pytest.fixture
async def server(database) -> AsyncIterator[asyncpg.Connection]:
    """Two live schools, each with a bundle for 998 that was split three times, in a transaction that is rolled back."""
    connection = await asyncpg.connect(database.superuser)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("delete from bundle_part")
    await fill(connection, uuid4(), uuid4())
    await connection.execute("update bundle set state = 'ready', edition = $1", EDITION)
    await connection.execute("update bundle_part set edition = $1", EDITION)
    for edition in (EARLIER, LATER):
        await connection.execute(
            "insert into bundle_part select school_id, bundle_id, $1, number, blob_id, digest, size from bundle_part where edition = $2",
            edition,
            EDITION,
        )
    yield connection
    await transaction.rollback()
    await connection.close()


async def editions_seen(server: asyncpg.Connection, authority: str, *, is_sandbox: bool | None = False) -> list[int]:
    await server.execute("set local role graduated_app")
    await server.execute("select app_set_authority($1, $2)", authority, is_sandbox)
    rows = await server.fetch("select edition from bundle_part order by 1")
    await server.execute("reset role")
    return [row["edition"] for row in rows]


async def test_an_authority_sees_the_parts_of_the_edition_that_counts_at_each_school(server: asyncpg.Connection) -> None:
    assert await editions_seen(server, "998") == [EDITION, EDITION]
    await server.execute(OPENED)
    assert await editions_seen(server, "998") == sorted([EARLIER, EDITION, LATER] * 2)


@pytest.mark.parametrize(("authority", "is_sandbox"), [("997", False), ("", False), ("998", True), ("998", None)])
async def test_no_other_authority_and_no_other_side_sees_a_part(
    server: asyncpg.Connection, authority: str, is_sandbox: bool | None
) -> None:
    assert await editions_seen(server, authority, is_sandbox=is_sandbox) == []
    await server.execute(OPENED)
    assert await editions_seen(server, authority, is_sandbox=is_sandbox) != []


@pytest.mark.parametrize("change", ["state = 'waiting'", "authority = '997'"])
async def test_the_parts_go_out_of_sight_with_their_bundle(server: asyncpg.Connection, change: str) -> None:
    await server.execute(f"update bundle set {change}")
    assert await editions_seen(server, "998") == []
    await server.execute(OPENED)
    assert await editions_seen(server, "998") != []


async def test_what_is_seen_of_a_part_depends_on_the_bundles_own_policy(server: asyncpg.Connection) -> None:
    """A part is looked for through its bundle, so what opens the bundle opens its parts, of the edition that counts alone."""
    await server.execute("alter policy bundle_select_of_authority on bundle using (true)")
    assert await editions_seen(server, "997") == [EDITION, EDITION]
    assert await editions_seen(server, "") == []


async def test_a_school_sees_every_edition_of_its_own_and_writes_none_of_anothers(server: asyncpg.Connection) -> None:
    schools: list[UUID] = [row[0] for row in await server.fetch("select distinct school_id from bundle_part order by 1")]
    await server.execute("set local role graduated_app")
    await server.execute("select app_set_school($1)", schools[0])
    rows = await server.fetch("select school_id, edition from bundle_part order by 2")
    assert [tuple(row) for row in rows] == [(schools[0], edition) for edition in (EARLIER, EDITION, LATER)]
    assert await server.execute("delete from bundle_part where school_id = $1", schools[1]) == "DELETE 0"


async def test_an_authority_takes_no_part_away_and_adds_none(server: asyncpg.Connection) -> None:
    await server.execute("set local role graduated_app")
    await server.execute("select app_set_authority('998', false)")
    assert await server.execute("delete from bundle_part") == "DELETE 0"
    assert await server.execute("update bundle_part set edition = 9") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await server.execute("insert into bundle_part values ($1, $1, 1, 1, $1, '', 1)", uuid4())
