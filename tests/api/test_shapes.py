"""The small types of the wire take what they say, and nothing that merely looks like it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from importlib import import_module
from pkgutil import walk_packages
from typing import get_args
from uuid import UUID

import pytest
from pydantic import ValidationError

from app import api
from app.api.shown.shapes import CivilDate, Day, In, Instant, Line, Moment, Out, Words


class Colour(StrEnum):
    RED = "red"


class InnerIn(In):
    count: int
    share: float
    agreed: bool


class ThingIn(In):
    line: Line = "x"
    words: Words = "x"
    day: CivilDate = date(2014, 9, 1)
    moment: Instant = datetime(2014, 9, 1, tzinfo=UTC)
    colour: Colour = Colour.RED
    id: UUID = UUID(int=1)
    inner: list[InnerIn] = []


class MomentOut(Out):
    moment: Moment


class DueOut(Out):
    due: Day


def test_enums_and_uuids_are_written_as_strings_and_days_and_moments_as_iso():
    thing = ThingIn.model_validate({"colour": "red", "id": str(UUID(int=7)), "day": "2014-09-01", "moment": "2014-09-01T00:30:00+01:00"})
    assert (thing.colour, thing.id, thing.day) == (Colour.RED, UUID(int=7), date(2014, 9, 1))
    assert thing.moment == datetime(2014, 8, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "inner", [{"count": "5"}, {"count": 5.0}, {"count": True}, {"share": "0.5"}, {"agreed": "true"}, {"agreed": 1}, {"agreed": None}]
)
def test_numbers_and_truth_values_are_taken_as_themselves_alone(inner):
    good = {"count": 5, "share": 0.5, "agreed": True}
    assert ThingIn.model_validate({"inner": [good]}).inner[0].count == 5
    with pytest.raises(ValidationError):
        ThingIn.model_validate({"inner": [good | inner]})


@pytest.mark.parametrize(("name", "longest"), [("line", 200), ("words", 10_000)])
def test_texts_are_stripped_and_bounded_with_both_ends_inside(name, longest):
    assert getattr(ThingIn.model_validate({name: f"  {'x' * longest} "}), name) == "x" * longest
    for wrong in ("x" * (longest + 1), "", "  ", 5, None):
        with pytest.raises(ValidationError):
            ThingIn.model_validate({name: wrong})


def test_words_have_lines_and_a_line_has_none():
    assert ThingIn.model_validate({"words": "one\ntwo"}).words == "one\ntwo"
    with pytest.raises(ValidationError, match="one line"):
        ThingIn.model_validate({"line": "one\ntwo"})


@pytest.mark.parametrize(
    "moment",
    ["2014-09-01", "2014-09-01T00:00:00", "2014-09-01 00:00:00Z", "2014-09-01T24:00:00Z", "9999-12-31T23:59:59-01:00", 1409529600, "now"],
)
def test_a_moment_has_a_day_a_time_and_an_offset(moment):
    with pytest.raises(ValidationError):
        ThingIn.model_validate({"moment": moment})


def test_moments_go_out_in_utc():
    assert MomentOut(moment=datetime.fromisoformat("2014-09-01T01:00:00+01:00")).model_dump(mode="json") == {
        "moment": "2014-09-01T00:00:00Z"
    }


def test_a_day_that_follows_from_the_last_day_taken_can_still_be_answered():
    """A duty of seven days that begins on 2100-12-31 falls due in a year that no client could send."""
    assert ThingIn.model_validate({"day": "2100-12-31"}).day == date(2100, 12, 31)
    assert DueOut(due=date(2101, 1, 7)).model_dump(mode="json") == {"due": "2101-01-07"}
    assert MomentOut(moment=datetime(2101, 1, 1, tzinfo=UTC)).model_dump(mode="json") == {"moment": "2101-01-01T00:00:00Z"}


def shapes_that_go_out(parent: type[Out] = Out) -> Iterator[type[Out]]:
    for shape in parent.__subclasses__():
        yield shape
        yield from shapes_that_go_out(shape)


def limits_within(annotation: object) -> Iterator[object]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from limits_within(part)


def test_no_answer_has_the_bounds_of_a_question():
    """Otherwise what follows from a good request could not be shown any more."""
    for module in walk_packages(api.__path__, f"{api.__name__}."):
        import_module(module.name)
    bounds = {get_args(CivilDate)[1], get_args(Instant)[1]}
    shapes = [shape for shape in shapes_that_go_out() if shape.__module__.startswith("app.")]
    assert len(shapes) > 40
    for shape in shapes:
        for name, field in shape.model_fields.items():
            found = [*field.metadata, *limits_within(field.annotation)]
            assert not any(limit in found for limit in bounds), f"{shape.__name__}.{name}"


def test_what_was_sent_stands_in_no_message_of_an_error():
    with pytest.raises(ValidationError) as caught:
        ThingIn.model_validate({"colour": "Childname", "Other": 1})
    assert "Childname" not in str(caught.value)
