"""The rules as data: each has a source, dates, a force and a certainty that agree with the project's table of duties."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.citation import code_of_practice
from app.domain.codes import SchoolType
from app.domain.rule import Certainty, Force, Rule
from app.domain.rules import INSTRUMENTS, RULES, RULES_VERSION, rules_of, version_of
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules import code_of_practice_2015_graduated_approach as approach
from app.domain.rules import transition_2014_2015 as transition
from app.domain.rules.reading import TRANSITION_WINDOW

FORCES = {"MUST": Force.MUST, "SHOULD": Force.SHOULD, "DATA": Force.DATA_STANDARD, "LOCAL": Force.LOCAL, "HIST": Force.HISTORY}
CERTAINTIES = {"V1": Certainty.PRIMARY, "V2": Certainty.SECONDARY, "SEED": Certainty.LEAFLET, "K": Certainty.UNCHECKED}
ROWS = {
    line.split(",")[0]: line.split(",")[1:]
    for line in """\
APDR-01,SHOULD,V2,2014-09-01
APDR-02,SHOULD,V2,2014-09-01
APDR-05,MUST,V1,2014-09-01
APDR-06,SHOULD,V2,2014-09-01
APDR-07,SHOULD,V2,2014-09-01
APDR-08,SHOULD,V2,2014-09-01
APDR-09,SHOULD,V2,2014-09-01
APDR-10,SHOULD,V2,2014-09-01
APDR-11,SHOULD,SEED,2014-09-01
APDR-12,SHOULD,V2,2014-09-01
APDR-13,LOCAL,V2,2014-09-01
APDR-14,SHOULD,V2,2014-09-01
APDR-15,SHOULD,V2,2014-09-01
APDR-16,SHOULD,V2,2014-09-01
APDR-20,SHOULD,V2,2014-09-01
APDR-23,SHOULD,V2,2014-09-01
APDR-25,SHOULD,V2,2014-09-01
APDR-26,SHOULD,V2,2014-09-01
APDR-27,SHOULD,V2,2014-09-01
APDR-28,SHOULD,V2,2014-09-01
APDR-30,SHOULD,V2,2014-09-01
APDR-34,SHOULD,V2,2014-09-01
DAT-01,DATA,V1,
DAT-02,MUST,V1,
EHC-01,MUST,V1,2014-09-01
EHC-02,MUST,V1,2014-09-01
EHC-05,MUST,V1,2014-09-01
EHC-08,MUST,V1,2014-09-01
EHC-10,MUST,V1,2014-09-01
EHC-21,MUST,V1,2014-09-01
GOV-01,MUST,V1,2014-09-01
GOV-02,MUST,V1,2014-09-01
GOV-03,MUST,V1,2014-09-01
GOV-06,MUST,V1,2014-09-01
ID-01,SHOULD,V2,2014-09-01
ID-03,SHOULD,V2,2014-09-01
ID-04,SHOULD,V2,2014-09-01
ID-05,SHOULD,V2,2014-09-01
ID-06,SHOULD,V2,2014-09-01
ID-07,SHOULD,V2,2014-09-01
ID-08,SHOULD,V2,2014-09-01
ID-09,MUST,V1,2014-09-01
ID-10,SHOULD,V2,2014-09-01
ID-11,SHOULD,V2,2014-09-01
ID-12,SHOULD,V2,2014-09-01
ID-13,SHOULD,V2,2014-09-01
ID-14,MUST,V1,2014-09-01
ID-15,SHOULD,V2,2014-09-01
ID-16,MUST,V1,2014-09-01
ID-17,DATA,V1,
ID-18,SHOULD,V2,2014-09-01
ID-19,MUST,K,2014-09-01
META-04,MUST,V1,2014-09-01
REC-02,MUST,V1,2018-05-25
REC-08,MUST,V2,2014-09-01
REC-10,SHOULD,K,
REC-11,MUST,K,2018-05-25
REC-12,MUST,V2,
TRN-02,SHOULD,V2,2014-09-01
TRN-03,HIST,V2,2014-09-01
TRN-04,SHOULD,SEED,2014-09-01
TRN-05,SHOULD,V2,2014-09-01
TRN-06,DATA,K,2014-09-01
TRN-07,DATA,V2,2014-09-01
TRN-08,DATA,V2,2014-09-01
TRN-09,HIST,V2,2014-09-01
TRN-10,DATA,V1,2018-04-01
TRN-11,DATA,V1,2014-09-01
TRN-12,DATA,V2,2014-09-01
TRN-13,DATA,V1,2018-04-01
TRN-14,DATA,V1,2014-09-01
TRN-15,DATA,V1,2005-01-01
TRN-16,DATA,V1,2014-09-01
TRN-17,DATA,V2,2014-09-01
TRN-18,DATA,K,
""".splitlines()
}

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
    """Where a rule carries several lines the first one is its own, the others say the same elsewhere."""
    force, certainty, since = ROWS[rule.rows[0]]
    assert (rule.force, rule.certainty) == (FORCES[force], CERTAINTIES[certainty])
    assert rule.in_force.since == (date.fromisoformat(since) if since else None)
    assert {FORCES[ROWS[row][0]] for row in rule.rows} == {rule.force}


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
