"""A hot read is one statement: it sees one school, for one client, and leaves no tenant behind on its connection."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.db import reads
from app.db.embedded import DatabaseUrls
from app.db.entrance import ClientRevokedError, Entrance, NoGrantError, SchoolUnknownError, Scope, ScopeMissingError
from app.db.organisations import OrganisationKind
from tests.api.world import World, add_client, add_school, running

SCOPE = Scope("records:read")


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


def entrance(world: World, **changes: object) -> Entrance:
    facts = {"urn": world.urn, "client_id": world.client_id, "scope": SCOPE, "token_scopes": frozenset({SCOPE})}
    return Entrance(**{**facts, **changes})  # type: ignore[arg-type]


async def test_it_shows_the_pupil_with_both_numbers(world: World) -> None:
    pupil = await world.pupil("F999999925001")
    shown = await reads.read_pupil(world.app.state.sessions, entrance(world), UUID(pupil))
    assert shown is not None
    assert f'"id" : "{pupil}"' in shown.body
    assert shown.number > shown.school_number > 0


async def test_nothing_is_found_where_there_is_no_such_pupil(world: World) -> None:
    assert await reads.read_pupil(world.app.state.sessions, entrance(world), clock.new_id()) is None


async def test_the_gate_is_the_one_of_every_transaction(world: World) -> None:
    pupil, sessions = UUID(await world.pupil("F999999925001")), world.app.state.sessions
    _, stranger = await add_client(world.app, OrganisationKind.VENDOR)
    _, live = await add_client(world.app, OrganisationKind.VENDOR, sandbox=False)
    refused = {
        ClientRevokedError: entrance(world, client_id=clock.new_id()),
        ScopeMissingError: entrance(world, token_scopes=frozenset()),
        SchoolUnknownError: entrance(world, urn="999998"),
        NoGrantError: entrance(world, client_id=stranger),
    }
    for error, asked in refused.items():
        with pytest.raises(error):
            await reads.read_pupil(sessions, asked, pupil)
    with pytest.raises(NoGrantError):
        await reads.read_pupil(sessions, entrance(world, client_id=live), pupil)


async def test_without_a_grant_not_even_the_function_sees_the_pupil(world: World, database: DatabaseUrls) -> None:
    """The policies hide the row, whoever reads the function's answer."""
    pupil = UUID(await world.pupil("F999999925001"))
    _, stranger = await add_client(world.app, OrganisationKind.VENDOR)
    connection = await asyncpg.connect(database.app)
    try:
        ours = await connection.fetchrow("select * from read_pupil($1, $2, $3)", world.urn, world.client_id, pupil)
        theirs = await connection.fetchrow("select * from read_pupil($1, $2, $3)", world.urn, stranger, pupil)
        assert ours["body"] is not None
        assert (theirs["body"], theirs["number"]) == (None, None)
    finally:
        await connection.close()


async def test_no_tenant_stays_on_the_connection(world: World, database: DatabaseUrls) -> None:
    pupil = UUID(await world.pupil("F999999925001"))
    connection = await asyncpg.connect(database.app)
    try:
        for _ in range(7):  # more often than PostgreSQL plans anew
            assert await connection.fetchrow("select * from read_pupil($1, $2, $3)", world.urn, world.client_id, pupil)
            assert await connection.fetchval("select count(*) from pupil") == 0
            assert not await connection.fetchval("select current_setting('app.school', true)")
    finally:
        await connection.close()


def test_every_hot_read_calls_one_function_and_nothing_beside_it() -> None:
    """A CTE that sets a tenant and selects in one statement promises no order between the two."""
    statements = [value for name, value in vars(reads).items() if name.isupper() and isinstance(value, str)]
    assert statements
    for statement in statements:
        assert re.fullmatch(r"select \* from read_\w+\((\$\d(, )?)+\)", statement), statement
