"""The version of what is derived, as a weak entity tag: it changes whenever any of its ingredients does."""

from hashlib import sha256
from typing import Final

from orjson import dumps

from app.domain.record import Record
from app.domain.rules import RULES_VERSION
from app.domain.school import School

RECORD: Final = "record"
SCHOOL: Final = "school"


def entity_tag(*, pupil_number: int, school_number: int, view: str = RECORD, as_at: str = "", known_at: int | None = None) -> str:
    """Give the weak tag of a view of one pupil's record, from the last numbers of the pupil and of the school's own entries."""
    ingredients = [pupil_number, school_number, RULES_VERSION, view, as_at, known_at]
    return f'W/"{sha256(dumps(ingredients)).hexdigest()[:32]}"'


def school_tag(number: int) -> str:
    """Give the weak tag of the school's own part of the record, from the last number of its entries."""
    return entity_tag(pupil_number=0, school_number=number, view=SCHOOL)


def version_of(whole: Record | School) -> str:
    """Give the tag of a pupil's record, or of the school's own, as it is folded."""
    if isinstance(whole, School):
        return school_tag(whole.last_number)
    return entity_tag(pupil_number=whole.last_number, school_number=whole.school.last_number)
