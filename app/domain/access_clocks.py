"""By when a request to see a record is to be answered: school days for a parent's, a month with pauses and extensions for the rest."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from app.domain.calendar import add_months
from app.domain.days import Count, DayKind, Reckoned, after
from app.domain.entries import AccessAsked, AccessExtended, AccessPaused, AccessResumed, AccessRight
from app.domain.record import Record

SCHOOL_DAYS_TO_SHOW: Final = Count(15, DayKind.SCHOOL_DAYS)
MONTHS_TO_ANSWER: Final = 1
PAUSES_COUNT_FROM: Final = date(2026, 2, 5)
"""The day on which the Data (Use and Access) Act 2025 let the clock stand still; days before it are counted all the same."""


def asked_by(record: Record, number: int) -> AccessAsked | None:
    """The request that an entry of that number made, None if it made none."""
    recorded = record.entry(number)
    return recorded.entry if recorded and isinstance(recorded.entry, AccessAsked) else None


def due_of(record: Record, number: int, asked: AccessAsked) -> Reckoned:
    """The last day for an answer, inside; while something is awaited the clock has no end, and what is awaited is named."""
    if asked.right is AccessRight.EDUCATIONAL_RECORD:
        return after(asked.occurred_on, SCHOOL_DAYS_TO_SHOW, record.school.calendar)
    months = MONTHS_TO_ANSWER + sum(e.months for _, e in record.each(AccessExtended) if e.asked == number and was_in_time(asked, e))
    due, stood_still = add_months(asked.occurred_on, months), 0
    for paused, resumed_on in _pauses(record, number):
        if resumed_on is None:
            return Reckoned(None, (f"{paused.awaited} awaited since {paused.occurred_on}",))
        stood_still += max(0, (resumed_on - max(paused.occurred_on, PAUSES_COUNT_FROM)).days)
    return Reckoned(due + timedelta(days=stood_still))


def was_in_time(asked: AccessAsked, extended: AccessExtended) -> bool:
    """Whether the person was told of an extension within the first month, its last day inside."""
    return extended.occurred_on <= add_months(asked.occurred_on, MONTHS_TO_ANSWER)


def is_paused(record: Record, number: int) -> bool:
    """Whether the clock of a request stands still."""
    return any(resumed_on is None for _, resumed_on in _pauses(record, number))


def _pauses(record: Record, number: int) -> Iterator[tuple[AccessPaused, date | None]]:
    """Each pause with the day on which the clock went on, None while it stands still; a pause of one day and the next are apart."""
    resumed = [(r.number, e.occurred_on) for r, e in record.each(AccessResumed) if e.asked == number]
    for recorded, paused in record.each(AccessPaused):
        if paused.asked == number:
            place = (paused.occurred_on, recorded.number)
            following = (on for resuming, on in resumed if (on, resuming) > place)
            yield paused, next(following, None)
