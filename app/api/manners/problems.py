"""The one place where errors meet HTTP: every refusal becomes an RFC 9457 problem."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

import asyncpg
import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import Field
from starlette.exceptions import HTTPException  # noqa: TID251  # only to catch what the framework itself raises
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Scope

from app.api.manners.faults import Fault, faults_of
from app.api.manners.problem_types import PROBLEM_TYPES, ActBy, Slug
from app.api.shown.shapes import FindingOut, Out

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

BY_STATUS: Mapping[int, Slug] = {
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "unsupported-media-type",
}

DATABASE_AWAY: tuple[type[BaseException], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    TimeoutError,
)
WORTH_A_LINE: frozenset[Slug] = frozenset({"internal", "unavailable"})


class ApiError(Exception):
    """A request that gets no result: which kind of problem it is and what is to be said about it."""

    def __init__(
        self,
        slug: Slug,
        detail: str | None = None,
        *,
        errors: Iterable[Fault] = (),
        findings: Iterable[FindingOut] = (),
        headers: Mapping[str, str] | None = None,
        act_by: ActBy | None = None,
    ) -> None:
        """Take the kind and its details; `detail` and `errors` must not hold what the client sent."""
        super().__init__(slug)
        self.slug = slug
        self.type = PROBLEM_TYPES[slug]
        self.detail = detail or self.type.explanation
        self.errors = tuple(errors)
        self.findings = tuple(findings)
        self.headers = dict(headers or {})
        self.act_by = act_by or self.type.act_by


class FaultOut(Out):
    """One thing wrong at one place of the request."""

    pointer: str = Field(description="A JSON Pointer into the body, or the name of a parameter or header.", examples=["/review_on"])
    code: str = Field(examples=["date_parsing"])
    detail: str = Field(examples=["This must be a day that exists, as YYYY-MM-DD."])
    rule: str | None = Field(default=None, examples=["plan-has-a-review-date"])
    citation: str | None = Field(default=None, examples=["SEND Code of Practice 0 to 25, January 2015, paragraph 6.48"])


class Problem(Out):
    """Why a request got no result, as RFC 9457 writes it, with everything that was found wrong."""

    type: str = Field(description="The address of a page that explains this kind of problem.", examples=["/problems/invalid-request"])
    title: str = Field(examples=["The request does not fit"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["1 thing in the request does not fit."])
    instance: str | None = Field(
        default=None,
        description="The id of this request, as it stands in the log.",
        examples=["urn:uuid:01932b4e-5f00-7000-8000-000000000001"],
    )
    act_by: ActBy = Field(description="Who can put it right.", examples=["vendor"])
    errors: list[FaultOut] = Field(default=[], examples=[[{"pointer": "/held_on", "code": "missing", "detail": "This is required."}]])
    findings: list[FindingOut] = Field(default=[], description="Where law refused: under which rules, and why.", examples=[[]])


Translation = Callable[[Exception], ApiError]


def unauthenticated(detail: str, *, error: str | None = None) -> ApiError:
    """Refuse a caller we do not know; `error` is the code of RFC 6750, left out when no token came at all."""
    challenge = 'Bearer realm="graduated"' + (f', error="{error}"' if error else "")
    return ApiError("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def insufficient_scope(scope: str) -> ApiError:
    """Refuse a caller whose token lacks `scope`, and name it."""
    challenge = f'Bearer realm="graduated", error="insufficient_scope", scope="{scope}"'
    return ApiError("insufficient-scope", f"The token lacks the scope {scope}.", headers={"WWW-Authenticate": challenge})


def retry_later(slug: Slug, seconds: int, detail: str | None = None) -> ApiError:
    """Refuse for now; the caller may come again after `seconds`."""
    return ApiError(slug, detail, headers={"Retry-After": str(max(1, seconds))})


def invalid(faults: Iterable[Fault]) -> ApiError:
    """Refuse a request for everything that was found in it."""
    listed = tuple(faults)
    detail = "1 thing in the request does not fit." if len(listed) == 1 else f"{len(listed)} things in the request do not fit."
    return ApiError("invalid-request", detail, errors=listed)


def problem_of(error: BaseException) -> ApiError:
    """Say which problem an exception is; what nobody foresaw is `internal` and tells nothing of itself."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RequestValidationError):
        return invalid(faults_of(error.errors(), error.body))
    if isinstance(error, HTTPException):
        return _from_the_framework(error)
    if is_database_away(error):
        return retry_later("unavailable", RETRY_AFTER_SECONDS)
    return ApiError("internal")


def is_database_away(error: BaseException) -> bool:
    """Tell whether this, or what caused it, is a lost or refused connection to the database."""
    # A value that the driver cannot encode is an interface error too, and a fault of ours.
    return any(isinstance(cause, DATABASE_AWAY) and not isinstance(cause, ValueError) for cause in _causes(error))


def answer(error: ApiError, scope: Scope) -> Response:
    """Write a problem as the response to the request of `scope`."""
    request_id = scope.get("state", {}).get("request_id")
    problem = {
        "type": f"/problems/{error.slug}",
        "title": error.type.title,
        "status": error.type.status,
        "detail": error.detail,
        "instance": f"urn:uuid:{request_id}" if request_id else None,
        "act_by": error.act_by,
        "errors": [_written(fault) for fault in error.errors],
        "findings": [finding.model_dump(mode="json") for finding in error.findings],
    }
    headers = {"Content-Language": "en", **error.headers}
    return Response(orjson.dumps(problem), status_code=error.type.status, media_type=MEDIA_TYPE, headers=headers)


def report(problem: ApiError, error: BaseException) -> None:
    """Log what an operator must hear of: the kind of the exception and its places in code, nothing of the request."""
    if problem.slug in WORTH_A_LINE:
        structlog.get_logger("app.api.manners.problems").error("request.failed", kind=problem.slug, exc_info=error)


def methods_of(routes: Sequence[BaseRoute], path: str) -> list[str]:
    """Name, sorted, every method that the address takes, over all routes that match it."""
    found: set[str] = set()
    for context in iter_route_contexts(routes):
        if context.methods and context.path_regex.match(path):
            found |= context.methods
    return sorted(found)


def install(app: FastAPI, translations: Mapping[type[Exception], Translation] | None = None) -> None:
    """Answer every error of `app` as a problem; `translations` says which problem an error from below is."""
    for kind in (ApiError, RequestValidationError, HTTPException, *DATABASE_AWAY):
        app.add_exception_handler(cast(type[Exception], kind), _answering(problem_of))
    for error, translation in (translations or {}).items():
        app.add_exception_handler(error, _answering(translation))


def _answering(translation: Callable[[Exception], ApiError]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def respond(request: Request, error: Exception) -> Response:
        problem = translation(error)
        report(problem, error)
        if problem.slug == "method-not-allowed":
            problem.headers["Allow"] = ", ".join(methods_of(request.app.routes, request.scope["path"]))
        return answer(problem, request.scope)

    return respond


def _from_the_framework(error: HTTPException) -> ApiError:
    # The framework wraps what is raised while it reads a body; what we raised there ourselves says more.
    for cause in _causes(error):
        if isinstance(cause, ApiError):
            return cause
    fallback: Slug = "unreadable-request" if error.status_code < 500 else "internal"
    return ApiError(BY_STATUS.get(error.status_code, fallback), headers=error.headers)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _written(fault: Fault) -> dict[str, str]:
    members = {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail, "rule": fault.rule, "citation": fault.citation}
    return {name: value for name, value in members.items() if value is not None}
