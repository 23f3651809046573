"""Duties on the way to a decision: a concern answered, a short note given."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.entries import ConcernAnswered, ConcernRaised, DiscussionHeld, Raiser, Recorded, SettingName
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules.code_of_practice_2015.identification import (
    ANSWER_A_PARENTS_CONCERN,
    ANSWER_A_PUPILS_CONCERN,
    GIVE_PARENTS_A_SHORT_NOTE,
)

ANSWERED: Final[Mapping[Raiser, Rule]] = MappingProxyType({Raiser.PARENT: ANSWER_A_PARENTS_CONCERN, Raiser.PUPIL: ANSWER_A_PUPILS_CONCERN})


def oblige_answer(record: Record, until: date) -> Iterator[Obligation]:
    """A concern of a parent or pupil is answered within the school's own number of days; the Code names none."""
    answers: dict[int, Recorded] = {}
    for recorded, answered in record.each(ConcernAnswered):
        answers.setdefault(answered.concern, recorded)
    for recorded, concern in record.each(ConcernRaised):
        rule, answer = ANSWERED.get(concern.raised_by), answers.get(recorded.number)
        if rule is not None:
            within = record.school.last_day(SettingName.ANSWER_CONCERN_WITHIN_DAYS, concern.occurred_on)
            yield Obligation(
                rule=rule,
                shape=Shape.DATED,
                occasion=str(recorded.number),
                person=concern.contact,
                arises_on=concern.occurred_on,
                due=within.day,
                met_on=answer.entry.occurred_on if answer else None,
                met_by=answer.number if answer else None,
                missing=within.missing,
            )


def oblige_short_note(record: Record, until: date) -> Iterator[Obligation]:
    """The parents get the short note of an early discussion within the school's own days for telling."""
    for recorded, talk in record.each(DiscussionHeld):
        if talk.with_parents:
            within = record.school.last_day(SettingName.TELL_WITHIN_DAYS, talk.occurred_on)
            yield Obligation(
                rule=GIVE_PARENTS_A_SHORT_NOTE,
                shape=Shape.DATED,
                occasion=str(recorded.number),
                arises_on=talk.occurred_on,
                due=within.day,
                met_on=talk.note_given_on,
                met_by=recorded.number if talk.note_given_on else None,
                missing=within.missing,
            )


DUTIES: Final[tuple[Duty, ...]] = (
    oblige_answer,
    oblige_short_note,
)
MET_BY: Final[MetBy] = MappingProxyType({ANSWER_A_PARENTS_CONCERN.id: (ConcernAnswered,), ANSWER_A_PUPILS_CONCERN.id: (ConcernAnswered,)})
