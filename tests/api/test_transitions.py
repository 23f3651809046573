"""Where a school stands with the move from School Action: who waits and how long, who was decided late, whom to tell, codes both ways."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import httpx
import pytest

from app import clock
from app.casework.taking import Work
from app.db import transitions as lines
from app.db.embedded import DatabaseUrls
from app.db.ledger import Draft
from app.db.records import find_pupil, load_record
from app.db.transitions import TransitionsWanted
from app.domain.author import Author, AuthorKind
from app.domain.codes import SenStatus
from app.domain.entries import EhcPlanIssued, Entry, Source, StatusImported, TransitionDecided
from app.domain.programmes import SCHOOL_ACTION, Programme, ProgrammeRules
from app.domain.rule import InForce
from tests.api.world import World, add_school, running
from tests.webhooks.telling import a_upn

_urns = itertools.count(999_001)

SINCE = date(2013, 9, 2)
REVIEWED = {
    "programme": "school-action",
    "needs_analysis": "Reading is two years behind.",
    "ordinarily_available": "Small groups.",
    "reason": "More than the ordinary offer is needed.",
    "pupils_view": "Likes the small group.",
    "parents_view": "Wants it to go on.",
}

OF_A_PROGRAMME = ("begins", "decide", "record", "finish", "tell", "set_type")


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[World]:
    """A school of 2 March 2026 whose roll was loaded with old codes."""
    async with running(database) as (app, http):
        yield await add_school(app, http, str(next(_urns)))


async def store(school: World, pupil: str, entry: Entry, author: Author, *programmes: Programme) -> None:
    """Append an entry as casework does, at a school whose pupils go through these programmes, too."""
    casework = school.app.state.casework
    async with casework.sessions.for_school(school.school_id) as session:
        opened = await casework.open(session)
        opened = replace(opened, school=replace(opened.school, programmes=(SCHOOL_ACTION, *programmes)))
        found = await find_pupil(session, UUID(pupil), lock=True)
        assert found is not None
        before = await load_record(session, opened.school, found.id)
        draft = Draft(entry=entry, author=author, pupil_id=found.id, client_id=school.client_id)
        await casework.store(opened, [Work(drafts=(draft,), before=before)])


async def on_old_code(school: World, code: str, on: str = SINCE.isoformat()) -> str:
    """Put a pupil on roll whose status elsewhere was an old code since 2013."""
    pupil = await school.pupil(a_upn(), born="2010-09-02", occurred_on=on)
    source = Source(job=clock.new_id(), file_digest="0" * 64, line=1)
    entry = StatusImported(occurred_on=SINCE, status=SenStatus(code), source=source)
    await store(school, pupil, entry, Author(kind=AuthorKind.IMPORT, id=school.people["office"]))
    return pupil


async def decide(school: World, pupil: str, came_from: str, judgement: str, on: str) -> None:
    said = {**REVIEWED, "reviewed_on": on, "reviewers": [str(school.people["teacher"])]}
    await school.taken(pupil, "transition-decisions", came_from=came_from, judgement=judgement, occurred_on=on, **said)


async def standing(school: World, **params: str) -> dict[str, object]:
    answer = await school.get("/transition", **params)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_the_list_says_who_waits_how_long_and_what_the_census_codes_were_and_are(school: World) -> None:
    """Decided in time, decided late, and not decided: one pupil each, and who came from what to what."""
    in_time = await on_old_code(school, "P")
    late = await on_old_code(school, "A")
    waiting = await on_old_code(school, "A")
    await decide(school, in_time, "P", "K", "2015-08-31")
    await decide(school, late, "A", "N", "2015-09-01")
    found = await standing(school)
    counts = found["counts"]
    assert (counts["undecided"], counts["undecided_late"], counts["decided_late"]) == (1, 1, 1)
    assert (counts["to_sen_support"], counts["to_no_sen"]) == (1, 1)
    assert found["moves"] == [
        {"before": "A", "after": "N", "pupils": 1},
        {"before": "A", "after": None, "pupils": 1},
        {"before": "P", "after": "K", "pupils": 1},
    ]
    line = {item["pupil"]: item for item in found["items"]}
    assert [(line[pupil]["late"], line[pupil]["late_days"]) for pupil in (in_time, late)] == [(False, 0), (True, 1)]
    open_line = line[waiting]
    assert (open_line["since"], open_line["waiting_since"], open_line["due"]) == ("2013-09-02", "2014-09-01", "2015-08-31")
    assert open_line["waiting_days"] == counts["longest_wait_days"] == (date(2026, 3, 2) - date(2014, 9, 1)).days
    assert open_line["late_days"] == (date(2026, 3, 2) - date(2015, 8, 31)).days
    assert open_line["judgement"] is None and open_line["decided_on"] is None


async def test_the_list_is_narrowed_to_the_undecided_the_late_and_those_of_whom_letters_are_owed(school: World) -> None:
    told, untold = await on_old_code(school, "A"), await on_old_code(school, "A")
    waiting = await on_old_code(school, "P")
    for pupil in (told, untold):
        await school.contact(pupil, occurred_on=SINCE.isoformat())
        await decide(school, pupil, "A", "K", "2014-11-03")
    (notice,) = (await school.get("/notices", pupil=told)).json()["items"]
    body = {"author": {"id": str(school.people["senco"])}, "occurred_on": "2014-11-05", "how": "in_person"}
    assert (await school.post(f"/notices/{notice['id']}/tellings", body)).status_code == 201

    async def narrowed(**params: str) -> list[str]:
        return sorted(str(item["pupil"]) for item in (await standing(school, **params))["items"])

    assert await narrowed(decided="false") == [waiting]
    assert await narrowed(late="true") == [waiting]
    assert await narrowed(late="false") == sorted([told, untold])
    assert await narrowed(letters_owed="true") == [untold]
    assert await narrowed(letters_owed="false") == sorted([told, waiting])
    assert (await standing(school))["counts"]["letters_owed"] == 1


async def test_a_pupil_who_came_later_waits_from_the_day_of_coming(school: World) -> None:
    """Nobody was late with a pupil who was not there yet: the day of coming is in time, the day after is not."""
    await on_old_code(school, "A", on="2026-03-01")
    await on_old_code(school, "A", on="2026-03-02")
    yesterday, today = sorted((await standing(school))["items"], key=lambda item: item["waiting_since"])
    assert [(yesterday["waiting_since"], yesterday["late"]), (today["waiting_since"], today["late"])] == [
        ("2026-03-01", True),
        ("2026-03-02", False),
    ]


async def test_pages_follow_one_another_and_hold_every_pupil_once(school: World) -> None:
    pupils = {await on_old_code(school, "A") for _ in range(3)}
    first = await standing(school, limit="2")
    second = await standing(school, limit="2", cursor=first["next"])
    assert second["next"] is None
    seen = [item["pupil"] for page in (first, second) for item in page["items"]]
    assert len(seen) == 3 and set(seen) == pupils
    assert first["counts"] == second["counts"]


@pytest.mark.parametrize(("programme", "status"), [("school-action", 200), ("individual-support-plans", 422), ("no-such", 422)])
async def test_a_programme_that_is_not_law_has_no_list(school: World, programme: str, status: int) -> None:
    """What is only proposed moves nobody."""
    answer: httpx.Response = await school.get("/transition", programme=programme)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["code"] == "programme_unknown"


async def test_a_second_programme_is_stored_and_counted_like_the_first(school: World) -> None:
    """It is data: the rows, the queries and the ledger know no programme by name."""
    rules = {name: replace(rule, id=f"{name}-of-another") for name in OF_A_PROGRAMME if (rule := getattr(SCHOOL_ACTION.rules, name))}
    second = replace(
        SCHOOL_ACTION,
        id="plans-to-support",
        from_codes=frozenset({SenStatus.EHC_PLAN}),
        window=InForce(since=date(2026, 1, 1), until=date(2026, 2, 28)),
        rules=ProgrammeRules(**rules),
    )
    head = Author(kind=AuthorKind.STAFF, id=school.people["head"])
    waiting, decided = [await school.pupil(a_upn(), born="2012-09-02") for _ in range(2)]
    await on_old_code(school, "A")
    for pupil in (waiting, decided):
        await school.contact(pupil)
        await store(school, pupil, EhcPlanIssued(occurred_on=date(2025, 9, 1), authority="999"), head, second)
    move = TransitionDecided(
        occurred_on=date(2026, 3, 2),
        programme=second.id,
        came_from=SenStatus.EHC_PLAN,
        judgement=SenStatus.SEN_SUPPORT,
        reviewed_on=date(2026, 3, 2),
        reviewers=(school.people["head"],),
        needs_analysis="Seen.",
        ordinarily_available="Much.",
        reason="The plan has done its work.",
    )
    await store(school, decided, move, head, second)
    async with school.app.state.sessions.for_school(school.school_id, read_only=True) as session:
        counts = await lines.count(session, second, today=date(2026, 3, 2))
        found = await lines.list_lines(session, second, TransitionsWanted(limit=10), today=date(2026, 3, 2))
        moves = await lines.moves(session, second, today=date(2026, 3, 2))
    assert (counts.undecided, counts.undecided_late, counts.decided_late, counts.letters_owed) == (1, 1, 1, 1)
    told = {str(line.pupil_id): (line.came_from, line.judgement, line.due, line.letters_owed) for line in found}
    assert told == {waiting: ("E", None, date(2026, 2, 28), 0), decided: ("E", "K", date(2026, 2, 28), 1)}
    assert [(move.came_from, move.judgement, move.pupils) for move in moves] == [("E", "K", 1), ("E", None, 1)]
    assert (await standing(school))["counts"]["undecided"] == 1
