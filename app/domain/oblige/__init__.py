"""Which duties a record or a school gives rise to, one file per noun; app.domain.obligations gathers them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from app.domain.entries import Entry
from app.domain.obligation import Obligation
from app.domain.record import Record
from app.domain.school import School

Duty = Callable[[Record, date], Iterator[Obligation]]
"""Derives what one duty asks for of a record, up to a day where it would go on for ever."""
SchoolDuty = Callable[[School, date], Iterator[Obligation]]
"""Derives what one duty asks for of the school itself, without regard to any pupil."""
MetBy = Mapping[str, tuple[type[Entry], ...]]
"""The kinds of entry that discharge a rule's duty; where one was erased, an unmet duty may have been met and is not known."""
