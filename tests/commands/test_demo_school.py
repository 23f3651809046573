"""A first start makes one demo school with people, clients and a clock in November 2014, and never a second."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from app.commands.demo_school import AUTHORITY, STAFF, URN, load_if_empty
from app.db import organisations
from app.domain.codes import StaffRole
from tests.api.doors import World, a_world

VENDOR, MESSENGER, AUTHORITYS, OWN = 2, 1, 3, 0


@pytest.fixture
async def world(database) -> AsyncIterator[World]:
    async with a_world(database.app) as world:
        yield world


async def test_of_two_first_starts_one_makes_the_school_and_all_of_it_works(world):
    made = [found for found in await asyncio.gather(*(load_if_empty(world.app.state.casework) for _ in range(2))) if found]
    assert len(made) == 1
    demo = made[0]
    async with world.sessions.for_school(demo.school_id, read_only=True) as session:
        opened = await world.app.state.casework.open(session)
    assert (opened.now.urn, opened.today, opened.now.is_sandbox) == (URN, date(2014, 11, 3), True)
    assert {name: opened.school.roles_of(id_, opened.today) for name, id_ in demo.staff.items()} == {
        name: frozenset(roles) for name, roles in STAFF.items()
    }
    assert [len(opened.school.staff_with(role, date(2012, 9, 1))) for role in (StaffRole.HEAD, StaffRole.SENCO)] == [1, 1]
    bearers = [await world.bearer(client) for client in demo.clients]
    pupils = [await world.http.get(f"/v1/schools/{URN}/pupils", headers=headers) for headers in bearers]
    assert [answer.status_code for answer in pupils] == [200, 403, 200, 403]
    requests = await world.http.get(f"/v1/local-authorities/{AUTHORITY}/requests", headers=bearers[AUTHORITYS])
    granted = (await world.http.get(f"/v1/schools/{URN}/grants", headers=bearers[OWN])).json()["items"]
    assert requests.status_code == 200
    assert [grant["client_id"] for grant in granted] == [str(demo.clients[VENDOR].id)]
    shown = "\n".join(demo.lines())
    assert all(client.secret and shown.count(client.secret) == 1 for client in demo.clients)
    assert len({client.secret for client in demo.clients}) == len(demo.clients)
    async with world.sessions.shared() as session:
        kept = [client.secret_hash or "" for client in await organisations.list_clients(session)]
    assert not any(client.secret in text for client in demo.clients for text in kept if client.secret)
    assert await load_if_empty(world.app.state.casework) is None
