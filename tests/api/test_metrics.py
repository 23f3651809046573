"""What the operator's Prometheus reads: counts over all schools, for whoever bears the token, and nothing of a school or a child."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr, ValidationError

from app import clock
from app.db import work
from app.db.embedded import DatabaseUrls
from app.db.work import Claiming, WorkKind
from app.db.work_waiting import COUNTED
from app.settings import Settings
from tests.api.test_work import DELIVERY
from tests.api.world import NOW, World, add_school, running

TOKEN = "watch-over-all-schools"
_urns = itertools.count(999_890)
Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@asynccontextmanager
async def watched(database: DatabaseUrls) -> AsyncIterator[tuple[World, httpx.AsyncClient]]:
    async with running(database) as (app, http):
        app.state.metrics_token = SecretStr(TOKEN)
        yield await add_school(app, http, str(next(_urns))), http


async def values(http: httpx.AsyncClient) -> Values:
    answer = await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families for sample in family.samples}


def of(kind: WorkKind) -> tuple[tuple[str, str], ...]:
    return (("kind", kind.value),)


async def test_work_of_all_schools_is_counted_by_kind_with_the_age_of_the_oldest(database: DatabaseUrls) -> None:
    async with watched(database) as (first, http):
        second = await add_school(first.app, http, str(next(_urns)))
        before = await values(http)
        for world, kind in ((first, WorkKind.BUNDLE), (second, WorkKind.BUNDLE), (second, WorkKind.TOTALS)):
            async with world.app.state.sessions.for_school(world.school_id) as session:
                subject = clock.new_id()
                await work.ask(session, kind, subject, now=NOW - timedelta(seconds=70))
                if world is second:
                    by = Claiming(held_by=clock.new_id(), now=NOW, until=NOW + timedelta(minutes=1), most_attempts=9)
                    await work.claim(session, kind, subject, by)
                if kind is WorkKind.TOTALS:
                    await work.bury(session, kind, subject, "exhausted", now=NOW)
        after = await values(http)

    def more(name: str, kind: WorkKind) -> float:
        return after[f"graduated_work_{name}", of(kind)] - before[f"graduated_work_{name}", of(kind)]

    bundles = [more(name, WorkKind.BUNDLE) for name in ("waiting", "running", "dead")]
    assert bundles == [1, 1, 0]
    assert [more(name, WorkKind.TOTALS) for name in ("waiting", "running", "dead")] == [0, 0, 1]
    assert after["graduated_work_oldest_seconds", of(WorkKind.BUNDLE)] >= 70
    assert after["graduated_work_attempts", of(WorkKind.BUNDLE)] >= 1


async def test_work_that_is_due_and_has_no_row_is_counted(database: DatabaseUrls) -> None:
    """A new school was never derived, and no worker has looked."""
    async with watched(database) as (first, http):
        before = await values(http)
        await add_school(first.app, http, str(next(_urns)))
        after = await values(http)
    name = ("graduated_work_waiting", of(WorkKind.OBLIGATIONS))
    assert after[name] - before[name] == 1
    assert {labels for metric, labels in after if metric == "graduated_work_waiting"} >= {of(kind) for kind in COUNTED}


async def test_deliveries_and_subscriptions_are_counted_by_state(database: DatabaseUrls) -> None:
    async with watched(database) as (world, http):
        before = await values(http)
        async with world.app.state.sessions.for_school(world.school_id) as session:
            made = clock.new_id()
            await session.connection.execute(
                "insert into subscription (id, organisation_id, kind, events, state, created_at, failures)"
                " values ($1, $2, 'mailbox', '{notice.ready}', 'disabled', $3, 0)",
                made,
                world.organisation_id,
                NOW,
            )
            for number, state in enumerate(("waiting", "waiting", "dead", "delivered"), start=1):
                await session.connection.execute(DELIVERY, world.school_id, made, number, state, NOW - timedelta(days=900))
        after = await values(http)

    def more(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    assert [more("graduated_deliveries", state=state) for state in ("waiting", "dead")] == [2, 1]
    assert more("graduated_subscriptions", kind="mailbox", state="disabled") == 1
    assert after["graduated_deliveries_oldest_seconds", ()] == timedelta(days=900).total_seconds()


async def test_no_label_names_a_school_a_person_or_an_address(database: DatabaseUrls) -> None:
    async with watched(database) as (world, http):
        text = (await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text
        found = await values(http)
    assert {name for _, labels in found for name, _ in labels} == {"kind", "state"}
    assert world.urn not in text
    assert str(world.school_id) not in text


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer"])
async def test_without_the_token_nothing_is_told(database: DatabaseUrls, header: str | None) -> None:
    async with watched(database) as (_, http):
        answer = await http.get("/metrics", headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_without_the_setting_there_are_no_metrics_whoever_asks(database: DatabaseUrls) -> None:
    async with running(database) as (_, http):
        for headers in ({}, {"Authorization": f"Bearer {TOKEN}"}):
            assert (await http.get("/metrics", headers=headers)).status_code == 404


def test_a_token_that_is_easily_guessed_is_refused_and_never_shown() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(metrics_token=SecretStr("a-guess"))
    assert "a-guess" not in repr(refused.value)
