"""The profiles that come along make sense and tell where they are from; one that contradicts itself is found, with every place."""

from dataclasses import replace
from datetime import date

import pytest

from app.documents.papers.inspection import MEDIA_TYPES
from app.domain.entries.contributions import ContributionKind
from app.domain.profile import (
    AGED,
    COUNTED,
    LARGEST_CAP,
    MOST_MONTHS,
    MOST_PAGES,
    PAPER_TYPES,
    SMALLEST_CAP,
    Contradiction,
    Expectation,
    Looks,
    Mender,
    PageLimit,
    Papers,
    Profile,
    Quality,
    Source,
    contradictions,
)
from app.domain.profiles import SHIPPED
from app.domain.profiles.national import NATIONAL
from app.domain.profiles.tribunal import TRIBUNAL

SOUND = Expectation(id="cycles", asks="Cycles", looks=Looks.REVIEWED_CYCLES, mender=Mender.SENCO, least=2)
SOURCE = Source(title="A page", written="May 2025", written_on=date(2025, 5, 1), read_on=date(2025, 6, 1))
LOADED = Profile(id="one", version=1, title="One", since=date(2025, 1, 1), source=SOURCE, expectations=(SOUND,), authority="999")
EXPERT, OTHER = ContributionKind.SPECIALISTS_REPORT, ContributionKind.OTHER


def pointers(profile: Profile) -> list[str]:
    return [found.pointer for found in contradictions(profile)]


@pytest.mark.parametrize("profile", SHIPPED.values(), ids=lambda profile: profile.id)
def test_every_profile_that_comes_along_makes_sense_and_tells_its_source(profile: Profile) -> None:
    assert contradictions(profile) == ()
    assert profile.source.title and profile.source.written
    assert all(expectation.is_local for expectation in profile.expectations) is (profile not in (NATIONAL, TRIBUNAL))
    assert profile.authority is None


def test_a_profile_is_found_under_its_own_id() -> None:
    assert all(id_ == profile.id for id_, profile in SHIPPED.items())
    assert set(SHIPPED) == {"national", "tribunal", "cycles-and-costs", "borough-form-2018"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": "One"}, "/id"),
        ({"id": "one--two"}, "/id"),
        ({"id": "o" * 61}, "/id"),
        ({"version": 0}, "/version"),
        ({"title": " "}, "/title"),
        ({"until": date(2024, 12, 31)}, "/until"),
        ({"is_national": True, "expectations": ()}, "/authority"),
        ({"source": replace(SOURCE, title=" ")}, "/source/title"),
        ({"source": replace(SOURCE, written="")}, "/source/written"),
        ({"source": replace(SOURCE, written_on=date(2025, 6, 2))}, "/source/written_on"),
        ({"expectations": (replace(SOUND, id="Cycles"),)}, "/expectations/0/id"),
        ({"expectations": (replace(SOUND, asks=" "),)}, "/expectations/0/asks"),
        ({"expectations": (replace(SOUND, is_local=False),)}, "/expectations/0/local"),
        ({"expectations": (SOUND, replace(SOUND, id="more", least=0))}, "/expectations/1/least"),
        ({"expectations": (replace(SOUND, least=21),)}, "/expectations/0/least"),
        ({"expectations": (replace(SOUND, least=None),)}, "/expectations/0/least"),
        ({"expectations": (replace(SOUND, months=3),)}, "/expectations/0/months"),
        ({"expectations": (replace(SOUND, looks=Looks.RECENT_ADVICE, least=None),)}, "/expectations/0/months"),
        ({"expectations": (replace(SOUND, looks=Looks.PARENTS_VIEW),)}, "/expectations/0/least"),
        ({"expectations": (replace(SOUND, looks=Looks.ATTAINMENT, months=MOST_MONTHS + 1),)}, "/expectations/0/months"),
        ({"papers": Papers(types=())}, "/papers/types"),
        ({"papers": Papers(types=("pdf", "exe"))}, "/papers/types/1"),
        ({"papers": Papers(types=("pdf", "pdf"))}, "/papers/types"),
        ({"papers": Papers(types=("pdf", "png"), qualities=(Quality.SEARCHABLE,))}, "/papers/types"),
        ({"papers": Papers(qualities=(Quality.INDEXED, Quality.INDEXED))}, "/papers/qualities"),
        ({"papers": Papers(largest_file=SMALLEST_CAP - 1)}, "/papers/largest_file"),
        ({"papers": Papers(largest_file=LARGEST_CAP + 1)}, "/papers/largest_file"),
        ({"papers": Papers(most_pages=0)}, "/papers/most_pages"),
        ({"papers": Papers(most_record_pages=MOST_PAGES + 1)}, "/papers/most_record_pages"),
        ({"papers": Papers(limits=(PageLimit(kind=OTHER, each=MOST_PAGES + 1),))}, "/papers/limits/0/each"),
        ({"papers": Papers(most_record_pages=0)}, "/papers/most_record_pages"),
        ({"papers": Papers(limits=(PageLimit(kind=EXPERT, each=0),))}, "/papers/limits/0/each"),
        (
            {"papers": Papers(most_pages=9, limits=(PageLimit(kind=OTHER, each=9), PageLimit(kind=EXPERT, each=10)))},
            "/papers/limits/1/each",
        ),
        ({"papers": Papers(limits=(PageLimit(kind=EXPERT, each=9), PageLimit(kind=EXPERT, each=10)))}, "/papers/limits"),
    ],
)
def test_a_profile_that_contradicts_itself_is_found_at_its_place(changes: dict[str, object], pointer: str) -> None:
    assert contradictions(LOADED) == ()
    assert pointers(replace(LOADED, **changes)) == [pointer]


