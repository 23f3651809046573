"""Versions of what is replaced or changed in place: an entity tag of its content, which PUT, PATCH and DELETE must name."""

from hashlib import sha256
from typing import Annotated

import orjson
from fastapi import Header

from app.api.manners.problems import ApiError

MustMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=200, description="The version you saw, or * for any.", examples=['"5d41402abc4b2a76b9719d911017c592"']
    ),
]


def version_of(found: object) -> str:
    """Give the entity tag of a value's content."""
    return f'"{sha256(orjson.dumps(found, default=str)).hexdigest()[:32]}"'


def require_named(if_match: str | None) -> None:
    """Raise the problem of a request that names no version."""
    if if_match is None:
        raise ApiError("precondition-required")


def require_match(if_match: str | None, current: object | None) -> None:
    """Raise the problem of a request that names no version, or another than that of the current content; `*` is any there is."""
    require_named(if_match)
    if current is not None and if_match in ("*", version_of(current)):
        return
    raise ApiError("precondition-failed", headers={} if current is None else {"ETag": version_of(current)})
