"""The service refuses a database login with more power than it should have."""

from urllib.parse import urlsplit

import asyncpg
import pytest

from app.db.embedded import DatabaseUrls, binaries
from app.db.roles import RoleTooPowerfulError, check_app_role, make_roles, print_roles
from tests.conftest import run_sql, with_role

PASSWORD = "invented-for-a-test"


async def refusal_of(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        with pytest.raises(RoleTooPowerfulError) as refused:
            await check_app_role(connection)
    finally:
        await connection.close()
    return str(refused.value)


@pytest.fixture
def made_role(database: DatabaseUrls, request: pytest.FixtureRequest):
    """A login with the attribute the test asks for, dropped afterwards with what it owns."""
    name = f"test_role_{abs(hash((database.app, request.node.name)))}"
    run_sql(database.superuser, f"create role {name} login {request.param} password '{PASSWORD}'")
    yield name, with_role(database.superuser, name, PASSWORD)
    run_sql(database.superuser, f"drop owned by {name} cascade", f"drop role {name}")


@pytest.mark.parametrize("role", ["app", "sweep", "erasure"])
async def test_the_roles_the_service_uses_are_accepted(database, role):
    connection = await asyncpg.connect(getattr(database, role))
    try:
        await check_app_role(connection)
        assert await connection.fetchval("select session_user") == f"graduated_{role}"
    finally:
        await connection.close()


async def test_a_temporary_table_of_the_application_is_no_power(database):
    connection = await asyncpg.connect(database.app)
    try:
        await connection.execute("create temporary table roll_lines (line int primary key, words text)")
        await check_app_role(connection)
        assert await connection.fetchval("select count(*) from roll_lines") == 0
    finally:
        await connection.close()


async def test_a_superuser_is_refused(database):
    assert "is a superuser" in await refusal_of(database.superuser)


async def test_the_owner_is_refused(database):
    assert "graduated_owner owns" in await refusal_of(database.owner)


@pytest.mark.parametrize(
    ("made_role", "reason"),
    [
        ("bypassrls", "bypasses row-level security"),
        ("createrole", "may give itself other roles"),
        ("replication", "may replicate"),
        ("in role graduated_owner", "graduated_owner owns"),
        ("noinherit in role graduated_owner", "graduated_owner owns"),
    ],
    indirect=["made_role"],
)
async def test_a_role_that_could_step_round_the_policies_is_refused(made_role, reason):
    assert reason in await refusal_of(made_role[1])


@pytest.mark.parametrize("made_role", ["nosuperuser"], indirect=True)
@pytest.mark.parametrize(
    "thing", ["schema authorization_trap", "function owned() returns int language sql return 1", "table owned (id int)"]
)
async def test_a_role_that_owns_a_schema_a_function_or_a_table_is_refused(database, made_role, thing):
    name, url = made_role
    connection = await asyncpg.connect(database.superuser)
    kind, what = thing.split()[0], thing.split()[1].partition("(")[0]
    try:
        await connection.execute(f"create {thing}")
        await connection.execute(f"alter {kind} {what} owner to {name}")
    finally:
        await connection.close()
    assert f"{name} owns {kind} {what}" in await refusal_of(url)


async def test_making_the_roles_again_changes_nothing(database):
    listing = "select rolname, rolsuper, rolbypassrls, rolinherit from pg_roles where rolname like 'graduated%' order by 1"
    connection = await asyncpg.connect(database.superuser)
    try:
        before = await connection.fetch(listing)
        make_roles(binaries() / "psql", database.superuser, database=urlsplit(database.superuser).path[1:])
        assert await connection.fetch(listing) == before
        assert [tuple(row)[1:] for row in before] == [(False, False, False)] * 4
    finally:
        await connection.close()


def test_the_printed_script_holds_no_password():
    printed = print_roles()
    assert printed.count(" password :'") == printed.count(" password ") == 4
    assert "create role %I login nosuperuser nobypassrls noinherit" in printed
