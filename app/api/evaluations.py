"""Evaluations: entries in, what they come to out, and nothing stored; a vendor checks its own data before it shares any."""

from datetime import date
from functools import partial
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.callers import Caller, needs_client
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.problems import invalid
from app.api.manners.steps import A_PERSON, A_PUPIL
from app.api.shown.entries_told import EntryToldIn, Lists, as_known_at, read_entries
from app.api.shown.shapes import CivilDate, Day, In, Out
from app.api.shown.standing_shapes import NeedOut, StatusOut
from app.api.shown.verdicts import VerdictOut
from app.domain.codes import SenStatus
from app.domain.cycle import Cycle
from app.domain.evaluation import Evaluation, Standing, evaluate, horizon_after
from app.domain.obligation import Shape, State
from app.domain.people import RightHolder
from app.domain.replay import UNNAMED, Remarked, Watch
from app.domain.rules import RULES_VERSION
from app.domain.verdict import verdict_of

router = APIRouter(prefix="/v1/evaluations", tags=["Evaluations"], route_class=StrictRoute)
MayEvaluate = Annotated[Caller, Depends(needs_client("evaluations:run"))]
MOST_ENTRIES: Final = 2_000

A_SCHOOL: Final = {
    "type": "school.described",
    "occurred_on": "2010-01-01",
    "facts": {"school_type": "maintained_mainstream", "authority": "999", "record_begins_on": "2014-09-01"},
}
A_DECISION: Final = {"type": "pupil.enrolled", "occurred_on": "2014-09-01", "facts": {"date_of_birth": "2008-06-30", "year_group": "1"}}


class EvaluationIn(In):
    """What to evaluate: the school's own entries and the pupil's, each list in the order in which it was written."""

    as_at: CivilDate = Field(description="The day asked for; what happened later has not happened yet.")
    until: CivilDate | None = Field(
        default=None,
        description="The last day on which duties arise that are looked for; else the end of the next school year.",
        examples=["2016-08-31"],
    )
    known_at_number: int | None = Field(
        default=None, description="Leave out what was written under a higher number; every entry must have one.", examples=[None]
    )
    pupil: UUID = Field(default=UNNAMED, description="Your own id of the pupil, where entries name it.", examples=[A_PUPIL])
    school: list[EntryToldIn] = Field(max_length=MOST_ENTRIES, examples=[[A_SCHOOL]])
    record: list[EntryToldIn] = Field(max_length=MOST_ENTRIES, examples=[[A_DECISION]])


class CycleOut(Out):
    """The cycle that runs on the day, with the last day for its review; the numbers are those of the entries."""

    number: int = Field(examples=[1])
    assessment: int | None = Field(examples=[3])
    plan: int | None = Field(examples=[4])
    review_on: Day | None

    @classmethod
    def of(cls, cycle: Cycle) -> Self:
        """Write a cycle for the wire."""
        return cls(
            number=cycle.number,
            assessment=cycle.assessment.number if cycle.assessment else None,
            plan=cycle.plan.number if cycle.plan else None,
            review_on=cycle.review_on,
        )


class DutyOut(Out):
    """One duty on one occasion, where it stands on the day, and why."""

    rule: str = Field(examples=["review-by-the-agreed-date"])
    state: State = Field(examples=["broken"])
    of_the_school: bool = Field(description="Whether it is owed whichever pupils the school has.", examples=[False])
    shape: Shape = Field(examples=["dated"])
    occasion: str = Field(description="Which of several of one rule it is: a cycle, a year, or the number of an entry.", examples=["1"])
    person: UUID | None = Field(description="The person it is owed to, where it is owed per person.", examples=[A_PERSON])
    arises_on: Day
    opens_on: Day | None
    due: Day | None = Field(description="The last day on which it is kept in time; none where every day of the gap breaks it.")
    met_on: Day | None
    met_by: int | None = Field(description="The entry that met it.", examples=[None])
    ended_on: Day | None
    verdict: VerdictOut

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """Write a duty for the wire."""
        owed = standing.owed
        return cls(
            rule=owed.rule.id,
            state=standing.state,
            of_the_school=standing.of_the_school,
            shape=owed.shape,
            occasion=owed.occasion,
            person=owed.person,
            arises_on=owed.arises_on,
            opens_on=owed.opens_on,
            due=owed.due,
            met_on=owed.met_on,
            met_by=owed.met_by,
            ended_on=owed.ended_on,
            verdict=VerdictOut.of(standing.verdict),
        )


