"""How a record stands beside each thing that a profile asks for: met, partly, missing or not applicable, on both sides of each bound."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.codes import NeedType
from app.domain.entries import (
    AttendanceSummarised,
    CareDescribed,
    ContributionKind,
    Domain,
    Entry,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    Phase,
    PhaseMovePlanned,
    ProvisionMapped,
    PupilEnrolled,
    SessionDelivered,
)
from app.domain.profile import Expectation, Looks, Mender
from app.domain.profiles.national import NATIONAL
from app.domain.readiness import LOOKS, Readiness, Weighed, readiness
from tests.domain.builders import TEACHER, a_plan, a_record, an_assessment, enrolled, needs_set
from tests.domain.evidence import a_cycle, advised, checked, given

ON = date(2016, 3, 1)
WANTED_BY = date(2016, 4, 15)
MET, PARTLY, MISSING, NOT_APPLICABLE = Readiness.MET, Readiness.PARTLY, Readiness.MISSING, Readiness.NOT_APPLICABLE


def weighed(looks: Looks, *entries: Entry, least: int | None = None, months: int | None = None) -> Weighed:
    expectation = Expectation(id="one", asks="The thing itself", looks=looks, mender=Mender.SENCO, least=least, months=months)
    profile = replace(NATIONAL, expectations=(expectation,))
    (found,) = readiness(a_record(enrolled(), *entries), profile, ON, wanted_by=WANTED_BY)
    return found


def aged_18_on(day: date) -> PupilEnrolled:
    return enrolled(born=day.replace(year=day.year - 18))


ONE_REVIEWED = a_cycle(1, date(2015, 1, 12), date(2015, 4, 10))
TWO_REVIEWED = (*ONE_REVIEWED, *a_cycle(2, date(2015, 5, 12), date(2015, 8, 10)))
SESSION = SessionDelivered(occurred_on=date(2015, 2, 2), cycle=1, provision=1, minutes=10, delivered_by=TEACHER, took_place=True)
YEAR = AttendanceSummarised(occurred_on=date(2016, 2, 1), begins_on=date(2015, 2, 1), sessions_possible=380, sessions_attended=361)
MOVE = PhaseMovePlanned(occurred_on=date(2015, 11, 2), to=Phase.POST_16, moves_on=date(2016, 9, 1), preparation="Visits.")
DAYS = [date(2015, 1, 5), date(2015, 9, 5), date(2016, 1, 5)]

CASES = [
    (Looks.ATTAINMENT, (), {"least": 2}, MISSING),
    (Looks.ATTAINMENT, (checked(DAYS[0]),), {"least": 2}, PARTLY),
    (Looks.ATTAINMENT, (checked(DAYS[0]), checked(DAYS[1], measure="Spelling age")), {"least": 2}, PARTLY),
    (Looks.ATTAINMENT, (checked(*DAYS[:2], domain=Domain.SOCIAL),), {"least": 2}, MISSING),
    (Looks.ATTAINMENT, (checked(*DAYS[:2]),), {"least": 2}, MET),
    (Looks.ATTAINMENT, (checked(*DAYS),), {"least": 3, "months": 13}, PARTLY),
    (Looks.ATTAINMENT, (checked(*DAYS),), {"least": 3, "months": 14}, MET),
    (Looks.WIDER_DEVELOPMENT, (checked(DAYS[0]),), {}, MISSING),
    (Looks.WIDER_DEVELOPMENT, (checked(DAYS[0], domain=Domain.EMOTIONAL),), {}, MET),
    (Looks.WIDER_DEVELOPMENT, advised(date(2015, 1, 5)), {}, MET),
    (Looks.NEEDS, (), {}, MISSING),
    (Looks.NEEDS, (needs_set(date(2015, 1, 5), NeedType.SLCN),), {}, PARTLY),
    (Looks.NEEDS, (an_assessment(date(2015, 1, 5)),), {}, PARTLY),
    (Looks.NEEDS, (needs_set(date(2015, 1, 5), NeedType.SLCN), an_assessment(date(2015, 1, 5))), {}, MET),
    (Looks.ACTION_TAKEN, (an_assessment(date(2015, 1, 5)),), {}, MISSING),
    (Looks.ACTION_TAKEN, a_cycle(1, date(2015, 1, 12), None), {}, MET),
    (Looks.REVIEWED_CYCLES, (), {"least": 2}, MISSING),
    (Looks.REVIEWED_CYCLES, ONE_REVIEWED, {"least": 2}, PARTLY),
    (Looks.REVIEWED_CYCLES, TWO_REVIEWED, {"least": 2}, MET),
    (Looks.PROGRESS_AFTER_HELP, a_cycle(1, date(2015, 1, 12), None), {}, MISSING),
    (Looks.PROGRESS_AFTER_HELP, ONE_REVIEWED, {}, PARTLY),
    (Looks.PROGRESS_AFTER_HELP, (*ONE_REVIEWED, replace(SESSION, took_place=False)), {}, PARTLY),
    (Looks.PROGRESS_AFTER_HELP, (*ONE_REVIEWED, SESSION), {}, MET),
    (Looks.PARENTS_VIEW, (), {}, MISSING),
    (Looks.PARENTS_VIEW, (an_assessment(date(2015, 1, 5)),), {}, MET),
    (Looks.PUPILS_VIEW, (), {}, MISSING),
    (Looks.PUPILS_VIEW, ONE_REVIEWED, {}, MET),
    (Looks.RECENT_ADVICE, (), {"months": 12}, MISSING),
    (Looks.RECENT_ADVICE, advised(date(2015, 2, 28)), {"months": 12}, PARTLY),
    (Looks.RECENT_ADVICE, advised(date(2015, 3, 1)), {"months": 12}, MET),
    (Looks.PROVISION_MAP, (), {}, MISSING),
    (Looks.PROVISION_MAP, (ProvisionMapped(occurred_on=date(2015, 1, 5), school_year=2014),), {}, PARTLY),
    (Looks.PROVISION_MAP, (ProvisionMapped(occurred_on=date(2015, 10, 5), school_year=2015),), {}, MET),
    (Looks.COST, (ProvisionMapped(occurred_on=date(2015, 10, 5), school_year=2015),), {"least": 600_000}, MISSING),
    (Looks.COST, (ProvisionMapped(occurred_on=date(2015, 10, 5), school_year=2015, cost_in_pence=1),), {"least": 600_000}, MET),
    (Looks.HEALTH, (), {}, NOT_APPLICABLE),
    (Looks.HEALTH, (MedicalConditionNoted(occurred_on=date(2015, 1, 5)),), {}, PARTLY),
    (Looks.HEALTH, (HealthcarePlanLinked(occurred_on=date(2015, 1, 5), reference="file 12"),), {}, MET),
    (Looks.CARE, (), {}, MISSING),
    (Looks.CARE, (CareDescribed(occurred_on=date(2015, 1, 5), is_looked_after=False),), {}, MET),
    (Looks.ATTENDANCE, (), {"months": 12}, MISSING),
    (Looks.ATTENDANCE, (replace(YEAR, begins_on=date(2015, 2, 2)),), {"months": 12}, PARTLY),
    (Looks.ATTENDANCE, (YEAR,), {"months": 12}, MET),
    (Looks.ATTENDANCE, (replace(YEAR, occurred_on=date(2015, 3, 1), begins_on=date(2014, 9, 1)),), {"months": 12}, MISSING),
    (Looks.MORE_TIME, (aged_18_on(date(2016, 3, 2)),), {}, NOT_APPLICABLE),
    (Looks.MORE_TIME, (aged_18_on(date(2016, 3, 1)),), {}, MISSING),
    (Looks.MORE_TIME, (aged_18_on(date(2016, 3, 1)), a_plan(date(2015, 1, 12), date(2015, 4, 10))), {}, MISSING),
    (Looks.MORE_TIME, (aged_18_on(date(2016, 3, 1)), *ONE_REVIEWED), {}, MET),
    (Looks.MORE_TIME, (aged_18_on(date(2016, 3, 1)), MOVE), {}, MET),
    (Looks.NOT_HELD_HERE, (), {}, MISSING),
    (Looks.NOT_HELD_HERE, (given(ContributionKind.LOCAL_FORM, date(2016, 1, 5)),), {}, MET),
]


@pytest.mark.parametrize(("looks", "entries", "bounds", "expected"), CASES)
def test_each_thing_asked_for_is_met_partly_or_missing(
    looks: Looks, entries: tuple[Entry, ...], bounds: dict[str, int], expected: Readiness
) -> None:
    assert weighed(looks, *entries, **bounds).readiness is expected


def test_every_look_is_tried_met_and_not_met() -> None:
    tried = {looks: {expected for asked, _, _, expected in CASES if asked is looks} for looks in Looks}
    assert set(LOOKS) == set(Looks)
    assert [looks for looks in Looks if MET not in tried[looks]] == []
    assert [looks for looks in Looks if not tried[looks] - {MET}] == []


def test_what_is_missing_names_who_can_mend_it_and_by_when() -> None:
    found = weighed(Looks.PARENTS_VIEW)
    assert (found.mender, found.mend_by, found.missing) == (Mender.SENCO, WANTED_BY, ("The thing itself",))
    met = weighed(Looks.PARENTS_VIEW, an_assessment(date(2015, 1, 5)))
    assert (met.mender, met.mend_by, met.missing, met.entries) == (None, None, (), (2,))


def test_one_more_cycle_can_be_there_by_its_own_review() -> None:
    running = a_plan(date(2016, 1, 12), date(2016, 4, 1), cycle=2)
    found = weighed(Looks.REVIEWED_CYCLES, *ONE_REVIEWED, running, least=2)
    assert (found.readiness, found.mend_by) == (PARTLY, date(2016, 4, 1))


def test_what_is_met_today_may_grow_too_old() -> None:
    assert weighed(Looks.RECENT_ADVICE, *advised(date(2015, 6, 30)), months=12).holds_until == date(2016, 6, 30)
    assert weighed(Looks.ATTAINMENT, checked(*DAYS), least=3, months=24).holds_until == date(2017, 1, 5)


@pytest.mark.parametrize(("pence", "reaches"), [(599_999, False), (600_000, True)])
def test_a_cost_is_shown_beside_the_sum_and_met_on_either_side(pence: int, reaches: bool) -> None:
    mapped = ProvisionMapped(occurred_on=date(2015, 10, 5), school_year=2015, cost_in_pence=pence)
    found = weighed(Looks.COST, mapped, least=600_000)
    assert (found.readiness, found.facts["reaches"]) == (MET, reaches)


def test_attendance_since_enrolment_is_all_there_can_be() -> None:
    summary = replace(YEAR, occurred_on=date(2016, 2, 1), begins_on=date(2015, 9, 1))
    expectation = Expectation(id="one", asks="A year", looks=Looks.ATTENDANCE, mender=Mender.OFFICE, months=12)
    profile = replace(NATIONAL, expectations=(expectation,))
    (found,) = readiness(a_record(enrolled(on=date(2015, 9, 1)), summary), profile, ON, wanted_by=WANTED_BY)
    assert found.readiness is MET


def test_what_happens_after_the_day_asked_for_is_not_seen() -> None:
    assert weighed(Looks.PARENTS_VIEW, an_assessment(date(2016, 3, 2))).readiness is MISSING
