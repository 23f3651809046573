from datetime import date
from uuid import UUID

import pytest

from app.domain.codes import SenStatus, StaffRole
from app.domain.cycles import agree_plan, deliver_session, make_assessment, tell_staff
from app.domain.decision import Decision
from app.domain.entries import Provision, RoleEnded, SessionDelivered, StaffTold
from app.domain.identification import raise_concern
from app.domain.named_people import stranger_refusal
from app.domain.transitions import decide_transition
from tests.domain.builders import (
    AS_SENCO,
    ASSISTANT,
    FATHER,
    MOTHER,
    STRANGER,
    TEACHER,
    a_concern,
    a_contact,
    a_plan,
    a_record,
    a_school,
    a_transition,
    an_assessment,
    enrolled,
    imported,
    sen_decided,
    with_changes,
)

DAY = date(2025, 9, 10)
REVIEW = date(2025, 12, 10)
ON_SUPPORT = a_record(enrolled(), a_contact(), sen_decided(date(2025, 9, 1)))
PLANNED = a_record(enrolled(), a_contact(), sen_decided(date(2025, 9, 1)), a_plan(DAY, REVIEW))


def provided(**changes: UUID) -> tuple[Provision, ...]:
    return tuple(with_changes(item, dict(changes)) for item in a_plan(DAY, REVIEW).provision)


def session(by: UUID) -> SessionDelivered:
    return SessionDelivered(occurred_on=DAY, cycle=1, provision=1, delivered_by=by, minutes=20, took_place=True)


def in_transition(*reviewers: UUID) -> Decision:
    held = a_record(enrolled(), imported(SenStatus.SCHOOL_ACTION, date(2014, 9, 1)))
    return decide_transition(held, a_transition(date(2014, 11, 3), reviewers=reviewers), AS_SENCO)


@pytest.mark.parametrize(
    "decision",
    [
        make_assessment(ON_SUPPORT, an_assessment(DAY, teacher=STRANGER), AS_SENCO),
        make_assessment(ON_SUPPORT, an_assessment(DAY, senco=STRANGER), AS_SENCO),
        agree_plan(ON_SUPPORT, a_plan(DAY, REVIEW, responsible_teacher=STRANGER), AS_SENCO),
        agree_plan(ON_SUPPORT, a_plan(DAY, REVIEW, provision=provided(delivered_by=STRANGER)), AS_SENCO),
        agree_plan(ON_SUPPORT, a_plan(DAY, REVIEW, provision=provided(accountable_teacher=MOTHER)), AS_SENCO),
        deliver_session(PLANNED, session(STRANGER), AS_SENCO),
        tell_staff(PLANNED, StaffTold(occurred_on=DAY, cycle=1, staff=(TEACHER, STRANGER)), AS_SENCO),
        in_transition(TEACHER, STRANGER),
    ],
)
def test_an_entry_that_names_as_staff_whom_the_school_never_had_is_refused(decision: Decision) -> None:
    assert decision.is_refused
    assert decision.findings[0].missing == ("member of staff",)


def test_staff_of_the_school_are_named_freely_even_once_they_have_gone() -> None:
    assert not make_assessment(ON_SUPPORT, an_assessment(DAY), AS_SENCO).is_refused
    assert not deliver_session(PLANNED, session(ASSISTANT), AS_SENCO).is_refused
    gone = a_school(RoleEnded(occurred_on=date(2024, 9, 1), staff=ASSISTANT, role=StaffRole.TEACHING_ASSISTANT))
    assert stranger_refusal(a_record(school=gone), session(ASSISTANT)) is None


@pytest.mark.parametrize(("contact", "is_refused"), [(MOTHER, False), (None, False), (FATHER, True), (STRANGER, True)])
def test_a_concern_names_a_contact_of_this_pupil(contact: UUID | None, is_refused: bool) -> None:
    decision = raise_concern(ON_SUPPORT, with_changes(a_concern(DAY), {"contact": contact}), AS_SENCO)
    assert decision.is_refused is is_refused
