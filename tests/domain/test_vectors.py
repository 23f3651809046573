"""The published cases of `tests/vectors`, taken in the domain and held against what it derives."""

from collections import Counter
from dataclasses import fields
from datetime import datetime
from functools import cache
from uuid import UUID

import pytest

from app.db.codec import entry_of
from app.domain.author import Author, AuthorKind
from app.domain.entries import KINDS
from app.domain.evaluation import Evaluation, evaluation_of
from app.domain.replay import Replayed, Told, replay
from app.domain.rule import Checking
from app.domain.rules import RULES
from app.exchange.vectors import Vector, examples_of
from tests.vectors.publish import PUBLISHED, written
from tests.vectors.publish import published as as_published
from tests.vectors.reading import EXPECTED, FAR_ON, FOLDER, NAMES, ON_A_DAY, PEOPLE, cases, read_case, rows, unsaid

SHOWN = frozenset({Checking.OBLIGATION, Checking.FINDING, Checking.DATA_CHECK})
STILL_ON_ONE_SIDE: frozenset[str] = frozenset()
"""Rules that a machine checks and of which the cases do not yet show both sides; meant to be empty."""


def told_of(entry):
    facts = {**entry["facts"], "occurred_on": entry["occurred_on"]}
    author = entry.get("author")
    return Told(
        number=entry["number"],
        entry=entry_of(KINDS[entry["type"]], facts),
        supersedes=entry.get("supersedes"),
        recorded_at=datetime.fromisoformat(entry["recorded_at"]) if "recorded_at" in entry else None,
        author=author and Author(kind=AuthorKind(author["kind"]), id=UUID(author["id"])),
    )


def replayed(case) -> Replayed:
    return replay([told_of(entry) for entry in case.school], [told_of(entry) for entry in case.record], PEOPLE["pupil"])


ANSWERS = {
    "status_on": lambda found: found.status.value,
    "needs_on": lambda found: [need.need_type.value for need in found.needs],
    "told_on": lambda found: [NAMES[person.id] for person in found.to_tell.persons],
    "rights_on": lambda found: found.rights.value,
    "undecided_on": lambda found: found.is_undecided,
}


def statuses(found: Evaluation):
    return [{"from": p.since, "to": p.until, "status": p.status.value, "imported": p.imported} for p in found.statuses]


def owed(found: Evaluation, rule: str):
    assert rule in RULES, rule
    return [standing for standing in found.obligations if standing.owed.rule.id == rule]


def failures(found: Evaluation, rule: str):
    assert rule in RULES, rule
    return [error.number for error in found.census if error.finding.rule.id == rule]


def is_in(row, remark, *, is_refused):
    number = row.get("school_entry", row.get("entry"))
    return (remark.number, remark.of_the_school, remark.is_refused) == (number, "school_entry" in row, is_refused)


def remarks(found: Evaluation, row, *, is_refused):
    assert row["rule"] in RULES, row["rule"]
    said = [finding for remark in found.remarks if is_in(row, remark, is_refused=is_refused) for finding in remark.findings]
    return {finding.kept for finding in said if finding.rule.id == row["rule"]}


@pytest.mark.parametrize(("written", "file"), rows(), ids=lambda told: told["title"] if isinstance(told, dict) else told)
def test_a_case_comes_out_as_it_is_published(written, file):
    case = read_case(written, file)
    taken, expected = replayed(case), case.expect
    found = cache(lambda day: evaluation_of(taken, as_at=day, until=FAR_ON))
    whole = found(FAR_ON)
    if "statuses" in expected:
        assert statuses(whole) == [{"to": None, **row} for row in expected["statuses"]]
    for name, answer in ANSWERS.items():
        assert {day: answer(found(day)) for day in expected.get(name, {})} == expected.get(name, {})
    for rule, due in expected.get("due", {}).items():
        assert sorted(standing.owed.due for standing in owed(whole, rule)) == due
    for row in expected.get("obligations", []):
        assert [standing.state.value for standing in owed(found(row["day"]), row["rule"])] == row["states"], row
    for row in expected.get("census", []):
        assert failures(found(row["day"]), row["rule"]) == row["errors"], row
    for row in expected.get("findings", []):
        assert row["kept"] in remarks(whole, row, is_refused=False), (row, whole.remarks)
    for row in expected.get("unremarked", []):
        assert remarks(whole, row, is_refused=False) == set(), (row, whole.remarks)
    for row in expected.get("refused", []):
        assert False in remarks(whole, row, is_refused=True), (row, whole.remarks)
    refused = {(r.number, r.of_the_school) for r in whole.remarks if r.is_refused}
    named = {(row.get("school_entry", row.get("entry")), "school_entry" in row) for row in expected.get("refused", [])}
    assert refused <= named, [remark for remark in whole.remarks if remark.is_refused]


def test_a_case_says_what_it_shows_and_expects_something():
    assert all(case.title and case.why and case.expect and case.days for case in cases())
    assert all(set(case.rules) <= set(RULES) for case in cases())


def test_no_two_cases_have_one_title():
    assert [title for title, times in Counter(case.title for case in cases()).items() if times > 1] == []


def test_there_are_at_least_a_hundred_and_fifty_cases():
    assert len(cases()) >= 150


def test_every_rule_that_a_machine_checks_is_shown_kept_and_broken():
    """A finding each way, or a duty kept on one side and broken, late or refused on the other."""
    vectors = [Vector.of(written(case)) for case in cases()]
    examples = {rule.id: examples_of(rule.id, vectors) for rule in RULES.values() if rule.checking in SHOWN}
    assert {rule for rule, found in examples.items() if found.kept is None or found.broken is None} == STILL_ON_ONE_SIDE


def test_what_is_published_is_what_the_cases_say():
    assert PUBLISHED.read_text(encoding="utf-8") == as_published(), "run `make docs`"


def test_what_is_unsaid_is_of_kinds_and_fields_that_exist():
    assert set(unsaid()) <= set(KINDS)
    assert all(set(facts) <= {field.name for field in fields(KINDS[kind])} for kind, facts in unsaid().items())


def test_the_folder_explains_itself():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in (*EXPECTED, *ON_A_DAY, "written_on", "by", "supersedes", "school"))
