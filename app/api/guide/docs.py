"""The documentation for people: plain, accessible HTML made from the OpenAPI document when it is first asked for; no script at all."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import cast

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.api.guide import entries_page, start
from app.api.manners.examples import Json, resolved
from app.api.manners.openapi import PROBLEMS_KEY, operations
from app.api.manners.problem_types import PROBLEM_TYPES
from app.api.manners.problems import MEDIA_TYPE, ApiError
from app.api.shown.kinds_added import ADDS_KEY
from app.domain.identifiers import UPN_ALPHABET

TEMPLATES = Path(__file__).parent / "templates"
ACTORS: Mapping[str, str] = {
    "vendor": "Whoever writes the software that calls",
    "school": "The school",
    "local_authority": "The local authority",
    "host": "Whoever runs this service",
}
KEPT_SECONDS = 300
BOUNDS = (("minimum", "maximum", ""), ("minLength", "maxLength", "characters"), ("minItems", "maxItems", "items"))
_CODE = re.compile(r"`([^`]+)`")


def install(app: FastAPI) -> None:
    """Serve `/docs` and the pages beside it, the style and a page per kind of problem; call it once every route is in place."""

    @cache
    def pages() -> Mapping[str, bytes]:
        return render(app.openapi())

    for path in ("/docs", "/docs/start", "/docs/entries", "/docs/problems"):
        app.add_api_route(path, _serve_page(pages, path), include_in_schema=False, name="documentation" + path.replace("/", "_"))
    app.add_api_route("/", _begin, include_in_schema=False, name="documentation_root")
    style = (TEMPLATES / "style.css").read_bytes()
    app.add_api_route("/docs/style.css", _serve(style, "text/css"), include_in_schema=False, name="documentation_style")
    app.add_api_route("/problems/{slug}", _serve_problem(pages), include_in_schema=False, name="documentation_problem")


def render(document: Json) -> dict[str, bytes]:
    """Make every page of HTML, by its path, from an OpenAPI document."""
    info = cast(Mapping[str, str], document["info"])
    house = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    house.filters["told"] = _told
    house.globals.update(product=info["title"], version=info["version"], problem_types=PROBLEM_TYPES, actors=ACTORS)
    view = {"introduction": _paragraphs(info.get("description")), "groups": _groups(document), "schemas": _schemas(document)}
    pages = {
        "/docs": house.get_template("docs.html").render(here="docs", **view),
        "/docs/start": house.get_template("start.html").render(here="start", upn_alphabet=UPN_ALPHABET, **start.view()),
        "/docs/entries": house.get_template("entries.html").render(here="entries", **_kinds(document)),
        "/docs/problems": house.get_template("problems.html").render(here="problems"),
    }
    for slug, kind in PROBLEM_TYPES.items():
        pages[f"/problems/{slug}"] = house.get_template("problem.html").render(here="problem", slug=slug, kind=kind)
    return {path: page.encode() for path, page in pages.items()}


async def _begin() -> Response:
    return RedirectResponse("/docs")


def _serve(content: bytes, media_type: str = "text/html") -> Callable[[], Awaitable[Response]]:
    async def page() -> Response:
        return Response(content, media_type=media_type, headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}"})

    return page


def _serve_page(pages: Callable[[], Mapping[str, bytes]], path: str) -> Callable[[], Awaitable[Response]]:
    """Serve a page; the first to ask has all of them made, in a thread, so that other requests do not wait."""

    async def page() -> Response:
        return await _serve((await asyncio.to_thread(pages))[path])()

    return page


def _serve_problem(pages: Callable[[], Mapping[str, bytes]]) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        content = (await asyncio.to_thread(pages)).get(f"/problems/{request.path_params['slug']}")
        if content is None:
            raise ApiError("not-found")
        return await _serve(content)()

    return page


def _groups(document: Json) -> list[Json]:
    """Put operations under their first tag, in the order of the tags and then of the paths, and the webhooks last."""
    about = {str(tag["name"]): str(tag.get("description", "")) for tag in cast(list[Json], document.get("tags", []))}
    groups: dict[str, list[Json]] = {name: [] for name in about}
    for where, operation in operations(document):
        tag = cast(list[str], operation.get("tags", ["Other"]))[0]
        groups.setdefault(tag, []).append(_operation(where, operation, document))
    hooks = [_operation(where, operation, document) for where, operation in operations(document, "webhooks")]
    if hooks:
        groups["Webhooks"] = hooks
    return [
        {"id": f"group-{_slug(name)}", "name": name, "about": about.get(name, ""), "operations": ops} for name, ops in groups.items() if ops
    ]


def _operation(where: str, operation: Json, document: Json) -> Json:
    components = cast(Json, document["components"])
    method, path = where.split(" ", 1)
    security = cast(list[Mapping[str, list[str]]], operation.get("security", []))
    return {
        "id": f"operation-{operation['operationId']}",
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": _paragraphs(operation.get("description")),
        "scopes": [scope for scheme in security for scopes in scheme.values() for scope in scopes],
        "parameters": [_parameter(parameter) for parameter in cast(list[Json], operation.get("parameters", []))],
        "request": _body(cast(Json, operation.get("requestBody", {}))),
        "answers": list(_answers(cast(Mapping[str, Json], operation["responses"]), components)),
        "adds": operation.get(ADDS_KEY, []),
        "problems": operation.get(PROBLEMS_KEY, []),
    }


def _parameter(parameter: Json) -> Json:
    schema = cast(Json, parameter["schema"])
    meaning = parameter.get("description") or schema.get("description", "")
    meaning = _with_default(str(meaning), schema)
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "type": _type(schema),
        "required": parameter.get("required", False),
        "meaning": meaning,
    }


def _answers(responses: Mapping[str, Json], components: Json) -> Iterable[Json]:
    for status, response in responses.items():
        whole = cast(Json, resolved(response, components))
        if MEDIA_TYPE not in cast(Json, whole.get("content", {})):
            nothing = {"media": "no body", "schema": None, "example": None}
            yield {"status": status, "meaning": whole["description"], **(_body(whole) or nothing)}


def _body(holder: Json) -> Json | None:
    content = cast(Mapping[str, Json], holder.get("content", {}))
    for media, described in content.items():
        schema = cast(Mapping[str, str], described.get("schema", {}))
        example = described.get("example")
        name = schema["$ref"].rsplit("/", 1)[-1] if "$ref" in schema else None
        return {"media": media, "schema": name, "example": None if example is None else json.dumps(example, indent=2, ensure_ascii=False)}
    return None


def _kinds(document: Json) -> Json:
    """Put the members of each kind of entry beside it, as the tables show them."""
    seen = entries_page.view(document)
    for group in cast(list[dict[str, list[Json]]], seen["groups"]):
        for kind in group["kinds"]:
            kind["members"] = _members(cast(Json, kind["schema"]))
    return {**seen, "parts": _shapes(cast(Mapping[str, Json], seen["parts"]))}


def _schemas(document: Json) -> list[Json]:
    return _shapes(cast(Mapping[str, Json], cast(Json, document["components"]).get("schemas", {})))


def _shapes(schemas: Mapping[str, Json]) -> list[Json]:
    return [
        {"name": name, "description": _paragraphs(schema.get("description")), "type": _type(schema), "members": _members(schema)}
        for name, schema in schemas.items()
    ]


def _members(schema: Json) -> list[Json]:
    required = cast(list[str], schema.get("required", []))
    members = cast(Mapping[str, Json], schema.get("properties", {}))
    return [
        {
            "name": name,
            "type": _type(member),
            "required": name in required,
            "meaning": _with_default(str(member.get("description", "")), member),
        }
        for name, member in members.items()
    ]


def _type(schema: Mapping[str, object]) -> str:
    """Say in words what a schema takes."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if options := cast(list[Json], schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or []):
        return " or ".join(dict.fromkeys(_type(option) for option in options))
    if values := schema.get("enum"):
        return "one of " + ", ".join(str(value) for value in cast(list[object], values))
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(cast(Json, schema.get('items', {})))}{_limits(schema)}"
    return (f"{kind} ({schema['format']})" if "format" in schema else kind) + _limits(schema)


