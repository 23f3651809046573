"""Each expectation of each profile that comes along, both ways: what meets it, and what falls just short of it."""

from datetime import date

import pytest

from app.domain.codes import NeedType
from app.domain.entries import CareDescribed, ContributionKind, Domain, Entry, HealthcarePlanLinked, MedicalConditionNoted, PupilEnrolled
from app.domain.profiles import SHIPPED
from app.domain.readiness import Readiness, Weighed, readiness
from tests.domain.builders import a_plan, a_record, a_review, an_assessment, enrolled, needs_set
from tests.domain.evidence import a_cycle, a_session, advised, asked, attended, checked, given, mapped

ON, WANTED_BY = date(2026, 3, 2), date(2026, 4, 13)
K = ContributionKind
Entries = tuple[Entry, ...]
NOTHING: Entries = ()
DAYS = (date(2024, 3, 2), date(2025, 3, 3), date(2026, 1, 12))
FIRST, SECOND = a_cycle(1, date(2025, 1, 13), date(2025, 4, 7)), a_cycle(2, date(2025, 5, 12), date(2025, 10, 6))
GROWN_UP = enrolled(born=date(2008, 3, 2), on=date(2014, 9, 1))
FORM = (given(K.LOCAL_FORM, date(2026, 2, 2)),)

VECTORS: dict[tuple[str, str], tuple[Entries, Entries]] = {
    ("national", "attainment-and-rate-of-progress"): ((checked(*DAYS[:2]),), (checked(DAYS[0]),)),
    ("national", "nature-extent-and-context"): (
        (needs_set(date(2025, 1, 6), NeedType.SLCN), an_assessment(date(2025, 1, 6))),
        (needs_set(date(2025, 1, 6), NeedType.SLCN),),
    ),
    ("national", "action-already-taken"): (a_cycle(1, date(2025, 1, 13), None), (an_assessment(date(2025, 1, 6)),)),
    ("national", "progress-only-with-much-help"): ((*FIRST, a_session(date(2025, 2, 3))), FIRST),
    ("national", "physical-emotional-and-social-development"): (
        (checked(DAYS[1], domain=Domain.EMOTIONAL),),
        (checked(DAYS[1]),),
    ),
    ("national", "health-needs"): (
        (MedicalConditionNoted(occurred_on=DAYS[1]), HealthcarePlanLinked(occurred_on=DAYS[1], reference="file 12")),
        (MedicalConditionNoted(occurred_on=DAYS[1]),),
    ),
    ("national", "more-time-in-education"): ((GROWN_UP, *FIRST), (GROWN_UP, FIRST[0])),
    ("tribunal", "experts-reports-within-three-years"): (advised(date(2023, 3, 2)), advised(date(2023, 3, 1))),
    ("cycles-and-costs", "two-reviewed-cycles"): ((*FIRST, *SECOND), (*FIRST, SECOND[0])),
    ("cycles-and-costs", "provision-map"): ((mapped(date(2025, 9, 1)),), (mapped(date(2025, 8, 31)),)),
    ("cycles-and-costs", "first-6000-pounds"): ((mapped(date(2025, 9, 1), 600_000),), (mapped(date(2025, 9, 1)),)),
    ("cycles-and-costs", "attendance-of-a-year"): (
        (attended(date(2025, 2, 2), date(2026, 2, 2)),),
        (attended(date(2025, 2, 3), date(2026, 2, 2)),),
    ),
    ("cycles-and-costs", "attainment-over-time"): ((checked(*DAYS),), (checked(date(2024, 3, 1), *DAYS[1:]),)),
    ("cycles-and-costs", "advice-within-a-year"): (advised(date(2025, 3, 2)), advised(date(2025, 3, 1))),
    ("cycles-and-costs", "parents-view"): ((given(K.PARENTS_VIEW, DAYS[2]),), (given(K.PUPILS_VIEW, DAYS[2]),)),
    ("cycles-and-costs", "pupils-view"): ((given(K.PUPILS_VIEW, DAYS[2]),), (given(K.PARENTS_VIEW, DAYS[2]),)),
    ("cycles-and-costs", "signatures"): (FORM, (asked(K.LOCAL_FORM, date(2026, 2, 2), date(2026, 3, 2)),)),
    ("borough-form-2018", "reports-within-eighteen-months"): (advised(date(2024, 9, 2)), advised(date(2024, 9, 1))),
    ("borough-form-2018", "care-and-its-legal-basis"): ((CareDescribed(occurred_on=DAYS[1], is_looked_after=False),), NOTHING),
    ("borough-form-2018", "nhs-number-and-other-names"): (FORM, (given(K.OTHER, date(2026, 2, 2)),)),
    ("borough-form-2018", "parents-view"): ((an_assessment(DAYS[1]),), a_cycle(1, date(2025, 1, 13), None)),
    ("borough-form-2018", "pupils-view"): ((a_plan(DAYS[1], date(2025, 6, 1)), a_review(date(2025, 6, 1))), NOTHING),
}
"""What meets an expectation by its profile and id, and what falls short of it."""


def on_roll() -> PupilEnrolled:
    return enrolled(on=date(2014, 9, 1))


def weighed(profile: str, expectation: str, entries: Entries) -> Weighed:
    found = readiness(a_record(on_roll(), *entries), SHIPPED[profile], ON, wanted_by=WANTED_BY)
    return next(one for one in found if one.expectation.id == expectation)


def test_every_expectation_of_every_profile_has_a_vector_each_way() -> None:
    assert set(VECTORS) == {(id_, expectation.id) for id_, profile in SHIPPED.items() for expectation in profile.expectations}


@pytest.mark.parametrize(("profile", "expectation"), VECTORS)
def test_an_expectation_of_a_profile_is_met_by_what_it_asks_for(profile: str, expectation: str) -> None:
    entries, _ = VECTORS[profile, expectation]
    found = weighed(profile, expectation, entries)
    assert found.readiness is Readiness.MET
    assert found.entries and not found.missing and found.mender is None


@pytest.mark.parametrize(("profile", "expectation"), VECTORS)
def test_an_expectation_of_a_profile_is_not_met_by_what_falls_short(profile: str, expectation: str) -> None:
    _, entries = VECTORS[profile, expectation]
    found = weighed(profile, expectation, entries)
    assert found.readiness in (Readiness.PARTLY, Readiness.MISSING)
    assert found.missing and found.mender is not None and found.mend_by is not None


@pytest.mark.parametrize("profile", SHIPPED)
def test_of_a_new_pupil_nothing_is_met_and_all_of_it_is_told(profile: str) -> None:
    found = readiness(a_record(on_roll()), SHIPPED[profile], ON, wanted_by=WANTED_BY)
    assert [one.expectation for one in found] == list(SHIPPED[profile].expectations)
    assert {one.readiness for one in found} <= {Readiness.MISSING, Readiness.NOT_APPLICABLE}
