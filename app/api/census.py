"""The school census: what would fail its checks, before it is sent, and the fragment on each pupil for the return."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.pages import PageAsked, PageDep, link_next, page_of
from app.api.manners.problems import invalid
from app.api.manners.representations import Form, OneOf, file_response, shown_as
from app.api.manners.steps import A_PUPIL
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import CivilDate, Day, FindingOut, Out
from app.casework.census import Counted, count_roll, note_reads
from app.db.entrance import Entrance
from app.domain.calendar import census_days, next_census_on
from app.domain.census import CensusError, Season, season_of
from app.domain.codes import NeedType, SenStatus
from app.domain.identifiers import Upn
from app.domain.rules.reading import SINCE_SEPTEMBER_2014
from app.exchange.census import CensusPupil, census_xml

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Census"], route_class=StrictRoute)
MayReturn = Annotated[Entrance, Depends(needs("census:read"))]
FormDep = Annotated[Form, Depends(OneOf((Form.JSON, Form.XML)))]
A_FRAGMENT: Final = (
    "<Pupils><Pupil><PupilIdentifiers><UPN>F999999925001</UPN><DOB>2013-11-20</DOB><Sex>F</Sex></PupilIdentifiers>"
    "<SpecialEducationalNeeds><SENprovision>K</SENprovision></SpecialEducationalNeeds></Pupil></Pupils>"
)
OnDay = Annotated[
    CivilDate | None, Query(description="The census day; the next one from today on where none is named.", examples=["2026-05-21"])
]


class CensusErrorOut(Out):
    """A check that the return of this pupil would fail, by the census's own number, with the facts and what would cure it."""

    error: str = Field(examples=["2170"])
    query: bool = Field(description="Only a query: it may be right.", examples=[False])
    finding: FindingOut

    @classmethod
    def of(cls, error: CensusError) -> Self:
        """Write a failed check for the wire."""
        return cls(error=error.number, query=error.is_query, finding=FindingOut.of(error.finding))


class CheckedPupilOut(Out):
    """A pupil whose return would fail, by our id alone."""

    pupil: UUID = Field(examples=[A_PUPIL])
    provision: SenStatus | None = Field(examples=["K"])
    errors: list[CensusErrorOut]

    @classmethod
    def of(cls, counted: Counted) -> Self:
        """Write a pupil for the wire."""
        errors = [CensusErrorOut.of(error) for error in counted.errors]
        return cls(pupil=counted.pupil.id, provision=counted.returned.provision, errors=errors)


class ErrorTotalOut(Out):
    """How many pupils fail one check."""

    error: str = Field(examples=["2170"])
    pupils: int = Field(examples=[3])


class CensusChecksOut(Out):
    """What a census day's return would fail: totals of the whole roll, and a page of the pupils."""

    on: Day
    season: Season = Field(examples=["spring"])
    pupils_on_roll: int = Field(examples=[412])
    pupils_with_errors: int = Field(examples=[7])
    totals: list[ErrorTotalOut]
    items: list[CheckedPupilOut]
    next: str | None = Field(default=None, examples=[None])


class ReturnedNeedOut(Out):
    """A type of need in its order."""

    rank: int | None = Field(examples=[1])
    type: NeedType | None = Field(examples=["SLCN"])


class CensusPupilOut(Out):
    """What the school returns of one pupil; types and places in units are collected in spring alone."""

    pupil: UUID = Field(examples=[A_PUPIL])
    upn: str = Field(examples=["F999999925001"])
    date_of_birth: Day
    sex: str | None = Field(examples=["F"])
    provision: SenStatus | None = Field(examples=["K"])
    needs: list[ReturnedNeedOut] | None = Field(description="Null outside spring.")
    in_sen_unit: bool | None = Field(examples=[False])
    in_resourced_provision: bool | None = Field(examples=[False])
    errors: list[str] = Field(description="The checks that this return would fail.", examples=[[]])

    @classmethod
    def of(cls, counted: Counted, season: Season | None) -> Self:
        """Write a pupil for the wire."""
        told, pupil, is_spring = counted.returned, counted.pupil, season is Season.SPRING
        return cls(
            pupil=pupil.id,
            upn=pupil.upn,
            date_of_birth=pupil.date_of_birth,
            sex=pupil.sex,
            provision=told.provision,
            needs=[ReturnedNeedOut(rank=need.rank, type=need.need_type) for need in told.needs] if is_spring else None,
            in_sen_unit=told.in_sen_unit if is_spring else None,
            in_resourced_provision=told.in_resourced_provision if is_spring else None,
            errors=[error.number for error in counted.errors],
        )


