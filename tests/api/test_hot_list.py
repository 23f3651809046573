"""A school's list of obligations is the same whether it is put together from what was written before or read in full."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from app import clock
from app.api.shown.obligation_shapes import ObligationsOut, Written
from app.casework.rederivation import rederive
from app.db.embedded import DatabaseUrls
from app.db.obligation_lists import Wanted, list_obligations
from app.db.scopes import SCOPES
from tests.api.world import NOW, token_for
from tests.webhooks.telling import Telling, telling

TODAY = "2026-03-02"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    """Three pupils, for each of whom it was decided on 2 March 2026, today."""
    async with telling(database) as found:
        for _ in range(3):
            await found.with_pupil()
            await found.decide()
        await rederive(found.world.app.state.casework, found.world.school_id)
        yield found


async def ask(school: Telling, query: str = "", **headers: str) -> httpx.Response:
    return await school.world.http.get(school.world.path(f"/obligations{query}"), headers=school.world.headers(**headers))


async def test_put_together_or_read_in_full_it_is_the_same_list(school: Telling) -> None:
    assert len(school.world.app.state.written) == 0
    first = await ask(school, "?limit=5")
    assert len(school.world.app.state.written) == 5
    second = await ask(school, "?limit=5")
    in_full = await ask(school, f"?limit=5&as_at={TODAY}")
    assert first.status_code == second.status_code == 200
    assert first.content == second.content == in_full.content
    assert dict(first.headers) | {"x-request-id": "", "ratelimit": ""} == dict(second.headers) | {"x-request-id": "", "ratelimit": ""}
    assert ObligationsOut.model_validate_json(second.content).model_dump_json() == second.text
    assert second.headers["vary"] == "Accept" and second.headers["content-type"] == "application/json"


async def test_its_pages_give_each_obligation_once_and_in_order(school: Telling) -> None:
    everything = (await ask(school, f"?limit=200&as_at={TODAY}")).json()["items"]
    for _ in range(2):
        paged: list[object] = []
        query = "?limit=4"
        while query:
            page = await ask(school, query)
            paged += page.json()["items"]
            following = page.json()["next"]
            assert ("link" in page.headers) is (following is not None)
            query = f"?limit=4&cursor={following}" if following else ""
        assert paged == everything and len(everything) > 8


async def test_a_version_that_was_seen_is_not_sent_again_until_it_changes(school: Telling) -> None:
    first = await ask(school)
    for _ in range(2):
        again = await ask(school, **{"If-None-Match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await school.with_pupil()
    changed = await ask(school, **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200 and changed.headers["etag"] != first.headers["etag"]
    assert changed.json()["known_at_number"] > first.json()["known_at_number"]


async def test_what_a_telling_changed_is_seen_at_once(school: Telling) -> None:
    before = (await ask(school, "?limit=200")).json()["items"]
    notice = (await school.notices())[-1]
    told = {"author": {"id": str(school.world.people["senco"])}, "occurred_on": TODAY, "how": "in_person"}
    assert (await school.world.post(f"/notices/{notice['id']}/tellings", told)).status_code == 201
    after = (await ask(school, "?limit=200")).json()["items"]
    assert sum(one["state"] == "kept" for one in after) > sum(one["state"] == "kept" for one in before)


async def test_it_stands_as_on_the_schools_own_day_where_its_clock_was_moved(school: Telling) -> None:
    for moment in ("2026-03-09T09:00:00Z", "2026-03-10T09:00:00Z"):
        assert (await school.world.post("/clock", {"now": moment})).status_code == 200
        for _ in range(2):
            shown = await ask(school, "?limit=200")
            assert shown.json()["as_at"] == moment[:10]
            assert shown.json() == (await ask(school, f"?limit=200&as_at={moment[:10]}")).json()


async def test_whoever_was_revoked_or_lacks_the_scope_is_out_at_once(school: Telling) -> None:
    world = school.world
    assert (await ask(school)).status_code == (await ask(school)).status_code == 200
    thin = await token_for(world.app, world.client_id, frozenset(SCOPES) - {"obligations:read"})
    refused = await world.http.get(world.path("/obligations"), headers={"Authorization": f"Bearer {thin}"})
    assert refused.status_code == 403 and "obligations:read" in refused.headers["www-authenticate"]
    assert (await world.http.get(world.path("/obligations"))).status_code == 401
    assert (await world.http.get("/v1/schools/999998/obligations", headers=world.headers())).status_code == 404
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = $2 where id = $1", world.client_id, NOW)
    assert (await ask(school)).status_code == 401


@pytest.mark.parametrize(("query", "pointer"), [("limit=0", "limit"), ("limit=201", "limit"), ("limit=5&cursor=made-up", "cursor")])
async def test_a_page_that_there_is_not_is_refused_by_name(school: Telling, query: str, pointer: str) -> None:
    answer = await ask(school, f"?{query}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_another_form_or_an_odd_header_goes_the_long_way_round(school: Telling) -> None:
    plain = await ask(school, "?limit=3")
    assert (await ask(school, "?limit=3", Accept="application/json;q=0.9, text/html;q=0.1")).content == plain.content
    assert (await ask(school, "?limit=3", Accept="text/csv")).headers["content-type"].startswith("text/csv")
    assert (await ask(school, Accept="image/png")).status_code == 406
    assert (await ask(school, **{"If-None-Match": "x" * 1001})).status_code == 422


async def test_what_was_written_is_given_all_or_not_at_all_and_the_oldest_goes_first(school: Telling) -> None:
    day, world = date(2026, 3, 2), school.world
    async with world.app.state.sessions.for_school(world.school_id, read_only=True) as session:
        rows = (await list_obligations(session, Wanted(day=day)))[:3]
    first, second, third = (str(row["id"]) for row in rows)
    written = Written(size=2)
    bodies = [written.one(row, day) for row in rows[:2]]
    assert written.all_of([first], day) == bodies[:1]
    assert written.all_of([first, str(clock.new_id())], day) is None
    assert written.all_of([first], date(2026, 3, 3)) is None
    written.one(rows[2], day)
    assert len(written) == 2
    assert written.all_of([second], day) is None and written.all_of([first, third], day) is not None
