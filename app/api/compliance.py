"""What is owed: a school's obligations and a pupil's, with the state of each on a day."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.body import StrictRoute
from app.api.callers import needs
from app.api.pages import PageDep, link_next, page_of
from app.api.problems import ApiError
from app.api.shapes import CivilDate, Day, Out
from app.api.steps import A_PERSON, A_PUPIL, PupilPath
from app.api.time_travel import AsAt, KnownAt
from app.casework.taking import Opened
from app.db import obligations
from app.db.entrance import Entrance
from app.db.moments import number_at
from app.db.obligations import Wanted
from app.domain.obligation import Shape, State
from app.domain.rule import Actor, Force
from app.domain.rules import RULES

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Obligations"], route_class=StrictRoute)
MayReadObligations = Annotated[Entrance, Depends(needs("obligations:read"))]


class ObligationOut(Out):
    """One duty on one occasion: who owes it by when, what met it, and how it stands on the day asked for."""

    pupil: UUID = Field(examples=[A_PUPIL])
    person: UUID | None = Field(description="The person it is owed to, where it is owed per person.", examples=[A_PERSON])
    rule: str = Field(examples=["review-by-the-agreed-date"])
    duty: str = Field(examples=["Review the plan by the date agreed in it"])
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.53"]])
    who: Actor = Field(examples=["teacher"])
    force: Force = Field(examples=["should"])
    shape: Shape = Field(examples=["dated"])
    occasion: str = Field(examples=["1"])
    state: State = Field(examples=["due"])
    arises_on: Day
    opens_on: Day | None
    due: Day | None = Field(description="The last day on which it is kept in time; none where every day of the gap breaks it.")
    met_on: Day | None
    met_by: int | None = Field(description="The entry that met it.", examples=[None])
    ended_on: Day | None
    missing: list[str] = Field(description="Facts without which the state is not known.", examples=[[]])

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        """Write an obligation for the wire."""
        rule = RULES.get(row["rule"])
        shown = {name: row[name] for name in cls.model_fields if name not in ("pupil", "person", "duty", "citations")}
        return cls(
            pupil=row["pupil_id"],
            person=row["person_id"],
            duty=rule.duty if rule else row["rule"],
            citations=[str(cited) for cited in rule.cites] if rule else [],
            **shown,
        )


class ObligationsOut(Out):
    """A page of obligations on a day, as known at a ledger number; none beyond the horizon are derived yet."""

    as_at: Day
    known_at_number: int = Field(description="The ledger number to which the moment asked for resolved.", examples=[212])
    horizon: Day | None
    items: list[ObligationOut]
    next: str | None = Field(default=None, examples=[None])


class Filters:
    """What a list of obligations is narrowed by."""

    def __init__(
        self,
        as_at: AsAt = None,
        known_at: KnownAt = None,
        state: Annotated[State | None, Query(description="Those in this state on the day.", examples=["broken"])] = None,
        due_before: Annotated[CivilDate | None, Query(description="Those due before this day.", examples=["2015-09-01"])] = None,
        who: Annotated[Actor | None, Query(description="Those owed by this actor.", examples=["school"])] = None,
        rule: Annotated[
            str | None, Query(pattern="^[a-z0-9-]{1,100}$", description="Those of this rule.", examples=["review-by-the-agreed-date"])
        ] = None,
    ) -> None:
        self.as_at, self.known_at, self.state, self.due_before, self.who, self.rule = as_at, known_at, state, due_before, who, rule


FiltersDep = Annotated[Filters, Depends()]


@router.get("/obligations")
async def list_obligations(
    request: Request, response: Response, entrance: MayReadObligations, filters: FiltersDep, page: PageDep
) -> ObligationsOut:
    """List what the school, or the authority towards its pupils, owes: as it stands on a day, as known at a moment."""
    return await _list(request, response, entrance, filters, page, None)


@router.get("/pupils/{pupil_id}/obligations")
async def list_pupil_obligations(
    request: Request, response: Response, pupil_id: PupilPath, entrance: MayReadObligations, filters: FiltersDep, page: PageDep
) -> ObligationsOut:
    """List what is owed to one pupil and the people around them."""
    return await _list(request, response, entrance, filters, page, pupil_id)


async def _list(
    request: Request, response: Response, entrance: Entrance, filters: Filters, page: PageDep, pupil_id: UUID | None
) -> ObligationsOut:
    casework, cursors = request.app.state.casework, request.app.state.cursors
    name = f"obligations of {pupil_id}"
    after = cursors.open(name, page.cursor)
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        _require_within(opened, filters.as_at)
        wanted = Wanted(
            day=filters.as_at or opened.today,
            known_at=await number_at(session, opened.now, opened.moment, filters.known_at),
            pupil_id=pupil_id,
            state=filters.state,
            due_before=filters.due_before,
            who=filters.who,
            rule=filters.rule,
            after=(date.fromisoformat(str(after[0])), UUID(str(after[1]))) if after else None,
            limit=page.fetch,
        )
        rows = await obligations.list_obligations(session, wanted)
    listed = page_of(rows, page, ObligationOut.of, lambda row: cursors.seal(name, (row["sorts_on"].isoformat(), str(row["id"]))))
    link_next(request, response, listed.next)
    return ObligationsOut(
        as_at=wanted.day, known_at_number=wanted.known_at, horizon=opened.now.horizon, items=listed.items, next=listed.next
    )


def _require_within(opened: Opened, as_at: date | None) -> None:
    """Refuse a day of which nothing is known yet: what a school owes from tomorrow on is not known until a worker has derived it once."""
    horizon = opened.now.horizon or opened.today
    if as_at is not None and as_at > horizon:
        raise ApiError("beyond-horizon", f"Obligations are derived to {horizon.isoformat()}.")
