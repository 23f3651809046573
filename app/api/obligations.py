"""What is owed: a school's obligations and a pupil's, with the state of each on a day, as JSON, as a table or as a calendar."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.body import StrictRoute
from app.api.callers import needs
from app.api.faults import Fault
from app.api.hot_reads import IfNoneMatch
from app.api.obligation_files import A_CALENDAR, A_TABLE, calendar_of, table_of
from app.api.pages import PageAsked, PageDep, link_next, page_of
from app.api.problems import invalid
from app.api.representations import Form, OneOf, file_response, shown_as
from app.api.rules import nearest_rule
from app.api.shapes import CivilDate, Day, Out
from app.api.steps import A_PERSON, A_PUPIL, PupilPath
from app.api.time_asked import TimeAsked, is_held, time_asked
from app.api.time_travel import AsAt, KnownAt
from app.api.verdicts import VerdictOut
from app.db.entrance import Entrance
from app.db.obligation_lists import Wanted, list_obligations
from app.domain.obligation import Obligation, Shape, State
from app.domain.rule import Actor, Force, Rule
from app.domain.rules import RULES
from app.domain.verdict import verdict_on

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Obligations"], route_class=StrictRoute)
MayReadObligations = Annotated[Entrance, Depends(needs("obligations:read"))]
FORMS = (Form.JSON, Form.CSV, Form.CALENDAR)
FormDep = Annotated[Form, Depends(OneOf(FORMS))]
FILE_ROWS = 1000
"""A table or a calendar holds so many at most; what is beyond that is on the page after it."""


class ObligationOut(Out):
    """One duty on one occasion: who owes it by when, what met it, and how it stands on the day asked for."""

    pupil: UUID | None = Field(description="Whose record it is about; null for what the school itself owes.", examples=[A_PUPIL])
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
    verdict: VerdictOut | None = Field(description="Why it stands so; null where the rule is no longer applied.")

    @classmethod
    def of(cls, row: asyncpg.Record, day: date) -> Self:
        """Write an obligation for the wire, explained as it stands at the end of a day."""
        rule = RULES.get(row["rule"])
        verdict = None if rule is None else verdict_on(_obligation(row, rule), day)
        shown = {name: row[name] for name in cls.model_fields if name in row}
        return cls(
            pupil=row["pupil_id"],
            person=row["person_id"],
            duty=rule.duty if rule else row["rule"],
            citations=list(rule.sources) if rule else [],
            verdict=None if verdict is None else VerdictOut.of(verdict),
            **shown,
        )


def _obligation(row: asyncpg.Record, rule: Rule) -> Obligation:
    """Rebuild what was derived from the row that keeps it."""
    kept = ("occasion", "arises_on", "due", "opens_on", "met_on", "met_by", "ended_on", "excused_by", "departed_by")
    facts = {name: row[name] for name in kept}
    return Obligation(rule=rule, shape=Shape(row["shape"]), person=row["person_id"], missing=tuple(row["missing"]), **facts)


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
        due_from: Annotated[CivilDate | None, Query(description="Those due on this day or later.", examples=["2015-01-01"])] = None,
        due_before: Annotated[CivilDate | None, Query(description="Those due before this day.", examples=["2015-09-01"])] = None,
        who: Annotated[Actor | None, Query(description="Those owed by this actor.", examples=["school"])] = None,
        rule: Annotated[
            str | None, Query(pattern="^[a-z0-9-]{1,100}$", description="Those of this rule.", examples=["review-by-the-agreed-date"])
        ] = None,
    ) -> None:
        """Raises ApiError naming every filter that can hold nothing: a rule there is not, a range that ends before it begins."""
        self.as_at, self.known_at, self.state, self.who, self.rule = as_at, known_at, state, who, rule
        self.due_from, self.due_before = due_from, due_before
        faults = [fault for fault in (self._range_fault(), self._rule_fault()) if fault is not None]
        if faults:
            raise invalid(faults)

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


FiltersDep = Annotated[Filters, Depends()]


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

    async def answer(self, if_none_match: str | None) -> ObligationsOut | Response:
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
        self.response.headers["ETag"], self.response.headers["Vary"] = tag, "Accept"
        link_next(self.request, self.response, listed.next)
        if self.form is not Form.JSON:
            return await self._file(listed.items, opened.moment)
        items = [ObligationOut.of(row, time.day) for row in listed.items]
        return ObligationsOut(as_at=time.day, known_at_number=time.known_at_number, horizon=time.horizon, items=items, next=listed.next)

    def _page(self) -> PageAsked:
        """Take the rows of a file all at once, unless the caller said how many."""
        if self.form is Form.JSON or "limit" in self.request.query_params:
            return self.page
        return PageAsked(FILE_ROWS, self.page.cursor)

    async def _file(self, rows: Sequence[asyncpg.Record], moment: datetime) -> Response:
        headers = {name: value for name, value in self.response.headers.items() if name in ("etag", "link")}
        if self.form is Form.CSV:
            return file_response(self.form, table_of(rows), headers)
        text = await asyncio.to_thread(calendar_of, rows, urn=self.entrance.urn, moment=moment)
        return file_response(self.form, text, headers)


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
) -> ObligationsOut | Response:
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
) -> ObligationsOut | Response:
    """List what is owed to one pupil and the people around them."""
    return await Listing(request, response, entrance, filters, page, form, pupil_id).answer(if_none_match)