@pytest.mark.parametrize(
    "changes",
    [
        {"until": LOADED.since},
        {"source": replace(SOURCE, written_on=SOURCE.read_on)},
        {"source": replace(SOURCE, written_on=None)},
        {"id": "o" * 60},
        {"papers": Papers(largest_file=SMALLEST_CAP, most_pages=1, most_record_pages=1, limits=(PageLimit(kind=EXPERT, each=1),))},
        {"papers": Papers(largest_file=LARGEST_CAP, most_pages=MOST_PAGES, limits=(PageLimit(kind=EXPERT, each=MOST_PAGES),))},
        {"papers": Papers(types=tuple(PAPER_TYPES), qualities=(Quality.INDEXED, Quality.PAGINATED))},
        {"expectations": ()},
        {"authority": None},
    ],
)
def test_what_is_just_possible_is_no_contradiction(changes: dict[str, object]) -> None:
    assert contradictions(replace(LOADED, **changes)) == ()


def test_two_expectations_of_one_id_are_both_named() -> None:
    assert pointers(replace(LOADED, expectations=(SOUND, SOUND))) == ["/expectations/0/id", "/expectations/1/id"]


def test_all_that_is_wrong_is_said_at_once_in_sentences() -> None:
    wrong = replace(LOADED, title="", until=date(2020, 1, 1), papers=Papers(types=(), largest_file=0))
    found = contradictions(wrong)
    assert [one.pointer for one in found] == ["/title", "/until", "/papers/types", "/papers/largest_file"]
    assert all(isinstance(one, Contradiction) and one.says.endswith(".") for one in found)


@pytest.mark.parametrize(("looks", "most"), COUNTED.items())
def test_the_bounds_of_a_number_are_inside(looks: Looks, most: int) -> None:
    expectation = replace(SOUND, looks=looks)
    assert [pointers(replace(LOADED, expectations=(replace(expectation, least=n),))) for n in (1, most)] == [[], []]
    assert [pointers(replace(LOADED, expectations=(replace(expectation, least=n),))) for n in (0, most + 1)] == [
        ["/expectations/0/least"]
    ] * 2


@pytest.mark.parametrize("looks", sorted(AGED))
def test_the_bounds_of_an_age_are_inside(looks: Looks) -> None:
    expectation = replace(SOUND, looks=looks, least=1 if looks in COUNTED else None)
    assert [pointers(replace(LOADED, expectations=(replace(expectation, months=n),))) for n in (1, MOST_MONTHS)] == [[], []]
    found = [pointers(replace(LOADED, expectations=(replace(expectation, months=n),))) for n in (0, MOST_MONTHS + 1)]
    assert found == [["/expectations/0/months"]] * 2


def test_what_is_kept_here_may_be_named_by_any_profile() -> None:
    """A profile may name more than is kept; what is kept has the same media type in both."""
    assert all(media_type.startswith(PAPER_TYPES[kind.value]) for kind, media_type in MEDIA_TYPES.items())


def test_the_tribunals_limits_are_those_that_two_sources_tell() -> None:
    """Practice Direction No. 1 of 2025: core 100 pages, 75 for each party, a report 15, a statement 10, no report older than 3 years."""
    papers = TRIBUNAL.papers
    assert (papers.most_record_pages, papers.most_pages) == (100, 75)
    assert (papers.most_pages_of(EXPERT), papers.most_pages_of(ContributionKind.TEACHERS_REPORT), papers.most_pages_of(OTHER)) == (
        15,
        10,
        None,
    )
    assert [(one.looks, one.months) for one in TRIBUNAL.expectations] == [(Looks.RECENT_ADVICE, 36)]
    assert TRIBUNAL.since == date(2025, 7, 16)
    assert TRIBUNAL.source.is_secondary and TRIBUNAL.source.unconfirmed
