"""Counts of many schools made fit for those who may not see single pupils: small ones masked, the rest rounded, none to be worked out.

For one rule and state, what is published is the sum over all schools and the counts of those schools that granted it; whoever did not is
shown as one remainder. These are all the sums there are: nothing is added up over rules or states. So a masked count can only be narrowed
down by taking the published ones from the published sum, and that is what `Line` weighs.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

School = TypeVar("School", bound=Hashable)
Counted = TypeVar("Counted", bound=Hashable)

SMALLEST_SHOWN: Final = 5
ROUNDED_TO: Final = 5
WIDEST_TOLD: Final = 8
"""A masked count must be able to differ by more than this: otherwise a guess in the middle would be within 4 of it."""

Shown = int | None
"""A count as it is published; None where it is masked."""


def rounded(count: int) -> int:
    """Round to the nearest 5; 0 stays 0, so that 5 is the smallest other."""
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def bounds(shown: int) -> tuple[int, int]:
    """The least and the greatest count that is published as this one, both inside."""
    if shown == 0:
        return (0, 0)
    return (max(SMALLEST_SHOWN, shown - ROUNDED_TO // 2), shown + ROUNDED_TO // 2)


def is_small(count: int) -> bool:
    """Whether a count by itself would tell of single pupils."""
    return 0 < count < SMALLEST_SHOWN


@dataclass(frozen=True, slots=True)
class Line(Generic[School]):
    """The counts of one rule and state: of each school shown, of all others together (None where all are shown), and which are masked."""

    schools: Mapping[School, int]
    others: int | None
    masked: frozenset[School]
    others_masked: bool
    total_masked: bool

    @classmethod
    def of(cls, schools: Mapping[School, int], others: int | None) -> "Line[School]":
        """Mask what is small by itself, then as many more as it takes that no masked one can be worked out."""
        total = sum(schools.values()) + (others or 0)
        small = frozenset(school for school, count in schools.items() if is_small(count))
        line = cls(schools, others, small, is_small(others or 0), is_small(total))
        while not line.is_safe:
            line = line.with_one_more()
        return line

    @property
    def total(self) -> int:
        """The sum over all schools."""
        return sum(self.schools.values()) + (self.others or 0)

    @property
    def is_safe(self) -> bool:
        """Whether nothing masked can be worked out: nothing is masked, or the sum is, or two are that share enough between them."""
        masked = len(self.masked) + self.others_masked
        if masked == 0 or self.total_masked:
            return True
        shown = [count for school, count in self.schools.items() if school not in self.masked]
        shown += [] if self.others is None or self.others_masked else [self.others]
        at_most = bounds(rounded(self.total))[1] - sum(bounds(rounded(count))[0] for count in shown)
        return masked > 1 and at_most - masked > WIDEST_TOLD

    def with_one_more(self) -> "Line[School]":
        """Mask the smallest count above 0 that still shows, a school's before the others', and the sum where none does."""
        left = [(count, str(school), school) for school, count in self.schools.items() if count and school not in self.masked]
        if left:
            smallest = min(left, key=lambda found: found[:2])[2]
            return Line(self.schools, self.others, self.masked | {smallest}, self.others_masked, self.total_masked)
        if self.others and not self.others_masked:
            return Line(self.schools, self.others, self.masked, True, self.total_masked)
        return Line(self.schools, self.others, self.masked, self.others_masked, True)

    @property
    def shown_total(self) -> Shown:
        """The sum as it is published."""
        return None if self.total_masked else rounded(self.total)

    @property
    def shown_others(self) -> Shown:
        """The remainder as it may be published."""
        return None if self.others is None or self.others_masked else rounded(self.others)

    def shown(self, school: School) -> Shown:
        """One school's count as it is published."""
        return None if school in self.masked else rounded(self.schools[school])


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed(Generic[School, Counted]):
    """What may be published: the sums, the counts of the schools that are shown by themselves, and how many schools were counted.

    Nothing is published of a single school that did not grant it, even where it is the only one.
    """

    counted: int
    shown: tuple[School, ...]
    lines: Mapping[Counted, Line[School]]


def disclose(
    granted: Mapping[School, Mapping[Counted, int]], others: Mapping[Counted, int], left_out: int, *, order: Iterable[Counted]
) -> Disclosed[School, Counted]:
    """Say what may be published of the counts of schools that granted it and of the `left_out` others, which are summed up.

    A school that is the only one left out takes another one with it, and where there is no other nothing is published.
    """
    shown, hidden, rest = dict(granted), left_out, Counter(others)
    if left_out == 1 and shown:
        rest.update(shown.pop(min(shown, key=lambda school: (sum(shown[school].values()), str(school)))))
        hidden = 2
    counted = len(granted) + left_out
    if hidden == 1:
        return Disclosed(counted=counted, shown=(), lines={})
    lines = {of: Line.of({school: shown[school].get(of, 0) for school in shown}, rest[of] if hidden else None) for of in order}
    return Disclosed(counted=counted, shown=tuple(shown), lines=lines)
