"""Which notices a step gives rise to, for whom, under which rule."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.domain.codes import SchoolType, SenStatus
from app.domain.entries import Entry, Judgement, Matter, Recorded
from app.domain.notices import notices_owed
from app.domain.rule import Rule
from app.domain.rules import children_and_families_act_2014 as act
from app.domain.rules import transition_2014_2015 as transition
from app.domain.rules.code_of_practice_2015 import graduated_approach as approach
from app.domain.rules.code_of_practice_2015 import identification
from tests.domain.builders import (
    FATHER,
    GRANDMOTHER,
    MOTHER,
    PUPIL,
    a_concern,
    a_contact,
    a_plan,
    a_record,
    a_review,
    a_school,
    a_transition,
    enrolled,
    imported,
    recorded,
    sen_decided,
    support_ended,
)

DAY = date(2025, 9, 10)


@pytest.mark.parametrize(
    ("entry", "matter", "rule", "stage", "due"),
    [
        (sen_decided(DAY), Matter.SEN_PROVISION, act.INFORM_PARENTS_OF_SEN_PROVISION, "decision", date(2025, 9, 17)),
        (sen_decided(DAY, Judgement.NO_SEN), Matter.NO_SEN, identification.GIVE_REASONS_FOR_NO_SEN, "decision", date(2025, 9, 17)),
        (a_transition(DAY), Matter.TRANSITION, act.INFORM_PARENTS_OF_SEN_PROVISION, "decision", date(2025, 9, 17)),
        (
            a_transition(DAY, Judgement.NO_SEN),
            Matter.TRANSITION,
            transition.TELL_OF_THE_TRANSITION_DECISION,
            "decision",
            date(2025, 9, 17),
        ),
        (a_plan(DAY, date(2026, 3, 27)), Matter.PLAN, approach.MAKE_PARENTS_AWARE_OF_THE_PLAN, "plan", date(2025, 9, 17)),
        (a_review(DAY), Matter.REVIEW, approach.EXPLAIN_THE_IMPACT_TO_PARENTS, "review", date(2025, 9, 24)),
        (support_ended(DAY, review=1), Matter.SUPPORT_ENDED, approach.END_SUPPORT_AT_A_REVIEW, "decision", date(2025, 9, 17)),
    ],
)
def test_each_step_that_must_be_told_gives_one_notice_to_each_person(
    entry: Entry, matter: Matter, rule: Rule, stage: str, due: date
) -> None:
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER), entry)
    notices = notices_owed(record, record.entries[-1:])
    assert [(n.person.id, n.about, n.matter, n.rule, n.stage, n.due) for n in notices] == [
        (MOTHER, 4, matter, rule, stage, due),
        (FATHER, 4, matter, rule, stage, due),
    ]


@pytest.mark.parametrize("entry", [a_concern(DAY), imported(SenStatus.SEN_SUPPORT, DAY), a_contact(GRANDMOTHER, DAY)])
def test_nothing_is_sent_for_what_need_not_be_told(entry: Entry) -> None:
    record = a_record(enrolled(), a_contact(MOTHER), entry)
    assert notices_owed(record, record.entries) == ()


@pytest.mark.parametrize(("day", "person"), [(date(2026, 6, 26), MOTHER), (date(2026, 6, 27), PUPIL)])
def test_a_young_person_gets_the_notice_instead_of_the_parents(day: date, person: UUID) -> None:
    record = a_record(enrolled(born=date(2009, 9, 1)), a_contact(MOTHER), sen_decided(day))
    assert [notice.person.id for notice in notices_owed(record, record.all(type(sen_decided(day))))] == [person]


@pytest.mark.parametrize("restriction", ["information_restricted", "contact_restricted"])
def test_a_contact_under_a_restriction_gets_none(restriction: str) -> None:
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER, **{restriction: True}), sen_decided(DAY))
    assert {notice.person.id for notice in notices_owed(record, record.entries)} == {MOTHER}


def test_a_restriction_between_the_day_and_the_writing_counts() -> None:
    """The decision of 10 September is written down on the 20th; the father was barred on the 15th."""
    late: Recorded = recorded(sen_decided(DAY), 9, at=datetime(2025, 9, 20, 9, tzinfo=UTC))
    barred = a_contact(FATHER, date(2025, 9, 15), information_restricted=True)
    record = a_record(enrolled(), a_contact(MOTHER), a_contact(FATHER), barred, late)
    assert {notice.person.id for notice in notices_owed(record, [late])} == {MOTHER}


def test_a_special_school_tells_of_the_provision_but_chapter_6_does_not_bind_it() -> None:
    school = a_school(kind=SchoolType.ACADEMY_SPECIAL)
    record = a_record(enrolled(), a_contact(MOTHER), sen_decided(DAY), a_plan(DAY, date(2026, 3, 27)), school=school)
    assert [notice.matter for notice in notices_owed(record, record.entries)] == [Matter.SEN_PROVISION]
