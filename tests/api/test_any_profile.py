"""Whatever a profile says, it is either found to contradict itself, at places that are there, or any record can be weighed beside it."""

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api.shown.profile_shapes import ProfileIn, ProfileOut
from app.db.authority_profiles import body_of, profile_from
from app.domain.entries import ContributionKind
from app.domain.paper_limits import papers_over_limits
from app.domain.profile import PAPER_TYPES, Expectation, PageLimit, Papers, Profile, Source, contradictions
from app.domain.readiness import readiness
from tests.domain.builders import NeedType, a_record, an_assessment, enrolled, needs_set
from tests.domain.evidence import a_cycle, a_paper, advised, attended, checked, mapped
from tests.domain.evidence import given as contributed

NUMBERS = st.one_of(st.integers(-2, 30), st.sampled_from([240, 241, 99_999, 100_000, 100_000_000, 2**53]))
MAYBE = st.one_of(st.none(), NUMBERS)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
WORDS = st.sampled_from(["", " ", "cycles", "cycles-2", "Cycles", "a--b", "-", "x" * 61])
SOURCES = st.builds(Source, title=WORDS, written=WORDS, written_on=st.one_of(st.none(), DAYS), read_on=DAYS, unconfirmed=st.just(()))
EXPECTATIONS = st.builds(Expectation, id=WORDS, asks=WORDS, least=MAYBE, months=MAYBE, is_local=st.booleans())
LIMITS = st.builds(PageLimit, each=NUMBERS)
PAPERS = st.builds(
    Papers,
    types=st.lists(st.sampled_from([*PAPER_TYPES, "exe"]), max_size=3).map(tuple),
    largest_file=MAYBE,
    most_pages=MAYBE,
    most_record_pages=MAYBE,
    limits=st.lists(LIMITS, max_size=3).map(tuple),
)
PROFILES = st.builds(
    Profile,
    id=WORDS,
    version=st.just(1),
    title=WORDS,
    since=DAYS,
    until=st.one_of(st.none(), DAYS),
    source=SOURCES,
    expectations=st.lists(EXPECTATIONS, max_size=3).map(tuple),
    papers=PAPERS,
    authority=st.sampled_from([None, "999"]),
    is_national=st.booleans(),
)
SOUND = st.builds(
    Profile,
    id=st.just("sound"),
    version=st.just(1),
    title=st.just("Sound"),
    since=st.just(date(2020, 1, 1)),
    source=st.just(Source(title="A page", written="2020", written_on=None, read_on=date(2020, 1, 1))),
    expectations=st.lists(
        st.builds(
            Expectation, id=st.sampled_from(["a", "b", "c"]), asks=st.just("All."), least=MAYBE, months=MAYBE, is_local=st.just(True)
        ),
        max_size=2,
    ).map(tuple),
    papers=PAPERS,
).filter(lambda profile: not contradictions(profile))
RECORD = a_record(
    enrolled(),
    *advised(date(2015, 1, 5)),
    *a_cycle(1, date(2015, 1, 12), date(2015, 4, 10)),
    checked(date(2014, 10, 1), date(2015, 1, 5)),
    an_assessment(date(2015, 1, 5)),
    needs_set(date(2015, 1, 5), NeedType.SLCN),
    attended(date(2014, 9, 1), date(2015, 7, 1)),
    mapped(date(2015, 1, 5), 1),
    contributed(ContributionKind.SPECIALISTS_REPORT, date(2015, 3, 1), a_paper(1, pages=20), a_paper(2, pages=None)),
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def loaded_form(profile: Profile) -> dict[str, object]:
    """The JSON in which a profile is loaded."""
    told = ProfileOut.of(profile, date(2100, 1, 1)).model_dump(mode="json")
    told["source"].pop("months_old")
    return {name: told[name] for name in ProfileIn.model_fields}


def lies_within(pointer: str, form: object) -> bool:
    for part in pointer.split("/")[1:]:
        if isinstance(form, Mapping) and part in form:
            form = form[part]
        elif isinstance(form, list) and part.isdecimal() and int(part) < len(form):
            form = form[int(part)]
        else:
            return False
    return pointer.startswith("/")


@QUICK
@given(PROFILES)
def test_each_contradiction_lies_at_a_place_of_the_profile_that_is_there(profile: Profile) -> None:
    found = contradictions(profile)
    form = loaded_form(profile)
    assert all(lies_within(one.pointer, form) and one.says.strip() for one in found)
    assert len(set(found)) == len(found)


@QUICK
@given(SOUND, DAYS)
def test_any_record_can_be_weighed_on_any_day_beside_a_profile_that_makes_sense(profile: Profile, on: date) -> None:
    wanted_by = on + timedelta(days=42)
    found = readiness(RECORD, profile, on, wanted_by=wanted_by)
    assert [one.expectation for one in found] == list(profile.expectations)
    assert all(one.mend_by is None or one.mend_by <= wanted_by for one in found)
    assert all(over.taken != over.found for over in papers_over_limits(RECORD, profile, on, wanted_by=wanted_by))


@QUICK
@given(SOUND)
def test_a_profile_comes_through_its_json_and_over_the_wire_unchanged(profile: Profile) -> None:
    assert profile_from(body_of(profile)) == profile
    assert ProfileIn.model_validate(loaded_form(profile)).profile() == profile