class RemarkOut(Out):
    """A remark on the step that an entry would have been: kept or not, and why."""

    entry: int = Field(examples=[4])
    of_the_school: bool = Field(description="Whether the entry is one of the school's own.", examples=[False])
    kept: bool = Field(examples=[False])
    verdict: VerdictOut

    @classmethod
    def all_of(cls, remarked: Remarked) -> list[Self]:
        """Write the remarks on one entry for the wire."""
        day, refused = remarked.occurred_on, remarked.is_refused
        return [
            cls(
                entry=remarked.number,
                of_the_school=remarked.of_the_school,
                kept=finding.kept,
                verdict=VerdictOut.of(verdict_of(finding, day, is_refused=refused)),
            )
            for finding in remarked.findings
        ]


class CensusFailureOut(Out):
    """A check of the school census that the pupil's return would fail, by its number, and the rule behind it."""

    error: str = Field(examples=["2170"])
    rule: str = Field(examples=["keep-types-and-status-consistent"])


class EvaluationOut(Out):
    """What the entries come to on the day. Entries that no step could add stand under `refusals` and were left out of all the rest."""

    as_at: Day
    until: Day
    rules_version: str = Field(examples=["0f3b2a9c6d5e"])
    status: SenStatus = Field(examples=["K"])
    statuses: list[StatusOut]
    needs: list[NeedOut]
    undecided_transition: bool = Field(description="Whether a School Action code still stands that nobody decided about.", examples=[False])
    cycle: CycleOut | None
    rights: RightHolder = Field(description="Who holds the rights on the day.", examples=["parents"])
    to_tell: list[UUID] = Field(description="Who has a right to be told on the day.", examples=[[A_PERSON]])
    obligations: list[DutyOut]
    findings: list[RemarkOut]
    refusals: list[RemarkOut]
    census_errors: list[CensusFailureOut] = Field(description="What the return would fail, where `as_at` is a census day.", examples=[[]])

    @classmethod
    def of(cls, found: Evaluation) -> Self:
        """Write an evaluation for the wire."""
        return cls(
            as_at=found.as_at,
            until=found.until,
            rules_version=RULES_VERSION,
            status=found.status,
            statuses=[StatusOut.of(period) for period in found.statuses],
            needs=[NeedOut.of(need) for need in found.needs],
            undecided_transition=found.is_undecided,
            cycle=CycleOut.of(found.cycle) if found.cycle else None,
            rights=found.rights,
            to_tell=[person.id for person in found.to_tell.persons],
            obligations=[DutyOut.of(standing) for standing in found.obligations],
            findings=[remark for told in found.remarks if not told.is_refused for remark in RemarkOut.all_of(told)],
            refusals=[remark for told in found.remarks if told.is_refused for remark in RemarkOut.all_of(told)],
            census_errors=[CensusFailureOut(error=error.number, rule=error.finding.rule.id) for error in found.census],
        )


@router.post("", openapi_extra=may_answer("evaluation-too-long", "future-known-at"))
async def evaluate_record(request: Request, caller: MayEvaluate, body: EvaluationIn) -> EvaluationOut:
    """Take a record's entries as the steps they would have been, and say what they come to on a day. Nothing is stored or logged."""
    lists = Lists(school=body.school, record=body.record)
    if len(body.school) + len(body.record) > MOST_ENTRIES:
        raise invalid([Fault("/record", "too_long", f"The two lists may have at most {MOST_ENTRIES} entries together.")])
    until = body.until or horizon_after(body.as_at)
    if until < body.as_at:
        raise invalid([Fault("/until", "before_as_at", "This must not be earlier than as_at.")])
    found: EvaluationOut = await request.app.state.evaluator.run(partial(_evaluated, lists, body, until))
    return found


def _evaluated(lists: Lists, body: EvaluationIn, until: date, watch: Watch) -> EvaluationOut:
    school, record = as_known_at(read_entries(lists, watch), body.known_at_number)
    return EvaluationOut.of(evaluate(school, record, body.pupil, as_at=body.as_at, until=until, watch=watch))
