"""The route of a school's list: documented like every route, and answered without the framework's machinery where a request is plain."""

import re
from functools import cached_property
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.hot_reads import LONGEST_TAGS
from app.api.manners.body import StrictRoute
from app.api.manners.callers import NeedsSchool
from app.api.manners.pages import LARGEST_PAGE, USUAL_PAGE, PageAsked
from app.api.manners.representations import Form

ANYTHING: Final = (b"*/*", b"application/json")
LOOKED_AT: Final = (b"accept", b"if-none-match")
_QUERY: Final = re.compile(rb"(?:limit=([1-9][0-9]{0,2}))?(?:(?:^|&)cursor=([A-Za-z0-9_-]{1,1000}))?")

Headers = dict[bytes, bytes]


class ListRoute(StrictRoute):
    """A route whose endpoint takes request, response, entrance, filters, page, form and the tags of If-None-Match, and nothing else.

    A request for JSON that narrows nothing goes straight to the endpoint; any other takes the framework's way.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        page, headers = _plain_page(scope["query_string"]), _plain_headers(scope)
        if scope["method"] != "GET" or page is None or headers is None:
            await super().handle(scope, receive, send)
            return
        request, tags = Request(scope, receive, send), headers.get(b"if-none-match")
        entrance = await self._need(request, scope["path_params"]["urn"])
        response: Response = await self.endpoint(
            request=request,
            response=Response(),
            entrance=entrance,
            filters=await self._no_filters(),
            page=page,
            form=Form.JSON,
            if_none_match=None if tags is None else tags.decode("latin-1"),
        )
        await response(scope, receive, send)

    @cached_property
    def _need(self) -> NeedsSchool:
        """Give the need that the document shows, so that none other can be asked for here."""
        return next(inner.call for inner in self.dependant.dependencies if isinstance(inner.call, NeedsSchool))

    async def _no_filters(self) -> object:
        """Give what the endpoint's filters are where nothing is said of them."""
        asked = next(inner.call for inner in self.dependant.dependencies if inner.name == "filters")
        return None if asked is None else await asked()


def _plain_page(query: bytes) -> PageAsked | None:
    """Read which page is asked for, None where the query says more than that or is written in another way."""
    found = _QUERY.fullmatch(query)
    if found is None:
        return None
    limit, cursor = int(found[1] or USUAL_PAGE), found[2]
    return PageAsked(limit, None if cursor is None else cursor.decode()) if limit <= LARGEST_PAGE else None


def _plain_headers(scope: Scope) -> Headers | None:
    """Give the headers that a list looks at if each is there once at most and JSON is accepted."""
    found: Headers = {}
    for name, value in scope["headers"]:
        if name in LOOKED_AT:
            if name in found:
                return None
            found[name] = value
    is_plain = found.get(b"accept", b"*/*") in ANYTHING and len(found.get(b"if-none-match", b"")) <= LONGEST_TAGS
    return found if is_plain else None
