"""Obligations as a table and as a calendar: the same duties, readable by other programs, and nobody's name among them."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date

import pytest
from icalendar import Calendar

from app.api.shown.obligation_shapes import ObligationsOut
from app.casework.rederivation import rederive
from app.db.embedded import DatabaseUrls
from app.domain.rules import RULES
from tests.webhooks.telling import Telling, telling

TO_PARENTS = "inform-parents-of-sen-provision"
NAMES = ("Ada", "Example", "Gita", "Specimen", "SPLD", "Reads far below age")


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    """A pupil with a mother and a decision of 2 March 2026 about which she is to be told by the 9th."""
    async with telling(database) as found:
        await found.with_pupil()
        await found.decide()
        await found.plan()
        await rederive(found.world.app.state.casework, found.world.school_id)
        yield found


async def text(school: Telling, form: str, **params: str) -> str:
    answer = await school.world.get(f"/pupils/{school.pupil}/obligations", format=form, **params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == {"ics": "text/calendar; charset=utf-8", "csv": "text/csv; charset=utf-8"}[form]
    assert answer.headers["etag"].startswith('W/"') and answer.headers["vary"] == "Accept"
    return answer.content.decode()


async def items(school: Telling, **params: str) -> list[dict[str, object]]:
    answer = await school.world.get(f"/pupils/{school.pupil}/obligations", limit="200", **params)
    found: list[dict[str, object]] = answer.json()["items"]
    return found


async def test_the_calendar_is_one_that_a_reader_of_calendars_reads(school: Telling) -> None:
    """RFC 5545: lines of at most 75 octets that end in CR LF, and a task for each duty, due on its last day."""
    written = await text(school, "ics", as_at="2026-06-30")
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n")) and written.endswith("END:VCALENDAR\r\n")
    assert "\n" not in written.replace("\r\n", "")
    tasks = Calendar.from_ical(written).walk("VTODO")
    listed = await items(school, as_at="2026-06-30")
    assert [str(task["summary"]) for task in tasks] == [item["duty"] for item in listed]
    assert [task["due"].dt.isoformat() if "due" in task else None for task in tasks] == [item["due"] for item in listed]
    assert all(task["dtstart"].dt <= task.get("due", task["dtstart"]).dt for task in tasks)
    assert {str(task["status"]) for task in tasks} <= {"NEEDS-ACTION", "COMPLETED", "CANCELLED"}
    assert len({str(task["uid"]) for task in tasks}) == len(tasks) > 2


async def test_a_task_keeps_its_name_when_it_is_met(school: Telling) -> None:
    async def task() -> tuple[str, str]:
        (found,) = Calendar.from_ical(await text(school, "ics", rule=TO_PARENTS)).walk("VTODO")
        assert found["due"].dt == date(2026, 3, 9)
        return str(found["uid"]), str(found["status"])

    uid, status = await task()
    (notice, *_) = [one for one in await school.notices() if one["rule"] == TO_PARENTS]
    told = {"author": {"id": str(school.world.people["senco"])}, "occurred_on": "2026-03-02", "how": "in_person"}
    assert (await school.world.post(f"/notices/{notice['id']}/tellings", told)).status_code == 201
    assert (status, await task()) == ("NEEDS-ACTION", (uid, "COMPLETED"))


@pytest.mark.parametrize("form", ["ics", "csv"])
async def test_no_file_names_a_child_or_a_need(school: Telling, form: str) -> None:
    written = (await text(school, form)).replace("\r\n ", "")
    assert school.pupil in written
    assert [name for name in NAMES if name in written] == []


async def test_the_table_has_a_line_for_each_duty(school: Telling) -> None:
    rows = list(csv.DictReader(io.StringIO(await text(school, "csv", as_at="2026-06-30"), newline="")))
    listed = await items(school, as_at="2026-06-30")
    assert [(row["rule"], row["state"], row["due"] or None) for row in rows] == [(i["rule"], i["state"], i["due"]) for i in listed]
    assert [row["missing"] for row in rows] == ["; ".join(map(str, item["missing"])) for item in listed]


async def test_a_file_that_was_asked_for_in_parts_names_the_part_after_it(school: Telling) -> None:
    whole = (await text(school, "csv", as_at="2026-06-30")).split("\r\n")
    answer = await school.world.get(f"/pupils/{school.pupil}/obligations", format="csv", as_at="2026-06-30", limit="1")
    parts = [answer.text.split("\r\n")[1]]
    while "link" in answer.headers:
        answer = await school.world.http.get(answer.headers["link"][1:].split(">")[0], headers=school.world.headers())
        parts.append(answer.text.split("\r\n")[1])
    assert parts == whole[1:-1]


async def test_each_duty_explains_itself_in_the_wording_that_governs_it(school: Telling) -> None:
    for item in await items(school, as_at="2026-06-30"):
        verdict = item["verdict"]
        assert (verdict["rule"], verdict["missing"], verdict["governed_on"]) == (item["rule"], item["missing"], item["arises_on"])
        assert verdict["wording"] in verdict["sentence"] and verdict["citations"] == item["citations"]
        assert verdict["cure"] or item["state"] not in ("broken", "not_known")


@pytest.mark.parametrize("path", ["/obligations", "/pupils/{pupil}/obligations"])
async def test_a_rule_that_there_is_not_is_refused_with_the_nearest_one(school: Telling, path: str) -> None:
    answer = await school.world.get(path.format(pupil=school.pupil), rule="inform-parents")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "rule", "rule_unknown")
    assert any(rule in error["detail"] for rule in RULES)


@pytest.mark.parametrize(("due_from", "status"), [("2026-03-09", 200), ("2026-03-10", 422)])
async def test_a_range_that_holds_no_day_is_refused(school: Telling, due_from: str, status: int) -> None:
    answer = await school.world.get("/obligations", due_from=due_from, due_before="2026-03-10")
    assert answer.status_code == status
    if status == 200:
        assert {item["due"] for item in answer.json()["items"]} == {"2026-03-09"}
    else:
        assert answer.json()["errors"][0]["code"] == "range_impossible"


async def test_a_list_is_what_is_described_whether_its_duties_were_written_before_or_not(school: Telling) -> None:
    path = school.world.path("/obligations?as_at=2026-06-30&limit=200")
    first, second = [await school.world.http.get(path, headers=school.world.headers()) for _ in range(2)]
    assert ObligationsOut.model_validate_json(first.content).model_dump_json() == first.text == second.text
    assert len(first.json()["items"]) > 3


async def test_a_list_that_has_not_changed_is_not_sent_again(school: Telling) -> None:
    path = school.world.path("/obligations?state=due")
    first = await school.world.http.get(path, headers=school.world.headers())
    again = await school.world.http.get(path, headers=school.world.headers(**{"If-None-Match": first.headers["etag"]}))
    assert (again.status_code, again.content) == (304, b"")
    await school.with_pupil()
    later = await school.world.http.get(path, headers=school.world.headers(**{"If-None-Match": first.headers["etag"]}))
    assert later.status_code == 200
