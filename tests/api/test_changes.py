"""The feed tells everything that was written, of each school in order, and nothing that its reader may not see."""

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.api.changes import ChangesOut
from app.casework.erasure import Wanted, erase_entry
from app.casework.feed import Feed
from app.casework.lookout import Lookout
from app.casework.pupil_erasure import Eraser
from app.casework.restoring import restore_epoch
from app.db import organisations
from app.db.embedded import DatabaseUrls
from app.db.scopes import SCOPES
from app.domain.author import Author, AuthorKind
from tests.api.readers import Reader, add_reader, grant, mirror_of, numbers, own_reader, revoke
from tests.api.world import NOW, TODAY, World, add_school, running, token_for
from tests.db.stores import blobs_in

BORN = "2013-07-17"
UPNS = ("F999999925001", "V999999925002")
OF_THE_SCHOOL = 8
"""So many entries a new school begins with."""
_urns = itertools.count(999_001)
ASKS = {"raised_by": "parent", "domain": "attainment", "words": "Reads far less than her friends do."}


@dataclass
class Two:
    """Two schools, and a client of a third party that the first lets read."""

    first: World
    second: World
    vendor: Reader
    granted: UUID
    database: DatabaseUrls

    async def superuser(self, statement: str, *arguments: object) -> None:
        server = await asyncpg.connect(self.database.superuser)
        await server.execute(statement, *arguments)
        await server.close()


@pytest.fixture
async def two(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Two]:
    moment = [NOW - timedelta(days=3)]
    async with running(database, now=lambda: moment[0]) as (app, http):
        app.state.eraser = Eraser(url=database.erasure, blobs=blobs_in(tmp_path))
        first, second = [await add_school(app, http, str(next(_urns)), at=moment[0]) for _ in range(2)]
        moment[0] = NOW
        for world in (first, second):
            world.token = await token_for(app, world.client_id, frozenset(SCOPES))
        vendor = await add_reader(app, http)
        yield Two(first, second, vendor, await grant(first, vendor), database)


async def concern(world: World, pupil: str, **facts: object) -> int:
    taken = await world.taken(pupil, "concerns", **{**ASKS, **facts})
    return taken["entries"][0]["number"]


def by_two(world: World, **facts: object) -> dict[str, object]:
    return {"confirmed_by": {"id": str(world.people["head"])}, **facts}


async def accept_asserted_seconds(world: World) -> None:
    people = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    chosen = {"occurred_on": TODAY.isoformat(), "setting": "asserted_second_person_accepted", "value": 1}
    answer = await world.post("/settings", people | chosen)
    assert answer.status_code == 201, answer.text


async def test_each_entry_shows_the_header_that_was_chained_and_the_chain_follows_from_the_wire_alone(two):
    pupil = await two.first.pupil(UPNS[0])
    await concern(two.first, pupil)
    items, _ = await two.vendor.all(limit=4)
    mirror = mirror_of(two.first.school_id)
    for item in items:
        mirror.take(item)
    assert len(mirror.digests) == OF_THE_SCHOOL + 2
    last = items[-1]
    assert (last["urn"], last["header"]["pupil"], last["header"]["type"]) == (two.first.urn, pupil, "concern.raised")
    assert last["header"]["author"] == {"kind": "staff", "id": str(two.first.people["senco"]), "assurance": "asserted"}
    assert last["header"]["recorded_at"].endswith("Z")
    assert last["path"] == two.first.path(f"/pupils/{pupil}/record")
    assert items[0]["header"]["pupil"] is None
    assert (items[0]["path"], items[0]["entry"]) == (two.first.path(), None)


async def test_what_entries_say_comes_along_where_it_is_asked_for_in_the_form_of_the_record(two):
    pupil = await two.first.pupil(UPNS[0])
    await concern(two.first, pupil)
    record = (await two.first.get(f"/pupils/{pupil}/record")).json()["entries"]
    items, _ = await two.vendor.all(include="entries")
    assert [item["entry"] for item in items if item["header"]["pupil"] == pupil] == record
    assert "Reads far less" not in json.dumps((await two.vendor.all())[0])


