"""What the page for beginners shows: the first journey as requests to read, every scope, every kind of entry."""

import json
from collections.abc import Iterator
from typing import Final

from app.api.guide.journey import JOURNEY, Call
from app.api.manners.examples import Json
from app.db.scopes import GRANTABLE, OF_AUTHORITIES, SANDBOX_ONLY, SCOPES
from app.domain.entries import KINDS

_KEY: Final = "Idempotency-Key: first-journey-{number}"
_BEARER: Final = "Authorization: Bearer {token}"


def view() -> Json:
    """Give what the template needs; the same at every call."""
    return {"calls": [_shown(number, call) for number, call in enumerate(JOURNEY, 1)], "scopes": list(_scopes()), "kinds": list(_kinds())}


def _shown(number: int, call: Call) -> Json:
    keeps = [{"name": name, "place": "".join(f"/{part}" for part in path)} for name, path in call.keeps.items()]
    return {
        "id": f"step-{number}",
        "title": f"{number}. {call.title}",
        "why": call.why,
        "request": _request(number, call),
        "status": call.status,
        "keeps": keeps,
    }


def _request(number: int, call: Call) -> str:
    """Write the request as it goes over the wire, names in braces where an earlier answer fills them in."""
    lines = [f"{call.method} {call.path}"]
    if call.is_form:
        pairs = "&".join(f"{name}={value}" for name, value in (call.body or {}).items())
        return "\n".join([*lines, "Authorization: Basic {id and secret}", "Content-Type: application/x-www-form-urlencoded", "", pairs])
    lines.append(_BEARER)
    if call.body is None:
        return "\n".join(lines)
    lines += [*([_KEY.format(number=number)] if call.stores else []), "Content-Type: application/json", ""]
    return "\n".join([*lines, json.dumps(call.body, indent=2, ensure_ascii=False)])


def _scopes() -> Iterator[Json]:
    for name, gives in SCOPES.items():
        yield {
            "name": name,
            "gives": gives,
            "grantable": name in GRANTABLE,
            "authority": name in OF_AUTHORITIES,
            "sandbox_only": name in SANDBOX_ONLY,
        }


def _kinds() -> Iterator[Json]:
    for name, kind in KINDS.items():
        yield {"type": name, "meaning": (kind.__doc__ or "").strip().splitlines()[0]}
