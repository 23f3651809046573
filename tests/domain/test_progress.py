from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entries import Domain, Measurement, ProgressChecked
from app.domain.progress import Confidence, ProgressTest, progress_indicators

TERMS = (date(2014, 9, 8), date(2015, 1, 8), date(2015, 4, 20), date(2015, 9, 7), date(2016, 1, 7), date(2016, 4, 18))


def checked(*points):
    measurements = tuple(Measurement(taken_on=day, score=score, peers=peers) for day, (score, peers) in zip(TERMS, points, strict=False))
    return ProgressChecked(occurred_on=TERMS[-1], domain=Domain.ATTAINMENT, measure="Reading", measurements=measurements, comment="")


def shown(entry):
    return {indicator.test for indicator in progress_indicators(entry) if indicator.shows}


@pytest.mark.parametrize(
    ("points", "tests"),
    [
        (((80, 80), (85, 85), (92, 90)), set()),
        (((80, 80), (84, 85), (88.5, 90)), {ProgressTest.SLOWER_THAN_PEERS, ProgressTest.GAP_WIDENING}),
        (((70, 80), (75, 85), (81, 91)), {ProgressTest.GAP_NOT_CLOSING}),
        (((70, 80), (74, 85), (79, 90)), {ProgressTest.SLOWER_THAN_PEERS, ProgressTest.GAP_NOT_CLOSING, ProgressTest.GAP_WIDENING}),
        (((70, 80), (78, 85), (80, 85)), {ProgressTest.SLOWER_THAN_BEFORE}),
    ],
)
def test_the_four_tests_show_what_they_describe(points, tests):
    """Code of Practice 6.17: slower than peers from the same baseline, slower than before, gap not closing, gap widening."""
    assert shown(checked(*points)) == tests


def test_fewer_than_three_days_show_nothing():
    assert progress_indicators(checked((70, 80), (60, 90))) == ()
    same_day = tuple(Measurement(taken_on=TERMS[0], score=score, peers=80) for score in (70.0, 60.0, 50.0))
    entry = ProgressChecked(occurred_on=TERMS[-1], domain=Domain.ATTAINMENT, measure="Reading", measurements=same_day, comment="")
    assert progress_indicators(entry) == ()


def test_without_peers_only_the_pupils_own_rate_is_compared():
    indicators = progress_indicators(checked((70, None), (74, None), (75, None)))
    assert [indicator.test for indicator in indicators] == [ProgressTest.SLOWER_THAN_BEFORE]
    assert set(indicators[0].values) == {"rate_before", "rate_now"}


@pytest.mark.parametrize(
    ("count", "confidence"), [(3, Confidence.LOW), (4, Confidence.MEDIUM), (5, Confidence.MEDIUM), (6, Confidence.HIGH)]
)
def test_confidence_grows_with_the_number_of_points(count, confidence):
    assert {indicator.confidence for indicator in progress_indicators(checked(*[(70, 80)] * count))} == {confidence}


def test_the_order_in_which_points_are_given_does_not_matter():
    entry = checked((70, 80), (74, 85), (79, 90))
    backwards = ProgressChecked(
        occurred_on=TERMS[-1], domain=Domain.ATTAINMENT, measure="Reading", measurements=entry.measurements[::-1], comment=""
    )
    assert progress_indicators(backwards) == progress_indicators(entry)


SCORES = st.one_of(st.floats(), st.none())


@given(st.lists(st.tuples(st.floats(), SCORES), max_size=6))
def test_no_series_of_scores_makes_the_tests_fail(points):
    assert len(progress_indicators(checked(*points))) in (0, 1, 4)
