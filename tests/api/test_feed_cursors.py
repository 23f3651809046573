"""A cursor of the feed is its client's alone and never changes; what does not fit into it is kept as a row for a while."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.api.feeding import KEPT_ANEW_AFTER, LONGEST_CURSOR, MOST_INSIDE, FeedCursors
from app.api.manners.pages import Cursors
from app.casework.expiry import PLACES_LIVE, forget_places_in_the_feed
from app.casework.feed import MOST_VISITS, Position
from app.db.embedded import DatabaseUrls
from app.db.feed import Place
from app.db.feed_places import packed, unpacked
from app.db.organisations import OrganisationKind
from app.db.schools import NewSchool, create_school
from tests.api.readers import READS, Reader, grant, numbers
from tests.api.world import NOW, World, add_client, add_school, running, token_for

_urns = itertools.count(999_001)
LARGEST = Place(2**15, 2**40)


@dataclass
class Trust:
    """A trust's client, a school that lets it in beside the empty ones of the trust itself, and a clock that can be moved."""

    school: World
    reader: Reader
    organisation: UUID
    moment: list

    @property
    def sessions(self):
        return self.school.app.state.sessions

    async def rows(self) -> int:
        async with self.sessions.shared() as session:
            return int(await session.connection.fetchval("select count(*) from feed_cursor"))

    async def later(self, days: timedelta) -> None:
        self.moment[0] += days
        self.reader.token = await token_for(self.school.app, self.reader.client_id, READS)


async def a_trust(app, http, moment, schools: int) -> Trust:
    school = await add_school(app, http, str(next(_urns)))
    organisation, client = await add_client(app, OrganisationKind.TRUST, scopes=READS)
    async with app.state.sessions.shared() as session:
        for _ in range(schools - 1):
            urn = str(next(_urns))
            new = NewSchool(id=clock.new_id(), urn=urn, name="Invented", authority="999", organisation_id=organisation, is_sandbox=True)
            await create_school(session, new, at=NOW)
    reader = Reader(http, client, await token_for(app, client, READS))
    await grant(school, reader)
    return Trust(school, reader, organisation, moment)


@pytest.fixture
async def make(database: DatabaseUrls) -> AsyncIterator:
    moment = [NOW]
    async with running(database, now=lambda: moment[0]) as (app, http):

        async def make(schools: int) -> Trust:
            return await a_trust(app, http, moment, schools)

        yield make


async def test_places_at_a_hundred_schools_are_in_the_cursor_and_no_row_is_written(make):
    trust = await make(MOST_INSIDE)
    before = await trust.rows()
    cursor = (await trust.reader.page(start="now"))["next"]
    assert (await trust.reader.page(cursor=cursor))["next"] == cursor
    assert await trust.rows() == before


async def test_places_at_more_schools_are_a_row_and_a_page_on_which_nothing_changed_writes_none(make):
    trust = await make(MOST_INSIDE + 1)
    before = await trust.rows()
    cursor = (await trust.reader.page(start="now"))["next"]
    assert await trust.rows() == before + 1
    for _ in range(3):
        assert (await trust.reader.page(cursor=cursor))["next"] == cursor
    assert await trust.rows() == before + 1


@pytest.mark.parametrize("schools", [2, MOST_INSIDE + 1])
async def test_an_old_cursor_stands_where_it_stood_and_a_new_one_is_written_upon_it(make, schools):
    trust = await make(schools)
    old = (await trust.reader.page(start="now"))["next"]
    before = await trust.rows()
    for expected, upn in enumerate(("F999999925001", "V999999925002"), start=1):
        await trust.school.pupil(upn)
        page = await trust.reader.page(cursor=old)
        assert len(page["items"]) == expected
    assert page["next"] != old
    assert (await trust.reader.page(cursor=page["next"]))["items"] == []
    assert await trust.rows() == before
    assert numbers((await trust.reader.page(cursor=old))["items"], trust.school) == numbers(page["items"], trust.school)


