"""A migration is data: a second one is declared here by codes, days and rules alone, and everything that holds for the first follows."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.db.projections import Projection, projected
from app.db.records import summary_of
from app.domain.codes import SenStatus, StaffRole
from app.domain.entries import Judgement, Matter, PersonTold, Telling
from app.domain.moves import MOVES, leads
from app.domain.notices import notices_owed
from app.domain.obligation import State
from app.domain.obligations import obligations
from app.domain.programmes import PROGRAMMES, SCHOOL_ACTION, Programme, ProgrammeRules
from app.domain.rule import Certainty, InForce
from app.domain.transitions import decide_transition, is_late, open_transition_findings
from tests.domain.builders import (
    AS_HEAD,
    AS_SENCO,
    AS_TEACHER,
    HEAD,
    MOTHER,
    a_contact,
    a_record,
    a_school,
    a_transition,
    enrolled,
    imported,
    plan_issued,
    recorded,
)

OPENS, CLOSES, SINCE, DAY = date(2030, 9, 1), date(2031, 8, 31), date(2025, 9, 1), date(2030, 11, 4)
A_DAY = timedelta(days=1)
BORN = date(2019, 11, 20)
K, N, E = SenStatus.SEN_SUPPORT, SenStatus.NONE, SenStatus.EHC_PLAN

OF_A_PROGRAMME = ("begins", "decide", "record", "finish", "tell", "set_type")


def invented(name: str, rule: object) -> object:
    return replace(rule, id=f"{name}-by-an-invented-programme", certainty=Certainty.UNCHECKED, in_force=InForce(since=OPENS))


PLANS_TO_SUPPORT = Programme(
    id="plans-to-support",
    from_codes=frozenset({E}),
    to_codes=frozenset({K, N}),
    window=InForce(since=OPENS, until=CLOSES),
    deciders=frozenset({StaffRole.HEAD}),
    reviewers=frozenset({StaffRole.HEAD}),
    beside=frozenset(),
    holds=("reason",),
    weighs=("pupils_view",),
    rules=ProgrammeRules(**{name: invented(name, getattr(SCHOOL_ACTION.rules, name)) for name in OF_A_PROGRAMME}),
)
RULES = PLANS_TO_SUPPORT.rules
SCHOOL = replace(a_school(), programmes=(SCHOOL_ACTION, PLANS_TO_SUPPORT))
OPENING = (enrolled(BORN, SINCE), a_contact(MOTHER, SINCE), imported(E, SINCE))


def a_move(on: date = DAY, **changes: object) -> object:
    said = {"programme": "plans-to-support", "came_from": E, "reviewers": (HEAD,), "needs_analysis": "", "ordinarily_available": ""}
    return a_transition(on, **{**said, **changes})


def on_a_plan(*more: object, school: object = SCHOOL) -> object:
    return a_record(*OPENING, *more, school=school)


def state(record: object, rule: object, day: date) -> State | None:
    (owed,) = [owed for owed in obligations(record.as_at(day), until=day) if owed.rule is rule]
    return owed.state_on(day)


@pytest.mark.parametrize("judgement", [Judgement.SEN_SUPPORT, Judgement.NO_SEN])
def test_a_second_programme_is_decided_as_its_data_say(judgement):
    decision = decide_transition(on_a_plan(), a_move(judgement=SenStatus(judgement)), AS_HEAD)
    assert not decision.is_refused
    assert {RULES.decide.id, RULES.record.id, RULES.finish.id} <= {finding.rule.id for finding in decision.findings if finding.kept}
    assert on_a_plan(a_move(judgement=SenStatus(judgement))).status is judgement.status


@pytest.mark.parametrize(
    ("entry", "by", "rule"),
    [
        (a_move(), AS_SENCO, RULES.record),
        (a_move(), AS_TEACHER, RULES.record),
        (a_move(reason=" "), AS_HEAD, RULES.record),
        (a_move(OPENS - A_DAY), AS_HEAD, RULES.begins),
        (a_move(judgement=E), AS_HEAD, None),
        (a_move(came_from=K), AS_HEAD, None),
    ],
)
def test_it_refuses_who_may_not_decide_what_it_does_not_hold_and_days_before_it(entry, by, rule):
    """The head alone decides here; under School Action the SENCO does, too."""
    decision = decide_transition(on_a_plan(), entry, by)
    assert decision.is_refused
    assert rule is None or decision.findings[0].rule is rule


@pytest.mark.parametrize(("day", "is_refused"), [(OPENS - A_DAY, True), (OPENS, False)])
def test_its_window_opens_on_its_first_day(day, is_refused):
    assert decide_transition(on_a_plan(), a_move(day), AS_HEAD).is_refused is is_refused


@pytest.mark.parametrize(("day", "late"), [(CLOSES, False), (CLOSES + A_DAY, True)])
def test_a_decision_after_its_window_takes_effect_and_is_late(day, late):
    decision = decide_transition(on_a_plan(), a_move(day), AS_HEAD)
    assert not decision.is_refused
    assert is_late(decision.entries[0], SCHOOL.programmes) is late
    assert [finding.kept for finding in decision.findings if finding.rule is RULES.finish] == [not late]
    assert (RULES.finish in {finding.rule for finding in open_transition_findings(on_a_plan(), day)}) is late


def test_a_school_that_has_no_such_programme_knows_nothing_of_it():
    plain = on_a_plan(school=a_school())
    assert decide_transition(plain, a_move(), AS_HEAD).is_refused
    assert plain.open_withdrawn is None
    assert not leads(E, K, type(a_move()))
    assert leads(E, K, type(a_move()), SCHOOL.programmes)


@pytest.mark.parametrize(
    ("decided", "day", "expected"),
    [
        ((), OPENS, State.DUE),
        ((), CLOSES, State.DUE),
        ((), CLOSES + A_DAY, State.BROKEN),
        ((a_move(CLOSES),), CLOSES, State.KEPT),
        ((a_move(CLOSES + A_DAY),), CLOSES + A_DAY, State.KEPT_LATE),
    ],
)
def test_a_decision_is_owed_for_each_pupil_by_the_last_day_of_its_window(decided, day, expected):
    assert state(on_a_plan(*decided), RULES.decide, day) is expected


def test_a_plan_made_and_ended_before_the_window_owes_no_decision():
    ended = (enrolled(on=SINCE), imported(E, SINCE), imported(K, date(2029, 9, 3)))
    assert RULES.decide not in {owed.rule for owed in obligations(a_record(*ended, school=SCHOOL), until=CLOSES)}


def test_each_person_is_to_be_told_of_it_and_what_follows_is_kept_when_they_are():
    (move,) = on_a_plan(a_move()).entries[-1:]
    (notice,) = notices_owed(on_a_plan(a_move()), [move])
    assert (notice.matter, notice.person.id) == (Matter.TRANSITION, MOTHER)
    told = PersonTold(occurred_on=DAY, person=MOTHER, matter=Matter.TRANSITION, about=4, notice=None, how=Telling.IN_PERSON)
    assert state(on_a_plan(a_move()), RULES.tell, DAY) is State.DUE
    assert state(on_a_plan(a_move(), told), RULES.tell, DAY) is State.KEPT


def test_what_is_stored_of_a_pupil_shows_whether_the_move_is_undecided():
    def stored(record: object) -> object:
        changes = Projection(record=record, last_number=4, changes=type("None_", (), {"closed": (), "opened": ()})(), known_from=1)
        (row,) = projected(recorded(plan_issued(DAY)).pupil, [changes], rules_version="none", new_id=lambda: None)[2]
        return row["undecided_since"]

    assert stored(on_a_plan()) == SINCE
    assert stored(on_a_plan(a_move())) is None
    assert summary_of(on_a_plan())["undecided"] == {"came_from": "E", "since": "2025-09-01"}
    assert summary_of(on_a_plan(a_move()))["undecided"] is None


def test_both_programmes_run_side_by_side():
    """Who is on School Action still falls under the first alone."""
    action = a_record(enrolled(on=SINCE), imported(SenStatus.SCHOOL_ACTION, SINCE), school=SCHOOL)
    owed = {owed.rule for owed in obligations(action, until=CLOSES)}
    assert SCHOOL_ACTION.rules.decide in owed
    assert RULES.decide not in owed


def test_a_programme_leads_out_of_what_it_moves_and_its_moves_stand_in_the_table():
    for programme in PROGRAMMES.values():
        assert not programme.from_codes & programme.to_codes
        assert all((came_from, to) in MOVES for came_from in programme.from_codes for to in programme.to_codes)
        assert all(hasattr(a_transition(DAY), name) for name in (*programme.holds, *programme.weighs))


DATA = {"codes.py", "programmes.py", "moves.py", "citation.py"}
LAYERS = ("casework", "db", "webhooks", "domain")


@pytest.mark.parametrize("layer", LAYERS)
def test_no_step_notice_or_statement_names_the_programme_it_works_for(layer):
    """Only data, the law itself, and what reads old codes out of files name School Action."""
    folder = Path(__file__).parents[2] / "app" / layer
    files = [file for file in folder.rglob("*.py") if not {"rules", "migrations"} & set(file.relative_to(folder).parts)]
    assert files
    naming = {file.name for file in files if re.search(r"school.?action", file.read_text(encoding="utf-8"), re.IGNORECASE)}
    assert naming <= DATA | {"roll.py"}
