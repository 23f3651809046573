"""How a school stands, over HTTP: what is counted is what is listed and what folding gives, on any day and as it was known."""

import asyncio
import csv
import io
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.casework.rederivation import rederive
from app.casework.taking import Work, horizon_of
from app.db.embedded import DatabaseUrls
from app.db.ledger import Draft
from app.db.records import load_record
from app.domain.author import Author, AuthorKind
from app.domain.codes import SenStatus
from app.domain.obligations import obligations, school_obligations
from app.domain.record import Record
from tests.api.world import NOW, TODAY, World, add_school, running
from tests.domain.builders import (
    a_concern,
    a_plan,
    a_review,
    a_transition,
    an_assessment,
    imported,
    needs_set,
    plan_issued,
    sen_decided,
    support_ended,
)
from tests.webhooks.telling import Telling, a_upn, telling

HORIZON = "2027-08-31"
_urns = itertools.count(999_300)


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    """Two pupils with a decision of 2 March 2026, one of whom has a plan."""
    async with telling(database) as found:
        for _ in range(2):
            await found.with_pupil()
            await found.decide()
        await found.plan()
        await rederive(found.world.app.state.casework, found.world.school_id)
        yield found


async def compliance(school: Telling, **params: str) -> dict[str, object]:
    answer = await school.world.get("/compliance", **params)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def counted(answer: dict[str, object]) -> Counter[tuple[str, str]]:
    """The totals of an answer by rule and state."""
    return Counter({(rule["rule"], state["state"]): state["count"] for rule in answer["rules"] for state in rule["states"]})


@pytest.mark.parametrize("as_at", ["2026-03-01", "2026-03-02", "2026-03-10", "2026-06-30"])
async def test_each_total_leads_to_as_many_duties_as_it_counts(school: Telling, as_at: str) -> None:
    answer = await compliance(school, as_at=as_at)
    listed: Counter[tuple[str, str]] = Counter()
    for rule in answer["rules"]:
        for state in rule["states"]:
            page = (await school.world.http.get(f"{state['href']}&limit=200", headers=school.world.headers())).json()
            assert {(item["rule"], item["state"]) for item in page["items"]} == {(rule["rule"], state["state"])}
            listed[(rule["rule"], state["state"])] = len(page["items"])
    assert listed == counted(answer)
    assert listed


async def test_the_way_down_keeps_to_what_was_known_then(school: Telling) -> None:
    """A total as known at a moment leads to the list as known at that moment."""
    assert (await school.world.post("/clock", {"now": "2026-03-03T09:00:00Z"})).status_code == 200
    before = await compliance(school, as_at="2026-06-30", known_at="2026-03-02T23:00:00Z")
    await school.with_pupil()
    await school.decide()
    assert counted(await compliance(school, as_at="2026-06-30")) != counted(before)
    assert counted(await compliance(school, as_at="2026-06-30", known_at="2026-03-02T23:00:00Z")) == counted(before)
    first = before["rules"][0]["states"][0]
    assert "known_at=2026-03-02T23%3A00%3A00Z" in first["href"]
    page = (await school.world.http.get(first["href"], headers=school.world.headers())).json()
    assert (len(page["items"]), page["known_at_number"]) == (first["count"], before["known_at_number"])


async def test_force_is_told_and_what_is_not_known_is_counted_apart(school: Telling) -> None:
    answer = await compliance(school, as_at="2026-06-30")
    by_force: Counter[tuple[str, str]] = Counter()
    for rule in answer["rules"]:
        assert rule["duty"] and rule["citations"] and rule["who"], rule["rule"]
        for state in rule["states"]:
            by_force[(rule["force"], state["state"])] += state["count"]
    assert by_force == Counter({(one["force"], state): count for one in answer["by_force"] for state, count in one["counts"].items()})
    assert {force for force, _ in by_force} >= {"must", "should"}


async def test_every_answer_names_the_horizon_and_a_day_beyond_it_is_refused(school: Telling) -> None:
    assert (await compliance(school, as_at=HORIZON))["horizon"] == HORIZON
    answer = await school.world.get("/compliance", as_at="2027-09-01")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/beyond-horizon")
    assert HORIZON in answer.json()["detail"]


async def test_what_will_be_known_cannot_be_asked(school: Telling) -> None:
    answer = await school.world.get("/compliance", known_at="2026-03-02T09:00:01Z")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/future-known-at")


async def test_before_it_was_first_derived_nothing_was_known_of_the_days_after(school: Telling) -> None:
    """As known on the day before the first derivation, the days after that moment are beyond what was derived."""
    answer = await school.world.get("/compliance", known_at="2026-03-01T12:00:00Z", as_at="2026-03-02")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/beyond-horizon")
    assert "2026-03-01" in answer.json()["detail"]
    assert (await compliance(school, known_at="2026-03-01T12:00:00Z", as_at="2026-03-01"))["rules"] == []


async def test_the_version_changes_with_what_is_known_the_day_and_the_form_and_with_nothing_else(school: Telling) -> None:
    async def tag(**params: str) -> str:
        return (await school.world.get("/compliance", **params)).headers["etag"]

    first = await tag()
    assert first.startswith('W/"') and await tag() == first == await tag(as_at=TODAY.isoformat())
    assert len({first, await tag(as_at="2026-03-03"), await tag(format="csv")}) == 3
    headers = school.world.headers(**{"If-None-Match": first})
    held = await school.world.http.get(school.world.path("/compliance"), headers=headers)
    assert (held.status_code, held.content) == (304, b"")
    await school.with_pupil()
    assert await tag() != first


