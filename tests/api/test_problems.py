"""Every refusal is a problem that says what is wrong, where, and who can act, and nothing of what was sent."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Header, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Message

from app.api.manners import problems
from app.api.manners.body import StrictRoute
from app.api.manners.edge import Edge
from app.api.manners.faults import Fault, faults_of
from app.api.manners.problem_types import PROBLEM_TYPES, Slug
from app.api.manners.problems import ApiError
from app.api.shown.shapes import CivilDate, FindingOut, In, Instant, Line, Words, refusal

SECRET_NAME = "Invented Childname"
IDS = [UUID(int=number) for number in range(1, 50)]


class OutcomeIn(In):
    words: Words
    rating: int = Field(ge=1, le=5)


class ReviewIn(In):
    held_on: CivilDate
    told_at: Instant | None = None
    title: Line
    kind: Literal["termly", "yearly"]
    agreed: bool
    outcomes: list[OutcomeIn] = Field(max_length=3)


DRIVER_ERRORS: dict[str, Exception] = {
    "closed": asyncpg.InterfaceError(SECRET_NAME),
    "refused": ConnectionRefusedError(SECRET_NAME),
    "slow": TimeoutError(SECRET_NAME),
    "ours": type("UnencodableError", (asyncpg.InterfaceError, ValueError), {})(SECRET_NAME),
}


class StepRefusedByRecordError(Exception):
    pass


def an_app() -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    router = APIRouter(prefix="/v1/schools/{urn}", route_class=StrictRoute)

    @router.post("/reviews", status_code=201)
    async def hold_review(urn: str, body: ReviewIn, limit: Annotated[int, Query(ge=1)] = 1) -> dict[str, str]:
        return {"kind": body.kind}

    @router.get("/reviews")
    async def list_reviews(urn: str, version: Annotated[int | None, Header()] = None) -> list[str]:
        return []

    @router.delete("/reviews")
    async def drop_reviews(urn: str) -> None:
        return None

    @router.get("/broken")
    async def broken(urn: str) -> None:
        raise ValueError(SECRET_NAME)

    @router.get("/database")
    async def database(urn: str) -> None:
        try:
            raise asyncpg.ConnectionDoesNotExistError(SECRET_NAME)
        except asyncpg.PostgresError as error:
            raise RuntimeError(SECRET_NAME) from error

    @router.get("/driver/{name}")
    async def driver(urn: str, name: str) -> None:
        raise DRIVER_ERRORS[name]

    @router.get("/half")
    async def half(urn: str) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"half"
            raise ValueError(SECRET_NAME)

        return StreamingResponse(parts())

    @router.get("/refused")
    async def refused(urn: str) -> None:
        raise StepRefusedByRecordError

    @router.get("/errors/{slug}")
    async def any_error(urn: str, slug: str) -> None:
        raise ApiError(slug)  # type: ignore[arg-type]

    @router.get("/scope")
    async def scope(urn: str) -> None:
        raise problems.insufficient_scope("records:write")

    @router.get("/token")
    async def token(urn: str, request: Request) -> None:
        raise problems.unauthenticated("The token has expired.", error="invalid_token")

    @router.get("/busy")
    async def busy(urn: str) -> None:
        raise problems.retry_later("too-many-requests", 30)

    app.include_router(router)
    finding = FindingOut(
        rule="a-review-needs-a-plan",
        kept=False,
        duty="Review a plan",
        force="must",
        citations=["Code of Practice, paragraph 6.53"],
        certainty="primary",
        used={"cycle": 1},
        missing=["plan"],
        cure="Agree a plan.",
    )
    problems.install(app, {StepRefusedByRecordError: lambda _: ApiError("step-refused", findings=[finding])})
    ids, ticks = iter(IDS), itertools.count()
    app.add_middleware(Edge, new_id=lambda: next(ids), monotonic=lambda: float(next(ticks)), hard_limit=3_000_000)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=an_app(), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://local/v1/schools/999001") as client:
        yield client


async def test_all_faults_of_body_and_parameters_come_in_one_reply_with_pointers(client):
    body = {
        "held_on": "2026-02-30",
        "told_at": "yesterday",
        "kind": SECRET_NAME,
        "agreed": "yes",
        "colour/~": SECRET_NAME,
        "outcomes": [{"words": " ", "rating": "5"}, {"rating": 6}],
    }
    answer = await client.post("/reviews?limit=0", json=body)
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "/problems/invalid-request"
    assert problem["instance"] == f"urn:uuid:{IDS[0]}"
    assert problem["act_by"] == "vendor"
    assert {(fault["pointer"], fault["code"]) for fault in problem["errors"]} == {
        ("limit", "greater_than_equal"),
        ("/held_on", "date_parsing"),
        ("/told_at", "datetime_type"),
        ("/title", "missing"),
        ("/kind", "literal_error"),
        ("/agreed", "bool_type"),
        ("/colour~1~0", "extra_forbidden"),
        ("/outcomes/0/words", "string_too_short"),
        ("/outcomes/0/rating", "int_type"),
        ("/outcomes/1/words", "missing"),
        ("/outcomes/1/rating", "less_than_equal"),
    }
    assert SECRET_NAME not in answer.text


@pytest.mark.parametrize(
    "day",
    ["1899-12-31", "2101-01-01", "9999-01-01", "2026-01-01T00:00:00", "2026-02-30", "20260101", 1767225600, 20.5, None, "\uff12026-01-01"],
)
async def test_a_day_is_a_day_and_nothing_else(client, day):
    answer = await client.post("/reviews", json={"held_on": day})
    assert "/held_on" in {fault["pointer"] for fault in answer.json()["errors"]}


@pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31", "2024-02-29"])
async def test_the_first_and_the_last_day_are_inside(client, day):
    body = {"held_on": day, "title": "Spring", "kind": "termly", "agreed": True, "outcomes": [], "told_at": "2026-01-01T10:00:00+01:00"}
    answer = await client.post("/reviews", json=body)
    assert (answer.status_code, answer.json()) == (201, {"kind": "termly"})


async def test_an_address_that_is_not_there_is_a_problem(client):
    answer = await client.get("/nowhere")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_wrong_method_is_told_every_method_of_the_address(client):
    answer = await client.patch("/reviews")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, POST")


async def test_what_nobody_foresaw_is_a_500_that_tells_and_logs_nothing_of_the_data(client):
    with structlog.testing.capture_logs() as lines:
        answer = await client.get("/broken?name=Childname")
    assert answer.status_code == 500
    assert SECRET_NAME not in answer.text
    assert answer.json()["instance"] == f"urn:uuid:{IDS[0]}"
    assert [line["event"] for line in lines] == ["request.failed", "request"]


async def test_a_database_that_is_away_is_a_503_with_retry_after(client):
    answer = await client.get("/database")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["act_by"]) == (503, "5", "host")


@pytest.mark.parametrize(("name", "status"), [("closed", 503), ("refused", 503), ("slow", 503), ("ours", 500)])
async def test_a_lost_connection_is_not_our_fault_and_a_wrong_value_is_and_both_are_logged(client, name, status):
    with structlog.testing.capture_logs() as lines:
        answer = await client.get(f"/driver/{name}")
    assert (answer.status_code, SECRET_NAME in answer.text) == (status, False)
    assert [line["event"] for line in lines] == ["request.failed", "request"]


async def test_an_answer_that_breaks_half_way_is_logged_and_not_finished_as_if_it_were_whole():
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/schools/999001/half",
        "query_string": b"",
        "headers": [],
        "asgi": {"spec_version": "2.4"},
    }
    with structlog.testing.capture_logs() as lines:
        await an_app()(scope, receive, send)
    assert [(message["type"], message.get("more_body")) for message in sent] == [
        ("http.response.start", None),
        ("http.response.body", True),
    ]
    assert [line["event"] for line in lines] == ["request.failed", "request"]


async def test_a_refusal_by_law_carries_its_findings(client):
    problem = (await client.get("/refused")).json()
    assert (problem["status"], problem["act_by"]) == (409, "school")
    assert [(finding["rule"], finding["missing"]) for finding in problem["findings"]] == [("a-review-needs-a-plan", ["plan"])]


@pytest.mark.parametrize("slug", sorted(PROBLEM_TYPES))
async def test_each_kind_of_problem_is_answered_with_its_status(client, slug: Slug):
    answer = await client.get(f"/errors/{slug}")
    assert (answer.status_code, answer.json()["type"]) == (PROBLEM_TYPES[slug].status, f"/problems/{slug}")


async def test_a_missing_scope_is_named(client):
    answer = await client.get("/scope")
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == 'Bearer realm="graduated", error="insufficient_scope", scope="records:write"'


async def test_a_bad_token_is_challenged_with_its_error(client):
    answer = await client.get("/token")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="graduated", error="invalid_token"')


async def test_a_spent_budget_says_how_long_to_wait(client):
    answer = await client.get("/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


async def test_every_answer_wears_the_security_headers_and_the_request_id(client):
    headers = (await client.get("/reviews")).headers
    assert headers["cache-control"] == "private, no-cache"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-request-id"] == str(IDS[0])


async def test_the_access_log_names_the_template_and_never_the_path(client):
    with structlog.testing.capture_logs() as lines:
        await client.get("/reviews?name=Childname")
        await client.get("/Childname")
    assert [(line["route"], line["status"]) for line in lines] == [("/v1/schools/{urn}/reviews", 200), ("-", 404)]
    assert "Childname" not in json.dumps(lines)
    assert "999001" not in json.dumps(lines)


async def test_more_than_the_hard_limit_is_refused_before_and_while_it_comes(client):
    announced = await client.post("/reviews", content=b"x" * 3_000_001)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 1_000_000

    streamed = await client.post("/reviews", content=chunks(), headers={"content-type": "application/json"})
    assert [(a.status_code, a.json()["type"]) for a in (announced, streamed)] == [(413, "/problems/body-too-large")] * 2


def test_a_value_of_another_form_is_told_which_form_is_asked_for():
    error = {"type": "string_pattern_mismatch", "loc": ("body", "sex"), "ctx": {"pattern": "^[MFU]$"}, "msg": SECRET_NAME}
    assert faults_of([error], {"sex": "?"})[0].detail == "This must match the pattern ^[MFU]$."


def test_a_refusal_of_our_own_keeps_its_sentence_rule_and_citation():
    error = {"type": "upn_letter", "loc": ("body", "upn"), "msg": "No.", "ctx": refusal("x", "No.", rule="upn", citation="Guide").context}
    assert faults_of([error], {"upn": ""}) == (Fault("/upn", "upn_letter", "No.", rule="upn", citation="Guide"),)


def test_an_error_of_a_kind_we_do_not_know_says_nothing_of_the_input():
    error = {"type": "value_error", "loc": ("body", "upn"), "msg": f"Value error, {SECRET_NAME}", "ctx": {"error": SECRET_NAME}}
    assert SECRET_NAME not in faults_of([error], {"upn": ""})[0].detail


def test_a_pointer_leaves_out_what_is_no_member_of_the_body():
    error = {"type": "int_type", "loc": ("body", "need", "function-after[check()]", "rank", "int"), "msg": ""}
    assert faults_of([error], {"need": {"rank": "x"}})[0].pointer == "/need/rank"


def test_faults_beyond_the_five_hundredth_are_counted():
    errors = [{"type": "missing", "loc": ("body", str(number)), "msg": ""} for number in range(600)]
    faults = faults_of(errors, {})
    assert (len(faults), faults[-1].detail) == (501, "There are 100 further errors that are not listed.")
