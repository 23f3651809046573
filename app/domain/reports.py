"""Steps beside the cycle: the baseline, the yearly report, moves between phases, health and adjustments."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.calendar import school_year_of
from app.domain.decision import Decision
from app.domain.entries import (
    AdjustmentMade,
    AnnualReportGiven,
    AttendanceSummarised,
    BaselineTaken,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    PhaseMoveExpected,
    PhaseMovePlanned,
    ProvisionMapped,
)
from app.domain.identification import take_baseline
from app.domain.meetings import known_people
from app.domain.people import people_to_tell
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.code_of_practice_2015.specialists_and_records import MAP_THE_PROVISION, PLAN_THE_MOVE_TO_THE_NEXT_PHASE
from app.domain.rules.equality_act_2010 import MAKE_REASONABLE_ADJUSTMENTS
from app.domain.rules.local_practice import SHOW_WHAT_LOCAL_FORMS_ASK_FOR
from app.domain.rules.pupil_information_regulations_2005 import REPORT_TO_PARENTS_EVERY_YEAR
from app.domain.step import PupilSteps, write_down


def give_annual_report(record: Record, entry: AnnualReportGiven, by: Author) -> Decision:
    """Give the head's report on a school year that has begun to people around the pupil; who may be told and was not is remarked on."""
    refusal = role_refusal(record, entry, by)
    if entry.school_year > school_year_of(entry.occurred_on):
        refusal = refusal or REPORT_TO_PARENTS_EVERY_YEAR.broken(
            school_year=entry.school_year, cure="report on a school year that has begun"
        )
    if not entry.given_to or not set(entry.given_to) <= known_people(record):
        refusal = refusal or REPORT_TO_PARENTS_EVERY_YEAR.broken(missing=("person in the record",))
    return answered(record, entry, refusal, (_report(record, entry),))


def plan_phase_move(record: Record, entry: PhaseMovePlanned, by: Author) -> Decision:
    """Plan a move that is to come; what is shared with the next setting is agreed with parents and pupil before."""
    refusal = role_refusal(record, entry, by)
    if entry.moves_on < entry.occurred_on:
        refusal = refusal or PLAN_THE_MOVE_TO_THE_NEXT_PHASE.broken(moves_on=str(entry.moves_on), cure="plan a move that is to come")
    missing = tuple(_not_agreed(entry))
    rule = PLAN_THE_MOVE_TO_THE_NEXT_PHASE
    return answered(record, entry, refusal, (rule.broken(missing=missing) if missing else rule.kept(moves_on=str(entry.moves_on)),))


def map_provision(record: Record, entry: ProvisionMapped, by: Author) -> Decision:
    """Put a pupil's extra provision on the map; nobody has to, and a pupil without a plan has nothing to map."""
    has_plan = any(cycle.plan_entry and cycle.plan_entry.occurred_on <= entry.occurred_on for cycle in record.cycles)
    facts = {"school_year": str(entry.school_year)}
    finding = (
        MAP_THE_PROVISION.kept(**facts) if has_plan else MAP_THE_PROVISION.broken(**facts, missing=("plan",), cure="agree a plan first")
    )
    return answered(record, entry, role_refusal(record, entry, by), (finding,))


def summarise_attendance(record: Record, entry: AttendanceSummarised, by: Author) -> Decision:
    """Count the sessions of a stretch of time that has passed; nobody attends more sessions than there are."""
    refusal = role_refusal(record, entry, by)
    is_possible = 0 <= entry.sessions_attended <= entry.sessions_possible and entry.begins_on <= entry.occurred_on
    if not is_possible or entry.sessions_possible == 0:
        cure = "count from the first day to the last, and no more sessions attended than there were"
        refusal = refusal or SHOW_WHAT_LOCAL_FORMS_ASK_FOR.broken(
            begins_on=str(entry.begins_on), possible=entry.sessions_possible, attended=entry.sessions_attended, cure=cure
        )
    return answered(record, entry, refusal)


def make_adjustment(record: Record, entry: AdjustmentMade, by: Author) -> Decision:
    """Write down an adjustment that was made, or considered and not made; a reason does not by itself keep a duty of statute."""
    refusal = role_refusal(record, entry, by)
    if not entry.adjustment.strip():
        refusal = refusal or MAKE_REASONABLE_ADJUSTMENTS.broken(missing=("adjustment",))
    cure = "make it if it is reasonable; whether it is stays a judgement that a reason alone does not settle"
    made = entry.not_made_because is None
    finding = MAKE_REASONABLE_ADJUSTMENTS.kept(made=True) if made else MAKE_REASONABLE_ADJUSTMENTS.broken(made=False, cure=cure)
    return answered(record, entry, refusal, (finding,))


def _report(record: Record, entry: AnnualReportGiven) -> Finding:
    to_tell = {person.id for person in people_to_tell(record, entry.occurred_on).persons}
    left_out, strangers = len(to_tell - set(entry.given_to)), len(set(entry.given_to) - to_tell)
    missing = [
        *(["everybody who may be told"] if left_out else []),
        *(["right to be told on that day"] if strangers else []),
        *([] if entry.discussion_offered else ["discussion_offered"]),
    ]
    rule = REPORT_TO_PARENTS_EVERY_YEAR
    facts = {"school_year": str(entry.school_year)}
    return rule.broken(**facts, missing=missing) if missing else rule.kept(**facts)


def _not_agreed(entry: PhaseMovePlanned) -> Iterator[str]:
    if not entry.preparation.strip():
        yield "preparation"
    for name in ("sharing_agreed_with_parents_on", "sharing_agreed_with_pupil_on"):
        day = getattr(entry, name)
        if entry.shared_on is not None and (day is None or day > entry.shared_on):
            yield name


STEPS: Final[PupilSteps] = MappingProxyType(
    {
        BaselineTaken: take_baseline,
        AnnualReportGiven: give_annual_report,
        PhaseMovePlanned: plan_phase_move,
        PhaseMoveExpected: write_down,
        ProvisionMapped: map_provision,
        AttendanceSummarised: summarise_attendance,
        HealthcarePlanLinked: write_down,
        MedicalConditionNoted: write_down,
        AdjustmentMade: make_adjustment,
    }
)