async def test_the_table_has_the_same_counts_and_is_chosen_by_accept_or_by_format(school: Telling) -> None:
    answer = await compliance(school, as_at="2026-06-30")
    headers = school.world.headers(Accept="text/csv;q=0.9, application/json;q=0.1")
    by_accept = await school.world.http.get(school.world.path("/compliance?as_at=2026-06-30"), headers=headers)
    by_format = await school.world.get("/compliance", as_at="2026-06-30", format="csv")
    assert by_accept.text == by_format.text and by_format.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(by_format.text)))
    assert Counter({(row["rule"], row["state"]): int(row["count"]) for row in rows}) == counted(answer)
    assert {row["as_at"] for row in rows} == {"2026-06-30"}


@pytest.mark.parametrize(("accept", "status"), [("*/*", 200), ("text/*", 200), ("image/png", 406), ("application/json;q=0", 406)])
async def test_a_form_that_nobody_offers_is_refused(school: Telling, accept: str, status: int) -> None:
    answer = await school.world.http.get(school.world.path("/compliance"), headers=school.world.headers(Accept=accept))
    assert answer.status_code == status
    assert (await school.world.get("/compliance", format="ics")).status_code == 406


HISTORY = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2300), st.integers(1, 3)), min_size=1, max_size=9)
DAYS = st.integers(0, 3500).map(lambda offset: date(2014, 9, 1) + timedelta(days=offset)).filter(lambda day: day <= date(2027, 8, 31))


def entry_of(which: int, offset: int, cycle: int) -> object:
    """One of a few kinds of entry that owe something or meet it, on a day from 1 September 2019 on."""
    on = date(2019, 9, 1) + timedelta(days=offset)
    made = (
        lambda: sen_decided(on),
        lambda: an_assessment(on, cycle),
        lambda: a_plan(on, on + timedelta(days=70), cycle),
        lambda: a_review(on, cycle),
        lambda: a_concern(on),
        lambda: needs_set(on),
        lambda: support_ended(on, cycle),
        lambda: plan_issued(on),
        lambda: a_transition(on),
        lambda: imported(SenStatus.SCHOOL_ACTION, on),
        lambda: imported(SenStatus.SEN_SUPPORT, on),
        lambda: a_plan(on, on + timedelta(days=100), cycle + 1),
    )
    return made[which]()


async def write(world: World, pupil: UUID, history: list[tuple[int, int, int]]) -> None:
    """Append entries as they are, whatever a step would say of them."""
    casework = world.app.state.casework
    author = Author(kind=AuthorKind.STAFF, id=world.people["senco"])
    async with casework.sessions.for_school(world.school_id) as session:
        opened = await casework.open(session)
        before = await load_record(session, opened.school, pupil)
        drafts = tuple(Draft(entry=entry_of(*one), author=author, pupil_id=pupil) for one in history)
        await casework.store(opened, [Work(drafts=drafts, before=before, tells=False)])


async def by_hand(world: World, pupil: UUID, number: int, day: date) -> Counter[tuple[str, str]]:
    """Fold the record as known at a ledger number, and count how each duty stands on the day."""
    casework, horizon = world.app.state.casework, horizon_of(TODAY)
    async with casework.sessions.for_school(world.school_id, read_only=True) as session:
        record: Record = (await load_record(session, (await casework.open(session)).school, pupil)).known_at(number)
    owed = [*obligations(record, until=horizon), *school_obligations(record.school, until=horizon)]
    return Counter((one.rule.id, state.value) for one in owed if (state := one.state_on(day)) is not None)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(earlier=HISTORY, later=HISTORY, days=st.lists(DAYS, min_size=3, max_size=3, unique=True))
def test_the_totals_are_those_of_folding_by_hand_on_any_day_and_as_known_at_any_moment(
    database: DatabaseUrls, earlier: list[tuple[int, int, int]], later: list[tuple[int, int, int]], days: list[date]
) -> None:
    asyncio.run(compared(database, earlier, later, days))


async def compared(
    database: DatabaseUrls, earlier: list[tuple[int, int, int]], later: list[tuple[int, int, int]], days: list[date]
) -> None:
    now = [NOW]

    def clock() -> datetime:
        return now[0]

    async with running(database, now=clock) as (app, http):
        world = await add_school(app, http, str(next(_urns)))
        pupil = UUID(await world.pupil(a_upn(), occurred_on="2019-09-01"))
        await write(world, pupil, earlier)
        await rederive(app.state.casework, world.school_id)
        then = NOW + timedelta(minutes=5)
        now[0] = NOW + timedelta(minutes=10)
        await write(world, pupil, later)
        for day in days:
            for params in ({}, {"known_at": then.isoformat().replace("+00:00", "Z")}):
                answer = (await world.get("/compliance", as_at=day.isoformat(), **params)).json()
                assert counted(answer) == await by_hand(world, pupil, answer["known_at_number"], day), (day, params)
