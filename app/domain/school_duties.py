"""Steps of the school itself: its terms, what it must have and publish, its SENCO, its returns."""

from types import MappingProxyType
from typing import Final

from app.domain import terms
from app.domain.author import Author
from app.domain.binding import binding
from app.domain.decision import Decision
from app.domain.entries import Entry
from app.domain.roles import school_role_refusal
from app.domain.school import School
from app.domain.step import SchoolSteps
from app.domain.writers import SCHOOL_WRITERS


def write_down(school: School, entry: Entry, by: Author) -> Decision:
    """Add a fact about the school that stands by itself: refused only to an author to whom it is not given."""
    refusal = school_role_refusal(school, entry, by)
    return Decision.refused(refusal) if refusal else Decision.taken(entry, findings=binding(school, entry.occurred_on, ()))


STEPS: Final[SchoolSteps] = MappingProxyType({**dict.fromkeys(SCHOOL_WRITERS, write_down), **terms.STEPS})
