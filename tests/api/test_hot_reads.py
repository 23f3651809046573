"""The hottest reads answer like any route, under the same gate, though they pass the framework by."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.scopes import SCOPES
from tests.api.world import NOW, World, add_client, add_school, running, token_for

UPN = "F999999925001"


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


async def read_as(world: World, pupil: str, token: str, **extra: str) -> httpx.Response:
    return await world.http.get(world.path(f"/pupils/{pupil}"), headers={"Authorization": f"Bearer {token}", **extra})


async def grant(world: World, client_id: UUID, *scopes: str) -> None:
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute(
            "insert into client_grant (id, school_id, client_id, scopes, purpose, until, granted_by, granted_at)"
            " values ($1, $2, $3, $4, 'support', $5, $6, $7)",
            *(clock.new_id(), world.school_id, client_id, list(scopes), clock.now().date() + timedelta(days=2), world.people["head"], NOW),
        )


async def test_one_pupil_reads_as_in_the_list(world: World) -> None:
    pupil = await world.pupil(UPN)
    await world.taken(pupil, "concerns", raised_by="parent", domain="attainment", words="Finds reading hard.")
    answer = await world.get(f"/pupils/{pupil}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert [answer.json()] == (await world.get("/pupils")).json()["items"]


async def test_a_version_that_was_seen_is_not_sent_again_until_it_changes(world: World) -> None:
    pupil = await world.pupil(UPN)
    first = await world.get(f"/pupils/{pupil}")
    again = await read_as(world, pupil, world.token, **{"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await world.taken(pupil, "concerns", raised_by="parent", domain="social", words="Alone at break.")
    changed = await read_as(world, pupil, world.token, **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_new_name_is_a_new_version_though_no_entry_was_made(world: World) -> None:
    pupil = await world.pupil(UPN)
    before = await world.get(f"/pupils/{pupil}")
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute("update pupil set surname = 'Sample' where school_id = $1", world.school_id)
    after = await world.get(f"/pupils/{pupil}")
    assert after.json()["ledger_number"] == before.json()["ledger_number"]
    assert after.headers["etag"] != before.headers["etag"]


async def test_without_a_token_there_is_a_challenge(world: World) -> None:
    answer = await world.http.get(world.path(f"/pupils/{clock.new_id()}"))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_scope_that_the_token_or_the_client_lacks_is_named(world: World) -> None:
    pupil = await world.pupil(UPN)
    thin = await token_for(world.app, world.client_id, frozenset({"roll:write"}))
    _, poor = await add_client(world.app, OrganisationKind.VENDOR, scopes=frozenset({"roll:write"}))
    for token in (thin, await token_for(world.app, poor, frozenset(SCOPES))):
        answer = await read_as(world, pupil, token)
        assert answer.status_code == 403
        assert "records:read" in answer.headers["www-authenticate"]


async def test_a_grant_opens_the_pupil_and_its_end_shuts_it_at_once(world: World) -> None:
    pupil = await world.pupil(UPN)
    _, client_id = await add_client(world.app, OrganisationKind.VENDOR)
    token = await token_for(world.app, client_id, frozenset(SCOPES))
    assert (await read_as(world, pupil, token)).json()["type"] == "/problems/no-grant"
    await grant(world, client_id, "roll:write")
    assert (await read_as(world, pupil, token)).status_code == 403
    await grant(world, client_id, "records:read")
    assert (await read_as(world, pupil, token)).status_code == 200
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client_grant set revoked_at = $2 where client_id = $1", client_id, NOW)
    assert (await read_as(world, pupil, token)).status_code == 403


async def test_a_revoked_client_is_out_though_its_token_was_seen_before(world: World) -> None:
    pupil = await world.pupil(UPN)
    assert (await world.get(f"/pupils/{pupil}")).status_code == 200
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = $2 where id = $1", world.client_id, NOW)
    assert (await world.get(f"/pupils/{pupil}")).status_code == 401


async def test_a_pupil_of_another_school_and_an_unknown_school_are_not_found(world: World) -> None:
    other = await add_school(world.app, world.http, str(int(world.urn) + 90))
    theirs = await other.pupil(UPN)
    assert (await world.get(f"/pupils/{theirs}")).status_code == 404
    unknown = await world.http.get(f"/v1/schools/999998/pupils/{theirs}", headers=world.headers())
    assert unknown.status_code == 404
    assert (await world.http.get(f"/v1/schools/99/pupils/{theirs}", headers=world.headers())).status_code == 404


@pytest.mark.parametrize("wrong", ["1", "not-a-pupil", "01932b4e-5f00-7000-8000-0000000000zz"])
async def test_what_is_no_id_is_told_as_everywhere(world: World, wrong: str) -> None:
    answer = await world.get(f"/pupils/{wrong}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"] == "This must be a UUID."


async def test_an_id_without_hyphens_and_a_very_long_header_go_the_long_way_round(world: World) -> None:
    pupil = await world.pupil(UPN)
    assert (await world.get(f"/pupils/{UUID(pupil).hex}")).json()["id"] == pupil
    assert (await read_as(world, pupil, world.token, **{"If-None-Match": "x" * 1001})).status_code == 422


async def test_no_other_method_is_taken(world: World) -> None:
    answer = await world.http.delete(world.path(f"/pupils/{clock.new_id()}"), headers=world.headers())
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


async def test_the_document_shows_the_route_with_its_scope(world: World) -> None:
    operation = world.app.openapi()["paths"]["/v1/schools/{urn}/pupils/{pupil_id}"]["get"]
    assert operation["operationId"] == "read_pupil"
    assert operation["security"] == [{"client_credentials": ["records:read"]}]
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/PupilOut"}
    assert {"401", "403", "404", "422"} <= set(operation["responses"])
