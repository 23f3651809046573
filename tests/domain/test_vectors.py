"""The published stories of `tests/vectors`, read and held against what the domain derives."""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
import yaml

from app.domain.codes import AreaOfNeed, NeedType, SenStatus
from app.domain.entries import EntryWithdrawn, Matter, NeedsSet, PersonTold, RankedNeed, ReviewDateMoved, Telling
from app.domain.obligations import obligations
from app.domain.people import people_to_tell, right_holder
from app.domain.record import Record
from app.domain.rules import RULES
from tests.domain.builders import (
    A_SCHOOL,
    FATHER,
    GRANDMOTHER,
    MOTHER,
    PUPIL,
    SENCO,
    TEACHER,
    a_contact,
    a_plan,
    a_review,
    a_transition,
    an_assessment,
    enrolled,
    imported,
    need_imported,
    plan_ceased,
    plan_issued,
    recorded,
    sen_decided,
    support_ended,
)

FOLDER = Path(__file__).parents[1] / "vectors"
STORIES = [story for file in sorted(FOLDER.glob("*.yaml")) for story in yaml.safe_load(file.read_text(encoding="utf-8"))]
PEOPLE = {"pupil": PUPIL, "mother": MOTHER, "father": FATHER, "grandmother": GRANDMOTHER, "teacher": TEACHER, "senco": SENCO}
NAMES = {person: name for name, person in PEOPLE.items()}
ANY_DAY, LATER = date(2015, 1, 1), date(2040, 8, 31)

UNSAID = {
    entry.type: entry
    for entry in (
        a_contact(),
        imported(SenStatus.NONE, ANY_DAY),
        need_imported(NeedType.SLCN, ANY_DAY),
        NeedsSet(occurred_on=ANY_DAY, needs=(), areas=(AreaOfNeed.COGNITION_AND_LEARNING,), reason="Assessed."),
        sen_decided(ANY_DAY),
        a_transition(ANY_DAY),
        an_assessment(ANY_DAY),
        a_plan(ANY_DAY, LATER),
        ReviewDateMoved(occurred_on=ANY_DAY, cycle=1, review_on=LATER, agreed_with_parents_on=ANY_DAY, reason="Agreed."),
        a_review(ANY_DAY),
        support_ended(ANY_DAY, 1),
        plan_issued(ANY_DAY),
        plan_ceased(ANY_DAY),
        PersonTold(occurred_on=ANY_DAY, person=MOTHER, matter=Matter.PLAN, about=1, notice=None, how=Telling.IN_PERSON),
        EntryWithdrawn(occurred_on=ANY_DAY, reason="Written for another pupil."),
    )
}


def read(hint, value):
    if isinstance(hint, UnionType):
        return None if value is None else read(next(part for part in get_args(hint) if part is not type(None)), value)
    if get_origin(hint) is tuple:
        return tuple(read(get_args(hint)[0], part) for part in value)
    if hint is UUID:
        return PEOPLE[value]
    return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value


def entry_of(row):
    unsaid = UNSAID[row["what"]]
    said = {name: value for name, value in row.items() if name not in ("day", "what", "supersedes")}
    if isinstance(unsaid, NeedsSet):
        said["needs"] = tuple(RankedNeed(need_type=NeedType(need), rank=rank) for rank, need in enumerate(said["needs"], start=1))
        return replace(unsaid, occurred_on=row["day"], **said)
    hints = get_type_hints(type(unsaid))
    return replace(unsaid, occurred_on=row["day"], **{name: read(hints[name], value) for name, value in said.items()})


def record_of(story):
    roll = [recorded(enrolled(story["born"], date(2009, 9, 1)), 98), recorded(a_contact(MOTHER, date(2009, 9, 1)), 99)]
    told = [row for row in story["entries"] if row["what"] == "contact.described"]
    rows = [recorded(entry_of(row), number, supersedes=row.get("supersedes")) for number, row in enumerate(story["entries"], start=1)]
    return Record.fold(A_SCHOOL, [roll[0], *(() if told else roll[1:]), *rows], PUPIL)


def of_rule(record, rule, until=LATER):
    assert rule in RULES
    return [owed for owed in obligations(record, until=until) if owed.rule.id == rule]


def statuses(record):
    return [{"from": p.since, "to": p.until, "status": p.status.value, "imported": p.imported} for p in record.statuses]


ON_A_DAY = {
    "status_on": lambda record, day: record.status_on(day).value,
    "needs_on": lambda record, day: [need.need_type.value for need in record.needs_on(day)],
    "told_on": lambda record, day: [NAMES[person.id] for person in people_to_tell(record, day).persons],
    "rights_on": lambda record, day: right_holder(record, day).value,
    "undecided_on": lambda record, day: record.as_at(day).open_withdrawn is not None,
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["title"])
def test_a_story_comes_out_as_it_is_published(story):
    record, expected = record_of(story), story["expect"]
    if "statuses" in expected:
        assert statuses(record) == [{"to": None, **row} for row in expected["statuses"]]
    for name, answer in ON_A_DAY.items():
        assert {day: answer(record, day) for day in expected.get(name, {})} == expected.get(name, {})
    for rule, due in expected.get("due", {}).items():
        assert sorted(owed.due for owed in of_rule(record, rule)) == due
    for row in expected.get("obligations", []):
        states = [owed.state_on(row["day"]) for owed in of_rule(record.as_at(row["day"]), row["rule"])]
        assert [state.value for state in states if state] == row["states"], row


def test_a_story_says_what_it_shows_and_expects_something():
    assert len(STORIES) >= 8
    assert all(story["title"] and story["why"] and story["expect"] for story in STORIES)
    known = {"statuses", "due", "obligations", *ON_A_DAY}
    assert all(set(story["expect"]) <= known for story in STORIES)


def test_the_folder_explains_itself():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(name in text for name in ("statuses", "due", "obligations", *ON_A_DAY))
