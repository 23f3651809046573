"""The rules as everybody may read them: each with its source, its dates, and how sure we are of it."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import pairwise

import httpx
import pytest

from app.db.embedded import DatabaseUrls
from app.domain.rule import Certainty, Force
from app.domain.rules import RULES
from app.exchange.vectors import published
from tests.api.world import running

UNCHECKED = {rule.id for rule in RULES.values() if rule.certainty is Certainty.UNCHECKED}


@pytest.fixture
async def http(database: DatabaseUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with running(database) as (_, http):
        yield http


async def shown(http: httpx.AsyncClient, **params: str) -> list[dict[str, object]]:
    """Every rule that is listed, page by page."""
    found: list[dict[str, object]] = []
    asked = {"limit": "7", **params}
    while True:
        answer = await http.get("/v1/rules", params=asked)
        assert answer.status_code == 200
        found += answer.json()["items"]
        if answer.json()["next"] is None:
            return found
        asked["cursor"] = answer.json()["next"]


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


async def test_a_rule_read_alone_is_the_same_as_in_the_list_with_examples_beside_it(http: httpx.AsyncClient) -> None:
    for rule in await shown(http):
        alone = (await http.get(f"/v1/rules/{rule['id']}")).json()
        assert set(alone.pop("examples")) == {"kept", "broken"}
        assert alone == rule


async def test_a_rule_has_an_example_each_way_and_both_are_published_vectors(http: httpx.AsyncClient) -> None:
    examples = (await http.get("/v1/rules/review-by-the-agreed-date")).json()["examples"]
    kept, broken = examples["kept"], examples["broken"]
    assert kept["why"] and kept["record"] and kept["checks"] and broken["checks"]
    assert {kept["title"], broken["title"]} <= {vector.title for vector in published()}


async def test_a_rule_that_there_is_not_is_not_found_and_the_nearest_is_named(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/rules/review-by-agreed-date")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert "review-by-the-agreed-date" in answer.json()["detail"] and "/v1/rules" in answer.json()["detail"]


@pytest.mark.parametrize(("name", "wanted"), [("force", "must"), ("checking", "obligation")])
async def test_the_rules_are_narrowed_by_force_and_by_how_they_are_checked(http: httpx.AsyncClient, name: str, wanted: str) -> None:
    narrowed = await shown(http, **{name: wanted})
    assert narrowed == [rule for rule in await shown(http) if rule[name] == wanted]
    assert 0 < len(narrowed) < len(RULES)


async def test_a_row_of_the_rulebook_leads_to_its_rules_and_one_that_there_is_not_is_refused(http: httpx.AsyncClient) -> None:
    rule = RULES["review-by-the-agreed-date"]
    assert rule.id in {found["id"] for found in await shown(http, row=rule.rows[0])}
    assert all(rule.rows[0] in found["rows"] for found in await shown(http, row=rule.rows[0]))
    answer = await http.get("/v1/rules", params={"row": "APDR-99"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "row_unknown")


async def test_the_wordings_of_a_rule_follow_each_other_without_a_gap(http: httpx.AsyncClient) -> None:
    several = [rule for rule in await shown(http) if len(rule["wordings"]) > 1]
    assert several
    for rule in await shown(http):
        wordings = rule["wordings"]
        assert (wordings[-1]["duty"], wordings[-1]["until"]) == (rule["duty"], rule["in_force_until"])
        for earlier, later in pairwise(wordings):
            assert date.fromisoformat(later["since"]) - date.fromisoformat(earlier["until"]) == timedelta(days=1)


async def test_a_property_names_its_test_and_what_no_machine_can_check_says_why(http: httpx.AsyncClient) -> None:
    told = [rule for rule in await shown(http) if rule["checking"] in ("property", "not_checkable")]
    assert told and all(rule["shown_by"] for rule in told)
