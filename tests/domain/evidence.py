"""Entries that evidence is made of, as examples and at random: what people were asked for and gave, checks, advice, maps and sums."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from uuid import UUID

from app.domain.calendar import school_year_of
from app.domain.codes import NeedType
from app.domain.entries import (
    AttendanceSummarised,
    CareDescribed,
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    Domain,
    Entry,
    HealthcarePlanLinked,
    Measurement,
    MedicalConditionNoted,
    PaperNamed,
    Profession,
    ProgressChecked,
    ProvisionMapped,
    SessionDelivered,
    SpecialistAdvised,
    SpecialistInvolved,
)
from tests.domain.builders import MOTHER, TEACHER, a_plan, a_review, an_assessment, needs_set

BY: dict[ContributionKind, Contributor] = {
    ContributionKind.PARENTS_VIEW: Contributor(kind=ContributorKind.CONTACT, person=MOTHER),
    ContributionKind.PUPILS_VIEW: Contributor(kind=ContributorKind.PUPIL),
    ContributionKind.SPECIALISTS_REPORT: Contributor(kind=ContributorKind.SPECIALIST, involvement=2),
}
PDF = "application/pdf"


def by(kind: ContributionKind) -> Contributor:
    return BY.get(kind, Contributor(kind=ContributorKind.STAFF, person=TEACHER))


def a_paper(number: int = 1, *, pages: int | None = 2, size: int = 40_000, media_type: str = PDF) -> PaperNamed:
    return PaperNamed(id=UUID(int=0x700 + number), sha256="0" * 64, size=size, media_type=media_type, title="A paper", pages=pages)


def asked(kind: ContributionKind, on: date, due: date, *, of: int = 1, contributor: Contributor | None = None) -> ContributionAsked:
    return ContributionAsked(
        occurred_on=on, contribution=UUID(int=0x600 + of), kind=kind, contributor=contributor or by(kind), asks="Tell us.", due=due
    )


def given(kind: ContributionKind, on: date, *papers: PaperNamed, of: int = 1, dated_on: date | None = None) -> ContributionGiven:
    return ContributionGiven(
        occurred_on=on,
        contribution=UUID(int=0x600 + of),
        kind=kind,
        contributor=by(kind),
        words=None if papers else "Said.",
        papers=papers,
        dated_on=dated_on,
    )


def declined(on: date, *, of: int = 1) -> ContributionDeclined:
    return ContributionDeclined(occurred_on=on, contribution=UUID(int=0x600 + of))


def checked(*days: date, domain: Domain = Domain.ATTAINMENT, measure: str = "Reading age") -> ProgressChecked:
    measured = tuple(Measurement(taken_on=day, score=80.0) for day in days)
    return ProgressChecked(occurred_on=max(days), domain=domain, measure=measure, measurements=measured, comment="Slow.")


def advised(on: date, *, since: date = date(2014, 9, 2)) -> tuple[Entry, ...]:
    involved = SpecialistInvolved(occurred_on=since, profession=Profession.EDUCATIONAL_PSYCHOLOGIST, reason="Little progress")
    return involved, SpecialistAdvised(occurred_on=on, involvement=2, advice="Short daily practice.")


def a_cycle(number: int, planned: date, reviewed: date | None) -> tuple[Entry, ...]:
    plan = a_plan(planned, planned + timedelta(days=90), cycle=number)
    return (plan,) if reviewed is None else (plan, a_review(reviewed, cycle=number))


def a_session(on: date, cycle: int = 1, *, took_place: bool = True) -> SessionDelivered:
    return SessionDelivered(occurred_on=on, cycle=cycle, provision=1, minutes=10, delivered_by=TEACHER, took_place=took_place)


def attended(begins_on: date, ends_on: date) -> AttendanceSummarised:
    return AttendanceSummarised(occurred_on=ends_on, begins_on=begins_on, sessions_possible=380, sessions_attended=361)


def mapped(on: date, pence: int | None = None) -> ProvisionMapped:
    return ProvisionMapped(occurred_on=on, school_year=school_year_of(on), cost_in_pence=pence)


def _given(dice: Random, on: date) -> Entry:
    kind = dice.choice(list(ContributionKind))
    papers = tuple(a_paper(dice.randrange(200), pages=dice.choice((None, 1, 9, 16, 80))) for _ in range(dice.randint(0, 2)))
    return given(kind, on, *papers, of=100 * (1 + list(ContributionKind).index(kind)) + dice.randrange(30))


MAKERS: tuple[Callable[[Random, date], Entry], ...] = (
    _given,
    lambda dice, on: asked(
        dice.choice(list(ContributionKind)), on, on + timedelta(days=dice.randrange(40)), of=2_000 + dice.randrange(200)
    ),
    lambda dice, on: checked(on, on - timedelta(days=dice.randrange(1, 400)), domain=dice.choice(list(Domain))),
    lambda dice, on: SpecialistAdvised(occurred_on=on, involvement=2, advice="Daily practice."),
    lambda dice, on: mapped(on, dice.choice((None, 1, 600_000))),
    lambda dice, on: CareDescribed(occurred_on=on, is_looked_after=dice.random() < 0.5),
    lambda dice, on: attended(on - timedelta(days=dice.choice((20, 200, 400))), on),
    lambda dice, on: a_session(on, dice.randint(1, 3)),
    lambda dice, on: an_assessment(on, dice.randint(1, 3)),
    lambda dice, on: needs_set(on, dice.choice(list(NeedType))),
    lambda dice, on: MedicalConditionNoted(occurred_on=on),
    lambda dice, on: HealthcarePlanLinked(occurred_on=on, reference="file 12"),
)
"""What adds to the evidence and takes nothing away, each on a day of its own."""


def more_evidence(dice: Random, on: date) -> Entry:
    return dice.choice(MAKERS)(dice, on)
