"""The move from School Action and School Action Plus: one decision per pupil, and where the school stands."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.pages import PageDep, link_next, page_of
from app.api.pupils import MayReadRecords
from app.api.shapes import CivilDate, Day, Out, Words
from app.api.step_routes import StepRoute
from app.api.steps import A_PERSON, A_PUPIL, STEP, RecordStep, StepIn, StepOut
from app.db import transitions as lines
from app.db.transitions import TransitionCounts, TransitionLine
from app.domain import transitions
from app.domain.codes import SenStatus
from app.domain.entries import Entry, Judgement, TransitionDecided
from app.domain.rules.reading import WINDOW_CLOSES, WINDOW_OPENS
from app.domain.transitions import SCHOOL_ACTION

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Transition"], route_class=StepRoute)


class TransitionDecisionIn(StepIn):
    """A named person's individual decision about one pupil in a withdrawn category, with reasons."""

    kind: ClassVar[type[Entry]] = TransitionDecided

    programme: str = Field(pattern="^[a-z-]{1,40}$", examples=["school-action"])
    came_from: SenStatus = Field(examples=["A"])
    judgement: Judgement = Field(examples=["K"])
    reviewed_on: CivilDate
    reviewers: list[UUID] = Field(max_length=20, examples=[[A_PERSON]])
    needs_analysis: Words
    ordinarily_available: Words
    reason: Words
    pupils_view: Words | None = None
    pupils_view_missing_because: Words | None = None
    parents_view: Words | None = None
    parents_view_missing_because: Words | None = None
    provision_starts_on: CivilDate | None = None


class TransitionLineOut(Out):
    """One pupil's transition; undecided pupils have no decision yet."""

    pupil: UUID = Field(examples=[A_PUPIL])
    came_from: SenStatus = Field(examples=["A"])
    since: Day | None = Field(description="Since when an undecided pupil is in the withdrawn category.")
    decided_on: Day | None
    judgement: Judgement | None = Field(examples=["K"])
    entry: int | None = Field(examples=[41])
    late: bool = Field(description="Decided after the window's last day, or undecided though it has passed.", examples=[False])

    @classmethod
    def of(cls, line: TransitionLine, *, today: date, last_in_time: date) -> Self:
        """Write a line for the wire."""
        return cls(
            pupil=line.pupil_id,
            came_from=SenStatus(line.came_from),
            since=line.since,
            decided_on=line.decided_on,
            judgement=None if line.judgement is None else Judgement(line.judgement),
            entry=line.entry,
            late=(line.decided_on or today) > last_in_time,
        )


class TransitionCountsOut(Out):
    """How many pupils stand where; those decided late are counted among the decided, too."""

    undecided: int = Field(examples=[15])
    to_sen_support: int = Field(examples=[9])
    to_no_sen: int = Field(examples=[4])
    decided_late: int = Field(examples=[1])

    @classmethod
    def of(cls, counts: TransitionCounts) -> Self:
        """Write the counts for the wire."""
        return cls(
            undecided=counts.undecided,
            to_sen_support=counts.to_sen_support,
            to_no_sen=counts.to_no_sen,
            decided_late=counts.decided_late,
        )


class TransitionOut(Out):
    """A school's move from the withdrawn categories: the programme's window, the counts, and a page of pupils."""

    programme: str = Field(examples=["school-action"])
    window_from: Day
    window_to: Day = Field(description="The last day in time; a later decision takes effect and is flagged.")
    counts: TransitionCountsOut
    items: list[TransitionLineOut]
    next: str | None = Field(default=None, examples=[None])


@router.get("/transition")
async def read_transition(
    request: Request,
    response: Response,
    entrance: MayReadRecords,
    page: PageDep,
    decided: Annotated[bool | None, Query(description="Pupils who were decided, or those who were not.", examples=[False])] = None,
) -> TransitionOut:
    """See who still has to be decided, who was decided and how, and who late."""
    casework, cursors = request.app.state.casework, request.app.state.cursors
    after = cursors.open("transition", page.cursor)
    last_in_time = WINDOW_CLOSES
    async with casework.sessions.enter(entrance, read_only=True) as session:
        today = (await casework.open(session)).today
        counts = await lines.count(session, last_in_time)
        found = await lines.list_lines(session, is_decided=decided, after=UUID(str(after[0])) if after else None, limit=page.fetch)

    def show(line: TransitionLine) -> TransitionLineOut:
        return TransitionLineOut.of(line, today=today, last_in_time=last_in_time)

    listed = page_of(found, page, show, lambda line: cursors.seal("transition", (str(line.pupil_id),)))
    link_next(request, response, listed.next)
    return TransitionOut(
        programme=SCHOOL_ACTION.id,
        window_from=WINDOW_OPENS,
        window_to=last_in_time,
        counts=TransitionCountsOut.of(counts),
        items=listed.items,
        next=listed.next,
    )


@router.post("/pupils/{pupil_id}/transition-decisions", status_code=201, openapi_extra=STEP)
async def decide_transition(call: RecordStep, body: TransitionDecisionIn) -> StepOut:
    """Decide what follows a withdrawn category for one pupil: SEN Support or no special educational needs. There is no bulk form."""
    return await call.take(body, transitions.decide_transition)
