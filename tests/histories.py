"""Random histories of one pupil at one school: entries, corrections, withdrawals, erasures and the school's own, in the order of writing.

A history is plausible and not always lawful: what is folded and derived must hold for whatever was written.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

from app.domain.codes import SchoolType, SenStatus, StaffRole
from app.domain.entries import (
    CapacityDecided,
    CareDescribed,
    ConcernAnswered,
    ConcernRaised,
    ContactDescribed,
    EhcAssessmentRequested,
    EhcPlanIssued,
    Entry,
    EntryErased,
    EntryWithdrawn,
    Erased,
    EvidenceReceived,
    HomeDescribed,
    Judgement,
    Matter,
    MeetingHeld,
    PersonTold,
    PlanAgreed,
    PupilEnrolled,
    PupilLeft,
    Raiser,
    Recorded,
    Requester,
    ReviewDateMoved,
    ReviewHeld,
    RoleEnded,
    RoleGiven,
    SchoolDescribed,
    SenDecided,
    SettingChanged,
    SettingName,
    SharingAgreed,
    StaffTold,
    StatusImported,
    SupportEnded,
    Telling,
    TermDated,
    TermName,
    TransitionDecided,
)
from app.domain.entries.school import DayUnit
from tests.domain.builders import (
    AS_SENCO,
    ASSISTANT,
    FATHER,
    GRANDMOTHER,
    HEAD,
    MOTHER,
    PUPIL,
    SAID,
    SENCO,
    TEACHER,
    a_concern,
    a_contact,
    a_plan,
    a_review,
    a_transition,
    an_assessment,
    enrolled,
    imported,
    plan_ceased,
    plan_issued,
    sen_decided,
    support_ended,
)

OPENS: Final = date(2013, 9, 2)
"""The day on which each history begins to be written, so that the reform of 2014 and the window after it lie inside."""
HOW_MANY: Final = int(os.environ.get("HISTORIES", "25"))
"""How many random histories each test rewinds; `HISTORIES=1000` makes the long run."""
CONTACTS: Final = (MOTHER, FATHER, GRANDMOTHER)
REQUEST: Final = UUID(int=0x601)
Known = Sequence[Recorded]
Maker = Callable[[Random, Known, date], Entry | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is written next: an entry, perhaps in the place of another, or the erasure of what an entry says."""

    entry: Entry
    is_the_schools: bool = False
    supersedes: int | None = None
    erases: int | None = None


def _days_off(dice: Random, day: date, most: int) -> date:
    return day + timedelta(days=dice.randrange(most))


def _number(dice: Random, known: Known, kind: type[Entry]) -> int | None:
    found = [recorded.number for recorded in known if isinstance(recorded.entry, kind)]
    return dice.choice(found) if found else None


def _contact(dice: Random, known: Known, on: date) -> Entry:
    facts = ("parental_responsibility", "has_care", "natural_parent")
    barred = {name: dice.random() < 0.15 for name in ("contact_restricted", "information_restricted")}
    return a_contact(dice.choice(CONTACTS), on, **{name: dice.random() < 0.6 for name in facts}, **barred)


def _sharing(dice: Random, known: Known, on: date) -> Entry:
    return SharingAgreed(occurred_on=on, contact=dice.choice(CONTACTS), agrees=dice.random() < 0.7)


def _capacity(dice: Random, known: Known, on: date) -> Entry:
    representative = dice.choice((None, *CONTACTS))
    return CapacityDecided(occurred_on=on, has_capacity=dice.random() < 0.4, representative=representative, basis="Best interests meeting")


def _care(dice: Random, known: Known, on: date) -> Entry:
    worker = dice.choice((None, GRANDMOTHER))
    has = dice.random() < 0.5
    return CareDescribed(occurred_on=on, is_looked_after=dice.random() < 0.7, authority="999", has_responsibility=has, social_worker=worker)


def _answer(dice: Random, known: Known, on: date) -> Entry | None:
    concern = _number(dice, known, ConcernRaised)
    return None if concern is None else ConcernAnswered(occurred_on=on, concern=concern, answer="We see it too.")


def _told(dice: Random, known: Known, on: date) -> Entry | None:
    about, matter = dice.choice(
        ((SenDecided, Matter.SEN_PROVISION), (PlanAgreed, Matter.PLAN), (ReviewHeld, Matter.REVIEW), (TransitionDecided, Matter.TRANSITION))
    )
    number = _number(dice, known, about)
    if number is None:
        return None
    person = dice.choice((PUPIL, *CONTACTS))
    return PersonTold(occurred_on=on, person=person, matter=matter, about=number, notice=None, how=Telling.IN_PERSON)


def _moved(dice: Random, known: Known, on: date) -> Entry:
    review_on = _days_off(dice, on, 90)
    return ReviewDateMoved(occurred_on=on, cycle=dice.randint(1, 3), review_on=review_on, agreed_with_parents_on=on, reason="Agreed.")


