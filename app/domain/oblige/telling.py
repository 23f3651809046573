"""Duties to tell each person with the right to know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.calendar import young_person_from
from app.domain.codes import SenStatus
from app.domain.days import Reckoned, after
from app.domain.entries import CapacityDecided, CareDescribed, ContactDescribed, PersonTold, Recorded, SettingName
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.people import people_to_tell
from app.domain.periods import StatusPeriod
from app.domain.programmes import PROGRAMMES
from app.domain.record import Record
from app.domain.rules.children_and_families_act_2014 import INFORM_PARENTS_OF_SEN_PROVISION
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    END_SUPPORT_AT_A_REVIEW,
    EXPLAIN_THE_IMPACT_TO_PARENTS,
    MAKE_PARENTS_AWARE_OF_THE_PLAN,
)
from app.domain.rules.code_of_practice_2015.identification import GIVE_REASONS_FOR_NO_SEN
from app.domain.telling import ToBeTold, to_be_told

NOBODY_TO_TELL = ("person_to_tell",)
DECIDED_ELSEWHERE = ("telling_at_the_school_that_decided",)
CHANGE_WHO_IS_TOLD: Final = (ContactDescribed, CareDescribed, CapacityDecided)


def oblige_telling(record: Record, until: date) -> Iterator[Obligation]:
    """Each person to be told on the day a matter arises is told of it once; nobody to tell is not known, never kept.

    That holds from the first, or from the day on which the last who was still to be told was barred in time.
    Where the rights pass before the last day to the young person or who acts for them, and nobody was told yet, these are to be told.
    """
    for recorded in record.entries:
        for owed in to_be_told(record.school, recorded.entry):
            yield from _owed_to_each(record, recorded, owed)


def oblige_telling_of_imported_support(record: Record, until: date) -> Iterator[Obligation]:
    """SEN Support that began elsewhere was to be told elsewhere: that is not known, unless somebody was told here."""
    for period in record.statuses:
        if period.imported and period.status is SenStatus.SEN_SUPPORT:
            yield _imported(record, period)


def _owed_to_each(record: Record, about: Recorded, owed: ToBeTold) -> Iterator[Obligation]:
    persons = [person.id for person in people_to_tell(record, _day_to_ask(record, owed.arises_on)).persons]
    told = _first_told(record, about.number)
    found = []
    for person in persons:
        last, ended_on = _barred_and_back(record, person, owed)
        within = replace(owed, due=last.day, missing=last.missing)
        found.append(_obligation(within, about.number, person, told.get(person), ended_on=ended_on))
    for person, day in _passed_on(record, owed, persons, told):
        found.append(_obligation(replace(owed, arises_on=day), about.number, person, told.get(person), ended_on=None))
    yield from found
    if all(each.ended_unmet for each in found):
        yield Obligation(
            rule=owed.rule,
            shape=Shape.DATED,
            occasion=str(about.number),
            arises_on=max((each.ended_on for each in found if each.ended_on), default=owed.arises_on),
            due=owed.due,
            missing=NOBODY_TO_TELL,
        )


def _passed_on(record: Record, owed: ToBeTold, persons: list[UUID], told: dict[UUID, Recorded]) -> Iterator[tuple[UUID, date]]:
    """Give who came to hold the rights in time, and from which day, before any of those first to be told was told."""
    found, last = set(persons), owed.due or owed.arises_on
    for day in _days_of_passing(record):
        if owed.arises_on < day <= last and not any(_was_told_before(told.get(person), day) for person in found):
            new = [person.id for person in people_to_tell(record, day).persons if person.id not in found]
            found.update(new)
            yield from ((person, day) for person in new)


def _obligation(owed: ToBeTold, about: int, person: UUID, telling: Recorded | None, *, ended_on: date | None) -> Obligation:
    return Obligation(
        rule=owed.rule,
        shape=Shape.DATED,
        occasion=str(about),
        person=person,
        arises_on=owed.arises_on,
        due=owed.due,
        met_on=telling.entry.occurred_on if telling else None,
        met_by=telling.number if telling else None,
        ended_on=ended_on,
        missing=owed.missing,
    )


def _day_to_ask(record: Record, arises_on: date) -> date:
    """The day the matter arises, or the first on which any contact is described, for the contacts may be loaded after the decision."""
    first = next((described.occurred_on for _, described in record.each(ContactDescribed)), arises_on)
    return max(arises_on, first)


def _first_told(record: Record, about: int) -> dict[UUID, Recorded]:
    first: dict[UUID, Recorded] = {}
    for recorded in record.tellings(about):
        if isinstance(recorded.entry, PersonTold):
            first.setdefault(recorded.entry.person, recorded)
    return first


def _barred_and_back(record: Record, person: UUID, owed: ToBeTold) -> tuple[Reckoned, date | None]:
    """The last day to tell this person, and the first day from which they are not to be told any more.

    Somebody who was barred in time and may be told again is to be told within as many days from then as there were at first.
    """
    last, barred_on = Reckoned(owed.due, owed.missing), None
    for day, told in record.once(_told_by_day):
        if day <= owed.arises_on:
            continue
        may_be_told = person in told
        if may_be_told and barred_on is not None:
            last = _begun_again(record, owed, last, barred_on, day)
            barred_on = None
        elif not may_be_told and barred_on is None:
            barred_on = day
    return last, barred_on


def _told_by_day(record: Record) -> tuple[tuple[date, frozenset[UUID]], ...]:
    """The days on which it may change who is told, each with whoever is told from then on."""
    changed = (recorded.entry.occurred_on for kind in CHANGE_WHO_IS_TOLD for recorded in record.all(kind))
    days = sorted({*changed, *_days_of_passing(record)})
    return tuple((day, frozenset(person.id for person in people_to_tell(record, day).persons)) for day in days)


def _begun_again(record: Record, owed: ToBeTold, last: Reckoned, barred_on: date, back_on: date) -> Reckoned:
    """Count anew from the day on which somebody who was barred in time may be told again; the later of the two last days holds."""
    if last.day is None or barred_on > last.day:
        return last
    again = after(back_on, owed.within, record.school.calendar)
    return again if again.day is None or again.day > last.day else last


def _days_of_passing(record: Record) -> tuple[date, ...]:
    """The days on which the rights may change hands: the end of compulsory school age, and decisions about capacity after it."""
    if record.date_of_birth is None:
        return ()
    passes = young_person_from(record.date_of_birth)
    decided = {entry.occurred_on for _, entry in record.each(CapacityDecided) if entry.occurred_on > passes}
    return (passes, *sorted(decided))


def _was_told_before(telling: Recorded | None, day: date) -> bool:
    return telling is not None and telling.entry.occurred_on < day


def _imported(record: Record, period: StatusPeriod) -> Obligation:
    telling = next(iter(record.tellings(period.number)), None)
    within = record.school.last_day(SettingName.TELL_WITHIN_DAYS, period.since)
    return Obligation(
        rule=INFORM_PARENTS_OF_SEN_PROVISION,
        shape=Shape.DATED,
        occasion=str(period.number),
        arises_on=period.since,
        due=telling.entry.occurred_on if telling else within.day,
        met_on=telling.entry.occurred_on if telling else None,
        met_by=telling.number if telling else None,
        missing=() if telling else DECIDED_ELSEWHERE,
    )


DUTIES: Final[tuple[Duty, ...]] = (
    oblige_telling,
    oblige_telling_of_imported_support,
)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        INFORM_PARENTS_OF_SEN_PROVISION.id: (PersonTold,),
        GIVE_REASONS_FOR_NO_SEN.id: (PersonTold,),
        **{programme.rules.tell.id: (PersonTold,) for programme in PROGRAMMES.values()},
        MAKE_PARENTS_AWARE_OF_THE_PLAN.id: (PersonTold,),
        EXPLAIN_THE_IMPACT_TO_PARENTS.id: (PersonTold,),
        END_SUPPORT_AT_A_REVIEW.id: (PersonTold,),
    }
)
