"""Readiness over HTTP beside loaded profiles, with what people contributed and the papers that a profile does not take."""

from collections.abc import AsyncIterator
from itertools import count

import httpx
import pytest

from app import clock
from app.db import kept_files
from app.db.embedded import DatabaseUrls
from app.db.kept_files import Kept
from app.db.organisations import OrganisationKind
from app.domain.profiles.tribunal import TRIBUNAL
from tests.api.test_profiles import CYCLES, Loader, a_name, loader
from tests.api.world import NOW, TODAY, World, add_school, running

_urns = count(999_000)
UPN = "E999999925008"
VIEW = {"id": "parents-view", "asks": "The parents' view", "looks": "parents_view", "mender": "parent"}


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


@pytest.fixture
async def pupil(world: World) -> str:
    return await world.pupil(UPN)


@pytest.fixture
async def county(world: World) -> Loader:
    return await loader(world)


async def ready(world: World, pupil: str, **params: str) -> dict[str, object]:
    answer = await world.get(f"/pupils/{pupil}/readiness", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def loaded(client: Loader, name: str, **changes: object) -> dict[str, object]:
    answer = await client.load(id=name, **changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def a_paper(world: World, pupil: str, pages: int) -> str:
    """A paper that was handed in; of its file only the row matters here."""
    paper, digest = clock.new_id(), bytes(31) + bytes([pages])
    kept = Kept(school_id=world.school_id, id=clock.new_id(), digest=digest, size=2_000_000, sealed_key=b"sealed")
    async with world.app.state.sessions.for_school(world.school_id) as session:
        standing = await kept_files.keep(session, kept, pupil_id=pupil, at=NOW)
        await session.connection.execute(
            "insert into paper (school_id, id, pupil_id, blob_id, media_type, pages, title, handed_in_at, client_id)"
            " values ($1, $2, $3, $4, 'application/pdf', $5, 'A report', now(), $6)",
            world.school_id,
            paper,
            pupil,
            standing.id,
            pages,
            world.client_id,
        )
    return str(paper)


async def request_to(world: World, pupil: str, authority: str) -> str:
    mother = await world.contact(pupil)
    asked = {"requester": "parent", "contact": mother, "authority": authority, "reason": "No catch-up."}
    return (await world.taken(pupil, "ehc-requests", **asked))["references"]["request"]


async def of_request(world: World, pupil: str, request: str, **params: str) -> httpx.Response:
    return await world.get(f"/pupils/{pupil}/ehc-requests/{request}/readiness", **params)


async def test_a_loaded_profile_is_named_by_id_or_by_version(world: World, pupil: str, county: Loader) -> None:
    name = a_name()
    await loaded(county, name, expectations=[CYCLES])
    await loaded(county, name, expectations=[VIEW])
    assert [item["expectation"]["id"] for item in (await ready(world, pupil, profile=name))["items"]] == ["parents-view"]
    first = await ready(world, pupil, profile=f"{name}/1")
    assert (first["profile"], [item["expectation"]["id"] for item in first["items"]]) == (f"{name}/1", ["cycles"])
    assert (await world.get(f"/pupils/{pupil}/readiness", profile=f"{name}/3")).status_code == 422


async def test_without_a_name_it_is_the_one_of_the_authority_that_is_addressed(world: World, pupil: str) -> None:
    """The school lies in 999, and this child lives in 997."""
    away, name = await loader(world, authority="997"), a_name()
    request = await request_to(world, pupil, "997")
    assert (await of_request(world, pupil, request)).json()["profile"] == "national/1"
    await loaded(away, name, authority="997", expectations=[VIEW])
    assert (await of_request(world, pupil, request)).json()["profile"] == f"{name}/1"
    assert (await of_request(world, pupil, request, profile="national")).json()["profile"] == "national/1"


async def test_a_pupil_without_a_request_is_weighed_by_the_authority_of_the_school(world: World, pupil: str, county: Loader) -> None:
    name = a_name()
    await loaded(county, name, authority="999", expectations=[VIEW])
    assert (await ready(world, pupil))["profile"] == f"{name}/1"


async def test_a_live_profile_is_not_there_for_a_sandbox_school(world: World, pupil: str) -> None:
    live, name = await loader(world, OrganisationKind.VENDOR, sandbox=False), a_name()
    await loaded(live, name)
    assert (await world.get(f"/pupils/{pupil}/readiness", profile=name)).status_code == 422


async def test_what_a_parent_was_asked_for_is_a_part_and_what_they_give_meets_it(world: World, pupil: str) -> None:
    mother = await world.contact(pupil)
    asking = {"what": "parents_view", "contributor": {"kind": "contact", "person": mother}, "asks": "How is it?", "due": "2026-03-20"}
    taken = await world.taken(pupil, "contributions", **asking)

    async def view() -> dict[str, object]:
        items = (await ready(world, pupil, profile="cycles-and-costs"))["items"]
        return next(item for item in items if item["expectation"]["id"] == "parents-view")

    before, contribution = await view(), taken["references"]["contribution"]
    assert (before["readiness"], before["mender"], before["mend_by"]) == ("partly", "parent", "2026-03-20")
    assert before["awaited"] == [
        {"contribution": contribution, "asked": taken["entries"][0]["number"], "due": "2026-03-20", "late": False, "mender": "parent"}
    ]
    await world.taken(pupil, f"contributions/{contribution}/given", author={"kind": "contact", "id": mother}, words="She reads at home.")
    after = await view()
    assert (after["readiness"], after["awaited"], after["missing"]) == ("met", [], [])


async def test_an_old_report_that_is_handed_in_today_is_as_old_as_it_says(world: World, pupil: str) -> None:
    mother = await world.contact(pupil)
    by = {"author": {"kind": "contact", "id": mother}, "what": "specialists_report", "contributor": {"kind": "contact", "person": mother}}

    async def report() -> str:
        return (await ready(world, pupil, profile="tribunal"))["items"][0]["readiness"]

    taken = await world.taken(pupil, "contributions/given", **by, words="See the report.", dated_on="2023-03-01")
    assert await report() == "partly"
    contribution = taken["references"]["contribution"]
    again = {"author": by["author"], "words": "See the newer report.", "dated_on": "2023-03-02"}
    await world.taken(pupil, f"contributions/{contribution}/given", **again)
    assert await report() == "met"
    assert (await world.get(f"/pupils/{pupil}/contributions/{contribution}")).json()["dated_on"] == "2023-03-02"
    late = await world.step(pupil, f"contributions/{contribution}/given", **{**again, "dated_on": "2026-03-03"})
    assert late.status_code == 409


async def test_a_paper_that_is_too_long_is_shown_and_bars_nothing(world: World, pupil: str) -> None:
    too_long, paper = TRIBUNAL.papers.most_pages, await a_paper(world, pupil, 76)
    mother = await world.contact(pupil)
    by = {"what": "other", "contributor": {"kind": "contact", "person": mother}}
    taken = await world.taken(pupil, "contributions/given", author={"kind": "contact", "id": mother}, **by, papers=[paper])
    (shown,) = (await ready(world, pupil, profile="tribunal"))["papers"]
    assert (shown["limit"], shown["taken"], shown["found"], shown["mender"]) == ("pages_together", str(too_long), "76", "senco")
    assert (await ready(world, pupil, profile="national"))["papers"] == []
    assert await request_to(world, pupil, "999")
    assert taken["entries"][0]["number"] > 0


async def test_a_paper_larger_than_a_portal_takes_names_who_can_bring_it_anew(world: World, pupil: str, county: Loader) -> None:
    name, paper = a_name(), await a_paper(world, pupil, 3)
    await loaded(county, name, papers={"types": ["pdf"], "largest_file": 1_000_000})
    mother = await world.contact(pupil)
    by = {"what": "parents_view", "contributor": {"kind": "contact", "person": mother}}
    taken = await world.taken(pupil, "contributions/given", author={"kind": "contact", "id": mother}, **by, papers=[paper])
    (shown,) = (await ready(world, pupil, profile=name))["papers"]
    assert shown == {
        "limit": "size",
        "taken": "1000000",
        "found": "2000000",
        "paper": paper,
        "entry": taken["entries"][0]["number"],
        "title": "A report",
        "mender": "parent",
        "mend_by": "2026-04-13",
    }
    assert TODAY.isoformat() == "2026-03-02"
