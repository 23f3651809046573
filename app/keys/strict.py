"""Readings that accept one spelling alone: canonical base64url, and JSON objects without duplicates or infinities."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from math import isfinite
from typing import NoReturn


def write_base64url(raw: bytes) -> str:
    """RFC 4648 section 5 without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def read_base64url(text: str) -> bytes:
    """Decode the one spelling that `write_base64url` would give; padding, spaces or stray low bits raise ValueError."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise ValueError("not base64url") from None
    if write_base64url(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def read_json_object(raw: bytes) -> dict[str, object]:
    """Parse UTF-8 JSON that is one object; a duplicate member at any depth, NaN, Infinity or deep nesting raises ValueError."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_members, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise ValueError("not strict JSON") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number
