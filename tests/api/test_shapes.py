"""The small types of the wire take what they say, and nothing that merely looks like it."""

from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

import pytest
from pydantic import ValidationError

from app.api.shapes import CivilDate, In, Instant, Line, Out, Words


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
    moment: Instant


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


def test_what_was_sent_stands_in_no_message_of_an_error():
    with pytest.raises(ValidationError) as caught:
        ThingIn.model_validate({"colour": "Childname", "Other": 1})
    assert "Childname" not in str(caught.value)
