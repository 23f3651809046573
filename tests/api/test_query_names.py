"""A name in a query that the route does not have is refused: passed over, it would answer or write something that nobody asked for."""

from collections.abc import AsyncIterator

import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from tests.webhooks.telling import Telling, telling


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        await found.with_pupil()
        yield found


async def test_a_name_that_there_is_not_is_pointed_at_and_those_there_are_listed(school: Telling) -> None:
    refused = await school.world.get("/obligations", status="due")
    [fault] = refused.json()["errors"]
    assert (refused.status_code, fault["pointer"], fault["code"]) == (422, "status", "unknown_parameter")
    assert " state" in fault["detail"]
    assert (await school.world.get("/obligations", state="due")).status_code == 200


async def test_a_misspelt_dry_run_writes_nothing(school: Telling) -> None:
    path = school.world.path(f"/pupils/{school.pupil}/departures-from-roll")
    body = {"author": {"id": str(school.world.people["senco"])}, "occurred_on": "2015-09-30"}
    headers = school.world.headers(**{"Idempotency-Key": str(clock.new_id())})
    misspelt = await school.world.http.post(path, params={"dryrun": "true"}, json=body, headers=headers)
    assert (misspelt.status_code, misspelt.json()["errors"][0]["pointer"]) == (422, "dryrun")
    pupil = (await school.world.get(f"/pupils/{school.pupil}")).json()
    assert pupil["left_on"] is None


async def test_a_read_with_a_short_way_refuses_it_too_and_nobody_without_a_token_hears_of_names(school: Telling) -> None:
    path = school.world.path(f"/pupils/{school.pupil}")
    assert (await school.world.get(f"/pupils/{school.pupil}", as_at="2014-11-03")).status_code == 422
    assert (await school.world.http.get(path, params={"as_at": "2014-11-03"})).status_code == 401


async def test_the_value_is_never_told_and_a_long_name_is_cut(school: Telling) -> None:
    refused = await school.world.get("/obligations", **{"x" * 300: "Childname"})
    assert "Childname" not in refused.text
    assert refused.json()["errors"][0]["pointer"] == "x" * 100