def _limits(schema: Mapping[str, object]) -> str:
    """Say what a value must keep to beside its type: its range, its length, its pattern."""
    found = [_bounds(cast(float | None, schema.get(least)), cast(float | None, schema.get(most)), unit) for least, most, unit in BOUNDS]
    found += [f"matching `{schema['pattern']}`"] if "pattern" in schema else []
    return "".join(f", {limit}" for limit in found if limit)


def _bounds(least: float | None, most: float | None, unit: str) -> str:
    if least is None and most is None:
        return ""
    low, high = (None if bound is None else f"{bound:.12g}" for bound in (least, most))
    told = f"{low} to {high}" if None not in (low, high) else f"at least {low}" if high is None else f"at most {high}"
    return f"{told} {unit}".rstrip()


def _with_default(meaning: str, schema: Mapping[str, object]) -> str:
    """Add what counts where a member is left out, unless it is nothing at all."""
    default = schema.get("default")
    return meaning if default is None else f"{meaning} Where it is left out: `{json.dumps(default)}`.".strip()


def _paragraphs(text: object) -> list[str]:
    return [" ".join(part.split()) for part in str(text or "").split("\n\n") if part.strip()]


def _told(text: object) -> Markup:
    """Show what stands between backticks as code, and everything else as the text it is."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped just here


def _slug(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name.lower())
