"""As it was, and as it was known: corrections leave no trace in what is derived, and none is lost from what was known."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

UPN = "F999999925001"
_urns = count(999_000)


class Clock:
    """A clock that a test moves; the API under test reads no other."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def moving() -> Clock:
    return Clock()


@pytest.fixture
async def world(database: DatabaseUrls, moving: Clock) -> AsyncIterator[World]:
    async with running(database, now=moving) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


CONCERN = {"raised_by": "parent", "domain": "attainment", "words": "Finds reading hard."}


async def test_a_corrected_entry_is_gone_from_the_record_and_still_known_as_it_was(world: World, moving: Clock) -> None:
    pupil = await world.pupil(UPN)
    written = (await world.taken(pupil, "concerns", **CONCERN))["entries"][0]
    first, before = written["number"], written["recorded_at"]
    moving.at += timedelta(minutes=5)
    second = (await world.taken(pupil, "concerns", **{**CONCERN, "words": "Finds spelling hard.", "corrects": first}))["entries"][0]
    assert second["supersedes"] == first
    now = (await world.get(f"/pupils/{pupil}/record")).json()
    then = (await world.get(f"/pupils/{pupil}/record", known_at=before)).json()
    assert [entry["number"] for entry in now["entries"] if entry["type"] == "concern.raised"] == [second["number"]]
    assert [entry["number"] for entry in then["entries"] if entry["type"] == "concern.raised"] == [first]
    assert then["known_at_number"] == first


async def test_only_an_entry_of_the_same_kind_corrects_and_only_a_standing_one_is_corrected(world: World) -> None:
    pupil = await world.pupil(UPN)
    first = (await world.taken(pupil, "concerns", **CONCERN))["ledger_number"]
    other = await world.step(pupil, "teaching-adaptations", tried="x", effect="y", corrects=first)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/step-refused")
    await world.taken(pupil, "concerns", **CONCERN, corrects=first)
    again = await world.step(pupil, "concerns", **CONCERN, corrects=first)
    assert again.status_code == 409


async def test_a_withdrawn_entry_puts_nothing_in_its_place(world: World) -> None:
    pupil = await world.pupil(UPN)
    number = (await world.taken(pupil, "concerns", **CONCERN))["ledger_number"]
    await world.taken(pupil, "withdrawals", corrects=number, reason="Meant for another pupil.")
    record = (await world.get(f"/pupils/{pupil}/record")).json()
    assert "concern.raised" not in {entry["type"] for entry in record["entries"]}


async def test_a_record_as_at_a_day_knows_nothing_of_later_days(world: World) -> None:
    pupil = await world.pupil(UPN)
    await world.taken(pupil, "concerns", **CONCERN)
    record = (await world.get(f"/pupils/{pupil}/record", as_at="2026-03-01")).json()
    assert [entry["type"] for entry in record["entries"]] == ["pupil.enrolled"]


async def test_what_will_be_known_cannot_be_asked(world: World, moving: Clock) -> None:
    pupil = await world.pupil(UPN)
    answer = await world.get(f"/pupils/{pupil}/record", known_at=(moving.at + timedelta(seconds=1)).isoformat())
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/future-known-at")


async def test_a_version_that_was_seen_is_not_sent_again_until_the_record_moves(world: World) -> None:
    pupil = await world.pupil(UPN)
    path, headers = world.path(f"/pupils/{pupil}/record"), world.headers()
    tag = (await world.http.get(path, headers=headers)).headers["etag"]
    assert (await world.http.get(path, headers={**headers, "If-None-Match": tag})).status_code == 304
    taken = await world.taken(pupil, "concerns", **CONCERN)
    fresh = await world.http.get(path, headers={**headers, "If-None-Match": tag})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] == taken["version"] != tag


async def test_a_step_on_a_version_that_is_gone_is_refused_with_the_one_that_stands(world: World) -> None:
    pupil = await world.pupil(UPN)
    seen = (await world.http.get(world.path(f"/pupils/{pupil}/record"), headers=world.headers())).headers["etag"]
    body = {"author": {"id": str(world.people["senco"])}, "occurred_on": "2026-03-02", **CONCERN}
    first = await world.post(f"/pupils/{pupil}/concerns", body, {"If-Match": seen})
    late = await world.post(f"/pupils/{pupil}/concerns", body, {"If-Match": seen})
    assert (first.status_code, late.status_code) == (201, 412)
    assert late.headers["etag"] == first.headers["etag"]


async def test_a_dry_run_says_what_would_happen_and_leaves_nothing(world: World) -> None:
    pupil = await world.pupil(UPN)
    body = {"author": {"id": str(world.people["senco"])}, "occurred_on": "2026-03-02", **CONCERN}
    headers = {"Authorization": f"Bearer {world.token}"}
    answer = await world.http.post(world.path(f"/pupils/{pupil}/concerns"), json=body, headers=headers, params={"dry_run": "true"})
    tried = answer.json()
    assert answer.status_code == 200
    assert [entry["type"] for entry in tried["would_append"]] == ["concern.raised"]
    assert (tried["entries"], tried["ledger_number"], tried["version"]) == ([], None, None)
    assert len((await world.get(f"/pupils/{pupil}/record")).json()["entries"]) == 1
    refused = await world.http.post(world.path(f"/pupils/{pupil}/reviews"), json={**body}, headers=headers, params={"dry_run": "true"})
    assert refused.status_code == 422


async def test_a_sandbox_clock_goes_forward_and_bounds_the_day(world: World, moving: Clock) -> None:
    pupil = await world.pupil(UPN)
    future = await world.step(pupil, "concerns", **CONCERN, occurred_on="2026-04-01")
    assert future.status_code == 422
    moved = await world.post("/clock", {"now": "2026-04-01T08:00:00Z"})
    assert (moved.status_code, moved.json()["today"]) == (200, "2026-04-01")
    assert (await world.step(pupil, "concerns", **CONCERN, occurred_on="2026-04-01")).status_code == 201
    back = await world.post("/clock", {"now": "2026-03-15T08:00:00Z"})
    assert (back.status_code, back.json()["type"]) == (409, "/problems/conflict")
    moving.at += timedelta(minutes=1)
    assert (await world.get("")).json()["now"].startswith("2026-04-01T08:01")


async def test_a_live_school_has_no_clock_to_move(world: World) -> None:
    live = await add_school(world.app, world.http, "100001", sandbox=False)
    answer = await live.post("/clock", {"now": "2026-04-01T08:00:00Z"})
    assert answer.status_code == 409


async def test_a_sandbox_clock_goes_ten_years_ahead_and_no_further(world: World) -> None:
    """It never goes back, so a school whose clock stood at the end of the years we take could do nothing any more."""
    for far in ("2100-12-31T23:59:59Z", "2036-03-02T09:00:01Z"):
        answer = await world.post("/clock", {"now": far})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/now")
    assert (await world.get("")).json()["today"] == "2026-03-02"
    moved = await world.post("/clock", {"now": "2036-03-02T09:00:00Z"})
    assert (moved.status_code, moved.json()["today"]) == (200, "2036-03-02")
    assert (await world.get("/obligations")).status_code == 200