class CensusOut(Out):
    """A page of the pupils on roll on a census day, as they would be returned."""

    on: Day
    season: Season = Field(examples=["spring"])
    items: list[CensusPupilOut]
    next: str | None = Field(default=None, examples=[None])


@router.get("/census-checks")
async def check_census(request: Request, response: Response, entrance: MayReadRecords, page: PageDep, on: OnDay = None) -> CensusChecksOut:
    """List the pupils whose return on a census day would fail the census's own checks, as the record stands now."""
    casework, cursors = request.app.state.casework, request.app.state.cursors
    after = cursors.open("census-checks", page.cursor)
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        day, season = _census_on(on, opened.today)
        roll = await count_roll(opened, day)
    failing = [counted for counted in roll if counted.errors]
    listed = page_of(
        _after(failing, after, page), page, CheckedPupilOut.of, lambda one: cursors.seal("census-checks", (str(one.pupil.id),))
    )
    link_next(request, response, listed.next)
    return CensusChecksOut(
        on=day,
        season=season,
        pupils_on_roll=len(roll),
        pupils_with_errors=len(failing),
        totals=_totals(failing),
        items=listed.items,
        next=listed.next,
    )


@router.get("/census", response_model=CensusOut, responses=shown_as(Form.XML, xml=A_FRAGMENT))
async def return_census(
    request: Request, response: Response, entrance: MayReturn, form: FormDep, page: PageDep, on: OnDay = None
) -> CensusOut | Response:
    """Draw up the part of the census on special educational needs, as JSON or in its own XML; each pupil's reading is written down.

    It carries unique pupil numbers, which go to the authority, the department, and whoever makes the return for the school.
    """
    casework, cursors = request.app.state.casework, request.app.state.cursors
    after = cursors.open("census", page.cursor)
    async with casework.sessions.enter(entrance) as session:
        opened = await casework.open(session)
        day, season = _census_on(on, opened.today)
        found = _after(await count_roll(opened, day), after, page)
        await note_reads(casework, opened, found[: page.limit], entrance.client_id)
    shown = page_of(found, page, lambda one: one, lambda one: cursors.seal("census", (str(one.pupil.id),)))
    link_next(request, response, shown.next)
    if form is Form.XML:
        return file_response(form, census_xml(map(_pupil, shown.items), day).decode(), dict(response.headers))
    return CensusOut(on=day, season=season, items=[CensusPupilOut.of(one, season) for one in shown.items], next=shown.next)


def _census_on(asked: date | None, today: date) -> tuple[date, Season]:
    """Give the census day asked for; raises ApiError for a day on which there is none, or none of the codes we know."""
    day = next_census_on(today) if asked is None else asked
    season = season_of(day)
    if season is None or day not in SINCE_SEPTEMBER_2014:
        days = ", ".join(each.isoformat() for each in census_days(day.year) if each in SINCE_SEPTEMBER_2014)
        detail = f"There is no census on this day. Those of the year are: {days or 'none since the codes of 2014'}."
        raise invalid([Fault("on", "no_census_on_this_day", detail)])
    return day, season


def _after(counted: Sequence[Counted], after: tuple[str | int | None, ...] | None, page: PageAsked) -> Sequence[Counted]:
    last = UUID(str(after[0])) if after else None
    return [one for one in counted if last is None or one.pupil.id > last][: page.fetch]


def _totals(failing: Iterable[Counted]) -> list[ErrorTotalOut]:
    totals = Counter(number for counted in failing for number in {error.number for error in counted.errors})
    return [ErrorTotalOut(error=number, pupils=pupils) for number, pupils in sorted(totals.items())]


def _pupil(counted: Counted) -> CensusPupil:
    pupil = counted.pupil
    return CensusPupil(upn=Upn(pupil.upn), date_of_birth=pupil.date_of_birth, sex=pupil.sex, returned=counted.returned)
