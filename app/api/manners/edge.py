"""The outermost layer of the API: request ids, a hard limit on bodies, security headers, the access log and the last net for errors."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from fastapi.routing import iter_route_contexts
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.manners.problems import ApiError, answer, problem_of, report
from app.api.shown.paper_limits import MOST_REQUEST_BYTES

HARD_LIMIT_BYTES = 20_000_000
PAPERS = re.compile(r"/v1/schools/[^/]+/pupils/[^/]+/papers")
"""Where files are handed in, which go on into the store as they come."""
UNMATCHED = "-"

# No page of ours runs a script or loads anything from elsewhere.
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"private, no-cache"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
FOR_PAGES = (b"content-security-policy", PAGE_POLICY.encode())

Endpoint = Callable[..., object]


@dataclass(slots=True)
class _Exchange:
    """What is known of one request while it runs."""

    request_id: str
    began: float
    status: int = 0
    received: int = 0


class Edge:
    """Pure ASGI middleware: sets `state.request_id` for all inside; logs `state.client_id` and shows `state.budget` if set there."""

    def __init__(
        self, app: ASGIApp, *, new_id: Callable[[], UUID], monotonic: Callable[[], float], hard_limit: int = HARD_LIMIT_BYTES
    ) -> None:
        """Take where ids and seconds come from; `hard_limit` is in bytes and holds for every route but the one that takes papers."""
        self._app = app
        self._new_id = new_id
        self._monotonic = monotonic
        self._hard_limit = hard_limit
        self._templates: dict[Endpoint, str] = {}
        self._log = structlog.get_logger("app.api.manners.edge")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request inwards; an exception that nobody answered becomes a problem here and goes no further."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(request_id=str(self._new_id()), began=self._monotonic())
        scope.setdefault("state", {})["request_id"] = exchange.request_id
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            await self._run(exchange, scope, receive, send)
            self._record(exchange, scope)

    async def _run(self, exchange: _Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        outward = self._outward(exchange, scope, send)
        try:
            limit = self._limit(scope)
            self._refuse_announced_size(scope, limit)
            await self._app(scope, self._inward(exchange, receive, limit), outward)
        except Exception as error:
            problem = problem_of(error)
            report(problem, error)
            if exchange.status == 0:
                await answer(problem, scope)(scope, receive, outward)

    def _limit(self, scope: Scope) -> int:
        takes_papers = scope["method"] == "POST" and PAPERS.fullmatch(scope["path"])
        return max(self._hard_limit, MOST_REQUEST_BYTES) if takes_papers else self._hard_limit

    def _refuse_announced_size(self, scope: Scope, limit: int) -> None:
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if announced.isdigit() and int(announced[:20]) > limit:
            raise _too_large(limit)

    def _inward(self, exchange: _Exchange, receive: Receive, limit: int) -> Receive:
        async def inward() -> Message:
            message = await receive()
            exchange.received += len(message.get("body", b""))
            if exchange.received > limit:
                raise _too_large(limit)
            return message

        return inward

    def _outward(self, exchange: _Exchange, scope: Scope, send: Send) -> Send:
        async def outward(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                _dress(message, exchange.request_id, scope["state"].get("budget", {}))
            await send(message)

        return outward

    def _record(self, exchange: _Exchange, scope: Scope) -> None:
        self._log.info(
            "request",
            method=scope["method"] if scope["method"].isalpha() else UNMATCHED,
            route=self._route(scope),
            status=exchange.status,
            duration_ms=round((self._monotonic() - exchange.began) * 1000, 2),
            client=scope["state"].get("client_id"),
        )

    def _route(self, scope: Scope) -> str:
        """Name the template of the path, never the path: it may hold ids, and whatever a caller put there by mistake."""
        endpoint = scope.get("endpoint")
        if endpoint is None:
            return UNMATCHED
        if endpoint not in self._templates and "app" in scope:
            self._templates = route_templates(scope["app"])
        return self._templates.get(endpoint, UNMATCHED)


def _too_large(limit: int) -> ApiError:
    return ApiError("body-too-large", f"This takes no more than {limit} bytes.")


def route_templates(app: Starlette) -> dict[Endpoint, str]:
    """Map each endpoint to the template of its path, prefixes of included routers and all."""
    contexts = iter_route_contexts(app.routes)
    return {context.endpoint: context.path_format for context in contexts if context.endpoint and context.path_format}


def _dress(message: Message, request_id: str, budget: Mapping[str, str]) -> None:
    """Add what every answer carries to the names and values as they are sent, without taking the place of what a route said itself."""
    said = list(message.get("headers", ()))
    names = {name for name, _ in said}
    said += [header for header in ALWAYS if header[0] not in names]
    said += [(name.lower().encode(), value.encode()) for name, value in budget.items()]
    said.append((b"x-request-id", request_id.encode()))
    if any(name == b"content-type" and value.startswith(b"text/html") for name, value in said) and FOR_PAGES[0] not in names:
        said.append(FOR_PAGES)
    message["headers"] = said
