"""The rules as everybody may read them: each with its source, its dates, and how sure we are of it."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from app.db.embedded import DatabaseUrls
from app.domain.rule import Certainty, Force
from app.domain.rules import RULES
from tests.api.world import running

UNCHECKED = {rule.id for rule in RULES.values() if rule.certainty is Certainty.UNCHECKED}


@pytest.fixture
async def http(database: DatabaseUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with running(database) as (_, http):
        yield http


async def shown(http: httpx.AsyncClient) -> list[dict[str, object]]:
    answer = await http.get("/v1/rules")
    assert answer.status_code == 200
    found: list[dict[str, object]] = answer.json()["items"]
    return found


async def test_every_rule_shown_has_its_source_its_force_its_certainty_and_its_dates(http: httpx.AsyncClient) -> None:
    rules = await shown(http)
    assert {rule["id"] for rule in rules} == set(RULES) and len(rules) == len(RULES) >= 20
    for rule in rules:
        assert rule["citations"] and all(str(cited).strip() for cited in rule["citations"]), rule["id"]
        assert Force(rule["force"]) and Certainty(rule["certainty"]) and rule["duty"] and rule["binds"], rule["id"]
        assert date(2026, 1, 1) <= date.fromisoformat(str(rule["checked"])), rule["id"]
        since, until = ((rule[name] and date.fromisoformat(str(rule[name]))) for name in ("in_force_since", "in_force_until"))
        assert since is None or until is None or since <= until, rule["id"]


async def test_what_nobody_checked_is_shown_as_unchecked_and_nothing_else_is(http: httpx.AsyncClient) -> None:
    assert UNCHECKED
    assert {rule["id"] for rule in await shown(http) if rule["certainty"] == "unchecked"} == UNCHECKED
    for rule in sorted(UNCHECKED):
        assert (await http.get(f"/v1/rules/{rule}")).json()["certainty"] == "unchecked"


async def test_a_rule_read_alone_is_the_same_as_in_the_list(http: httpx.AsyncClient) -> None:
    for rule in await shown(http):
        assert (await http.get(f"/v1/rules/{rule['id']}")).json() == rule


async def test_a_rule_that_there_is_not_is_not_found(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/rules/no-such-rule")).status_code == 404
