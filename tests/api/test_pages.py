"""Lists come in pages whose cursors cannot be forged or carried to another list."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners import problems
from app.api.manners.pages import Cursors, Page, PageDep, link_next, page_of
from app.api.manners.problems import ApiError

KEY = b"k" * 32
CURSORS = Cursors(KEY)
ROWS = list(range(1, 8))


def an_app() -> FastAPI:
    app = FastAPI()
    router = APIRouter()

    @router.get("/numbers")
    async def list_numbers(request: Request, response: Response, asked: PageDep, odd: bool = False) -> Page[int]:
        last = CURSORS.open("numbers", asked.cursor)
        rows = [row for row in ROWS if last is None or row > int(last[0] or 0)][: asked.fetch]
        page = page_of(rows, asked, lambda row: row, lambda row: CURSORS.seal("numbers", (row,)))
        link_next(request, response, page.next)
        return page

    app.include_router(router)
    problems.install(app)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=an_app()), base_url="http://local") as client:
        yield client


async def test_following_the_links_gives_every_item_once(client):
    seen: list[int] = []
    address = "/numbers?limit=3&odd=false"
    while address:
        answer = await client.get(address)
        seen += answer.json()["items"]
        address = answer.links.get("next", {}).get("url", "")
        assert (answer.json()["next"] is None) is (address == "")
        assert address == "" or "odd=false" in address
    assert seen == ROWS


async def test_a_last_page_that_is_full_has_no_next(client):
    answer = await client.get("/numbers?limit=7")
    assert (answer.json()["next"], "link" in answer.headers) == (None, False)


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (200, 200), (201, 422)])
async def test_a_page_has_one_to_two_hundred_items(client, limit, status):
    assert (await client.get(f"/numbers?limit={limit}")).status_code == status


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "WzFd", CURSORS.seal("letters", (3,)), Cursors(b"o" * 32).seal("numbers", (3,)), "A" * 999]
)
async def test_a_cursor_that_was_not_given_out_for_this_list_is_refused(client, cursor):
    answer = await client.get("/numbers", params={"cursor": cursor})
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("cursor", "cursor_unknown")]


def test_a_key_of_fewer_than_thirty_two_bytes_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Cursors(b"k" * 31)


_keys = st.lists(st.none() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=4).map(
    tuple
)


@given(_keys)
def test_a_cursor_gives_back_the_key_that_was_sealed(key):
    assert CURSORS.open("numbers", CURSORS.seal("numbers", key)) == key


def test_a_cursor_under_an_older_key_is_opened_while_that_key_is_kept_and_new_ones_are_under_the_newest():
    before, both, after = CURSORS, Cursors(b"n" * 32, KEY), Cursors(b"n" * 32)
    assert both.open("numbers", before.seal("numbers", (3,))) == (3,)
    assert after.open("numbers", both.seal("numbers", (4,))) == (4,)
    with pytest.raises(ApiError):
        after.open("numbers", before.seal("numbers", (3,)))


@given(st.binary(min_size=1, max_size=60))
def test_no_bytes_but_ours_open(noise):
    sealed = CURSORS.seal("numbers", ("2014-11-03", 7))
    forged = sealed[:5] + noise.hex() + sealed[6:]
    with pytest.raises(ApiError):
        CURSORS.open("numbers", forged)