def _end(dice: Random, known: Known, on: date) -> Entry | None:
    review = _number(dice, known, ReviewHeld)
    return None if review is None else support_ended(on, review)


def _met(dice: Random, known: Known, on: date) -> Entry:
    came = tuple(dice.sample(CONTACTS, dice.randint(0, 2)))
    return MeetingHeld(
        occurred_on=on,
        led_by=TEACHER,
        senco_present=True,
        minutes=30,
        attended_by=came,
        declined_by=(MOTHER,) if not came else (),
        pupils_view=SAID,
        agreed="Read daily.",
        shared_with_staff_on=on if dice.random() < 0.6 else None,
        given_to_parents_on=_days_off(dice, on, 20) if dice.random() < 0.6 else None,
    )


def _asked(dice: Random, known: Known, on: date) -> Entry:
    facts = {"request": REQUEST, "requester": Requester.SCHOOL, "contact": None, "authority": "999", "reason": "Needs more."}
    return EhcAssessmentRequested(occurred_on=on, **facts)


def _moving(dice: Random, known: Known, on: date) -> Entry:
    came_from = dice.choice((SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS))
    return a_transition(on, dice.choice(list(Judgement)), came_from)


MAKERS: Final[Mapping[type[Entry], Maker]] = {
    ContactDescribed: _contact,
    SharingAgreed: _sharing,
    CapacityDecided: _capacity,
    CareDescribed: _care,
    HomeDescribed: lambda dice, known, on: HomeDescribed(occurred_on=on, authority=dice.choice(("999", "998"))),
    StatusImported: lambda dice, known, on: imported(dice.choice(list(SenStatus)), on),
    SenDecided: lambda dice, known, on: sen_decided(on, dice.choice(list(Judgement))),
    TransitionDecided: _moving,
    ConcernRaised: lambda dice, known, on: a_concern(on, dice.choice(list(Raiser))),
    ConcernAnswered: _answer,
    PlanAgreed: lambda dice, known, on: a_plan(on, _days_off(dice, on, 120), dice.randint(1, 3)),
    ReviewHeld: lambda dice, known, on: a_review(on, dice.randint(1, 3)),
    ReviewDateMoved: _moved,
    StaffTold: lambda dice, known, on: StaffTold(occurred_on=on, cycle=dice.randint(1, 3), staff=(ASSISTANT, TEACHER)),
    SupportEnded: _end,
    MeetingHeld: _met,
    PersonTold: _told,
    EhcAssessmentRequested: _asked,
    EvidenceReceived: lambda dice, known, on: EvidenceReceived(occurred_on=on, request=REQUEST, deemed=True, bundle_digest=None),
    EhcPlanIssued: lambda dice, known, on: plan_issued(on),
    PupilEnrolled: lambda dice, known, on: enrolled(date(dice.randint(1994, 2010), dice.choice((8, 9)), dice.choice((1, 31 - 1))), on),
    PupilLeft: lambda dice, known, on: PupilLeft(occurred_on=on, reason="Moved away."),
}
"""A maker by the kind it makes, so that a correction can be one of its kind; None where there is nothing yet to speak of."""
OFTEN: Final = (ContactDescribed, SenDecided, PlanAgreed, ReviewHeld, PersonTold, PersonTold, ConcernRaised, ConcernAnswered, StaffTold)
PLAIN: Final = (lambda dice, known, on: an_assessment(on, dice.randint(1, 3)), lambda dice, known, on: plan_ceased(on))


def _role(dice: Random, known: Known, on: date) -> Entry:
    facts = {"occurred_on": on, "staff": TEACHER, "role": StaffRole.TEACHER}
    return RoleEnded(**facts) if dice.random() < 0.5 else RoleGiven(**facts)


def _setting(dice: Random, known: Known, on: date) -> Entry:
    names = (SettingName.TELL_WITHIN_DAYS, SettingName.REPORT_REVIEW_WITHIN_DAYS, SettingName.ANSWER_CONCERN_WITHIN_DAYS)
    return SettingChanged(occurred_on=on, setting=dice.choice(names), value=dice.randint(0, 30), unit=dice.choice(list(DayUnit)))


def _described(dice: Random, known: Known, on: date) -> Entry:
    kind = dice.choice((SchoolType.MAINTAINED_MAINSTREAM, SchoolType.ACADEMY_MAINSTREAM, SchoolType.MAINTAINED_SPECIAL))
    return SchoolDescribed(occurred_on=on, school_type=kind, authority="999", record_begins_on=date(2014, dice.choice((1, 9)), 1))


def _term(dice: Random, known: Known, on: date) -> Entry:
    return TermDated(occurred_on=on, term=dice.choice(list(TermName)), first_on=on, last_on=_days_off(dice, on, 90))


OF_THE_SCHOOL: Final[tuple[Maker, ...]] = (_role, _setting, _described, _term)


