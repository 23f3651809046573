"""What is owed: a school's obligations and a pupil's, with the state of each on a day, as JSON, as a table or as a calendar."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.hot_reads import IfNoneMatch
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.list_route import ListRoute
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Cursors, PageAsked, PageDep, link_next, page_of
from app.api.manners.problems import ApiError, invalid
from app.api.manners.representations import MEDIA_TYPES, Form, OneOf, file_response, shown_as
from app.api.manners.steps import PupilPath
from app.api.manners.time_asked import TimeAsked, is_held, time_asked
from app.api.manners.time_travel import AsAt, KnownAt
from app.api.rules import nearest_rule
from app.api.shown.obligation_files import A_CALENDAR, A_TABLE, calendar_of, table_of
from app.api.shown.obligation_shapes import ObligationOut, ObligationsOut, Written
from app.api.shown.shapes import CivilDate
from app.db.entrance import Entrance
from app.db.obligation_lists import Wanted, find_standing, list_obligations
from app.db.reads import Listed, read_obligations
from app.db.schools import MOMENT
from app.domain.calendar import civil_day
from app.domain.obligation import State
from app.domain.rule import Actor
from app.domain.rules import RULES

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Obligations"], route_class=StrictRoute)
MayReadObligations = Annotated[Entrance, Depends(needs("obligations:read"))]
AN_OBLIGATION: Final = "01932b4e-5f00-7000-8000-0000000000e7"
FORMS = (Form.JSON, Form.CSV, Form.CALENDAR)
ObligationPath = Annotated[UUID, Path(description="The obligation, by the id under which it was told.", examples=[AN_OBLIGATION])]
FormDep = Annotated[Form, Depends(OneOf(FORMS))]
Position = tuple[date, UUID]
FILE_ROWS = 1000
"""A table or a calendar holds so many at most; what is beyond that is on the page after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of obligations is narrowed by."""

    as_at: date | None = None
    known_at: datetime | None = None
    state: State | None = None
    due_from: date | None = None
    due_before: date | None = None
    who: Actor | None = None
    rule: str | None = None

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

    def wanted(self, time: TimeAsked, *, pupil_id: UUID | None, after: Position | None, limit: int) -> Wanted:
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


STATES_SAID: Final = (
    "Those in this state at the end of the day. not_due: nothing is expected yet. due: it can still be kept in time. broken: its last day "
    "went by unmet (overdue), or a gap that must not be is open. kept and kept_late: it was met. excused: by a lawful exception. departed: "
    "guidance was not followed, for a recorded reason. not_known: a fact is missing that would tell."
)


async def filters_asked(
    as_at: AsAt = None,
    known_at: KnownAt = None,
    state: Annotated[State | None, Query(description=STATES_SAID, examples=["broken"])] = None,
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
        after = self._cursors.open(self._name, self.page.cursor)
        position = (date.fromisoformat(str(after[0])), UUID(str(after[1]))) if after else None
        answered = await self._at_once(position, if_none_match) if self._is_plain else None
        return answered or await self._in_full(position, if_none_match)

    @property
    def _is_plain(self) -> bool:
        """Whether it is asked for all that the school's list holds now, as JSON."""
        return self.pupil_id is None and self.form is Form.JSON and self.filters == Filters()

    async def _at_once(self, position: Position | None, if_none_match: str | None) -> Response | None:
        """Answer in one round trip with what was written before; None where something of the page was not."""
        read = await self._read(position)
        if read is None:
            return None
        found, time = read
        tag = self._tag(time)
        if is_held(if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        limit = self.page.limit
        items = self._written.all_of(found.ids[:limit], time.day)
        if items is None:
            return None
        last_on = found.last_on if len(found.ids) > limit else None
        return self._json(time, tag, items, None if last_on is None else self._sealed(last_on, found.ids[limit - 1]))

    async def _read(self, position: Position | None) -> tuple[Listed, TimeAsked] | None:
        """Read the page as of today; a school whose clock stands on another day than the world's is asked twice."""
        casework = self.request.app.state.casework
        now = casework.means.now()
        day = civil_day(now)
        for _ in range(2):
            found = await read_obligations(casework.sessions, self.entrance, day, position, page=self.page.limit)
            asked, day = day, civil_day(now + found.clock_ahead * MOMENT)
            if asked == day:
                return found, TimeAsked.now_of(found, day)
        return None

    async def _in_full(self, position: Position | None, if_none_match: str | None) -> Response:
        casework, asked = self.request.app.state.casework, self._page()
        async with casework.sessions.enter(self.entrance, read_only=True) as session:
            opened = await casework.open(session)
            time = await time_asked(session, opened, self.filters.as_at, self.filters.known_at)
            tag = self._tag(time)
            if is_held(if_none_match, tag):
                return Response(status_code=304, headers={"ETag": tag})
            wanted = self.filters.wanted(time, pupil_id=self.pupil_id, after=position, limit=asked.fetch)
            rows = await list_obligations(session, wanted)
        listed = page_of(rows, asked, _as_it_is, lambda row: self._sealed(row["sorts_on"], row["id"]))
        if self.form is not Form.JSON:
            return await self._file(listed.items, opened.moment, self._headers(tag, listed.next))
        return self._json(time, tag, [self._written.one(row, time.day) for row in listed.items], listed.next)

    def _json(self, time: TimeAsked, tag: str, items: Sequence[bytes], next_: str | None) -> Response:
        page = ObligationsOut(as_at=time.day, known_at_number=time.known_at_number, horizon=time.horizon, items=[], next=next_)
        headers = {**self._headers(tag, next_), "Vary": "Accept"}
        return Response(page.with_items(items), media_type=MEDIA_TYPES[Form.JSON], headers=headers)

    @property
    def _name(self) -> str:
        return f"obligations of {self.pupil_id}"

    @property
    def _cursors(self) -> Cursors:
        return cast(Cursors, self.request.app.state.cursors)

    @property
    def _written(self) -> Written:
        return cast(Written, self.request.app.state.written)

    def _sealed(self, sorts_on: date, id_: UUID | str) -> str:
        return self._cursors.seal(self._name, (sorts_on.isoformat(), str(id_)))

    def _tag(self, time: TimeAsked) -> str:
        return time.version(f"{self.form} {self.request.url.path}?{self.request.url.query}")

    def _page(self) -> PageAsked:
        """Take the rows of a file all at once, unless the caller said how many."""
        if self.form is Form.JSON or "limit" in self.request.query_params:
            return self.page
        return PageAsked(FILE_ROWS, self.page.cursor)

    async def _file(self, rows: Sequence[asyncpg.Record], moment: datetime, headers: dict[str, str]) -> Response:
        if self.form is Form.CSV:
            return file_response(self.form, table_of(rows), headers)
        text = await asyncio.to_thread(calendar_of, rows, urn=self.entrance.urn, moment=moment)
        return file_response(self.form, text, headers)

    def _headers(self, tag: str, next_: str | None) -> dict[str, str]:
        link_next(self.request, self.response, next_)
        link = self.response.headers.get("link")
        return {"ETag": tag} if link is None else {"ETag": tag, "Link": link}


UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "What you have is the answer."}}
_AS_FILES = shown_as(Form.CSV, Form.CALENDAR, csv=A_TABLE, ics=A_CALENDAR)


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


router.add_api_route(
    "/obligations",
    list_school_obligations,
    methods=["GET"],
    response_model=ObligationsOut,
    responses=_AS_FILES,
    route_class_override=ListRoute,
)


@router.get("/obligations/{obligation_id}", response_model=ObligationOut, responses=UNCHANGED, openapi_extra=may_answer("not-found"))
async def read_obligation(
    request: Request, response: Response, obligation_id: ObligationPath, entrance: MayReadObligations, if_none_match: IfNoneMatch = None
) -> ObligationOut | Response:
    """See one obligation as it stands today, by the id under which it was told; not found once it is owed no more."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        time = await time_asked(session, opened, None, None)
        row = await find_standing(session, obligation_id, time.day)
    if row is None or row["state"] is None:
        raise ApiError("not-found")
    response.headers["ETag"] = tag = time.version(request.url.path)
    if is_held(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return ObligationOut.of(row, time.day)


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
