"""The scan of everything that goes out can fail: whatever is personal in a body is found, through a receiver, a mailbox and the feed."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import orjson
import pytest

from app.db.embedded import DatabaseUrls
from app.webhooks.sending.transport import Sender
from tests.api.world import TODAY
from tests.webhooks.receivers import LOOPBACK, answering, outgoing, receiving
from tests.webhooks.scanning import (
    LeakedError,
    Mark,
    Personal,
    forget,
    look,
    personal_words,
    requests_in,
    require_nothing_personal,
    scan,
    scan_body,
    scan_push,
    went_out,
)
from tests.webhooks.telling import Telling, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
UPN, BORN, OTHERS = "N999000000777", "2014-05-04", "A sentence that somebody wrote"
PUPIL, ID = "01932b4e-5f00-7000-8000-0000000000a1", "01932b4e-5f00-7000-8000-0000000000d4"
PERSONAL = Personal(
    phrases=frozenset({"ada", "specimen", "gita specimen", UPN.casefold(), BORN, OTHERS.casefold(), "gita@specimen.example"}),
    codes=frozenset({"SPLD", "K"}),
    pupils=frozenset({PUPIL}),
    full=frozenset({f"999999 {ID}"}),
)
THIN = {
    **{"id": ID, "type": "notice.ready", "number": 1, "school": "999999", "subscription": PUPIL.replace("a1", "b2"), "notice": ID},
    **{"stage": "plan", "due": "2026-03-09", "path": f"/v1/schools/999999/notices/{ID}"},
}
WORDS = {"subject": "A message", "body": "Ada will get extra help"}


@pytest.fixture
def mark() -> Iterator[Mark]:
    """What this test lets out leaks, and is dropped before the scan of the suite looks."""
    since = Mark.now()
    yield since
    forget(since)


def test_a_thin_body_passes() -> None:
    scan_body(THIN, PERSONAL)
    scan_body({**THIN, "due": None}, PERSONAL)
    scan_body({"id": ID, "type": "delivery.withheld", "number": 2, "school": "999999", "subscription": ID}, PERSONAL)


@pytest.mark.parametrize(
    "leak",
    [
        {"due": BORN},
        {"stage": "SPLD"},
        {"stage": "Ada"},
        {"path": f"/v1/schools/999999/pupils/{PUPIL}"},
        {"path": f"/v1/schools/999999/notices/{ID}?upn={UPN}"},
        {"notice": PUPIL},
        {"name": "Ada"},
        {"remark": "nothing of anybody"},
        {"school": "Invented School"},
        {"type": "sen.decided"},
        {"number": "K"},
        {"words": WORDS},
    ],
)
def test_what_is_not_in_a_thin_body_is_found(leak: dict[str, object]) -> None:
    with pytest.raises(LeakedError):
        scan_body({**THIN, **leak}, PERSONAL)


@pytest.mark.parametrize(
    "body",
    ["Dear gita SPECIMEN", '{"x": "Ada"}', f"<p>{OTHERS}.</p>", f"upn={UPN}", "need: SPLD", f"born {BORN}", "to gita@specimen.example"],
)
def test_a_body_of_any_other_kind_is_looked_through_too(body: str) -> None:
    with pytest.raises(LeakedError):
        scan_push(body.encode(), PERSONAL)


@pytest.mark.parametrize("body", ["Adaptation", "Kindly", "{}", "", "\x00\xff"])
def test_what_merely_looks_like_a_word_is_none(body: str) -> None:
    scan_push(body.encode("latin-1"), PERSONAL)


def test_full_words_pass_where_they_were_chosen_and_the_rest_of_that_body_is_thin_all_the_same() -> None:
    scan_body({**THIN, "subscription": ID, "words": WORDS}, PERSONAL)
    with pytest.raises(LeakedError):
        scan_body({**THIN, "subscription": ID, "words": WORDS, "stage": "Ada"}, PERSONAL)
    with pytest.raises(LeakedError):
        scan_body({**THIN, "subscription": ID, "school": "999998", "words": WORDS}, PERSONAL)


def test_a_connection_is_parted_into_its_requests_and_a_body_that_was_cut_is_kept() -> None:
    one = b"POST /hook HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    assert list(requests_in(one + one[:-1])) == [("application/json", b"{}"), ("application/json", b"{")]


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


@pytest.fixture
async def known(school: Telling, database: DatabaseUrls) -> Personal:
    """What is personal at a school with one pupil, a parent, needs and a decision."""
    world = school.world
    await school.with_pupil()
    await school.decide()
    needs = {"needs": [{"need_type": "SPLD", "rank": 1}], "areas": ["cognition_and_learning"], "reason": "Tested."}
    await world.taken(school.pupil, "needs", **needs, parents_told_on=str(TODAY))
    return await personal_words(database.superuser)


async def test_every_personal_word_of_a_database_is_known(known: Personal, school: Telling) -> None:
    (pupil,) = (await school.world.get("/pupils")).json()["items"]
    told = {pupil["upn"].casefold(), BORN, "ada", "example", "gita", "gita specimen", "gita@specimen.example", "office placeholder"}
    assert told <= known.phrases
    assert "reads far below age" in known.phrases
    assert {"SPLD", "cognition_and_learning"} <= known.codes
    assert school.pupil in known.pupils
    assert known.full == frozenset()


async def test_who_may_be_sent_words_is_read_from_the_ledger(school: Telling, database: DatabaseUrls) -> None:
    async with receiving(answering(OK)) as receiver:
        full, _ = await school.subscribe(receiver.port, words="full")
        await school.subscribe(receiver.port, words="thin")
    assert (await personal_words(database.superuser)).full == {f"{school.world.urn} {full}"}


async def test_what_a_receiver_is_sent_is_kept_whatever_it_makes_of_it(mark: Mark) -> None:
    sender = Sender(allowed=LOOPBACK)
    async with receiving(answering(OK)) as receiver:
        await sender.send(outgoing(receiver.port, orjson.dumps({**THIN, "name": "Ada"}), host="127.0.0.1"))
    sender.close()
    assert went_out(mark)
    with pytest.raises(LeakedError):
        scan(mark, PERSONAL)


async def test_what_a_mailbox_hands_out_and_the_feed_shows_is_kept(mark: Mark) -> None:
    for path, answer in (("/v1/mailbox/lease", {"items": [{"body": {**THIN, "stage": "Ada"}}]}), ("/v1/changes", {"items": ["Ada"]})):
        request = httpx.Request("GET", f"http://127.0.0.1{path}")
        await look(httpx.Response(200, json=answer, request=request))
        with pytest.raises(LeakedError):
            scan(mark, PERSONAL)
        forget(mark)
    full = httpx.Request("GET", "http://127.0.0.1/v1/changes?include=entries")
    await look(httpx.Response(200, json={"items": ["Ada"]}, request=full))
    assert not went_out(mark)


async def push_a_name(database: DatabaseUrls) -> None:
    sender = Sender(allowed=LOOPBACK)
    async with telling(database) as school, receiving(answering(OK)) as receiver:
        await school.with_pupil()
        await sender.send(outgoing(receiver.port, orjson.dumps({"child": "Ada"}), host="127.0.0.1"))
    sender.close()


def test_a_test_that_pushes_a_name_of_its_own_database_is_failed(database: DatabaseUrls, mark: Mark) -> None:
    asyncio.run(push_a_name(database))
    with pytest.raises(LeakedError, match="ada"):
        require_nothing_personal(database.superuser, mark)