async def test_what_entries_say_makes_a_page_shorter_and_leaves_out_nothing(two):
    pupils = [await world.pupil(upn) for world, upn in zip((two.first, two.second), UPNS, strict=False)]
    await grant(two.second, two.vendor)
    for size in (9_000, 10, 10, 9_000, 9_000, 10):
        for world, pupil in zip((two.first, two.second), pupils, strict=True):
            await concern(world, pupil, words="x" * size)
    whole = (await two.vendor.page(include="entries", limit=1000))["items"]
    state = two.first.app.state
    state.feed = Feed(state.sessions, state.sweep, Lookout(state.sweep, state.bell.ear()), most_bytes=10_000)
    assert len((await two.vendor.page(limit=1000))["items"]) == len(whole)
    pages = [await two.vendor.page(include="entries", limit=1000)]
    while pages[-1]["has_more"]:
        pages.append(await two.vendor.page(include="entries", limit=1000, cursor=pages[-1]["next"]))
    assert all(page["items"] and page["stopped"] == [] for page in pages)
    assert 10_000 < max(sum(len(json.dumps(item["entry"])) for item in page["items"]) for page in pages) < 25_000
    items = [item for page in pages for item in page["items"]]
    for world in (two.first, two.second):
        assert [item for item in items if item["urn"] == world.urn] == [item for item in whole if item["urn"] == world.urn]


async def test_a_page_has_the_shape_that_is_published(two):
    pupil = await two.first.pupil(UPNS[0])
    await concern(two.first, pupil)
    for include in ({}, {"include": "entries"}):
        page = await two.vendor.page(**include)
        assert ChangesOut.model_validate(page).model_dump(mode="json") == page
        assert len(page["items"]) == OF_THE_SCHOOL + 2


async def test_a_correction_and_a_withdrawal_name_what_they_supersede(two):
    pupil = await two.first.pupil(UPNS[0])
    wrong = await concern(two.first, pupil)
    right = await concern(two.first, pupil, corrects=wrong)
    items, _ = await two.vendor.all()
    assert [(i["header"]["number"], i["supersedes"]) for i in items[-2:]] == [(wrong, None), (right, wrong)]


async def test_an_erased_entry_keeps_its_place_and_says_what_erased_it_and_the_erasure_names_it(two):
    pupil = await two.first.pupil(UPNS[0])
    wrong = await concern(two.first, pupil)
    gone = await concern(two.first, pupil, corrects=wrong)
    before, cursor = await two.vendor.all(include="entries")
    connection = await asyncpg.connect(two.database.erasure)
    wanted = Wanted(school_id=two.first.school_id, number=gone, reason="Named another child.", by=two.first.people["head"])
    assert await erase_entry(two.first.app.state.casework, connection, wanted)
    await connection.close()
    after, _ = await two.vendor.all(include="entries")
    [was], [now] = ([i for i in items if i["header"]["number"] == gone] for items in (before, after))
    assert (was["supersedes"], was["is_erased"], was["erased_by"], was["entry"] is None) == (wrong, False, None, False)
    assert (now["supersedes"], now["is_erased"], now["erased_by"], now["entry"]) == (None, True, gone + 1, None)
    assert [was[name] for name in ("header", "digest", "link")] == [now[name] for name in ("header", "digest", "link")]
    [erasure] = [i for i in (await two.vendor.page(cursor=cursor))["items"] if i["header"]["type"] == "entry.erased"]
    assert (erasure["header"]["number"], erasure["about"]) == (gone + 1, {"entries": [gone], "pupils": []})


async def test_merges_and_the_erasure_of_a_pupil_name_the_pupils_they_are_about(two):
    world = two.first
    await accept_asserted_seconds(world)
    kept, other = [await world.pupil(upn, born=BORN, occurred_on="2020-09-01") for upn in UPNS]
    _, cursor = await two.vendor.all()
    await world.taken(kept, "merges", **by_two(world, other=other, reason="One child."))
    items, cursor = await two.vendor.all(cursor=cursor)
    merged = [i for i in items if i["header"]["type"] == "record.merged"]
    assert [(i["header"]["pupil"], i["about"]["pupils"]) for i in merged] == [(other, [kept]), (kept, [other])]
    body = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    answer = await world.post(f"/pupils/{kept}/erasure", {**body, "ground": "right_to_erasure", "reason": "Asked for and weighed."})
    assert answer.status_code == 201, answer.text
    [erasure] = [i for i in (await two.vendor.all(cursor=cursor))[0] if i["header"]["type"] == "pupil.erased"]
    assert erasure["about"] == {"entries": [], "pupils": [kept, other]}
    assert erasure["header"]["pupil"] is None
    items, _ = await two.vendor.all(include="entries")
    of_them = [i for i in items if i["header"]["pupil"] in (kept, other)]
    assert len(of_them) >= 4
    assert {(i["is_erased"], i["erased_by"], i["entry"]) for i in of_them} == {(True, erasure["header"]["number"], None)}
    mirror = mirror_of(world.school_id)
    for item in items:
        mirror.take(item)


