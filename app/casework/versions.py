"""The version of what is derived, as a weak entity tag: it changes whenever any of its ingredients does."""

from hashlib import sha256
from typing import Final

from orjson import dumps

from app.domain.rules import RULES_VERSION

RECORD: Final = "record"


def entity_tag(*, pupil_number: int, school_number: int, view: str = RECORD, as_at: str = "", known_at: int | None = None) -> str:
    """Give the weak tag of a view of one pupil's record, from the last numbers of the pupil and of the school's own entries."""
    ingredients = [pupil_number, school_number, RULES_VERSION, view, as_at, known_at]
    return f'W/"{sha256(dumps(ingredients)).hexdigest()[:32]}"'
