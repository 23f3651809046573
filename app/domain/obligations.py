"""All duties that have fallen on a school or an authority for one pupil, derived from the record and from nothing else."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final

from app.domain.entries import (
    ConcernAnswered,
    DepartureExplained,
    Entry,
    MeetingHeld,
    NeedImported,
    NeedsSet,
    PersonTold,
    PlanAgreed,
    ReviewHeld,
    StaffTold,
    TransitionDecided,
)
from app.domain.obligation import Obligation, Shape
from app.domain.oblige.cycles import (
    oblige_plan,
    oblige_responsible_teacher,
    oblige_review_by_the_agreed_date,
    oblige_staff_told,
)
from app.domain.oblige.ehc import oblige_authority
from app.domain.oblige.identification import oblige_answer, oblige_short_note
from app.domain.oblige.meetings import oblige_meetings
from app.domain.oblige.telling import oblige_telling, oblige_telling_of_imported_support
from app.domain.oblige.transitions import (
    oblige_besd_assessed_anew,
    oblige_statement_recoded,
    oblige_transition_decision,
    oblige_type_after_school_action,
)
from app.domain.record import Record
from app.domain.rule import Actor, Force
from app.domain.rules.children_and_families_act_2014 import INFORM_PARENTS_OF_SEN_PROVISION
from app.domain.rules.code_of_practice_2015_graduated_approach import (
    END_SUPPORT_AT_A_REVIEW,
    EXPLAIN_THE_IMPACT_TO_PARENTS,
    HAVE_A_PLAN_ON_SEN_SUPPORT,
    MAKE_PARENTS_AWARE_OF_THE_PLAN,
    MEET_PARENTS_THREE_TIMES_A_YEAR,
    NAME_ONE_RESPONSIBLE_TEACHER,
    REVIEW_BY_THE_AGREED_DATE,
    TELL_ALL_STAFF,
)
from app.domain.rules.code_of_practice_2015_identification import (
    ANSWER_A_PARENTS_CONCERN,
    ANSWER_A_PUPILS_CONCERN,
    GIVE_REASONS_FOR_NO_SEN,
)
from app.domain.rules.transition_2014_2015 import (
    ASSESS_BESD_ANEW,
    DECIDE_EACH_SCHOOL_ACTION_PUPIL,
    RECODE_AN_OPEN_STATEMENT,
    SET_A_TYPE_AFTER_SCHOOL_ACTION,
    TELL_OF_THE_TRANSITION_DECISION,
)

DUTIES: Final[tuple[Callable[[Record], Iterator[Obligation]], ...]] = (
    oblige_answer,
    oblige_short_note,
    oblige_telling,
    oblige_telling_of_imported_support,
    oblige_transition_decision,
    oblige_type_after_school_action,
    oblige_besd_assessed_anew,
    oblige_statement_recoded,
    oblige_plan,
    oblige_responsible_teacher,
    oblige_staff_told,
    oblige_review_by_the_agreed_date,
    oblige_authority,
)
OWED_ON_WHAT_STANDS: Final = frozenset({DECIDE_EACH_SCHOOL_ACTION_PUPIL.id, ASSESS_BESD_ANEW.id, RECODE_AN_OPEN_STATEMENT.id})
"""Duties about an open code, which the record shows whenever it began; whether others were met before it began is not known."""
MET_BY: Final[Mapping[str, tuple[type[Entry], ...]]] = MappingProxyType(
    {
        ANSWER_A_PARENTS_CONCERN.id: (ConcernAnswered,),
        ANSWER_A_PUPILS_CONCERN.id: (ConcernAnswered,),
        INFORM_PARENTS_OF_SEN_PROVISION.id: (PersonTold,),
        GIVE_REASONS_FOR_NO_SEN.id: (PersonTold,),
        TELL_OF_THE_TRANSITION_DECISION.id: (PersonTold,),
        MAKE_PARENTS_AWARE_OF_THE_PLAN.id: (PersonTold,),
        EXPLAIN_THE_IMPACT_TO_PARENTS.id: (PersonTold,),
        END_SUPPORT_AT_A_REVIEW.id: (PersonTold,),
        DECIDE_EACH_SCHOOL_ACTION_PUPIL.id: (TransitionDecided,),
        SET_A_TYPE_AFTER_SCHOOL_ACTION.id: (NeedsSet, NeedImported),
        ASSESS_BESD_ANEW.id: (NeedsSet, NeedImported),
        HAVE_A_PLAN_ON_SEN_SUPPORT.id: (PlanAgreed,),
        NAME_ONE_RESPONSIBLE_TEACHER.id: (PlanAgreed,),
        TELL_ALL_STAFF.id: (StaffTold,),
        REVIEW_BY_THE_AGREED_DATE.id: (ReviewHeld,),
        MEET_PARENTS_THREE_TIMES_A_YEAR.id: (MeetingHeld,),
    }
)
"""The kinds of entry that discharge a duty; where one was erased, an unmet duty may have been met and is not known."""


def obligations(record: Record, *, until: date) -> Iterator[Obligation]:
    """Derive what was or will be owed from its first day up to `until`, inside, by due day, rule, person and occasion.

    A rule binds only the types of school it names, and only on days on which it is in force. Without a described school nothing is owed.
    """
    duties: tuple[Callable[[Record], Iterator[Obligation]], ...] = (*DUTIES, partial(oblige_meetings, until=until))
    found = (_seen_in(record, owed) for duty in duties for owed in duty(record) if _is_owed(record, owed, until))
    yield from sorted(_with_departures(record, found), key=_place)


def _is_owed(record: Record, owed: Obligation, until: date) -> bool:
    described = record.school.described_on(owed.arises_on) or record.school.described
    is_bound = described is not None and described.school_type in owed.rule.binds
    return is_bound and owed.arises_on in owed.rule.in_force and owed.arises_on <= until


def _seen_in(record: Record, owed: Obligation) -> Obligation:
    """End what the school no longer owes a pupil who left, and call not known what the record cannot show."""
    if record.left_on and owed.rule.who is not Actor.LOCAL_AUTHORITY:
        owed = replace(owed, ended_on=min(record.left_on, owed.ended_on or record.left_on))
    is_shown = owed.met_on is not None and owed.shape is not Shape.CONTINUOUS
    return owed if is_shown or owed.missing else replace(owed, missing=tuple(_not_shown(record, owed)))


def _not_shown(record: Record, owed: Obligation) -> Iterator[str]:
    begins, falls = record.school.record_begins_on, owed.due or owed.arises_on
    if begins and falls < begins and owed.rule.id not in OWED_ON_WHAT_STANDS:
        yield "record_before_it_begins"
    if owed.rule.id in MET_BY and record.has_erased(*MET_BY[owed.rule.id]):
        yield "erased_entry"


def _with_departures(record: Record, found: Iterable[Obligation]) -> Iterator[Obligation]:
    explained = {(entry.rule, entry.occasion): recorded.number for recorded, entry in record.each(DepartureExplained)}
    for owed in found:
        departed = explained.get((owed.rule.id, owed.occasion)) if owed.rule.force is Force.SHOULD else None
        yield replace(owed, departed_by=departed) if departed is not None else owed


def _place(owed: Obligation) -> tuple[date, date, str, str, str]:
    return (owed.due or owed.arises_on, owed.arises_on, owed.rule.id, str(owed.person or ""), owed.occasion)
