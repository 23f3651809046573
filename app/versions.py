"""The version of what is derived, as a weak entity tag: it changes whenever any of its ingredients does."""

from hashlib import sha256
from typing import Final

import rfc8785

from app.db.chain import Json
from app.domain.rules import RULES_VERSION

RECORD: Final = "record"


def entity_tag(*, pupil_number: int, school_number: int, view: str = RECORD, as_at: str = "", known_at: int | None = None) -> str:
    """Give the weak tag of a view of one pupil's record, from the last numbers of the pupil and of the school's own entries."""
    ingredients: list[Json] = [pupil_number, school_number, RULES_VERSION, view, as_at, known_at]
    return f'W/"{sha256(rfc8785.dumps(ingredients)).hexdigest()[:32]}"'
