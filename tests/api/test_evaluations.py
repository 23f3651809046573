"""Evaluations: whoever may ask sends entries and learns what they come to; nothing is stored, and nothing that was sent comes back."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

import httpx
import pytest
from fastapi import FastAPI

from app import clock
from app.api.evaluating import MOST_WAITING, Evaluator
from app.api.manners.budgets import EVALUATIONS, READS, WRITES, kind_of
from app.api.manners.problems import ApiError
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.exchange.vectors import published
from tests.api.world import add_client, running, token_for

SCHOOL = {
    "type": "school.described",
    "occurred_on": "2010-01-01",
    "facts": {"school_type": "maintained_mainstream", "authority": "999", "record_begins_on": "2014-09-01"},
}
TEACHER = "00000000-0000-0000-0000-000000000201"
ROLE = {"type": "staff.role_given", "occurred_on": "2010-01-01", "facts": {"staff": TEACHER, "role": "teacher"}}
ENROLLED = {"type": "pupil.enrolled", "occurred_on": "2014-09-01", "facts": {"date_of_birth": "2008-06-30"}}
MOTHER = "00000000-0000-0000-0000-000000000301"
CONTACT = {
    "type": "contact.described",
    "occurred_on": "2014-09-01",
    "facts": {"contact": MOTHER, "relationship": "parent", "parental_responsibility": True, "has_care": True},
}
PLANTED = "Perdita Planted reads backwards"
CONCERN = {
    "type": "concern.raised",
    "occurred_on": "2015-09-14",
    "facts": {"raised_by": "teacher", "domain": "attainment", "words": PLANTED},
}
DECIDED = {
    "type": "sen.decided",
    "occurred_on": "2015-09-21",
    "facts": {
        "judgement": "K",
        "difficulty": PLANTED,
        "provision_beyond_ordinary": "Taught reading",
        "reason": "The gap did not close",
        "considered": ["progress"],
        "parents_view": None,
        "pupils_view": None,
        "review_on": "2016-02-01",
    },
}
RECORD = [ENROLLED, CONTACT, CONCERN, DECIDED]
INFORM = "inform-parents-of-sen-provision"


@dataclass
class Door:
    app: FastAPI
    http: httpx.AsyncClient
    headers: dict[str, str]

    async def post(self, **body: object) -> httpx.Response:
        asked = {"as_at": "2015-10-01", "school": [SCHOOL, ROLE], "record": RECORD, **body}
        return await self.http.post("/v1/evaluations", json=asked, headers=self.headers)

    async def evaluated(self, **body: object) -> dict:
        answer = await self.post(**body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def faults(self, **body: object) -> dict[str, str]:
        answer = await self.post(**body)
        assert answer.status_code == 422, answer.text
        return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}


@pytest.fixture
async def door(database: DatabaseUrls) -> AsyncIterator[Door]:
    async with running(database) as (app, http):
        _, client = await add_client(app, OrganisationKind.VENDOR)
        token = await token_for(app, client, frozenset({"evaluations:run"}))
        yield Door(app, http, {"Authorization": f"Bearer {token}"})


async def test_a_record_that_is_sent_along_is_told_what_it_comes_to(door):
    found = await door.evaluated()
    assert (found["status"], found["rights"], found["to_tell"], found["refusals"]) == ("K", "parents", [MOTHER], [])
    assert found["statuses"] == [{"status": "K", "since": "2015-09-21", "until": None, "entry": 4, "imported": False}]
    assert (found["as_at"], found["until"]) == ("2015-10-01", "2017-08-31")
    owed = {duty["rule"]: duty for duty in found["obligations"]}[INFORM]
    assert (owed["state"], owed["person"], owed["verdict"]["wording_since"]) == ("broken", MOTHER, "2014-09-01")
    assert owed["verdict"]["sentence"].startswith("Broken: ")
    assert f"To put it right: {owed['verdict']['cure']}." in owed["verdict"]["sentence"]
    assert any(remark["entry"] == 4 and remark["verdict"]["citations"] for remark in found["findings"])


async def test_what_happened_later_has_not_happened_yet(door):
    assert (await door.evaluated(as_at="2015-09-20"))["status"] == "N"
    assert (await door.evaluated(as_at="2015-09-21"))["status"] == "K"


async def test_what_was_written_later_is_left_out_by_its_number(door):
    numbered = {
        "school": [{**entry, "number": n} for n, entry in enumerate([SCHOOL, ROLE], start=1)],
        "record": [{**entry, "number": n} for n, entry in enumerate(RECORD, start=3)],
    }
    assert (await door.evaluated(**numbered, known_at_number=6))["status"] == "K"
    assert (await door.evaluated(**numbered, known_at_number=5))["status"] == "N"
    future = await door.post(**numbered, known_at_number=7)
    assert (future.status_code, future.json()["type"]) == (422, "/problems/future-known-at")
    assert await door.faults(known_at_number=5) == {"/known_at_number": "numbers_needed"}


async def test_a_step_that_does_not_exist_is_refused_with_its_reason_and_left_out(door):
    assistant = {"kind": "staff", "id": "00000000-0000-0000-0000-000000000299"}
    found = await door.evaluated(record=[*RECORD[:3], {**DECIDED, "author": assistant}])
    assert found["status"] == "N"
    assert [(refusal["entry"], refusal["kept"]) for refusal in found["refusals"]] == [(4, False)]
    assert found["refusals"][0]["verdict"]["sentence"].startswith("Refused: ")
    assert found["refusals"][0]["verdict"]["cure"]


async def test_everything_that_does_not_fit_is_pointed_at_at_once(door):
    record = [
        {"type": "pupil.vanished", "occurred_on": "2015-09-14"},
        SCHOOL,
        {**ENROLLED, "facts": {"date_of_birth": "2015-02-30", "shoe_size": 31}},
        {**DECIDED, "facts": {**DECIDED["facts"], "judgement": "X", "considered": ["progress", 3]}},
        {**CONCERN, "facts": {}},
        {**CONCERN, "supersedes": 9},
        {**CONCERN, "supersedes": 7},
    ]
    assert await door.faults(record=record) == {
        "/record/0/type": "unknown_type",
        "/record/1/type": "wrong_list",
        "/record/2/facts/date_of_birth": "date_parsing",
        "/record/2/facts/shoe_size": "extra_forbidden",
        "/record/3/facts/judgement": "enum",
        "/record/3/facts/considered/1": "string_type",
        "/record/4/facts/raised_by": "missing",
        "/record/4/facts/domain": "missing",
        "/record/4/facts/words": "missing",
        "/record/5/supersedes": "no_such_entry",
        "/record/6/supersedes": "no_such_entry",
    }


async def test_a_number_is_given_to_every_entry_of_a_list_or_to_none_and_never_twice(door):
    some = [{**ENROLLED, "number": 1}, CONTACT]
    assert await door.faults(record=some) == {"/record/1/number": "missing"}
    twice = [{**ENROLLED, "number": 5}, {**CONTACT, "number": 5}]
    assert await door.faults(record=twice) == {"/record/0/number": "number_given_twice", "/record/1/number": "number_given_twice"}


async def test_a_string_is_not_taken_for_a_number_nor_a_number_for_a_truth(door):
    told = {"cycle": "1", "review_on": "2015-12-11", "agreed_with_parents_on": "2015-10-01", "reason": "Agreed"}
    moved = {"type": "review_date.moved", "occurred_on": "2015-10-01", "facts": told}
    contact = {**CONTACT, "facts": {**CONTACT["facts"], "has_care": 1}}
    assert await door.faults(record=[moved, contact]) == {"/record/0/facts/cycle": "int_type", "/record/1/facts/has_care": "bool_type"}


@pytest.mark.parametrize(("until", "status"), [("2015-10-01", 200), ("2015-09-30", 422)])
async def test_the_last_day_looked_at_is_not_before_the_day_asked_for(door, until, status):
    answer = await door.post(until=until)
    assert answer.status_code == status
    if status == 422:
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/until"]


async def test_two_thousand_entries_are_taken_and_one_more_is_not(door, monkeypatch):
    many = [SCHOOL, ROLE, *[SCHOOL] * 996]
    assert (await door.post(school=many, record=[*RECORD, *[CONCERN] * 999])).status_code == 422
    door.app.state.evaluator = Evaluator(lambda: 0.0)
    assert (await door.post(school=many, record=[*RECORD, *[CONCERN] * 998])).status_code == 200


async def test_a_body_of_more_than_a_megabyte_is_not_read(door):
    answer = await door.post(record=[{**CONCERN, "facts": {**CONCERN["facts"], "words": "x" * 9_000}}] * 112)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


async def test_an_evaluation_is_stopped_when_its_time_is_up(door):
    ordinary = door.app.state.evaluator
    door.app.state.evaluator = Evaluator(clock.thread_seconds, most_seconds=0.0)
    answer = await door.post(record=[*RECORD, *[CONCERN] * 1_500])
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/evaluation-too-long")
    door.app.state.evaluator = ordinary
    assert (await door.post()).status_code == 200


@pytest.mark.parametrize("ticks", [1, 7, 60])
async def test_the_watch_is_looked_at_all_the_way(door, ticks):
    """Whether the time ends while entries are read, taken or looked through for duties, the work ends with it."""
    seen = count()
    door.app.state.evaluator = Evaluator(lambda: 2.0 if next(seen) > ticks else 0.0)
    answer = await door.post()
    assert answer.json()["type"] == "/problems/evaluation-too-long"
    assert next(seen) == ticks + 2


async def test_the_service_answers_others_while_an_evaluation_runs(door):
    long = asyncio.create_task(door.post(record=[*RECORD, *[CONCERN] * 300]))
    await asyncio.sleep(0)
    alive = await door.http.get("/livez")
    assert alive.status_code == 200
    assert (await long).status_code in {200, 422}


async def test_no_more_than_a_few_wait_for_their_turn():
    gate, evaluator = asyncio.Event(), Evaluator(lambda: 0.0)
    loop = asyncio.get_running_loop()

    def wait(watch):
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        return True

    waiting = [asyncio.create_task(evaluator.run(wait)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0.05)
    with pytest.raises(ApiError) as refused:
        await evaluator.run(wait)
    assert refused.value.slug == "too-many-requests"
    gate.set()
    assert await asyncio.gather(*waiting) == [True] * MOST_WAITING
    assert await evaluator.run(lambda watch: 5) == 5
    evaluator.close()


async def test_nothing_is_stored(door):
    async with door.app.state.sessions.shared() as session:
        names = [row[0] for row in await session.connection.fetch("select relname from pg_stat_user_tables order by 1")]
        before = {name: await session.connection.fetchval(f'select count(*) from "{name}"') for name in await _readable(session, names)}
    await door.evaluated()
    async with door.app.state.sessions.shared() as session:
        after = {name: await session.connection.fetchval(f'select count(*) from "{name}"') for name in before}
    assert before == after and len(before) > 10


async def _readable(session, names):
    return [name for name in names if await session.connection.fetchval("select has_table_privilege($1, 'select')", name)]


async def test_nothing_that_was_sent_is_logged_or_comes_back(door, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    good = await door.post()
    wrong = await door.post(record=[*RECORD, {**CONCERN, "facts": {**CONCERN["facts"], "domain": PLANTED}}])
    assert (good.status_code, wrong.status_code) == (200, 422)
    written = capsys.readouterr()
    for text in (good.text, wrong.text, caplog.text, written.out, written.err):
        assert "Perdita" not in text and "backwards" not in text


async def test_another_scope_does_not_do(door):
    _, client = await add_client(door.app, OrganisationKind.VENDOR)
    door.headers = {"Authorization": f"Bearer {await token_for(door.app, client, frozenset({'records:read'}))}"}
    assert (await door.post()).status_code == 403


async def test_evaluations_have_a_budget_of_their_own(door):
    assert kind_of("POST", "/v1/evaluations") == EVALUATIONS
    assert (kind_of("GET", "/v1/evaluations"), kind_of("POST", "/v1/schools/999999/pupils")) == (READS, WRITES)
    answers = [await door.post(record=[ENROLLED], school=[SCHOOL]) for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert answers[-1].headers["ratelimit-policy"] == '"evaluations";q=100;w=10' and int(answers[-1].headers["retry-after"]) >= 1


async def test_the_vectors_are_open_to_all_and_may_be_narrowed_to_a_rule(door):
    answer = await door.http.get("/v1/rules/vectors")
    assert answer.status_code == 200
    assert [vector["title"] for vector in answer.json()["items"]] == [vector.title for vector in published()]
    some = (await door.http.get("/v1/rules/vectors", params={"rule": "review-by-the-agreed-date"})).json()["items"]
    assert all("review-by-the-agreed-date" in vector["rules"] for vector in some)
    assert 0 < len(some) < len(published())
    unknown = await door.http.get("/v1/rules/vectors", params={"rule": "no-such-rule"})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_rule")


async def test_a_published_vector_can_be_sent_as_it_stands(door):
    for vector in published()[:5]:
        for check in vector.checks:
            assert (await door.post(**vector.request(check))).status_code == 200
