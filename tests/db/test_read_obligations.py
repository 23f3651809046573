"""A school's list as a hot read names the rows that the list in full would show, in its order, on every day."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import product
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from app.db.entrance import ClientRevokedError, Entrance, NoGrantError, SchoolUnknownError, Scope, ScopeMissingError
from app.db.obligation_lists import Wanted, list_obligations
from app.db.organisations import OrganisationKind
from app.db.reads import read_obligations
from tests.api.world import World, add_client, add_school, running

SCOPE = Scope("obligations:read")
DAY = date(2026, 3, 2)
DAYS = tuple(DAY + timedelta(days=i) for i in (-1, 0, 1))
MAYBE = (None, *DAYS)
INSERT = """
insert into obligation (school_id, id, rule, occasion, who, force, shape, arises_on, due, met_on, ended_on, excused_by, departed_by,
                        missing, known_from, known_until, rules_version)
select $1, id, 'rule', occasion, 'school', force, 'dated', $2, due, met_on, ended_on, excused_by, departed_by,
       case when lacks then array['a fact'] else '{}'::text[] end, 1, known_until, 'x'
  from unnest($3::uuid[], $4::text[], $5::text[], $6::date[], $7::date[], $8::date[], $9::bigint[], $10::bigint[], $11::boolean[],
              $12::bigint[]) as o (id, occasion, force, due, met_on, ended_on, excused_by, departed_by, lacks, known_until)
"""


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


def entrance(world: World, **changes: object) -> Entrance:
    facts = {"urn": world.urn, "client_id": world.client_id, "scope": SCOPE, "token_scopes": frozenset({SCOPE})}
    return Entrance(**{**facts, **changes})  # type: ignore[arg-type]


async def with_rows_of_every_state(world: World) -> None:
    """Owe the school all that dates can make of a duty, and each once more as it was known before."""
    rows = [
        (clock.new_id(), f"{i}", *facts)
        for i, facts in enumerate(product(("must", "should"), MAYBE, MAYBE, MAYBE, (None, 7), (None, 8), (False, True), (None, 9)))
    ]
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute(INSERT, world.school_id, DAY, *(list(column) for column in zip(*rows, strict=True)))


@pytest.mark.parametrize("day", [*DAYS, date(2026, 3, 4)])
async def test_it_names_what_the_list_in_full_shows_whatever_the_dates(world: World, day: date) -> None:
    await with_rows_of_every_state(world)
    sessions = world.app.state.sessions
    async with sessions.for_school(world.school_id, read_only=True) as session:
        shown = [(str(row["id"]), row["sorts_on"]) for row in await list_obligations(session, Wanted(day=day, limit=5000))]
    found = await read_obligations(sessions, entrance(world), day, None, page=5000)
    assert found.ids == tuple(id_ for id_, _ in shown)
    assert found.last_on is None
    assert (len(shown) > 500) is (day >= DAY)


async def test_a_page_has_one_row_more_and_goes_on_after_the_last_that_was_shown(world: World) -> None:
    await with_rows_of_every_state(world)
    sessions = world.app.state.sessions
    whole = (await read_obligations(sessions, entrance(world), DAY, None, page=5000)).ids
    first = await read_obligations(sessions, entrance(world), DAY, None, page=40)
    assert first.ids == whole[:41]
    assert first.last_on is not None
    second = await read_obligations(sessions, entrance(world), DAY, (first.last_on, UUID(first.ids[39])), page=40)
    assert second.ids == whole[40:81]


async def test_it_tells_all_that_the_version_is_made_of(world: World) -> None:
    found = await read_obligations(world.app.state.sessions, entrance(world), DAY, None, page=1)
    async with world.app.state.sessions.for_school(world.school_id, read_only=True) as session:
        now = (await world.app.state.casework.open(session)).now
    told = (found.clock_ahead, found.horizon, found.rules_version, found.number, found.school_number)
    assert told == (now.clock_ahead, now.horizon, now.rules_version, now.number, now.school_number)


async def test_the_gate_is_the_one_of_every_transaction(world: World) -> None:
    sessions = world.app.state.sessions
    _, stranger = await add_client(world.app, OrganisationKind.VENDOR)
    _, live = await add_client(world.app, OrganisationKind.VENDOR, sandbox=False)
    refused = [
        (ClientRevokedError, entrance(world, client_id=clock.new_id())),
        (ScopeMissingError, entrance(world, token_scopes=frozenset())),
        (SchoolUnknownError, entrance(world, urn="999998")),
        (NoGrantError, entrance(world, client_id=stranger)),
        (NoGrantError, entrance(world, client_id=live)),
    ]
    for error, asked in refused:
        with pytest.raises(error):
            await read_obligations(sessions, asked, DAY, None, page=50)


async def test_without_a_grant_not_even_the_function_sees_a_row_and_no_tenant_stays(world: World, database: DatabaseUrls) -> None:
    await with_rows_of_every_state(world)
    _, stranger = await add_client(world.app, OrganisationKind.VENDOR)
    statement = "select * from read_obligations($1, $2, $3, null, null, 50)"
    connection = await asyncpg.connect(database.app)
    try:
        for _ in range(7):  # more often than PostgreSQL plans anew
            ours = await connection.fetchrow(statement, world.urn, world.client_id, DAY)
            assert len(ours["ids"].split()) == 51
            assert not await connection.fetchval("select current_setting('app.school', true)")
            theirs = await connection.fetchrow(statement, world.urn, stranger, DAY)
            assert (theirs["ids"], theirs["number"]) == (None, None)
    finally:
        await connection.close()
