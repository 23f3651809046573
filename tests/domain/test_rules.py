"""The rules as data: each has a source, dates, a force and a certainty that agree with the project's table of duties."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.domain.citation import code_of_practice
from app.domain.codes import SchoolType
from app.domain.rule import Certainty, Force, Rule
from app.domain.rules import INSTRUMENTS, RULES, RULES_VERSION, rules_of, version_of
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules import transition_2014_2015 as transition
from app.domain.rules.code_of_practice_2015 import graduated_approach as approach
from app.domain.rules.reading import TRANSITION_WINDOW

FORCES = {
    "MUST": Force.MUST,
    "SHOULD": Force.SHOULD,
    "DATA": Force.DATA_STANDARD,
    "LOCAL": Force.LOCAL,
    "HIST": Force.HISTORY,
    "PROP": Force.PROPOSED,
}
CERTAINTIES = {"V1": Certainty.PRIMARY, "V2": Certainty.SECONDARY, "SEED": Certainty.LEAFLET, "K": Certainty.UNCHECKED}
TABLE = Path(__file__).with_name("rulebook_rows.csv")
ROWS = {row["row"]: row for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())}

UNREAD_LIMBS = {"let-somebody-act-for-who-cannot"}
"""Rules about a limb of their line whose provision nobody has read, though the rest of the line was."""

EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


@EVERY_RULE
def test_a_rule_says_where_it_is_written_and_when_that_was_last_read(rule: Rule) -> None:
    assert rule.cites
    assert all(citation.provision for citation in rule.cites)
    assert rule.checked == date(2026, 11, 22)


@EVERY_RULE
def test_a_rule_names_the_lines_of_the_rulebook_that_it_carries(rule: Rule) -> None:
    assert rule.rows
    assert set(rule.rows) <= set(ROWS)


@EVERY_RULE
def test_a_rule_has_the_force_certainty_and_first_day_of_the_line_it_comes_from(rule: Rule) -> None:
    """Where a rule carries several lines the first one is its own, the others say the same elsewhere.

    A rule is never surer than its line; where its limb of the line was not read, it is unchecked.
    """
    line = ROWS[rule.rows[0]]
    assert rule.force is FORCES[line["force"]]
    assert rule.certainty is (Certainty.UNCHECKED if rule.id in UNREAD_LIMBS else CERTAINTIES[line["certainty"]])
    assert rule.in_force.since == (date.fromisoformat(line["valid_from"]) if line["valid_from"] else None)
    assert {FORCES[ROWS[row]["force"]] for row in rule.rows} == {rule.force}


@EVERY_RULE
def test_a_rule_names_the_types_of_school_it_binds(rule: Rule) -> None:
    assert rule.binds


def test_rules_have_ids_of_their_own_and_carry_at_least_forty_lines() -> None:
    assert len(RULES) == sum(len(rules_of(instrument)) for instrument in INSTRUMENTS)
    assert len({row for rule in RULES.values() for row in rule.rows}) >= 40


@pytest.mark.parametrize(
    ("school_type", "is_bound"),
    [
        (SchoolType.MAINTAINED_SPECIAL, True),
        (SchoolType.HOSPITAL_SPECIAL, False),
        (SchoolType.ALTERNATIVE_PROVISION_ACADEMY, True),
        (SchoolType.SIXTEEN_TO_NINETEEN_ACADEMY, False),
    ],
)
def test_the_duty_to_inform_reaches_special_schools_but_not_hospital_schools_or_colleges(school_type: SchoolType, is_bound: bool) -> None:
    """Children and Families Act 2014, sections 68 and 83(2)."""
    assert (school_type in act.INFORM_PARENTS_OF_SEN_PROVISION.binds) is is_bound


def test_the_cycle_of_chapter_6_does_not_bind_special_schools() -> None:
    assert SchoolType.MAINTAINED_SPECIAL not in approach.REVIEW_BY_THE_AGREED_DATE.binds
    assert SchoolType.ACADEMY_MAINSTREAM in approach.REVIEW_BY_THE_AGREED_DATE.binds


@pytest.mark.parametrize(
    ("day", "is_in_time"),
    [(date(2014, 8, 31), False), (date(2014, 9, 1), True), (date(2015, 8, 31), True), (date(2015, 9, 1), False)],
)
def test_the_window_of_the_move_is_one_school_year_but_its_rules_stay_in_force(day: date, is_in_time: bool) -> None:
    assert (day in TRANSITION_WINDOW) is is_in_time
    assert date(2026, 3, 2) in transition.DECIDE_EACH_SCHOOL_ACTION_PUPIL.in_force


def test_the_version_changes_with_any_rule_and_not_with_their_order() -> None:
    rules = list(RULES.values())
    moved = replace(rules[0], cites=(code_of_practice("1.1"),))
    assert version_of(reversed(rules)) == RULES_VERSION
    assert version_of([moved, *rules[1:]]) != RULES_VERSION