async def test_pages_take_turns_between_schools_and_none_waits_for_a_long_one(two):
    await grant(two.second, two.vendor)
    pupil = await two.first.pupil(UPNS[0])
    for _ in range(40):
        await concern(two.first, pupil)
    page = await two.vendor.page(limit=30)
    assert len(numbers(page["items"], two.second)) == OF_THE_SCHOOL
    assert numbers(page["items"], two.first) == list(range(1, 31 - OF_THE_SCHOOL))
    assert page["has_more"]


async def test_what_one_client_sees_does_not_depend_on_what_happens_at_a_school_it_does_not_see(two):
    pupil = await two.first.pupil(UPNS[0])
    middle = (await two.vendor.page(limit=4))["next"]

    async def seen() -> list[bytes]:
        asked = ({}, {"include": "entries"}, {"cursor": middle}, {"start": "now"}, {"schools": two.second.urn})
        return [(await two.vendor.get(**params)).content for params in asked]

    before = await seen()
    other = await two.second.pupil(UPNS[0])
    await concern(two.second, other)
    stranger = await add_reader(two.first.app, two.first.http)
    await grant(two.second, stranger)
    assert len((await stranger.all())[0]) == OF_THE_SCHOOL + 2
    assert await seen() == before
    await concern(two.first, pupil)
    assert await seen() != before


async def test_a_school_that_grants_later_begins_at_its_first_entry_and_one_that_revokes_is_silent_at_once(two):
    _, cursor = await two.vendor.all()
    granted = await grant(two.second, two.vendor)
    items, cursor = await two.vendor.all(cursor=cursor)
    assert numbers(items, two.second) == list(range(1, OF_THE_SCHOOL + 1))
    assert not numbers(items, two.first)
    pupil = await two.second.pupil(UPNS[0])
    await revoke(two.second, granted)
    await two.first.pupil(UPNS[0])
    items, cursor = await two.vendor.all(cursor=cursor)
    assert (numbers(items, two.first), numbers(items, two.second)) == ([OF_THE_SCHOOL + 1], [])
    await concern(two.second, pupil)
    await grant(two.second, two.vendor)
    items, _ = await two.vendor.all(cursor=cursor)
    assert numbers(items, two.second) == [OF_THE_SCHOOL + 1, OF_THE_SCHOOL + 2]


@pytest.mark.parametrize("scopes", [("obligations:read",), ("records:read",)])
async def test_a_grant_counts_only_with_the_scope_and_until_its_last_day(two, scopes):
    await grant(two.second, two.vendor, *scopes, until=clock.now().date() - timedelta(days=scopes == ("records:read",)))
    items, _ = await two.vendor.all()
    assert {item["urn"] for item in items} == {two.first.urn}
    if scopes == ("records:read",):
        await grant(two.second, two.vendor, *scopes, until=clock.now().date())
        assert {item["urn"] for item in (await two.vendor.all())[0]} == {two.first.urn, two.second.urn}


async def test_a_schools_own_client_sees_its_own_school_alone(two):
    items, _ = await (await own_reader(two.second)).all()
    assert {item["urn"] for item in items} == {two.second.urn}


async def test_sandbox_and_live_never_meet_even_under_a_grant(two):
    stranger = await add_reader(two.first.app, two.first.http, sandbox=False)
    await grant(two.first, stranger)
    page = await stranger.page(schools=two.first.urn)
    assert (page["items"], page["not_seen"]) == ([], [two.first.urn])
    live = await add_school(two.first.app, two.first.http, "123456", sandbox=False)
    await grant(live, stranger)
    await grant(live, two.vendor)
    assert {item["urn"] for item in (await stranger.all())[0]} == {live.urn}
    assert {item["urn"] for item in (await two.vendor.all())[0]} == {two.first.urn}


async def test_a_revoked_client_reads_nothing_more(two):
    _, cursor = await two.vendor.all()
    async with two.first.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = now() where id = $1", two.vendor.client_id)
    assert (await two.vendor.get(cursor=cursor)).status_code == 401


async def test_schools_can_be_named_and_those_not_seen_are_told_alike_whether_they_are_there_or_not(two):
    await grant(two.second, two.vendor)
    page = await two.vendor.page(schools=[two.second.urn, "999998"])
    assert {item["urn"] for item in page["items"]} == {two.second.urn}
    assert page["not_seen"] == ["999998"]
    rest, _ = await two.vendor.all(cursor=page["next"])
    assert {item["urn"] for item in rest} == {two.first.urn}
    hidden = await add_reader(two.first.app, two.first.http)
    assert (await hidden.page(schools=[two.second.urn, "999998"]))["not_seen"] == sorted([two.second.urn, "999998"])


