"""Strict JSON bodies: what other readers let pass in silence (doubled names, NUL, lone surrogates, NaN) is refused and pointed at."""

import json
import math
from collections.abc import Callable, Coroutine, Iterator
from email.message import Message as Header
from typing import TypeVar

from fastapi import params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from app.api.manners.faults import Fault, faults_of, pointer_to
from app.api.manners.problems import ApiError, invalid

MOST_BYTES = 1_000_000
DEEPEST = 32
LARGEST_INTEGER = 2**53 - 1
LONGEST_STRING = 100_000
_LIMIT = "most_body_bytes"

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])
Path = tuple[str | int, ...]


class NotJsonError(ValueError):
    """The text is not JSON at all."""


class Refused:
    """Stands in a parsed body for a value that is not taken, so that no schema takes it either."""

    def __init__(self, code: str, detail: str) -> None:
        """Say what is wrong with the value that stood here."""
        self.code = code
        self.detail = detail


UNREAD = Refused("unread", "The body was not read.")


def body_up_to(most_bytes: int) -> Callable[[Endpoint], Endpoint]:
    """Let the endpoint below take bodies of up to `most_bytes` bytes instead of 1 MB; the hard limit of the edge stays."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _LIMIT, most_bytes)
        return endpoint

    return mark


def read_json(text: bytes) -> tuple[object, tuple[Fault, ...]]:
    """Parse a body and list what is wrong inside it; raises `NotJsonError` where there is no JSON to look into."""
    try:
        value = _READER.decode(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotJsonError from error
    # Without an escape there can be no NUL and no lone surrogate, and the slow look with pointers is spared to most bodies.
    if b"\\u" not in text and _is_plain(value):
        return value, ()
    return value, tuple(_faults_in(value, (), 1))


def _is_plain(value: object) -> bool:
    """Look level by level whether a value is free of refused values, over-long strings and too much depth."""
    level, depth = [value], 0
    while level:
        containers = [found for found in level if isinstance(found, dict | list)]
        if containers and depth == DEEPEST:
            return False
        if any(type(found) is Refused or (type(found) is str and len(found) > LONGEST_STRING) for found in level):
            return False
        level = [inner for found in containers for inner in ((*found, *found.values()) if isinstance(found, dict) else found)]
        depth += 1
    return True


class StrictRequest(Request):
    """A request whose JSON body is read strictly; what is wrong is kept until the caller has been checked."""

    parsed: object = UNREAD
    faults: tuple[Fault, ...] = ()
    is_json = True

    async def json(self) -> object:
        """Give the body, or, where anything is wrong with it, a value that no schema accepts."""
        if not _says_json(self.headers.get("content-type")):
            return UNREAD
        try:
            self.parsed, self.faults = read_json(await self.body())
        except NotJsonError:
            self.is_json = False
            return UNREAD
        return UNREAD if self.faults else self.parsed


class StrictRoute(APIRoute):
    """A route that reads JSON strictly; give it to `APIRouter(route_class=StrictRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        """Wrap the framework's reading of the request in ours."""
        framework = super().get_route_handler()
        limit: int = getattr(self.endpoint, _LIMIT, MOST_BYTES)

        async def strictly(request: Request) -> Response:
            strict = StrictRequest(request.scope, _capped(request, limit))
            try:
                return await framework(strict)
            except RequestValidationError as error:
                raise self._refusal(strict, error) from None

        return strictly

    def _refusal(self, request: StrictRequest, error: RequestValidationError) -> ApiError:
        if self._takes_json() and error.body and not _says_json(request.headers.get("content-type")):
            return ApiError("unsupported-media-type", "This route takes application/json in UTF-8.")
        if not request.is_json:
            return ApiError("not-json")
        if not request.faults:
            return invalid(faults_of(error.errors(), error.body))
        outside = [found for found in error.errors() if found["loc"][0] != "body"]
        inside = [fault for fault in self._schema_faults(request.parsed) if fault.pointer not in {f.pointer for f in request.faults}]
        return invalid((*faults_of(outside), *request.faults, *inside))

    def _takes_json(self) -> bool:
        return self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)

    def _schema_faults(self, value: object) -> tuple[Fault, ...]:
        if self.body_field is None or self._embed_body_fields:
            return ()
        _, errors = self.body_field.validate(value, {}, loc=("body",))
        return faults_of(errors, value)


def _capped(request: Request, limit: int) -> Receive:
    """Count the bytes as they come, and stop at the first one too many."""
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise ApiError("body-too-large", f"This route takes at most {limit} bytes.")
        return message

    return receive


def _says_json(content_type: str | None) -> bool:
    header = Header()
    header["content-type"] = content_type or ""
    kind = header.get_content_type()
    is_utf8 = (header.get_content_charset() or "utf-8") in {"utf-8", "utf8", "us-ascii"}
    return is_utf8 and (kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")))


def _members(pairs: list[tuple[str, object]]) -> object:
    members = dict(pairs)
    if len(members) != len(pairs):
        return Refused("duplicate_member", "A member name occurs more than once in this object.")
    return members


def _integer(digits: str) -> object:
    if len(digits) <= 17 and -LARGEST_INTEGER <= (number := int(digits)) <= LARGEST_INTEGER:
        return number
    return Refused("integer_too_large", "Whole numbers must lie within plus or minus 9007199254740991.")


def _number(digits: str) -> object:
    number = float(digits)
    return number if math.isfinite(number) else Refused("number_too_large", "This number is too large.")


def _no_constant(name: str) -> object:
    raise NotJsonError(name)


def _faults_in(value: object, path: Path, depth: int) -> Iterator[Fault]:
    if isinstance(value, str):
        yield from _text_faults(value, path)
    elif isinstance(value, Refused):
        yield Fault(pointer_to(path), value.code, value.detail)
    elif isinstance(value, dict | list):
        if depth > DEEPEST:
            yield Fault(pointer_to(path), "too_deep", f"Objects and arrays may lie at most {DEEPEST} deep.")
            return
        yield from _member_faults(value, path, depth)


def _member_faults(value: dict[str, object] | list[object], path: Path, depth: int) -> Iterator[Fault]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and (problem := next(_text_faults(key, path), None)):
            yield Fault(problem.pointer, problem.code, f"In the name of a member: {problem.detail}")
        elif isinstance(inner, str | dict | list | Refused):
            yield from _faults_in(inner, (*path, key), depth + 1)


def _text_faults(text: str, path: Path) -> Iterator[Fault]:
    if len(text) > LONGEST_STRING:
        yield Fault(pointer_to(path), "string_too_long", f"This must have at most {LONGEST_STRING} characters.")
    if "\x00" in text:
        yield Fault(pointer_to(path), "nul_character", "The character U+0000 is not taken.")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        yield Fault(pointer_to(path), "lone_surrogate", "Half of a surrogate pair is not a character.")


_READER = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer, parse_float=_number, parse_constant=_no_constant)
