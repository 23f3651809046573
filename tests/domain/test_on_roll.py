from datetime import date

import pytest

from app.domain.entries import EntryWithdrawn, PupilLeft
from app.domain.on_roll import off_roll
from tests.domain.builders import a_concern, a_contact, a_plan, a_record, enrolled, plan_issued, sen_decided

CAME, LEFT, BACK = date(2014, 9, 1), date(2015, 7, 20), date(2016, 1, 4)
ON_ROLL = a_record(enrolled(on=CAME))
GONE = a_record(enrolled(on=CAME), PupilLeft(occurred_on=LEFT, reason="Moved away."))
RETURNED = a_record(enrolled(on=CAME), PupilLeft(occurred_on=LEFT, reason="Moved away."), enrolled(on=BACK))


@pytest.mark.parametrize("entry", [sen_decided, a_concern, plan_issued])
def test_no_step_is_dated_before_the_pupil_came_on_roll(entry) -> None:
    assert off_roll(ON_ROLL, entry(date(2014, 8, 31))) == "lies before the pupil came on roll"
    assert off_roll(ON_ROLL, entry(CAME)) is None


def test_facts_about_people_around_are_as_old_as_they_are() -> None:
    assert off_roll(ON_ROLL, a_contact(on=date(2013, 11, 20))) is None
    assert off_roll(ON_ROLL, enrolled(on=date(2013, 9, 1))) is None


@pytest.mark.parametrize("entry", [sen_decided, a_concern, lambda day: a_plan(day, date(2017, 1, 1))])
def test_no_step_is_dated_after_the_pupil_left(entry) -> None:
    assert off_roll(GONE, entry(date(2015, 7, 21))) == "lies after the pupil left"
    assert off_roll(GONE, entry(LEFT)) is None
    assert off_roll(GONE, entry(date(2015, 7, 1))) is None


def test_the_record_is_mended_and_the_authority_goes_on_after_the_pupil_left() -> None:
    after = date(2015, 9, 1)
    assert off_roll(GONE, EntryWithdrawn(occurred_on=after, reason="Another pupil.")) is None
    assert off_roll(GONE, plan_issued(after)) is None


def test_between_leaving_and_coming_back_nothing_happened_here() -> None:
    assert off_roll(RETURNED, a_concern(date(2015, 10, 1))) == "lies after the pupil left"
    assert off_roll(RETURNED, a_concern(BACK)) is None
    assert off_roll(RETURNED, a_concern(date(2015, 3, 1))) is None
