"""What is published of many schools' counts: small ones masked, others rounded, and nothing masked that can be worked out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.disclosure import Line, bounds, disclose, rounded

COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 400))
SCHOOLS = st.dictionaries(st.sampled_from("abcdefgh"), COUNTS, max_size=8)
LINES = st.builds(Line.of, SCHOOLS, st.one_of(st.none(), COUNTS))
MANY = settings(max_examples=400, deadline=None)


def published(line):
    """All that a reader sees of a line: each school's count, the remainder where there is one, and the sum."""
    cells = [line.shown(school) for school in line.schools]
    return [*cells, *([] if line.others is None else [line.shown_others])], line.shown_total


def could_be(cells, total, place, value):
    """Whether a masked count may be this one, by all that is published; a masked count is at least 1 and may be any."""
    if total is None:
        return True
    least, most = 0, 0
    for other, cell in enumerate(cells):
        if other == place:
            continue
        least += 1 if cell is None else bounds(cell)[0]
        most = float("inf") if cell is None else most + bounds(cell)[1]
    first, last = bounds(total)
    return least + value <= last and most + value >= first


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_counts_of_one_to_four_are_masked_and_others_rounded_to_five(count, shown):
    """Decision 23. A sum over schools of which none is shown is masked by the same measure."""
    assert Line.of({}, count).shown_total == shown


@given(st.integers(0, 1000).filter(lambda count: count == 0 or count >= 5))
def test_the_bounds_of_a_rounded_count_hold_it(count):
    least, most = bounds(rounded(count))
    assert least <= count <= most
    assert {rounded(c) for c in range(least, most + 1)} == {rounded(count)}
    assert least == 0 or rounded(least - 1) != rounded(count) or least == 5


def test_a_second_count_is_masked_so_that_the_first_cannot_be_taken_from_the_sum():
    line = Line.of({"a": 3, "b": 20, "c": 100}, None)
    assert (line.shown("a"), line.shown("b"), line.shown("c"), line.shown_total) == (None, None, 100, 125)


def test_where_two_masked_counts_are_too_small_together_more_are_masked_or_the_sum_is():
    line = Line.of({"a": 2, "b": 3, "c": 5, "d": 40}, None)
    assert (line.shown("a"), line.shown("b"), line.shown("c"), line.shown("d")) == (None, None, None, 40)
    few = Line.of({"a": 2, "b": 3}, None)
    assert (few.shown("a"), few.shown("b"), few.shown_total) == (None, None, None)


def test_nothing_is_masked_where_nothing_is_small():
    line = Line.of({"a": 5, "b": 20, "c": 0}, 0)
    assert [line.shown(school) for school in "abc"] == [5, 20, 0] and line.shown_total == 25


@MANY
@given(LINES)
def test_no_masked_count_can_be_told_within_four(line):
    """By all that is published, a masked count may have values so far apart that no guess is within 4 of each."""
    cells, total = published(line)
    for place, cell in enumerate(cells):
        if cell is None:
            possible = [value for value in range(1, 2000) if could_be(cells, total, place, value)]
            assert possible and possible[-1] - possible[0] > 8


@MANY
@given(LINES)
def test_a_masked_sum_cannot_be_told_within_four(line):
    cells, total = published(line)
    if total is None:
        assert None in cells or line.total < 5
        least = sum(1 if cell is None else bounds(cell)[0] for cell in cells)
        most = sum(float("inf") if cell is None else bounds(cell)[1] for cell in cells)
        assert most - least > 8


@MANY
@given(LINES)
def test_what_is_published_is_true_and_no_more_is_masked_than_needed(line):
    counts = [*line.schools.values(), *([] if line.others is None else [line.others])]
    cells, total = published(line)
    for count, cell in zip(counts, cells, strict=True):
        assert cell is None or bounds(cell)[0] <= count <= bounds(cell)[1]
        assert count == 0 if cell == 0 else True
        assert not (0 < count < 5 and cell is not None)
    assert total is None or bounds(total)[0] <= line.total <= bounds(total)[1]
    if not any(0 < count < 5 for count in counts):
        assert None not in cells or total is None


GRANTED = st.dictionaries(st.integers(1, 6), st.dictionaries(st.sampled_from("xy"), COUNTS), max_size=6)
OTHERS = st.dictionaries(st.sampled_from("xy"), COUNTS)


@MANY
@given(GRANTED, OTHERS, st.integers(0, 3))
def test_no_school_is_left_out_alone(granted, others, left_out):
    """Decision 23: one school left out would be what remains of the sum once the others are taken from it."""
    found = disclose(granted, others if left_out else {}, left_out, order="xy")
    hidden = found.counted - len(found.shown)
    assert found.counted == len(granted) + left_out and set(found.shown) <= set(granted)
    assert hidden != 1 or found.lines == {}
    assert hidden == left_out or (left_out, hidden) == (1, 2)
    for counted, line in found.lines.items():
        assert line.total == sum(table.get(counted, 0) for table in granted.values()) + (others.get(counted, 0) if left_out else 0)


def test_an_only_school_that_granted_it_is_shown_and_one_that_did_not_is_not():
    assert disclose({1: {"x": 20}}, {}, 0, order="x").lines["x"].shown(1) == 20
    assert disclose({}, {"x": 20}, 1, order="x").lines == {}
    assert disclose({}, {"x": 20}, 2, order="x").lines["x"].shown_total == 20
