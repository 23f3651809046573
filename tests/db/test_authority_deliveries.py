"""An authority sees what is owed to its own endpoints and nobody else's, and each clause of the policies is what hides the rest."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from tests.db.rows import SCHOOL_TABLES, fill, row_of

OURS, THEIRS = UUID(int=0xA), UUID(int=0xB)
OWNER = UUID(int=0xE)
TABLES = ("delivery", "delivery_attempt")
SUBSCRIPTION = row_of(SCHOOL_TABLES["delivery"], OURS)["subscription_id"]


@pytest.fixture(scope="module")
def filled(database):
    """Two schools with a delivery each, to one endpoint."""

    async def run() -> None:
        connection = await asyncpg.connect(database.superuser)
        await fill(connection, OURS, THEIRS)
        await connection.close()

    asyncio.run(run())
    return database


@pytest.fixture
async def server(filled) -> AsyncIterator[asyncpg.Connection]:
    """A superuser in a transaction that leaves nothing; the endpoint is that of live authority 998."""
    connection = await asyncpg.connect(filled.superuser)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(
        "insert into organisation (id, kind, name, authority, is_sandbox, created_at)"
        " values ($1, 'authority', 'Shire', '998', false, now())",
        OWNER,
    )
    await connection.execute(
        "insert into subscription (id, organisation_id, url, events, state, created_at, kind, failures, sealed_secrets)"
        " values ($1, $2, 'https://example.com/', '{}', 'ended', now(), 'push', 0, 'x')",
        SUBSCRIPTION,
        OWNER,
    )
    yield connection
    await transaction.rollback()
    await connection.close()


async def seen(server: asyncpg.Connection, table: str, authority: str = "998", *, sandbox: bool | None = False) -> set[UUID]:
    await server.execute("set local role graduated_app")
    await server.execute("select app_set_authority($1, $2)", authority, sandbox)
    rows = await server.fetch(f"select school_id from {table}")
    await server.execute("reset role")
    return {row[0] for row in rows}


def opened(table: str) -> str:
    return f"alter policy {table}_select_of_authority on {table} using (true)"


@pytest.mark.parametrize("table", TABLES)
async def test_an_authority_sees_what_is_owed_to_its_own_endpoint_at_every_school(server, table):
    assert await seen(server, table) == {OURS, THEIRS}


OTHERS = [
    ("another authority", "997", False, None),
    ("no authority", "", False, None),
    ("the same number on the other side", "998", True, None),
    ("a side that was never set", "998", None, None),
    ("an endpoint of a vendor", "998", False, "update organisation set kind = 'vendor'"),
    ("an endpoint of another organisation", "998", False, "update subscription set organisation_id = gen_random_uuid()"),
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(("who", "authority", "sandbox", "change"), OTHERS, ids=[other[0] for other in OTHERS])
async def test_nobody_else_sees_it_and_the_policy_is_what_hides_it(server, table, who, authority, sandbox, change):
    if change:
        await server.execute("alter table subscription drop constraint if exists fk_subscription_organisation_id_organisation")
        await server.execute(change)
    assert await seen(server, table, authority, sandbox=sandbox) == set(), who
    await server.execute(opened(table))
    assert await seen(server, table, authority, sandbox=sandbox) == {OURS, THEIRS}


@pytest.mark.parametrize("table", TABLES)
async def test_within_a_schools_or_a_trusts_transaction_the_authoritys_policy_adds_nothing(server, table):
    for setting, sees in (("app.school", set()), ("app.trust", set())):
        await server.execute(f"set local {setting} = '{OURS}'")
        await server.execute("set local app.authority = '998'")
        await server.execute("set local app.authority_is_sandbox = 'false'")
        await server.execute("set local role graduated_app")
        assert {row[0] for row in await server.fetch(f"select school_id from {table}")} == sees
        await server.execute("reset role")
        await server.execute(f"set local {setting} = ''")
    assert await seen(server, table) == {OURS, THEIRS}


async def test_an_authority_writes_nothing_of_it(server):
    await server.execute("set local role graduated_app")
    await server.execute("select app_set_authority('998', false)")
    assert await server.execute("update delivery set state = 'waiting'") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with server.transaction():
            await server.execute("delete from delivery_attempt")
    await server.execute("reset role")
