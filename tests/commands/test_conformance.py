"""`graduated conformance`: every published vector is put to a server, and what does not hold is named."""

import asyncio
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import uvicorn
from pydantic import SecretStr
from typer.testing import CliRunner

from app import clock
from app.casework.registration import Registered
from app.cli import commands
from app.commands.conformance import CannotConformError
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.exchange.conformance import differences
from app.exchange.vectors import examples_of, published
from app.main import create_app
from app.settings import Settings
from tests.api.doors import SEALING_KEY, a_world

VECTOR = published()[0]
A_REFUSAL = {"entry": 3, "of_the_school": False, "kept": False, "verdict": {"rule": "a-rule"}}
ANSWER = {
    "status": "K",
    "rights": "parents",
    "to_tell": [],
    "undecided_transition": False,
    "statuses": [{"status": "K", "since": "2015-09-07", "until": None, "imported": False, "entry": 1}],
    "needs": [{"need_type": "SPLD"}],
    "obligations": [{"rule": "a-rule", "state": "kept", "due": "2015-12-11"}],
    "findings": [{"entry": 2, "of_the_school": False, "kept": True, "verdict": {"rule": "a-rule"}}],
    "refusals": [A_REFUSAL],
}
REMARK = {"entry": 2, "of_the_school": False, "rule": "a-rule"}
REFUSAL = {"entry": 3, "of_the_school": False, "rule": "a-rule"}


def run(*options: str):
    return CliRunner().invoke(commands, ["conformance", *options])


@pytest.mark.parametrize(
    "expect",
    [
        {"status": "K", "rights": "parents", "to_tell": [], "undecided_transition": False, "needs": ["SPLD"]},
        {"statuses": [{"status": "K", "since": "2015-09-07", "until": None, "imported": False}]},
        {"obligations": [{"rule": "a-rule", "states": ["kept"]}, {"rule": "another-rule", "states": []}]},
        {"due": {"a-rule": ["2015-12-11"]}},
        {"findings": [{**REMARK, "kept": True}]},
        {"unremarked": [{**REMARK, "rule": "another-rule"}, {**REMARK, "entry": 4}]},
    ],
)
def test_what_is_as_expected_is_not_spoken_of(expect):
    assert list(differences({"refusals": [REFUSAL], **expect}, ANSWER)) == []


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"status": "N"}, "status is K, not N"),
        ({"needs": []}, "needs are ['SPLD'], not []"),
        ({"statuses": []}, "statuses are [{'status': 'K'"),
        ({"obligations": [{"rule": "a-rule", "states": ["broken"]}]}, "a-rule is ['kept'], not ['broken']"),
        ({"due": {"a-rule": ["2015-12-10"]}}, "a-rule is due on ['2015-12-11'], not ['2015-12-10']"),
        ({"findings": [{**REMARK, "kept": False}]}, "entry 2 is not remarked to have broken a-rule"),
        ({"findings": [{**REMARK, "of_the_school": True, "kept": True}]}, "the school entry 2 is not remarked to have kept a-rule"),
        ({"unremarked": [REMARK]}, "entry 2 is remarked on under a-rule"),
        ({"refusals": [REFUSAL, {**REFUSAL, "entry": 9}]}, "entry 9 is not refused under a-rule"),
        ({"refusals": []}, "entry 3 is refused under a-rule"),
    ],
)
def test_what_is_not_as_expected_is_named(expect, said):
    found = list(differences({"refusals": [REFUSAL], **expect}, ANSWER))
    assert len(found) == 1 and found[0].startswith(said)


def test_a_rule_has_an_example_each_way():
    examples = examples_of("review-by-the-agreed-date")
    assert ("review-by-the-agreed-date", True) in examples.kept.sides
    assert ("review-by-the-agreed-date", False) in examples.broken.sides
    assert examples_of("no-such-rule").kept is None


@contextmanager
def served(app) -> Iterator[str]:
    """Serve an application on a free port of its own thread."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def a_client(database: DatabaseUrls) -> Registered:
    async def made() -> Registered:
        async with a_world(database.app) as world:
            owner = await world.organisation(OrganisationKind.VENDOR)
            return await world.client(owner, "evaluations:run")

    return asyncio.run(made())


def test_our_own_service_holds_to_every_vector(database):
    client = a_client(database)
    settings = Settings(
        database_url=database.app,
        database_sweep_url=database.sweep,
        secrets_key=SecretStr(b64encode(SEALING_KEY).decode()),
        evaluations_per_second=1000,
    )
    with served(create_app(settings, now=clock.now)) as url:
        answer = run("--url", url, "--client-id", str(client.id), "--client-secret", client.secret or "")
    assert answer.output.splitlines()[-1] == f"{len(published())} of {len(published())} vectors hold", answer.output
    assert answer.exit_code == 0


class Foreign(BaseHTTPRequestHandler):
    """Somebody else's server: what it answers to each evaluation stands in the class."""

    answers: list[tuple[int, object]] = []

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def foreign(*answers: tuple[int, object]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Foreign,), {"answers": list(answers)}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_server_that_answers_otherwise_is_told_where():
    with foreign((429, {}), (200, ANSWER)) as url:
        answer = run("--url", url, "--token", "t")
    lines = answer.output.splitlines()
    assert answer.exit_code == 1
    assert lines[-1].endswith(f" of {len(published())} vectors hold") and not lines[-1].startswith(f"{len(published())} ")
    assert any(line.startswith(f"{VECTOR.title}: as at {VECTOR.checks[0].as_at}, ") for line in lines)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [(500, {}, "the answer has status 500"), (200, {}, "the answer is not an evaluation: KeyError"), (200, [], "is not an evaluation")],
)
def test_an_answer_that_is_no_evaluation_is_a_failure_of_each_vector(status, body, said):
    with foreign((status, body)) as url:
        answer = run("--url", url, "--token", "t")
    assert answer.exit_code == 1
    assert answer.output.splitlines()[-1] == f"0 of {len(published())} vectors hold"
    assert said in answer.output.splitlines()[0]


def test_who_is_not_let_in_is_told_so_once():
    with foreign((403, {})) as url:
        answer = run("--url", url, "--token", "t")
        assert isinstance(answer.exception, CannotConformError)
        assert "status 403" in str(answer.exception)
        nobody = run("--url", url, "--client-id", "a", "--client-secret", "b")
        assert "no token with the scope evaluations:run" in str(nobody.exception)
        assert "give --token" in str(run("--url", url, "--client-id", "a").exception)


def test_a_server_that_is_not_there_is_one_line():
    with foreign((200, {})) as url:
        pass
    assert "cannot be reached" in str(run("--url", url, "--token", "t").exception)
