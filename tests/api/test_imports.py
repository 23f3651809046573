"""Handing in a roll over HTTP: what is taken on, what is refused at the door, and how the results are read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from app.db.scopes import SCOPES
from app.exchange.roll_import import RollImports
from demo.make_roll import CTF_NAME
from tests.api.world import NOW, World, add_school, running, token_for

DEMO = (Path(__file__).parents[2] / "demo" / CTF_NAME).read_bytes()
CSV = b"upn,surname,forename,date_of_birth,sex,sen_status,sen_status_from\nX999999906001,Example,Ada,2013-10-09,F,K,2024-10-25\n"


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(999_000 + request.session.items.index(request.node) % 900))


async def turn_back_the_clock(world: World) -> None:
    """Put the sandbox school on the day of the demo file."""
    behind = (datetime(2014, 11, 3, 9, 0, tzinfo=UTC) - NOW) // timedelta(microseconds=1)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute("update school set clock_ahead = $1", behind)


async def hand_in(world: World, content: bytes = CSV, kind: str = "text/csv", *, key: str | None = None, **params: str) -> httpx.Response:
    """Hand a file in for the head unless `staff` says otherwise."""
    headers = world.headers(**{"Content-Type": kind, **({"Idempotency-Key": key} if key else {})})
    return await world.http.post(
        world.path("/imports"), content=content, params={"staff": str(world.people["head"]), **params}, headers=headers
    )


async def work(world: World, job: str) -> dict[str, object]:
    """Do the job as a worker does, and read it."""
    await RollImports(world.app.state.casework, world.app.state.sealer).run(world.school_id, UUID(job))
    return (await world.get(f"/imports/{job}")).json()


def pointers(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_roll_is_taken_on_and_loaded_by_a_worker(world: World) -> None:
    answer = await hand_in(world)
    taken = answer.json()
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == world.path(f"/imports/{taken['id']}")
    assert (taken["state"], taken["stage"], taken["staff"]) == ("waiting", "waiting", str(world.people["head"]))
    done = await work(world, taken["id"])
    assert (done["state"], done["stage"], done["counts"]["added"], done["said"]) == ("done", "ended", 1, "The roll was loaded.")
    (result,) = (await world.get(f"/imports/{taken['id']}/results")).json()["items"]
    record = (await world.get(f"/pupils/{result['pupil_id']}/record")).json()
    assert (record["status"], result["outcome"], result["line"]) == ("K", "added", 2)


async def test_the_demo_file_is_read_page_by_page_and_its_pupils_wait_for_a_decision(world: World) -> None:
    await turn_back_the_clock(world)
    mine = DEMO.replace(b"<URN>999999</URN>", f"<URN>{world.urn}</URN>".encode())
    job = (await hand_in(world, mine, "application/xml")).json()["id"]
    done = await work(world, job)
    assert (done["counts"]["added"], done["counts"]["undecided"]) == (30, 15)
    page = (await world.get(f"/imports/{job}/results", limit="20")).json()
    rest = (await world.get(f"/imports/{job}/results", limit="20", cursor=page["next"])).json()
    lines = [item["line"] for item in (*page["items"], *rest["items"])]
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (20, 10, None) and lines == sorted(set(lines))
    again = await work(world, (await hand_in(world, mine, "application/xml")).json()["id"])
    assert again["counts"]["unchanged"] == 30 and again["said"].startswith("The school already has everything in this file")


async def test_the_same_key_and_file_give_the_same_job_and_another_file_under_it_is_refused(world: World) -> None:
    first, again = await hand_in(world, key="roll-1"), await hand_in(world, key="roll-1")
    other = await hand_in(world, CSV.replace(b"Ada", b"Eda"), key="roll-1")
    assert first.json()["id"] == again.json()["id"] and again.status_code == 202
    assert other.status_code == 422 and other.json()["type"].endswith("idempotency-key-reused")


async def test_a_key_is_needed_unless_it_is_a_dry_run(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token}", "Content-Type": "text/csv"}
    params = {"staff": str(world.people["head"])}
    without = await world.http.post(world.path("/imports"), content=CSV, params=params, headers=headers)
    dry = await world.http.post(world.path("/imports"), content=CSV, params={**params, "dry_run": "true"}, headers=headers)
    assert (without.status_code, dry.status_code) == (400, 202)


async def test_a_dry_run_stores_nothing_and_its_results_end_after_a_day(database: DatabaseUrls) -> None:
    async with running(database, now=None) as (app, http):
        world = await add_school(app, http, "999981")
        job = (await hand_in(world, dry_run="true")).json()["id"]
        done = await work(world, job)
        assert (done["state"], done["is_dry_run"], done["counts"]["added"], done["counts"]["entries"]) == ("done", True, 1, 0)
        assert "dry run" in done["said"]
        (result,) = (await world.get(f"/imports/{job}/results")).json()["items"]
        assert result["pupil_id"] is None and (await world.get("/pupils")).json()["items"] == []
        async with app.state.sessions.for_school(world.school_id) as session:
            await session.connection.execute("update import_job set finished_at = $1", clock.now() - timedelta(hours=25))
        assert (await world.get(f"/imports/{job}")).status_code == 404
        assert (await world.get(f"/imports/{job}/results")).status_code == 404


async def test_a_bad_file_is_taken_on_and_fails_with_its_problems(world: World) -> None:
    job = (await hand_in(world, CSV.replace(b"2024-10-25", b"2026-02-30"))).json()["id"]
    done = await work(world, job)
    assert (done["state"], done["counts"]["failed"], done["counts"]["errors"]) == ("failed", 1, 1)
    assert done["said"] == "Nothing was stored. The results list every problem."
    (problem,) = (await world.get(f"/imports/{job}/results")).json()["items"]
    assert (problem["outcome"], problem["cause"], problem["line"], problem["pointer"]) == (
        "error",
        "date-not-a-date",
        2,
        "row 2, column sen_status_from",
    )


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "", "text/plain", "text/csvx"])
async def test_a_body_of_another_type_is_refused(world: World, kind: str) -> None:
    answer = await hand_in(world, kind=kind)
    assert answer.status_code == 415 and answer.json()["type"].endswith("unsupported-media-type")


async def test_an_empty_body_is_refused(world: World) -> None:
    answer = await hand_in(world, b"")
    assert answer.status_code == 422 and pointers(answer) == [("", "body_missing")]


async def test_a_file_of_more_than_20_mb_is_refused_before_it_is_kept(world: World) -> None:
    answer = await hand_in(world, b"x" * 20_000_001)
    assert answer.status_code == 413


async def test_a_file_of_several_mb_is_taken_though_other_routes_stop_at_one(world: World) -> None:
    answer = await hand_in(world, CSV + b"\n" * 3_000_000)
    assert answer.status_code == 202


async def test_the_person_who_runs_it_must_hold_a_role_at_the_school(world: World) -> None:
    stranger = await hand_in(world, staff=str(clock.new_id()))
    nobody = await hand_in(world, staff="head")
    assert stranger.status_code == 422 and pointers(stranger) == [("staff", "staff_without_role")]
    assert nobody.status_code == 422 and pointers(nobody)[0][0] == "staff"


async def test_another_school_sees_neither_the_job_nor_its_results(world: World) -> None:
    job = (await hand_in(world)).json()["id"]
    other = await add_school(world.app, world.http, "999982")
    assert (await other.get(f"/imports/{job}")).status_code == 404
    assert (await other.get(f"/imports/{job}/results")).status_code == 404
    assert (await world.get(f"/imports/{clock.new_id()}")).status_code == 404


async def test_the_scope_is_needed_on_each_route(world: World) -> None:
    job = (await hand_in(world)).json()["id"]
    world.token = await token_for(world.app, world.client_id, frozenset(SCOPES) - {"roll:write"})
    answers = [await hand_in(world), await world.get(f"/imports/{job}"), await world.get(f"/imports/{job}/results")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_a_cursor_of_another_import_is_refused(world: World) -> None:
    await turn_back_the_clock(world)
    mine = DEMO.replace(b"<URN>999999</URN>", f"<URN>{world.urn}</URN>".encode())
    first, second = [(await hand_in(world, mine, "application/xml")).json()["id"] for _ in range(2)]
    await work(world, first)
    page = (await world.get(f"/imports/{first}/results", limit="5")).json()
    assert (await world.get(f"/imports/{second}/results", cursor=page["next"])).status_code == 422


async def test_the_file_is_sealed_while_it_waits(world: World) -> None:
    await hand_in(world)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        sealed = await session.connection.fetchval("select sealed_file from import_job")
    assert len(sealed) > len(CSV) and b"Example" not in sealed
