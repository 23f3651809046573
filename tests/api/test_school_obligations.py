"""What the school itself owes: derived with every entry of its own, listed without a pupil, and kept as it was known."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from itertools import count

import pytest

from app.casework.rederivation import rederive
from app.casework.taking import Work
from app.db.embedded import DatabaseUrls
from app.db.ledger import Draft
from app.domain.author import Author, AuthorKind
from app.domain.codes import SchoolType
from app.domain.entries import AccessibilityPlanAdopted, DayUnit, Entry, SchoolDescribed, SettingChanged, SettingName
from app.domain.rules.code_of_practice_2015.identification import ANSWER_A_PARENTS_CONCERN
from app.domain.rules.equality_act_2010 import HAVE_AN_ACCESSIBILITY_PLAN
from tests.api.world import TODAY, World, add_school, running
from tests.domain.calendars import SPRING, WHOLE_YEAR

_urns = count(999_000)
UPN = "F999999925001"
ROWS = """
select known_from, known_until, met_on from obligation where school_id = $1 and pupil_id is null and rule = $2
 order by known_from, arises_on
"""


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


async def write(world: World, *entries: Entry, corrects: int | None = None) -> int:
    """Put entries of the school itself into its ledger; gives the last number."""
    author, casework = Author(kind=AuthorKind.CLIENT, id=world.client_id), world.app.state.casework
    drafts = tuple(Draft(entry=entry, author=author, client_id=world.client_id, supersedes=corrects) for entry in entries)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        return (await casework.store(await casework.open(session), [Work(drafts=drafts)]))[-1].number


async def rows(world: World, rule: str) -> Sequence[tuple[object, ...]]:
    async with world.app.state.sessions.for_school(world.school_id, read_only=True) as session:
        return [tuple(row) for row in await session.connection.fetch(ROWS, world.school_id, rule)]


async def listed(world: World, rule: str, **params: str) -> list[dict[str, object]]:
    answer = await world.get("/obligations", rule=rule, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_school_without_any_pupil_has_duties_of_its_own_from_the_start(world: World) -> None:
    (duty,) = await listed(world, HAVE_AN_ACCESSIBILITY_PLAN.id)
    assert (duty["pupil"], duty["state"], duty["arises_on"]) == (None, "broken", "2012-09-01")


async def test_an_entry_of_the_school_meets_its_duty_and_what_was_known_before_stays(world: World) -> None:
    opened_at = (await world.get("")).json()["ledger_number"]
    before = await world.get("/obligations", rule=HAVE_AN_ACCESSIBILITY_PLAN.id)
    adopted = await write(world, AccessibilityPlanAdopted(occurred_on=date(2026, 2, 2), until=date(2029, 2, 1)))
    assert await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id) == [
        (opened_at, adopted, None) if known_until else (adopted, None, date(2026, 2, 2)) for known_until in (True, False)
    ]
    (duty,) = await listed(world, HAVE_AN_ACCESSIBILITY_PLAN.id, as_at=TODAY.isoformat())
    assert (duty["state"], duty["met_by"]) == ("kept_late", adopted)
    assert before.json()["items"][0]["met_by"] is None


async def test_a_correction_undoes_what_the_corrected_entry_met(world: World) -> None:
    plan = AccessibilityPlanAdopted(occurred_on=date(2026, 2, 2), until=date(2029, 2, 1))
    number = await write(world, plan)
    corrected = await write(world, AccessibilityPlanAdopted(occurred_on=date(2026, 2, 3), until=date(2029, 2, 1)), corrects=number)
    (duty,) = await listed(world, HAVE_AN_ACCESSIBILITY_PLAN.id, as_at=TODAY.isoformat())
    assert (duty["met_on"], duty["met_by"]) == ("2026-02-03", corrected)


async def test_an_entry_that_changes_nothing_owed_closes_and_opens_no_row(world: World) -> None:
    before = await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id)
    await write(world, SPRING)
    assert await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id) == before


async def test_deriving_anew_finds_the_schools_own_duties_as_they_stand(world: World) -> None:
    before = await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id)
    number = (await world.get("")).json()["ledger_number"]
    assert await rederive(world.app.state.casework, world.school_id)
    assert await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id) == before
    assert (await world.get("")).json()["ledger_number"] == number


async def test_deriving_anew_puts_right_what_the_schools_own_rows_say_under_a_number_of_its_own(world: World) -> None:
    """As when the rules changed: the rows were derived otherwise, and what was known then stays known as it was."""
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute("update obligation set known_until = 4 where school_id = $1 and pupil_id is null", world.school_id)
    assert await listed(world, HAVE_AN_ACCESSIBILITY_PLAN.id) == []
    number = (await world.get("")).json()["ledger_number"]
    assert await rederive(world.app.state.casework, world.school_id)
    (duty,) = await listed(world, HAVE_AN_ACCESSIBILITY_PLAN.id)
    assert duty["state"] == "broken"
    assert (await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id))[-1][0] == number + 1


async def test_a_pupils_list_shows_nothing_of_the_school(world: World) -> None:
    pupil = await world.pupil(UPN)
    answer = await world.get(f"/pupils/{pupil}/obligations", rule=HAVE_AN_ACCESSIBILITY_PLAN.id)
    assert answer.json()["items"] == []


async def test_another_school_neither_sees_nor_changes_the_schools_own_rows(world: World) -> None:
    other = await add_school(world.app, world.http, str(next(_urns)))
    mine = await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id)
    async with world.app.state.sessions.for_school(other.school_id) as session:
        seen = await session.connection.fetchval("select count(*) from obligation where school_id = $1", world.school_id)
        changed = await session.connection.execute("update obligation set known_until = 9 where school_id = $1", world.school_id)
    assert (seen, changed) == (0, "UPDATE 0")
    assert await rows(world, HAVE_AN_ACCESSIBILITY_PLAN.id) == mine


async def test_a_term_loaded_or_corrected_has_every_pupils_school_days_counted_anew(world: World) -> None:
    """Fifteen school days from 2 March 2026: not known without a calendar, 23 March by the term, and later once the term ends earlier."""
    days = SettingChanged(
        occurred_on=TODAY.replace(day=1), setting=SettingName.ANSWER_CONCERN_WITHIN_DAYS, value=15, unit=DayUnit.SCHOOL_DAYS
    )
    await write(world, days)
    pupil = await world.pupil(UPN)
    await world.taken(pupil, "concerns", raised_by="parent", domain="attainment", words="Finds reading hard.")

    async def duty() -> tuple[object, ...]:
        assert await rederive(world.app.state.casework, world.school_id)
        (found,) = await listed(world, ANSWER_A_PARENTS_CONCERN.id)
        return found["state"], found["due"], found["missing"]

    assert await duty() == (
        "not_known",
        None,
        ["autumn term 2025/2026", "spring term 2025/2026", "summer term 2025/2026", "bank holidays 2026"],
    )
    await write(world, *WHOLE_YEAR)
    assert await duty() == ("due", "2026-03-23", [])
    body = {"term": "spring", "first_on": "2026-01-05", "last_on": "2026-03-13", "occurred_on": "2026-03-02"}
    number = next(term["entry"] for term in (await world.get("/calendar")).json()["terms"] if term["term"] == "spring")
    author = {"id": str(world.people["head"])}
    assert (await world.post("/terms", {**body, "author": author, "corrects": number})).status_code == 201
    assert await duty() == ("due", "2026-04-20", [])


async def test_a_school_described_anew_owes_by_its_newest_description(world: World) -> None:
    described = SchoolDescribed(
        occurred_on=date(2012, 9, 1), school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=date(2014, 9, 1)
    )
    await write(world, described)
    (duty,) = await listed(world, HAVE_AN_ACCESSIBILITY_PLAN.id)
    assert duty["arises_on"] == "2014-09-01"
