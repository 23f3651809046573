"""Nobody left to tell: every step that leaves it so, or finds it so, says it, and the duty to tell is never taken for kept."""

from datetime import date

import pytest

from app.domain import circumstances, cycles, roll
from app.domain.decision import Decision
from app.domain.entries import CapacityDecided, CareDescribed, Entry, Matter, PersonTold, Telling
from app.domain.obligation import State
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rule import Rule
from app.domain.rules.children_and_families_act_2014 import HONOUR_WHO_HOLDS_THE_RIGHTS, INFORM_PARENTS_OF_SEN_PROVISION
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    END_SUPPORT_AT_A_REVIEW,
    EXPLAIN_THE_IMPACT_TO_PARENTS,
    MAKE_PARENTS_AWARE_OF_THE_PLAN,
)
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from tests.domain.builders import (
    AS_HEAD,
    AS_SENCO,
    FATHER,
    GRANDMOTHER,
    MOTHER,
    a_contact,
    a_plan,
    a_record,
    a_review,
    an_assessment,
    enrolled,
    sen_decided,
    support_ended,
)

DECIDED, AFTER = date(2025, 9, 10), date(2025, 9, 12)
BARRED = {"information_restricted": True, "restriction_basis": "Order of the court"}


def said(decision: Decision) -> list[Rule]:
    """The rules under which it is said that there is nobody to tell."""
    assert not decision.is_refused
    return [finding.rule for finding in decision.findings if finding.missing == ("person to tell",) and not finding.kept]


def described(record: Record, **facts: object) -> list[Rule]:
    return said(roll.describe_contact(record, a_contact(MOTHER, AFTER, **{"restriction_basis": None, **facts}), AS_HEAD))


@pytest.mark.parametrize("facts", [BARRED, {**BARRED, "contact_restricted": True}, {"parental_responsibility": False, "has_care": False}])
def test_to_bar_the_only_parent_leaves_nobody(facts: dict[str, object]) -> None:
    assert described(a_record(enrolled(), a_contact(MOTHER)), **facts) == [TREAT_CARERS_AS_PARENTS]
    assert described(a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER)), **facts) == []


def test_where_nobody_was_to_be_told_before_the_step_does_not_leave_it_so() -> None:
    assert described(a_record(enrolled()), **BARRED) == []
    assert described(a_record(enrolled(), a_contact(MOTHER, information_restricted=True)), **BARRED) == []


def test_a_representative_who_may_not_be_told_leaves_nobody() -> None:
    young = (enrolled(date(2008, 5, 1)), a_contact(GRANDMOTHER, **BARRED), a_contact(MOTHER))
    for representative, rules in ((GRANDMOTHER, [HONOUR_WHO_HOLDS_THE_RIGHTS]), (MOTHER, []), (None, [])):
        entry = CapacityDecided(occurred_on=AFTER, has_capacity=False, representative=representative, basis="Best interests meeting")
        assert said(circumstances.decide_capacity(a_record(*young), entry, AS_SENCO)) == rules


def test_an_authority_that_no_longer_shares_responsibility_leaves_nobody() -> None:
    worker = a_contact(GRANDMOTHER, parental_responsibility=False, has_care=False)
    cared = CareDescribed(occurred_on=DECIDED, is_looked_after=True, authority="999", has_responsibility=True, social_worker=GRANDMOTHER)
    ended = CareDescribed(occurred_on=AFTER, is_looked_after=False)
    assert said(circumstances.describe_care(a_record(enrolled(), worker, cared), ended, AS_HEAD)) == [TREAT_CARERS_AS_PARENTS]
    assert said(circumstances.describe_care(a_record(enrolled(), worker, a_contact(MOTHER), cared), ended, AS_HEAD)) == []


def story(*parents: Entry) -> list[Entry]:
    day = date(2025, 10, 1)
    return [enrolled(), *parents, sen_decided(DECIDED), an_assessment(day), a_plan(day, date(2025, 12, 12)), a_review(date(2025, 12, 12))]


@pytest.mark.parametrize("is_barred", [True, False])
def test_a_plan_a_review_and_the_end_of_support_say_when_nobody_is_there_to_be_told(is_barred: bool) -> None:
    entries = story(a_contact(MOTHER, **(BARRED if is_barred else {})))
    record = a_record(*entries)
    plan = said(cycles.agree_plan(a_record(*entries[:4]), entries[4], AS_SENCO))  # type: ignore[arg-type]
    review = said(cycles.hold_review(a_record(*entries[:5]), entries[5], AS_SENCO))  # type: ignore[arg-type]
    end = said(cycles.end_support(record, support_ended(date(2025, 12, 15), review=6), AS_SENCO))
    expected = [[MAKE_PARENTS_AWARE_OF_THE_PLAN], [EXPLAIN_THE_IMPACT_TO_PARENTS], [END_SUPPORT_AT_A_REVIEW]]
    assert [plan, review, end] == (expected if is_barred else [[], [], []])


def states(*entries: Entry, on: date = date(2025, 12, 1)) -> list[State | None]:
    record = a_record(enrolled(), *entries)
    return [owed.state_on(on) for owed in obligations(record, until=date(2026, 8, 31)) if owed.rule is INFORM_PARENTS_OF_SEN_PROVISION]


def test_a_duty_whose_last_person_was_barred_in_time_is_not_known_and_does_not_vanish() -> None:
    decided = (a_contact(MOTHER), a_contact(FATHER), sen_decided(DECIDED))
    mother, father = a_contact(MOTHER, AFTER, **BARRED), a_contact(FATHER, date(2025, 9, 17), **BARRED)
    assert states(*decided, mother) == [None, State.BROKEN]
    assert states(*decided, mother, father) == [None, None, State.NOT_KNOWN]
    assert states(*decided, mother, father, on=date(2025, 9, 16)) == [None, State.DUE, None]
    assert states(*decided, mother, a_contact(FATHER, date(2025, 9, 18), **BARRED)) == [None, State.BROKEN]


def test_who_was_told_before_they_were_barred_was_told() -> None:
    told = PersonTold(occurred_on=DECIDED, person=MOTHER, matter=Matter.SEN_PROVISION, about=3, notice=None, how=Telling.IN_PERSON)
    assert states(a_contact(MOTHER), sen_decided(DECIDED), told, a_contact(MOTHER, AFTER, **BARRED)) == [State.KEPT]


def test_who_may_be_told_again_is_owed_it_again() -> None:
    back = a_contact(MOTHER, date(2025, 9, 15))
    assert states(a_contact(MOTHER), sen_decided(DECIDED), a_contact(MOTHER, AFTER, **BARRED), back) == [State.BROKEN]