async def test_whoever_begins_now_is_told_what_comes_and_nothing_else(two):
    page = await two.vendor.page(start="now")
    assert (page["items"], page["has_more"]) == ([], False)
    await two.first.pupil(UPNS[0])
    assert numbers((await two.vendor.all(cursor=page["next"]))[0], two.first) == [OF_THE_SCHOOL + 1]
    assert numbers((await two.vendor.all(start="beginning"))[0], two.first) == list(range(1, OF_THE_SCHOOL + 2))


async def test_a_list_and_the_feed_from_its_snapshot_miss_nothing_though_others_write_in_between(two):
    world = two.first
    listed: dict[str, int] = {}
    written: dict[str, int] = {}
    reader = await own_reader(world)
    for upn in UPNS:
        await world.pupil(upn)
    page = await reader.page(world.path("/pupils"), limit=1)
    tokens = {page["snapshot"]}
    while True:
        for pupil in page["items"]:
            listed[pupil["id"]] = pupil["ledger_number"]
            written[pupil["id"]] = await concern(world, pupil["id"])
        if page["next"] is None:
            break
        page = await reader.page(world.path("/pupils"), limit=1, cursor=page["next"])
        tokens.add(page["snapshot"])
    assert len(listed) == 2
    assert len(tokens) == 1
    items, _ = await reader.all(cursor=tokens.pop(), schools=world.urn)
    told = {item["header"]["pupil"]: item["header"]["number"] for item in items}
    assert {**listed, **told} == written
    assert numbers(items, world) == sorted(written.values())


async def test_a_restore_sends_the_reader_back_to_what_survived_and_no_further(two):
    world = two.first
    pupil = await world.pupil(UPNS[0])
    kept = await concern(world, pupil)
    early = (await two.vendor.all())[1]
    for _ in range(3):
        await concern(world, pupil)
    items, late = await two.vendor.all(cursor=early)
    lost = numbers(items, world)
    await two.superuser("delete from entry where school_id = $1 and number > $2", world.school_id, kept)
    await two.superuser(
        "update ledger_head h set number = e.number, link = e.link, recorded_at = e.recorded_at from entry e"
        " where h.school_id = $1 and e.school_id = $1 and e.number = $2",
        world.school_id,
        kept,
    )
    page = await two.vendor.page(cursor=late)
    assert (page["items"], page["restarted"], page["stopped"]) == ([], [], [world.urn])
    by = Author(kind=AuthorKind.STAFF, id=world.people["head"])
    await restore_epoch(world.app.state.casework, world.school_id, reason="A disk broke.", by=by)
    page = await two.vendor.page(cursor=late)
    assert page["restarted"] == [{"urn": world.urn, "epoch": 2, "after": kept}]
    rest, _ = await two.vendor.all(cursor=page["next"])
    assert numbers(page["items"] + rest, world) == [lost[0]]
    assert page["items"][0]["header"]["type"] == "ledger.restored"
    page = await two.vendor.page(cursor=early)
    assert (numbers(page["items"], world), page["restarted"], page["stopped"]) == ([lost[0]], [], [])


async def test_a_gap_is_never_passed_over_and_holds_no_other_school_up(two):
    await grant(two.second, two.vendor)
    pupil = await two.first.pupil(UPNS[0])
    await two.superuser("delete from entry where school_id = $1 and number = 5", two.first.school_id)
    for _ in range(2):
        items, cursor = await two.vendor.all()
        assert numbers(items, two.first) == [1, 2, 3, 4]
        assert numbers(items, two.second) == list(range(1, OF_THE_SCHOOL + 1))
        await concern(two.first, pupil)
    page = await two.vendor.page(cursor=cursor)
    assert (page["items"], page["stopped"], page["has_more"]) == ([], [two.first.urn], False)


async def test_a_client_whose_scope_was_taken_away_is_told_so(two):
    async with two.first.app.state.sessions.shared() as session:
        found = await organisations.find_client(session, two.vendor.client_id)
        assert found is not None
        await session.connection.execute("update client set scopes = '{}' where id = $1", two.vendor.client_id)
    assert (await two.vendor.get()).status_code == 403


BAD = (
    {"limit": 0},
    {"limit": 1001},
    {"wait": 31},
    {"wait": -1},
    {"start": "later"},
    {"schools": "12345"},
    {"include": "all"},
    {"since": "2014-11-03"},
    {"cursor": "WyIyMDE0LTExLTAzIl0"},
    {"cursor": "x" * 2001},
)


@pytest.mark.parametrize("asked", BAD, ids=lambda asked: str(asked)[:30])
async def test_what_does_not_fit_is_refused(two, asked):
    assert (await two.vendor.get(**asked)).status_code == 422


async def test_a_cursor_says_already_where_to_begin(two):
    _, cursor = await two.vendor.all()
    answer = await two.vendor.get(cursor=cursor, start="now")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_with_a_cursor")
