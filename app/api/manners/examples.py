"""Examples for the OpenAPI document: put together from those of the members, and listed so that a test can validate each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

Json = dict[str, object]
Schema = Mapping[str, object]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DEEPEST = 20


class ExampleMissingError(Exception):
    """A member has neither an example nor anything one could be made from; the message says where."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example in the document, with a schema that carries the document's components so that it validates by itself."""

    where: str
    schema: Json
    value: object


def sample(schema: Schema, components: Schema, where: str, depth: int = 0) -> object:
    """Make a value for a schema: its own example first, then its members'; raises `ExampleMissingError` where there is none."""
    schema = resolved(schema, components)
    if depth > DEEPEST:
        raise ExampleMissingError(f"{where}: too deep")
    known, value = _stated(schema)
    if known:
        return value
    if options := cast(list[Schema], schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or []):
        return sample(options[0], components, where, depth + 1)
    return _of_type(schema, components, where, depth)


def resolved(schema: Schema, components: Schema) -> Schema:
    """Follow `$ref` into the components of the document."""
    while "$ref" in schema:
        _, _, group, name = cast(str, schema["$ref"]).split("/")
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        target = cast(Mapping[str, Schema], components[group])[name]
        schema = {**target, **beside}
    return schema


def listed(document: Json) -> Iterator[Example]:
    """Give every example of a document: of parameters, bodies, answers, headers, schemas and their members, webhooks too."""
    components = cast(Json, document.get("components", {}))
    for group in ("paths", "webhooks"):
        for path, item in cast(dict[str, Json], document.get(group, {})).items():
            for method in METHODS:
                if method in item:
                    yield from _within(item[method], components, f"{method} {path}")
    yield from _within(components, components, "components")


def _within(node: object, components: Json, where: str) -> Iterator[Example]:
    if isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _within(inner, components, f"{where}/{number}")
    elif isinstance(node, dict):
        yield from _here(node, components, where)
        for name, inner in node.items():
            if name not in {"example", "examples", "default", "enum", "const"}:
                yield from _within(inner, components, f"{where}/{name}")


def _here(node: Json, components: Json, where: str) -> Iterator[Example]:
    if where.endswith("/properties"):
        return
    beside = node.get("schema")
    schema = cast(Json, beside) if isinstance(beside, dict) else node
    whole: Json = {**{k: v for k, v in schema.items() if k not in {"example", "examples"}}, "components": components}
    examples = node.get("examples", {})
    if isinstance(examples, dict):
        named = {str(name): cast(Json, example)["value"] for name, example in examples.items()}
    else:
        named = {str(number): value for number, value in enumerate(cast(list[object], examples))}
    if "example" in node:
        named["example"] = node["example"]
    for name, value in named.items():
        yield Example(f"{where}/{name}", whole, value)


def _stated(schema: Schema) -> tuple[bool, object]:
    for name in ("examples", "enum"):
        values = schema.get(name)
        if isinstance(values, list) and values:
            return True, values[0]
    for name in ("example", "const", "default"):
        if name in schema:
            return True, schema[name]
    return False, None


def _of_type(schema: Schema, components: Schema, where: str, depth: int) -> object:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        members = cast(Mapping[str, Schema], schema.get("properties", {}))
        return {name: sample(member, components, f"{where}/{name}", depth + 1) for name, member in members.items()}
    if kind == "array":
        return [sample(cast(Schema, schema.get("items", {})), components, f"{where}/items", depth + 1)]
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    raise ExampleMissingError(f"{where}: give this member an example")
