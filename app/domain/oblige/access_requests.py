"""Duties towards people who ask to see a record, or complain of how data are handled."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.access_clocks import due_of
from app.domain.access_requests import rule_of
from app.domain.entries import AccessAnswered, AccessAsked, AccessRight, DataComplaintAcknowledged, DataComplaintMade
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.record import Record
from app.domain.rules.data_protection import ACKNOWLEDGE_A_DATA_COMPLAINT, ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH
from app.domain.rules.pupil_information_regulations_2005 import SHOW_THE_EDUCATIONAL_RECORD

DAYS_TO_ACKNOWLEDGE: Final = timedelta(days=30)
COMPLAINTS_SINCE: Final = date(2026, 6, 19)
"""The day from which a complaint about personal data is to be acknowledged within so many days."""


def oblige_access(record: Record, until: date) -> Iterator[Obligation]:
    """A request to see the record is answered by its day; for the educational record only one made in writing starts the clock."""
    answers = {answer.asked: recorded for recorded, answer in reversed(tuple(record.each(AccessAnswered)))}
    for recorded, asked in record.each(AccessAsked):
        if asked.right is AccessRight.EDUCATIONAL_RECORD and not asked.in_writing:
            continue
        due, met = due_of(record, recorded.number, asked), answers.get(recorded.number)
        yield Obligation(
            rule=rule_of(asked),
            shape=Shape.DATED,
            occasion=str(recorded.number),
            person=asked.person,
            arises_on=asked.occurred_on,
            due=due.day,
            met_on=met.entry.occurred_on if met else None,
            met_by=met.number if met else None,
            missing=due.missing,
        )


def oblige_acknowledgement(record: Record, until: date) -> Iterator[Obligation]:
    """A complaint made on 19 June 2026 or later is acknowledged within thirty days, the last inside."""
    found = {acknowledged.complaint: recorded for recorded, acknowledged in reversed(tuple(record.each(DataComplaintAcknowledged)))}
    for recorded, made in record.each(DataComplaintMade):
        if made.occurred_on >= COMPLAINTS_SINCE:
            met = found.get(recorded.number)
            yield Obligation(
                rule=ACKNOWLEDGE_A_DATA_COMPLAINT,
                shape=Shape.DATED,
                occasion=str(recorded.number),
                person=made.person,
                arises_on=made.occurred_on,
                due=made.occurred_on + DAYS_TO_ACKNOWLEDGE,
                met_on=met.entry.occurred_on if met else None,
                met_by=met.number if met else None,
            )


DUTIES: Final[tuple[Duty, ...]] = (oblige_access, oblige_acknowledgement)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        SHOW_THE_EDUCATIONAL_RECORD.id: (AccessAnswered,),
        ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.id: (AccessAnswered,),
        ACKNOWLEDGE_A_DATA_COMPLAINT.id: (DataComplaintAcknowledged,),
    }
)
