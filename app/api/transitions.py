"""The move out of School Action and School Action Plus: one decision for each pupil, and how far the school has come."""

from datetime import date
from functools import partial
from typing import Annotated, ClassVar, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request

from app.api.manners.faults import Fault
from app.api.manners.pages import PagingDep
from app.api.manners.problems import invalid
from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import A_PERSON, A_PUPIL, STEP, RecordStep, StepIn, StepOut
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import CivilDate, Day, Out, Words
from app.db import transitions as lines
from app.db.transitions import MoveCount, TransitionCounts, TransitionLine, TransitionsWanted
from app.domain import transitions
from app.domain.codes import SenStatus
from app.domain.entries import Entry, TransitionDecided
from app.domain.programmes import PROGRAMMES, SCHOOL_ACTION, Programme

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Transition"], route_class=StepRoute)


class TransitionDecisionIn(StepIn):
    """A named person's individual decision about one pupil in a withdrawn category, with reasons."""

    kind: ClassVar[type[Entry]] = TransitionDecided

    programme: str = Field(pattern="^[a-z-]{1,40}$", examples=["school-action"])
    came_from: SenStatus = Field(examples=["A"])
    judgement: SenStatus = Field(description="The status that follows: one to which the programme leads.", examples=["K"])
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
    came_from: SenStatus = Field(description="The census code before.", examples=["A"])
    since: Day | None = Field(description="Since when an undecided pupil is in the withdrawn category.")
    waiting_since: Day | None = Field(description="The first day on which this school could decide for an undecided pupil.")
    waiting_days: int | None = Field(description="How long an undecided pupil has waited since then.", examples=[120])
    due: Day | None = Field(description="The last day in time.")
    late_days: int = Field(description="Days past that day on which it was decided, or today where it is undecided.", examples=[0])
    late: bool = Field(description="Decided after the last day in time, or undecided though it has passed.", examples=[False])
    decided_on: Day | None
    judgement: SenStatus | None = Field(description="The census code after.", examples=["K"])
    entry: int | None = Field(examples=[41])
    letters_owed: int = Field(description="People to be told of the decision who were not told yet.", examples=[1])

    @classmethod
    def of(cls, line: TransitionLine, *, today: date) -> Self:
        """Write a line for the wire."""
        late_days = max(0, ((line.decided_on or today) - line.due).days) if line.due else 0
        return cls(
            pupil=line.pupil_id,
            came_from=SenStatus(line.came_from),
            since=line.since,
            waiting_since=line.waiting_since,
            waiting_days=max(0, (today - line.waiting_since).days) if line.waiting_since else None,
            due=line.due,
            late_days=late_days,
            late=late_days > 0,
            decided_on=line.decided_on,
            judgement=None if line.judgement is None else SenStatus(line.judgement),
            entry=line.entry,
            letters_owed=line.letters_owed,
        )


class TransitionCountsOut(Out):
    """How many pupils stand where; those decided late are counted among the decided, too. Letters are counted by person."""

    undecided: int = Field(examples=[15])
    undecided_late: int = Field(examples=[15])
    to_sen_support: int = Field(examples=[9])
    to_no_sen: int = Field(examples=[4])
    decided_late: int = Field(examples=[1])
    letters_owed: int = Field(examples=[2])
    longest_wait_days: int | None = Field(description="How long the undecided pupil has waited who has waited longest.", examples=[4200])

    @classmethod
    def of(cls, counts: TransitionCounts, moves: list[MoveCount]) -> Self:
        """Write the counts for the wire."""
        after = {status: sum(move.pupils for move in moves if move.judgement == status) for status in SenStatus}
        return cls(
            undecided=counts.undecided,
            undecided_late=counts.undecided_late,
            to_sen_support=after[SenStatus.SEN_SUPPORT],
            to_no_sen=after[SenStatus.NONE],
            decided_late=counts.decided_late,
            letters_owed=counts.letters_owed,
            longest_wait_days=counts.longest_wait_days,
        )


class MoveCountOut(Out):
    """How many pupils went from one census code to another; none after where they are still undecided."""

    before: SenStatus = Field(examples=["A"])
    after: SenStatus | None = Field(examples=["K"])
    pupils: int = Field(examples=[9])

    @classmethod
    def of(cls, move: MoveCount) -> Self:
        """Write a count for the wire."""
        after = None if move.judgement is None else SenStatus(move.judgement)
        return cls(before=SenStatus(move.came_from), after=after, pupils=move.pupils)


class TransitionOut(Out):
    """A school's move from the withdrawn categories: the programme's window, the counts, and a page of pupils."""

    programme: str = Field(examples=["school-action"])
    window_from: Day | None
    window_to: Day | None = Field(description="The last day in time; a later decision takes effect and is flagged.")
    counts: TransitionCountsOut
    moves: list[MoveCountOut] = Field(description="Pupils by census code before and after.")
    items: list[TransitionLineOut]
    next: str | None = Field(default=None, examples=[None])


class TransitionFilters:
    """What a list of transitions is narrowed by."""

    def __init__(
        self,
        programme: Annotated[
            str, Query(pattern="^[a-z-]{1,40}$", description="The programme that moves them.", examples=["school-action"])
        ] = SCHOOL_ACTION.id,
        decided: Annotated[bool | None, Query(description="Pupils who were decided, or those who were not.", examples=[False])] = None,
        late: Annotated[bool | None, Query(description="Decided late, or late and undecided; or neither.", examples=[True])] = None,
        letters_owed: Annotated[
            bool | None, Query(description="Pupils of whose decision somebody is still to be told, or the others.", examples=[True])
        ] = None,
    ) -> None:
        self.programme, self.decided, self.late, self.letters_owed = programme, decided, late, letters_owed

    def of(self) -> Programme:
        """Give the programme asked for; raises ApiError where there is none."""
        found = PROGRAMMES.get(self.programme)
        if found is None:
            raise invalid([Fault("programme", "programme_unknown", "There is no programme of that id.")])
        return found


@router.get("/transition")
async def read_transition(
    request: Request, entrance: MayReadRecords, paging: PagingDep, filters: Annotated[TransitionFilters, Depends()]
) -> TransitionOut:
    """See who still has to be decided and for how long, who was decided and how, who late, and whom to tell."""
    casework, programme = request.app.state.casework, filters.of()
    wanted = TransitionsWanted(
        is_decided=filters.decided,
        is_late=filters.late,
        owes_letters=filters.letters_owed,
        after=paging.after_id("transition"),
        limit=paging.fetch,
    )
    async with casework.sessions.enter(entrance, read_only=True) as session:
        today = (await casework.open(session)).today
        counts = await lines.count(session, programme, today=today)
        moves = await lines.moves(session, programme, today=today)
        found = await lines.list_lines(session, programme, wanted, today=today)
    show = partial(TransitionLineOut.of, today=today)
    listed = paging.page("transition", found, show, key=lambda line: (str(line.pupil_id),))
    return TransitionOut(
        programme=programme.id,
        window_from=programme.window.since,
        window_to=programme.window.until,
        counts=TransitionCountsOut.of(counts, moves),
        moves=[MoveCountOut.of(move) for move in moves],
        items=listed.items,
        next=listed.next,
    )


@router.post("/pupils/{pupil_id}/transition-decisions", status_code=201, openapi_extra=STEP)
async def decide_transition(call: RecordStep, body: TransitionDecisionIn) -> StepOut:
    """Decide what follows a withdrawn category for one pupil: SEN Support or no special educational needs. There is no bulk form."""
    return await call.take(body, transitions.decide_transition)
