"""The reads that are asked for most: documented like every route, and answered without the framework's machinery."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import FastAPI, Header
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.manners.callers import NeedsSchool
from app.api.manners.problems import ApiError
from app.api.manners.steps import PupilPath
from app.api.pupils import MayReadRecords, PupilOut
from app.api.shown.shapes import plain_uuid
from app.casework.versions import entity_tag
from app.db import reads
from app.db.entrance import Entrance

JSON: Final = "application/json"
LONGEST_TAGS: Final = 1000

IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", max_length=LONGEST_TAGS, description="The version you have.", examples=["*"])
]
Endpoint = Callable[[Request, UUID, Entrance, str | None], Awaitable[Response]]


class HotRoute(APIRoute):
    """A route about one pupil whose endpoint takes request, pupil, entrance and the tags of If-None-Match.

    A request whose shape is plainly right goes straight to the endpoint; any other takes the framework's way, which says what is wrong.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive, send)
        pupil_id, tags = plain_uuid(scope["path_params"]["pupil_id"]), request.headers.getlist("if-none-match")
        if scope["method"] != "GET" or pupil_id is None or len(tags) > 1 or len("".join(tags)) > LONGEST_TAGS:
            await super().handle(scope, receive, send)
            return
        entrance = await self._need(request, scope["path_params"]["urn"])
        response = await cast(Endpoint, self.endpoint)(request, pupil_id, entrance, tags[0] if tags else None)
        await response(scope, receive, send)

    @cached_property
    def _need(self) -> NeedsSchool:
        """Give the need that the document shows, so that none other can be asked for here."""
        return next(inner.call for inner in self.dependant.dependencies if isinstance(inner.call, NeedsSchool))


async def read_pupil(request: Request, pupil_id: PupilPath, entrance: MayReadRecords, if_none_match: IfNoneMatch = None) -> Response:
    """Read one pupil of the roll, and where the record stands."""
    shown = await reads.read_pupil(request.app.state.sessions, entrance, pupil_id)
    if shown is None:
        raise ApiError("not-found")
    body = shown.body.encode()
    # Names may change without an entry, so the version covers the words themselves.
    tag = entity_tag(pupil_number=shown.number, school_number=shown.school_number, view=f"pupil {sha256(body).hexdigest()}")
    if if_none_match is not None and tag in (seen.strip() for seen in if_none_match.split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, headers={"ETag": tag}, media_type=JSON)


def install(app: FastAPI) -> None:
    """Put the hot routes in front of all others; call it before any router is included."""
    app.router.add_api_route(
        "/v1/schools/{urn}/pupils/{pupil_id}",
        read_pupil,
        methods=["GET"],
        tags=["Pupils"],
        response_model=PupilOut,
        route_class_override=HotRoute,
    )
