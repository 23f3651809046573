"""How a request stands, as both sides see it: its stage, its clocks, what was done on it, and until when it may be appealed."""

from datetime import date
from typing import Self

from pydantic import Field

from app.api.shown.shapes import Day, Out
from app.domain.cures import cure_of
from app.domain.obligation import Obligation, State
from app.domain.record import Record
from app.domain.request_clocks import RightOfAppeal, appeals_of, clocks_of
from app.domain.request_course import Course
from app.domain.request_moves import Stage
from app.domain.rule import Actor, Force


class ClockOut(Out):
    """One clock: who must do what by which day, and how that stands today."""

    rule: str = Field(examples=["authority-decides-within-six-weeks"])
    duty: str = Field(examples=["Decide within six weeks of receiving a request whether to assess, and say so"])
    citations: list[str] = Field(examples=[["Special Educational Needs and Disability Regulations 2014, regulation 5(1)"]])
    who: Actor = Field(examples=["local_authority"])
    force: Force = Field(examples=["must"])
    began_on: Day
    due: Day | None = Field(description="The last day, inside.")
    state: State | None = Field(description="null where it is no longer owed, as a plan is not once it was refused.", examples=["due"])
    met_on: Day | None
    met_by: int | None = Field(description="The entry that met it.", examples=[None])
    excused_by: int | None = Field(description="The exception that lets its last day go by.", examples=[None])
    missing: list[str] = Field(description="What would settle a state that is not known.", examples=[[]])
    cure: str = Field(examples=[""])

    @classmethod
    def of(cls, owed: Obligation, today: date) -> Self:
        """Write a clock for the wire as it stands today."""
        return cls(
            rule=owed.rule.id,
            duty=owed.rule.duty,
            citations=list(owed.rule.sources),
            who=owed.rule.who,
            force=owed.rule.force,
            began_on=owed.arises_on,
            due=owed.due,
            state=owed.state_on(today),
            met_on=owed.met_on,
            met_by=owed.met_by,
            excused_by=owed.excused_by,
            missing=list(owed.missing),
            cure=cure_of(owed.missing),
        )


class RightOfAppealOut(Out):
    """Until when the family may appeal against a decision, by the certificates so far."""

    decision: int = Field(description="The number of the decision's entry.", examples=[221])
    decided_on: Day
    until: Day | None = Field(description="The last day, inside; null while a calendar is missing.")
    missing: list[str] = Field(examples=[[]])

    @classmethod
    def of(cls, right: RightOfAppeal) -> Self:
        """Write a right of appeal for the wire."""
        return cls(decision=right.decision, decided_on=right.decided_on, until=right.until.day, missing=list(right.until.missing))


class DoneOut(Out):
    """Something that was done on the request, by its ledger number."""

    number: int = Field(examples=[221])
    type: str = Field(examples=["authority.decided"])
    occurred_on: Day


class CourseOut(Out):
    """How far a request has come."""

    stage: Stage = Field(examples=["deciding"])
    clocks: list[ClockOut]
    appeals: list[RightOfAppealOut]
    done: list[DoneOut]

    @classmethod
    def of(cls, record: Record, course: Course, today: date) -> Self:
        """Write a request's course for the wire; nothing of the record goes out but what names this request."""
        return cls(
            stage=course.stage,
            clocks=[ClockOut.of(owed, today) for owed in clocks_of(record, course, today)],
            appeals=[RightOfAppealOut.of(right) for right in appeals_of(record, course)],
            done=[DoneOut(number=s.number, type=s.entry.type, occurred_on=s.entry.occurred_on) for s in course.steps],
        )
