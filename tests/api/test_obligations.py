"""What is owed, over HTTP: narrowed, in pages, as it stands on a day, as it was known at a moment, and never beyond what is derived."""

from collections.abc import AsyncIterator

import pytest

from app.casework.rederivation import rederive
from app.casework.waiting import asking
from app.db.embedded import DatabaseUrls
from app.db.work import WorkKind
from tests.webhooks.telling import Telling, telling

HORIZON = "2027-08-31"
TO_PARENTS = "inform-parents-of-sen-provision"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    """A pupil with a mother and a decision of 2 March 2026 about which she is to be told by the 9th."""
    async with telling(database) as found:
        await found.with_pupil()
        await found.decide()
        await rederive(found.world.app.state.casework, found.world.school_id)
        yield found


async def owed(school: Telling, **params: str) -> dict[str, object]:
    answer = await school.world.get("/obligations", **params)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def items(school: Telling, **params: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await owed(school, limit="100", **params))["items"]
    return found


async def test_every_answer_names_the_horizon_and_a_day_beyond_it_is_refused(school: Telling) -> None:
    assert (await owed(school, as_at=HORIZON))["horizon"] == HORIZON
    for path in ("/obligations", f"/pupils/{school.pupil}/obligations"):
        answer = await school.world.get(path, as_at="2027-09-01")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/beyond-horizon")
        assert HORIZON in answer.json()["detail"]


async def test_a_school_that_was_never_derived_answers_for_no_day_to_come(database: DatabaseUrls) -> None:
    async with telling(database) as school:
        await school.with_pupil()
        await school.decide()
        today = await owed(school)
        assert (today["as_at"], today["horizon"]) == ("2026-03-02", None)
        assert [one["state"] for one in await items(school, rule=TO_PARENTS)] == ["due"]
        answer = await school.world.get("/obligations", as_at="2026-03-03")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/beyond-horizon")
        assert await items(school, as_at="2026-03-01", rule=TO_PARENTS) == []
        casework, id_ = school.world.app.state.casework, school.world.school_id
        assert (id_, id_) in await school.sweep.work(WorkKind.OBLIGATIONS, asking(casework))
        assert await rederive(casework, id_)
        assert (await owed(school, as_at="2026-03-03"))["horizon"] == HORIZON


@pytest.mark.parametrize(("as_at", "state"), [("2026-03-09", "due"), ("2026-03-10", "broken")])
async def test_the_state_is_that_of_the_day_asked_for(school: Telling, as_at: str, state: str) -> None:
    (found,) = await items(school, as_at=as_at, rule=TO_PARENTS)
    assert (found["state"], found["due"], found["person"]) == (state, "2026-03-09", school.parent)
    assert found["citations"] and found["duty"] != TO_PARENTS
    assert found in await items(school, as_at=as_at, state=state)
    assert await items(school, as_at=as_at, state="kept", rule=TO_PARENTS) == []


async def test_the_list_is_narrowed_by_each_filter_as_a_person_would_read_it(school: Telling) -> None:
    everything = await items(school, as_at="2026-06-30")
    assert len(everything) >= 3
    for name, wanted in (("who", "school"), ("rule", TO_PARENTS), ("state", "broken")):
        narrowed = await items(school, as_at="2026-06-30", **{name: wanted})
        assert narrowed == [one for one in everything if one[name] == wanted]
        assert 0 < len(narrowed) <= len(everything)
    due = [one for one in everything if one["due"] is not None and one["due"] < "2026-03-10"]
    assert due and await items(school, as_at="2026-06-30", due_before="2026-03-10") == due
    assert not [one for one in await items(school, as_at="2026-06-30", due_before="2026-03-09") if one["rule"] == TO_PARENTS]


@pytest.mark.parametrize(
    "params", [{"state": "late"}, {"who": "nobody"}, {"due_before": "2026-02-30"}, {"cursor": "made-up"}, {"limit": "0"}]
)
async def test_a_filter_that_means_nothing_is_refused_by_name(school: Telling, params: dict[str, str]) -> None:
    answer = await school.world.get("/obligations", **params)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == list(params)


async def test_pages_give_each_obligation_once_and_in_order(school: Telling) -> None:
    for _ in range(3):
        await school.with_pupil()
        await school.decide()
    everything = await items(school, as_at="2026-06-30")
    paged: list[dict[str, object]] = []
    params = {"as_at": "2026-06-30", "limit": "4"}
    while True:
        page = await owed(school, **params)
        assert len(page["items"]) <= 4
        paged += page["items"]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert paged == everything and len(everything) > 8


async def test_a_page_of_one_pupil_is_not_gone_on_with_for_another(school: Telling) -> None:
    page = (await school.world.get(f"/pupils/{school.pupil}/obligations", limit="1")).json()
    assert page["next"]
    assert (await school.world.get("/obligations", cursor=page["next"])).status_code == 422


async def test_what_was_known_before_a_telling_stays_known_as_it_was(school: Telling) -> None:
    before = (await owed(school))["known_at_number"]
    (notice,) = await school.notices()
    assert (await school.world.post("/clock", {"now": "2026-03-03T09:00:00Z"})).status_code == 200
    told = {"author": {"id": str(school.world.people["senco"])}, "occurred_on": "2026-03-02", "how": "in_person"}
    assert (await school.world.post(f"/notices/{notice['id']}/tellings", told)).status_code == 201
    assert [one["state"] for one in await items(school, rule=TO_PARENTS)] == ["kept"]
    (then,) = await items(school, rule=TO_PARENTS, known_at="2026-03-02T23:00:00Z", as_at="2026-03-10")
    assert (then["state"], then["met_by"]) == ("broken", None)
    assert (await owed(school, known_at="2026-03-02T23:00:00Z"))["known_at_number"] == before
