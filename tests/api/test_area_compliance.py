"""What an authority and a trust see of many schools: totals by month end that tell of no single pupil, and of no school unasked."""

import csv
import io
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from app import clock
from app.casework.totals import build_totals, month_ends_before
from app.casework.trusts import join_trust, leave_trust
from app.casework.waiting import asking
from app.db import organisations
from app.db.embedded import DatabaseUrls
from app.db.organisations import NewClient, OrganisationKind
from app.db.session import open_pool
from app.db.sweep import Sweep
from app.db.work import WorkKind
from app.domain.rules import RULES_VERSION
from tests.api.world import NOW, World, add_client, add_school, running, token_for

RULE = "decide-each-school-action-pupil"
MONTH_END = date(2026, 2, 28)
SCOPE = frozenset({"totals:read"})
_urns = itertools.count(999_400)
_codes = itertools.count(900)
_INSERT = """
insert into obligation (school_id, id, rule, who, force, shape, occasion, arises_on, due, met_on, missing, rules_version, known_from)
select $1, gen_random_uuid(), $2, 'school', 'must', 'dated', n::text, '2014-09-01', '2015-08-31', $4, '{}', 'v', 1
  from generate_series(1, $3::int) n
"""


class Area:
    """An authority with a trust in it, clients of both, and schools that are added with so many duties broken and kept late."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient, code: str) -> None:
        self.app, self.http, self.code = app, http, code
        self.schools: list[World] = []

    async def open(self) -> "Area":
        self.authority, self.officer = await add_client(self.app, OrganisationKind.AUTHORITY, authority=self.code)
        self.trust, self.trustee = await add_client(self.app, OrganisationKind.TRUST)
        return self

    async def school(self, broken: int, late: int = 0) -> World:
        """Add a school of this authority whose totals are built."""
        world = await add_school(self.app, self.http, str(next(_urns)))
        self.schools.append(world)
        async with self.app.state.sessions.for_school(world.school_id) as session:
            await session.connection.execute("update school set authority = $2 where school_id = $1", world.school_id, self.code)
            for count, met in ((broken, None), (late, date(2015, 9, 9))):
                await session.connection.execute(_INSERT.replace("n::text", f"'{met} ' || n"), world.school_id, RULE, count, met)
        await build_totals(self.app.state.casework, world.school_id)
        return world

    async def grants(self, world: World, client: UUID) -> None:
        body = {"client_id": str(client), "scopes": ["totals:read"], "purpose": "Monitoring", "until": "2099-12-31"}
        answer = await world.post("/grants", {**body, "granted_by": str(world.people["head"])})
        assert answer.status_code == 201, answer.text

    async def seen(self, client: UUID | None = None, path: str = "", **params: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await token_for(self.app, client or self.officer, SCOPE)}"}
        return await self.http.get(path or f"/v1/local-authorities/{self.code}/compliance", params=params, headers=headers)

    async def of_trust(self, **params: str) -> httpx.Response:
        return await self.seen(self.trustee, f"/v1/trusts/{self.trust}/compliance", **params)


@pytest.fixture
async def area(database: DatabaseUrls) -> AsyncIterator[Area]:
    async with running(database) as (app, http):
        yield await Area(app, http, str(next(_codes))).open()


def states(rules: list[dict[str, object]]) -> dict[str, int | None]:
    """The counts of the rule by state."""
    return {one["state"]: one["count"] for rule in rules if rule["rule"] == RULE for one in rule["states"]}


async def test_an_authority_sees_all_its_schools_together_and_none_that_did_not_grant_it(area: Area) -> None:
    """Decision 23: undecided, decided and late School Action pupils are the states of one rule."""
    await area.school(broken=11, late=6)
    await area.school(broken=12, late=7)
    answer = (await area.seen()).json()
    assert (answer["month_end"], answer["schools_together"], answer["schools"]) == ("2026-02-28", 2, [])
    assert states(answer["rules"]) == {"broken": 25, "kept_late": 15}


async def test_a_school_is_shown_by_itself_once_it_grants_it_and_no_more_once_it_takes_that_back(area: Area) -> None:
    granting, *_ = [await area.school(broken=count) for count in (40, 30, 20)]
    await area.grants(granting, area.officer)
    answer = (await area.seen()).json()
    assert [(school["school"], states(school["rules"])) for school in answer["schools"]] == [(granting.urn, {"broken": 40})]
    (grant,) = (await granting.get("/grants")).json()["items"]
    assert (await granting.http.delete(granting.path(f"/grants/{grant['id']}"), headers=granting.headers())).status_code == 200
    assert (await area.seen()).json()["schools"] == []


async def test_a_single_school_that_did_not_grant_it_cannot_be_taken_from_the_sum(area: Area) -> None:
    first, second, _ = [await area.school(broken=count) for count in (40, 30, 20)]
    for school in (first, second):
        await area.grants(school, area.officer)
    answer = (await area.seen()).json()
    assert [school["school"] for school in answer["schools"]] == [first.urn]
    assert answer["schools_together"] == 3


async def test_two_clients_side_by_side_cannot_take_a_single_school_from_the_sum(area: Area) -> None:
    first, second, _ = [await area.school(broken=count) for count in (40, 30, 20)]
    colleague = clock.new_id()
    async with area.app.state.sessions.shared() as session:
        new = NewClient(id=colleague, organisation_id=area.authority, name="colleague", scopes=tuple(SCOPE))
        await organisations.create_client(session, new, at=NOW)
    await area.grants(first, area.officer)
    await area.grants(second, colleague)
    seen = [(await area.seen(client)).json() for client in (area.officer, colleague)]
    assert [[school["school"] for school in answer["schools"]] for answer in seen] == [[first.urn], []]
    assert seen[0]["rules"] == seen[1]["rules"]
    assert first.urn not in (await area.seen(colleague, format="csv")).text
    assert first.urn in (await area.seen(area.officer, format="csv")).text


async def test_an_only_school_is_not_shown_as_an_area(area: Area) -> None:
    school = await area.school(broken=40)
    answer = (await area.seen()).json()
    assert (answer["schools_together"], answer["rules"], answer["schools"]) == (0, [], [])
    await area.grants(school, area.officer)
    assert states((await area.seen()).json()["rules"]) == {"broken": 40}


async def test_small_counts_are_masked_and_a_second_one_with_them(area: Area) -> None:
    schools = [await area.school(broken=count) for count in (3, 20, 100)]
    for school in schools:
        await area.grants(school, area.officer)
    answer = (await area.seen()).json()
    assert [states(school["rules"])["broken"] for school in answer["schools"]] == [None, None, 100]
    assert states(answer["rules"]) == {"broken": 125}
    rows = list(csv.DictReader(io.StringIO((await area.seen(format="csv")).text)))
    assert [(row["school"], row["count"]) for row in rows if row["rule"] == RULE and row["state"] == "broken"] == [
        ("", "125"),
        *zip([school.urn for school in schools], ("masked", "masked", "100"), strict=True),
    ]


async def test_the_schools_come_in_pages(area: Area) -> None:
    schools = [await area.school(broken=count) for count in (40, 30, 20)]
    for school in schools:
        await area.grants(school, area.officer)
    first = (await area.seen(limit="2")).json()
    second = (await area.seen(limit="2", cursor=first["next"])).json()
    assert [one["school"] for page in (first, second) for one in page["schools"]] == [school.urn for school in schools]
    assert second["next"] is None


async def test_a_trust_sees_the_schools_that_were_in_it_at_the_months_end(area: Area) -> None:
    members = [await area.school(broken=count) for count in (40, 30)]
    left, outside = await area.school(broken=20), await area.school(broken=60)
    async with area.app.state.sessions.shared() as session:
        for school in (*members, left):
            await join_trust(session, area.trust, school.urn, since=date(2020, 9, 1))
        await leave_trust(session, area.trust, left.urn, until=date(2026, 2, 27))
    answer = (await area.of_trust()).json()
    assert (answer["schools_together"], states(answer["rules"])) == (2, {"broken": 70})
    before = (await area.of_trust(month_end="2026-01-31")).json()
    assert (before["schools_together"], states(before["rules"])) == (3, {"broken": 90})
    assert outside.urn not in str(before)


async def test_nobody_sees_an_area_that_is_not_theirs(area: Area) -> None:
    await area.school(broken=40)
    _, vendor = await add_client(area.app, OrganisationKind.VENDOR)
    for client in (area.trustee, vendor, area.schools[0].client_id):
        assert (await area.seen(client)).status_code == 404
    assert (await area.seen(area.officer, "/v1/local-authorities/998/compliance")).status_code == 404
    for client in (area.officer, vendor):
        assert (await area.seen(client, f"/v1/trusts/{area.trust}/compliance")).status_code == 404
    for path in (f"/v1/trusts/{clock.new_id()}/compliance", "/v1/trusts/none/compliance"):
        assert (await area.seen(area.trustee, path)).status_code == 404


@pytest.mark.parametrize(("month_end", "status"), [("2026-02-28", 200), ("2026-02-27", 422), ("2024-02-29", 200), ("2023-02-29", 422)])
async def test_totals_are_asked_for_the_last_day_of_a_month(area: Area, month_end: str, status: int) -> None:
    assert (await area.seen(month_end=month_end)).status_code == status
    assert (await area.of_trust(month_end=month_end)).status_code == status


def test_the_months_that_ended_before_a_day_are_those_whose_last_day_lies_before_it() -> None:
    assert month_ends_before(date(2026, 3, 1), 2) == (date(2026, 2, 28), date(2026, 1, 31))
    assert month_ends_before(date(2026, 2, 28), 1) == (date(2026, 1, 31),)
    assert len(set(month_ends_before(date(2026, 3, 1)))) == 13


async def test_the_worker_counts_each_school_once_a_day_when_what_it_owes_is_derived(area: Area, database: DatabaseUrls) -> None:
    school = await area.school(broken=40)
    connection_of = area.app.state.sessions.for_school
    async with connection_of(school.school_id) as session:
        await session.connection.execute("update school set totals_built_on = null where school_id = $1", school.school_id)
    async with await open_pool(database.sweep, size=1) as pool:
        sweep = Sweep(pool)
        casework, place = area.app.state.casework, (school.school_id, school.school_id)
        now = asking(casework)
        assert place not in await sweep.work(WorkKind.TOTALS, now)
        async with connection_of(school.school_id) as session:
            await session.connection.execute("update school set rules_version = $2 where school_id = $1", school.school_id, RULES_VERSION)
        assert place in await sweep.work(WorkKind.TOTALS, now)
        await build_totals(casework, school.school_id)
        assert place not in await sweep.work(WorkKind.TOTALS, replace(now, now=datetime(2026, 3, 2, 23, 59, tzinfo=UTC)))
        assert place in await sweep.work(WorkKind.TOTALS, replace(now, now=datetime(2026, 3, 3, 0, 0, tzinfo=UTC)))


async def test_built_anew_the_totals_show_what_was_written_late(area: Area) -> None:
    school, _ = await area.school(broken=40), await area.school(broken=30)
    async with area.app.state.sessions.for_school(school.school_id) as session:
        await session.connection.execute(_INSERT.replace("n::text", "'more ' || n"), school.school_id, RULE, 10, None)
    await build_totals(area.app.state.casework, school.school_id)
    await build_totals(area.app.state.casework, school.school_id)
    assert states((await area.seen(month_end=MONTH_END.isoformat())).json()["rules"]) == {"broken": 80}
