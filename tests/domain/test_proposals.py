"""What is only proposed is enforced by nobody: no obligation, no finding, no plan of a kind that no law knows."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.domain import obligations as gathering
from app.domain.binding import binding, binds
from app.domain.codes import PlanType, SenStatus
from app.domain.cycles import agree_plan
from app.domain.obligation import Obligation, Shape
from app.domain.obligations import obligations
from app.domain.programmes import PROGRAMMES, SCHOOL_ACTION
from app.domain.proposals import INDIVIDUAL_SUPPORT_PLANS, PROPOSALS
from app.domain.rule import Checking, Force
from app.domain.rules import RULES
from app.domain.transitions import decide_transition
from tests.domain.builders import A_SCHOOL, AS_SENCO, a_plan, a_record, a_transition, an_assessment, enrolled, sen_decided

PROPOSED = [rule for rule in RULES.values() if rule.force is Force.PROPOSED]
DAY, REVIEW_ON = date(2030, 9, 2), date(2031, 1, 15)
APP = Path(__file__).parents[2] / "app"


def test_every_proposed_rule_is_reserved_and_no_other_is():
    assert {row for rule in PROPOSED for row in rule.rows} == {"POL-01", "POL-02", "POL-03"}
    assert [rule for rule in RULES.values() if rule.checking is Checking.RESERVED] == PROPOSED


@pytest.mark.parametrize("rule", PROPOSED, ids=lambda rule: rule.id)
@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2029, 9, 1), date(2035, 9, 1), None])
def test_no_finding_of_a_proposed_rule_reaches_a_school_on_any_day(rule, day):
    """Statute beside it does: the same remark under another force is kept."""
    law = replace(rule, force=Force.MUST)
    assert not binds(rule, A_SCHOOL, day)
    assert binding(A_SCHOOL, day, (rule.broken(missing=("plan",)), rule.kept())) == ()
    assert binding(A_SCHOOL, day, (law.kept(),)) == (law.kept(),)


@pytest.mark.parametrize(("force", "is_owed"), [(Force.PROPOSED, False), (Force.MUST, True)])
def test_no_obligation_of_a_proposed_rule_is_owed_whatever_the_record(force, is_owed):
    """A duty that somebody derives under a proposal is dropped; the same under statute is owed."""
    rule = replace(PROPOSED[0], force=force)
    owed = Obligation(rule=rule, shape=Shape.DATED, occasion="1", arises_on=DAY, due=DAY)
    found = list(gathering.obligations(a_record(enrolled()), until=REVIEW_ON, duties=(lambda record, until: iter((owed,)),)))
    assert [one.rule for one in found] == ([rule] if is_owed else [])


def test_no_duty_there_is_derives_anything_under_a_proposal():
    record = a_record(enrolled(), sen_decided(DAY), an_assessment(DAY), a_plan(DAY, REVIEW_ON))
    assert not {owed.rule.force for owed in obligations(record, until=date(2036, 8, 31))} & {Force.PROPOSED}


def test_only_the_sketch_itself_names_a_proposed_rule():
    """No step, duty or route can enforce what it does not know."""
    names = re.compile("KEEP_TO_THE_LAW_UNTIL_IT_CHANGES|TELL_A_LOCAL_PLAN_FROM|KEEP_THE_LAYERS_OF_SUPPORT")
    naming = {file.name for file in APP.rglob("*.py") if names.search(file.read_text(encoding="utf-8"))}
    assert naming == {"proposed_support_plans.py", "proposals.py"}


def test_the_proposed_programme_moves_nobody():
    assert not set(PROPOSALS) & set(PROGRAMMES)
    moved = a_transition(DAY, SenStatus.NONE, SenStatus.SEN_SUPPORT, programme=INDIVIDUAL_SUPPORT_PLANS.id)
    assert decide_transition(a_record(enrolled(), sen_decided(date(2026, 9, 1))), moved, AS_SENCO).is_refused
    assert a_record(sen_decided(date(2026, 9, 1))).open_withdrawn is None
    assert SenStatus.SEN_SUPPORT not in SCHOOL_ACTION.from_codes


@pytest.mark.parametrize(("plan_type", "is_refused"), [(kind, kind in {PlanType.ISP_STATUTORY, PlanType.EHC}) for kind in PlanType])
def test_a_local_form_of_that_name_is_a_plan_and_the_statutory_one_is_not_yet(plan_type, is_refused):
    """Trap T25: some schools call a form of their own an Individual Support Plan."""
    record = a_record(enrolled(), sen_decided(DAY), an_assessment(DAY))
    decision = agree_plan(record, a_plan(DAY, REVIEW_ON, plan_type=plan_type), AS_SENCO)
    assert decision.is_refused is is_refused
    assert {finding.rule.force for finding in decision.findings} & {Force.PROPOSED} == set()
    assert not is_refused or "isp_local" in decision.findings[0].cure


def test_a_plan_that_says_nothing_is_one_for_sen_support():
    assert a_plan(DAY, REVIEW_ON).plan_type is PlanType.SEN_SUPPORT
    assert [kind for kind in PlanType if kind.is_reserved] == [PlanType.ISP_STATUTORY]
