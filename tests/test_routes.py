"""Guards over every route: it says which scope and which tenant it needs, it asks for both, and no GET writes."""

import ast
import inspect
import textwrap
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app import clock
from app.api.manners.callers import Need, NeedsAuthority, NeedsClient, NeedsSchool, NeedsTrust, Tenant
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.scopes import SCOPES
from app.main import create_app
from tests.api.world import World, add_client, add_school, running, token_for

# The metrics are of no school and for no client of one: they ask for a token of the operator's own, which METRICS_TOKEN names.
OPEN_TO_ALL = {
    "get /livez",
    "get /readyz",
    "get /metrics",
    "post /oauth2/token",
    "get /.well-known/oauth-authorization-server",
    "get /.well-known/jwks.json",
    "get /.well-known/bundle-keys.json",
    "get /.well-known/bundle-profile.json",
    "get /.well-known/webhook-keys.json",
    "get /v1/rules",
    "get /v1/rules/{rule_id}",
    "get /v1/rules/vectors",
    "get /v1/programmes",
    "get /v1/authority-profiles",
    "get /v1/authority-profiles/{profile_id}",
    "get /v1/authority-profiles/{profile_id}/versions/{version}",
}
# A read of a child's papers, or of the words of a notice, leaves a trace of who read; nothing else that is read writes.
# The feed keeps where a reader is at more than a hundred schools: no cursor can hold so many places, so it names a row that never changes.
LEAVES_A_TRACE = {
    "get /v1/changes",
    "get /v1/local-authorities/{code}/requests/{request_id}/bundle/parts/{number}",
    "get /v1/local-authorities/{code}/requests/{request_id}/person",
    "get /v1/schools/{urn}/notices/{notice_id}/words",
    "get /v1/schools/{urn}/notices/{notice_id}/translations/{language}",
    "get /v1/schools/{urn}/pupils/{pupil_id}/access-requests/{number}/copy",
    "get /v1/schools/{urn}/pupils/{pupil_id}/papers/{paper_id}/content",
    "get /v1/schools/{urn}/census",
}
# What the framework wants to see in a query before it calls a route, which is where a school is asked for its grant.
QUERIES = {"get /v1/schools/{urn}/pupils/{pupil_id}/papers/{paper_id}/content": {"purpose": "sen-support"}}
_urns = count(999_000)


def routes() -> Iterator[tuple[str, APIRoute, Dependant]]:
    for context in iter_route_contexts(create_app().routes):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            for method in context.methods or ():
                yield f"{method.lower()} {context.path_format}", context.original_route, context.dependant


def needs_of(dependant: Dependant) -> list[Need]:
    found = [dependant.call] if isinstance(dependant.call, NeedsSchool | NeedsAuthority | NeedsTrust | NeedsClient) else []
    return found + [need for inner in dependant.dependencies for need in needs_of(inner)]


ROUTES = {name: (route, dependant) for name, route, dependant in routes()}
GUARDED = sorted(set(ROUTES) - OPEN_TO_ALL)


def test_the_list_of_open_routes_names_only_routes_that_exist() -> None:
    assert set(ROUTES) >= OPEN_TO_ALL


@pytest.mark.parametrize("name", GUARDED)
def test_every_other_route_needs_a_known_scope_and_the_tenant_of_its_path(name: str) -> None:
    needed = needs_of(ROUTES[name][1])
    assert needed, f"{name} asks for no scope"
    assert all(need.required_scope in SCOPES for need in needed)
    whose = {"{urn}": Tenant.SCHOOL, "{code}": Tenant.AUTHORITY, "{trust_id}": Tenant.TRUST}
    tenant = next((tenant for part, tenant in whose.items() if part in name), Tenant.NOBODY)
    assert {need.tenant for need in needed} == {tenant}


def test_every_scope_there_is_opens_some_route() -> None:
    assert {need.required_scope for name in GUARDED for need in needs_of(ROUTES[name][1])} == set(SCOPES)


@pytest.mark.parametrize("name", sorted(OPEN_TO_ALL))
def test_an_open_route_asks_for_nothing(name: str) -> None:
    assert needs_of(ROUTES[name][1]) == []


@pytest.mark.parametrize("name", sorted(name for name in GUARDED if name.startswith("get ") and name not in LEAVES_A_TRACE))
def test_no_get_opens_a_transaction_that_may_write(name: str) -> None:
    """Every transaction a GET opens is read-only, so that PostgreSQL itself refuses a write."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(ROUTES[name][0].endpoint))))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    entered = [call for call in calls if call.func.attr in {"enter", "enter_authority", "enter_trust", "for_school", "for_authority"}]
    assert all(any(k.arg == "read_only" and getattr(k.value, "value", False) is True for k in call.keywords) for call in entered)


@pytest.fixture(scope="module")
def anything() -> dict[str, str]:
    return {"pupil_id": str(clock.new_id()), "code": "999", "rule_id": "none"}


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


async def call(world: World, name: str, headers: dict[str, str]) -> tuple[int, dict[str, object], str]:
    method, _, path = name.partition(" ")
    for part in [part for part in path.split("/") if part.startswith("{")]:
        value = {"{urn}": world.urn, "{code}": "999", "{number}": "1", "{language}": "pl", "{kind}": "plan"}.get(part, str(clock.new_id()))
        path = path.replace(part, value)
    body = {"json": {}} if method in {"post", "put", "patch"} else {}
    sent = {"Idempotency-Key": "k", "If-Match": "*", **headers}
    answer = await world.http.request(method.upper(), path, headers=sent, params=QUERIES.get(name, {}), **body)
    return answer.status_code, answer.json() if answer.content else {}, answer.headers.get("www-authenticate", "")


async def test_nobody_gets_anywhere_without_a_token(world: World) -> None:
    for name in GUARDED:
        status, problem, challenge = await call(world, name, {})
        assert (status, problem["type"]) == (401, "/problems/unauthenticated"), name
        assert challenge.startswith("Bearer"), name


async def test_a_token_that_lacks_the_scope_is_refused_by_name(world: World) -> None:
    authority, client = await add_client(world.app, OrganisationKind.AUTHORITY, authority="999")
    assert authority
    for name in GUARDED:
        needed = {need.required_scope for need in needs_of(ROUTES[name][1])}
        whose = client if "{code}" in name else world.client_id
        token = await token_for(world.app, whose, frozenset(SCOPES) - needed)
        status, problem, challenge = await call(world, name, await _with_a_fitting_body(token))
        assert status == 403, (name, problem)
        assert any(scope in challenge for scope in needed), name


async def test_a_client_without_a_grant_is_refused_at_every_school_route(world: World) -> None:
    _, stranger = await add_client(world.app, OrganisationKind.VENDOR)
    token = await token_for(world.app, stranger, frozenset(SCOPES))
    for name in (name for name in GUARDED if "{urn}" in name):
        status, problem, _ = await call(world, name, await _with_a_fitting_body(token))
        assert status in {403, 422}, (name, problem)
        assert status == 403 or name.split(" ")[0] in {"post", "put"}, name


async def _with_a_fitting_body(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_the_app_is_the_one_that_is_served(world: World) -> None:
    assert isinstance(world.app, FastAPI)
