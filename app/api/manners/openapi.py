"""The OpenAPI document: what the framework writes, with our problems, scopes and examples put in, always in the same order."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.api.manners.examples import METHODS, Json, sample
from app.api.manners.problem_types import PROBLEM_TYPES, Slug
from app.api.manners.problems import MEDIA_TYPE, Problem
from app.api.shown.kinds_added import ADDS_KEY, kinds_added

SCHEME = "client_credentials"
PROBLEMS_KEY = "x-problems"
JSON_TYPE = "application/json"
ABBREVIATIONS = frozenset({"sen", "ehc"})
_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
_SCHEMA_REF = "#/components/schemas/{model}"

FRAMEWORK_SUCCESS = "Successful Response"
SUCCESS: Mapping[str, str] = {
    "200": "The answer.",
    "201": "It was recorded.",
    "202": "It was taken on and will be done.",
    "204": "It was done.",
}

ALWAYS: tuple[Slug, ...] = ("internal", "unavailable", "not-acceptable")
WITH_TOKEN: tuple[Slug, ...] = ("unauthenticated", "insufficient-scope", "no-grant", "too-many-requests")
WITH_BODY: tuple[Slug, ...] = ("not-json", "body-too-large", "unsupported-media-type", "invalid-request")
BY_PARAMETER: Mapping[str, tuple[Slug, ...]] = {
    "idempotency-key": ("idempotency-key-missing", "idempotency-key-reused", "request-in-progress"),
    "if-match": ("precondition-failed",),
    "known_at": ("future-known-at",),
    "as_at": ("beyond-horizon",),
}


def may_answer(*slugs: Slug) -> dict[str, object]:
    """Name, as `openapi_extra=` of a route, problems that cannot be seen from its parameters."""
    return {PROBLEMS_KEY: list(slugs)}


def operation_id(route: APIRoute) -> str:
    """Name an operation after its function; give this to FastAPI as `generate_unique_id_function`."""
    return route.name


def required_scopes(dependant: Dependant) -> frozenset[str]:
    """Collect the `required_scope` of every dependency of a route; none means that the route is open to all."""
    own = getattr(dependant.call, "required_scope", None)
    found = {own} if isinstance(own, str) else set()
    return frozenset(found.union(*(required_scopes(inner) for inner in dependant.dependencies)))


def install(app: FastAPI, scopes: Mapping[str, str], token_url: str = "/oauth2/token") -> None:  # noqa: S107  # an address, no password
    """Make `app.openapi()` give our document; `scopes` says in a sentence what each scope lets a client do."""

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, scopes, token_url)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way the framework documents


def document(app: FastAPI, scopes: Mapping[str, str], token_url: str) -> Json:
    """Write the document of an app whose routes are all in place; raises `ExampleMissingError` or `ValueError` naming what lacks."""
    written = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        openapi_version="3.1.0",
        routes=app.routes,
        webhooks=app.webhooks.routes,
        tags=app.openapi_tags,
        servers=[{"url": "/", "description": "This installation"}],
    )
    _drop_framework_errors(written)
    _add_shared(written, scopes, token_url)
    for context in _described(app):
        _complete(written, context)
    for context in iter_route_contexts(app.webhooks.routes):
        _complete_webhook(written, context)
    _refuse_doubled_ids(written)
    return _sorted_groups(written)


def text_of(written: Json) -> str:
    """Write a document as the bytes that are committed: sorted, indented, one newline at the end."""
    return json.dumps(written, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(app: FastAPI, path: Path) -> None:
    """Write the document of `app` to a file."""
    path.write_text(text_of(app.openapi()), encoding="utf-8")


def operations(written: Json, group: str = "paths") -> Iterator[tuple[str, Json]]:
    """Give each operation with its method and path, for example `get /v1/rules`."""
    for path, item in cast(dict[str, dict[str, Json]], written.get(group, {})).items():
        for method in METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def _described(app: FastAPI) -> Iterator[RouteContext]:
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            yield context


def _drop_framework_errors(written: Json) -> None:
    components = cast(dict[str, Json], written.setdefault("components", {}))
    schemas = components.setdefault("schemas", {})
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    for group in ("paths", "webhooks"):
        for _, operation in operations(written, group):
            responses = cast(dict[str, Json], operation["responses"])
            if responses.get("422", {}).get("description") == "Validation Error":
                del responses["422"]


def _add_shared(written: Json, scopes: Mapping[str, str], token_url: str) -> None:
    components = cast(dict[str, Json], written["components"])
    problem = Problem.model_json_schema(ref_template=_SCHEMA_REF, mode="serialization")
    schemas = components["schemas"]
    schemas.update(cast(Json, problem.pop("$defs", {})))
    schemas["Problem"] = problem
    components.setdefault("responses", {})
    components["securitySchemes"] = {
        SCHEME: {
            "type": "oauth2",
            "description": "A token of the client-credentials grant (RFC 6749), sent as Authorization: Bearer.",
            "flows": {"clientCredentials": {"tokenUrl": token_url, "scopes": dict(scopes)}},
        }
    }


def _complete(written: Json, context: RouteContext) -> None:
    needed = sorted(required_scopes(context.dependant))
    for method in context.methods or ():
        where = f"{method.lower()} {context.path_format}"
        operation = cast(dict[str, dict[str, Json]], written["paths"])[str(context.path_format)][method.lower()]
        _speak_plainly(operation, context)
        operation["security"] = [{SCHEME: needed}] if needed else []
        if adds := kinds_added(str(context.name), context.dependant):
            operation[ADDS_KEY] = adds
        slugs = _slugs(operation, has_token=bool(needed))
        operation[PROBLEMS_KEY] = slugs
        _document_problems(written, operation, slugs)
        _give_examples(operation, written, where)


def _complete_webhook(written: Json, context: RouteContext) -> None:
    operation = cast(dict[str, dict[str, Json]], written["webhooks"])[str(context.path_format)]["post"]
    operation["operationId"] = context.name
    _speak_plainly(operation, context)
    _give_examples(operation, written, f"webhook {context.path_format}")


def _speak_plainly(operation: Json, context: RouteContext) -> None:
    """Put plain sentences where the framework only repeats the name of the function or says that it went well."""
    if context.summary is None:
        operation["summary"] = _title(str(context.name))
    for status, response in cast(dict[str, Json], operation["responses"]).items():
        if response.get("description") == FRAMEWORK_SUCCESS:
            response["description"] = SUCCESS.get(status, "It was done.")


def _title(name: str) -> str:
    """Turn the name of a function into words, with abbreviations as they are written."""
    words = name.replace("_", " ").capitalize().split(" ")
    return " ".join(word.upper() if word.lower() in ABBREVIATIONS else word for word in words)


def _slugs(operation: Json, *, has_token: bool) -> list[Slug]:
    found: list[Slug] = [*cast(list[Slug], operation.get(PROBLEMS_KEY, [])), *ALWAYS]
    parameters = cast(list[Json], operation.get("parameters", []))
    found += WITH_TOKEN if has_token else ()
    found += WITH_BODY if "requestBody" in operation else ()
    found += ("invalid-request",) if parameters else ()
    found += ("not-found",) if any(parameter["in"] == "path" for parameter in parameters) else ()
    for parameter in parameters:
        name = str(parameter["name"]).lower()
        found += BY_PARAMETER.get(name, ())
        if name == "if-match" and parameter.get("required"):
            found.append("precondition-required")
    return sorted(set(found), key=lambda slug: (PROBLEM_TYPES[slug].status, slug))


def _document_problems(written: Json, operation: Json, slugs: Iterable[Slug]) -> None:
    shared = cast(dict[str, dict[str, Json]], written["components"])["responses"]
    responses = cast(dict[str, Json], operation["responses"])
    by_status: dict[int, list[Slug]] = {}
    for slug in slugs:
        by_status.setdefault(PROBLEM_TYPES[slug].status, []).append(slug)
    for status, group in by_status.items():
        name = f"{status}.{'.'.join(group)}"
        shared[name] = _response(status, group)
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{name}"})


def _response(status: int, slugs: Iterable[Slug]) -> Json:
    examples = {slug: {"summary": PROBLEM_TYPES[slug].title, "value": _example(slug)} for slug in slugs}
    content = {MEDIA_TYPE: {"schema": {"$ref": _SCHEMA_REF.format(model="Problem")}, "examples": examples}}
    description = " Or: ".join(f"{PROBLEM_TYPES[slug].title}." for slug in slugs)
    response: Json = {"description": description, "content": content}
    headers = _headers(status, slugs)
    return {**response, "headers": headers} if headers else response


def _headers(status: int, slugs: Iterable[Slug]) -> Json:
    headers: Json = {}
    if status == 401 or "insufficient-scope" in slugs:
        headers["WWW-Authenticate"] = {"description": "What is wrong with the token (RFC 6750).", "schema": {"type": "string"}}
    if status in {429, 503} or "request-in-progress" in slugs:
        headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    return headers


def _example(slug: Slug) -> Json:
    kind = PROBLEM_TYPES[slug]
    told = {"type": f"/problems/{slug}", "title": kind.title, "status": kind.status, "detail": kind.explanation, "act_by": kind.act_by}
    return {**told, "instance": "urn:uuid:01932b4e-5f00-7000-8000-000000000001", "errors": [], "findings": []}


def _give_examples(operation: Json, written: Json, where: str) -> None:
    components = cast(Json, written["components"])
    for parameter in cast(list[Json], operation.get("parameters", [])):
        if "example" not in parameter and "examples" not in parameter:
            parameter["example"] = sample(cast(Json, parameter["schema"]), components, f"{where} {parameter['name']}")
    bodies = [operation.get("requestBody", {}), *cast(dict[str, Json], operation["responses"]).values()]
    for body in cast(list[dict[str, Json]], bodies):
        media = cast(Json | None, body.get("content", {}).get(JSON_TYPE))
        if media and media.get("schema") and "example" not in media and "examples" not in media:
            media["example"] = sample(cast(Json, media["schema"]), components, where)


def _refuse_doubled_ids(written: Json) -> None:
    seen: set[object] = set()
    for where, operation in (*operations(written), *operations(written, "webhooks")):
        if operation["operationId"] in seen:
            raise ValueError(f"{where}: another operation has the id {operation['operationId']}")
        seen.add(operation["operationId"])


def _sorted_groups(written: Json) -> Json:
    for group in cast(dict[str, Json], written["components"]).values():
        ordered = dict(sorted(group.items()))
        group.clear()
        group.update(ordered)
    return written
