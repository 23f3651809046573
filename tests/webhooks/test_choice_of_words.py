"""Who chose that a subscription carries the words, and when, can be shown from the ledger for ever, whatever was chosen since."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from app.casework.taking import Casework
from app.db.embedded import DatabaseUrls
from app.domain.entries import Recorded, WordsChosen
from tests.webhooks.telling import Telling, telling

URL = "http://127.0.0.1:8999/hook"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


async def subscribed(school: Telling) -> str:
    body = {"url": URL, "events": ["notice.ready"]}
    answer = await school.world.http.post("/v1/subscriptions", json=body, headers=school.world.headers())
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def chosen(school: Telling) -> list[Recorded]:
    """The choices in the school's ledger, in order."""
    casework: Casework = school.world.app.state.casework
    async with casework.sessions.for_school(school.world.school_id, read_only=True) as session:
        return [recorded for recorded, _ in (await casework.open(session)).school.each(WordsChosen)]


async def said(school: Telling) -> list[tuple[str, str, UUID]]:
    return [(str(r.entry.subscription), r.entry.words, r.author.id) for r in await chosen(school) if isinstance(r.entry, WordsChosen)]


async def choose(school: Telling, subscription: str, words: str, by: str, if_match: str = "*") -> httpx.Response:
    body = {"words": words, "chosen_by": {"id": str(school.world.people[by])}}
    path = school.world.path(f"/subscriptions/{subscription}")
    return await school.world.http.put(path, json=body, headers=school.world.headers(**{"If-Match": if_match}))


async def test_full_words_and_their_end_are_written_with_who_chose_them(school: Telling) -> None:
    one, people = await subscribed(school), school.world.people
    for words, by in (("full", "head"), ("thin", "office"), ("full", "senco")):
        assert (await choose(school, one, words, by)).status_code == 200
    assert await said(school) == [(one, "full", people["head"]), (one, "thin", people["office"]), (one, "full", people["senco"])]
    first = (await chosen(school))[0]
    assert (first.pupil, str(first.entry.occurred_on), first.author.kind) == (None, "2026-03-02", "staff")


async def test_the_choice_of_another_person_is_written_too_and_the_same_again_is_not(school: Telling) -> None:
    one, people = await subscribed(school), school.world.people
    for by in ("head", "head", "senco"):
        assert (await choose(school, one, "full", by)).status_code == 200
    assert await said(school) == [(one, "full", people["head"]), (one, "full", people["senco"])]


async def test_thin_words_need_no_proof(school: Telling) -> None:
    one = await subscribed(school)
    for by in ("teacher", "head"):
        assert (await choose(school, one, "thin", by)).status_code == 200
    assert await said(school) == []


@pytest.mark.parametrize(("by", "if_match", "status"), [("teacher", "*", 409), ("head", '"other"', 412)])
async def test_what_was_refused_leaves_no_trace(school: Telling, by: str, if_match: str, status: int) -> None:
    one = await subscribed(school)
    assert (await choose(school, one, "thin", "head")).status_code == 200
    assert (await choose(school, one, "full", by, if_match)).status_code == status
    assert await said(school) == []


async def test_the_choice_is_read_in_the_feed_of_the_school(school: Telling) -> None:
    one, world = await subscribed(school), school.world
    await choose(school, one, "full", "head")
    asked = {"schools": world.urn, "include": "entries", "limit": "100"}
    items = (await world.http.get("/v1/changes", params=asked, headers=world.headers())).json()["items"]
    (entry,) = [item["entry"] for item in items if item["header"]["type"] == "subscription.words_chosen"]
    assert entry["facts"] == {"subscription": one, "words": "full"}
    assert entry["author"]["id"] == str(world.people["head"])
