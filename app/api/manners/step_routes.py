"""The routes of the daily steps: documented like every route, and taken past the framework's machinery where a request is plain."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Final, cast, get_type_hints
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.manners.body import MOST_BYTES, NotJsonError, StrictRoute, read_json
from app.api.manners.callers import NeedsSchool
from app.api.manners.steps import StepCall, StepIn, key_of
from app.api.shown.shapes import Out, plain_uuid

JSON: Final = "application/json"
LOOKED_AT: Final = (b"content-type", b"content-length", b"idempotency-key", b"if-match")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_LENGTH: Final = re.compile(r"[0-9]{1,7}", re.ASCII)

Headers = Mapping[bytes, str]
Endpoint = Callable[..., Awaitable[Out]]


class StepRoute(StrictRoute):
    """A route about one pupil whose endpoint takes a `StepCall` and, unless it takes more, has a short way.

    A request whose shape is plainly right goes straight to the endpoint; any other takes the framework's way, which says what is wrong.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        pupil_id, headers = plain_uuid(scope["path_params"].get("pupil_id", "")), _plain_headers(scope)
        if pupil_id is None or headers is None or scope["method"] != "POST" or not self.has_short_way:
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        text = await request.body()
        body = self._body_in(text)
        if body is None:
            await super().handle(scope, _again(text, receive), send)
            return
        response = await self._answer(request, pupil_id, headers, body)
        await response(scope, receive, send)

    @cached_property
    def has_short_way(self) -> bool:
        """Whether the endpoint takes the call and the body and nothing else."""
        hints, of = get_type_hints(self.endpoint), self.dependant
        others = (*of.path_params, *of.query_params, *of.header_params, *of.cookie_params)
        return hints.get("call") is StepCall and len(of.dependencies) == len(of.body_params) == 1 and not others

    @cached_property
    def _need(self) -> NeedsSchool:
        """The need that the document shows, so that none other can be asked for here."""
        inner = (call.call for binding in self.dependant.dependencies for call in binding.dependencies)
        return next(call for call in inner if isinstance(call, NeedsSchool))

    def _body_in(self, text: bytes) -> StepIn | None:
        """Read the body if it is as it should be."""
        try:
            value, faults = read_json(text)
        except NotJsonError:
            return None
        if faults or self.body_field is None:
            return None
        body, errors = self.body_field.validate(value, {}, loc=("body",))
        return None if errors else cast(StepIn, body)

    async def _answer(self, request: Request, pupil_id: UUID, headers: Headers, body: StepIn) -> Response:
        entrance = await self._need(request, request.path_params["urn"])
        said = Response(status_code=self.status_code or 200)
        call = StepCall(
            casework=request.app.state.casework,
            entrance=entrance,
            pupil_id=pupil_id,
            key=await key_of(request, entrance.client_id, headers[b"idempotency-key"]),
            if_match=headers.get(b"if-match"),
            dry_run=False,
            response=said,
        )
        shown = await cast(Endpoint, self.endpoint)(**{"call": call, self.dependant.body_params[0].name: body})
        del said.headers["content-length"]
        return Response(shown.model_dump_json(), status_code=said.status_code, headers=dict(said.headers), media_type=JSON)


def _plain_headers(scope: Scope) -> Headers | None:
    """Give the headers that a step looks at if all is plain: no query, each of them once at most, a key, and JSON of a known length."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in LOOKED_AT:
            if name in found:
                return None
            found[name] = value.decode("latin-1")
    length, key = found.get(b"content-length", ""), found.get(b"idempotency-key", "")
    is_plain = found.get(b"content-type") == JSON and _KEY.fullmatch(key) and len(found.get(b"if-match", "")) <= 200
    return found if is_plain and not scope["query_string"] and _LENGTH.fullmatch(length) and int(length) <= MOST_BYTES else None


def _again(text: bytes, receive: Receive) -> Receive:
    """Let a body that was read be read once more."""
    messages: list[Message] = [{"type": "http.request", "body": text, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again
