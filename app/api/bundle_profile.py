"""What every part of an evidence bundle holds, published in the common form for profiles of BagIt bags."""

import json
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from pydantic import JsonValue

router = APIRouter(tags=["Local authorities"])


@router.get("/.well-known/bundle-profile.json")
async def get_bundle_profile() -> dict[str, JsonValue]:
    """Get the profile of the bags in which evidence is handed over; `docs/bundle-format.md` says what it cannot."""
    return _profile()


@cache
def _profile() -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = json.loads(files("app.documents").joinpath("bundle-profile.json").read_text(encoding="utf-8"))
    return told
