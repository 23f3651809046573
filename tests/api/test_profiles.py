"""Profiles over HTTP: loaded by version, never changed, refused with all that contradicts itself, and kept apart by side."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import httpx
import pytest

from app.casework.profile_loading import MOST_PROFILES
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.scopes import GRANTABLE, SCOPES
from app.domain.entries.contributions import ContributionKind
from app.domain.profiles import SHIPPED
from tests.api.world import World, add_client, add_school, running, token_for

_urns = count(999_000)
_names = count(1)
SOURCE = {"title": "Guidance on requests", "written": "September 2025", "written_on": "2025-09-01", "read_on": "2026-01-05"}
CYCLES = {"id": "cycles", "asks": "Three reviewed cycles", "looks": "reviewed_cycles", "mender": "teacher", "least": 3}


@dataclass
class Loader:
    """A client that loads profiles for its organisation."""

    http: httpx.AsyncClient
    organisation: UUID
    token: str

    async def load(self, **changes: object) -> httpx.Response:
        return await self.http.post("/v1/authority-profiles", json=a_profile(**changes), headers={"Authorization": f"Bearer {self.token}"})


def a_profile(**changes: object) -> dict[str, object]:
    return {"id": "invented", "title": "Invented", "since": "2025-09-01", "source": SOURCE, "expectations": [CYCLES], **changes}


def a_name() -> str:
    return f"invented-{next(_names)}"


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


async def loader(world: World, kind: OrganisationKind = OrganisationKind.AUTHORITY, **who: object) -> Loader:
    who = {"authority": "999", **who} if kind is OrganisationKind.AUTHORITY else who
    organisation, client = await add_client(world.app, kind, **who)
    return Loader(world.http, organisation, await token_for(world.app, client, frozenset(SCOPES)))


async def read(world: World, path: str, **params: str) -> httpx.Response:
    return await world.http.get(f"/v1/authority-profiles{path}", params=params)


async def test_a_profile_is_kept_as_version_one_and_read_by_all_as_it_was_loaded(world: World) -> None:
    county, name = await loader(world), a_name()
    papers = {"types": ["pdf", "docx"], "largest_file": 5_000_000, "most_pages": 60, "most_record_pages": 40}
    papers |= {"limits": [{"kind": kind.value, "each": 12} for kind in ContributionKind], "qualities": ["paginated"]}
    answer = await county.load(id=name, papers=papers, authority="999")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/authority-profiles/{name}/versions/1?sandbox=true"
    assert (await world.http.get(answer.headers["Location"])).json() == answer.json()
    found = (await read(world, f"/{name}", sandbox="true")).json()
    assert found == answer.json()
    assert (found["version"], found["authority"], found["national"], found["papers"]) == (1, "999", False, papers)
    assert found["expectations"] == [{**CYCLES, "local": True, "months": None}]
    assert (found["source"]["months_old"], found["loaded_by"]["organisation"]) == (6, str(county.organisation))


async def test_a_further_loading_is_a_further_version_and_changes_none(world: World) -> None:
    county, name = await loader(world), a_name()
    first = await county.load(id=name)
    second = await county.load(id=name, title="Invented anew")
    assert (first.json()["version"], second.json()["version"]) == (1, 2)
    assert (await read(world, f"/{name}/versions/1", sandbox="true")).json() == first.json()
    assert (await read(world, f"/{name}", sandbox="true")).json() == second.json()
    assert (await read(world, f"/{name}/versions/3", sandbox="true")).status_code == 404


async def test_the_same_content_again_is_the_same_version(world: World) -> None:
    county, name = await loader(world), a_name()
    first, again = await county.load(id=name), await county.load(id=name)
    assert (first.status_code, again.status_code, again.json() == first.json()) == (201, 200, True)
    assert (await county.load(id=name, title="Other")).json()["version"] == 2
    assert (await county.load(id=name)).json()["version"] == 3


async def test_two_at_once_make_two_versions_or_one(world: World) -> None:
    county, name = await loader(world), a_name()
    same = await asyncio.gather(*(county.load(id=name) for _ in range(4)))
    assert sorted(answer.status_code for answer in same) == [200, 200, 200, 201]
    other = await asyncio.gather(*(county.load(id=name, title=f"Title {n}") for n in range(4)))
    assert sorted(answer.json()["version"] for answer in other) == [2, 3, 4, 5]


async def test_what_contradicts_itself_is_refused_with_every_place_at_once(world: World) -> None:
    wrong = {**CYCLES, "least": 0}
    aged = {**CYCLES, "id": "age", "looks": "recent_advice", "least": None, "local": False}
    answer = await (await loader(world)).load(
        id="Not An Id",
        until="2025-08-31",
        authority="998",
        source={**SOURCE, "read_on": "2026-03-03"},
        expectations=[wrong, aged],
        papers={"types": ["exe"], "largest_file": 1, "limits": [{"kind": "other", "each": 0}]},
    )
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {
        "/id",
        "/until",
        "/authority",
        "/source/read_on",
        "/expectations/0/least",
        "/expectations/1/local",
        "/expectations/1/months",
        "/papers/types/0",
        "/papers/largest_file",
        "/papers/limits/0/each",
    }
    assert {fault["code"] for fault in answer.json()["errors"]} == {"profile_contradicts_itself"}


async def test_shapes_are_strict(world: World) -> None:
    county = await loader(world)
    for changes in ({"version": 3}, {"expectations": [{**CYCLES, "least": "3"}]}, {"papers": {"types": "pdf"}}, {"national": True}):
        assert (await county.load(id=a_name(), **changes)).status_code == 422
    assert (await county.load(id=a_name(), expectations=[{**CYCLES, "id": f"c-{n}"} for n in range(101)])).status_code == 422
    assert (await county.load(id=a_name(), title="x" * 64_001)).status_code == 413


async def test_an_id_belongs_to_whoever_loaded_it_first(world: World) -> None:
    county, vendor, name = await loader(world), await loader(world, OrganisationKind.VENDOR), a_name()
    assert (await county.load(id=name)).status_code == 201
    assert (await vendor.load(id=name)).status_code == 409
    assert [(await county.load(id=id_)).status_code for id_ in SHIPPED] == [409] * len(SHIPPED)


async def test_only_an_authoritys_own_client_says_that_a_profile_is_the_authoritys(world: World) -> None:
    vendor, other = await loader(world, OrganisationKind.VENDOR), await loader(world, authority="998")
    for client in (vendor, other):
        answer = await client.load(id=a_name(), authority="999")
        assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, ["/authority"])
    assert (await vendor.load(id=a_name())).status_code == 201
    assert (await other.load(id=a_name(), authority="998")).status_code == 201


async def test_sandbox_and_live_never_meet(world: World) -> None:
    name = a_name()
    sandbox, live = await loader(world), await loader(world, authority="301", sandbox=False)
    assert (await sandbox.load(id=name)).status_code == 201
    assert (await read(world, f"/{name}")).status_code == 404
    assert (await live.load(id=name, title="Live")).json()["version"] == 1
    assert (await read(world, f"/{name}")).json()["title"] == "Live"
    assert (await read(world, f"/{name}", sandbox="true")).json()["title"] == "Invented"


async def test_an_organisation_loads_so_many_profiles_and_no_more(world: World) -> None:
    vendor, names = await loader(world, OrganisationKind.VENDOR), [a_name() for _ in range(MOST_PROFILES + 1)]
    assert [(await vendor.load(id=name)).status_code for name in names] == [201] * MOST_PROFILES + [409]
    assert (await vendor.load(id=names[0], title="A further version")).status_code == 201


async def test_the_list_has_each_in_its_newest_version_page_by_page(world: World) -> None:
    county = await loader(world)
    names = sorted(a_name() for _ in range(5))
    for name in names:
        await county.load(id=name)
        await county.load(id=name, title="Newest")
    found, params = [], {"limit": "3", "sandbox": "true"}
    while True:
        page = (await read(world, "", **params)).json()
        found += page["items"]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    ids = [item["id"] for item in found]
    assert ids == sorted(set(ids))
    assert set(ids) >= {*names, *SHIPPED}
    assert {(item["version"], item["title"]) for item in found if item["id"] in names} == {(2, "Newest")}
    assert all(item["loaded_by"] is None for item in found if item["id"] in SHIPPED)


async def test_a_shipped_profile_is_read_by_version_on_either_side(world: World) -> None:
    for id_, profile in SHIPPED.items():
        found = (await read(world, f"/{id_}/versions/{profile.version}")).json()
        assert (found["id"], found["version"], found["national"]) == (id_, profile.version, profile.is_national)
        assert (await read(world, f"/{id_}", sandbox="true")).json() == found
        assert (await read(world, f"/{id_}/versions/{profile.version + 1}")).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/versions/1", "/Not%20An%20Id", "/%00"])
async def test_what_nobody_loaded_is_not_there(world: World, path: str) -> None:
    assert (await read(world, path)).status_code == 404


async def test_no_school_grants_what_a_client_does_for_its_own_organisation(world: World) -> None:
    assert "profiles:write" in SCOPES
    assert "profiles:write" not in GRANTABLE


async def test_a_client_that_was_not_given_the_scope_loads_nothing(world: World) -> None:
    _, client = await add_client(world.app, OrganisationKind.VENDOR, scopes=frozenset({"notices:read"}))
    token = await token_for(world.app, client, frozenset(SCOPES))
    assert (await Loader(world.http, client, token).load(id=a_name())).status_code == 403
