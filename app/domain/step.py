"""What a step is: a function that answers whether an entry may be added, and with which remarks. It does nothing itself."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import Entry
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.school import School

PupilStep = Callable[[Record, Any, Author], Decision]
SchoolStep = Callable[[School, Any, Author], Decision]
PupilSteps = Mapping[type[Entry], PupilStep]
SchoolSteps = Mapping[type[Entry], SchoolStep]


def write_down(record: Record, entry: Entry, by: Author) -> Decision:
    """Add a fact that stands by itself: refused only to an author to whom it is not given."""
    return answered(record, entry, role_refusal(record, entry, by))