def opening(dice: Random) -> tuple[Line, ...]:
    """Give what every history begins with: the school, one of each role, and a pupil on roll with a mother."""
    school = SchoolDescribed(
        occurred_on=date(2010, 1, 1), school_type=SchoolType.MAINTAINED_MAINSTREAM, authority="999", record_begins_on=date(2012, 9, 1)
    )
    roles = {HEAD: StaffRole.HEAD, SENCO: StaffRole.SENCO, TEACHER: StaffRole.TEACHER}
    given = [RoleGiven(occurred_on=date(2010, 1, 1), staff=person, role=role) for person, role in roles.items()]
    born = date(dice.randint(1994, 2008), dice.choice((3, 8, 9)), dice.choice((1, 30)))
    pupil = [enrolled(born, date(2012, 9, 3)), a_contact(MOTHER, date(2012, 9, 3))]
    return (*(Line(entry=entry, is_the_schools=True) for entry in (school, *given)), *(Line(entry=entry) for entry in pupil))


def next_line(dice: Random, known: Known, today: date) -> Line:
    """Give what is written next on a day, after what is known already."""
    chance = dice.random()
    on = max(date(2012, 9, 3), today - timedelta(days=dice.choice((0, 0, 0, 1, 7, 30, 200))))
    theirs = [recorded for recorded in known if recorded.pupil is not None]
    found = None
    if chance < 0.12:
        found = _correction(dice, theirs, on)
    elif chance < 0.17:
        found = _withdrawal(dice, theirs, today)
    elif chance < 0.21:
        found = _erasure(dice, theirs, today)
    elif chance < 0.29:
        made = dice.choice(OF_THE_SCHOOL)(dice, known, on)
        found = Line(entry=made, is_the_schools=True) if made else None
    return found or _plain(dice, theirs, on)


def _plain(dice: Random, known: Known, on: date) -> Line:
    makers = [*(MAKERS[kind] for kind in (*MAKERS, *OFTEN, *OFTEN)), *PLAIN]
    made = (dice.choice(makers)(dice, known, on) for _ in range(100))
    return Line(entry=next(entry for entry in made if entry is not None))


def _correction(dice: Random, known: Known, on: date) -> Line | None:
    mendable = [recorded for recorded in known if type(recorded.entry) in MAKERS]
    target = dice.choice(mendable) if mendable else None
    made = MAKERS[type(target.entry)](dice, known, on) if target else None
    return Line(entry=made, supersedes=target.number) if made and target else None


def _withdrawal(dice: Random, known: Known, today: date) -> Line | None:
    target = dice.choice([recorded for recorded in known if not isinstance(recorded.entry, PupilEnrolled)] or [None])
    return Line(entry=EntryWithdrawn(occurred_on=today, reason="In error."), supersedes=target.number) if target else None


def _erasure(dice: Random, known: Known, today: date) -> Line | None:
    target = dice.choice([r for r in known if not isinstance(r.entry, EntryErased | Erased | PupilEnrolled)] or [None])
    if target is None:
        return None
    return Line(entry=EntryErased(occurred_on=today, number=target.number, reason="Asked for."), erases=target.number)


def erased(known: Known, number: int) -> tuple[Recorded, ...]:
    """Give a ledger in which one entry says nothing any more but of what kind it was and on which day it happened."""
    return tuple(_emptied(recorded) if recorded.number == number else recorded for recorded in known)


def _emptied(recorded: Recorded) -> Recorded:
    entry = Erased(occurred_on=recorded.entry.occurred_on, erased_type=recorded.entry.type)
    return replace(recorded, entry=entry)


def written(known: Known, line: Line, number: int, at: datetime) -> tuple[Recorded, ...]:
    """Give the ledger after a line was written under a number at a moment."""
    pupil = None if line.is_the_schools else PUPIL
    new = Recorded(number=number, recorded_at=at, author=AS_SENCO, entry=line.entry, pupil=pupil, supersedes=line.supersedes)
    return (*(known if line.erases is None else erased(known, line.erases)), new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A ledger as it stood when a number was its last, and the day of writing."""

    number: int
    day: date
    ledger: tuple[Recorded, ...]


def history(dice: Random, lines: int) -> tuple[Moment, ...]:
    """Write a history of some lines after its opening, with gaps in the numbers where others' entries are; a moment for each line."""
    known: tuple[Recorded, ...] = ()
    moments: list[Moment] = []
    number, day = 0, OPENS
    for n, line in enumerate([*opening(dice), *[None] * lines]):
        number += dice.choice((1, 1, 1, 2, 5))
        day += timedelta(days=dice.choice((0, 0, 1, 10, 60, 200)) if line is None else 0)
        at = datetime.combine(day, time(9), UTC) + timedelta(microseconds=n)
        known = written(known, line or next_line(dice, known, day), number, at)
        moments.append(Moment(number=number, day=day, ledger=known))
    return tuple(moments)
