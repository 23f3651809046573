"""On which days the school is open: its terms, the bank holidays, and what is missing before school days can be counted."""

from typing import Annotated, ClassVar, Self

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.steps import STEP, SchoolRecordStep, StepIn, StepOut
from app.api.shown.shapes import FIRST_YEAR, LAST_YEAR, CivilDate, Day, In, Line, Out
from app.casework.taking import Opened
from app.casework.versions import version_of
from app.db.entrance import Entrance
from app.domain.calendar import school_year_of
from app.domain.entries import BankHolidaysLoaded, Closure, Entry, TermDated, TermName
from app.exchange.bank_holidays import SOURCE, bank_holidays_of

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Calendar"], route_class=StrictRoute)
MayReadSchool = Annotated[Entrance, Depends(needs("schools:read"))]
A_HOLIDAY = "2025-12-25"


class ClosureIn(In):
    """Days within a term on which no pupil has a session; both are inside."""

    first_on: CivilDate = Field(examples=["2025-10-27"])
    last_on: CivilDate = Field(examples=["2025-10-31"])
    reason: Line = Field(examples=["half-term"])


class TermIn(StepIn):
    """A term: the first and the last day with a session, both inside, and when the school is closed in between."""

    kind: ClassVar[type[Entry]] = TermDated

    occurred_on: CivilDate = Field(description="The day on which the term was set.", examples=["2025-07-01"])
    term: TermName = Field(examples=["autumn"])
    first_on: CivilDate = Field(examples=["2025-09-03"])
    last_on: CivilDate = Field(examples=["2025-12-19"])
    closures: list[ClosureIn] = Field(default=[], max_length=60)


class BankHolidaysIn(StepIn):
    """A calendar year whose bank holidays in England are looked up; where the list lacks one, the school gives all of the year's itself."""

    kind: ClassVar[type[Entry]] = BankHolidaysLoaded

    occurred_on: CivilDate = Field(description="The day on which they were looked up.", examples=["2025-07-01"])
    year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR, examples=[2025])
    days: list[CivilDate] | None = Field(default=None, min_length=1, max_length=60, examples=[None])

    def entry(self) -> BankHolidaysLoaded:
        """Build the entry with the days of the list, unless the school gave its own."""
        days, source = (bank_holidays_of(self.year), SOURCE) if self.days is None else (tuple(self.days), "given by the school")
        return BankHolidaysLoaded(occurred_on=self.occurred_on, year=self.year, days=days, source=source)


class ClosureOut(Out):
    """Days within a term on which the school is closed; both are inside."""

    first_on: Day = Field(examples=["2025-10-27"])
    last_on: Day = Field(examples=["2025-10-31"])
    reason: str = Field(examples=["half-term"])

    @classmethod
    def of(cls, closed: Closure) -> Self:
        """Write a closure for the wire."""
        return cls(first_on=closed.first_on, last_on=closed.last_on, reason=closed.reason)


class TermOut(Out):
    """A term as it stands; `entry` is the number by which it is corrected."""

    entry: int = Field(examples=[214])
    school_year: int = Field(description="The year in which the school year begins, on 1 September.", examples=[2025])
    term: TermName = Field(examples=["autumn"])
    first_on: Day = Field(examples=["2025-09-03"])
    last_on: Day = Field(examples=["2025-12-19"])
    closures: list[ClosureOut]

    @classmethod
    def of(cls, number: int, term: TermDated) -> Self:
        """Write a term for the wire."""
        return cls(
            entry=number,
            school_year=school_year_of(term.first_on),
            term=term.term,
            first_on=term.first_on,
            last_on=term.last_on,
            closures=[ClosureOut.of(closed) for closed in term.closures],
        )


class BankHolidaysOut(Out):
    """The bank holidays of a calendar year as they stand; `entry` is the number by which they are corrected."""

    entry: int = Field(examples=[217])
    year: int = Field(examples=[2025])
    days: list[Day] = Field(examples=[[A_HOLIDAY]])
    source: str = Field(description="The list and its version, or that the school gave them.", examples=[SOURCE])

    @classmethod
    def of(cls, number: int, loaded: BankHolidaysLoaded) -> Self:
        """Write the bank holidays of a year for the wire."""
        return cls(entry=number, year=loaded.year, days=sorted(loaded.days), source=loaded.source)


class SchoolYearOut(Out):
    """What is not loaded of a school year; while anything is, no count of school days that may reach into it has an end."""

    school_year: int = Field(examples=[2025])
    missing: list[str] = Field(examples=[["summer term 2025/2026", "bank holidays 2026"]])


class CalendarOut(Out):
    """The school's calendar; `missing` tells of the present school year and the next."""

    terms: list[TermOut]
    bank_holidays: list[BankHolidaysOut]
    missing: list[SchoolYearOut]

    @classmethod
    def of(cls, opened: Opened) -> Self:
        """Write a calendar for the wire, its terms by day and its bank holidays by year."""
        school, this_year = opened.school, school_year_of(opened.today)
        terms = sorted(school.each(TermDated), key=lambda found: found[1].first_on)
        loaded = sorted(school.each(BankHolidaysLoaded), key=lambda found: found[1].year)
        return cls(
            terms=[TermOut.of(recorded.number, term) for recorded, term in terms],
            bank_holidays=[BankHolidaysOut.of(recorded.number, days) for recorded, days in loaded],
            missing=[
                SchoolYearOut(school_year=year, missing=list(school.calendar.missing_in(year))) for year in (this_year, this_year + 1)
            ],
        )


@router.get("/calendar")
async def read_calendar(request: Request, response: Response, entrance: MayReadSchool) -> CalendarOut:
    """Read the terms and bank holidays by which school days are counted, and which are missing."""
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        opened = await request.app.state.casework.open(session)
    response.headers["ETag"] = version_of(opened.school)
    return CalendarOut.of(opened)


@router.post("/terms", status_code=201, openapi_extra=STEP)
async def date_term(call: SchoolRecordStep, body: TermIn) -> StepOut:
    """Set a term; what is owed in school days is derived anew."""
    return await call.take(body)


@router.post("/bank-holidays", status_code=201, openapi_extra=STEP)
async def load_bank_holidays(call: SchoolRecordStep, body: BankHolidaysIn) -> StepOut:
    """Look up the bank holidays of a calendar year in England, or give them where one was proclaimed of late."""
    return await call.take(body)
