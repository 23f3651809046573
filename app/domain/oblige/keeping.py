"""The duty to send a record on when the pupil goes to another school."""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.days import Count, DayKind, after
from app.domain.entries import PupilEnrolled, PupilLeft, Recorded, RecordSent, TransferPart
from app.domain.keeping import destination_of
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.record import Record
from app.domain.rules.pupil_information_regulations_2005 import SEND_THE_RECORD_ON

FIFTEEN_SCHOOL_DAYS: Final = Count(15, DayKind.SCHOOL_DAYS)


def oblige_sending(record: Record, until: date) -> Iterator[Obligation]:
    """For each leaving to another school: file and record sent by the 15th school day after it (inside), by which both had gone.

    Coming back ends it. A sending on or after the day of the leaving before this one counts, so that what went ahead is not lost.
    """
    came = [entry.occurred_on for _, entry in record.each(PupilEnrolled)]
    for recorded, left in record.each(PupilLeft):
        if left.occurred_on > until or destination_of(left) is None:
            continue
        reckoned = after(left.occurred_on, FIFTEEN_SCHOOL_DAYS, record.school.calendar)
        returned = min((day for day in came if day > left.occurred_on), default=None)
        met = _sent_whole(record, max((day for day in came if day <= left.occurred_on), default=date.min), returned)
        met_on = None if met is None else max(met.entry.occurred_on, left.occurred_on)
        yield Obligation(
            rule=SEND_THE_RECORD_ON,
            shape=Shape.DATED,
            occasion=str(recorded.number),
            arises_on=left.occurred_on,
            due=reckoned.day,
            met_on=met_on,
            met_by=None if met is None else met.number,
            ended_on=returned,
            missing=() if met_on == left.occurred_on else reckoned.missing,
        )


def _sent_whole(record: Record, since: date, returned: date | None) -> Recorded | None:
    """The sending with which both parts had gone, in the time on roll that began on a day and the leaving that ended it."""
    wanting = set(TransferPart)
    for recorded, sent in record.each(RecordSent):
        if sent.occurred_on >= since and (returned is None or sent.occurred_on < returned):
            wanting -= set(sent.parts)
            if not wanting:
                return recorded
    return None


DUTIES: Final[tuple[Duty, ...]] = (oblige_sending,)
MET_BY: Final[MetBy] = MappingProxyType({SEND_THE_RECORD_ON.id: (RecordSent,)})
