"""What a request's clocks show on a day, and until when its decisions may be appealed: for the school and for the authority alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.domain.appeals import appeal_until, is_open_to_appeal
from app.domain.days import Reckoned
from app.domain.obligation import Obligation
from app.domain.obligations import obligations
from app.domain.oblige.ehc import WEEKS
from app.domain.record import Record
from app.domain.request_course import Course
from app.domain.rules.send_regulations_2014.assessments import LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT

CLOCKS: Final = frozenset({LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT.id, *(rule.id for rule, _ in WEEKS.values())})


@dataclass(frozen=True, slots=True, kw_only=True)
class RightOfAppeal:
    """The last day to appeal against the decision with this number, inside, or the calendars without which it is not known."""

    decision: int
    decided_on: date
    until: Reckoned


def clocks_of(record: Record, course: Course, on: date) -> tuple[Obligation, ...]:
    """The clocks that had begun by a day for a request: the authority's, those of its drafts, and those of the advice asked for on it."""
    occasions = {str(course.number), *(str(step.number) for step in course.steps)}
    return tuple(owed for owed in obligations(record, until=on) if owed.rule.id in CLOCKS and owed.occasion in occasions)


def appeals_of(record: Record, course: Course) -> Iterator[RightOfAppeal]:
    """The rights of appeal that decisions on a request gave, in their order."""
    for step in course.steps:
        if is_open_to_appeal(step.entry):
            yield RightOfAppeal(decision=step.number, decided_on=step.entry.occurred_on, until=appeal_until(record, step))
