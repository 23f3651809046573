"""Requests taken by lease: each goes to one client at a time, a lease ends by a receipt, by being given back or by its time."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.db import request_leases
from app.db.client_entrance import AuthorityEntrance
from app.db.embedded import DatabaseUrls
from app.db.scopes import OF_AUTHORITIES, Scope
from tests.api.sending import OTHER, Authority, asked, asked_by_parent, authority, forget_earlier, maker, prepared, sent, submitted
from tests.api.world import NOW, World, add_school, running, token_for
from tests.db.stores import blobs_in

UPN = "F999999925001"
_urns = itertools.count(999_860)


@dataclass
class Hands:
    """The world's clock, which leases go by; a school's own may stand elsewhere."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return NOW + self.ahead


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path, hands: Hands) -> AsyncIterator[World]:
    await forget_earlier(database)
    async with running(database, now=hands) as (app, http):
        app.state.blobs = blobs_in(tmp_path)
        yield await prepared(await add_school(app, http, str(next(_urns))))


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def lease(of: Authority, **asked_for: object) -> httpx.Response:
    return await of.world.http.post(f"/v1/local-authorities/{of.code}/request-leases", json=asked_for, headers=of.headers())


async def leased(of: Authority, **asked_for: object) -> list[str]:
    answer = await lease(of, **asked_for)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def give_back(of: Authority, request: str) -> int:
    path = f"/v1/local-authorities/{of.code}/request-leases/{request}"
    return (await of.world.http.delete(path, headers=of.headers())).status_code


async def colleague(of: Authority) -> Authority:
    """Another client of the same organisation."""
    return await authority(of.world, of.code)


async def requests_by_parents(world: World, count: int) -> list[str]:
    upns = await _fresh(world, count)
    return [await asked_by_parent(world, await world.pupil(upn)) for upn in upns]


async def _fresh(world: World, count: int) -> list[str]:
    held = {pupil["upn"] for pupil in (await world.get("/pupils")).json()["items"]}
    return [upn for upn in valid_upns() if upn not in held][:count]


def valid_upns() -> list[str]:
    """Invented numbers of authority 999 with their check letters."""
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    digits = [f"9999999{n:05}" for n in range(25_001, 25_060)]
    return [letters[sum(int(d) * (place + 2) for place, d in enumerate(said)) % 23] + said for said in digits]


async def test_the_oldest_come_first_and_the_next_time_others(world: World, county: Authority) -> None:
    first, second, third = await requests_by_parents(world, 3)
    answer = (await lease(county, most=2, seconds=60)).json()
    assert [item["id"] for item in answer["items"]] == [first, second]
    assert answer["leased_until"] == "2026-03-02T09:01:00Z"
    assert await leased(county, most=2) == [third]
    assert await leased(county) == await leased(await colleague(county)) == []


async def test_the_lease_names_no_child(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil, reason="He works so hard.")
    answer = await lease(county)
    (item,) = answer.json()["items"]
    assert item == (await county.get()).json()["items"][0]
    assert item["id"] == request
    for word in (pupil, "Example", "Ada", "works so hard", UPN):
        assert word not in answer.text


async def test_a_lease_ends_with_its_time_and_not_before(world: World, county: Authority, hands: Hands) -> None:
    (request,) = await requests_by_parents(world, 1)
    other = await colleague(county)
    assert await leased(county, seconds=60) == [request]
    hands.ahead = timedelta(seconds=59)
    assert await leased(other) == []
    hands.ahead = timedelta(seconds=60)
    assert await leased(other) == [request]


async def test_a_receipt_ends_it_for_good_and_evidence_brings_it_once_more(world: World, county: Authority, hands: Hands) -> None:
    pupil = await world.pupil(UPN)
    request = await asked_by_parent(world, pupil)
    assert await leased(county, seconds=10) == [request]
    assert (await county.receipt(request, None)).status_code == 201
    hands.ahead = timedelta(seconds=20)
    assert await leased(county) == []
    bundle = await submitted(world, pupil, request)
    assert await leased(county) == []
    assert await maker(world).make(world.school_id, bundle)
    assert await leased(county, seconds=10) == [request]
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    assert (await county.receipt(request, digest)).status_code == 201
    hands.ahead = timedelta(seconds=60)
    assert await leased(county) == []


async def test_whoever_holds_it_gives_it_back_and_nobody_else(world: World, county: Authority) -> None:
    (request,) = await requests_by_parents(world, 1)
    other = await colleague(county)
    assert await leased(county) == [request]
    assert await give_back(other, request) == 204
    assert await leased(other) == []
    assert await give_back(county, request) == 204
    assert await leased(other) == [request]
    assert await give_back(county, "01932b4e-5f00-7000-8000-0000000000c3") == 404


