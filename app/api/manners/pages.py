"""Lists in pages: an opaque cursor that nobody can forge, and one shape for every list."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.faults import Fault
from app.api.manners.problems import ApiError, invalid
from app.api.shown.shapes import Out

LARGEST_PAGE = 200
USUAL_PAGE = 50
LONGEST_CURSOR = 1000
_SEAL_BYTES = 16

Row = TypeVar("Row")
Item = TypeVar("Item")
SortKey = tuple[str | int | None, ...]


class Page(Out, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(
        default=None, description="Pass this as `cursor` to get the page after this one.", examples=["WyIyMDE0LTExLTAzIl0"]
    )


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Which page a caller asked for; no cursor means the first."""

    limit: int
    cursor: str | None

    @property
    def fetch(self) -> int:
        """How many rows to read: one more than are shown, to see whether another page follows."""
        return self.limit + 1


async def page_asked(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many items to show at most.", examples=[USUAL_PAGE])] = USUAL_PAGE,
    cursor: Annotated[
        str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before.", examples=["WyIyMDE0LTExLTAzIl0"])
    ] = None,
) -> PageAsked:
    """Read the two parameters that every list takes."""
    return PageAsked(limit, cursor)


PageDep = Annotated[PageAsked, Depends(page_asked)]


class Cursors:
    """Seals the last sort key of a page into a cursor, and opens what comes back."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        """Take the key, at least 32 bytes, and older ones whose cursors are still opened; the same in every process of an installation."""
        if min(map(len, (key, *older))) < 32:
            raise ValueError("a cursor key has at least 32 bytes")
        self._keys = (key, *older)

    def seal(self, of: str, last: SortKey) -> str:
        """Write a cursor that continues the list named `of` after the row with the sort key `last`."""
        text = json.dumps(last, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_tag(self._keys[0], of, text) + text).rstrip(b"=").decode()

    def open(self, of: str, cursor: str | None) -> SortKey | None:
        """Give the sort key in a cursor, nothing for the first page; a forged cursor or that of another list is an invalid request."""
        if cursor is None:
            return None
        try:
            sealed = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise _not_ours() from error
        tag, text = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not any(hmac.compare_digest(tag, _tag(key, of, text)) for key in self._keys):
            raise _not_ours()
        return tuple(json.loads(text))


def _tag(key: bytes, of: str, text: bytes) -> bytes:
    return hmac.digest(key, of.encode() + b"\n" + text, "sha256")[:_SEAL_BYTES]


def page_of(rows: Sequence[Row], asked: PageAsked, show: Callable[[Row], Item], next_cursor: Callable[[Row], str]) -> Page[Item]:
    """Show `rows`, of which `asked.fetch` were read; `next_cursor` seals the last row shown if there is a page after it."""
    shown = rows[: asked.limit]
    follows = len(rows) > asked.limit
    return Page(items=[show(row) for row in shown], next=next_cursor(shown[-1]) if follows else None)


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Name the next page in a Link header (RFC 8288), with every other parameter kept."""
    if cursor is None:
        return
    kept: Iterable[tuple[str, str]] = parse_qsl(request.url.query, keep_blank_values=True)
    query = urlencode([*((name, value) for name, value in kept if name != "cursor"), ("cursor", cursor)])
    response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'


class Paging:
    """The page of a list that a request asks for: where it begins, and how it is shown with the way to the next."""

    def __init__(self, request: Request, response: Response, asked: PageDep) -> None:
        self.request, self.response, self.asked = request, response, asked

    @property
    def fetch(self) -> int:
        """How many rows to read."""
        return self.asked.fetch

    def after(self, of: str) -> SortKey | None:
        """The sort key after which this page of the list named `of` begins, None for the first."""
        return self._cursors.open(of, self.asked.cursor)

    def after_id(self, of: str) -> UUID | None:
        """As `after`, for a list in the order of its rows' ids."""
        key = self.after(of)
        return None if key is None else UUID(str(key[0]))

    def page(self, of: str, rows: Sequence[Row], show: Callable[[Row], Item], *, key: Callable[[Row], SortKey] | None = None) -> Page[Item]:
        """Show the rows of the list named `of`, of which `fetch` were read; without a `key` they are in the order of their ids."""
        key_of = _by_id if key is None else key
        page = page_of(rows, self.asked, show, lambda row: self._cursors.seal(of, key_of(row)))
        link_next(self.request, self.response, page.next)
        return page

    @property
    def _cursors(self) -> Cursors:
        cursors: Cursors = self.request.app.state.cursors
        return cursors


PagingDep = Annotated[Paging, Depends()]


def _by_id(row: object) -> SortKey:
    return (str(attrgetter("id")(row)),)


def _not_ours() -> ApiError:
    return invalid([Fault("cursor", "cursor_unknown", "This cursor was not given out for this list.")])
