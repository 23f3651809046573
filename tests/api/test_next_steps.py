"""Which steps exist for a pupil, over HTTP: what is said to exist can be taken, and what is not says why."""

from collections.abc import AsyncIterator

import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from app.domain.steps import STEPS
from tests.webhooks.telling import Telling, telling


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        await found.with_pupil()
        yield found


async def steps(school: Telling, **params: str) -> dict[str, dict[str, object]]:
    answer = await school.world.get(f"/pupils/{school.pupil}/next-steps", **params)
    assert answer.status_code == 200, answer.text
    return {step["adds"]: step for step in answer.json()["items"]}


async def test_every_step_is_answered_for_and_can_be_narrowed_to_those_that_exist(school: Telling) -> None:
    found = await steps(school)
    assert set(found) == {kind.type for kind in STEPS}
    assert all(step["exists"] is (step["refusal"] is None) for step in found.values())
    assert await steps(school, exists="true") == {adds: step for adds, step in found.items() if step["exists"]}
    assert await steps(school, exists="false") == {adds: step for adds, step in found.items() if not step["exists"]}


async def test_a_step_that_is_said_to_exist_is_taken_and_one_that_is_not_is_refused_for_the_reason_told(school: Telling) -> None:
    """A plan is agreed before there is one to review."""
    before = await steps(school)
    assert (before["sen.decided"]["exists"], before["plan.agreed"]["exists"], before["review.held"]["exists"]) == (True, True, False)
    review = {"cycle": 1, "ratings": [], "quality_of_support": "-", "next_step": "continue", "next_step_reason": "-"}
    views = {"parents_view": {"says": "-"}, "pupils_view": {"says": "-"}}
    refused = await school.world.step(school.pupil, "reviews", **review, **views)
    assert refused.status_code == 409
    assert refused.json()["findings"][0]["rule"] == before["review.held"]["refusal"]["rule"]
    assert before["review.held"]["refusal"]["cure"]
    await school.decide()
    await school.plan()
    after = await steps(school)
    assert (after["plan.agreed"]["exists"], after["review.held"]["exists"]) == (False, True)
    assert "senco" in after["review.held"]["roles"]


async def test_each_step_names_the_address_where_it_is_taken(school: Telling) -> None:
    found = await steps(school)
    assert found["meeting.held"]["method"] == "POST"
    assert found["meeting.held"]["href"] == school.world.path(f"/pupils/{school.pupil}/meetings")
    assert found["evidence.received"]["href"].startswith("/v1/local-authorities/{code}/")
    assert found["person.told"]["href"] == school.world.path("/notices/{notice_id}/tellings")


async def test_the_answer_has_a_version_and_a_stranger_is_not_found(school: Telling) -> None:
    path = school.world.path(f"/pupils/{school.pupil}/next-steps")
    first = await school.world.http.get(path, headers=school.world.headers())
    again = await school.world.http.get(path, headers=school.world.headers(**{"If-None-Match": first.headers["etag"]}))
    assert (again.status_code, again.content) == (304, b"")
    await school.decide()
    assert (await school.world.http.get(path, headers=school.world.headers())).headers["etag"] != first.headers["etag"]
    assert (await school.world.get(f"/pupils/{clock.new_id()}/next-steps")).status_code == 404