async def test_a_schools_own_comes_with_its_evidence_and_a_withdrawn_one_never(world: World, county: Authority) -> None:
    pupil, other = await world.pupil(UPN), await world.pupil(valid_upns()[5])
    waiting = await asked(world, pupil)
    assert await leased(county) == []
    bundle = await submitted(world, pupil, waiting)
    assert await leased(county) == []
    assert await maker(world).make(world.school_id, bundle)
    withdrawn = await asked_by_parent(world, other)
    by = {"author": {"id": str(world.people["senco"])}, "occurred_on": "2026-03-05"}
    assert (await world.post(f"/pupils/{other}/ehc-requests/{withdrawn}/withdrawal", by)).status_code == 201
    assert await leased(county) == [waiting]


async def test_no_authority_leases_or_gives_back_what_was_sent_to_another_or_is_of_the_other_side(world: World, county: Authority) -> None:
    (request,) = await requests_by_parents(world, 1)
    neighbour, live = await authority(world, code=OTHER), await authority(world, sandbox=False)
    assert await leased(neighbour) == await leased(live) == []
    assert await leased(county) == [request]
    assert await give_back(neighbour, request) == await give_back(live, request) == 404
    assert await leased(county) == []
    path = f"/v1/local-authorities/{county.code}/request-leases"
    assert (await world.http.post(path, json={}, headers=neighbour.headers())).status_code == 404
    assert (await world.http.post(path, json={}, headers=world.headers())).status_code in (403, 404)


async def test_a_request_that_is_receipted_while_it_is_looked_for_is_leased_to_nobody(world: World, county: Authority) -> None:
    done, waits = await requests_by_parents(world, 2)
    scope: Scope = "evidence:take"
    entrance = AuthorityEntrance(authority=county.code, client_id=county.client_id, scope=scope, token_scopes=frozenset({scope}))
    async with world.app.state.sessions.enter_authority(entrance) as session:
        found = await request_leases.due(session, now=NOW, limit=10)
    assert [str(due.id) for due in found] == [done, waits]
    assert (await county.receipt(done, None)).status_code == 201
    async with world.app.state.sessions.for_school(world.school_id) as session:
        holding = request_leases.Lease(client_id=world.client_id, now=NOW, until=NOW + timedelta(minutes=1))
        taken = await request_leases.take(session, [due.id for due in found], holding)
    assert {str(one) for one in taken} == {waits}


async def test_twenty_clients_at_once_lease_each_request_once(world: World, county: Authority, database: DatabaseUrls) -> None:
    requests = await requests_by_parents(world, 12)
    second = await prepared(await add_school(world.app, world.http, str(next(_urns))))
    requests += [await asked_by_parent(second, await second.pupil(upn)) for upn in valid_upns()[:8]]
    clients = [await colleague(county) for _ in range(20)]
    taken = await asyncio.gather(*(leased(client, most=1, seconds=900) for client in clients))
    got = [request for one in taken for request in one]
    assert len(got) == len(set(got))
    rest = await leased(county, most=100)
    assert sorted(got + rest) == sorted(requests)
    connection = await asyncpg.connect(database.superuser)
    held = await connection.fetch("select id, leased_by from ehc_request where id = any($1::uuid[])", requests)
    await connection.close()
    by = {str(row["id"]): row["leased_by"] for row in held}
    assert all(by[request] == client.client_id for client, one in zip(clients, taken, strict=True) for request in one)


@pytest.mark.parametrize("asked_for", [{"most": 0}, {"most": 101}, {"seconds": 9}, {"seconds": 86_401}, {"officer": "x"}])
async def test_what_is_asked_for_has_bounds(county: Authority, asked_for: dict[str, object]) -> None:
    assert (await lease(county, **asked_for)).status_code == 422


async def test_a_revoked_client_leases_nothing_from_the_next_moment_on(world: World, county: Authority) -> None:
    await requests_by_parents(world, 1)
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = $2 where id = $1", county.client_id, NOW)
    assert (await lease(county)).status_code == 401
    county.token = await token_for(world.app, (await colleague(county)).client_id, frozenset(OF_AUTHORITIES) - {"evidence:take"})
    assert (await lease(county)).status_code == 403


async def test_evidence_of_a_request_is_leased_once_with_it(world: World, county: Authority) -> None:
    _, request = await sent(world, UPN)
    assert await leased(county) == [request]
    assert await leased(await colleague(county)) == []