@pytest.mark.parametrize("schools", [2, MOST_INSIDE + 1])
async def test_nobody_else_can_read_by_a_clients_cursor(make, schools):
    trust = await make(schools)
    cursor = (await trust.reader.page(start="now"))["next"]
    _, other = await add_client(trust.school.app, OrganisationKind.VENDOR, scopes=READS)
    stranger = Reader(trust.school.http, other, await token_for(trust.school.app, other, READS))
    answer = await stranger.get(cursor=cursor)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor_unknown")


async def test_a_row_is_let_go_after_thirty_days_and_the_answer_says_how_to_begin_again(make):
    trust = await make(MOST_INSIDE + 1)
    cursor = (await trust.reader.page(start="now"))["next"]
    await trust.later(PLACES_LIVE)
    await forget_places_in_the_feed(trust.school.app.state.casework)
    assert (await trust.reader.get(cursor=cursor)).status_code == 200
    await trust.later(timedelta(microseconds=1))
    await forget_places_in_the_feed(trust.school.app.state.casework)
    answer = await trust.reader.get(cursor=cursor)
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["act_by"]) == (410, "/problems/gone", "vendor")
    assert "start=beginning" in problem["detail"]


async def test_a_reader_to_whom_nothing_happens_for_long_is_given_a_new_row_in_time(make):
    trust = await make(MOST_INSIDE + 1)
    first = (await trust.reader.page(start="now"))["next"]
    await trust.later(KEPT_ANEW_AFTER)
    assert (await trust.reader.page(cursor=first))["next"] == first
    await trust.later(timedelta(microseconds=1))
    second = (await trust.reader.page(cursor=first))["next"]
    assert second != first
    await trust.later(KEPT_ANEW_AFTER)
    await forget_places_in_the_feed(trust.school.app.state.casework)
    assert (await trust.reader.get(cursor=first)).status_code == 410
    assert (await trust.reader.get(cursor=second)).status_code == 200


async def test_a_page_looks_into_so_many_schools_at_most_and_the_next_goes_on_with_the_others(make):
    trust = await make(MOST_VISITS + 2)
    cursor = (await trust.reader.page(start="now"))["next"]
    async with trust.sessions.shared() as session:
        empty = await session.connection.fetch("select urn, school_id from directory d where d.organisation_id = $1", trust.organisation)
    for _, school_id in empty:
        async with trust.sessions.for_school(school_id) as session:
            await session.connection.execute("update ledger_head set number = 1 where school_id = $1", school_id)
    await trust.school.pupil("F999999925001")
    first = await trust.reader.page(cursor=cursor, wait=30)
    assert (len(first["stopped"]), len(first["items"]), first["has_more"]) == (MOST_VISITS - 1, 1, True)
    second = await trust.reader.page(cursor=first["next"], wait=30, limit=1)
    assert second["has_more"]
    assert {*first["stopped"], *second["stopped"]} < {urn for urn, _ in empty}
    third = await trust.reader.page(cursor=second["next"])
    assert {*first["stopped"], *second["stopped"], *third["stopped"]} == {urn for urn, _ in empty}


@given(st.dictionaries(st.from_regex(r"\A[0-9]{6}\Z"), st.builds(Place, st.integers(1, 2**31), st.integers(0, 2**62))))
def test_places_are_read_back_as_they_were_written(places):
    assert unpacked(packed(places)) == places


async def test_a_cursor_with_as_many_places_as_it_may_hold_fits_into_a_query(make):
    trust = await make(1)
    cursors = FeedCursors(Cursors(bytes(32)), trust.sessions, trust.reader.client_id, new_id=clock.new_id, now=NOW)
    places = {f"{n * 9_999:06}": LARGEST for n in range(MOST_INSIDE)}
    written = await cursors.cursor(Position(places=places, turn="999999"))
    assert len(written) <= LONGEST_CURSOR
    assert (await cursors.stand(written)).position == Position(places=places, turn="999999")
