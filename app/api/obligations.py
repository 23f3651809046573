"""What is owed: a school's obligations and a pupil's, with the state of each on a day, as JSON, as a table or as a calendar."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.body import StrictRoute
from app.api.callers import needs
from app.api.faults import Fault
from app.api.hot_reads import IfNoneMatch
from app.api.obligation_files import A_CALENDAR, A_TABLE, calendar_of, table_of
from app.api.obligation_shapes import ObligationsOut
from app.api.pages import PageAsked, PageDep, link_next, page_of
from app.api.problems import invalid
from app.api.representations import MEDIA_TYPES, Form, OneOf, file_response, shown_as
from app.api.rules import nearest_rule
from app.api.shapes import CivilDate
from app.api.steps import PupilPath
from app.api.time_asked import TimeAsked, is_held, time_asked
from app.api.time_travel import AsAt, KnownAt
from app.db.entrance import Entrance
from app.db.obligation_lists import Wanted, list_obligations
from app.domain.obligation import State
from app.domain.rule import Actor
from app.domain.rules import RULES

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Obligations"], route_class=StrictRoute)
MayReadObligations = Annotated[Entrance, Depends(needs("obligations:read"))]
FORMS = (Form.JSON, Form.CSV, Form.CALENDAR)
FormDep = Annotated[Form, Depends(OneOf(FORMS))]
FILE_ROWS = 1000
"""A table or a calendar holds so many at most; what is beyond that is on the page after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of obligations is narrowed by."""

    as_at: date | None
    known_at: datetime | None
    state: State | None
    due_from: date | None
    due_before: date | None
    who: Actor | None
    rule: str | None

    def faults(self) -> list[Fault]:
        """Name every filter that can hold nothing: a rule there is not, a range that ends before it begins."""
        return [fault for fault in (self._range_fault(), self._rule_fault()) if fault is not None]

    def _range_fault(self) -> Fault | None:
        if self.due_from is None or self.due_before is None or self.due_from < self.due_before:
            return None
        return Fault("due_before", "range_impossible", "No day lies from due_from on and before due_before; send a later due_before.")

    def _rule_fault(self) -> Fault | None:
        if self.rule is None or self.rule in RULES:
            return None
        return Fault("rule", "rule_unknown", f"No rule has this id; the nearest is {nearest_rule(self.rule)}. GET /v1/rules lists all.")

    def wanted(self, time: TimeAsked, *, pupil_id: UUID | None, after: tuple[date, UUID] | None, limit: int) -> Wanted:
        """Put the filters to the database."""
        return Wanted(
            day=time.day,
            known_at=time.then,
            pupil_id=pupil_id,
            state=self.state,
            due_from=self.due_from,
            due_before=self.due_before,
            who=self.who,
            rule=self.rule,
            after=after,
            limit=limit,
        )


async def filters_asked(
    as_at: AsAt = None,
    known_at: KnownAt = None,
    state: Annotated[State | None, Query(description="Those in this state on the day.", examples=["broken"])] = None,
    due_from: Annotated[CivilDate | None, Query(description="Those due on this day or later.", examples=["2015-01-01"])] = None,
    due_before: Annotated[CivilDate | None, Query(description="Those due before this day.", examples=["2015-09-01"])] = None,
    who: Annotated[Actor | None, Query(description="Those owed by this actor.", examples=["school"])] = None,
    rule: Annotated[
        str | None, Query(pattern="^[a-z0-9-]{1,100}$", description="Those of this rule.", examples=["review-by-the-agreed-date"])
    ] = None,
) -> Filters:
    """Read the filters; raises ApiError that names every one of them that can hold nothing."""
    filters = Filters(as_at=as_at, known_at=known_at, state=state, due_from=due_from, due_before=due_before, who=who, rule=rule)
    if faults := filters.faults():
        raise invalid(faults)
    return filters


FiltersDep = Annotated[Filters, Depends(filters_asked)]


def _as_it_is(row: asyncpg.Record) -> asyncpg.Record:
    return row


@dataclass(frozen=True, slots=True)
class Listing:
    """One question for a list; `pupil_id` is None where it is asked of the whole school."""

    request: Request
    response: Response
    entrance: Entrance
    filters: Filters
    page: PageAsked
    form: Form
    pupil_id: UUID | None

    async def answer(self, if_none_match: str | None) -> Response:
        """Answer in the form asked for, or that nothing changed since the version the caller has."""
        state, name = self.request.app.state, f"obligations of {self.pupil_id}"
        casework, cursors = state.casework, state.cursors
        after = cursors.open(name, self.page.cursor)
        asked = self._page()
        async with casework.sessions.enter(self.entrance, read_only=True) as session:
            opened = await casework.open(session)
            time = await time_asked(session, opened, self.filters.as_at, self.filters.known_at)
            tag = time.version(f"{self.form} {self.request.url.path}?{self.request.url.query}")
            if is_held(if_none_match, tag):
                return Response(status_code=304, headers={"ETag": tag})
            position = (date.fromisoformat(str(after[0])), UUID(str(after[1]))) if after else None
            wanted = self.filters.wanted(time, pupil_id=self.pupil_id, after=position, limit=asked.fetch)
            rows = await list_obligations(session, wanted)
        listed = page_of(rows, asked, _as_it_is, lambda row: cursors.seal(name, (row["sorts_on"].isoformat(), str(row["id"]))))
        self.response.headers["ETag"] = tag
        link_next(self.request, self.response, listed.next)
        if self.form is not Form.JSON:
            return await self._file(listed.items, opened.moment)
        page = ObligationsOut(as_at=time.day, known_at_number=time.known_at_number, horizon=time.horizon, items=[], next=listed.next)
        return Response(page.with_items(listed.items), media_type=MEDIA_TYPES[Form.JSON], headers={**self._headers(), "Vary": "Accept"})

    def _page(self) -> PageAsked:
        """Take the rows of a file all at once, unless the caller said how many."""
        if self.form is Form.JSON or "limit" in self.request.query_params:
            return self.page
        return PageAsked(FILE_ROWS, self.page.cursor)

    async def _file(self, rows: Sequence[asyncpg.Record], moment: datetime) -> Response:
        if self.form is Form.CSV:
            return file_response(self.form, table_of(rows), self._headers())
        text = await asyncio.to_thread(calendar_of, rows, urn=self.entrance.urn, moment=moment)
        return file_response(self.form, text, self._headers())

    def _headers(self) -> dict[str, str]:
        return {name: value for name, value in self.response.headers.items() if name in ("etag", "link")}


_AS_FILES = shown_as(Form.CSV, Form.CALENDAR, csv=A_TABLE, ics=A_CALENDAR)


@router.get("/obligations", response_model=ObligationsOut, responses=_AS_FILES)
async def list_school_obligations(
    request: Request,
    response: Response,
    entrance: MayReadObligations,
    filters: FiltersDep,
    page: PageDep,
    form: FormDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """List what the school, or the authority towards its pupils, owes: as it stands on a day, as known at a moment.

    As a calendar each is a task, due on its last day, that names the duty and the pupil's id and no more.
    """
    return await Listing(request, response, entrance, filters, page, form, None).answer(if_none_match)


@router.get("/pupils/{pupil_id}/obligations", response_model=ObligationsOut, responses=_AS_FILES)
async def list_pupil_obligations(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    entrance: MayReadObligations,
    filters: FiltersDep,
    page: PageDep,
    form: FormDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """List what is owed to one pupil and the people around them."""
    return await Listing(request, response, entrance, filters, page, form, pupil_id).answer(if_none_match)
