"""Bodies that other readers would let pass are refused, each with the place that is wrong."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from hypothesis import given
from hypothesis import strategies as st

from app.api.manners import problems
from app.api.manners.body import NotJsonError, StrictRoute, body_up_to, read_json
from app.api.shown.shapes import In

JSON = {"content-type": "application/json"}


class NoteIn(In):
    words: str
    count: int = 0


async def a_stranger(authorization: str = "") -> None:
    if authorization == "bad":
        raise problems.unauthenticated("No token came.")


def an_app() -> FastAPI:
    app = FastAPI()
    router = APIRouter(route_class=StrictRoute)

    @router.post("/notes")
    async def write_note(body: NoteIn, _: None = Depends(a_stranger)) -> dict[str, int]:
        return {"length": len(body.words)}

    @router.post("/long-notes")
    @body_up_to(2_000_000)
    async def write_long_note(body: list[NoteIn]) -> dict[str, int]:
        return {"length": len(body)}

    app.include_router(router)
    problems.install(app)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=an_app()), base_url="http://local") as client:
        yield client


def places(answer: httpx.Response) -> set[tuple[str, str]]:
    return {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}


async def test_a_good_body_arrives(client):
    answer = await client.post("/notes", json={"words": "Reads aloud 😀"})
    assert (answer.status_code, answer.json()) == (200, {"length": 13})


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=UTF-8", "application/vnd.example+json"])
async def test_json_types_are_taken(client, kind):
    answer = await client.post("/notes", content=b'{"words": "x"}', headers={"content-type": kind})
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "text/json", "application/xml", "application/json; charset=utf-16", "nonsense", ""])
async def test_other_types_are_refused(client, kind):
    answer = await client.post("/notes", content=b'{"words": "x"}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


@pytest.mark.parametrize(
    "text",
    [b"{", b"words", b'{"words": NaN}', b'{"words": Infinity}', b"\xff\xfe{\x00}\x00", b'\xef\xbb\xbf{"words": "x"}',
     b'{"words": "\xed\xa0\x80"}',
     b'{"words": "a\nb"}', b"[" * 100_000, b'{"words": "x",}', b" "],
)  # fmt: skip
async def test_what_is_not_json_is_refused_as_that(client, text):
    answer = await client.post("/notes", content=text, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/not-json")


async def test_no_body_at_all_is_told_so(client):
    answer = await client.post("/notes")
    assert answer.json()["errors"] == [{"pointer": "", "code": "missing", "detail": "A JSON body is required."}]


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        (rb'{"words": "a\u0000b"}', "/words", "nul_character"),
        (rb'{"words": "a\ud800b"}', "/words", "lone_surrogate"),
        (rb'{"words": "x", "a\u0000": 1}', "", "nul_character"),
        (rb'{"words": "x", "extra": {"a": ["", "\udc00"]}}', "/extra/a/1", "lone_surrogate"),
        (b'{"words": "x", "words": "y"}', "", "duplicate_member"),
        (b'{"words": "x", "extra": {"a": 1, "a": 1}}', "/extra", "duplicate_member"),
        (b'{"words": "x", "count": 9007199254740992}', "/count", "integer_too_large"),
        (b'{"words": "x", "count": -' + b"9" * 5000 + b"}", "/count", "integer_too_large"),
        (b'{"words": "x", "count": 1e400}', "/count", "number_too_large"),
        (b'{"words": "' + b"x" * 100_001 + b'"}', "/words", "string_too_long"),
        (b'{"words": "x", "' + b"x" * 100_001 + b'": 1}', "", "string_too_long"),
        (b'{"words": ' + b"[" * 40 + b"]" * 40 + b"}", "/words" + "/0" * 31, "too_deep"),
    ],
)
async def test_what_lies_in_the_body_is_refused_with_its_place(client, text, pointer, code):
    answer = await client.post("/notes", content=text, headers=JSON)
    assert answer.status_code == 422
    assert (pointer, code) in places(answer)


async def test_faults_of_the_text_and_of_the_schema_come_together(client):
    answer = await client.post("/notes", content=rb'{"words": "\u0000", "count": "5", "colour": 1}', headers=JSON)
    assert places(answer) == {("/words", "nul_character"), ("/count", "int_type"), ("/colour", "extra_forbidden")}


@pytest.mark.parametrize(("deep", "taken"), [(32, True), (33, False)])
def test_the_thirty_second_level_is_the_last(deep, taken):
    _, faults = read_json(b"[" * deep + b"]" * deep)
    assert (not faults) is taken


async def test_a_megabyte_is_taken_and_a_byte_more_is_not(client):
    filling = b'{"words": "x"' + b" " * (1_000_000 - 14) + b"}"
    exactly, over = [await client.post("/notes", content=text, headers=JSON) for text in (filling, filling + b" ")]
    assert (exactly.status_code, over.status_code, over.json()["type"]) == (200, 413, "/problems/body-too-large")


async def test_a_route_can_take_more(client):
    text = json.dumps([{"words": "x" * 1000}] * 1500).encode()
    assert (await client.post("/long-notes", content=text, headers=JSON)).json() == {"length": 1500}


@pytest.mark.parametrize("text", [b"{", rb'{"words": "\u0000"}', b'{"words": 1}'])
async def test_who_calls_is_asked_before_the_body_is_looked_at(client, text):
    answer = await client.post("/notes?authorization=bad", content=text, headers=JSON)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="graduated"')


def _is_clean(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


_texts = st.text(alphabet=st.characters(exclude_categories=[]), max_size=5)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


def _texts_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for inner in value.values() for text in _texts_in(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts_in(inner)]
    return [value] if isinstance(value, str) else []


@given(_values)
def test_json_is_read_as_it_was_written_or_its_bad_texts_are_found(value):
    parsed, faults = read_json(json.dumps(value).encode())
    if all(_is_clean(text) for text in _texts_in(value)):
        assert (parsed, faults) == (value, ())
    else:
        assert {fault.code for fault in faults} <= {"nul_character", "lone_surrogate"}
        assert faults


@given(st.binary(max_size=40))
def test_no_bytes_at_all_break_the_reader(text):
    try:
        _, faults = read_json(text)
    except NotJsonError:
        return
    assert isinstance(faults, tuple)
