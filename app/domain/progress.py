"""The four ways in which progress may be less than expected (Code of Practice 6.17), as indicators that decide nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.domain.entries import Measurement, ProgressChecked

LEAST_POINTS: Final = 3
_MANY_POINTS: Final = 6
_SOME_POINTS: Final = 4
_DAYS_IN_A_YEAR: Final = 365.25


class ProgressTest(StrEnum):
    """The four descriptions of less than expected progress; any one is enough to look."""

    SLOWER_THAN_PEERS = "slower_than_peers"
    SLOWER_THAN_BEFORE = "slower_than_before"
    GAP_NOT_CLOSING = "gap_not_closing"
    GAP_WIDENING = "gap_widening"


class Confidence(StrEnum):
    """How far the number of points carries: 3 are low, 4 and 5 medium, 6 or more high. Our words, not the Code's."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One test on one series: whether it shows, by which values (rates in points of the measure a year), and how surely."""

    test: ProgressTest
    shows: bool
    values: Mapping[str, float]
    confidence: Confidence


def progress_indicators(entry: ProgressChecked) -> tuple[Indicator, ...]:
    """Work out the tests that three or more measurements on different days allow; those against peers need as many with peers."""
    points = _on_different_days(entry.measurements)
    beside_peers = [point for point in points if point.peers is not None]
    return (*_against_peers(beside_peers), *_against_before(points))


def _on_different_days(measurements: Sequence[Measurement]) -> list[Measurement]:
    by_day = {point.taken_on: point for point in measurements}
    return [by_day[day] for day in sorted(by_day)]


def _against_peers(points: Sequence[Measurement]) -> Iterator[Indicator]:
    if len(points) < LEAST_POINTS:
        return
    first, last = points[0], points[-1]
    own, peers = _rate(first, last), _peer_rate(first, last)
    gap_then, gap_now = (first.peers or 0.0) - first.score, (last.peers or 0.0) - last.score
    rates = {"own_rate": own, "peers_rate": peers}
    gaps = {"gap_then": gap_then, "gap_now": gap_now}
    sure = _confidence(points)
    yield _indicator(ProgressTest.SLOWER_THAN_PEERS, own < peers, rates, sure)
    yield _indicator(ProgressTest.GAP_NOT_CLOSING, gap_then > 0 and gap_now >= gap_then, gaps, sure)
    yield _indicator(ProgressTest.GAP_WIDENING, gap_now > max(gap_then, 0.0), gaps, sure)


def _against_before(points: Sequence[Measurement]) -> Iterator[Indicator]:
    if len(points) < LEAST_POINTS:
        return
    before, now = _rate(points[0], points[-2]), _rate(points[-2], points[-1])
    yield _indicator(ProgressTest.SLOWER_THAN_BEFORE, now < before, {"rate_before": before, "rate_now": now}, _confidence(points))


def _indicator(test: ProgressTest, shows: bool, values: dict[str, float], confidence: Confidence) -> Indicator:
    return Indicator(test=test, shows=shows, values=MappingProxyType(values), confidence=confidence)


def _rate(then: Measurement, now: Measurement) -> float:
    return (now.score - then.score) / _years(then, now)


def _peer_rate(then: Measurement, now: Measurement) -> float:
    return ((now.peers or 0.0) - (then.peers or 0.0)) / _years(then, now)


def _years(then: Measurement, now: Measurement) -> float:
    return (now.taken_on - then.taken_on).days / _DAYS_IN_A_YEAR


def _confidence(points: Sequence[Measurement]) -> Confidence:
    if len(points) >= _MANY_POINTS:
        return Confidence.HIGH
    return Confidence.MEDIUM if len(points) >= _SOME_POINTS else Confidence.LOW
